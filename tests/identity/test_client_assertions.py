"""Software that signs its requests (``private_key_jwt``): by its own registered key, for us, now, once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt
from structlog.testing import capture_logs

from app.access.signatures import SigningKey, new_signing_key
from app.models.columns import new_id
from app.refusal import CannotRun
from app.registering import add_client, end_client, set_client_keys
from app.routers.grants import SIGNED, LettingInByKey
from tests.access.hostile_tokens import signed
from tests.house_for_tests import House
from tests.identity.hostile_claims import HOSTILE_ASSERTIONS
from tests.routers.asking import refused
from tests.strong import forget_attempts


def new_rsa_key(bits: int = 2048) -> str:
    """A fresh RSA private key, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Software:
    """Registered software, its secret, and a key of its own."""

    house: House
    client_id: str
    secret: str
    pem: str = field(default_factory=new_signing_key)

    def claims(self, **said: Any) -> dict[str, Any]:
        """Those of a good assertion, changed."""
        moment = int(time.time())
        good = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.house.settings.issuer, "iat": moment,
            "exp": moment + 60, "jti": str(new_id()),
        }  # fmt: skip
        return {name: value for name, value in {**good, **said}.items() if value is not ...}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """An assertion by the key of this software."""
        kept = {name: value for name, value in claims.items() if value is not ...}
        return signed(
            {"alg": "ES256", "typ": "JWT", "kid": SigningKey(self.pem).public["kid"], **header}, kept, pem=self.pem
        )

    async def ask(self, assertion: str, **form: str) -> httpx.Response:
        """A token asked for with an assertion."""
        said = {
            "grant_type": "client_credentials", "client_assertion_type": SIGNED, "client_assertion": assertion, **form,
        }  # fmt: skip
        return await self.house.caller().post("/v1/auth/token", data=said)

    async def publishes(self, *jwks: dict[str, Any]) -> None:
        """The operator registers these keys."""
        where: Any = {"database": self.house.database, "client_id": self.client_id}
        await set_client_keys(self.house.town.superuser_url, published=json.dumps({"keys": jwks}), **where)


async def registered(house: House) -> Software:
    """Software of the CCAS, with its key."""
    said: Any = {
        "name": "Logiciel",
        "partner_id": house.ids["ccas"],
        "scopes": ["orientation:read", "orientation:answer"],
    }
    software = Software(house, *await add_client(house.town.superuser_url, database=house.database, **said))
    await software.publishes(SigningKey(software.pem).public)
    return software


async def sessions(superuser: asyncpg.Connection) -> int:
    """How many sessions there are."""
    found: int = await superuser.fetchval("select count(*) from accounts.session")
    return found


async def test_software_is_let_in_for_five_minutes_by_its_key(house: House, superuser: asyncpg.Connection) -> None:
    software = await registered(house)
    answer = await software.ask(software.sign(software.claims()))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope"} and said["expires_in"] == 300
    claims = jwt.get_unverified_claims(said["access_token"])
    assert (claims["client_id"], claims["exp"] - claims["iat"]) == (software.client_id, 300)
    row = await superuser.fetchrow("select method, expires_at - opened_at = interval '5 minutes' from accounts.session")
    assert tuple(row) == ("client_key", True)
    assert (await house.caller(said["access_token"]).get("/v1/me")).status_code == 200
    for path in ("/v1/persons", f"/v1/notes/{new_id()}", "/v1/situations"):
        refused(await house.caller(said["access_token"]).get(path), 403, "forbidden")


@pytest.mark.parametrize(
    "said",
    [{"aud": "{issuer}/v1/auth/token"}, {"aud": ["{issuer}"]}, {"iat": ...}, {"exp": 300}, {"nbf": 0}],
)  # fmt: skip
async def test_what_the_standard_allows_is_taken(house: House, said: dict[str, Any]) -> None:
    software = await registered(house)
    claims = json.loads(
        json.dumps({name: each for name, each in said.items() if each is not ...}).replace(
            "{issuer}", house.settings.issuer
        )
    )
    claims |= {name: ... for name, each in said.items() if each is ...}
    if "exp" in claims:
        claims["exp"] += int(time.time())
    assert (await software.ask(software.sign(software.claims(**claims)))).status_code == 200
    for typ in ("client-authentication+jwt", "jwt"):
        assert (
            await software.ask(software.sign(software.claims(), typ=typ), client_id=software.client_id)
        ).status_code == 200


async def test_a_key_of_rsa_serves_for_its_own_algorithm(house: House) -> None:
    software, key = await registered(house), SigningKey(new_rsa_key())
    await software.publishes(SigningKey(software.pem).public, key.public)
    assert (await software.ask(key.sign(software.claims(), typ="JWT"))).status_code == 200
    assert (await software.ask(software.sign(software.claims()))).status_code == 200


def test_there_are_at_least_forty_one_hostile_assertions(record_property: Callable[[str, object], None]) -> None:
    record_property("hostile_assertions", len(HOSTILE_ASSERTIONS))
    assert len(HOSTILE_ASSERTIONS) >= 41


