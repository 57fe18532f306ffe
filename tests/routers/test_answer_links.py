"""Answer links: a partner without an account answers a reference once, and reads no name."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import faults, refused


async def linked(house: House, **said: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An orientation just transmitted, and a link to answer it."""
    sent = await house.sent_orientation()
    answer = await (await house("worker")).post(f"/v1/orientations/{sent['id']}/answer-links", json=said)
    assert answer.status_code == 201, answer.text
    return sent, answer.json()


async def test_the_holder_of_a_link_sees_a_reference_and_no_name(house: House) -> None:
    sent, link = await linked(house)

    read = await house.caller().get(link["path"])

    assert read.json() == {
        "reference": sent["reference"], "sent_at": sent["sent_at"], "status": "transmitted",
    }  # fmt: skip
    assert read.headers["cache-control"] == "no-store"
    assert "Petit" not in read.text


async def test_a_link_answers_once(house: House) -> None:
    sent, link = await linked(house)
    anybody = house.caller()
    assert (await anybody.post(link["path"], json={"answer": "take_up"})).json()["status"] == "taken_up"

    refused(await anybody.post(link["path"], json={"answer": "take_up"}), 404, "answer_link_over")
    refused(await anybody.get(link["path"]), 404, "answer_link_over")
    worker = await house("worker")
    assert (await worker.get(f"/v1/orientations/{sent['id']}")).json()["status"] == "taken_up"
    (kept,) = (await worker.get(f"/v1/orientations/{sent['id']}/answer-links")).json()["items"]
    assert kept["used_at"] is not None
    assert "path" not in kept


async def test_of_two_answers_at_the_same_instant_only_one_passes(house: House) -> None:
    _, link = await linked(house)
    anybody = house.caller()

    answers = await asyncio.gather(*(anybody.post(link["path"], json={"answer": "take_up"}) for _ in range(6)))

    statuses = sorted(each.status_code for each in answers)
    assert statuses.count(200) == 1, statuses
    assert set(statuses[1:]) <= {404, 409}


WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def waiting(superuser: asyncpg.Connection, number: int) -> None:
    """Come back once so many requests wait for a lock."""
    for _ in range(200):
        if await superuser.fetchval(WAITING) >= number:
            return
        await asyncio.sleep(0.02)
    pytest.fail("nothing waits")


@pytest.mark.parametrize("first", ["answer", "revoke"])
async def test_a_link_answered_and_revoked_at_the_same_instant_is_one_or_the_other(
    house: House, superuser: asyncpg.Connection, first: str
) -> None:
    sent, link = await linked(house)
    anybody, worker = house.caller(), await house("worker")
    address = f"/v1/orientations/{sent['id']}"
    acts = {
        "answer": lambda: anybody.post(link["path"], json={"answer": "take_up"}),
        "revoke": lambda: worker.post(f"{address}/answer-links/{link['id']}/revoke"),
    }
    order = sorted(acts, key=lambda name: name != first)

    async with asyncio.TaskGroup() as group, superuser.transaction():
        # Both have begun before either may write.
        await superuser.execute("select from exchange.answer_link for update")
        began = {}
        for number, name in enumerate(order, start=1):
            began[name] = group.create_task(acts[name]())
            await waiting(superuser, number)

    done = {name: task.result().status_code for name, task in began.items()}
    assert done == ({"answer": 200, "revoke": 409} if first == "answer" else {"revoke": 200, "answer": 404})
    (kept,) = (await worker.get(f"{address}/answer-links")).json()["items"]
    assert (kept["used_at"] is None, kept["revoked_at"] is None) == (first == "revoke", first == "answer")
    expected = "taken_up" if first == "answer" else "transmitted"
    assert (await worker.get(address)).json()["status"] == expected


async def test_postgresql_itself_spends_no_link_that_is_revoked_while_it_waits(
    house: House, superuser: asyncpg.Connection
) -> None:
    _, link = await linked(house)
    digest = sha256(link["path"].rpartition("/")[2].encode()).digest()
    holder = await asyncpg.connect(house.town.lane_url("answering", house.database))

    async with asyncio.TaskGroup() as group, superuser.transaction():
        await superuser.execute("update exchange.answer_link set revoked_at = now()")
        await holder.execute("begin")
        await holder.execute("select access.open_link($1)", digest)
        spending = group.create_task(_spent(holder))
        await waiting(superuser, 1)

    assert isinstance(spending.result(), asyncpg.InvalidAuthorizationSpecificationError)
    await holder.close()
    assert await superuser.fetchval("select used_at is null from exchange.answer_link")


