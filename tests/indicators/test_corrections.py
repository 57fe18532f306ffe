"""A late entry or a correction is in the figures at the next read, whatever it touches and however far back.

Kept figures are thrown away from the day that a write may have touched. So the proof is on those that are *not* thrown
away: after any write, once the reader has seen that something changed, every figure still kept is right.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.house_for_tests import Town
from tests.indicators.comparing import PARTS, Asking, differences, fast, perimeters, works
from tests.indicators.corrections import CORRECTIONS
from tests.indicators.oracle_cells import cells_of
from tests.indicators.worlds import World, drawn

# How many worlds, and how many times each correction: more when asked, for a long proof.
WORLDS = int(os.environ.get("RELAIS_TEST_WORLDS", "1"))
TIMES = 3
KEPT_PERIODS = ("2024-12", "2025-Q1", "2025-03", "2025", "2026-01")
KEPT = "select perimeter, post_id, starts_on, until_on, cells from statistics.tally"


@asynccontextmanager
async def undone(superuser: asyncpg.Connection) -> AsyncIterator[None]:
    """What is written here is forgotten."""
    transaction = superuser.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@asynccontextmanager
async def as_the_worker(superuser: asyncpg.Connection) -> AsyncIterator[None]:
    """The same connection, in the same transaction, as the lane that counts everybody."""
    await superuser.execute("set session authorization relais_worker")
    try:
        yield
    finally:
        await superuser.execute("reset session authorization")


async def kept_everywhere(superuser: asyncpg.Connection, world: World) -> int:
    """Everything is counted once, and kept. How many."""
    async with as_the_worker(superuser):
        for kind, place in perimeters(world):
            if kind in ("post", "national", *PARTS):
                for period in KEPT_PERIODS:
                    await fast(superuser, Asking(kind, place, period))
    count: int = await superuser.fetchval("select count(*) from statistics.tally")
    return count


async def wrongly_kept(superuser: asyncpg.Connection, world: World) -> dict[str, object]:
    """Once a reader has come to every post, what is still kept and no longer right."""
    async with as_the_worker(superuser):
        await fast(superuser, Asking("national", "", "2016"))
    known, wrong = await works(superuser), {}
    for row in await superuser.fetch(KEPT):
        who, _, part = row["perimeter"].partition("/")
        slice_, _, place = (part or "all:").partition(":")
        those = [known[row["post_id"]]] if row["post_id"] else list(known.values())
        if row["post_id"] is None and who.startswith("zone:"):
            slice_, place = "zone", who.split(":")[1]
        right = cells_of(those, slice_, place, row["starts_on"], row["until_on"])
        if found := differences(json.loads(row["cells"]), right):
            wrong[f"{row['perimeter']} {row['starts_on']}"] = found
    return wrong


@pytest.mark.parametrize("seed", range(1, 1 + WORLDS))
async def test_what_is_still_kept_after_any_late_entry_or_correction_is_still_right(
    superuser: asyncpg.Connection, town: Town, seed: int
) -> None:
    world = await drawn(superuser, town, seed, size=8)
    kept = await kept_everywhere(superuser, world)
    assert await wrongly_kept(superuser, world) == {}
    assert kept > 150
    wrong: dict[str, object] = {}
    for correction in CORRECTIONS * TIMES:
        async with undone(superuser):
            await correction(world)
            if found := await wrongly_kept(superuser, world):
                wrong[correction.__name__] = found
    assert wrong == {}
