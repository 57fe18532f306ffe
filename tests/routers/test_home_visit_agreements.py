"""The employer's agreement to a home visit: asked without a name, given or refused once, and what rests on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.services.clock import today
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, ago, day, patch, refused
from tests.routers.relay import REPLACING, replacing

SEND = "/v1/home-visit-agreements"


async def asked(house: House, by: str = "worker", **said: Any) -> dict[str, Any]:
    """An agreement that waits for the employer, for a visit today."""
    draft = {"visit_on": today().isoformat(), "municipality": "Dreux", **said}
    answer = await (await house(by)).post(SEND, json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def answered(house: House, agreement: dict[str, Any], act: str = "approve") -> httpx.Response:
    """What the coordinator is answered when she gives, or refuses, it."""
    return await (await house("coordinator")).post(f"{SEND}/{agreement['id']}/{act}")


async def visit(house: House, by: str = "worker", **said: Any) -> httpx.Response:
    """A home visit, of which the security service was told; the rest is to be said."""
    participation = said.pop("participation_id", None) or (await house.situation(by=by))["participations"][0]["id"]
    draft = {
        "participation_id": participation, "intervention_type": "home_visit", "channel": "home", "outcome": "held",
        "occurred_at": (datetime.now(UTC) + timedelta(minutes=2)).isoformat(),
        "security_service_informed_at": ago(hours=3), "security_service_informed_by": "Chef de poste", **said,
    }  # fmt: skip
    return await (await house(by)).post("/v1/interventions", json=draft)


async def test_a_visit_rests_on_the_agreement_that_the_employer_gave_for_that_day_and_that_post(house: House) -> None:
    agreement = await asked(house)
    before = await visit(house, home_visit_agreement_id=agreement["id"])
    refused(before, 409, "home_visit_not_agreed")
    given = (await answered(house, agreement)).json()
    assert given["approved_by"] == str(house.ids["coordinator"])

    shown = (await visit(house, home_visit_agreement_id=agreement["id"])).json()

    assert shown["employer_agreement_at"] == given["approved_at"]
    assert shown["employer_agreement_given_by"] == "Accord enregistré par l’employeur"
    assert shown["home_visit_agreement_id"] == agreement["id"]


async def test_the_worker_may_still_record_both_agreements_herself(house: House) -> None:
    said = {"employer_agreement_at": ago(hours=2), "employer_agreement_given_by": "Mme Chef"}
    shown = (await visit(house, **said)).json()
    assert (shown["employer_agreement_given_by"], shown["home_visit_agreement_id"]) == ("Mme Chef", None)
    refused(await visit(house), 409, "home_visit_without_clearance")
    agreement = await asked(house)
    await answered(house, agreement)
    both = await visit(house, home_visit_agreement_id=agreement["id"], **said)
    refused(both, 422, "invalid_request", "/home_visit_agreement_id")


async def test_an_agreement_does_not_stand_for_the_security_service(house: House) -> None:
    agreement = await asked(house)
    await answered(house, agreement)
    nobody = {"security_service_informed_at": None, "security_service_informed_by": None}
    refused(
        await visit(house, home_visit_agreement_id=agreement["id"], **nobody), 409, "home_visit_without_clearance"
    )  # fmt: skip


async def test_an_agreement_given_after_the_visit_is_too_late(house: House) -> None:
    agreement = await asked(house)
    await answered(house, agreement)
    late = await visit(house, home_visit_agreement_id=agreement["id"], occurred_at=ago(seconds=30))
    # Thirty seconds ago may be yesterday, once a day.
    assert (late.status_code, late.json()["code"]) in {(409, "home_visit_cleared_too_late"), (422, "invalid_request")}


async def test_no_visit_rests_on_an_agreement_refused_of_another_day_or_of_another_post(house: House) -> None:
    no = await asked(house)
    assert (await answered(house, no, "refuse")).json()["refused_at"] is not None
    refused(await visit(house, home_visit_agreement_id=no["id"]), 409, "home_visit_not_agreed")
    tomorrow = await asked(house, visit_on=day(3))
    await answered(house, tomorrow)
    answer = await visit(house, home_visit_agreement_id=tomorrow["id"])
    refused(answer, 422, "invalid_request", "/occurred_at")
    elsewhere = await asked(house, by=REPLACING)
    await answered(house, elsewhere)
    for wrong in (elsewhere["id"], UNKNOWN):
        answer = await visit(house, home_visit_agreement_id=wrong)
        refused(answer, 422, "invalid_request", "/home_visit_agreement_id")
    # She reads the agreements of the post that she replaces: none serves on hers.
    await replacing(house)
    theirs = await asked(house)
    await answered(house, theirs)
    answer = await visit(house, by=REPLACING, home_visit_agreement_id=theirs["id"])
    refused(answer, 422, "invalid_request", "/home_visit_agreement_id")
    assert (await (await house(REPLACING)).get(f"{SEND}/{theirs['id']}")).status_code == 200


async def test_an_agreement_goes_with_a_home_visit_only_and_is_not_corrected_by_the_worker(house: House) -> None:
    agreement = await asked(house)
    await answered(house, agreement)
    call = {"intervention_type": "phone_interview", "channel": "phone", "home_visit_agreement_id": agreement["id"]}
    refused(await visit(house, **call), 422, "invalid_request", "/home_visit_agreement_id")
    shown = (await visit(house, home_visit_agreement_id=agreement["id"])).json()
    worker, one = await house("worker"), f"/v1/interventions/{shown['id']}"
    answer = await patch(worker, one, {"employer_agreement_given_by": "Moi"})
    refused(answer, 409, "home_visit_rests_on_an_agreement")
    answer = await patch(worker, one, {"occurred_at": ago(days=2)})
    refused(answer, 422, "invalid_request", "/occurred_at")
    assert (await patch(worker, one, {"duration_minutes": 45})).status_code == 200


async def test_an_agreement_is_asked_for_a_day_to_come_and_answered_once_by_the_employer(house: House) -> None:
    worker = await house("worker")
    past = await worker.post(SEND, json={"visit_on": day(-2), "municipality": "Dreux"})
    refused(past, 422, "invalid_request", "/visit_on")
    agreement = await asked(house)
    one = f"{SEND}/{agreement['id']}"
    for act in ("approve", "refuse"):
        for who in ("worker", "dpo", "administrator", "officer"):
            refused(await (await house(who)).post(f"{one}/{act}"), 403, "forbidden")
    assert (await answered(house, agreement)).status_code == 200
    for act in ("approve", "refuse"):
        refused(await answered(house, agreement, act), 409, "home_visit_already_answered")


async def test_an_agreement_is_read_by_the_post_and_its_employer_and_says_no_name(house: House) -> None:
    agreement = await asked(house)
    one = f"{SEND}/{agreement['id']}"
    for who in ("worker", "colleague", "coordinator"):
        client = await house(who)
        assert (await client.get(one)).json() == agreement
        assert (await client.get(SEND)).json()["items"] == [agreement]
    assert set(agreement) == {
        "id", "employer_id", "post_id", "visit_on", "municipality", "proposed_by", "proposed_at", "approved_by",
        "approved_at", "refused_at",
    }  # fmt: skip
    refused(await (await house(REPLACING)).get(one), 404, "not_found")
    for who in ("officer", "commander", "partner", "observatory", "administrator", "dpo"):
        refused(await (await house(who)).get(one), 403, "forbidden")
