"""Situations: opened in one call, followed, suspended, closed, reopened; each post keeps its own."""

from typing import Any

import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, interview, patch, refused, someone


async def active(house: House) -> str:
    """The address of a situation whose first interview was held."""
    situation = await house.situation()
    held = interview(situation["participations"][0]["id"])
    assert (await (await house("worker")).post("/v1/interventions", json=held)).status_code == 201
    return f"/v1/situations/{situation['id']}"


async def test_one_call_opens_a_situation_with_its_persons_and_their_statuses(house: House) -> None:
    worker = await house("worker")
    draft = {
        "referral_source": "self_referral", "main_problem": "partner_violence", "urgency": "immediate",
        "penal_context": "penal", "secondary_problems": ["housing", "addiction_alcohol"],
        "unit_id": str(house.ids["south"]),
        "participations": [someone("Petit"), someone("Grand", person_status="alleged_perpetrator")],
    }  # fmt: skip

    opened = await worker.post("/v1/situations", json=draft)

    assert opened.status_code == 201
    situation = opened.json()
    assert opened.headers["location"] == f"/v1/situations/{situation['id']}"
    assert (situation["status"], situation["opened_on"]) == ("open", situation["recorded_at"][:10])
    persons = [(each["person"]["last_name"], each["person_status"]) for each in situation["participations"]]
    assert persons == [("Petit", "victim"), ("Grand", "alleged_perpetrator")]
    read = await worker.get(opened.headers["location"])
    assert (read.json(), read.headers["etag"]) == (situation, opened.headers["etag"])
    listed = await worker.get(f"/v1/situations/{situation['id']}/participations")
    assert listed.json()["items"] == situation["participations"]


async def test_a_situation_can_be_opened_from_a_referral_that_it_thereby_accepts(house: House) -> None:
    referral = await house.referral()
    worker = await house("worker")

    opened = await worker.post("/v1/situations", json={"referral_id": referral["id"], "urgency": "standard"})

    assert opened.status_code == 201
    assert (opened.json()["referral_id"], opened.json()["urgency"]) == (referral["id"], "standard")
    assert opened.json()["participations"][0]["person"]["last_name"] == "Bolieu"
    assert (await worker.get(f"/v1/referrals/{referral['id']}")).json()["status"] == "accepted"
    again = await worker.post("/v1/situations", json={"referral_id": referral["id"]})
    refused(again, 409, "referral_already_decided")


async def test_without_a_referral_an_intake_says_where_it_comes_from_and_for_whom(house: House) -> None:
    worker = await house("worker")
    refused(await worker.post("/v1/situations", json={}), 422, "invalid_request", "/referral_source", "/participations")
    nobody = await worker.post("/v1/situations", json={"referral_source": "self_referral"})
    refused(nobody, 422, "invalid_request", "/participations")


@pytest.mark.parametrize(
    ("participation", "place", "code"),
    [
        (someone(person_id=UNKNOWN), "/participations/0/person", "person_or_person_id"),
        (someone(person=None), "/participations/0/person", "person_or_person_id"),
        (someone(person=None, person_id=UNKNOWN), "/participations/0/person_id", "person_expected"),
        (someone(person_status="neighbour"), "/participations/0/person_status", "unknown_code"),
        (
            someone(person={"sex": "female", "birth_date": "1990-01-01"}),
            "/participations/0/person/birth_date_precision",
            "birth_date_and_precision_together",
        ),
        (
            someone(person={"sex": "female", "birth_date": day(2), "birth_date_precision": "day"}),
            "/participations/0/person/birth_date",
            "birth_date_in_the_future",
        ),
    ],
)
async def test_a_fault_about_one_person_of_an_intake_points_at_that_person(
    house: House, participation: dict[str, Any], place: str, code: str
) -> None:
    draft = {"referral_source": "self_referral", "participations": [participation]}
    answer = await (await house("worker")).post("/v1/situations", json=draft)
    assert faults(answer) == {place: code}
    assert (await (await house("worker")).get("/v1/persons")).json()["items"] == []


