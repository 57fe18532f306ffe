"""Replacing an absent colleague: asked, approved by another, bounded, reading and nothing else, ended at once."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.models.columns import new_id
from app.services.clock import today
from tests.house_for_tests import PEOPLE, House
from tests.routers.asking import UNKNOWN, ago, day, refused, session_id
from tests.routers.relay import (
    REPLACING,
    approved,
    coordinator_elsewhere,
    grown_old,
    proposed,
    replacing,
    second_coordinator,
)

HOLDER = "worker"


async def everything_of_the_post(house: House) -> dict[str, str]:
    """One of each thing that a post keeps, made by its holder: what it is, and where it is read."""
    holder = await house(HOLDER)
    situation = await house.situation()
    part = situation["participations"][0]
    safe = f"/v1/participations/{part['id']}/safe-contact"
    first = {"If-None-Match": "*"}
    assert (await holder.put(safe, json={"safe_hours": "le matin"}, headers=first)).status_code == 201
    need = (await holder.post(f"/v1/participations/{part['id']}/needs", json={"need_type": "housing"})).json()
    act = {
        "participation_id": part["id"], "intervention_type": "phone_interview", "channel": "phone",
        "outcome": "held", "occurred_at": ago(hours=2),
    }  # fmt: skip
    act = (await holder.post("/v1/interventions", json=act)).json()
    orientation = await house.orientation(participation_id=part["id"])
    referral = await house.referral()
    return {
        "situation": f"/v1/situations/{situation['id']}",
        "participation": f"/v1/participations/{part['id']}",
        "person": f"/v1/persons/{part['person']['id']}",
        "safe contact": safe,
        "need": f"/v1/needs/{need['id']}",
        "intervention": f"/v1/interventions/{act['id']}",
        "orientation": f"/v1/orientations/{orientation['id']}",
        "referral": f"/v1/referrals/{referral['id']}",
    }


async def all_read(house: House, places: dict[str, str], status: int, by: str = REPLACING) -> None:
    """Each of these places answers her so."""
    client = await house(by)
    found = {what: (await client.get(place)).status_code for what, place in places.items()}
    assert found == dict.fromkeys(places, status)


async def test_an_approved_replacement_reads_the_post_but_its_notes_as_its_holder_does(house: House) -> None:
    places = await everything_of_the_post(house)
    participation = places["participation"].rpartition("/")[2]
    note = await house.note(participation)
    await all_read(house, places, 404)

    replacement = await replacing(house)

    assert (replacement["account_id"], replacement["approved_by"]) == (
        str(house.ids[REPLACING]),
        str(house.ids["coordinator"]),
    )
    client, holder = await house(REPLACING), await house(HOLDER)
    for place in places.values():
        assert (await client.get(place)).content == (await holder.get(place)).content
    for listed in ("/v1/situations", "/v1/persons", "/v1/interventions", "/v1/referrals"):
        assert (await client.get(listed)).json()["items"] == (await holder.get(listed)).json()["items"] != []
    searched = await client.post("/v1/persons/search", json={"name": "Petit"})
    assert [each["id"] for each in searched.json()["items"]] == [places["person"].rpartition("/")[2]]
    refused(await client.get(f"/v1/notes/{note['id']}"), 404, "not_found")
    assert (await client.get(f"{places['participation']}/notes")).json()["items"] == []
    assert (await client.get(f"/v1/statistics?perimeter=post:{house.ids['shared_post']}")).status_code == (
        await holder.get(f"/v1/statistics?perimeter=post:{house.ids['shared_post']}")
    ).status_code


async def test_a_replacement_reads_nothing_before_approval_before_its_day_after_it_nor_once_ended(
    house: House, superuser: asyncpg.Connection
) -> None:
    places = await everything_of_the_post(house)
    replacement = await proposed(house)
    await all_read(house, places, 404)
    await approved(house, "replacements", replacement)
    await all_read(house, places, 200)
    days = "update employer.replacement set starts_on = $1, ends_on = $2"
    for starts, ends, status in ((1, 5, 404), (-5, -1, 404), (-5, 0, 200), (0, 0, 200)):
        await superuser.execute(days, today() + _days(starts), today() + _days(ends))
        await all_read(house, places, status)
    ended = await (await house(REPLACING)).post(f"/v1/replacements/{replacement['id']}/end")
    assert (ended.status_code, ended.json()["ended_at"] is not None) == (200, True)
    await all_read(house, places, 404)


@pytest.mark.parametrize("who", [REPLACING, "worker", "colleague", "coordinator"])
async def test_who_replaces_who_holds_the_post_and_the_employer_may_end_it_at_the_next_request(
    house: House, superuser: asyncpg.Connection, who: str
) -> None:
    places = await everything_of_the_post(house)
    replacement = await replacing(house)
    # Ending narrows: it asks for no recent proof.
    await grown_old(house, superuser, who)
    assert (await (await house(who)).post(f"/v1/replacements/{replacement['id']}/end")).status_code == 200
    await all_read(house, places, 404)
    refused(await (await house(who)).post(f"/v1/replacements/{replacement['id']}/end"), 409, "replacement_over")


async def test_a_replacement_that_is_suspended_with_its_account_reads_nothing(
    house: House, superuser: asyncpg.Connection
) -> None:
    places = await everything_of_the_post(house)
    await replacing(house)
    await all_read(house, places, 200)
    await superuser.execute("update accounts.account set suspended_at = now() where id = $1", house.ids[REPLACING])
    await all_read(house, places, 401)


async def test_who_proposes_a_replacement_does_not_approve_it(house: House, superuser: asyncpg.Connection) -> None:
    said = {"account_id": str(house.ids[REPLACING])}
    replacement = await proposed(house, "coordinator", **said)
    act = f"/v1/replacements/{replacement['id']}/approve"
    refused(await (await house("coordinator")).post(act), 409, "approval_by_another_person")
    for who in (REPLACING, "worker", "dpo", "administrator", "officer", "commander", "partner", "observatory"):
        refused(await (await house(who)).post(act), 403, "forbidden")
    refused(await (await coordinator_elsewhere(house, superuser)).post(act), 404, "not_found")
    another = await second_coordinator(house, superuser)
    assert (await another.post(act)).status_code == 200
    refused(await another.post(act), 409, "already_approved")


async def test_a_replacement_is_between_workers_of_one_employer_of_another_post_and_a_month_at_most(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker, coordinator = await house(REPLACING), await house("coordinator")
    other, starts = str(house.ids["shared_post"]), today().isoformat()
    draft = {"post_id": other, "replacement_reason": "training", "starts_on": starts, "ends_on": day(5)}
    send = "/v1/replacements"
    own = {**draft, "post_id": str(house.ids["other_post"])}
    refused(await worker.post(send, json=own), 422, "replacement_of_own_post", "/post_id")
    refused(await worker.post(send, json={**draft, "post_id": UNKNOWN}), 422, "post_unknown", "/post_id")
    for wrong in (day(32), day(400)):
        refused(await worker.post(send, json={**draft, "ends_on": wrong}), 422, "invalid_request", "/ends_on")
    refused(await worker.post(send, json={**draft, "starts_on": day(-1)}), 422, "invalid_request", "/starts_on")
    refused(await worker.post(send, json={**draft, "ends_on": day(-1)}), 422, "invalid_request", "/ends_on")
    said = {**draft, "account_id": str(house.ids["colleague"])}
    refused(await worker.post(send, json=said), 422, "replacement_by_oneself_expected", "/account_id")
    refused(await worker.post(send, json={**draft, "replacement_reason": "boredom"}), 422, "invalid_request")
    refused(await coordinator.post(send, json=draft), 422, "invalid_request", "/account_id")
    for who in ("officer", "coordinator", "administrator"):
        said = {**draft, "account_id": str(house.ids[who])}
        refused(await coordinator.post(send, json=said), 422, "colleague_of_the_same_employer_expected", "/account_id")
    elsewhere = await coordinator_elsewhere(house, superuser)
    said = {**draft, "account_id": str(house.ids[REPLACING])}
    refused(await elsewhere.post(send, json=said), 422, "post_unknown", "/post_id")
    employer = await superuser.fetchval("select id from organisation.employer where name = 'Ailleurs'")
    await superuser.execute("update organisation.post set employer_id = $1 where id = $2", employer, UUID(other))
    refused(await worker.post(send, json=draft), 422, "colleague_of_the_same_employer_expected", "/post_id")


async def test_asking_and_approving_a_replacement_want_a_recent_proof(
    house: House, superuser: asyncpg.Connection
) -> None:
    replacement = await proposed(house)
    for who in (REPLACING, "coordinator"):
        await grown_old(house, superuser, who)
    draft = {"post_id": str(house.ids["shared_post"]), "replacement_reason": "training"}
    draft |= {"starts_on": today().isoformat(), "ends_on": day(5)}
    refused(await (await house(REPLACING)).post("/v1/replacements", json=draft), 401, "proof_too_old")
    answer = await (await house("coordinator")).post(f"/v1/replacements/{replacement['id']}/approve")
    refused(answer, 401, "proof_too_old")
    assert await superuser.fetchval("select count(approved_at) from employer.replacement") == 0


async def test_a_replacement_is_seen_by_who_holds_the_post_who_replaces_the_employer_and_the_delegate_alone(
    house: House, superuser: asyncpg.Connection
) -> None:
    replacement = await replacing(house)
    one = f"/v1/replacements/{replacement['id']}"
    for who in ("worker", "colleague", REPLACING, "coordinator", "dpo"):
        client = await house(who)
        assert (await client.get(one)).json() == replacement
        assert (await client.get("/v1/replacements")).json()["items"] == [replacement]
    elsewhere = await coordinator_elsewhere(house, superuser)
    refused(await elsewhere.get(one), 404, "not_found")
    assert (await elsewhere.get("/v1/replacements")).json()["items"] == []
    refused(await elsewhere.post(f"{one}/end"), 404, "not_found")
    for who in ("officer", "commander", "partner", "observatory", "administrator"):
        refused(await (await house(who)).get(one), 403, "forbidden")


async def test_an_approval_is_an_event_of_the_log_with_identifiers_alone(house: House) -> None:
    replacement = await proposed(house)
    with capture_logs() as logs:
        await approved(house, "replacements", replacement)
    (event,) = [each for each in logs if each["event"] == "replacement_approved"]
    assert event.pop("log_level") == "info"
    assert event == {
        "event": "replacement_approved", "replacement_id": replacement["id"], "post_id": replacement["post_id"],
        "account_id": str(house.ids[REPLACING]), "approved_by": str(house.ids["coordinator"]),
    }  # fmt: skip


async def test_what_a_replacement_reads_is_traced_under_the_post_in_her_name(
    house: House, superuser: asyncpg.Connection
) -> None:
    places = await everything_of_the_post(house)
    await replacing(house)
    await (await house(REPLACING)).get(places["person"])
    traced = await superuser.fetchrow(
        "select account_id, act, outcome from audit.trace where subject_id = $1 order by at desc limit 1",
        UUID(places["person"].rpartition("/")[2]),
    )
    assert tuple(traced) == (house.ids[REPLACING], "person:read", "done")


async def test_she_is_told_which_posts_she_holds_and_which_she_only_reads(house: House) -> None:
    await replacing(house)
    mine = (await (await house(REPLACING)).get("/v1/me")).json()
    assert mine["post_ids"] == [str(house.ids["other_post"])]
    assert mine["replaced_post_ids"] == [str(house.ids["shared_post"])]
    assert str(house.ids["north"]) in mine["unit_ids"]


async def test_what_a_replacement_creates_is_on_the_post_she_holds_and_never_joined_to_the_one_she_replaces(
    house: House,
) -> None:
    places = await everything_of_the_post(house)
    person = places["person"].rpartition("/")[2]
    await replacing(house)
    client = await house(REPLACING)
    mine = await house.situation(by=REPLACING)
    assert mine["post_id"] == str(house.ids["other_post"])
    someone = {"person_id": person, "person_status": "victim", "contact_consent": "given_to_iscg"}
    intake = {"referral_source": "self_referral", "participations": [someone]}
    refused(await client.post("/v1/situations", json=intake), 422, "invalid_request")
    refused(await client.post(f"/v1/situations/{mine['id']}/participations", json=someone), 422, "invalid_request")
    hers = mine["participations"][0]["person"]["id"]
    link = {"other_person_id": person, "household_link": "partner"}
    refused(
        await client.post(f"/v1/persons/{hers}/household-links", json=link), 422, "invalid_request", "/other_person_id"
    )
    for path, draft in (
        ("/v1/persons", {"sex": "female"}),
        ("/v1/situations", {**intake, "participations": [{"person": {"sex": "female"}, **_status()}]}),
    ):
        answer = await client.post(path, json={**draft, "post_id": str(house.ids["shared_post"])})
        refused(answer, 422, "invalid_request", "/post_id")


async def test_a_note_is_opened_to_a_replacement_by_nobody_but_its_author_and_she_passes_nothing_on(
    house: House,
) -> None:
    note = await house.note((await house.situation())["participations"][0]["id"])
    await replacing(house)
    client = await house(REPLACING)
    share = {"shared_with": str(house.ids[REPLACING])}
    refused(await client.post(f"/v1/notes/{note['id']}/shares", json=share), 404, "not_found")
    refused(await client.get(f"/v1/notes/{note['id']}"), 404, "not_found")


# --- Below the program: the lane itself, with a session of its own. ---


@contextlib.asynccontextmanager
async def lane(house: House, who: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of that lane, as the program opens it, in the session of this person; undone at the end."""
    connection = await asyncpg.connect(house.town.lane_url(PEOPLE[who][0], house.database))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("select access.open($1)", await session_id(house, who))
    yield connection
    await transaction.rollback()
    await connection.close()


