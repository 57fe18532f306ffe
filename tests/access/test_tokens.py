"""Hostile tokens: whatever is not exactly one of ours is a 401, never a 500; what is ours, other libraries read."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import httpx
import pytest
from jose.backends import ECKey
from jose.backends.cryptography_backend import CryptographyECKey
from joserfc import jwt
from joserfc.jwk import ECKey as OtherKey
from joserfc.jwk import KeySet

from app.access import tokens
from app.access.policy import policy
from app.access.tokens import LIFETIME, MACHINE_LIFETIME, Verifier, new_signing_key
from app.errors import Unauthenticated
from app.models.columns import new_id
from tests.access.hostile_tokens import HEADER, HOSTILE, NAMES, PEM, SIGNER, VERIFIER, claims, good, machine, signed
from tests.house_for_tests import House


def test_there_are_at_least_forty_one_hostile_tokens(record_property: Callable[[str, object], None]) -> None:
    record_property("hostile_tokens", len(HOSTILE))
    assert len(HOSTILE) >= 41


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_nobody(name: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        VERIFIER.actor(HOSTILE[name]())
    assert refusal.value.__cause__ is None
    assert str(refusal.value) == "unauthenticated"


async def test_every_hostile_token_is_a_401_over_http_and_is_never_repeated(house: House) -> None:
    house.app.state.verifier = VERIFIER
    statuses = set()
    for name, make in HOSTILE.items():
        token = make()
        async with house.caller() as anyone:
            anyone.headers["Authorization"] = httpx.Headers({"a": f"Bearer {token}".encode()})["a"]
            answer = await anyone.get("/v1/me")
        statuses.add(answer.status_code)
        # A header of more than 16 KiB is not even read.
        assert answer.status_code == (431 if len(token) > 15_000 else 401), name
        assert answer.headers["content-type"] == "application/problem+json"
        assert token[:40] not in answer.text or len(token) < 5
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert statuses == {401, 431}


async def test_a_good_token_without_a_live_session_opens_nothing(house: House) -> None:
    house.app.state.verifier = VERIFIER
    answer = await house.caller(good()).get("/v1/persons")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


@pytest.mark.parametrize("scheme", ["", "Basic {}", "Token {}", "{}", "Bearer", "Bearer  {}", "bearer{}"])
async def test_only_a_bearer_token_is_read(house: House, scheme: str) -> None:
    await house("worker")
    async with house.caller() as anyone:
        anyone.headers["Authorization"] = scheme.format(house.tokens["worker"]["access_token"])
        assert (await anyone.get("/v1/me")).status_code == 401


async def test_a_token_in_the_address_or_in_a_cookie_opens_nothing(house: House) -> None:
    await house("worker")
    token = house.tokens["worker"]["access_token"]
    assert (await house.caller().get("/v1/me", headers={"Cookie": f"access_token={token}"})).status_code == 401
    assert (await house.caller().get(f"/v1/me?access_token={token}")).status_code == 422


async def test_the_scopes_of_a_token_may_only_narrow_what_its_role_may_do(house: House) -> None:
    session = await house.session_of("worker")
    mine = json.loads(base64.urlsafe_b64decode(session["access_token"].split(".")[1] + "=="))
    pem = house.settings.signing_key.get_secret_value()  # type: ignore[union-attr]
    header = {**HEADER, "kid": house.app.state.desk.keys.signer.public["kid"]}
    narrow = house.caller(signed(header, {**mine, "scope": "situation:read"}, pem=pem))
    assert (await narrow.get("/v1/situations")).status_code == 200
    assert (await narrow.get("/v1/persons")).status_code == 403
    wide = house.caller(signed(header, {**mine, "scope": "situation:read trace:read unit:add"}, pem=pem))
    assert (await wide.get("/v1/audit/traces")).status_code == 403


async def test_a_role_that_the_session_does_not_bear_opens_nothing(house: House) -> None:
    session = await house.session_of("worker")
    mine = json.loads(base64.urlsafe_b64decode(session["access_token"].split(".")[1] + "=="))
    pem = house.settings.signing_key.get_secret_value()  # type: ignore[union-attr]
    header = {**HEADER, "kid": house.app.state.desk.keys.signer.public["kid"]}
    for role, path in (
        ("administrator", "/v1/units"),
        ("dpo", "/v1/audit/traces"),
        ("police_officer", "/v1/referrals"),
    ):
        scope = "unit:read trace:read referral:read"
        answer = await house.caller(signed(header, {**mine, "role": role, "scope": scope}, pem=pem)).get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


def test_our_tokens_are_read_by_another_library() -> None:
    account, session = new_id(), new_id()
    token = SIGNER.access_token(
        account_id=account, session_id=session, role="police_officer", client_id="tests", jti=new_id()
    )
    read = jwt.decode(token, KeySet.import_key_set(json.loads(VERIFIER.key_set)), algorithms=["ES256"])
    assert read.header == HEADER
    assert read.claims.keys() == tokens.CLAIMS
    assert (read.claims["sub"], read.claims["sid"]) == (str(account), str(session))
    assert read.claims["exp"] - read.claims["iat"] == LIFETIME
    assert VERIFIER.actor(token).account_id == account


def test_the_tokens_of_another_library_are_read_here_when_they_say_the_same() -> None:
    said = claims()
    token = jwt.encode(HEADER, said, OtherKey.import_key(PEM), algorithms=["ES256"])
    actor = VERIFIER.actor(token)
    assert (str(actor.account_id), str(actor.session_id), actor.scopes) == (said["sub"], said["sid"], {"note:read"})


def test_a_token_dies_ten_minutes_and_a_little_after_it_was_made_even_when_it_has_been_seen() -> None:
    moment = [time.time()]
    verifier = Verifier(tokens.jwks(PEM), **NAMES, clock=lambda: moment[0])
    token = good()
    verifier.actor(token)
    moment[0] += LIFETIME + tokens.LEEWAY - 2
    verifier.actor(token)
    moment[0] += 3
    with pytest.raises(Unauthenticated):
        verifier.actor(token)


def of_software(*granted: str) -> str:
    """A token of software, granted these scopes."""
    ids = {name: new_id() for name in ("account_id", "session_id", "jti")}
    return SIGNER.access_token(**ids, role="partner", client_id="client-tests", granted=granted)


def test_a_token_of_software_says_its_scopes_in_the_order_of_the_policy_and_opens_what_the_policy_says() -> None:
    always = policy().client_scopes["always"]
    token = of_software("orientation:answer", "orientation:read", "orientation:answer")
    read = jwt.decode(token, KeySet.import_key_set(json.loads(VERIFIER.key_set)), algorithms=["ES256"])
    assert read.claims.keys() == tokens.CLAIMS
    assert read.claims["scope"].split(" ") == ["orientation:read", "orientation:answer", *always]
    opened = {"orientation:read", "orientation:answer", "orientation:change", *always}
    assert VERIFIER.actor(token).scopes == opened
    assert VERIFIER.actor(signed(HEADER, machine())).scopes == {"orientation:answer", "orientation:change", "me:read"}
    for scope in ("note:read", "orientation:change", "always", ""):
        assert scope not in VERIFIER.actor(of_software(scope)).scopes


def test_a_token_of_software_dies_five_minutes_and_a_little_after_it_was_made() -> None:
    moment = [time.time()]
    verifier = Verifier(tokens.jwks(PEM), **NAMES, clock=lambda: moment[0])
    token = of_software("referral:send")
    assert verifier.actor(token).role == "partner"
    moment[0] += MACHINE_LIFETIME + tokens.LEEWAY - 2
    verifier.actor(token)
    moment[0] += 3
    with pytest.raises(Unauthenticated):
        verifier.actor(token)


@pytest.mark.parametrize("life", [-300, 0, 1, 299, 301, 599, 601, 900])
def test_a_token_that_lives_neither_as_long_as_those_of_people_nor_as_those_of_software_is_nobody(life: int) -> None:
    assert VERIFIER.actor(signed(HEADER, machine())).role == "partner"
    with pytest.raises(Unauthenticated):
        VERIFIER.actor(signed(HEADER, machine(life=life)))


async def test_the_scopes_of_software_open_nothing_that_the_role_of_a_person_does_not(house: House) -> None:
    session = await house.session_of("officer")
    mine = json.loads(base64.urlsafe_b64decode(session["access_token"].split(".")[1] + "=="))
    pem = house.settings.signing_key.get_secret_value()  # type: ignore[union-attr]
    header = {**HEADER, "kid": house.app.state.desk.keys.signer.public["kid"]}
    scope = "orientation:answer orientation:read referral:read note:read person:read me:read"
    officer = house.caller(signed(header, {**mine, "scope": scope}, pem=pem))
    assert (await officer.get("/v1/referrals")).status_code == 200
    for path in ("/v1/persons", f"/v1/notes/{new_id()}", "/v1/situations", "/v1/interventions"):
        assert (await officer.get(path)).status_code == 403


def test_a_key_set_of_two_keys_reads_both_and_a_retired_key_no_longer() -> None:
    other = new_signing_key()
    both = json.dumps({"keys": [tokens.public_jwk(PEM), tokens.public_jwk(other)]})
    verifier, retired = Verifier(both, **NAMES), Verifier(tokens.jwks(other), **NAMES)
    theirs = signed({**HEADER, "kid": tokens.public_jwk(other)["kid"]}, claims(), pem=other)
    for token in (good(), theirs):
        assert verifier.actor(token).role == "social_worker"
    with pytest.raises(Unauthenticated):
        retired.actor(good())


def test_signatures_are_made_by_cryptography_and_never_by_the_pure_python_fallback() -> None:
    assert ECKey is CryptographyECKey
    assert type(SIGNER._key._key) is CryptographyECKey
    assert all(type(key._key) is CryptographyECKey for key in VERIFIER._keys.values())
