"""Hostile inputs on the real application, for each kind of route: a sentence each time, never a 500, never an echo."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.messages import PROBLEMS
from tests.house_for_tests import House

MARK = "Zoroastre"  # stands in what is sent; must stand in no answer
FRENCH = {said["fr"] for said in PROBLEMS.values()}


def in_text(escape: str) -> bytes:
    """A JSON text with this inside."""
    return f'"{MARK}{escape}{MARK}"'.encode("utf-8", "surrogatepass")


# A value put in place of a text, and whether it must be refused (some are only odd).
VALUES: dict[str, tuple[bytes, bool]] = {
    "a NUL": (in_text("\\u0000"), True),
    "a raw NUL": (in_text("\x00"), True),
    "a high surrogate alone": (in_text("\\ud800"), True),
    "a low surrogate alone": (in_text("\\udc00"), True),
    "a pair of surrogates the wrong way round": (in_text("\\udc00\\ud800"), True),
    "a surrogate written in UTF-8": (in_text("\ud800"), True),
    "bytes that are not UTF-8": (b'"\xff\xfe"', True),
    "an overlong slash": (b'"\xc0\xaf"', True),
    "an escape character": (in_text("\\u001b[2J"), True),
    "a raw line end": (in_text("\n"), True),
    "a C1 control": (in_text("\u0085"), True),
    "a DEL": (in_text("\x7f"), True),
    "a broken escape": (in_text("\\x41"), True),
    "2 to the 63": (b"9223372036854775808", True),
    "minus 2 to the 63": (b"-9223372036854775808", True),
    "ten thousand digits": (b"9" * 10_000, True),
    "1e999": (b"1e999", True),
    "NaN": (b"NaN", True),
    "minus Infinity": (b"-Infinity", True),
    "a number": (b"12", True),
    "true": (b"true", True),
    "an empty text": (b'""', True),
    "blanks": ('" \u00a0\u2003\\t"'.encode(), True),
    "a list": (b'["' + MARK.encode() + b'"]', True),
    "an object": (b'{"' + MARK.encode() + b'":1}', True),
    "seventeen levels": (b"[" * 17 + b"]" * 17, True),
    "a hundred thousand levels": (b"[" * 100_000, True),
    "a thousand and one items": (b"[" + b",".join([b"1"] * 1001) + b"]", True),
    "nine hundred kilobytes": (b'"' + b"a" * 900_000 + b'"', True),
    "accents piled up by the hundred thousand": (('"' + "e\u0301\u0302\u0323" * 30_000 + '"').encode(), True),
    "a ligature that grows a hundred times": (('"' + "\ufdfa" * 25_000 + '"').encode(), True),
    "SQL": (in_text("'); drop table social.person; --"), False),
    "a placeholder": (in_text("$1 %s {0} ${jndi:ldap://x}"), False),
    "a script": (in_text("<script>alert(1)</script>"), False),
    "a template": (in_text("{max_length} {{7*7}}"), False),
    "writing from right to left": (in_text("\u202e\u0627"), False),
    "a family": (in_text("👩‍👧‍👦"), False),
    "a path": (in_text("../../etc/passwd"), False),
}

WHOLE: dict[str, bytes] = {
    "nothing at all": b"",
    "a truncated document": b'{"name":',
    "two documents": b"{}{}",
    "null": b"null",
    "a text": b'"' + MARK.encode() + b'"',
    "a list": b"[{}]",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "XML": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "more than a megabyte": b'{"a":"' + b"a" * 1_100_000 + b'"}',
    "a thousand and one members": json.dumps({f"{MARK}{n}": n for n in range(1001)}).encode(),
    "an unknown member": json.dumps({f"{MARK} née": 1}).encode(),
    "the key of every object in Python": b'{"__class__":{"__init__":{"__globals__":{}}}}',
}


@dataclass
class Place:
    """A kind of route: who sends, where, and a good body of which one text is replaced."""

    who: str | None
    method: str
    path: str
    good: dict[str, Any]
    text: str


@pytest.fixture
async def places(house: House) -> dict[str, Place]:
    """One route of each kind."""
    participation = (await house.situation())["participations"][0]
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
    house: House, places: dict[str, Place], name: str
) -> None:
    value, must_be_refused = VALUES[name]
    for kind, place in places.items():
        good = json.dumps({**place.good, place.text: "@@"}).encode()
        answer = await send(house, place, good.replace(b'"@@"', value))
        if must_be_refused or kind == "login":
            proper(answer)
        else:
            assert answer.status_code < 500, (kind, answer.text)


@pytest.mark.parametrize("name", WHOLE)
async def test_a_hostile_body_is_refused_on_every_kind_of_route(
    house: House, places: dict[str, Place], name: str
) -> None:
    for place in places.values():
        proper(await send(house, place, WHOLE[name]))


async def test_a_member_said_twice_is_refused_even_under_two_spellings(house: House, places: dict[str, Place]) -> None:
    for place in places.values():
        name = place.text
        twice = f'{{"{name}":"{MARK}","\\u{ord(name[0]):04x}{name[1:]}":"b"}}'.encode()
        proper(await send(house, place, twice))


MEDIA = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
         "application/json; charset=utf-16", "application/json, text/html", "x" * 300, "")  # fmt: skip


@pytest.mark.parametrize("media", MEDIA)
async def test_a_body_of_another_kind_is_not_read(house: House, places: dict[str, Place], media: str) -> None:
    for place in places.values():
        answer = await send(house, place, json.dumps(place.good).encode(), **{"Content-Type": media})
        proper(answer)
        assert answer.status_code == 415
        packed = await send(house, place, json.dumps(place.good).encode(), **{"Content-Encoding": "gzip"})
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
async def test_a_field_takes_only_what_it_is_for(house: House, places: dict[str, Place], name: str) -> None:
    kind, wrong = FIELDS[name]
    place = places[kind]
    for value in wrong:
        answer = await send(house, place, json.dumps({**place.good, name: value}).encode())
        proper(answer, sent="")
        assert [fault["pointer"] for fault in answer.json().get("errors", ())] in ([f"/{name}"], [])


QUERIES = [
    "limit=%00", "limit=%ff", "limit=9223372036854775808", "limit=1e3", "limit=", "limit[]=1", "limit=1;cursor=2",
    f"cursor={MARK}", "cursor=%00", "cursor=%F0%9F%98%80", f"{MARK}%21=1", f"limit=1&{MARK}%20n%C3%A9e=1", "status=%27",
    "__proto__=1", "limit=%2b1%00", "limit=%ed%a0%80", "%=1", "a" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
async def test_a_hostile_query_is_refused_on_every_list(house: House, query: str) -> None:
    for who, path in (
        ("worker", "situations"),
        ("worker", "persons"),
        ("officer", "referrals"),
        ("dpo", "audit/traces"),
    ):
        proper(await (await house(who)).get(f"http://relais.test/v1/{path}?{query}"))


IDS = [
    "%00", "%ff", "..", "%2e%2e%2f", "a%2fb", "1", "-1", "' or 1=1", MARK, "0" * 3000, "%0d%0aSet-Cookie:a", "null",
    "{01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a805", "٠١٨٩٠", "%e2%80%8b", "*", ";x=1",
    "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057", "01890A5D-AC96-774B-BCCE-B302099A8057", "0" * 32, "f" * 32,
]  # fmt: skip


@pytest.mark.parametrize("key", IDS)
async def test_a_hostile_identifier_is_refused_or_leads_nowhere(house: House, key: str) -> None:
    for who, kind in (("worker", "notes"), ("worker", "situations"), ("officer", "referrals"), ("worker", "posts")):
        proper(await (await house(who)).get(f"http://relais.test/v1/{kind}/{key}"))
        posted = await (await house(who)).post(f"http://relais.test/v1/{kind}/{key}/close", json={})
        proper(posted)


HEADERS = [
    ("If-Match", "\xff"), ("If-Match", '"' + "a" * 5000), ("If-None-Match", "\x80"), ("Cookie", "a=b"),
    ("Accept-Language", "a," * 3000), ("X-Request-Id", "' \xe9"), ("Accept", "application/\x01"),
    ("Accept-Language", "fr;q=nan,\xff"), ("Range", "bytes=0-1"),
    ("Origin", "null"), ("X-Forwarded-For", "::1"), ("X-HTTP-Method-Override", "DELETE"),
    ("Content-Length", "x"), ("Transfer-Encoding", "chunked, chunked"), ("Expect", "x"), ("Connection", "upgrade"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HEADERS)
async def test_a_hostile_header_never_breaks_an_answer(house: House, name: str, value: str) -> None:
    worker = await house("worker")
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
