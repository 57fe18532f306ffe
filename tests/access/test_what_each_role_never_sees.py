"""After a day of confidential work, everyone reads everything they may: what must not be seen is nowhere."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.access.policy import policy
from tests.access.planting import NOTES, all_answers, clumsy_writes, fields_of, plant, readings, said_by
from tests.access.walking import Call
from tests.house_for_tests import PEOPLE, House

FILE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("never_served.toml").read_text(encoding="utf-8"))

REFERENCE = tuple(f"GET /v1/{word}" for word in (
    "nomenclatures", "units", "sites", "posts", "employers", "partners", "partner-services", "status",
    "webhooks/event-types",
))  # fmt: skip
SUBSCRIPTIONS = "GET /v1/webhooks"
PLACES = ("unit_id", "post_id", "partner_id")


def never(name: str, what: str) -> set[str]:
    """What this person must never see, what is inherited included."""
    said = FILE[name]
    inherited = never(said["same_as"], what) if "same_as" in said else set()
    return (inherited | set(said.get(what, ()))) - {*said.get("sees", ()), *said.get("may_see", ())}


def said_of(body: Any) -> set[str]:
    """The members of subscriptions and of what they were told, but for an organisation that is not named."""
    each = body.get("items", [body])
    return {name for one in each for name in one if name not in PLACES or one[name] is not None}


async def seen_by(house: House, name: str, calls: list[Call]) -> dict[str, str]:
    """All that the answers to this person say, by request."""
    client = await house(name)
    return {said: said_by(answer) async for said, answer in all_answers(client, calls)}


def test_the_list_speaks_of_every_role_and_of_everyone_but_the_author() -> None:
    assert {PEOPLE[name][0] for name in FILE} == {role.name for role in policy().people}
    assert set(FILE) == set(PEOPLE) - {"worker"}


async def test_the_author_sees_all_of_it_so_that_a_leak_would_be_seen_too(house: House) -> None:
    planted = await plant(house)
    seen = "\n".join((await seen_by(house, "worker", readings(planted))).values())
    missed = {group: [v for v in values if v not in seen] for group, values in planted.values.items()}
    assert {group for group, values in missed.items() if values} == {
        "other_unit_referral", "other_unit_ids", "link_tokens", "employer_account", "other_account", "software",
        "account_secrets", "invitation_ids", "posting_ids", "identity_ids", "webhook_secrets",
        "partner_webhook", "partner_webhook_ids", "partner_webhook_told",
    }  # fmt: skip


@pytest.mark.parametrize("name", FILE)
async def test_what_this_person_must_never_see_is_in_no_answer_at_all(name: str, house: House) -> None:
    planted = await plant(house)
    client, calls = await house(name), readings(planted)
    if name != "colleague":  # who has the same rights as the author: her clumsy writes would be real ones
        calls += clumsy_writes(planted)
    groups, fields = never(name, "values"), never(name, "fields")
    assert groups <= set(planted.values)
    leaks, answered, everything = [], 0, ""
    async for said, answer in all_answers(client, calls):
        answered += 1
        text = said_by(answer)
        everything += text if answer.is_success else ""
        # A refusal may not even repeat the identifier that was asked for.
        leaks += [f"{said}: {group}: {v}" for group in groups for v in planted.values[group] if v in text]
        is_json = "json" in answer.headers.get("content-type", "")
        if answer.is_success and is_json and said.startswith("GET /v1/") and not said.startswith(REFERENCE):
            # A subscription has one form for all: each names its own organisation, and nothing of the others.
            seen = said_of(answer.json()) if said.startswith(SUBSCRIPTIONS) else fields_of(answer.json())
            leaks += [f"{said}: field {field}" for field in fields & seen]
        assert answer.status_code < 500, f"{said}: {answer.text}"
    assert not leaks, "\n".join(leaks)
    assert answered > 120
    unseen = [
        f"{group}: {v}" for group in FILE[name].get("sees", ()) for v in planted.values[group] if v not in everything
    ]
    assert not unseen


async def test_a_colleague_of_the_same_post_reads_a_note_only_while_its_author_shares_it(house: House) -> None:
    colleague, author = await house("colleague"), await house("worker")
    participation = (await house.situation())["participations"][0]["id"]
    note = await house.note(participation, NOTES[0])
    other = await house.note(participation, NOTES[1])
    one, several = f"/v1/notes/{note['id']}", f"/v1/participations/{participation}/notes"

    async def what_the_colleague_reads() -> list[str]:
        listed = await colleague.get(several)
        direct = [(await colleague.get(f"/v1/notes/{n['id']}")).status_code for n in (note, other)]
        texts = [item["text"] for item in listed.json()["items"]]
        assert listed.status_code == 200
        assert direct == [200 if n["text"] in texts else 404 for n in (note, other)]
        return texts

    assert await what_the_colleague_reads() == []
    share = await author.post(f"{one}/shares", json={"shared_with": str(house.ids["colleague"])})
    assert share.status_code == 201
    assert await what_the_colleague_reads() == [NOTES[0]]
    # To read is not to hold: the colleague may neither open it to others nor see to whom it is open.
    assert (await colleague.post(f"{one}/shares", json={"shared_with": str(house.ids["worker"])})).status_code == 404
    assert (await colleague.get(f"{one}/shares")).json() == {"items": []}
    assert (await colleague.get(share.headers["location"])).status_code == 404
    ended = await author.delete(share.headers["location"], headers={"If-Match": share.headers["etag"]})
    assert ended.status_code == 204
    assert await what_the_colleague_reads() == []


async def test_a_note_cannot_be_opened_to_somebody_who_does_not_hold_the_post(house: House) -> None:
    author = await house("worker")
    note = await house.note((await house.situation())["participations"][0]["id"])
    refused = {}
    for name in sorted(set(PEOPLE) - {"worker", "colleague"}):
        answer = await author.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": str(house.ids[name])})
        refused[name] = (answer.status_code, [error["code"] for error in answer.json()["errors"]])
    assert set(map(str, refused.values())) == {"(422, ['colleague_not_of_this_post'])"}
    assert (await (await house("worker_elsewhere")).get(f"/v1/notes/{note['id']}")).status_code == 404


async def test_nothing_written_for_the_victim_appears_in_an_answer_about_the_other_party(house: House) -> None:
    planted = await plant(house)
    worker = await house("worker")
    situation = (await worker.get(f"/v1/situations/{planted.ids['situation_id'][-1]}")).json()
    sides = {one["person_status"]: one for one in situation["participations"]}
    victim, other = sides["victim"], sides["alleged_perpetrator"]
    mine, person = f"/v1/participations/{other['id']}", f"/v1/persons/{other['person']['id']}"
    paths = [mine, f"{mine}/needs", f"{mine}/notes", f"{mine}/safe-contact", person, f"{person}/household-links"]
    paths += [f"{person}/household-links/{planted.ids['link_id'][0]}"]
    paths += [f"/v1/interventions?participation_id={other['id']}"]
    calls = [Call("GET", path) for path in paths] + [Call("POST", "/v1/persons/search", {"name": "Drennec Goulven"})]
    # Even words typed for the other party, such as the note to come, find nothing of hers.
    await house.note(other["id"], "Reçu seul, calme.")
    hidden = {"Quistrebert", "Oyhenart", "Maïwenn", "Plouguernével", "+33639981234", "1983-07-19", victim["id"]}
    hidden |= {victim["person"]["id"], "ex_partner", "protection_safety", planted.ids["link_id"][0]}
    for group in ("note_texts", "note_ids", "safe_contact", "home_visit"):
        hidden |= planted.values[group]
    hidden |= {*planted.ids["intervention_id"], *planted.ids["need_id"]}
    statuses = []
    async for said, answer in all_answers(worker, calls):
        statuses.append(answer.status_code)
        assert not [value for value in hidden if value in said_by(answer)], f"{said}: {answer.text}"
    assert statuses.count(404) == 2  # no safe contact of his, no link in his file
    assert statuses.count(200) == len(statuses) - 2
