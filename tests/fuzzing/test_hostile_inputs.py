"""Hostile inputs on the real application, for each kind of route: a sentence each time, never a 500, never an echo."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.messages import PROBLEMS
from tests.fuzzing.hostile_inputs import HEADERS, IDS, MARK, MEDIA, QUERIES, VALUES, WHOLE
from tests.house_for_tests import House, Town, settings_for

FRENCH = {said["fr"] for said in PROBLEMS.values()}


@dataclass
class Place:
    """A kind of route: who sends, where, and a good body of which one text is replaced."""

    who: str | None
    method: str
    path: str
    good: dict[str, Any]
    text: str


@pytest.fixture(scope="session")
async def fortress(town: Town, keys: dict[str, str]) -> AsyncIterator[House]:
    """One house for every input: what is refused leaves nothing behind."""
    name = await town.clone()
    async with House.running(town, name, settings_for(town, name, keys)) as running:
        yield running
    await town.drop(name)


@pytest.fixture(scope="session")
async def places(fortress: House) -> dict[str, Place]:
    """One route of each kind."""
    participation = (await fortress.situation())["participations"][0]
    person, at = f"/v1/persons/{participation['person']['id']}", f"/v1/participations/{participation['id']}"
    referral = {
        "last_name": "A", "person_status": "victim", "document_type": "none", "urgency": "urgent",
        "contact_consent": "refused",
    }  # fmt: skip
    return {
        "login": Place(None, "POST", "/v1/auth/login", {"email": "a@exemple.test", "password": "b"}, "email"),
        "referral": Place("officer", "POST", "/v1/referrals", referral, "last_name"),
        "search": Place("worker", "POST", "/v1/persons/search", {"name": "A"}, "name"),
        "correction": Place("worker", "PATCH", person, {"last_name": "A"}, "last_name"),
        "note": Place("worker", "POST", f"{at}/notes", {"text": "A"}, "text"),
        "safe contact": Place("worker", "PUT", f"{at}/safe-contact", {"address": "A"}, "address"),
        "unit": Place("administrator", "POST", "/v1/units",
                      {"name": "A", "zone": "police", "departement_code": "28", "municipality": "B"}, "name"),
    }  # fmt: skip


async def send(house: House, place: Place, body: bytes, **headers: str) -> httpx.Response:
    """Send a body as it is."""
    client = await house(place.who) if place.who else house.caller()
    media = "application/merge-patch+json" if place.method == "PATCH" else "application/json"
    said = {"Content-Type": media, "If-Match": "*", **headers}
    return await client.request(place.method, place.path, content=body, headers=said)


def proper(answer: httpx.Response, *, sent: str = MARK) -> None:
    """A refusal in French, well formed, that repeats nothing; never a 500."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said.keys() - {"errors"} == {"type", "title", "status", "detail", "instance", "code"}
    assert said["status"] == answer.status_code
    assert said["detail"] in FRENCH
    assert all(fault["detail"] for fault in said.get("errors", ()))
    assert not sent or sent not in answer.text
    assert len(answer.content) < 40_000


@pytest.mark.parametrize("name", VALUES)
async def test_a_hostile_value_is_refused_or_kept_as_a_text_on_every_kind_of_route(
    fortress: House, places: dict[str, Place], name: str
) -> None:
    value, must_be_refused = VALUES[name]
    for kind, place in places.items():
        good = json.dumps({**place.good, place.text: "@@"}).encode()
        answer = await send(fortress, place, good.replace(b'"@@"', value))
        if must_be_refused or kind == "login":
            proper(answer)
        else:
            assert answer.status_code < 500, (kind, answer.text)


@pytest.mark.parametrize("name", WHOLE)
async def test_a_hostile_body_is_refused_on_every_kind_of_route(
    fortress: House, places: dict[str, Place], name: str
) -> None:
    for place in places.values():
        proper(await send(fortress, place, WHOLE[name]))


async def test_a_member_said_twice_is_refused_even_under_two_spellings(
    fortress: House, places: dict[str, Place]
) -> None:
    for place in places.values():
        name = place.text
        twice = f'{{"{name}":"{MARK}","\\u{ord(name[0]):04x}{name[1:]}":"b"}}'.encode()
        proper(await send(fortress, place, twice))


