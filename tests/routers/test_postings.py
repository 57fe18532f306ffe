"""Postings: proposed by one, approved by another, never for oneself; an end holds at the next request."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg

from app.services.clock import today
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.administering import grow_old, lane_of, opened, posted, proposed, refused_by_postgres
from tests.routers.asking import UNKNOWN, refused


async def approve(house: House, posting: dict[str, Any], by: str = "other_administrator") -> Any:
    """The approval of a posting."""
    return await (await house(by)).post(f"/v1/postings/{posting['id']}/approve")


async def end(house: House, posting_id: Any, by: str = "administrator", **said: Any) -> Any:
    """The end of a posting."""
    return await (await house(by)).post(f"/v1/postings/{posting_id}/end", json=said)


async def units_of(house: House, who: str) -> Any:
    """The units of someone, as she is told."""
    return (await (await house(who)).get("/v1/me")).json()["unit_ids"]


async def test_a_posting_opens_once_another_administrator_approves_it(house: House) -> None:
    referral = await house.referral()
    officer = await house("officer_elsewhere")
    posting = await posted(house, house.ids["officer_elsewhere"], unit_id=str(house.ids["north"]))
    refused(await officer.get(f"/v1/referrals/{referral['id']}"), 404, "not_found")
    refused(await approve(house, posting, "administrator"), 409, "approval_by_another_person")
    approved = await approve(house, posting)
    assert approved.status_code == 200, approved.text
    assert approved.json()["approved_by"] == str(house.ids["other_administrator"])
    assert (await officer.get(f"/v1/referrals/{referral['id']}")).status_code == 200
    refused(await approve(house, posting), 409, "approval_by_another_person")


async def test_nobody_proposes_approves_or_ends_her_own_posting(house: House, superuser: asyncpg.Connection) -> None:
    admin = await house("administrator")
    draft = {"account_id": str(house.ids["administrator"]), "post_id": str(house.ids["shared_post"])}
    refused(await admin.post("/v1/postings", json={**draft, "starts_on": "2026-01-01"}), 409, "not_for_oneself")
    # Should one exist all the same: an administrator is posted nowhere.
    await superuser.execute(
        "insert into accounts.posting (id, account_id, unit_id, starts_on) values ($1, $2, $3, '2026-01-01')",
        UNKNOWN, house.ids["administrator"], house.ids["north"],
    )  # fmt: skip
    refused(await approve(house, {"id": UNKNOWN}, "administrator"), 409, "not_for_oneself")
    refused(await end(house, UNKNOWN), 409, "not_for_oneself")


async def test_a_posting_is_to_one_place_that_suits_the_role(house: House) -> None:
    admin = await house("administrator")
    at_north, at_post = {"unit_id": str(house.ids["north"])}, {"post_id": str(house.ids["shared_post"])}
    ends_first = {"account_id": str(house.ids["worker"]), "starts_on": "2026-01-01", "ends_on": "2025-12-31"}
    answer = await admin.post("/v1/postings", json=at_post | ends_first)
    refused(answer, 422, "posting_ends_before_it_starts", "/ends_on")
    for who, places, where in (
        ("officer", at_post, "/post_id"),
        ("worker", at_north, "/unit_id"),
        ("dpo", at_north, "/unit_id"),
        ("partner", at_north, "/unit_id"),
        ("officer", at_north | at_post, "/account_id"),
        ("officer", {}, "/account_id"),
    ):
        draft = {"account_id": str(house.ids[who]), "starts_on": "2026-01-01", **places}
        refused(await admin.post("/v1/postings", json=draft), 422, "invalid_request", where)
    draft = {"account_id": UNKNOWN, "starts_on": "2026-01-01", **at_north}
    refused(await admin.post("/v1/postings", json=draft), 422, "account_unknown")
    draft = {"account_id": str(house.ids["officer"]), "starts_on": "2026-01-01", "unit_id": UNKNOWN}
    refused(await admin.post("/v1/postings", json=draft), 422, "unit_unknown")


async def test_a_posting_ended_at_once_closes_the_access_at_the_next_request(house: House) -> None:
    admin, officer = await house("administrator"), await house("officer")
    referral = await house.referral()
    (posting,) = (await admin.get(f"/v1/postings?account_id={house.ids['officer']}")).json()["items"]
    ended = await end(house, posting["id"])
    assert (ended.status_code, ended.json()["ends_on"]) == (200, today().isoformat())
    assert ended.json()["ended_at"] is not None
    refused(await officer.get(f"/v1/referrals/{referral['id']}"), 404, "not_found")
    assert await units_of(house, "officer") == []
    refused(await end(house, posting["id"]), 409, "posting_over")
    refused(await end(house, posting["id"], ends_on="2030-01-01"), 409, "posting_over")


async def test_a_posting_that_begins_today_or_later_is_closed_at_once_too(house: House) -> None:
    begun = today().isoformat()
    to_come = (today() + timedelta(days=30)).isoformat()
    for starts_on, unit in ((begun, "north"), (to_come, "south")):
        said = {"unit_id": str(house.ids[unit]), "starts_on": starts_on}
        posting = await posted(house, house.ids["officer_elsewhere"], **said)
        assert (await approve(house, posting)).status_code == 200
        expected = {str(house.ids["faraway"])} | ({str(house.ids["north"])} if starts_on == begun else set())
        assert set(await units_of(house, "officer_elsewhere")) == expected
        ended = await end(house, posting["id"])
        assert (ended.status_code, ended.json()["ends_on"]) == (200, starts_on), ended.text
        assert await units_of(house, "officer_elsewhere") == [str(house.ids["faraway"])]


async def test_the_last_day_of_a_posting_is_worked_and_the_next_is_not(
    house: House, superuser: asyncpg.Connection
) -> None:
    (posting,) = (await (await house("administrator")).get(f"/v1/postings?account_id={house.ids['officer']}")).json()[
        "items"
    ]
    assert (await end(house, posting["id"], ends_on=today().isoformat())).json()["ended_at"] is None
    assert await units_of(house, "officer") == [str(house.ids["north"])]
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert (await end(house, posting["id"], ends_on=yesterday)).status_code == 200
    assert await units_of(house, "officer") == []


async def test_a_posting_is_never_prolonged_nor_reopened_by_one_person(house: House) -> None:
    admin = await house("administrator")
    (posting,) = (await admin.get(f"/v1/postings?account_id={house.ids['officer']}")).json()["items"]
    yesterday = (today() - timedelta(days=1)).isoformat()
    await end(house, posting["id"], ends_on=yesterday)
    refused(await end(house, posting["id"], ends_on=today().isoformat()), 409, "posting_never_prolonged")
    refused(await end(house, posting["id"], ends_on="2025-12-31"), 422, "posting_ends_before_it_starts", "/ends_on")
    async with lane_of(house, "administrator") as lane:
        change = "update accounts.posting set {} where id = $1"
        for said in ("ends_on = null", "ends_on = ends_on + 1"):
            await refused_by_postgres(lane, "23514", change.format(said), posting["id"])
        await lane.execute(change.format("ended_at = now()"), posting["id"])
        await refused_by_postgres(lane, "23514", change.format("ended_at = null"), posting["id"])


async def test_postings_are_listed_by_account_post_or_unit_for_the_administrator_and_the_dpo(house: House) -> None:
    for who in ("administrator", "dpo"):
        client = await house(who)
        for name, of, holders in (
            ("account_id", "officer", {"officer"}),
            ("unit_id", "north", {"officer", "officer_same_unit", "commander"}),
            ("post_id", "shared_post", {"worker", "colleague"}),
        ):
            items = (await client.get(f"/v1/postings?{name}={house.ids[of]}")).json()["items"]
            assert {each["account_id"] for each in items} == {str(house.ids[holder]) for holder in holders}
            assert (await client.get(f"/v1/postings/{items[0]['id']}")).json() == items[0]
        refused(await client.get("/v1/postings?partner=x"), 422, "unknown_parameter")
        refused(await client.get(f"/v1/postings/{UNKNOWN}"), 404, "not_found")


async def test_nobody_else_reads_or_writes_postings(house: House) -> None:
    posting = await posted(house, house.ids["worker"])
    address = f"/v1/postings/{posting['id']}"
    draft = {
        "account_id": str(house.ids["colleague"]),
        "post_id": str(house.ids["other_post"]),
        "starts_on": "2026-01-01",
    }
    for role, who in ONE_OF_EACH_ROLE.items():
        client = await house(who)
        if role not in ("administrator", "dpo"):
            refused(await client.get("/v1/postings"), 403, "forbidden")
            refused(await client.get(address), 403, "forbidden")
        if role != "administrator":
            for answer in (
                await client.post("/v1/postings", json=draft),
                await client.post(f"{address}/approve"),
                await client.post(f"{address}/end"),
            ):
                refused(answer, 403, "forbidden")


async def test_postings_are_written_after_a_recent_proof_only(house: House, superuser: asyncpg.Connection) -> None:
    posting = await posted(house, house.ids["worker"])
    await house("other_administrator")
    await grow_old(superuser)
    draft = {"account_id": str(house.ids["worker"]), "post_id": str(house.ids["other_post"]), "starts_on": "2026-01-01"}
    for answer in (
        await (await house("administrator")).post("/v1/postings", json=draft),
        await approve(house, posting),
        await end(house, posting["id"]),
    ):
        refused(answer, 401, "proof_too_old")


async def test_no_posting_goes_to_an_account_that_is_over_and_one_may_await_with_its_account(house: House) -> None:
    account = await proposed(house)
    posting = await posted(house, account["id"])
    assert posting["approved_at"] is None
    await (await house("administrator")).post(f"/v1/accounts/{account['id']}/end")
    refused(await approve(house, posting), 409, "posting_over")
    draft = {"account_id": account["id"], "post_id": str(house.ids["shared_post"]), "starts_on": "2026-01-01"}
    refused(await (await house("administrator")).post("/v1/postings", json=draft), 409, "account_over")


async def test_of_two_approvals_at_once_one_wins_and_an_end_at_once_stays(house: House) -> None:
    account = await opened(house)
    for _ in range(20):
        posting = await posted(house, account["id"])
        both = await asyncio.gather(*(approve(house, posting, "other_administrator") for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [200, 409]
        posting = await posted(house, account["id"])
        approved, ended = await asyncio.gather(approve(house, posting), end(house, posting["id"]))
        assert (ended.status_code, approved.status_code in (200, 409)) == (200, True), approved.text
        now = await (await house("administrator")).get(f"/v1/postings/{posting['id']}")
        assert now.json()["ended_at"] is not None


async def test_every_act_is_traced_about_the_posting(house: House, superuser: asyncpg.Connection) -> None:
    posting = await posted(house, house.ids["worker"])
    await approve(house, posting)
    await end(house, posting["id"])
    rows = await superuser.fetch(
        "select act, outcome from audit.trace where subject_id = $1 order by seq", posting["id"]
    )
    assert sorted(tuple(row) for row in rows) == [
        ("posting:add", "done"), ("posting:change", "done"), ("posting:change", "done"),
    ]  # fmt: skip
