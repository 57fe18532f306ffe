"""A database of version 0.1.0, with rows, becomes today's: nothing lost, the same fence, and the traffic goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.access.policy import policy
from app.database import Database
from app.installing import INSTALLERS, bootstrap, migrate
from app.refusal import CannotRun
from app.running import preparing
from app.services.proving import prove_lanes
from app.settings import Settings
from tests.access.snapshot import snapshot
from tests.house_for_tests import LANE_PASSWORD, Town

# One upgrade for the whole file; « --dist loadgroup » keeps it in one worker of the test run.
pytestmark = pytest.mark.xdist_group("upgrade")

OLD, NEW = "relais_upgraded", "relais_from_scratch"
ROWS = (Path(__file__).parent / "house_of_0009.sql").read_text(encoding="utf-8")
PASSWORDS = dict.fromkeys((*policy().roles, *INSTALLERS), LANE_PASSWORD)
TABLES = """
select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relrowsecurity order by 1
"""
VERSION = "select version_num from public.alembic_version"
WORKER_SESSION = "00000000-0000-7000-8000-000000000051"
OFFICER_SESSION = "00000000-0000-7000-8000-000000000052"
HELD_FOR = 2.5
"""Seconds during which a social worker reads: longer than the migrator waits for a lock, five times over."""
LANES_WAIT = 2.0
"""Seconds after which a statement of a lane gives up waiting for a lock (``lock_timeout``)."""

Rows = Mapping[str, list[dict[str, Any]]]


@dataclass
class Upgrade:
    """What was seen on the way."""

    refusal: str = ""
    after_the_refusal: str = ""
    while_waiting: str = ""
    at_the_end: str = ""
    before: Rows = field(default_factory=dict)
    after: Rows = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    seen_by_the_reader: list[int] = field(default_factory=list)
    fences: tuple[str, str] = ("", "")


async def _rows(connection: asyncpg.Connection) -> Rows:
    """Every row of every protected table, in a fixed order; column by column, since tables grow."""
    found = {}
    for name in [row["name"] for row in await connection.fetch(TABLES)]:
        rows = await connection.fetch(f"select to_jsonb(t)::text from {name} t order by to_jsonb(t)::text")
        found[name] = [json.loads(row[0]) for row in rows]
    return found


def _as_they_were(rows: list[dict[str, Any]], columns: set[str]) -> list[str]:
    kept = [{name: value for name, value in row.items() if name in columns} for row in rows]
    return sorted(json.dumps(each, sort_keys=True) for each in kept)


def _house(town: Town) -> preparing.House:
    """The house as ``relais bootstrap`` and ``relais migrate`` find it in the environment."""
    migrator = town.lane_url("migrator", OLD)
    return preparing.House(Settings(), OLD, town.superuser_url, migrator, PASSWORDS)


async def _officer_reads(town: Town, seen: Upgrade, done: asyncio.Event) -> None:
    """The unit works on while the migration waits, then passes; each read is an ordinary request's."""
    connection = await asyncpg.connect(town.lane_url("police_officer", OLD))
    try:
        while not done.is_set():
            begun = time.monotonic()
            await connection.execute(f"begin; select access.open('{OFFICER_SESSION}'); select id from shared.referral")
            await connection.execute("commit")
            seen.waits.append(time.monotonic() - begun)
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def _migrated_under_traffic(town: Town, above: asyncpg.Connection, seen: Upgrade) -> None:
    reader = await asyncpg.connect(town.lane_url("social_worker", OLD))
    done = asyncio.Event()
    officer = asyncio.create_task(_officer_reads(town, seen, done))
    try:
        await reader.execute(f"begin; select access.open('{WORKER_SESSION}')")
        seen.seen_by_the_reader.append(await reader.fetchval("select count(*) from social.situation"))
        migrating = asyncio.create_task(asyncio.to_thread(_house(town).migrate))
        await asyncio.sleep(HELD_FOR)
        seen.while_waiting = "finished" if migrating.done() else await above.fetchval(VERSION)
        seen.seen_by_the_reader.append(await reader.fetchval("select count(*) from social.situation"))
        await reader.execute("commit")
        await migrating
        await asyncio.sleep(0.2)
    finally:
        done.set()
        await officer
        await reader.close()


