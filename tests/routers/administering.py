"""How the tests of accounts ask: two administrators, and an old proof."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.services.sessions import open_session
from tests.house_for_tests import PEOPLE, House
from tests.routers.asking import session_id

SOMEONE = {"email": "Nadia.Beauvoir@exemple.test", "name": "Nadia Beauvoir"}


async def proposed(house: House, by: str = "administrator", **said: Any) -> dict[str, Any]:
    """An account just proposed: a social worker's unless told otherwise."""
    answer = await (await house(by)).post("/v1/accounts", json={**SOMEONE, "role": "social_worker", **said})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def opened(house: House, **said: Any) -> dict[str, Any]:
    """An account that one administrator proposed and the other approved."""
    account = await proposed(house, **said)
    answer = await (await house("other_administrator")).post(f"/v1/accounts/{account['id']}/approve")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def posted(house: House, account_id: Any, by: str = "administrator", **said: Any) -> dict[str, Any]:
    """A posting just proposed: to the shared post, since the first of January, unless told otherwise."""
    places = said if {"unit_id", "post_id", "partner_id"} & said.keys() else {"post_id": str(house.ids["shared_post"])}
    draft = {"account_id": str(account_id), "starts_on": "2026-01-01", **places, **said}
    answer = await (await house(by)).post("/v1/postings", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def caller_for(house: House, account: dict[str, Any]) -> httpx.AsyncClient:
    """The client of someone whose account was just opened, her identity proved."""
    desk = house.app.state.desk
    async with desk.lane.service_transaction() as writing:
        tokens = await open_session(
            writing, desk.keys, account_id=UUID(account["id"]), role=account["role"], client_id="tests",
            method="password_totp",
        )  # fmt: skip
    return house.caller(tokens["access_token"])


@contextlib.asynccontextmanager
async def lane_of(house: House, name: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the very login of a person, in her live session: what a stolen connection could do."""
    connection = await asyncpg.connect(house.town.lane_url(PEOPLE[name][0], house.database))
    try:
        await connection.execute("begin")
        await connection.execute(f"select access.open('{await session_id(house, name)}')")
        yield connection
    finally:
        await connection.close()


async def refused_by_postgres(connection: asyncpg.Connection, sqlstate: str, statement: str, *said: Any) -> None:
    """The lane may not do this, whatever the program says."""
    await connection.execute("savepoint attempt")
    try:
        await connection.execute(statement, *said)
    except asyncpg.PostgresError as error:
        assert error.sqlstate == sqlstate, f"{statement}: {error}"
        await connection.execute("rollback to savepoint attempt")
    else:
        raise AssertionError(f"accepted: {statement}")


async def grow_old(superuser: asyncpg.Connection) -> None:
    """Eleven minutes pass since everyone proved an identity."""
    await superuser.execute("update accounts.session set authenticated_at = authenticated_at - interval '11 minutes'")
