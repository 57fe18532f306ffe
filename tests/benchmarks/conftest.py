"""A few thousand made-up rows, in a database that the tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from app.services.sealing import SealingKey
from benchmarks.data import Size, Worker, populate, workers
from tests.house_for_tests import LANE_PASSWORD, Town

A_FEW_THOUSAND = Size(posts=4, persons=4_000, situations=4_000, interventions=8_000, notes=2_000)


@dataclass(frozen=True)
class Furnished:
    """The database and who works in it."""

    name: str
    workers: list[Worker]


@pytest.fixture(scope="package")
async def furnished(town: Town, keys: dict[str, str]) -> AsyncIterator[Furnished]:
    name = await town.clone()
    connection = await asyncpg.connect(town.superuser_url, database=name)
    sealing_key = SealingKey(keys["sealing_key"])
    await populate(connection, A_FEW_THOUSAND, sealing_key, plain_password=LANE_PASSWORD, check=True)
    found = await workers(connection)
    await connection.close()
    yield Furnished(name, found)
    await town.drop(name)