REPLACEMENT = (
    "insert into employer.replacement (id, employer_id, post_id, account_id, replacement_reason, starts_on, ends_on,"
    " proposed_by, proposed_at"
)
WRITES = {
    "a person": "insert into social.person (id, post_id, sex, recorded_at) values ('{new}', '{post}', 'female', now())",
    "a note share": "insert into confidential.note_share (id, post_id, note_id, shared_by, shared_with, shared_at)"
    " values ('{new}', '{post}', '{new}', '{me}', '{me}', now())",
    "a handover": "insert into employer.handover (id, employer_id, post_id, from_account_id, to_account_id,"
    " handover_motive, starts_on, situations, proposed_by, proposed_at) values ('{new}', '{employer}', '{post}',"
    " '{me}', '{colleague}', 'mobility', current_date, 0, '{me}', now())",
    "an agreement": "insert into employer.home_visit_agreement (id, employer_id, post_id, visit_on, municipality,"
    " proposed_by, proposed_at) values ('{new}', '{employer}', '{post}', current_date, 'Dreux', '{me}', now())",
    "an approval of her own": REPLACEMENT + ", approved_by, approved_at) values ('{new}', '{employer}', '{post}',"
    " '{me}', 'training', current_date, current_date, '{me}', now(), '{colleague}', now())",
    "a replacement in another's name": REPLACEMENT + ") values ('{new}', '{employer}', '{post}', '{colleague}',"
    " 'training', current_date, current_date, '{colleague}', now())",
    "approving": "update employer.replacement set approved_at = now()",
    "prolonging": "update employer.replacement set ends_on = ends_on + 1",
}
TOUCHED = {
    "person": "update social.person set last_name = 'X' where post_id = '{post}'",
    "situation": "update social.situation set urgency = 'urgent' where post_id = '{post}'",
    "participation": "update social.participation set contact_consent = 'refused' where post_id = '{post}'",
    "need": "update social.need set ended_at = now() where post_id = '{post}'",
    "intervention": "update social.intervention set duration_minutes = 5 where post_id = '{post}'",
    "referral": "update shared.referral set feedback_code = 'received', feedback_on = current_date",
    "safe contact": "update confidential.safe_contact set version = version + 1 where post_id = '{post}'",
}


