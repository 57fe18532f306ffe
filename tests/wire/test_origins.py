"""Pages of another origin: only those that the operator named may read, and they may read refusals as well."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from app.wire_origins import READ, SENT, origins
from tests.house_for_tests import House, Town
from tests.routers.asking import refused

OURS = "https://relais.exemple.fr"
LOCAL = "http://localhost:5173"
HOSTILE = (
    "https://ailleurs.exemple.fr",
    "https://relais.exemple.fr.ailleurs.example",
    "https://ailleurs-relais.exemple.fr",
    "https://relais.exemple.fr:8443",
    "http://relais.exemple.fr",
    "https://RELAIS.exemple.fr",
    "https://relais.exemple.fr/",
    "https://relais.exemple.fr, https://ailleurs.exemple.fr",
    "http://localhost:5174",
    "null",
    "*",
    "",
)
NAMES = ("access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers")


@pytest.fixture
async def open_house(town: Town, database: str, settings: Settings) -> AsyncIterator[House]:
    """The application, whose operator has named two origins."""
    named = settings.model_copy(update={"allowed_origins": f"{OURS}, {LOCAL}"})
    async with House.running(town, database, named) as running:
        yield running


async def preflight(
    house: House, origin: str, path: str = "/v1/referrals", method: str = "POST", asked: str = "authorization"
) -> httpx.Response:
    """What a browser asks before a page's request leaves."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}
    return await house.caller().options(path, headers=headers)


def shut(answer: httpx.Response) -> bool:
    """Does the answer open nothing to a page?"""
    return not any(name.startswith("access-control-") for name in answer.headers)


@pytest.mark.parametrize("origin", [OURS, LOCAL])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
async def test_a_page_of_a_named_origin_may_ask(open_house: House, origin: str, method: str) -> None:
    answer = await preflight(open_house, origin, method=method, asked="authorization, idempotency-key, if-match")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert set(SENT) <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_never_gets_cookies_nor_a_star(open_house: House) -> None:
    for answer in (await preflight(open_house, OURS), await open_house.caller().get("/", headers={"Origin": OURS})):
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert "*" not in "".join(value for name, value in answer.headers.items() if name.startswith("access-control"))


@pytest.mark.parametrize("origin", HOSTILE)
async def test_a_page_of_any_other_origin_may_neither_ask_nor_read(open_house: House, origin: str) -> None:
    token = (await open_house.session_of("worker"))["access_token"]

    asked = await preflight(open_house, origin)
    read = await open_house.caller(token).get("/v1/me", headers={"Origin": origin})

    assert asked.status_code == 405
    assert shut(asked)
    assert read.status_code == 200
    assert shut(read)
    assert "Origin" in read.headers["vary"]


async def test_two_origins_at_once_are_none(open_house: House) -> None:
    headers = [("Origin", OURS), ("Origin", "https://ailleurs.exemple.fr")]
    assert shut(await open_house.caller().get("/v1/status", headers=headers))


@pytest.mark.parametrize("path", ["/v1/referrals", "/v1/notes/unknown", "/v1/nothing-there", "/", "/docs"])
async def test_a_preflight_says_the_same_of_every_address(open_house: House, path: str) -> None:
    answer, other = await preflight(open_house, OURS, path), await preflight(open_house, OURS)
    assert (answer.status_code, answer.headers) == (other.status_code, other.headers)


async def test_a_page_reads_what_it_needs_of_an_answer(open_house: House) -> None:
    officer = open_house.caller((await open_house.session_of("officer"))["access_token"])
    said = {
        "last_name": "Bolieu", "first_name": "Kévin", "person_status": "victim", "document_type": "complaint",
        "urgency": "urgent", "contact_consent": "given_to_officer",
    }  # fmt: skip
    sent = await officer.post("/v1/referrals", json=said, headers={"Origin": OURS})

    assert sent.status_code == 201, sent.text
    exposed = sent.headers["access-control-expose-headers"].split(", ")
    assert exposed == list(READ)
    assert {"ETag", "Location"} <= set(exposed)
    assert {"etag", "location"} <= sent.headers.keys()


@pytest.mark.parametrize(
    ("status", "code", "headers", "body"),
    [
        (401, "unauthenticated", {}, b"{}"),
        (415, "unsupported_media_type", {"Content-Type": "text/plain"}, b"{}"),
        (400, "malformed_json", {"Content-Type": "application/json"}, b"{"),
        (413, "body_too_large", {"Content-Type": "application/json"}, b" " * 1_100_000),
        (400, "bad_header", {"Host": "a b"}, b""),
    ],
)
async def test_a_page_reads_refusals_even_those_of_the_wire(
    open_house: House, status: int, code: str, headers: dict[str, str], body: bytes
) -> None:
    said = {"Content-Type": "application/json", **headers, "Origin": OURS}
    answer = await open_house.caller().post("/v1/referrals", content=body, headers=said)

    refused(answer, status, code)
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]


async def test_a_cache_is_told_that_the_answer_depends_on_the_origin_even_when_none_is_said(open_house: House) -> None:
    answer = await open_house.caller().get("/v1/status")
    assert "Origin" in answer.headers["vary"]
    assert shut(answer)


async def test_by_default_no_page_of_another_origin_may_do_anything(house: House) -> None:
    asked, read = await preflight(house, OURS), await house.caller().get("/v1/status", headers={"Origin": OURS})
    assert asked.status_code == 405
    assert shut(asked)
    assert shut(read)
    assert "vary" not in read.headers


@pytest.mark.parametrize("said", ["", " ", ","])
def test_no_origin_is_named_by_default(said: str) -> None:
    assert origins(said) == frozenset()


@pytest.mark.parametrize(
    "wrong",
    ["*", "null", "relais.exemple.fr", "https://*.exemple.fr", "https://relais.exemple.fr/", "https://relais.exemple.fr/a",
     "http://relais.exemple.fr", "https://Relais.exemple.fr", "https://relais.exemple.fr:443", "http://localhost:80",
     "https://a@relais.exemple.fr", "https://", "file://", "https://relais.exemple.fr?", "https://relais.exemple.fr https://autre.exemple.fr"],
)  # fmt: skip
def test_what_is_not_exactly_an_origin_prevents_the_start(settings: Settings, wrong: str) -> None:
    with pytest.raises(RuntimeError, match="RELAIS_ALLOWED_ORIGINS"):
        create_app(settings.model_copy(update={"allowed_origins": f"{OURS}, {wrong}"}))
