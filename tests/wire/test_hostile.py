"""The hostile inputs: each is refused with a sentence, none is an error of ours, none is silently ignored."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.wire.small_app import SECRET, call_raw, client_of, make_app

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def app() -> Any:
    return make_app()


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


def body_of(name: str) -> bytes:
    return json.dumps({"name": name}).encode()


HOSTILE_BODIES: dict[str, tuple[bytes, int, str]] = {
    "a NUL in a text": (rb'{"name":"a\u0000b"}', 422, "bad_text"),
    "a NUL in a member's name": (rb'{"na\u0000me":"a"}', 422, "bad_text"),
    "a raw NUL": (b'{"name":"a\x00b"}', 400, "malformed_json"),
    "a control character": (rb'{"name":"a\u001b[31m"}', 422, "bad_text"),
    "a backspace": (rb'{"name":"a\b"}', 422, "bad_text"),
    "a raw C1 control character": ('{"name":"a\u0085b"}'.encode(), 422, "bad_text"),
    "a lone surrogate": (rb'{"name":"\ud800"}', 422, "bad_text"),
    "a lone surrogate in a name": (rb'{"\udc00":"a"}', 422, "bad_text"),
    "a surrogate encoded in UTF-8": (b'{"name":"\xed\xa0\x80"}', 400, "malformed_json"),
    "invalid UTF-8": (b'{"name":"\xff\xfe"}', 400, "malformed_json"),
    "UTF-16": ('{"name":"a"}'.encode("utf-16"), 400, "malformed_json"),
    "a byte order mark": ('\ufeff{"name":"a"}'.encode(), 400, "malformed_json"),
    "an integer of 64 bits and more": (b'{"name":"a","count":9223372036854775808}', 422, "bad_number"),
    "an integer of ten thousand digits": (b'{"name":"a","count":' + b"9" * 10_000 + b"}", 422, "bad_number"),
    "NaN": (b'{"name":"a","weight":NaN}', 422, "bad_number"),
    "Infinity": (b'{"name":"a","weight":-Infinity}', 422, "bad_number"),
    "1e999": (b'{"name":"a","weight":1e999}', 422, "bad_number"),
    "the same member twice": (rb'{"name":"a","\u006eame":"b"}', 400, "duplicate_member"),
    "seventeen levels": (b'{"inner":' * 17 + b"1" + b"}" * 17, 400, "too_deep"),
    "a hundred thousand levels": (b"[" * 100_000, 400, "too_deep"),
    "a thousand and one items": (b'{"tags":[' + b",".join([b"1"] * 1001) + b"]}", 422, "list_too_long"),
    "a truncated document": (b'{"name":', 400, "malformed_json"),
    "two documents": (b"{}{}", 400, "malformed_json"),
    "year 1 with an offset": (b'{"name":"a","seen_at":"0001-01-01T00:00:00+14:00"}', 422, "invalid_request"),
    "year 9999 with an offset": (
        b'{"name":"a","seen_at":"9999-12-31T23:59:59-14:00"}',
        422,
        "invalid_request",
    ),
    "an unknown member": (b'{"name":"a","nom":"b"}', 422, "invalid_request"),
    "a list instead of an object": (b"[]", 422, "invalid_request"),
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
async def test_a_hostile_body_is_refused_with_a_clear_sentence(client: httpx.AsyncClient, name: str) -> None:
    body, status, code = HOSTILE_BODIES[name]
    answer = await client.post("/v1/things", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


HOSTILE_ADDRESSES: dict[str, tuple[str, str]] = {
    "a NUL in the path": ("/v1/things/%00", "bad_path"),
    "a line end in the path": ("/v1/things/a%0d%0ab", "bad_path"),
    "invalid UTF-8 in the path": ("/v1/things/%ff", "bad_path"),
    "a surrogate in the path": ("/v1/things/%ed%a0%80", "bad_path"),
    "a broken escape in the path": ("/v1/things/%zz", "bad_path"),
    "an escaped slash": (f"/v1%2fthings/{ID}", "bad_path"),
    "a NUL in the query": ("/v1/things?from=%00", "bad_query"),
    "invalid UTF-8 in the query": ("/v1/things?from=%e9", "bad_query"),
    "a control character in a name": ("/v1/things?fr%07om=a", "bad_query"),
    "a broken escape in the query": ("/v1/things?from=100%", "bad_query"),
}


@pytest.mark.parametrize("name", HOSTILE_ADDRESSES)
async def test_a_hostile_address_is_refused(app: Any, client: httpx.AsyncClient, name: str) -> None:
    address, code = HOSTILE_ADDRESSES[name]
    path, _, query = address.partition("?")
    answer = await call_raw(app, raw_path=path.encode(), query_string=query.encode())
    assert answer["status"] == 400
    assert json.loads(answer["body"])["code"] == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/v1/things?limit=-1", "at_least"),
        ("/v1/things?limit=9223372036854775808", "at_most"),
        ("/v1/things?limit=1.5", "whole_number_expected"),
        ("/v1/things?limite=5", "unknown_parameter"),
        ("/v1/things?since=5", "unknown_parameter"),
        ("/v1/things?limit=5&limit=6", "repeated_parameter"),
        ("/v1/pages?lim=3", "unknown_parameter"),
        ("/v1/things/42", "identifier_expected"),
    ],
)
async def test_a_wrong_parameter_is_named_and_never_ignored(client: httpx.AsyncClient, address: str, code: str) -> None:
    answer = await client.get(address)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["code"] == code
    assert fault["parameter"]


async def test_declared_parameters_pass_with_their_alias_and_repeated_when_they_are_lists(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/v1/things?kind=a&kind=b&from=x&limit=3")
    assert answer.json() == {"limit": 3, "kind": ["a", "b"], "since": "x"}
    assert (await client.get("/v1/pages?limit=3")).json() == {"limit": 3}


async def test_the_name_of_a_stranger_given_as_a_parameter_is_not_said_back(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/v1/things", params={f"{SECRET} née": "1"})
    assert answer.status_code == 422
    assert SECRET not in answer.text


async def test_ordinary_texts_pass_with_accents_emoji_tabs_and_line_ends(client: httpx.AsyncClient) -> None:
    draft = {"name": "Zoë Ça 👩‍👧", "facts": "ligne 1\nligne 2\tfin\r\n", "tags": ["a", "b"]}
    for body in (json.dumps(draft), json.dumps(draft, ensure_ascii=False)):
        answer = await client.post("/v1/things", content=body.encode(), headers=JSON)
        assert (answer.status_code, answer.json()) == (201, {"name": "Zoë Ça 👩‍👧"})


MEDIA: list[tuple[str, str, dict[str, str], int]] = [
    ("POST", "/v1/things", {"content-type": "application/json; charset=utf-8"}, 201),
    ("POST", "/v1/things", {"content-type": 'Application/JSON;charset="UTF-8"'}, 201),
    ("POST", "/v1/things", {}, 415),
    ("POST", "/v1/things", {"content-type": "text/plain"}, 415),
    ("POST", "/v1/things", {"content-type": "application/json; charset=latin-1"}, 415),
    ("POST", "/v1/things", {"content-type": "application/json; boundary=x"}, 415),
    ("POST", "/v1/things", {"content-type": "application/merge-patch+json"}, 415),
    ("POST", "/v1/things", {"content-type": "application/x-www-form-urlencoded"}, 415),
    ("POST", "/v1/things", {**JSON, "content-encoding": "gzip"}, 415),
    ("PATCH", f"/v1/things/{ID}", {"content-type": "application/merge-patch+json"}, 200),
    ("PATCH", f"/v1/things/{ID}", JSON, 415),
    ("GET", "/v1/things", JSON, 400),
    ("DELETE", f"/v1/things/{ID}", JSON, 400),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), MEDIA)
async def test_only_the_expected_media_types_are_read(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.request(method, path, content=body_of("a"), headers=headers)
    assert answer.status_code == status


async def test_a_form_is_read_only_where_one_is_expected_and_only_if_clean(client: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}

    async def post(content: bytes) -> int:
        return (await client.post("/v1/login", content=content, headers=form)).status_code

    assert await post(b"username=a&password=%C3%A9+b") == 200
    assert await post(b"username=a%00") == 422
    assert await post(b"username=%ff") == 422
    assert await post(b"username=a&user%6eame=b") == 400
