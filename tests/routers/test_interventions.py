"""Interventions: what moves a situation, what may be tied to nobody, and the two guarantees of a home visit."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, ago, interview, patch, refused, session_id

CLEARED = {
    "security_service_informed_by": "Adjudante Lemaire", "employer_agreement_given_by": "Mme Roux",
    "security_service_informed_at": ago(hours=30), "employer_agreement_at": ago(hours=28),
}  # fmt: skip


def visit(participation_id: str, **said: Any) -> dict[str, Any]:
    """A home visit, held an hour ago, cleared the day before."""
    draft = interview(participation_id, intervention_type="home_visit", channel="home")
    return {**draft, **CLEARED, **said}


async def situation_and_participation(house: House) -> tuple[str, str]:
    """The address of a situation just opened, and its participation."""
    situation = await house.situation()
    return f"/v1/situations/{situation['id']}", situation["participations"][0]["id"]


async def test_an_interview_is_recorded_with_the_place_that_counts_it(house: House) -> None:
    worker = await house("worker")
    situation, participation = await situation_and_participation(house)
    draft = interview(participation, unit_id=str(house.ids["south"]))

    recorded = await worker.post("/v1/interventions", json=draft)

    shown = recorded.json()
    assert (recorded.status_code, shown["counts_as_interview"]) == (201, True)
    assert shown["situation_id"] == situation.rpartition("/")[2]
    assert (shown["post_id"], shown["unit_id"]) == (str(house.ids["shared_post"]), str(house.ids["south"]))
    read = await worker.get(recorded.headers["location"])
    assert (read.json(), read.headers["etag"]) == (shown, recorded.headers["etag"])


async def test_an_intervention_counts_for_the_unit_of_its_situation_unless_told_otherwise(house: House) -> None:
    referral = await house.referral()
    accepted = await (await house("worker")).post(f"/v1/referrals/{referral['id']}/accept", json={})
    participation = accepted.json()["participations"][0]["id"]
    recorded = await (await house("worker")).post("/v1/interventions", json=interview(participation))
    assert recorded.json()["unit_id"] == referral["unit_id"]


async def test_a_first_attempt_then_a_first_held_interview_move_the_situation(house: House) -> None:
    worker = await house("worker")
    situation, participation = await situation_and_participation(house)

    async def after(**said: Any) -> str:
        answer = await worker.post("/v1/interventions", json=interview(participation, **said))
        assert answer.status_code == 201, answer.text
        return str((await worker.get(situation)).json()["status"])

    assert await after(intervention_type="partner_liaison") == "open"
    assert await after(intervention_type="contact_attempt", outcome="no_answer") == "contact_in_progress"
    assert await after(intervention_type="contact_attempt", outcome="held") == "contact_in_progress"
    assert await after(outcome="cancelled") == "contact_in_progress"
    assert await after(outcome="held") == "active"
    assert await after(intervention_type="contact_attempt", outcome="no_answer") == "active"


async def test_a_missed_interview_is_a_first_attempt_too(house: House) -> None:
    worker = await house("worker")
    situation, participation = await situation_and_participation(house)
    await worker.post("/v1/interventions", json=interview(participation, outcome="missed"))
    assert (await worker.get(situation)).json()["status"] == "contact_in_progress"


async def test_an_attempt_noted_while_the_interview_is_noted_too_does_not_move_the_situation_back(
    house: House,
) -> None:
    worker, colleague = await house("worker"), await house("colleague")
    for _ in range(10):
        situation, participation = await situation_and_participation(house)
        attempt = interview(participation, intervention_type="contact_attempt", outcome="no_answer")
        await asyncio.gather(
            worker.post("/v1/interventions", json=interview(participation)),
            colleague.post("/v1/interventions", json=attempt),
        )
        assert (await worker.get(situation)).json()["status"] == "active"


async def test_an_interview_corrected_as_held_makes_the_situation_active(house: House) -> None:
    worker = await house("worker")
    situation, participation = await situation_and_participation(house)
    recorded = await worker.post("/v1/interventions", json=interview(participation, outcome="missed"))

    corrected = await patch(worker, recorded.headers["location"], {"outcome": "held", "duration_minutes": None})

    assert corrected.json() == {**recorded.json(), "outcome": "held", "duration_minutes": None}
    assert (await worker.get(situation)).json()["status"] == "active"


async def test_nothing_is_recorded_in_a_closed_situation(house: House) -> None:
    worker = await house("worker")
    situation, participation = await situation_and_participation(house)
    await worker.post(f"{situation}/close", json={"closure_reason": "unreachable"})
    refused(await worker.post("/v1/interventions", json=interview(participation)), 409, "situation_closed")


async def test_an_intervention_has_taken_place(house: House) -> None:
    worker = await house("worker")
    _, participation = await situation_and_participation(house)
    late = interview(participation, occurred_at=ago(hours=-2))
    refused(await worker.post("/v1/interventions", json=late), 422, "invalid_request", "/occurred_at")
    recorded = await worker.post("/v1/interventions", json=interview(participation))
    moved = await patch(worker, recorded.headers["location"], {"occurred_at": ago(hours=-2)})
    refused(moved, 422, "invalid_request", "/occurred_at")


async def test_an_anonymous_contact_and_the_reading_of_the_log_are_tied_to_nobody(house: House) -> None:
    worker = await house("worker")
    for said in ({"anonymous_contact": True}, {"intervention_type": "log_reading", "channel": "written"}):
        recorded = await worker.post("/v1/interventions", json=interview(None, **said))
        assert recorded.status_code == 201, recorded.text
        assert (recorded.json()["participation_id"], recorded.json()["situation_id"]) == (None, None)
        assert recorded.json()["post_id"] == str(house.ids["shared_post"])


async def test_any_other_act_says_whom_it_was_for_and_an_anonymous_one_names_nobody(house: House) -> None:
    worker = await house("worker")
    _, participation = await situation_and_participation(house)
    for draft in (
        interview(None),
        interview(participation, anonymous_contact=True),
        interview(participation, intervention_type="log_reading"),
    ):
        answer = await worker.post("/v1/interventions", json=draft)
        refused(answer, 422, "intervention_without_participation", "/participation_id")


async def test_an_unknown_unit_or_site_is_refused_with_a_sentence(house: House) -> None:
    worker = await house("worker")
    _, participation = await situation_and_participation(house)
    recorded = await worker.post("/v1/interventions", json=interview(participation))
    for name, code in (("unit_id", "unit_unknown"), ("site_id", "site_unknown")):
        draft = interview(participation, **{name: UNKNOWN})
        refused(await worker.post("/v1/interventions", json=draft), 422, code)
        refused(await patch(worker, recorded.headers["location"], {name: UNKNOWN}), 422, code)


async def test_a_home_visit_with_both_guarantees_is_recorded(house: House) -> None:
    _, participation = await situation_and_participation(house)
    recorded = await (await house("worker")).post("/v1/interventions", json=visit(participation))
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["employer_agreement_given_by"] == "Mme Roux"


@pytest.mark.parametrize("missing", CLEARED)
async def test_a_home_visit_without_one_of_its_guarantees_is_refused(house: House, missing: str) -> None:
    worker = await house("worker")
    _, participation = await situation_and_participation(house)
    unsafe = visit(participation, **{missing: None})
    refused(await worker.post("/v1/interventions", json=unsafe), 409, "home_visit_without_clearance")
    recorded = await worker.post("/v1/interventions", json=visit(participation))
    cleared = await patch(worker, recorded.headers["location"], {missing: None})
    refused(cleared, 409, "home_visit_without_clearance")


@pytest.mark.parametrize("late", ["security_service_informed_at", "employer_agreement_at"])
async def test_a_guarantee_given_after_the_home_visit_does_not_count(house: House, late: str) -> None:
    worker = await house("worker")
    _, participation = await situation_and_participation(house)
    unsafe = visit(participation, **{late: ago(minutes=30)})
    refused(await worker.post("/v1/interventions", json=unsafe), 409, "home_visit_cleared_too_late")
    recorded = await worker.post("/v1/interventions", json=visit(participation))
    earlier = await patch(worker, recorded.headers["location"], {"occurred_at": ago(hours=29)})
    refused(earlier, 409, "home_visit_cleared_too_late")


INSERT = (
    "insert into social.intervention (id, post_id, situation_id, participation_id, intervention_type,"
    " counts_as_interview, needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome,"
    " occurred_at, security_service_informed_at, security_service_informed_by, recorded_by, recorded_at)"
    " values ($1, $2, $3, $4, 'home_visit', true, $5, false, false, 'home', 'held', now(), now(), 'X', $6, now())"
)


@pytest.mark.parametrize(
    ("needs_clearance", "broken"),
    [
        (True, "home_visit_needs_the_security_service_and_the_employer"),
        (False, "intervention_type_says_what_it_is"),  # a visit that would say it needs none
    ],
)
async def test_postgresql_itself_refuses_a_home_visit_without_the_employer(
    house: House, needs_clearance: bool, broken: str
) -> None:
    situation, participation = await situation_and_participation(house)
    live = await session_id(house, "worker")
    lane = await asyncpg.connect(house.town.lane_url("social_worker", house.database))
    try:
        await lane.execute(f"begin; select access.open('{live}')")
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.ForeignKeyViolationError)) as refusal:
            await lane.execute(
                INSERT, UUID(UNKNOWN), house.ids["shared_post"], UUID(situation.rpartition("/")[2]),
                UUID(participation), needs_clearance, house.ids["worker"],
            )  # fmt: skip
    finally:
        await lane.close()
    assert refusal.value.constraint_name == broken


async def test_the_list_keeps_to_one_situation_or_one_person(house: House) -> None:
    worker = await house("worker")
    (first, one), (_, two) = await situation_and_participation(house), await situation_and_participation(house)
    ids = [
        (await worker.post("/v1/interventions", json=interview(each, occurred_at=ago(hours=hours)))).json()["id"]
        for each, hours in ((one, 3), (two, 2), (one, 1))
    ]

    async def listed(query: str = "") -> list[str]:
        return [item["id"] for item in (await worker.get(f"/v1/interventions{query}")).json()["items"]]

    assert await listed() == [ids[2], ids[1], ids[0]]
    assert await listed(f"?participation_id={one}") == [ids[2], ids[0]]
    assert await listed(f"?situation_id={first.rpartition('/')[2]}&participation_id={two}") == []
    refused(await worker.get("/v1/interventions?situation_id=42"), 422, "invalid_request", "situation_id")


async def test_another_post_finds_no_intervention_and_records_none_here(house: House) -> None:
    _, participation = await situation_and_participation(house)
    recorded = await (await house("worker")).post("/v1/interventions", json=interview(participation))
    elsewhere, address = await house("worker_elsewhere"), recorded.headers["location"]
    refused(await elsewhere.get(address), 404, "not_found")
    refused(await patch(elsewhere, address, {"outcome": "missed"}, seen="*"), 404, "not_found")
    refused(await elsewhere.post("/v1/interventions", json=interview(participation)), 404, "not_found")
    assert (await elsewhere.get("/v1/interventions")).json()["items"] == []
    refused(await (await house("officer")).get(address), 403, "forbidden")
