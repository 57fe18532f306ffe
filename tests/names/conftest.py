"""These tests call pure functions and write nothing: one database serves them all."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.house_for_tests import Town


@pytest.fixture(scope="session")
async def superuser(town: Town) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a copy of the template."""
    name = await town.clone()
    connection = await asyncpg.connect(town.superuser_url, database=name)
    yield connection
    await connection.close()
    await town.drop(name)
