"""What a reset would drop, and what a load would make anew, is looked at first: anything that is not ours stays."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from app.access.policy import policy
from app.demo import marking
from app.refusal import CannotRun
from app.services.fiction import DOMAIN, LOADED, LOADING
from tests.house_for_tests import House
from tests.routers.test_machine_clients import registered
from tests.running.relais_for_tests import command


def urls_of(house: House, database: str) -> dict[str, str]:
    """The environment of an operator whose PostgreSQL is elsewhere."""
    lanes = {f"RELAIS_DATABASE_URL__{role.upper()}": house.town.lane_url(role, database) for role in policy().roles}
    return lanes | {
        "RELAIS_BOOTSTRAP_URL": house.town.superuser_url,
        "RELAIS_MIGRATOR_URL": house.town.lane_url("migrator", database),
    }


async def refused(home: Path, *words: str, **urls: str) -> str:
    """What a command that changes nothing says."""
    done: subprocess.CompletedProcess[str] = await asyncio.to_thread(lambda: command(home, 1, *words, **urls))
    assert done.returncode == 1 and done.stderr.startswith("Erreur : "), done.stdout + done.stderr
    return done.stderr


@asynccontextmanager
async def database_named(superuser: asyncpg.Connection, name: str) -> AsyncIterator[None]:
    """An empty database, for the time of a test."""
    await superuser.execute(f"create database {name}")
    try:
        yield
    finally:
        await superuser.execute(f"drop database {name} with (force)")


@pytest.mark.parametrize("holding", ["create table invoice (total integer)", "create view bill as select 1 as total"])
async def test_a_database_that_has_the_name_of_a_leftover_and_holds_something_is_not_dropped(
    house: House, superuser: asyncpg.Connection, tmp_path: Path, holding: str
) -> None:
    mine = f"{house.database}_mine"
    former = f"{mine}_former"
    async with database_named(superuser, mine), database_named(superuser, former):
        await superuser.execute(f"comment on database {mine} is '{LOADED}'")
        there = await asyncpg.connect(house.town.superuser_url, database=former)
        # In « public » alone, as any other program would.
        await there.execute(holding)
        await there.close()
        said = await refused(tmp_path / "home", "demo", "reset", "--yes", **urls_of(house, mine))
        assert f"« {former} » existe et n'est pas une démonstration" in said
        there = await asyncpg.connect(house.town.superuser_url, database=former)
        kept = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
        assert await there.fetchval(kept) == 1
        await there.close()
        assert not await superuser.fetchval(
            "select exists (select from pg_database where datname = $1)", f"{mine}_anew"
        )


async def only_invented_people(house: House, superuser: asyncpg.Connection) -> None:
    """Every account is one of the demonstration."""
    await superuser.execute(
        "update accounts.account set email = split_part(email, '@', 1) || '@' || $1::text where email is not null",
        DOMAIN,
    )
    await marking.refuse_strangers(superuser)


@pytest.mark.parametrize(("mark", "word"), [(LOADED, "reset"), (LOADING, "load")])
async def test_software_that_is_not_of_the_demonstration_stops_what_would_wipe_it(
    house: House, superuser: asyncpg.Connection, tmp_path: Path, mark: str, word: str
) -> None:
    await only_invented_people(house, superuser)
    client_id, _ = await registered(house)
    await superuser.execute(f"comment on database {house.database} is '{mark}'")
    words = ["demo", word, *(["--yes"] if word == "reset" else [])]
    said = await refused(tmp_path / "home", *words, **urls_of(house, house.database))
    assert "ne sont pas les siens" in said
    there = "select exists (select from accounts.account where client_id = $1)"
    assert await superuser.fetchval(there, client_id)


async def test_software_of_the_demonstration_stops_nothing(house: House, superuser: asyncpg.Connection) -> None:
    await only_invented_people(house, superuser)
    client_id, _ = await registered(house)
    with pytest.raises(CannotRun, match="ne sont pas les siens"):
        await marking.refuse_strangers(superuser)
    await superuser.execute("update accounts.account set client_id = 'demo.ccas' where client_id = $1", client_id)
    await marking.refuse_strangers(superuser)
