"""What is done outside the API leaves its trace too: in chains of their own, with no name, by the command itself."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from subprocess import CompletedProcess
from uuid import UUID

import asyncpg

from tests.house_for_tests import LANE_PASSWORD, House, Town
from tests.running.relais_for_tests import command


async def relais(town: Town, database: str, *words: str) -> CompletedProcess[str]:
    """A command of the operator, who has the superuser and the migrator."""
    said = {
        "RELAIS_BOOTSTRAP_URL": town.superuser_url, "RELAIS_MIGRATOR_URL": town.lane_url("migrator", database),
        "RELAIS_LANE_PASSWORD__PARTNER": LANE_PASSWORD,
    }  # fmt: skip
    done = await asyncio.to_thread(lambda: command(Path("unused"), 1, *words, **said))
    assert done.returncode == 0, done.stderr
    return done


async def traces(connection: asyncpg.Connection) -> list[tuple[str, str, UUID | None, str]]:
    """What the operators left, in order."""
    rows = await connection.fetch(
        "select lane, act, subject_id, outcome from audit.trace where lane in ('postgres', 'relais_migrator')"
        " order by at"
    )
    return [tuple(row) for row in rows]


async def test_accounts_and_software_that_the_operator_adds_or_ends_are_traced(
    house: House, superuser: asyncpg.Connection
) -> None:
    town, database = house.town, house.database
    ccas = str(house.ids["ccas"])
    await relais(town, database, "accounts", "add", "--role", "dpo", "--email", "d@exemple.test", "--name", "Bolieu")
    said = await relais(
        town, database, "clients", "add", "--name", "Bolieu", "--partner", ccas, "--scope", "orientation:read"
    )
    found = re.search(r"client-[a-z0-9]+", said.stdout)
    assert found
    await relais(town, database, "clients", "end", found.group())

    invitation = await superuser.fetchval("select id from accounts.invitation")
    account, client = [
        await superuser.fetchval(f"select id from accounts.account where {which}")
        for which in ("email = 'd@exemple.test'", "client_id is not null")
    ]
    assert await traces(superuser) == [
        ("postgres", "account:add", account, "done"),
        ("postgres", "invitation:add", invitation, "done"),
        ("postgres", "client:add", client, "done"),
        ("postgres", "client:change", client, "done"),
    ]


async def test_an_account_that_is_not_created_leaves_no_trace(house: House, superuser: asyncpg.Connection) -> None:
    done = await asyncio.to_thread(
        lambda: command(
            Path("unused"), 1, "accounts", "add", "--role", "dpo", "--email", "dpo@exemple.test", "--name", "x",
            RELAIS_BOOTSTRAP_URL=house.town.superuser_url,
            RELAIS_MIGRATOR_URL=house.town.lane_url("migrator", house.database),
        )
    )  # fmt: skip
    assert done.returncode == 1
    assert await traces(superuser) == []


async def test_a_migration_and_a_bootstrap_are_traced_when_they_did_something(town: Town) -> None:
    database = "relais_new"
    server = await asyncpg.connect(town.superuser_url)
    await server.execute(f"drop database if exists {database} with (force)")
    try:
        await relais(town, database, "bootstrap")  # no table yet: there is nowhere to write it
        await relais(town, database, "migrate")
        await relais(town, database, "migrate")
        await relais(town, database, "bootstrap")
        inside = await asyncpg.connect(town.superuser_url, database=database)
        try:
            left = await traces(inside)
        finally:
            await inside.close()
    finally:
        await server.execute(f"drop database if exists {database} with (force)")
        await server.close()
    assert left == [
        ("relais_migrator", "database:migrate", None, "done"),
        ("postgres", "database:bootstrap", None, "done"),
    ]