async def test_the_lane_itself_reads_the_replaced_post_and_writes_nothing_there(house: House) -> None:
    await everything_of_the_post(house)
    await replacing(house)
    names = {"new": new_id(), "post": house.ids["shared_post"], "me": house.ids[REPLACING]}
    names |= {"employer": house.ids["employer"], "colleague": house.ids["colleague"]}
    async with lane(house, REPLACING) as connection:
        for table in ("social.person", "social.situation", "confidential.safe_contact", "social.orientation"):
            assert await connection.fetchval(f"select count(*) from {table}") > 0
        assert await connection.fetchval("select count(*) from confidential.note") == 0
        for statement in WRITES.values():
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(statement.format(**names))
        touched = {what: await connection.execute(said.format(**names)) for what, said in TOUCHED.items()}
        assert touched == dict.fromkeys(TOUCHED, "UPDATE 0")


@pytest.mark.parametrize("who", [REPLACING, "worker", "coordinator"])
async def test_a_replacement_that_was_ended_is_not_taken_up_again_by_any_lane(house: House, who: str) -> None:
    replacement = await replacing(house)
    async with lane(house, who) as connection:
        assert await connection.execute("update employer.replacement set ended_at = now()") == "UPDATE 1"
    await (await house("worker")).post(f"/v1/replacements/{replacement['id']}/end")
    async with lane(house, who) as connection:
        assert await connection.execute("update employer.replacement set ended_at = null") == "UPDATE 0"


async def test_who_approved_is_not_written_over_by_another_hand(house: House) -> None:
    await replacing(house)
    async with lane(house, "coordinator") as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("update employer.replacement set approved_by = $1", house.ids["dpo"])


async def test_the_police_has_no_way_to_break_the_glass(superuser: asyncpg.Connection) -> None:
    for role in ("relais_police_officer", "relais_unit_commander", "relais_partner", "relais_observatory"):
        for table in (
            "employer.replacement", "employer.handover", "employer.home_visit_agreement", "social.handover_item",
            "confidential.handover_summary",
        ):  # fmt: skip
            said = "select has_table_privilege($1, $2, 'select, insert, update, delete, truncate') or"
            said += " has_any_column_privilege($1, $2, 'select, insert, update')"
            assert await superuser.fetchval(said, role, table) is False


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _status() -> dict[str, str]:
    return {"person_status": "victim", "contact_consent": "given_to_iscg"}
