"""Proving oneself again, and changing one's own proofs: each asks for what it does not replace."""

from typing import Any

import asyncpg
import httpx
import pytest

from app.services.fiction import DOMAIN, LOADED
from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.strong import (
    NEW_PASSWORD,
    PASSWORD,
    Telephone,
    enrolled,
    forget_attempts,
    forget_steps,
    give_password,
    give_recovery_code,
    prove,
    sign_in,
    traces,
)


@pytest.fixture
async def telephone(house: House, superuser: asyncpg.Connection) -> Telephone:
    """The worker has a password and a second factor."""
    return await enrolled(house, superuser)


@pytest.fixture
async def worker(house: House) -> httpx.AsyncClient:
    """The worker, signed in."""
    return await house("worker")


async def age(superuser: asyncpg.Connection) -> None:
    """The identity was proved twenty minutes ago."""
    await superuser.execute("update accounts.session set authenticated_at = now() - interval '20 minutes'")


async def recent(superuser: asyncpg.Connection) -> int:
    """How many sessions have a recent proof."""
    return await superuser.fetchval(
        "select count(*) from accounts.session where authenticated_at > now() - interval '1 minute'"
    )


async def works(house: House, tokens: dict[str, Any]) -> bool:
    """Does the token still open the door?"""
    return (await house.caller(tokens["access_token"]).get("/v1/me")).status_code == 200


async def test_a_code_proves_an_identity_again_for_this_session_alone(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient
) -> None:
    await house.session_of("worker")
    await age(superuser)
    code = telephone.code()
    answer = await worker.post("/v1/auth/step-up", json={"code": code})
    assert answer.status_code == 200 and "authenticated_at" in answer.json()
    assert await recent(superuser) == 1
    assert ("step_up", "done") in await traces(superuser)
    await age(superuser)
    refused(await worker.post("/v1/auth/step-up", json={"code": code}), 401, "wrong_credentials")
    assert await recent(superuser) == 0


async def test_nothing_but_a_code_proves_an_identity_again_where_there_is_a_second_factor(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient
) -> None:
    recovery = await give_recovery_code(superuser, house.ids["worker"])
    await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    email = f"worker@{DOMAIN}"
    await superuser.execute("update accounts.account set email = $1 where id = $2", email, house.ids["worker"])
    await age(superuser)
    refused(await worker.post("/v1/auth/step-up", json={"password": PASSWORD}), 401, "wrong_credentials")
    refused(await worker.post("/v1/auth/step-up", json={"code": telephone.code(9)}), 401, "wrong_credentials")
    for said in ({"code": recovery}, {}, {"code": "123456", "password": PASSWORD}, {"code": None}):
        assert (await worker.post("/v1/auth/step-up", json=said)).status_code == 422
    assert await recent(superuser) == 0


@pytest.mark.parametrize("invented", [True, False])
async def test_a_password_proves_an_identity_again_for_an_invented_account_without_a_second_factor(
    house: House, superuser: asyncpg.Connection, worker: httpx.AsyncClient, invented: bool
) -> None:
    await give_password(superuser, house.ids["worker"])
    email = f"worker@{DOMAIN}"
    await superuser.execute("update accounts.account set email = $1 where id = $2", email, house.ids["worker"])
    if invented:
        await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    await age(superuser)
    refused(await worker.post("/v1/auth/step-up", json={"password": "faux"}), 401, "wrong_credentials")
    answer = await worker.post("/v1/auth/step-up", json={"password": PASSWORD})
    assert (answer.status_code, await recent(superuser)) == ((200, 1) if invented else (401, 0))


async def test_a_changed_password_takes_the_present_one_and_a_code_and_ends_the_other_sessions(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient
) -> None:
    other, elsewhere = await house.session_of("worker"), await house.session_of("colleague")
    said = {"password": PASSWORD, "code": telephone.code(), "new_password": NEW_PASSWORD}
    for wrong in ({"password": "faux"}, {"code": telephone.code(7)}):
        refused(await worker.post("/v1/auth/password", json={**said, **wrong}), 401, "wrong_credentials")
    easy = await worker.post("/v1/auth/password", json={**said, "new_password": "worker.exemple.test"})
    refused(easy, 422, "invalid_request", "/new_password")
    assert "worker.exemple" not in easy.text
    assert await works(house, other)

    assert (await worker.post("/v1/auth/password", json=said)).status_code == 204

    assert not await works(house, other) and await works(house, elsewhere)
    assert (await worker.get("/v1/me")).status_code == 200
    await forget_attempts(superuser)
    refused(await sign_in(house.caller(), PASSWORD), 401, "wrong_credentials")
    assert (await sign_in(house.caller(), NEW_PASSWORD)).status_code == 200
    reasons = await superuser.fetch("select revoked_because from accounts.session where revoked_at is not null")
    assert [row["revoked_because"] for row in reasons] == ["password_changed"]
    assert ("revoke", "done") in await traces(superuser) and ("password", "refused") in await traces(superuser)


