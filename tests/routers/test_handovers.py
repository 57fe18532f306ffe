"""Handing a post over: every situation listed, notes only where their author chose, a sealed summary elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.models.columns import new_id
from app.services.clock import today
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, refused, someone
from tests.routers.relay import (
    REPLACING,
    approved,
    coordinator_elsewhere,
    going,
    grown_old,
    handed,
    handing,
    replacing,
    staying,
)

SECRET, SUMMARY = "Elle partira vendredi chez sa sœur.", "À rappeler par l'école, jamais chez elle."


async def two_parties(house: House) -> tuple[str, str]:
    """One situation, its victim and the accused: their participations."""
    both = [someone("Petit"), someone("Grand", person_status="alleged_perpetrator")]
    victim, accused = (each["id"] for each in (await house.situation(participations=both))["participations"])
    return victim, accused


async def reads(house: House, who: str, note: Mapping[str, Any]) -> int:
    """What this person is answered when she opens the note."""
    return (await (await house(who)).get(f"/v1/notes/{note['id']}")).status_code


async def summaries(house: House, who: str, handover: Mapping[str, Any]) -> httpx.Response:
    """The summaries that she may open."""
    return await (await house(who)).get(f"/v1/handovers/{handover['id']}/summaries")


async def test_notes_go_along_where_their_author_chose_once_approved_and_a_summary_elsewhere(
    house: House, superuser: asyncpg.Connection
) -> None:
    victim, accused = await two_parties(house)
    note, kept = await house.note(victim, SECRET), await house.note(accused, "Ce qu'il dit de lui.")

    handover = await handed(house, [going(victim), staying(accused, SUMMARY)])

    assert (handover["situations"], handover["from_account_id"]) == (1, str(house.ids["worker"]))
    assert handover["participations"] == sorted(
        (
            {"participation_id": victim, "notes_go_along": True},
            {"participation_id": accused, "notes_go_along": False},
        ),
        key=lambda each: str(each["participation_id"]),
    )
    assert [await reads(house, "colleague", each) for each in (note, kept)] == [404, 404]
    assert (await summaries(house, "colleague", handover)).json()["items"] == []

    await approved(house, "handovers", handover)

    assert [await reads(house, "colleague", each) for each in (note, kept)] == [200, 404]
    (read,) = (await summaries(house, "colleague", handover)).json()["items"]
    assert (read["participation_id"], read["text"]) == (accused, SUMMARY)
    assert (await summaries(house, "worker", handover)).json()["items"] == [read]
    assert await superuser.fetchval("select count(*) from confidential.handover_summary") == 1


async def test_what_an_employer_reads_of_a_handover_is_who_why_when_and_how_many(house: House) -> None:
    victim, accused = await two_parties(house)
    handover = await handed(house, [going(victim), staying(accused, SUMMARY)])
    one = f"/v1/handovers/{handover['id']}"
    facts = {name: value for name, value in handover.items() if name != "participations"}
    for who in ("coordinator", "dpo"):
        client = await house(who)
        assert (await client.get(one)).json() == facts
        assert (await client.get("/v1/handovers")).json()["items"] == [facts]
        refused(await client.get(f"{one}/summaries"), 403, "forbidden")
    for who in ("worker", "colleague"):
        assert (await (await house(who)).get(one)).json() == handover
    refused(await (await house(REPLACING)).get(one), 404, "not_found")
    for who in ("officer", "commander", "partner", "observatory", "administrator"):
        refused(await (await house(who)).get(one), 403, "forbidden")


async def test_nothing_is_read_before_the_day_nor_after_the_end_of_a_bounded_handover(
    house: House, superuser: asyncpg.Connection
) -> None:
    victim, accused = await two_parties(house)
    note = await house.note(victim, SECRET)
    handover = await handed(house, [going(victim), staying(accused, SUMMARY)], ends_on=day(20))
    await approved(house, "handovers", handover)
    days = "update employer.handover set starts_on = $1, ends_on = $2"
    for starts, ends, open_ in ((1, 20, False), (0, 20, True), (-9, 0, True), (-9, -1, False), (-9, None, True)):
        last = None if ends is None else today() + timedelta(days=ends)
        await superuser.execute(days, today() + timedelta(days=starts), last)
        assert await reads(house, "colleague", note) == (200 if open_ else 404)
        assert len((await summaries(house, "colleague", handover)).json()["items"]) == int(open_)


async def test_every_participation_still_followed_is_listed_and_the_refusal_names_nobody(house: House) -> None:
    victim, accused = await two_parties(house)
    other = (await house.situation())["participations"][0]["id"]
    closed = await house.situation()
    worker = await house("worker")
    await worker.post(f"/v1/situations/{closed['id']}/close", json={"closure_reason": "need_met"})

    answer = await handing(house, [going(victim)])

    refused(answer, 422, "invalid_request", "/participations")
    assert faults(answer) == {"/participations": "participation_not_listed"}
    assert not any(told in answer.text for told in ("Petit", "Grand", accused, other))
    everything = [going(victim), going(accused), going(other)]
    twice = await handing(house, [*everything, going(other)])
    assert faults(twice) == {"/participations/3/participation_id": "listed_twice"}
    theirs = (await house.situation(by=REPLACING))["participations"][0]["id"]
    for stranger in (UNKNOWN, theirs):
        answer = await handing(house, [going(stranger), *everything])
        assert faults(answer) == {"/participations/0/participation_id": "participation_expected"}
    handover = await handed(house, [*everything, going(closed["participations"][0]["id"])])
    assert handover["situations"] == 3


async def test_a_post_with_nobody_followed_is_handed_over_too(house: House) -> None:
    assert (await handed(house, []))["situations"] == 0


async def test_notes_that_stay_want_a_summary_and_only_those_of_the_author(house: House) -> None:
    victim, accused = await two_parties(house)
    await house.note(victim, SECRET)
    await house.note(accused, by="colleague")
    answer = await handing(house, [staying(victim), staying(accused)])
    assert faults(answer) == {"/participations/0/summary": "handover_summary_expected"}
    await handed(house, [staying(victim, SUMMARY), staying(accused)])


async def test_a_handover_carries_the_notes_of_its_author_alone(house: House) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    hers = await house.note(participation, by="colleague")
    handover = await handed(house, [going(participation)])
    await approved(house, "handovers", handover)
    assert await reads(house, "worker", hers) == 404


async def test_the_successor_must_hold_the_same_post_on_the_first_day(
    house: House, superuser: asyncpg.Connection
) -> None:
    for who in ("worker", REPLACING, "officer", "coordinator"):
        answer = await handing(house, [], to_account_id=str(house.ids[who]))
        refused(answer, 422, "successor_of_the_post_expected", "/to_account_id")
    refused(await handing(house, [], to_account_id=UNKNOWN), 422, "successor_of_the_post_expected", "/to_account_id")
    posting = (
        "insert into accounts.posting (id, account_id, post_id, starts_on, approved_at) values ($1, $2, $3, $4, now())"
    )
    arriving = (new_id(), house.ids[REPLACING], house.ids["shared_post"], today() + timedelta(days=5))
    await superuser.execute(posting, *arriving)
    said = {"to_account_id": str(house.ids[REPLACING])}
    answer = await handing(house, [], **said, starts_on=day(4))
    refused(answer, 422, "successor_of_the_post_expected", "/to_account_id")
    await handed(house, [], **said, starts_on=day(6))
    await superuser.execute("update accounts.posting set approved_at = null where id = $1", arriving[0])
    answer = await handing(house, [], **said, starts_on=day(6))
    refused(answer, 422, "successor_of_the_post_expected", "/to_account_id")


async def test_days_of_a_handover_are_in_order_and_to_come(house: House) -> None:
    refused(await handing(house, [], starts_on=day(-2)), 422, "invalid_request", "/starts_on")
    refused(await handing(house, [], starts_on=day(5), ends_on=day(4)), 422, "invalid_request", "/ends_on")
    refused(await handing(house, [], handover_motive="boredom"), 422, "invalid_request", "/handover_motive")


async def test_a_handover_is_approved_once_by_the_employer_after_a_recent_proof(
    house: House, superuser: asyncpg.Connection
) -> None:
    handover = await handed(house, [])
    act = f"/v1/handovers/{handover['id']}/approve"
    for who in ("worker", "colleague", "dpo", "administrator", "officer"):
        refused(await (await house(who)).post(act), 403, "forbidden")
    refused(await (await coordinator_elsewhere(house, superuser)).post(act), 404, "not_found")
    await grown_old(house, superuser, "coordinator")
    await grown_old(house, superuser, "worker")
    refused(await (await house("coordinator")).post(act), 401, "proof_too_old")
    refused(await handing(house, []), 401, "proof_too_old")
    await superuser.execute("update accounts.session set authenticated_at = now()")
    assert (await (await house("coordinator")).post(act)).json()["approved_by"] == str(house.ids["coordinator"])
    refused(await (await house("coordinator")).post(act), 409, "already_approved")
    refused(
        await (await house("worker")).post(f"/v1/handovers/{handover['id']}/cancel"), 409, "already_approved"
    )  # fmt: skip


async def test_its_author_gives_a_handover_up_before_approval_and_may_propose_another(
    house: House, superuser: asyncpg.Connection
) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    note = await house.note(participation, SECRET)
    handover = await handed(house, [going(participation)])
    cancel = f"/v1/handovers/{handover['id']}/cancel"
    refused(await (await house("colleague")).post(cancel), 404, "not_found")
    # Giving up narrows: it asks for no recent proof.
    await grown_old(house, superuser, "worker")
    assert (await (await house("worker")).post(cancel)).json()["cancelled_at"] is not None
    refused(await (await house("worker")).post(cancel), 409, "handover_cancelled")
    act = f"/v1/handovers/{handover['id']}/approve"
    refused(await (await house("coordinator")).post(act), 409, "handover_cancelled")
    assert await superuser.fetchval("select count(*) from confidential.note_share where ended_at is null") == 0
    await superuser.execute("update accounts.session set authenticated_at = now()")
    await approved(house, "handovers", await handed(house, [going(participation)]))
    assert await reads(house, "colleague", note) == 200


async def test_a_note_opened_by_hand_stays_as_its_author_chose(house: House) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    note = await house.note(participation, SECRET)
    share = {"shared_with": str(house.ids["colleague"])}
    worker = await house("worker")
    assert (await worker.post(f"/v1/notes/{note['id']}/shares", json=share)).status_code == 201
    handover = await handed(house, [going(participation)])
    assert await reads(house, "colleague", note) == 200
    by_hand, carried = (await worker.get(f"/v1/notes/{note['id']}/shares")).json()["items"]
    assert (by_hand["handover_id"], carried["handover_id"]) == (None, handover["id"])
    await worker.post(f"/v1/handovers/{handover['id']}/cancel")
    assert await reads(house, "colleague", note) == 200
    assert (await worker.get(f"/v1/notes/{note['id']}/shares")).json()["items"] == [by_hand]


async def test_the_notes_of_an_author_who_left_without_handing_them_over_are_read_by_nobody(
    house: House, superuser: asyncpg.Connection
) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    note = await house.note(participation, SECRET)
    handover = await handed(house, [staying(participation, SUMMARY)])
    await approved(house, "handovers", handover)
    await replacing(house)
    await house("worker")
    await superuser.execute("update accounts.posting set ends_on = $1 where account_id = $2",
                            today() - timedelta(days=1), house.ids["worker"])  # fmt: skip
    assert await reads(house, "worker", note) == 404
    await superuser.execute("update accounts.account set ended_at = now() where id = $1", house.ids["worker"])
    answers = {
        who: await reads(house, who, note)
        for who in ("worker", "colleague", REPLACING, "coordinator", "dpo", "administrator", "officer", "partner")
    }
    assert answers == {
        "worker": 401, "colleague": 404, REPLACING: 404, "coordinator": 403, "dpo": 403, "administrator": 403,
        "officer": 403, "partner": 403,
    }  # fmt: skip
    listed = await (await house("colleague")).get(f"/v1/participations/{participation}/notes")
    assert listed.json()["items"] == []
    (read,) = (await summaries(house, "colleague", handover)).json()["items"]
    assert read["text"] == SUMMARY
    assert (await summaries(house, REPLACING, handover)).json()["items"] == []
    assert await superuser.fetchval("select count(*) from confidential.note") == 1


async def test_notes_that_went_along_are_read_after_their_author_has_left(
    house: House, superuser: asyncpg.Connection
) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    note = await house.note(participation, SECRET)
    await approved(house, "handovers", await handed(house, [going(participation)]))
    await superuser.execute("update accounts.account set ended_at = now() where id = $1", house.ids["worker"])
    assert (await (await house("colleague")).get(f"/v1/notes/{note['id']}")).json()["text"] == SECRET


async def test_a_summary_is_sealed_where_it_belongs_and_opening_it_is_traced(
    house: House, superuser: asyncpg.Connection
) -> None:
    victim, accused = await two_parties(house)
    handover = await handed(house, [staying(victim, SUMMARY), staying(accused, "Autre.")])
    rows = await superuser.fetch("select sealed from confidential.handover_summary")
    assert [SUMMARY.encode() in row["sealed"] for row in rows] == [False, False]
    everything = await superuser.fetchval("select string_agg(t::text, ' ') from confidential.handover_summary t")
    assert SUMMARY.encode().hex() not in everything
    assert len((await summaries(house, "worker", handover)).json()["items"]) == 2
    traced = await superuser.fetchrow(
        "select account_id, act, row_count from audit.trace where subject_id = $1 order by at desc limit 1",
        UUID(handover["id"]),
    )
    assert tuple(traced) == (house.ids["worker"], "handover_summary:read", 2)
    await superuser.execute(
        "update confidential.handover_summary a set sealed = b.sealed, person_key_id = b.person_key_id"
        " from confidential.handover_summary b where a.participation_id <> b.participation_id"
    )
    refused(await summaries(house, "worker", handover), 500, "note_cannot_be_read")


async def test_a_replacement_hands_nothing_over(house: House) -> None:
    await house.situation()
    await replacing(house)
    said = {"post_id": str(house.ids["shared_post"]), "to_account_id": str(house.ids["worker"])}
    refused(await handing(house, [], by=REPLACING, **said), 422, "invalid_request", "/post_id")


FOLLOWED = 1000
PEOPLE_AT_ONCE = """
with person as (
    insert into social.person (id, post_id, sex, recorded_at)
    select gen_random_uuid(), $1, 'female', now() from generate_series(1, $3::int) returning id
), situation as (
    insert into social.situation (id, post_id, status, referral_source, opened_on, opened_by, recorded_at,
        secondary_problems)
    select gen_random_uuid(), $1, 'open', 'self_referral', current_date, $2, now(), '{}' from person returning id
), pair as (
    select s.id as situation_id, p.id as person_id
      from (select id, row_number() over () as n from situation) s
      join (select id, row_number() over () as n from person) p using (n)
)
insert into social.participation (id, post_id, situation_id, person_id, person_status, contact_consent,
    known_to_social_services, joined_on)
select gen_random_uuid(), $1, situation_id, person_id, 'victim', 'given_to_iscg', 'not_recorded', current_date from pair
returning id
"""


async def test_a_post_that_follows_a_thousand_persons_is_handed_over_in_one_act(
    house: House, superuser: asyncpg.Connection
) -> None:
    rows = await superuser.fetch(PEOPLE_AT_ONCE, house.ids["shared_post"], house.ids["worker"], FOLLOWED)
    items = [going(str(row["id"])) for row in rows]
    await house("worker")
    started = time.perf_counter()
    handover = await handed(house, items)
    took = time.perf_counter() - started
    assert handover["situations"] == len(handover["participations"]) == FOLLOWED
    assert took < 20


async def test_a_list_of_more_than_a_thousand_participations_is_refused(house: House) -> None:
    answer = await handing(house, [going(UNKNOWN)] * 1001)
    refused(answer, 422, "list_too_long")
