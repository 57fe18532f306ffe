"""Orientations: proposed, agreed, transmitted on a legal basis; what the partner sees, answers, and never sees."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, patch, refused

AGREED = ["last_name", "first_name", "message"]
SENT = {
    "legal_basis": "person_agreement", "fields": AGREED, "message": "Relogement à prévoir.",
    "person_informed": "informed_before",
}  # fmt: skip


def act(orientation: dict[str, Any], name: str) -> str:
    return f"/v1/orientations/{orientation['id']}/{name}"


async def test_the_partner_reads_the_fields_transmitted_and_nothing_else_of_the_person(house: House) -> None:
    sent = await house.sent_orientation()
    shown = (await (await house("partner")).get(f"/v1/orientations/{sent['id']}")).json()

    assert shown["content"] == {"last_name": "Petit", "first_name": "Anne", "message": "Relogement à prévoir."}
    assert shown["legal_basis"] == "person_agreement"
    assert shown.keys().isdisjoint({"participation_id", "need_type", "agreed_fields", "proposed_by", "sent_by"})
    assert "content" not in (await (await house("partner")).get("/v1/orientations")).json()["items"][0]


async def test_an_orientation_addressed_to_one_partner_does_not_exist_for_another_nor_for_another_post(
    house: House,
) -> None:
    sent = await house.sent_orientation()
    for who in ("partner_elsewhere", "worker_elsewhere"):
        client = await house(who)
        refused(await client.get(f"/v1/orientations/{sent['id']}"), 404, "not_found")
        assert (await client.get("/v1/orientations")).json()["items"] == []
    refused(await (await house("partner_elsewhere")).post(act(sent, "take-up")), 404, "not_found")


async def test_the_officer_knows_neither_the_orientation_nor_the_answer(house: House) -> None:
    sent = await house.sent_orientation()
    officer = await house("officer")

    refused(await officer.get("/v1/orientations"), 403, "forbidden")
    refused(await officer.get(f"/v1/orientations/{sent['id']}"), 403, "forbidden")
    refused(await officer.post(act(sent, "acknowledge")), 403, "forbidden")


async def test_before_the_transmission_the_partner_sees_nothing(house: House) -> None:
    orientation = await house.orientation(agreed=AGREED)
    partner = await house("partner")

    assert (await partner.get("/v1/orientations")).json()["items"] == []
    refused(await partner.get(f"/v1/orientations/{orientation['id']}"), 404, "not_found")
    refused(await partner.post(act(orientation, "acknowledge")), 404, "not_found")


async def test_the_partner_acknowledges_takes_up_and_reports_and_the_worker_follows(house: House) -> None:
    sent = await house.sent_orientation()
    worker, partner = await house("worker"), await house("partner")
    followed = []
    for name, said in (("acknowledge", None), ("take-up", None), ("outcome", {"outcome_code": "support_started"})):
        assert (await partner.post(act(sent, name), json=said)).status_code == 200
        followed.append((await worker.get(f"/v1/orientations/{sent['id']}")).json())

    assert [each["status"] for each in followed] == ["acknowledged", "taken_up", "taken_up"]
    assert (followed[-1]["outcome_code"], followed[-1]["outcome_on"]) == ("support_started", day(0))
    listed = (await worker.get("/v1/orientations", params={"status": "taken_up"})).json()["items"]
    assert [each["id"] for each in listed] == [sent["id"]]
    assert (await worker.get("/v1/orientations", params={"status": "transmitted"})).json()["items"] == []


async def test_a_refusal_has_a_reason_and_ends_the_exchange(house: House) -> None:
    sent = await house.sent_orientation()
    partner = await house("partner")
    refused(await partner.post(act(sent, "refuse"), json={}), 422, "invalid_request", "/refusal_reason")

    answer = await partner.post(act(sent, "refuse"), json={"refusal_reason": "no_capacity"})

    assert (answer.json()["status"], answer.json()["refusal_reason"]) == ("refused_by_partner", "no_capacity")
    for name, said in (("take-up", {}), ("acknowledge", {}), ("refuse", {"refusal_reason": "other"})):
        refused(await partner.post(act(sent, name), json=said), 409, "orientation_closed_to_answers")


async def test_an_answer_out_of_turn_is_told_so(house: House) -> None:
    sent = await house.sent_orientation()
    partner = await house("partner")
    outcome = {"outcome_code": "need_met"}
    refused(await partner.post(act(sent, "outcome"), json=outcome), 409, "orientation_not_taken_up")
    await partner.post(act(sent, "take-up"))

    refused(await partner.post(act(sent, "take-up")), 409, "orientation_already_taken_up")
    refused(await partner.post(act(sent, "acknowledge")), 409, "orientation_already_acknowledged")
    refused(
        await partner.post(act(sent, "refuse"), json={"refusal_reason": "other"}), 409, "orientation_already_taken_up"
    )
    late = await partner.post(act(sent, "outcome"), json=outcome | {"outcome_on": day(2)})
    assert faults(late) == {"/outcome_on": "day_in_the_future"}
    early = await partner.post(act(sent, "outcome"), json=outcome | {"outcome_on": day(-2)})
    assert faults(early) == {"/outcome_on": "day_before_the_transmission"}


async def test_once_closed_by_the_post_the_partner_reads_no_content_and_answers_no_more(house: House) -> None:
    sent = await house.sent_orientation()
    worker, partner = await house("worker"), await house("partner")
    closed = (await worker.post(act(sent, "close"))).json()

    assert (closed["status"], closed["closed_on"]) == ("no_feedback", day(0))
    read = (await partner.get(f"/v1/orientations/{sent['id']}")).json()
    assert (read["status"], read["content"]) == ("no_feedback", None)
    refused(await partner.post(act(sent, "take-up")), 409, "orientation_closed_to_answers")
    refused(await worker.post(act(sent, "close")), 409, "orientation_is_no_feedback")


async def test_closing_the_exchange_of_a_person_taken_up_keeps_what_the_partner_said(house: House) -> None:
    sent = await house.sent_orientation()
    worker, partner = await house("worker"), await house("partner")
    await partner.post(act(sent, "take-up"))

    closed = (await worker.post(act(sent, "close"))).json()

    assert (closed["status"], closed["closed_on"]) == ("taken_up", None)
    assert closed["exchange_closed_at"] is not None
    refused(await worker.post(act(sent, "close")), 409, "orientation_closed")


async def test_the_end_of_her_posting_closes_the_partner_person_out_at_once(
    house: House, superuser: asyncpg.Connection
) -> None:
    sent = await house.sent_orientation()
    partner = await house("partner")
    assert (await partner.get(f"/v1/orientations/{sent['id']}")).status_code == 200

    await superuser.execute(
        "update accounts.posting set ends_on = current_date - 1 where account_id = $1", house.ids["partner"]
    )

    refused(await partner.get(f"/v1/orientations/{sent['id']}"), 404, "not_found")


async def test_on_the_agreement_of_the_person_only_what_she_agreed_to_leaves(house: House) -> None:
    orientation = await house.orientation(agreed=["first_name"])
    worker = await house("worker")
    said = {**SENT, "fields": ["first_name", "last_name"], "message": None}

    answer = await worker.post(act(orientation, "transmit"), json=said)

    assert faults(answer) == {"/fields/1": "field_not_agreed"}
    assert (await worker.get(f"/v1/orientations/{orientation['id']}")).json()["status"] == "agreed"
    assert (await worker.get("/v1/transmissions")).json()["items"] == []
    assert (await (await house("partner")).get("/v1/orientations")).json()["items"] == []


async def test_without_her_agreement_another_basis_is_needed(house: House) -> None:
    orientation = await house.orientation()
    worker = await house("worker")
    refused(await worker.post(act(orientation, "transmit"), json=SENT), 409, "orientation_not_agreed")

    shared = {**SENT, "legal_basis": "social_professionals_l121_6_2", "person_informed": "informed_after"}
    answer = await worker.post(act(orientation, "transmit"), json=shared)

    assert answer.json()["status"] == "transmitted", answer.text


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"fields": ["last_name", "notes"]}, "/fields/1", "unknown_code"),
        ({"fields": ["last_name", "interventions"]}, "/fields/1", "field_not_transmissible"),
        ({"fields": ["last_name"]}, "/message", "message_and_its_field_together"),
        ({"message": None}, "/message", "message_and_its_field_together"),
        ({"legal_basis": "226_14_3"}, "/legal_basis", "unknown_code"),
        ({"legal_basis": "judicial_requisition"}, "/legal_basis", "legal_basis_not_offered"),
        ({"legal_basis": "public_agent_art_40"}, "/legal_basis", "legal_basis_not_offered"),
        ({"person_informed": "no"}, "/person_informed", "unknown_code"),
        ({"recipient": "Mme Martin"}, "/recipient", "unknown_member"),
    ],
)
async def test_a_transmission_out_of_the_closed_lists_is_refused_and_nothing_is_half_written(
    house: House, said: dict[str, Any], place: str, code: str
) -> None:
    orientation = await house.orientation(agreed=[*AGREED, "phone"])
    worker = await house("worker")

    answer = await worker.post(act(orientation, "transmit"), json=SENT | said)

    assert answer.status_code == 422
    assert faults(answer) == {place: code}
    assert (await worker.get("/v1/transmissions")).json()["items"] == []
    assert (await worker.get(f"/v1/orientations/{orientation['id']}")).json()["status"] == "agreed"


async def test_a_person_may_decline_go_alone_or_agree_again_and_only_before_anything_left(house: House) -> None:
    worker = await house("worker")
    declined = await house.orientation(agreed=["last_name"])
    answer = (await worker.post(act(declined, "decline"), json={})).json()
    assert (answer["status"], answer["agreed_on"], answer["agreed_fields"]) == ("declined_by_person", None, [])
    refused(
        await worker.post(act(declined, "agree"), json={"agreed_fields": []}), 409, "orientation_is_declined_by_person"
    )

    alone = await house.orientation()
    answer = (await worker.post(act(alone, "self-refer"), json={"self_referred_on": day(0)})).json()
    assert (answer["status"], answer["self_referred_on"]) == ("self_referred_by_person", day(0))
    refused(await worker.post(act(alone, "transmit"), json=SENT), 409, "orientation_is_self_referred_by_person")

    again = await house.orientation(agreed=["last_name"])
    answer = (await worker.post(act(again, "agree"), json={"agreed_fields": ["phone"]})).json()
    assert answer["agreed_fields"] == ["phone"]

    sent = await house.sent_orientation()
    for name, said in (("decline", {}), ("self-refer", {}), ("agree", {"agreed_fields": []}), ("transmit", SENT)):
        refused(await worker.post(act(sent, name), json=said), 409, "orientation_is_transmitted")


async def test_an_orientation_names_at_least_a_category_and_a_service_of_its_partner(house: House) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    worker, path = await house("worker"), f"/v1/participations/{participation}/orientations"

    category = await worker.post(path, json={"partner_category": "mental_health_service"})
    assert (category.status_code, category.json()["partner_id"]) == (201, None)
    refused(await worker.post(act(category.json(), "transmit"), json=SENT), 409, "orientation_names_no_partner")
    assert faults(await worker.post(path, json={})) == {"/partner_category": "missing"}
    crossed = {"partner_id": str(house.ids["association"]), "service_id": str(house.ids["ccas_service"])}
    refused(await worker.post(path, json=crossed), 422, "partner_service_unknown")
    refused(await worker.post(path, json={"partner_id": UNKNOWN}), 422, "partner_unknown")
    refused(await worker.post(path, json={"service_id": UNKNOWN}), 422, "partner_service_unknown")
    assert faults(await worker.post(path, json={"partner_category": "ccas_cias", "proposed_on": day(2)})) == {
        "/proposed_on": "day_in_the_future"
    }
    listed = (await worker.get(path)).json()["items"]
    assert [each["id"] for each in listed] == [category.json()["id"]]


async def test_several_orientations_for_one_person_and_each_is_corrected_before_it_leaves(house: House) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    first = await house.orientation(participation_id=participation)
    second = await house.orientation(participation_id=participation, service_id=None, partner_category="caf_msa")
    worker = await house("worker")

    moved = await patch(worker, f"/v1/orientations/{first['id']}", {"partner_id": str(house.ids["association"])})
    assert (moved.json()["partner_category"], moved.json()["service_id"]) == ("violence_specialised", None)
    emptied = await patch(worker, f"/v1/orientations/{first['id']}", {"partner_id": None})
    assert (emptied.json()["partner_category"], emptied.json()["partner_id"]) == ("violence_specialised", None)
    assert second["partner_category"] == "caf_msa"
    sent = await house.sent_orientation(participation_id=participation)
    refused(
        await patch(worker, f"/v1/orientations/{sent['id']}", {"need_type": "housing"}),
        409,
        "orientation_is_transmitted",
    )


async def test_agreeing_to_one_partner_is_not_agreeing_to_another(house: House) -> None:
    orientation = await house.orientation(agreed=AGREED)
    worker, address = await house("worker"), f"/v1/orientations/{orientation['id']}"
    same = (
        await patch(worker, address, {"partner_id": str(house.ids["ccas"]), "service_id": orientation["service_id"]})
    ).json()
    assert (same["status"], same["agreed_fields"]) == ("agreed", AGREED)

    moved = (await patch(worker, address, {"partner_id": str(house.ids["association"])})).json()

    assert (moved["status"], moved["agreed_on"], moved["agreed_fields"]) == ("proposed", None, [])
    refused(await worker.post(act(orientation, "transmit"), json=SENT), 409, "orientation_not_agreed")
    assert (await (await house("partner_elsewhere")).get("/v1/orientations")).json()["items"] == []


async def test_agreeing_for_one_need_is_not_agreeing_for_another(house: House) -> None:
    orientation = await house.orientation(agreed=AGREED)
    other = await patch(await house("worker"), f"/v1/orientations/{orientation['id']}", {"need_type": "addiction_care"})

    assert (other.json()["status"], other.json()["agreed_fields"]) == ("proposed", [])


async def test_agreeing_to_one_kind_of_partner_is_not_agreeing_to_another(house: House) -> None:
    worker = await house("worker")
    category = {"service_id": None, "partner_category": "ccas_cias"}
    somewhere = await house.orientation(agreed=AGREED, **category)
    other = await patch(worker, f"/v1/orientations/{somewhere['id']}", {"partner_category": "perpetrator_programme"})

    # The partner that she named has become something else, and the worker says it again.
    orientation = await house.orientation(agreed=AGREED)
    await patch(worker, f"/v1/partners/{house.ids['ccas']}", {"partner_category": "perpetrator_programme"})
    again = await patch(worker, f"/v1/orientations/{orientation['id']}", {"partner_id": str(house.ids["ccas"])})

    for moved in (other.json(), again.json()):
        assert moved["partner_category"] == "perpetrator_programme"
        assert (moved["status"], moved["agreed_on"], moved["agreed_fields"]) == ("proposed", None, [])
    refused(await worker.post(act(orientation, "transmit"), json=SENT), 409, "orientation_not_agreed")


async def test_a_partner_that_has_become_something_else_is_told_nothing(house: House) -> None:
    orientation = await house.orientation(agreed=AGREED)
    worker = await house("worker")
    await patch(worker, f"/v1/partners/{house.ids['ccas']}", {"partner_category": "police_gendarmerie"})

    refused(await worker.post(act(orientation, "transmit"), json=SENT), 409, "partner_has_changed")


@pytest.mark.parametrize("category", ["police_gendarmerie", "prosecutor", "family_judge_court"])
async def test_nothing_about_the_person_is_transmitted_to_the_police_nor_to_a_judge(
    house: House, category: str
) -> None:
    worker = await house("worker")
    said = {"name": "Un autre", "partner_category": category, "address_confidential": False}
    partner = (await worker.post("/v1/partners", json=said)).json()
    orientation = await house.orientation(agreed=AGREED, service_id=None, partner_id=partner["id"])

    refused(await worker.post(act(orientation, "transmit"), json=SENT), 422, "partner_receives_no_content")
    bare = {**SENT, "fields": [], "message": None}
    assert (await worker.post(act(orientation, "transmit"), json=bare)).json()["status"] == "transmitted"


async def test_a_safe_address_is_never_told_where_the_other_party_is_received(house: House) -> None:
    worker = await house("worker")
    said = {"name": "Groupe", "partner_category": "perpetrator_programme", "address_confidential": False}
    partner = (await worker.post("/v1/partners", json=said)).json()
    fields = ["first_name", "safe_contact"]
    orientation = await house.orientation(agreed=fields, service_id=None, partner_id=partner["id"])

    answer = await worker.post(act(orientation, "transmit"), json={**SENT, "fields": fields, "message": None})

    assert faults(answer) == {"/fields/1": "field_not_transmissible"}
    basis = {**SENT, "fields": ["first_name"], "message": None, "legal_basis": "social_professionals_l121_6_2"}
    assert faults(await worker.post(act(orientation, "transmit"), json=basis)) == {
        "/legal_basis": "legal_basis_not_offered"
    }


async def test_a_partner_that_refuses_no_longer_reads_what_it_was_told(house: House) -> None:
    sent = await house.sent_orientation()
    partner = await house("partner")
    await partner.post(act(sent, "refuse"), json={"refusal_reason": "out_of_area"})

    assert (await partner.get(f"/v1/orientations/{sent['id']}")).json()["content"] is None


async def test_family_mediation_is_never_proposed_where_the_couple_is_violent(house: House) -> None:
    situation = await house.situation(main_problem="partner_violence")
    worker = await house("worker")
    path = f"/v1/participations/{situation['participations'][0]['id']}/orientations"

    refused(await worker.post(path, json={"partner_category": "family_mediation_space"}), 409, "mediation_forbidden")
    by_need = {"partner_category": "other", "need_type": "family_mediation"}
    refused(await worker.post(path, json=by_need), 409, "mediation_forbidden")
    said = {"name": "Médiation", "partner_category": "family_mediation_space", "address_confidential": False}
    partner = (await worker.post("/v1/partners", json=said)).json()
    disguised = {"partner_id": partner["id"], "partner_category": "ccas_cias"}
    assert faults(await worker.post(path, json=disguised)) == {"/partner_category": "category_of_the_partner_expected"}
    service = {"name": "Médiation", "description": "a", "needs": ["family_mediation"], "areas": ["departement:28"]}
    offered = (await worker.post(f"/v1/partners/{house.ids['ccas']}/services", json=service)).json()
    refused(await worker.post(path, json={"service_id": offered["id"]}), 409, "mediation_forbidden")


async def test_violence_known_later_or_as_another_problem_stops_the_mediation_too(house: House) -> None:
    situation = await house.situation()
    participation, worker = situation["participations"][0]["id"], await house("worker")
    said = {"name": "Médiation", "partner_category": "family_mediation_space", "address_confidential": False}
    partner = (await worker.post("/v1/partners", json=said)).json()
    where = {"participation_id": participation, "service_id": None, "partner_id": partner["id"], "need_type": None}
    proposed, agreed = await house.orientation(**where), await house.orientation(agreed=AGREED, **where)

    await patch(worker, f"/v1/situations/{situation['id']}", {"secondary_problems": ["partner_violence_physical"]})

    late = await worker.post(act(proposed, "agree"), json={"agreed_fields": []})
    refused(late, 409, "mediation_forbidden")
    refused(await worker.post(act(agreed, "transmit"), json=SENT), 409, "mediation_forbidden")


async def test_a_closed_situation_directs_nobody_any_more_but_the_answer_still_comes(house: House) -> None:
    situation = await house.situation()
    participation = situation["participations"][0]["id"]
    sent = await house.sent_orientation(participation_id=participation)
    waiting = await house.orientation(participation_id=participation, agreed=AGREED)
    worker = await house("worker")
    await worker.post(f"/v1/situations/{situation['id']}/close", json={"closure_reason": "relay_effective"})

    path = f"/v1/participations/{participation}/orientations"
    refused(await worker.post(path, json={"partner_category": "other"}), 409, "situation_closed")
    refused(await worker.post(act(waiting, "transmit"), json=SENT), 409, "situation_closed")
    assert (await (await house("partner")).post(act(sent, "take-up"))).status_code == 200


async def test_the_safe_contact_leaves_only_when_it_is_named(house: House) -> None:
    participation = (await house.situation())["participations"][0]["id"]
    worker = await house("worker")
    await worker.put(
        f"/v1/participations/{participation}/safe-contact",
        json={"address": "chez sa mère", "phone": "+33639980002"},
        headers={"If-None-Match": "*"},
    )
    fields = ["first_name", "safe_contact", "needs", "birth_date"]
    orientation = await house.orientation(participation_id=participation, agreed=fields)
    said = {**SENT, "fields": fields, "message": None}
    assert (await worker.post(act(orientation, "transmit"), json=said)).status_code == 200

    content = (await (await house("partner")).get(f"/v1/orientations/{orientation['id']}")).json()["content"]

    assert content["safe_contact"]["address"] == "chez sa mère"
    assert (content["birth_date"], content["needs"]) == (None, None)
    without = await house.sent_orientation(participation_id=participation)
    read = await (await house("partner")).get(f"/v1/orientations/{without['id']}")
    assert "mère" not in read.text


async def test_what_was_sent_stays_as_sent_when_the_file_changes(house: House) -> None:
    situation = await house.situation()
    person = situation["participations"][0]["person"]["id"]
    sent = await house.sent_orientation(participation_id=situation["participations"][0]["id"])
    worker = await house("worker")
    await patch(worker, f"/v1/persons/{person}", {"last_name": "Grand"})

    at_partner = (await (await house("partner")).get(f"/v1/orientations/{sent['id']}")).json()["content"]
    kept = (await worker.get(f"/v1/transmissions/{sent['transmission_id']}/content")).json()

    assert at_partner["last_name"] == kept["fields"]["last_name"] == "Petit"


async def test_what_is_sent_lies_sealed_on_both_sides(house: House, superuser: asyncpg.Connection) -> None:
    await house.sent_orientation()
    for table in ("exchange.orientation_content", "confidential.transmission_content"):
        sealed = await superuser.fetchval(f"select sealed from {table}")
        assert b"Petit" not in sealed
        assert b"Relogement" not in sealed
    # Moved to another row, it opens no more.
    other = await house.sent_orientation()
    await superuser.execute(
        "update exchange.orientation_content set sealed ="
        " (select sealed from exchange.orientation_content where orientation_id <> $1) where orientation_id = $1",
        other["id"],
    )
    broken = await (await house("partner")).get(f"/v1/orientations/{other['id']}")
    refused(broken, 500, "note_cannot_be_read")