async def test_a_person_takes_part_once_in_a_situation(house: House) -> None:
    situation = await house.situation()
    known = situation["participations"][0]["person"]["id"]
    again = someone(person=None, person_id=known)
    worker = await house("worker")
    answer = await worker.post(f"/v1/situations/{situation['id']}/participations", json=again)
    refused(answer, 409, "person_already_in_situation")
    twice = {"referral_source": "self_referral", "participations": [again, again]}
    refused(await worker.post("/v1/situations", json=twice), 409, "person_already_in_situation")


async def test_an_unknown_unit_or_site_is_refused_with_a_sentence_that_says_which(house: House) -> None:
    worker = await house("worker")
    situation = await house.situation()
    for name, code in (("unit_id", "unit_unknown"), ("site_id", "site_unknown")):
        draft = {"referral_source": "self_referral", "participations": [someone()], name: UNKNOWN}
        refused(await worker.post("/v1/situations", json=draft), 422, code)
        refused(await patch(worker, f"/v1/situations/{situation['id']}", {name: UNKNOWN}), 422, code)


async def test_a_situation_does_not_open_nor_close_in_the_future(house: House) -> None:
    worker = await house("worker")
    draft = {"referral_source": "self_referral", "participations": [someone()], "opened_on": day(2)}
    refused(await worker.post("/v1/situations", json=draft), 422, "invalid_request", "/opened_on")
    address = await active(house)
    refused(await patch(worker, address, {"opened_on": day(2)}), 422, "invalid_request", "/opened_on")
    late = {"closure_reason": "need_met", "closed_on": day(2)}
    refused(await worker.post(f"{address}/close", json=late), 422, "invalid_request", "/closed_on")
    suspended = await worker.post(f"{address}/suspend", json={"suspended_on": day(2)})
    refused(suspended, 422, "invalid_request", "/suspended_on")


async def test_an_active_situation_is_suspended_then_resumed(house: House) -> None:
    worker, address = await house("worker"), await active(house)

    suspended = await worker.post(f"{address}/suspend", json={"suspended_on": day(0)})
    assert (suspended.json()["status"], suspended.json()["suspended_on"]) == ("suspended", day(0))
    refused(await worker.post(f"{address}/suspend", json={}), 409, "situation_already_suspended")
    resumed = await worker.post(f"{address}/resume")
    assert (resumed.json()["status"], resumed.json()["suspended_on"]) == ("active", None)
    refused(await worker.post(f"{address}/resume"), 409, "situation_not_suspended")


async def test_a_situation_that_is_not_active_is_not_suspended(house: House) -> None:
    situation = await house.situation()
    answer = await (await house("worker")).post(f"/v1/situations/{situation['id']}/suspend", json={})
    refused(answer, 409, "situation_not_active")


async def test_a_situation_closes_with_a_reason_and_reopens_active(house: House) -> None:
    worker, address = await house("worker"), await active(house)
    refused(await worker.post(f"{address}/close", json={}), 422, "invalid_request", "/closure_reason")
    refused(await worker.post(f"{address}/reopen"), 409, "situation_not_closed")

    closed = await worker.post(f"{address}/close", json={"closure_reason": "relay_effective"})
    assert {name: closed.json()[name] for name in ("status", "closed_on", "closure_reason")} == {
        "status": "closed", "closed_on": day(0), "closure_reason": "relay_effective",
    }  # fmt: skip
    refused(await worker.post(f"{address}/close", json={"closure_reason": "need_met"}), 409, "situation_closed")
    refused(await worker.post(f"{address}/suspend", json={}), 409, "situation_not_active")
    reopened = (await worker.post(f"{address}/reopen")).json()
    assert (reopened["status"], reopened["closed_on"], reopened["closure_reason"]) == ("active", None, None)


