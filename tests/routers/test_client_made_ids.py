"""What is created may bear a name that the client drew, offline: a UUIDv7, borne once; nothing else is said of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from app.identifiers import drawn_at, new_id
from tests.house_for_tests import House
from tests.routers.asking import faults, refused, someone

PERSON = {"sex": "female", "last_name": "Bolieu"}
REFERRAL = {
    "last_name": "Bolieu", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
    "contact_consent": "given_to_officer",
}  # fmt: skip


def drawn(at: datetime) -> str:
    """A UUIDv7 that says it was drawn at this instant."""
    rest = new_id().int & ((1 << 80) - 1)
    return str(UUID(int=int(at.timestamp() * 1000) << 80 | rest))


async def record(house: House, by: str = "worker", **said: Any) -> httpx.Response:
    """A person, recorded under the name that is said."""
    return await (await house(by)).post("/v1/persons", json={**PERSON, **said})


def test_the_instant_of_an_identifier_is_the_one_at_which_it_was_drawn() -> None:
    at = drawn_at(new_id())
    assert at is not None
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=5)
    assert drawn_at(uuid4()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        str(uuid4()),
        "018f2b1e-0000-1000-8000-000000000000",
        "018f2b1e-0000-7000-0000-000000000000",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
        "00000000-0000-7000-8000-000000000000",
        drawn(datetime.now(UTC) + timedelta(hours=25)),
        drawn(datetime(2019, 12, 31, tzinfo=UTC)),
    ],
    ids=["random", "version one", "another variant", "the end of time", "the beginning", "tomorrow", "another decade"],
)
async def test_a_name_that_is_no_uuid_of_version_seven_or_of_another_time_is_refused(house: House, wrong: str) -> None:
    answer = await record(house, id=wrong)
    refused(answer, 422, "invalid_request", "/id")
    assert faults(answer) == {"/id": "client_made_id_expected"}
    assert wrong not in answer.text.replace(answer.json()["instance"], "")


async def test_a_name_that_is_no_identifier_at_all_is_refused(house: House) -> None:
    for wrong in (None, 7, "", "sept", [], {"id": 1}):
        refused(await record(house, id=wrong), 422, "invalid_request", "/id")


async def test_a_clock_that_is_a_little_fast_or_a_device_long_offline_are_understood(house: House) -> None:
    for at in (datetime.now(UTC) + timedelta(hours=23), datetime(2020, 1, 2, tzinfo=UTC)):
        chosen = drawn(at)
        answer = await record(house, id=chosen)
        assert (answer.status_code, answer.json()["id"]) == (201, chosen), answer.text
        assert answer.headers["location"] == f"/v1/persons/{chosen}"


async def test_the_same_name_and_the_same_words_are_a_repeat_whatever_the_spelling(house: House) -> None:
    chosen = new_id()
    for spelt in (str(chosen), str(chosen).upper(), chosen.hex, f"urn:uuid:{chosen}", f"{{{chosen}}}"):
        first, again = await record(house, id=spelt), await record(house, id=spelt)
        if spelt == str(chosen):
            assert first.status_code == 201
            assert "idempotency-replayed" not in first.headers
            assert again.headers["idempotency-replayed"] == "true"
            assert again.content == first.content
        else:  # spelt otherwise, it is another request, of the same name
            refused(first, 409, "identifier_taken")
            refused(again, 409, "identifier_taken")


async def test_the_same_name_for_other_words_or_for_another_thing_is_taken(house: House) -> None:
    chosen, worker = str(new_id()), await house("worker")
    assert (await record(house, id=chosen)).status_code == 201
    refused(await record(house, id=chosen, last_name="Autre"), 409, "identifier_taken")
    intake = {"id": chosen, "referral_source": "self_referral", "participations": [someone()]}
    refused(await worker.post("/v1/situations", json=intake), 409, "identifier_taken")


async def test_a_name_borne_by_the_work_of_somebody_else_is_taken_and_nothing_more_is_said(
    house: House, superuser: asyncpg.Connection
) -> None:
    chosen = str(new_id())
    assert (await record(house, id=chosen)).status_code == 201
    answers = [await record(house, by=who, id=chosen) for who in ("colleague", "worker_elsewhere")]
    await superuser.execute("delete from accounts.remembered_answer")
    answers.append(await record(house, id=chosen))
    for answer in answers:
        refused(answer, 409, "identifier_taken")
        assert "errors" not in answer.json()
        assert "Bolieu" not in answer.text


async def test_an_officer_learns_of_no_name_but_those_of_referrals(house: House) -> None:
    officer, situation = await house("officer"), await house.situation()
    note = await house.note(situation["participations"][0]["id"])
    agreed = await house.sent_orientation()
    social = (
        situation["id"], situation["participations"][0]["id"], situation["participations"][0]["person"]["id"],
        note["id"], agreed["id"], str(house.ids["worker"]),
    )  # fmt: skip
    for taken in social[:-1]:
        answer = await officer.post("/v1/referrals", json={**REFERRAL, "id": taken})
        # As if nobody bore it: the name is given to her referral.
        assert (answer.status_code, answer.json()["id"]) == (201, taken)
    elsewhere = await house.referral(by="officer_elsewhere")
    refused(await officer.post("/v1/referrals", json={**REFERRAL, "id": elsewhere["id"]}), 409, "identifier_taken")


async def test_the_persons_of_an_intake_and_their_places_in_it_may_bear_names_too(house: House) -> None:
    worker, names = await house("worker"), [str(new_id()) for _ in range(5)]
    joining = [
        {**someone(), "id": place, "person": {"sex": "female", "last_name": "Petit", "id": person}}
        for place, person in (names[1:3], names[3:5])
    ]
    draft = {"id": names[0], "referral_source": "self_referral", "participations": joining}
    answer = await worker.post("/v1/situations", json=draft)
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == names[0]
    found = {(each["id"], each["person"]["id"]) for each in answer.json()["participations"]}
    assert found == {(names[1], names[2]), (names[3], names[4])}
    # Written offline after it, sent after it: the note knows where it goes.
    note = await worker.post(f"/v1/participations/{names[1]}/notes", json={"text": "Hors ligne.", "id": str(new_id())})
    assert note.status_code == 201, note.text
    other = {**draft, "id": str(new_id())}
    refused(await worker.post("/v1/situations", json=other), 409, "identifier_taken")
    twice = {**draft, "id": str(new_id()), "participations": [{**someone(), "id": str(new_id())}] * 2}
    refused(await worker.post("/v1/situations", json=twice), 409, "identifier_taken")


async def test_of_two_that_take_the_same_name_at_once_one_is_done(house: House, superuser: asyncpg.Connection) -> None:
    await house("worker"), await house("colleague")
    for _ in range(5):
        chosen = str(new_id())
        answers = await asyncio.gather(*(record(house, by=who, id=chosen) for who in ("worker", "colleague")))
        assert sorted(each.status_code for each in answers) == [201, 409]
        refused(next(each for each in answers if each.status_code == 409), 409, "identifier_taken")
        assert await superuser.fetchval("select count(*) from social.person where id = $1", UUID(chosen)) == 1


async def test_a_first_posting_and_an_institution_proposed_with_an_account_may_bear_names_too(house: House) -> None:
    names = [str(new_id()) for _ in range(3)]
    draft = {
        "id": names[0], "email": "hors.ligne@exemple.test", "name": "Nadia Beauvoir", "role": "police_officer",
        "postings": [{"id": names[1], "unit_id": str(house.ids["north"]), "starts_on": "2026-02-02"}],
        "institution": {"id": names[2], "issuer": "https://identite.exemple.test"},
    }  # fmt: skip
    administrator = await house("administrator")
    answer = await administrator.post("/v1/accounts", json=draft)
    assert answer.status_code == 201, answer.text
    assert (await administrator.get(f"/v1/postings/{names[1]}")).status_code == 200
    (institution,) = (await administrator.get(f"/v1/accounts/{names[0]}/institutions")).json()["items"]
    assert institution["id"] == names[2]


async def test_whoever_accepts_a_referral_names_the_situation_that_it_opens(house: House) -> None:
    referral, chosen = await house.referral(), str(new_id())
    answer = await (await house("worker")).post(f"/v1/referrals/{referral['id']}/accept", json={"id": chosen})
    assert (answer.status_code, answer.json()["id"]) == (201, chosen), answer.text
    assert answer.headers["location"] == f"/v1/situations/{chosen}"
