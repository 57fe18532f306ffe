"""No process starts on a lane that could not keep its promises, whether a person stands behind that lane or not."""

from __future__ import annotations

import asyncpg
import pytest

from app.access.policy import policy
from app.database import Database
from app.services.proving import UnsafeStart, prove_lanes
from tests.house_for_tests import Town

LANES = tuple(policy().roles)


async def _start(town: Town, database: str, role: str, *, login: str | None = None) -> None:
    """What a process does before it serves one lane."""
    connected = await Database.connect({role: town.lane_url(login or role, database)}, size=1)
    try:
        await prove_lanes(connected)
    finally:
        await connected.close()


@pytest.mark.parametrize("role", LANES)
async def test_every_lane_proves_itself_and_no_other(town: Town, database: str, role: str) -> None:
    await _start(town, database, role)

    with pytest.raises(UnsafeStart, match=rf"{role} .*itself"):
        await _start(town, database, role, login=next(each for each in LANES if each != role))


@pytest.mark.parametrize("role", ["answering", "worker", "authentication", "police_officer"])
async def test_a_lane_that_may_change_settings_in_a_select_is_refused(
    town: Town, database: str, superuser: asyncpg.Connection, role: str
) -> None:
    await superuser.execute("grant execute on function pg_catalog.set_config(text, text, boolean) to public")

    with pytest.raises(UnsafeStart, match=f"{role} .*hardened"):
        await _start(town, database, role)


@pytest.mark.parametrize(
    ("role", "function"),
    [
        ("answering", "access.open_link(bytea)"),
        ("authentication", "access.trace_sign_in(uuid, uuid, text, text)"),
        ("partner", "access.my_partners()"),
    ],
)
async def test_a_database_that_is_not_up_to_date_is_refused(
    town: Town, database: str, superuser: asyncpg.Connection, role: str, function: str
) -> None:
    await superuser.execute(f"revoke execute on function {function} from relais_{role}")
    with pytest.raises(UnsafeStart, match=f"{role} : passez « relais migrate »"):
        await _start(town, database, role)

    await superuser.execute(f"drop function {function} cascade")
    with pytest.raises(UnsafeStart, match=f"{role} : passez « relais migrate »"):
        await _start(town, database, role)
