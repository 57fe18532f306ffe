"""The scene of the probes: made once, cloned for each of them."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.installing import fence_database
from tests.access.probes import Scene
from tests.access.scene import prepare
from tests.house_for_tests import Town


@pytest.fixture(scope="session")
async def worked_in(town: Town, keys: dict[str, str]) -> Scene:
    """A database in which people have worked; not to be touched, only cloned."""
    return await prepare(town, await town.clone(), keys)


@pytest.fixture
async def scene(town: Town, worked_in: Scene) -> AsyncIterator[Scene]:
    """A clone of its own for this probe."""
    town.clones += 1
    name = f"{worked_in.database}_{town.clones}"
    connection = await asyncpg.connect(town.superuser_url)
    try:
        await connection.execute(f"create database {name} template {worked_in.database}")
        await fence_database(connection, name)
    finally:
        await connection.close()
    copy = dataclasses.replace(worked_in, database=name, _free={})
    await copy.renew()
    yield copy
    await copy.close()
    await town.drop(name)
