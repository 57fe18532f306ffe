"""Referrals: what the unit sends, what the worker decides, and the one code that goes back."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, faults, refused

TYPED = {
    "last_name": "Bolieu", "first_name": "Kévin", "birth_date": "1990-05-01", "birth_date_precision": "day",
    "sex": "male", "phone": "06 39 98 00 01", "municipality": "Chartres", "person_status": "victim",
    "safe_contact_hint": "le matin", "document_type": "complaint", "document_number": "2026/117",
    "facts": "Plainte ce matin.\nPas d'enfant.", "urgency": "urgent", "contact_consent": "given_to_officer",
    "danger_grid_positive": True,
}  # fmt: skip


async def test_an_officer_sends_a_person_in_the_name_of_the_only_unit_of_the_posting(house: House) -> None:
    sent = await (await house("officer")).post("/v1/referrals", json=TYPED)

    assert sent.status_code == 201
    shown = sent.json()
    expected = {**TYPED, "phone": "+33639980001", "unit_id": str(house.ids["north"])}
    assert {name: shown[name] for name in expected} == expected
    assert sent.headers["location"] == f"/v1/referrals/{shown['id']}"
    read = await (await house("officer")).get(sent.headers["location"])
    assert (read.json(), read.headers["etag"]) == (shown, sent.headers["etag"])


async def test_four_answers_are_mandatory_and_each_one_missing_is_named(house: House) -> None:
    answer = await (await house("officer")).post("/v1/referrals", json={})
    refused(
        answer, 422, "invalid_request",
        "/last_name", "/person_status", "/document_type", "/urgency", "/contact_consent",
    )  # fmt: skip
    assert set(faults(answer).values()) == {"missing"}


async def test_a_birth_date_goes_with_its_precision(house: House) -> None:
    officer = await house("officer")
    for said in ({"birth_date_precision": None}, {"birth_date": None}):
        answer = await officer.post("/v1/referrals", json={**TYPED, **said})
        refused(answer, 422, "invalid_request", "/birth_date_precision")
        assert faults(answer) == {"/birth_date_precision": "birth_date_and_precision_together"}


async def test_an_officer_cannot_speak_for_a_unit_of_others(house: House) -> None:
    for unit in (str(house.ids["faraway"]), UNKNOWN):
        answer = await (await house("officer")).post("/v1/referrals", json={**TYPED, "unit_id": unit})
        refused(answer, 422, "invalid_request", "/unit_id")


async def test_the_unit_shares_its_referrals_and_another_unit_finds_nothing(house: House) -> None:
    referral = await house.referral()
    address = f"/v1/referrals/{referral['id']}"

    same, elsewhere = await house("officer_same_unit"), await house("officer_elsewhere")
    assert (await same.get(address)).json() == referral
    assert [item["id"] for item in (await same.get("/v1/referrals")).json()["items"]] == [referral["id"]]
    refused(await elsewhere.get(address), 404, "not_found")
    refused(await elsewhere.post(f"{address}/withdraw"), 404, "not_found")
    assert (await elsewhere.get("/v1/referrals")).json()["items"] == []


@pytest.mark.parametrize("who", ["commander", "coordinator", "administrator", "dpo", "observatory"])
async def test_neither_the_command_nor_anyone_else_reads_a_referral(house: House, who: str) -> None:
    referral = await house.referral()
    refused(await (await house(who)).get(f"/v1/referrals/{referral['id']}"), 403, "forbidden")
    refused(await (await house(who)).get("/v1/referrals"), 403, "forbidden")


async def test_a_worker_sends_no_referral_and_an_officer_decides_none(house: House) -> None:
    referral = await house.referral()
    refused(await (await house("worker")).post("/v1/referrals", json=TYPED), 403, "forbidden")
    for act, said in (("accept", {}), ("reject", {}), ("feedback", {"feedback_code": "received"})):
        answer = await (await house("officer")).post(f"/v1/referrals/{referral['id']}/{act}", json=said)
        refused(answer, 403, "forbidden")


async def test_the_workers_whose_post_serves_the_unit_see_what_waits_for_a_decision(house: House) -> None:
    first, second = await house.referral(), await house.referral(last_name="Durand")
    worker = await house("worker")
    assert (await worker.post(f"/v1/referrals/{first['id']}/reject", json={})).status_code == 200

    async def listed(who: str, query: str = "") -> list[str]:
        return [item["id"] for item in (await (await house(who)).get(f"/v1/referrals{query}")).json()["items"]]

    assert await listed("colleague") == [second["id"], first["id"]]
    assert await listed("worker", "?waiting=true") == [second["id"]]
    assert await listed("worker", "?waiting=false") == [first["id"]]
    assert await listed("worker_elsewhere") == []


async def test_what_waits_is_the_workers_question_and_the_unit_is_told_so(house: House) -> None:
    await house.referral()
    answer = await (await house("officer")).get("/v1/referrals?waiting=true")
    refused(answer, 422, "unknown_parameter", "waiting")


async def test_accepting_opens_a_situation_with_the_person_as_the_unit_typed_it(house: House) -> None:
    referral = await house.referral(**TYPED)
    worker = await house("worker")

    accepted = await worker.post(f"/v1/referrals/{referral['id']}/accept", json={})

    assert accepted.status_code == 201
    situation = accepted.json()
    assert accepted.headers["location"] == f"/v1/situations/{situation['id']}"
    assert {name: situation[name] for name in ("referral_id", "referral_source", "status", "urgency", "unit_id")} == {
        "referral_id": referral["id"], "referral_source": "police_unit", "status": "open", "urgency": "urgent",
        "unit_id": referral["unit_id"],
    }  # fmt: skip
    (participation,) = situation["participations"]
    assert participation["contact_consent"] == "given_to_officer"
    person = (await worker.get(f"/v1/persons/{participation['person']['id']}")).json()
    copied = ("last_name", "first_name", "birth_date", "birth_date_precision", "sex", "phone", "municipality")
    assert {name: person[name] for name in copied} == {name: referral[name] for name in copied}
    decided = (await worker.get(f"/v1/referrals/{referral['id']}")).json()
    assert (decided["status"], decided["situation_id"]) == ("accepted", situation["id"])


async def test_a_referral_of_a_gendarmerie_unit_opens_a_situation_that_says_so(house: House) -> None:
    referral = await house.referral(by="officer_elsewhere")
    accepted = await (await house("worker_elsewhere")).post(f"/v1/referrals/{referral['id']}/accept", json={})
    assert accepted.json()["referral_source"] == "gendarmerie_unit"


async def test_accepting_for_a_person_already_known_makes_no_second_file(house: House) -> None:
    worker = await house("worker")
    known = (await house.situation())["participations"][0]["person"]["id"]
    referral = await house.referral()

    accepted = await worker.post(f"/v1/referrals/{referral['id']}/accept", json={"person_id": known})

    assert [each["person"]["id"] for each in accepted.json()["participations"]] == [known]
    assert len((await worker.get("/v1/persons")).json()["items"]) == 1


async def test_accepting_for_a_person_of_another_post_is_refused_and_nothing_is_decided(house: House) -> None:
    stranger = (await house.situation(by="worker_elsewhere"))["participations"][0]["person"]["id"]
    referral = await house.referral()
    worker = await house("worker")

    for person_id in (stranger, UNKNOWN):
        answer = await worker.post(f"/v1/referrals/{referral['id']}/accept", json={"person_id": person_id})
        refused(answer, 422, "invalid_request", "/person_id")
    assert (await worker.get(f"/v1/referrals/{referral['id']}")).json()["status"] == "sent"


@pytest.mark.parametrize(
    ("act", "said", "status"),
    [("accept", {}, "accepted"), ("redirect", {"redirected_to": "CCAS de Dreux"}, "redirected"),
     ("reject", {}, "rejected_out_of_scope")],
)  # fmt: skip
async def test_a_referral_is_decided_once(house: House, act: str, said: dict[str, Any], status: str) -> None:
    referral = await house.referral()
    worker = await house("worker")
    assert (await worker.post(f"/v1/referrals/{referral['id']}/{act}", json=said)).status_code in (200, 201)

    shown = (await worker.get(f"/v1/referrals/{referral['id']}")).json()
    assert (shown["status"], shown["redirected_to"]) == (status, said.get("redirected_to"))
    assert shown["post_id"] == str(house.ids["shared_post"])
    for again in ("accept", "reject"):
        answer = await worker.post(f"/v1/referrals/{referral['id']}/{again}", json={})
        refused(answer, 409, "referral_already_decided")


@pytest.mark.parametrize("already_received", [False, True])
async def test_two_colleagues_who_accept_at_the_same_instant_open_one_situation(
    house: House, already_received: bool
) -> None:
    worker, colleague = await house("worker"), await house("colleague")
    for _ in range(10):
        referral = await house.referral()
        address = f"/v1/referrals/{referral['id']}"
        if already_received:
            await worker.post(f"{address}/feedback", json={"feedback_code": "received"})
        both = await asyncio.gather(*(who.post(f"{address}/accept", json={}) for who in (worker, colleague)))
        assert sorted(answer.status_code for answer in both) == [201, 409]
    assert len((await worker.get("/v1/situations")).json()["items"]) == 10


async def test_what_another_post_has_taken_is_not_taken_again(house: House, superuser: asyncpg.Connection) -> None:
    await superuser.execute(
        "insert into organisation.post_unit values ($1, $2, '2026-01-01')", house.ids["other_post"], house.ids["north"]
    )
    referral = await house.referral()
    address = f"/v1/referrals/{referral['id']}"
    assert (await (await house("worker")).post(f"{address}/accept", json={})).status_code == 201
    other = await house("worker_elsewhere")
    for act, said in (("accept", {}), ("feedback", {"feedback_code": "received"})):
        refused(await other.post(f"{address}/{act}", json=said), 409, "referral_taken_by_another_post")


async def test_the_unit_takes_its_referral_back_once_and_nobody_handles_it_any_more(house: House) -> None:
    referral = await house.referral()
    officer, worker = await house("officer_same_unit"), await house("worker")
    address = f"/v1/referrals/{referral['id']}"

    withdrawn = await officer.post(f"{address}/withdraw")

    assert withdrawn.status_code == 200
    assert withdrawn.json()["withdrawn_at"]
    refused(await officer.post(f"{address}/withdraw"), 409, "referral_already_withdrawn")
    for act, said in (("accept", {}), ("feedback", {"feedback_code": "received"})):
        refused(await worker.post(f"{address}/{act}", json=said), 409, "referral_withdrawn")
    assert (await worker.get(address)).json()["status"] == "withdrawn"
    assert (await worker.get("/v1/referrals?waiting=true")).json()["items"] == []


async def test_withdrawing_is_answered_the_same_whatever_the_worker_did_meanwhile(house: House) -> None:
    seen = []
    for act in (None, "accept", "reject"):
        referral = await house.referral()
        address = f"/v1/referrals/{referral['id']}"
        if act:
            await (await house("worker")).post(f"{address}/{act}", json={})
        answer = await (await house("officer")).post(f"{address}/withdraw")
        unsteady = ("id", "sent_at", "withdrawn_at")
        seen.append((answer.status_code, {k: v for k, v in answer.json().items() if k not in unsteady}))
    assert seen[0] == seen[1] == seen[2]


async def test_the_units_version_moves_with_the_published_code_and_with_nothing_else(house: House) -> None:
    referral = await house.referral()
    address = f"/v1/referrals/{referral['id']}"
    officer, worker = await house("officer"), await house("worker")
    before = (await officer.get(address)).headers["etag"]

    await worker.post(f"{address}/accept", json={})
    accepted = (await officer.get(address)).headers["etag"]
    await worker.post(f"{address}/feedback", json={"feedback_code": "contact_made"})
    answered = await officer.get(address)

    assert accepted == before != answered.headers["etag"]
    assert answered.json()["feedback_code"] == "contact_made"


async def test_the_unit_is_told_a_code_of_the_closed_list_and_never_a_text(house: House) -> None:
    referral = await house.referral()
    worker, address = await house("worker"), f"/v1/referrals/{referral['id']}/feedback"
    refused(await worker.post(address, json={"feedback_code": "vue hier"}), 422, "invalid_request", "/feedback_code")
    with_text = {"feedback_code": "received", "comment": "vue hier"}
    refused(await worker.post(address, json=with_text), 422, "invalid_request", "/comment")


async def test_a_first_code_counts_as_receiving(house: House) -> None:
    referral = await house.referral()
    worker = await house("worker")
    told = await worker.post(f"/v1/referrals/{referral['id']}/feedback", json={"feedback_code": "received"})
    assert (told.json()["status"], told.json()["post_id"]) == ("received", str(house.ids["shared_post"]))
    assert len((await worker.get("/v1/referrals?waiting=true")).json()["items"]) == 1