async def _spent(holder: asyncpg.Connection) -> Exception | None:
    """What refuses the link, once the lock is had."""
    try:
        await holder.execute("select access.spend_link()")
    except asyncpg.PostgresError as refusal:
        return refusal
    return None


async def test_an_answer_that_is_refused_leaves_the_link_as_it_was(house: House) -> None:
    _, link = await linked(house)
    anybody = house.caller()
    assert faults(await anybody.post(link["path"], json={"answer": "refuse"})) == {
        "/refusal_reason": "refusal_and_its_reason_together"
    }
    assert faults(await anybody.post(link["path"], json={"answer": "report_outcome"})) == {
        "/outcome_code": "outcome_and_its_code_together"
    }
    assert faults(await anybody.post(link["path"], json={"answer": "maybe"})) == {"/answer": "one_of_the_choices"}
    early = {"answer": "report_outcome", "outcome_code": "need_met"}
    refused(await anybody.post(link["path"], json=early), 409, "orientation_not_taken_up")

    reason = {"answer": "refuse", "refusal_reason": "out_of_area"}
    assert (await anybody.post(link["path"], json=reason)).json()["status"] == "refused_by_partner"


async def test_a_link_that_is_revoked_expired_or_invented_says_the_same_thing(
    house: House, superuser: asyncpg.Connection
) -> None:
    sent, link = await linked(house)
    worker, anybody = await house("worker"), house.caller()
    revoke = f"/v1/orientations/{sent['id']}/answer-links/{link['id']}/revoke"
    assert (await worker.post(revoke)).json()["revoked_at"] is not None
    revoked = await anybody.get(link["path"])
    refused(await worker.post(revoke), 409, "answer_link_already_over")

    _, other = await linked(house)
    await superuser.execute(
        "update exchange.answer_link set created_at = now() - interval '9 days', expires_at = now() - interval '1 day'"
        " where id = $1",
        other["id"],
    )
    expired = await anybody.get(other["path"])
    invented = await anybody.get("/v1/answers/" + "A" * 43)

    for answer in (revoked, expired, invented):
        refused(answer, 404, "answer_link_over")
    said = {each.json()["detail"] for each in (revoked, expired, invented)}
    assert len(said) == 1


async def test_a_link_lives_as_long_as_was_said_and_two_months_at_most(house: House) -> None:
    sent, link = await linked(house, days=3)
    assert link["expires_at"][:10] > link["created_at"][:10]
    path = f"/v1/orientations/{sent['id']}/answer-links"
    worker = await house("worker")
    for days in (0, 61, "3", 1.5):
        assert list(faults(await worker.post(path, json={"days": days}))) == ["/days"]


async def test_a_link_is_made_by_the_post_for_what_was_transmitted_and_still_waits(house: House) -> None:
    worker = await house("worker")
    waiting = await house.orientation(agreed=[])
    refused(
        await worker.post(f"/v1/orientations/{waiting['id']}/answer-links", json={}), 409, "orientation_not_transmitted"
    )
    sent, link = await linked(house)
    elsewhere = await house("worker_elsewhere")
    refused(await elsewhere.post(f"/v1/orientations/{sent['id']}/answer-links", json={}), 404, "not_found")
    refused(await (await house("partner")).get(f"/v1/orientations/{sent['id']}/answer-links"), 403, "forbidden")

    await worker.post(f"/v1/orientations/{sent['id']}/close")

    refused(
        await worker.post(f"/v1/orientations/{sent['id']}/answer-links", json={}), 409, "orientation_closed_to_answers"
    )
    answer = await house.caller().post(link["path"], json={"answer": "take_up"})
    refused(answer, 404, "answer_link_over")
    refused(await house.caller().get(link["path"]), 404, "answer_link_over")


async def test_what_is_done_by_a_link_is_traced_without_the_token(house: House, superuser: asyncpg.Connection) -> None:
    sent, link = await linked(house)
    await house.caller().get(link["path"])
    await house.caller().post(link["path"], json={"answer": "acknowledge"})

    traces = await superuser.fetch(
        "select act, outcome, subject_id::text as subject, account_id from audit.trace"
        " where lane = 'relais_answering' and act <> 'process:start' order by seq"
    )

    assert [tuple(each) for each in traces] == [
        ("orientation:read", "done", sent["id"], None),
        ("orientation:change", "done", sent["id"], None),
    ]
