"""An institution, or whoever passes for it, that says what it should not: nobody in, nothing bound, never a 500."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from app.access.signatures import SigningKey, new_signing_key
from app.services.provider_calls import LARGEST
from tests.access.hostile_tokens import b64
from tests.house_for_tests import House
from tests.identity.fake_provider import DISCOVERY, KEYS, TOKEN, USERINFO, FakeProvider, as_json
from tests.identity.hostile_claims import HOSTILE_ID_TOKENS
from tests.identity.visiting import Application, opened
from tests.routers.asking import refused

Change = Callable[[FakeProvider], Any]


async def visited(house: House, fake: FakeProvider) -> dict[str, str]:
    """What the application is told after one visit."""
    application = Application(house)
    asked = await application.leave()
    answer = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=fake.issuer)
    return application.told(answer)


@pytest.fixture
async def changed(awaited: House, fake: FakeProvider) -> tuple[House, FakeProvider]:
    """A house that already knows the institution, before it goes wrong."""
    await Application(awaited).leave()
    return awaited, fake


def test_there_are_at_least_forty_one_hostile_id_tokens(record_property: Callable[[str, object], None]) -> None:
    record_property("hostile_id_tokens", len(HOSTILE_ID_TOKENS))
    assert len(HOSTILE_ID_TOKENS) >= 41


async def test_no_hostile_id_token_lets_anybody_in(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection
) -> None:
    for name, make in HOSTILE_ID_TOKENS.items():
        fake.id_token = lambda claims, make=make: make(fake, claims)  # type: ignore[misc]
        assert await visited(awaited, fake) == {"error": "access_denied"}, name
    assert await opened(superuser) == (0, 0)
    fake.id_token = fake.sign
    assert "code" in await visited(awaited, fake), "the good one, at the end, is let in"


# ------------------------------------------------------------------------------- what it describes, before anything

DESCRIPTIONS: dict[str, Change] = {
    "another issuer": lambda fake: fake.discovery.update(issuer="https://evil.test"),
    "its own issuer and a slash": lambda fake: fake.discovery.update(issuer=f"{fake.issuer}/"),
    "no issuer": lambda fake: fake.discovery.update(issuer=...),
    "a token endpoint in http elsewhere": lambda fake: fake.discovery.update(token_endpoint="http://evil.test/t"),
    "keys in a file": lambda fake: fake.discovery.update(jwks_uri="file:///etc/passwd"),
    "an authorization endpoint that is a script": lambda fake: fake.discovery.update(
        authorization_endpoint="javascript:alert(1)"
    ),
    "userinfo at an address with a password": lambda fake: fake.discovery.update(
        userinfo_endpoint="https://a:b@evil.test/u"
    ),
    "no userinfo endpoint": lambda fake: fake.discovery.update(userinfo_endpoint=...),
    "endpoints that are numbers": lambda fake: fake.discovery.update(token_endpoint=1),
    "HTML": lambda fake: fake.replies.update({DISCOVERY: lambda: (200, {"Content-Type": "text/html"}, b"<html>")}),
    "HTML that says it is JSON": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json("<html>")}),
    "a list": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json([])}),
    "two issuers": lambda fake: fake.replies.update(
        {DISCOVERY: lambda: as_json(f'{{"issuer":"https://evil.test","issuer":"{fake.issuer}"}}')}
    ),
    "a redirect": lambda fake: fake.replies.update(
        {DISCOVERY: lambda: (302, {"Location": f"{fake.issuer}/elsewhere"}, b"")}
    ),
    "an error": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json({}, 500)}),
    "nothing at all": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json({}, 404)}),
    "ten megabytes": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json("[" * 10_000_000)}),
    "a hundred thousand levels": lambda fake: fake.replies.update({DISCOVERY: lambda: as_json("[" * 100_000)}),
    "compressed": lambda fake: fake.replies.update(
        {DISCOVERY: lambda: as_json("{}", 200, **{"Content-Encoding": "gzip"})}
    ),
    "UTF-16": lambda fake: fake.replies.update(
        {DISCOVERY: lambda: (200, {"Content-Type": "application/json"}, '{"issuer":"é"}'.encode("utf-16"))}
    ),
    "silence": lambda fake: fake.hanging.add(DISCOVERY),
    "a drip": lambda fake: fake.dripping.add(DISCOVERY),
}  # fmt: skip


@pytest.mark.parametrize("name", DESCRIPTIONS)
async def test_an_institution_that_does_not_describe_itself_well_is_a_503(
    house: House, fake: FakeProvider, name: str
) -> None:
    DESCRIPTIONS[name](fake)
    began = time.monotonic()
    answer = await Application(house).start()
    refused(answer, 503, "institution_away")
    assert answer.headers["retry-after"]
    assert time.monotonic() - began < 15
    assert "evil" not in answer.text and fake.calls["/elsewhere"] == 0


# ------------------------------------------------------------------------------------------ what it answers, after

AWAY, DENIED = {"error": "temporarily_unavailable"}, {"error": "access_denied"}


def _tokens(**said: Any) -> Change:
    body = {"access_token": "a", "token_type": "Bearer", "id_token": "a.b.c", **said}
    return lambda fake: fake.replies.update({TOKEN: lambda: as_json(body)})


ANSWERS: dict[str, tuple[Change, dict[str, str]]] = {
    "a redirect from the token endpoint": (
        lambda fake: fake.replies.update({TOKEN: lambda: (307, {"Location": f"{fake.issuer}/elsewhere"}, b"")}),
        DENIED,
    ),
    "HTML instead of tokens": (
        lambda fake: fake.replies.update({TOKEN: lambda: (200, {"Content-Type": "text/html"}, b"<p>")}), DENIED),
    "tokens said twice": (
        lambda fake: fake.replies.update({TOKEN: lambda: as_json('{"id_token":"a","id_token":"b"}')}), DENIED),
    "tokens that are not bearer tokens": (_tokens(token_type="DPoP"), DENIED),
    "no kind of token": (_tokens(token_type=None), DENIED),
    "an id token that is a number": (_tokens(id_token=1), DENIED),
    "an access token that breaks a header": (_tokens(access_token="a\r\nX: y"), DENIED),
    "an access token of a megabyte": (_tokens(access_token="a" * 200_000), DENIED),
    "a token endpoint that refuses": (
        lambda fake: fake.replies.update({TOKEN: lambda: as_json({"error": "invalid_grant"}, 400)}), DENIED),
    "a token endpoint in pieces": (lambda fake: fake.replies.update({TOKEN: lambda: as_json({}, 502)}), AWAY),
    "a token endpoint that waits": (lambda fake: fake.hanging.add(TOKEN), AWAY),
    "a token endpoint that drips": (lambda fake: fake.dripping.add(TOKEN), AWAY),
    "keys that wait": (lambda fake: fake.hanging.add(KEYS), AWAY),
    "ten megabytes of keys": (
        lambda fake: fake.replies.update(
            {KEYS: lambda: as_json({"keys": [{**fake.published[0], "x5c": ["a" * 10_000_000]}]})}), AWAY),
    "a thousand keys": (lambda fake: setattr(fake, "published", fake.published * 150), AWAY),
    "keys that are no list": (lambda fake: fake.replies.update({KEYS: lambda: as_json({"keys": "all"})}), AWAY),
    "no keys": (lambda fake: setattr(fake, "published", []), DENIED),
    "keys that are nothing": (lambda fake: setattr(fake, "published", [None, 1, {}, {"kid": []}]), DENIED),
    "its key twice": (lambda fake: setattr(fake, "published", fake.published * 2), DENIED),
    "its key, to encrypt with": (lambda fake: fake.published[0].update(use="enc"), DENIED),
    "its key, for another algorithm": (lambda fake: fake.published[0].update(alg="RS256"), DENIED),
    "its key, and the private part": (lambda fake: fake.published[0].update(d="AAAA"), DENIED),
    "its key, off the curve": (lambda fake: fake.published[0].update(x=b64(bytes(32))), DENIED),
    "the key of another, under its name": (
        lambda fake: setattr(
            fake, "published", [{**SigningKey(new_signing_key()).public, "kid": fake.published[0]["kid"]}]), DENIED),
    "a shared secret under its name": (
        lambda fake: setattr(fake, "published", [{"kty": "oct", "k": "AAAA", "kid": fake.published[0]["kid"]}]),
        DENIED,
    ),
    "userinfo of another": (lambda fake: fake.about.update(sub="agent-2"), DENIED),
    "userinfo of nobody": (lambda fake: fake.about.update(sub=...), DENIED),
    "userinfo in HTML": (
        lambda fake: fake.replies.update({USERINFO: lambda: (200, {"Content-Type": "text/html"}, b"")}), DENIED),
    "userinfo signed when plain JSON was agreed": (
        lambda fake: fake.replies.update(
            {USERINFO: lambda: (200, {"Content-Type": "application/jwt"}, fake.sign(fake.good_about()).encode())}),
        DENIED,
    ),
    "userinfo that says who twice": (
        lambda fake: fake.replies.update(
            {USERINFO: lambda: as_json('{"sub":"agent-2","sub":"agent-1","email":"worker@exemple.test"}')}), DENIED),
    "userinfo somewhere else": (
        lambda fake: fake.replies.update({USERINFO: lambda: (302, {"Location": f"{fake.issuer}/elsewhere"}, b"")}),
        DENIED,
    ),
    "userinfo that refuses": (lambda fake: fake.replies.update({USERINFO: lambda: as_json({}, 401)}), DENIED),
    "userinfo that waits": (lambda fake: fake.hanging.add(USERINFO), AWAY),
    "userinfo too long": (lambda fake: fake.about.update(given_name="a" * LARGEST), DENIED),
    "a clock five minutes late": (lambda fake: setattr(fake, "skew", -300), DENIED),
    "a clock five minutes early": (lambda fake: setattr(fake, "skew", 300), DENIED),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_institution_that_answers_badly_lets_nobody_in(
    changed: tuple[House, FakeProvider], superuser: asyncpg.Connection, name: str
) -> None:
    house, fake = changed
    change, expected = ANSWERS[name]
    change(fake)
    began = time.monotonic()
    assert await visited(house, fake) == expected
    assert time.monotonic() - began < 15
    assert await opened(superuser) == (0, 0)
    assert fake.calls["/elsewhere"] == 0


@pytest.mark.parametrize("iss", [None, "https://evil.test", "", "{}/"])
async def test_the_answer_of_another_institution_is_not_looked_at(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, iss: str | None
) -> None:
    application = Application(awaited)
    asked = await application.leave()
    swapped = iss.format(fake.issuer) if iss is not None else None
    answer = await application.come_back(code=fake.authorize(asked), state=asked["state"], iss=swapped)
    assert application.told(answer) == {"error": "access_denied"}
    assert fake.calls[TOKEN] == 0 and await opened(superuser) == (0, 0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [({"error": "access_denied"}, DENIED), ({"error": "<script>"}, DENIED), ({"error": "server_error"}, AWAY),
     ({"error": "temporarily_unavailable", "code": "x"}, AWAY), ({"error": "login_required", "code": "x"}, DENIED),
     ({}, DENIED), ({"code": ""}, DENIED), ({"code": "a" * 3000}, DENIED), ({"code": "inconnu"}, DENIED)],
)  # fmt: skip
async def test_a_refusal_of_the_institution_goes_back_to_the_application(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, said: dict[str, str], expected: dict[str, str]
) -> None:
    application = Application(awaited)
    asked = await application.leave()
    answer = await application.come_back(state=asked["state"], iss=fake.issuer, **said)
    assert application.told(answer) == expected
    assert await opened(superuser) == (0, 0)


@pytest.mark.parametrize(
    "address", ["https://a..b/t", "https://" + "a" * 70 + ".test/t", "https://[::1]:1/t", "https://%41/"]
)
async def test_an_endpoint_whose_name_leads_nowhere_is_an_institution_that_is_away(
    awaited: House, fake: FakeProvider, superuser: asyncpg.Connection, address: str
) -> None:
    fake.discovery = {"token_endpoint": address}
    assert await visited(awaited, fake) == AWAY
    assert await opened(superuser) == (0, 0)


async def test_a_parameter_said_twice_on_the_way_back_is_refused(awaited: House, fake: FakeProvider) -> None:
    asked = await Application(awaited).leave()
    pairs = [("code", "a"), ("code", "b"), ("state", asked["state"])]
    answer = await awaited.caller().get("/v1/auth/oidc/callback", params=pairs)
    refused(answer, 400, "repeated_parameter", "code")


# ------------------------------------------------------------------------------------------------ keys and patience


async def test_an_unknown_key_has_the_keys_fetched_once_more_and_not_again_for_a_minute(
    awaited: House, fake: FakeProvider
) -> None:
    assert "code" in await visited(awaited, fake)
    assert fake.calls[KEYS] == 1
    fake.pem = new_signing_key()
    fake.published = [SigningKey(fake.pem).public]
    assert "code" in await visited(awaited, fake), "the new key is found"
    assert fake.calls[KEYS] == 2
    stranger = new_signing_key()
    fake.id_token = lambda claims: fake.sign(claims, pem=stranger)
    for _ in range(5):
        assert await visited(awaited, fake) == DENIED
    assert fake.calls[KEYS] == 2
    assert fake.calls[DISCOVERY] == 1


async def test_all_who_ask_at_once_share_one_fetch(house: House, fake: FakeProvider) -> None:
    answers = await asyncio.gather(*(Application(house).start() for _ in range(20)))
    assert {answer.status_code for answer in answers} == {303}
    assert fake.calls[DISCOVERY] == 1


async def test_an_institution_that_waits_keeps_nobody_else_waiting(house: House, fake: FakeProvider) -> None:
    worker = await house("worker")
    fake.hanging.add(DISCOVERY)
    waiting = asyncio.gather(*(Application(house).start() for _ in range(30)))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    for _ in range(10):
        assert (await worker.get("/v1/me")).status_code == 200
    assert time.monotonic() - began < 0.9, "the others were served while it waited"
    assert {answer.status_code for answer in await waiting} == {503}
    assert fake.calls[DISCOVERY] == 1


async def test_an_institution_that_comes_back_is_used_again_at_once(house: House, fake: FakeProvider) -> None:
    fake.discovery = {"issuer": "https://evil.test"}
    assert (await Application(house).start()).status_code == 503
    fake.discovery = {}
    assert (await Application(house).start()).status_code == 303


def test_the_fake_institution_says_what_it_is_asked_to(fake: FakeProvider) -> None:
    token = fake.sign({**fake.good_claims({"nonce": "n"}), "acr": ...})
    said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert said["nonce"] == "n" and "acr" not in said
