"""One person in one situation: her status, her needs, and nothing of the other party's."""

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, delete, interview, patch, refused, someone


async def one(house: House, **said: object) -> str:
    """The participation of a situation just opened."""
    participation: str = (await house.situation(**said))["participations"][0]["id"]
    return participation


async def test_a_participation_shows_the_person_her_status_and_her_needs(house: House) -> None:
    worker, situation = await house("worker"), await house.situation()
    participation = situation["participations"][0]
    need = await worker.post(f"/v1/participations/{participation['id']}/needs", json={"need_type": "housing"})

    shown = (await worker.get(f"/v1/participations/{participation['id']}")).json()

    assert shown == {**participation, "situation_id": situation["id"], "needs": [need.json()]}


async def test_a_status_is_corrected_and_a_day_to_come_is_refused(house: House) -> None:
    worker, address = await house("worker"), f"/v1/participations/{await one(house)}"
    said = {"person_status": "exposed_child", "known_to_social_services": "known_same_reason"}
    corrected = await patch(worker, address, said)
    assert corrected.json().items() >= said.items()
    refused(await patch(worker, address, {"joined_on": day(2)}), 422, "invalid_request", "/joined_on")
    refused(await patch(worker, address, {"person_status": None}), 422, "invalid_request", "/person_status")


async def test_a_need_is_assessed_once_met_then_unmet_and_taken_back(house: House) -> None:
    worker, needs = await house("worker"), f"/v1/participations/{await one(house)}/needs"

    assessed = await worker.post(needs, json={"need_type": "housing", "assessed_on": day(-3)})
    assert assessed.status_code == 201
    address = assessed.headers["location"]
    assert (await worker.get(address)).json() == assessed.json()
    refused(await worker.post(needs, json={"need_type": "housing"}), 409, "need_already_assessed")
    assert (await patch(worker, address, {"met_on": day(-1)})).json()["met_on"] == day(-1)
    refused(await patch(worker, address, {"met_on": day(-5)}), 422, "need_met_before_it_is_assessed")
    refused(await patch(worker, address, {"met_on": day(2)}), 422, "invalid_request", "/met_on")
    assert (await patch(worker, address, {"met_on": None})).json()["met_on"] is None
    assert (await delete(worker, address)).status_code == 204
    refused(await worker.get(address), 404, "not_found")
    assert (await worker.get(needs)).json()["items"] == []
    assert (await worker.post(needs, json={"need_type": "housing"})).status_code == 201


async def test_no_need_is_assessed_in_the_future_nor_in_a_closed_situation(house: House) -> None:
    worker, situation = await house("worker"), await house.situation()
    needs = f"/v1/participations/{situation['participations'][0]['id']}/needs"
    later = {"need_type": "housing", "assessed_on": day(2)}
    refused(await worker.post(needs, json=later), 422, "invalid_request", "/assessed_on")
    await worker.post(f"/v1/situations/{situation['id']}/close", json={"closure_reason": "need_met"})
    refused(await worker.post(needs, json={"need_type": "housing"}), 409, "situation_closed")


async def test_family_mediation_is_never_proposed_where_the_couple_is_violent(house: House) -> None:
    worker, mediation = await house("worker"), {"need_type": "family_mediation"}
    violent = await one(house, main_problem="partner_violence_physical")
    refused(await worker.post(f"/v1/participations/{violent}/needs", json=mediation), 409, "mediation_forbidden")
    quiet = await one(house, main_problem="neighbour_conflict")
    assert (await worker.post(f"/v1/participations/{quiet}/needs", json=mediation)).status_code == 201


async def test_nothing_written_for_the_victim_shows_on_the_side_of_the_accused(house: House) -> None:
    worker = await house("worker")
    both = [someone("Petit"), someone("Grand", person_status="alleged_perpetrator")]
    situation = await house.situation(participations=both)
    victim, accused = (each["id"] for each in situation["participations"])

    await house.note(victim, "Elle part vendredi.")
    await worker.post(f"/v1/participations/{victim}/needs", json={"need_type": "emergency_accommodation"})
    await worker.put(
        f"/v1/participations/{victim}/safe-contact",
        json={"address": "12 rue des Lilas"},
        headers={"If-None-Match": "*"},
    )
    await worker.post("/v1/interventions", json=interview(victim))

    assert (await worker.get(f"/v1/participations/{accused}/notes")).json()["items"] == []
    assert (await worker.get(f"/v1/participations/{accused}/needs")).json()["items"] == []
    refused(await worker.get(f"/v1/participations/{accused}/safe-contact"), 404, "not_found")
    assert (await worker.get(f"/v1/interventions?participation_id={accused}")).json()["items"] == []
    shown = (await worker.get(f"/v1/participations/{accused}")).text
    assert not any(word in shown for word in ("Petit", victim, "emergency", "Lilas", "vendredi"))
    assert (await worker.get(f"/v1/participations/{victim}/notes")).json()["items"] != []


async def test_another_post_finds_no_participation_and_no_need(house: House) -> None:
    participation = await one(house)
    need = await (await house("worker")).post(f"/v1/participations/{participation}/needs", json={"need_type": "other"})
    elsewhere = await house("worker_elsewhere")
    for answer in (
        await elsewhere.get(f"/v1/participations/{participation}"),
        await elsewhere.get(f"/v1/participations/{participation}/needs"),
        await elsewhere.post(f"/v1/participations/{participation}/needs", json={"need_type": "other"}),
        await patch(elsewhere, f"/v1/participations/{participation}", {"person_status": "witness"}, seen="*"),
        await elsewhere.get(need.headers["location"]),
        await patch(elsewhere, need.headers["location"], {"met_on": day(0)}, seen="*"),
        await elsewhere.delete(need.headers["location"], headers={"If-Match": "*"}),
        await elsewhere.get(f"/v1/participations/{UNKNOWN}"),
    ):
        refused(answer, 404, "not_found")
