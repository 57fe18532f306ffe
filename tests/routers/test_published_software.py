"""Software whose secret is published is let in where everything is invented, and nowhere else."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import asyncpg
import httpx
import pytest
from jose import jwk, jwt

from app.access.tokens import new_signing_key
from app.demo.stable import software
from app.models.columns import new_id
from app.services.fiction import LOADED, LOADING
from app.services.passwords import hashed
from app.services.proving import UnsafeStart, prove_lanes
from tests.house_for_tests import House
from tests.routers.asking import refused

MUNICIPAL = software()[0]
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
async def private_key(house: House, superuser: asyncpg.Connection) -> str:
    """The software of the demonstration, as a copy of its database would bring it, with a key besides its secret."""
    key = new_signing_key()
    public = jwk.construct(key, "ES256").public_key().to_dict()
    shown = {name: said.decode() if isinstance(said, bytes) else said for name, said in public.items()}
    await superuser.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    await superuser.execute(
        "insert into accounts.account (id, name, role, created_at, approved_at, client_id, client_scopes, client_keys)"
        " values ($1, $2, 'partner', now(), now(), $3, $4, $5)",
        MUNICIPAL.id, MUNICIPAL.name, MUNICIPAL.client_id, MUNICIPAL.scopes, {"keys": [{**shown, "kid": "k"}]},
    )  # fmt: skip
    await superuser.execute(
        "insert into accounts.credential values ($1, $2, now())", MUNICIPAL.id, hashed(MUNICIPAL.secret)
    )
    await superuser.execute(
        "insert into accounts.posting (id, account_id, partner_id, starts_on, approved_at)"
        " values ($1, $2, $3, '2026-01-01', now())",
        new_id(), MUNICIPAL.id, house.ids["ccas"],
    )  # fmt: skip
    return key


async def _by_secret(house: House) -> httpx.Response:
    return await house.caller().post("/v1/auth/token", data=FORM, auth=(MUNICIPAL.client_id, MUNICIPAL.secret))


async def _by_key(house: House, key: str) -> httpx.Response:
    said = {"iss": MUNICIPAL.client_id, "sub": MUNICIPAL.client_id, "aud": house.settings.issuer,
            "jti": str(uuid.uuid4()), "exp": int(time.time()) + 60}  # fmt: skip
    form: dict[str, Any] = {
        **FORM,
        "client_assertion": jwt.encode(said, key, algorithm="ES256", headers={"kid": "k"}),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    return await house.caller().post("/v1/auth/token", data=form)


async def test_a_published_secret_opens_nothing_outside_the_demonstration(
    house: House, superuser: asyncpg.Connection, private_key: str
) -> None:
    for comment in (None, "une base à nous"):
        said = "null" if comment is None else f"'{comment}'"
        await superuser.execute(f"comment on database {house.database} is {said}")
        refused(await _by_secret(house), 401, "invalid_client")
        refused(await _by_key(house, private_key), 401, "invalid_client")
    assert await superuser.fetchval("select count(*) from accounts.session") == 0


async def test_it_opens_the_demonstration_with_every_scope_of_a_municipal_software(
    house: House, superuser: asyncpg.Connection, private_key: str
) -> None:
    for comment in (LOADING, LOADED):
        await superuser.execute(f"comment on database {house.database} is '{comment}'")
        for answer in (await _by_secret(house), await _by_key(house, private_key)):
            assert answer.status_code == 200, answer.text
            assert answer.json()["scope"].split()[:5] == [
                "orientation:read", "orientation:answer", "referral:read", "referral:send", "webhook:manage",
            ]  # fmt: skip


async def test_a_process_does_not_start_on_real_data_that_hold_published_software(
    house: House, private_key: str
) -> None:
    assert private_key
    with pytest.raises(UnsafeStart, match="démonstration"):
        await prove_lanes(house.app.state.database)
