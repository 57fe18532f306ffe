"""My own sessions, how long they last, and how they end. Time passes because the superuser moves its rows."""

import asyncio
import os
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, refused, session_id
from tests.strong import enrolled, signed_in

ROUNDS = int(os.environ.get("RELAIS_RACE_ROUNDS", "10"))


async def mine(house: House, name: str = "worker") -> list[dict[str, Any]]:
    """The list, as this person sees it."""
    answer = await (await house(name)).get("/v1/me/sessions")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def works(house: House, tokens: dict[str, Any]) -> bool:
    """Does the token still open the door?"""
    return (await house.caller(tokens["access_token"]).get("/v1/me")).status_code == 200


async def renew(house: House, token: str) -> Any:
    """Renew a session."""
    return await house.caller().post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


async def pass_time(superuser: asyncpg.Connection, **delay: float) -> None:
    """Time passes for every session."""
    await superuser.execute(
        "update accounts.session set opened_at = opened_at - $1::interval, expires_at = expires_at - $1::interval,"
        " idle_until = idle_until - $1::interval, authenticated_at = authenticated_at - $1::interval",
        timedelta(**delay),
    )


async def test_i_see_my_living_sessions_the_present_one_marked_and_nobody_elses(
    house: House, superuser: asyncpg.Connection
) -> None:
    own = await session_id(house, "worker")
    await house.session_of("colleague")
    await house.session_of("worker")
    ended = await house.session_of("worker")
    await house.caller().post("/v1/auth/revoke", data={"token": ended["refresh_token"]})
    found = await mine(house)
    assert len(found) == 2
    assert [each["id"] for each in found if each["current"]] == [str(own)]
    assert found[0].keys() == {
        "id", "client_id", "method", "shared_workstation", "opened_at", "authenticated_at", "idle_until", "expires_at",
        "current",
    }  # fmt: skip
    await pass_time(superuser, hours=3)
    refused(await (await house("worker")).get("/v1/me/sessions"), 401, "session_ended")


@pytest.mark.parametrize("name", ["officer", "worker", "partner", "dpo", "administrator"])
async def test_i_end_another_session_of_mine_at_once(house: House, superuser: asyncpg.Connection, name: str) -> None:
    own, other = await session_id(house, name), await house.session_of(name)
    (lost,) = [each["id"] for each in await mine(house, name) if each["id"] != str(own)]
    me = await house(name)
    assert (await me.delete(f"/v1/me/sessions/{lost}")).status_code == 204
    assert not await works(house, other)
    refused(await renew(house, other["refresh_token"]), 401, "refresh_refused")
    refused(await me.delete(f"/v1/me/sessions/{lost}"), 404, "not_found")
    said = await superuser.fetchval("select revoked_because from accounts.session where id = $1", UUID(lost))
    assert said == "owner"
    acts = [tuple(row) for row in await superuser.fetch("select act, subject_id::text from audit.trace")]
    assert ("my_session:change", lost) in acts


async def test_i_end_neither_the_session_of_another_nor_the_one_i_am_using(house: House) -> None:
    worker, theirs = await house("worker"), await session_id(house, "colleague")
    for unknown in (theirs, UNKNOWN):
        refused(await worker.delete(f"/v1/me/sessions/{unknown}"), 404, "not_found")
    assert (await (await house("colleague")).get("/v1/me")).status_code == 200
    own = await session_id(house, "worker")
    refused(await worker.delete(f"/v1/me/sessions/{own}"), 409, "session_is_current")
    assert (await worker.get("/v1/me")).status_code == 200


def _lasts(session: dict[str, Any]) -> tuple[timedelta, timedelta]:
    opened = datetime.fromisoformat(session["opened_at"])
    at_most = datetime.fromisoformat(session["expires_at"]) - opened
    return at_most, datetime.fromisoformat(session["idle_until"]) - opened


@pytest.mark.parametrize(
    ("name", "shared", "hours", "idle_minutes"),
    [("worker", False, 12, 120), ("worker", True, 8, 30), ("officer", False, 8, 30), ("commander", False, 8, 30),
     ("dpo", False, 12, 120)],
)  # fmt: skip
async def test_a_session_lasts_less_on_a_workstation_that_others_use(
    house: House, superuser: asyncpg.Connection, name: str, shared: bool, hours: int, idle_minutes: int
) -> None:
    telephone = await enrolled(house, superuser, name)
    said = {"email": f"{name}@exemple.test", "shared_workstation": shared}
    tokens = await signed_in(house.caller(), telephone, **said)
    answer = await house.caller(tokens["access_token"]).get("/v1/me/sessions")
    (session,) = answer.json()["items"]
    assert _lasts(session) == (timedelta(hours=hours), timedelta(minutes=idle_minutes))
    assert (session["shared_workstation"], session["method"]) == (shared or hours == 8, "password_totp")

    await pass_time(superuser, minutes=idle_minutes - 1)
    assert await works(house, tokens)
    renewed = await renew(house, tokens["refresh_token"])
    assert renewed.status_code == 200
    await pass_time(superuser, minutes=idle_minutes - 1)
    assert await works(house, renewed.json())
    await pass_time(superuser, minutes=1.1)
    assert not await works(house, renewed.json())
    refused(await renew(house, renewed.json()["refresh_token"]), 401, "refresh_refused")


async def test_renewing_never_goes_beyond_the_absolute_limit(house: House, superuser: asyncpg.Connection) -> None:
    tokens = await house.session_of("worker")
    for _ in range(7):
        tokens = (await renew(house, tokens["refresh_token"])).json()
        assert await works(house, tokens)
        await pass_time(superuser, minutes=100)
    refused(await renew(house, (await renewed_or(house, tokens))["refresh_token"]), 401, "refresh_refused")


async def renewed_or(house: House, tokens: dict[str, Any]) -> dict[str, Any]:
    """The next pair while there is one, forty minutes before the end; then the same again, after it."""
    answer = await renew(house, tokens["refresh_token"])
    assert answer.status_code == 200
    connection = await asyncpg.connect(house.town.superuser_url, database=house.database)
    try:
        await pass_time(connection, minutes=30)
        await connection.execute("update accounts.session set idle_until = now() + interval '1 hour'")
    finally:
        await connection.close()
    return answer.json()


async def test_of_eight_renewals_at_the_same_instant_all_get_the_same_successor(house: House) -> None:
    wrong = []
    for _ in range(ROUNDS):
        first = await house.session_of("worker")
        answers = await asyncio.gather(*(renew(house, first["refresh_token"]) for _ in range(8)))
        given = {answer.json().get("refresh_token") for answer in answers}
        if {answer.status_code for answer in answers} != {200} or len(given) != 1:
            wrong.append([answer.status_code for answer in answers])
            continue
        after = await renew(house, given.pop())
        if after.status_code != 200 or not await works(house, after.json()):
            wrong.append(["after", after.status_code])
    assert wrong == []