async def test_a_suspended_situation_can_be_closed(house: House) -> None:
    worker, address = await house("worker"), await active(house)
    await worker.post(f"{address}/suspend", json={})
    closed = await worker.post(f"{address}/close", json={"closure_reason": "unreachable"})
    assert (closed.json()["status"], closed.json()["suspended_on"]) == ("closed", None)


async def test_a_situation_never_closes_before_it_opens(house: House) -> None:
    worker = await house("worker")
    address = f"/v1/situations/{(await house.situation(opened_on=day(-3)))['id']}"
    early = {"closure_reason": "need_met", "closed_on": day(-4)}
    refused(await worker.post(f"{address}/close", json=early), 422, "situation_closes_before_it_opens", "/closed_on")
    await worker.post(f"{address}/close", json={"closure_reason": "need_met", "closed_on": day(-2)})
    refused(await patch(worker, address, {"opened_on": day(-1)}), 422, "situation_closes_before_it_opens")


async def test_nobody_joins_a_closed_situation(house: House) -> None:
    worker, situation = await house("worker"), await house.situation()
    address = f"/v1/situations/{situation['id']}"
    joined = await worker.post(f"{address}/participations", json=someone("Grand"))
    assert (joined.status_code, joined.json()["person"]["last_name"]) == (201, "Grand")
    await worker.post(f"{address}/close", json={"closure_reason": "need_met"})
    refused(await worker.post(f"{address}/participations", json=someone("Tard")), 409, "situation_closed")


async def test_the_colleague_of_the_post_follows_the_situation_and_another_post_finds_nothing(house: House) -> None:
    situation = await house.situation()
    address = f"/v1/situations/{situation['id']}"
    colleague, elsewhere = await house("colleague"), await house("worker_elsewhere")

    assert (await colleague.get(address)).json() == situation
    for answer in (
        await elsewhere.get(address),
        await elsewhere.get(f"{address}/participations"),
        await elsewhere.post(f"{address}/participations", json=someone()),
        await elsewhere.post(f"{address}/close", json={"closure_reason": "need_met"}),
        await elsewhere.post(f"{address}/suspend", json={}),
        await elsewhere.post(f"{address}/reopen"),
        await patch(elsewhere, address, {"urgency": "urgent"}, seen="*"),
    ):
        refused(answer, 404, "not_found")
    assert (await elsewhere.get("/v1/situations")).json()["items"] == []


async def test_a_correction_changes_what_it_names_and_null_clears(house: House) -> None:
    worker, situation = await house("worker"), await house.situation(urgency="urgent", main_problem="housing")
    address = f"/v1/situations/{situation['id']}"

    corrected = await patch(worker, address, {"urgency": None, "secondary_problems": ["housing_eviction"]})

    assert corrected.json() == {**situation, "urgency": None, "secondary_problems": ["housing_eviction"]}
    assert corrected.headers["etag"] == (await worker.get(address)).headers["etag"]
    refused(await patch(worker, address, {"referral_source": None}), 422, "invalid_request", "/referral_source")
    refused(await patch(worker, address, {"status": "closed"}), 422, "invalid_request", "/status")
    assert (await patch(worker, address, {})).json() == corrected.json()


async def test_the_list_keeps_to_one_state_and_refuses_a_state_that_does_not_exist(house: House) -> None:
    worker, opened = await house("worker"), await house.situation()
    address = await active(house)

    async def listed(status: str) -> list[str]:
        return [item["id"] for item in (await worker.get(f"/v1/situations?status={status}")).json()["items"]]

    assert await listed("open") == [opened["id"]]
    assert await listed("active") == [address.rpartition("/")[2]]
    assert await listed("closed") == []
    refused(await worker.get("/v1/situations?status=ouverte"), 422, "invalid_request", "status")


@pytest.mark.parametrize("act", ["resume", "reopen"])
async def test_an_act_that_needs_no_word_refuses_words_that_it_would_ignore(house: House, act: str) -> None:
    situation = await house.situation()
    answer = await (await house("worker")).post(f"/v1/situations/{situation['id']}/{act}", json={"on": day(0)})
    refused(answer, 422, "invalid_request", "/on")