async def test_whoever_has_no_second_factor_changes_no_password(
    house: House, superuser: asyncpg.Connection, worker: httpx.AsyncClient
) -> None:
    await give_password(superuser, house.ids["worker"])
    said = {"password": PASSWORD, "code": "123456", "new_password": NEW_PASSWORD}
    refused(await worker.post("/v1/auth/password", json=said), 403, "second_factor_missing")
    refused(await worker.post("/v1/auth/second-factor", json={"code": "123456"}), 401, "wrong_credentials")


async def test_a_second_factor_is_replaced_by_whoever_holds_the_present_one_and_the_next(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient
) -> None:
    other, recovery = await house.session_of("worker"), await give_recovery_code(superuser, house.ids["worker"])
    refused(await worker.post("/v1/auth/second-factor", json={"code": telephone.code(8)}), 401, "wrong_credentials")
    announced = await worker.post("/v1/auth/second-factor", json={"code": telephone.code()})
    assert announced.status_code == 200 and announced.headers["cache-control"] == "no-store"
    new = Telephone(announced.json()["secret"])
    assert await works(house, other)

    ticket = announced.json()["ticket"]
    address = "/v1/auth/second-factor/confirm"
    for wrong in ({"ticket": ticket, "code": new.code(6)}, {"ticket": "x", "code": new.code()}):
        refused(await worker.post(address, json=wrong), 401, "wrong_credentials")
    stranger = await house("colleague")
    refused(await stranger.post(address, json={"ticket": ticket, "code": new.code()}), 401, "wrong_credentials")
    confirmed = await worker.post(address, json={"ticket": ticket, "code": new.code()})
    assert confirmed.status_code == 200 and len(set(confirmed.json()["recovery_codes"])) == 10
    refused(await worker.post(address, json={"ticket": ticket, "code": new.code(1)}), 401, "wrong_credentials")

    assert not await works(house, other)
    assert (await worker.get("/v1/me")).status_code == 200
    await forget_attempts(superuser)
    challenge = (await sign_in(house.caller())).json()["challenge"]
    for former in (telephone.code(1), recovery, new.code()):
        refused(await prove(house.caller(), challenge, former), 401, "wrong_credentials")
    assert (await prove(house.caller(), challenge, new.code(1))).status_code == 200


async def test_a_replacement_kept_aside_replaces_nothing_newer(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient
) -> None:
    first = (await worker.post("/v1/auth/second-factor", json={"code": telephone.code()})).json()
    await forget_steps(superuser)
    second = (await worker.post("/v1/auth/second-factor", json={"code": telephone.code()})).json()
    for announced, status in ((second, 200), (first, 401)):
        said = {"ticket": announced["ticket"], "code": Telephone(announced["secret"]).code()}
        assert (await worker.post("/v1/auth/second-factor/confirm", json=said)).status_code == status


@pytest.mark.parametrize("path", ["step-up", "password", "second-factor", "second-factor/confirm"])
async def test_nobody_changes_a_proof_without_a_living_session(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, worker: httpx.AsyncClient, path: str
) -> None:
    said = {
        "step-up": {"code": telephone.code()},
        "password": {"password": PASSWORD, "code": telephone.code(), "new_password": NEW_PASSWORD},
        "second-factor": {"code": telephone.code()},
        "second-factor/confirm": {"ticket": "x", "code": telephone.code()},
    }[path]
    refused(await house.caller().post(f"/v1/auth/{path}", json=said), 401, "unauthenticated")
    refused(await house.caller("x").post(f"/v1/auth/{path}", json=said), 401, "unauthenticated")
    for over in ("revoked_at = now(), revoked_because = 'logout'", "idle_until = now() - interval '1 second'"):
        await superuser.execute(f"update accounts.session set {over}")
        refused(await worker.post(f"/v1/auth/{path}", json=said), 401, "session_ended")
    assert await superuser.fetchval("select last_step from accounts.second_factor where ended_at is null") == 0