@pytest.fixture(scope="module")
async def upgrade(town: Town) -> AsyncIterator[Upgrade]:
    """From a cluster that never heard of the lane « answering » to today, as docs/operations/deployment.md says."""
    seen = Upgrade()
    # Another name outside of ours: to the program, the role does not exist yet.
    aside = f"set_aside_{uuid4().hex}"
    connection = await asyncpg.connect(town.superuser_url)
    await connection.execute(f"drop database if exists {OLD} with (force)")
    await connection.execute(f"drop database if exists {NEW} with (force)")
    await connection.execute(f"alter role relais_answering rename to {aside}")
    try:
        await bootstrap(town.superuser_url, OLD, PASSWORDS)
        await connection.execute("drop owned by relais_answering; drop role relais_answering")
        await asyncio.to_thread(migrate, town.lane_url("migrator", OLD), revision="0009_policy")
        above = await asyncpg.connect(town.superuser_url, database=OLD)
        try:
            await above.execute(ROWS)
            seen.before = await _rows(above)
            with pytest.raises(CannotRun) as refused:
                await asyncio.to_thread(_house(town).migrate)
            seen.refusal, seen.after_the_refusal = str(refused.value), await above.fetchval(VERSION)
            await asyncio.to_thread(_house(town).bootstrap)
            await _migrated_under_traffic(town, above, seen)
            seen.after, seen.at_the_end = await _rows(above), await above.fetchval(VERSION)
            upgraded = await snapshot(above)
        finally:
            await above.close()
        await bootstrap(town.superuser_url, NEW, PASSWORDS)
        await asyncio.to_thread(migrate, town.lane_url("migrator", NEW))
        above = await asyncpg.connect(town.superuser_url, database=NEW)
        try:
            seen.fences = upgraded, await snapshot(above)
        finally:
            await above.close()
        yield seen
    finally:
        await connection.execute(f"drop database if exists {OLD} with (force)")
        await connection.execute(f"drop database if exists {NEW} with (force)")
        await connection.execute("drop role if exists relais_answering")
        await connection.execute(f"alter role {aside} rename to relais_answering")
        await connection.close()


def test_migrating_before_bootstrap_says_what_to_do_and_touches_nothing(upgrade: Upgrade) -> None:
    assert "relais_answering" in upgrade.refusal and "passez « relais bootstrap »" in upgrade.refusal
    assert upgrade.after_the_refusal == "0009_policy"


def test_every_table_of_then_had_a_row(upgrade: Upgrade) -> None:
    assert len(upgrade.before) > 50
    assert [name for name, rows in upgrade.before.items() if not rows] == []


def test_every_row_of_then_is_still_there_as_it_was(upgrade: Upgrade) -> None:
    for name, rows in upgrade.before.items():
        columns = set(rows[0])
        now = upgrade.after[name]
        if name.startswith("nomenclature."):
            # Lists grow and are reworded by migrations; a code in use never goes away.
            assert {row["code"] for row in rows} <= {row["code"] for row in now}, name
        elif name.startswith("audit."):
            # The upgrade leaves its own traces, in chains of its own.
            lanes = {row["lane"] for row in rows}
            kept = [row for row in now if row["lane"] in lanes]
            assert _as_they_were(kept, columns) == _as_they_were(rows, columns), name
        else:
            assert _as_they_were(now, columns) == _as_they_were(rows, columns), name
            assert columns <= set(now[0]), name


def test_what_is_new_starts_empty(upgrade: Upgrade) -> None:
    lists = {name for name in upgrade.after if name.startswith("nomenclature.")}
    arrived = upgrade.after.keys() - upgrade.before.keys()
    assert "exchange.orientation" in arrived
    # Public holidays are a list too: the migration fills it. And what was there is all to be counted.
    filled = {"statistics.public_holiday"}
    assert [name for name in sorted(arrived - lists) if upgrade.after[name]] == sorted(filled)
    assert [name for name in sorted(arrived & lists) if not upgrade.after[name]] == []


def test_the_fence_is_that_of_a_database_made_today(upgrade: Upgrade) -> None:
    upgraded, made_today = upgrade.fences
    assert len(made_today.splitlines()) > 1000
    assert upgraded.splitlines() == made_today.splitlines()


def test_the_migration_waits_for_whoever_is_reading_and_nobody_else_waits_for_it(upgrade: Upgrade) -> None:
    assert upgrade.while_waiting not in ("finished", upgrade.at_the_end)
    assert upgrade.seen_by_the_reader == [2, 2]
    # No statement of a lane was refused: they give up after two seconds, and none came near.
    assert len(upgrade.waits) > 10
    assert max(upgrade.waits) < LANES_WAIT


async def test_every_lane_starts_on_the_upgraded_database(upgrade: Upgrade, town: Town) -> None:
    assert upgrade.at_the_end
    lanes = await Database.connect({role: town.lane_url(role, OLD) for role in policy().roles}, size=1)
    try:
        await prove_lanes(lanes)
    finally:
        await lanes.close()
