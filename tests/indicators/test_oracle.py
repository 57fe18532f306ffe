"""Figures kept and summed, recounted on the records, about to be published: all are those that plain Python counts.

For every kind of perimeter, months, quarters and years, on worlds drawn at random; then again after writes that are
really committed, one after the other.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.indicators.grid import DECLARED
from tests.house_for_tests import Town
from tests.indicators.comparing import Asking, differences, expected, fast, perimeters, slow, to_be_published, works
from tests.indicators.corrections import CORRECTIONS
from tests.indicators.worlds import drawn

# How many worlds: more when asked, for a long proof.
WORLDS = int(os.environ.get("RELAIS_TEST_WORLDS", "1"))
SEEDS = range(101, 101 + WORLDS)
PERIODS = ("2024-12", "2025-03", "2025-10", "2025-Q1", "2025-Q4", "2025", "2026")


@pytest.fixture
async def lane(town: Town, database: str) -> AsyncIterator[asyncpg.Connection]:
    """The lane that counts everybody."""
    connection = await asyncpg.connect(town.lane_url("worker", database))
    yield connection
    await connection.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_four_ways_to_a_figure_agree_for_every_perimeter_and_every_period(
    superuser: asyncpg.Connection, lane: asyncpg.Connection, town: Town, seed: int
) -> None:
    world = await drawn(superuser, town, seed)
    known, counted = await works(superuser), set[str]()
    for kind, place in perimeters(world):
        for period in PERIODS:
            asked = Asking(kind, place, period)
            right = await expected(superuser, known, asked)
            assert differences(await fast(lane, asked), right) == {}, asked
            assert differences(await fast(lane, asked), right) == {}, f"{asked}, kept"
            if period in ("2025", "2025-Q1"):
                assert differences(await slow(superuser, asked), right) == {}, f"{asked}, recounted"
                assert differences(await to_be_published(lane, asked), right) == {}, f"{asked}, to be published"
            counted |= {cell.split("|")[0] for cell in right}
    # A world where nothing of a kind happens proves nothing of it: in the first, everything does.
    assert seed > SEEDS[0] or counted == {*DECLARED.counts, *DECLARED.delays}


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_long_chain_of_corrections_is_followed_read_after_read(
    superuser: asyncpg.Connection, lane: asyncpg.Connection, town: Town, seed: int
) -> None:
    world = await drawn(superuser, town, seed, size=5)
    everything = [Asking(*each, period) for each in perimeters(world) for period in PERIODS]
    for correction in world.draw.sample(CORRECTIONS, len(CORRECTIONS)):
        await correction(world)
        known = await works(superuser)
        for asked in world.draw.sample(everything, 4):
            right = await expected(superuser, known, asked)
            assert differences(await fast(lane, asked), right) == {}, (correction.__name__, asked)
