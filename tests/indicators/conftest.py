"""What the worked examples share: a base where each has a post of its own, or a base of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import asyncpg
import pytest

from tests.house_for_tests import House, Town, settings_for
from tests.indicators.ground import on
from tests.indicators.reading import Figures


@pytest.fixture(scope="session")
async def counting_house(town: Town, keys: Mapping[str, str]) -> AsyncIterator[House]:
    """One running application for all the examples."""
    database = await town.clone()
    async with House.running(town, database, settings_for(town, database, keys)) as running:
        yield running
    await town.drop(database)


@pytest.fixture(scope="session")
async def above(town: Town, counting_house: House) -> AsyncIterator[asyncpg.Connection]:
    """A connection from above to their base."""
    connection = await asyncpg.connect(town.superuser_url, database=counting_house.database)
    yield connection
    await connection.close()


@pytest.fixture
async def figures(counting_house: House, above: asyncpg.Connection) -> Figures:
    """A post where nothing was ever done, held by the worker: to be written on, then read."""
    found = Figures.of(counting_house, above)
    post = await found.ground.new_post()
    await found.ground.posting(on("2020-01-01"), account="worker")
    found.perimeter = f"post:{post}"
    return found


@pytest.fixture
def figures_alone(house: House, superuser: asyncpg.Connection) -> Figures:
    """The same in a base of its own, for what changes more than one post."""
    return Figures.of(house, superuser)