@pytest.mark.parametrize("media", MEDIA)
async def test_a_body_of_another_kind_is_not_read(fortress: House, places: dict[str, Place], media: str) -> None:
    for place in places.values():
        answer = await send(fortress, place, json.dumps(place.good).encode(), **{"Content-Type": media})
        proper(answer)
        assert answer.status_code == 415
        packed = await send(fortress, place, json.dumps(place.good).encode(), **{"Content-Encoding": "gzip"})
        assert packed.status_code == 415


FIELDS: dict[str, tuple[str, list[Any]]] = {
    "birth_date": ("referral", ["0000-01-01", "9999-12-31", "1899-12-31", "2026-02-30", "2026-1-1", 0, 1e3, "now",
                                "2026-01-01T00:00:00Z", "١٩٩٠-٠١-٠١"]),
    "danger_grid_positive": ("referral", [1, 0, "true", "yes", [], 1.0]),
    "sex": ("referral", ["", "Femme", "female ", "FEMALE", 1, "a" * 5000, "female\u0000"]),
    "phone": ("referral", ["0", "15", "+", "+33" * 20, "06 39 98 00 01 poste 3", "00000000000000"]),
    "unit_id": ("referral", ["x", 1, "{}", "0" * 31, "'", "01890a5dac96774bbcceb302099a805Z"]),
    "limit": ("search", [0, -1, 51, 2**63 - 1, 1.5, "1", True, None]),
    "amends_note_id": ("note", ["x", 1, [], "null"]),
    "departement_code": ("unit", ["28\n", "٢٨", "2a", "", 28]),
    "password": ("login", ["", "a" * 257, 1, None, ["a"]]),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
async def test_a_field_takes_only_what_it_is_for(fortress: House, places: dict[str, Place], name: str) -> None:
    kind, wrong = FIELDS[name]
    place = places[kind]
    for value in wrong:
        answer = await send(fortress, place, json.dumps({**place.good, name: value}).encode())
        proper(answer, sent="")
        assert [fault["pointer"] for fault in answer.json().get("errors", ())] in ([f"/{name}"], [])


@pytest.mark.parametrize("query", QUERIES)
async def test_a_hostile_query_is_refused_on_every_list(fortress: House, query: str) -> None:
    for who, path in (
        ("worker", "situations"),
        ("worker", "persons"),
        ("officer", "referrals"),
        ("dpo", "audit/traces"),
    ):
        proper(await (await fortress(who)).get(f"http://relais.test/v1/{path}?{query}"))


@pytest.mark.parametrize("key", IDS)
async def test_a_hostile_identifier_is_refused_or_leads_nowhere(fortress: House, key: str) -> None:
    for who, kind in (("worker", "notes"), ("worker", "situations"), ("officer", "referrals"), ("worker", "posts")):
        proper(await (await fortress(who)).get(f"http://relais.test/v1/{kind}/{key}"))
        posted = await (await fortress(who)).post(f"http://relais.test/v1/{kind}/{key}/close", json={})
        proper(posted)


@pytest.mark.parametrize(("name", "value"), HEADERS)
async def test_a_hostile_header_never_breaks_an_answer(fortress: House, name: str, value: str) -> None:
    worker = await fortress("worker")
    headers = {name.encode(): value.encode("latin-1")}
    for method, path in (("GET", "/v1/situations"), ("GET", "/v1/notes/x"), ("DELETE", "/v1/needs/x")):
        answer = await worker.request(method, path, headers=headers)
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def test_they_are_many_more_than_twenty_four(record_property: Callable[[str, object], None]) -> None:
    kinds = 7
    fields = sum(len(wrong) for _, wrong in FIELDS.values())
    different = len(VALUES) + len(WHOLE) + 1 + len(MEDIA) + fields + len(QUERIES) + len(IDS) + len(HEADERS)
    sent = (len(VALUES) + len(WHOLE) + 1 + 2 * len(MEDIA)) * kinds + fields + len(QUERIES) * 4 + len(IDS) * 8
    record_property("hostile_inputs", different)
    record_property("hostile_requests", sent + len(HEADERS) * 3)
    assert different > 24