async def test_no_hostile_assertion_lets_software_in(house: House, superuser: asyncpg.Connection) -> None:
    software = await registered(house)
    for name, make in HOSTILE_ASSERTIONS.items():
        await forget_attempts(superuser)  # each is looked at, not merely told to wait
        assertion = make(software, software.claims())
        answer = await software.ask(assertion)
        if len(assertion) > 8192:
            refused(answer, 422, "invalid_request", "/client_assertion")
        else:
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client"), name
        assert len(assertion) < 20 or assertion[:20] not in answer.text
    assert await sessions(superuser) == 0
    assert (await software.ask(software.sign(software.claims()))).status_code == 200


async def test_an_assertion_serves_once_even_at_the_same_instant(house: House, superuser: asyncpg.Connection) -> None:
    software, other = await registered(house), await registered(house)
    assertion = software.sign(software.claims(jti="un-jti"))
    answers = await asyncio.gather(*(software.ask(assertion) for _ in range(8)))
    codes = sorted(answer.status_code for answer in answers)
    # The brake makes the last ones wait, whatever they present.
    assert codes[0] == 200 and set(codes[1:]) <= {401, 429}
    await forget_attempts(superuser)
    again = software.sign(software.claims(jti="un-jti", exp=int(time.time()) + 120))
    refused(await software.ask(again), 401, "invalid_client")
    # What one piece of software has used says nothing of another's.
    assert (await other.ask(other.sign(other.claims(jti="un-jti")))).status_code == 200
    assert await sessions(superuser) == 2


async def test_the_key_of_other_software_or_a_key_taken_back_lets_nobody_in(house: House) -> None:
    software, other = await registered(house), await registered(house)
    as_other = signed({"alg": "ES256", "kid": SigningKey(software.pem).public["kid"]}, other.claims(), pem=software.pem)
    refused(await other.ask(as_other), 401, "invalid_client")
    refused(await software.ask(software.sign(software.claims()), client_id=other.client_id), 401, "invalid_client")
    before = software.sign(software.claims())
    await software.publishes(SigningKey(new_signing_key()).public)
    refused(await software.ask(before), 401, "invalid_client")


@pytest.mark.parametrize("column", ["suspended_at = now()", "ended_at = now()", "approved_at = null"])
async def test_software_out_of_service_gets_in_neither_by_its_key_nor_by_its_secret(
    house: House, superuser: asyncpg.Connection, column: str
) -> None:
    software = await registered(house)
    await superuser.execute(f"update accounts.account set {column} where client_id = $1", software.client_id)
    refused(await software.ask(software.sign(software.claims())), 401, "invalid_client")
    by_secret = await house.caller().post(
        "/v1/auth/token", data={"grant_type": "client_credentials"}, auth=(software.client_id, software.secret)
    )
    refused(by_secret, 401, "invalid_client")
    assert await sessions(superuser) == 0


async def test_software_identifies_itself_in_one_way_only(house: House) -> None:
    software = await registered(house)
    assertion = software.sign(software.claims())
    refused(await software.ask(assertion, client_secret=software.secret), 400, "client_authenticated_twice")
    form = {"grant_type": "client_credentials", "client_assertion_type": SIGNED, "client_assertion": assertion}
    twice = await house.caller().post("/v1/auth/token", data=form, auth=(software.client_id, software.secret))
    refused(twice, 400, "client_authenticated_twice")
    refused(await software.ask(assertion, client_assertion_type="x"), 422, "invalid_request", "/client_assertion_type")
    refused(await software.ask(assertion, client_assertion_type=""), 422, "invalid_request", "/client_assertion_type")
    refused(await software.ask(""), 422, "invalid_request", "/client_assertion")
    refused(await software.ask(assertion, code="x"), 422, "invalid_request", "/code")
    refused(await software.ask(assertion, scope="note:read"), 400, "invalid_scope")
    assert (await software.ask(assertion)).status_code == 200, "none of these has spent it"


async def test_an_assertion_is_neither_logged_nor_shown(house: House) -> None:
    software = await registered(house)
    assertion = software.sign(software.claims())
    with capture_logs() as logs:
        await software.ask(assertion)
    assert logs and assertion not in str(logs)
    assert assertion not in repr(LettingInByKey(assertion, None, None))


async def test_an_operator_registers_public_keys_and_nothing_else(house: House) -> None:
    software = await registered(house)
    public = SigningKey(new_signing_key()).public
    for published in (
        "", "[]", "{}", '{"keys":[]}', '{"keys":[],"keys":[]}', json.dumps({"keys": [{**public, "d": "AAAA"}]}),
        json.dumps({"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]}),
        json.dumps({"keys": [{name: said for name, said in public.items() if name != "kid"}]}),
    ):  # fmt: skip
        with pytest.raises(CannotRun):
            await set_client_keys(
                house.town.superuser_url, database=house.database, client_id=software.client_id, published=published
            )
    await end_client(house.town.superuser_url, database=house.database, client_id=software.client_id)
    with pytest.raises(CannotRun):
        await software.publishes(public)
