"""A house whose people also sign in through an institution."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.federating import add_identity
from app.settings import Settings
from tests.house_for_tests import House, Town, settings_for
from tests.identity.fake_provider import FakeProvider
from tests.identity.visiting import APPLICATION, REDIRECT, SIRET


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """A small institution on the loopback, that says what a test has it say."""
    async with FakeProvider() as running:
        yield running


@pytest.fixture
def provider(fake: FakeProvider) -> dict[str, Any]:
    """What the settings say of that institution; a module of tests may say something else."""
    return fake.registration()


@pytest.fixture
def settings(town: Town, database: str, keys: dict[str, str], provider: dict[str, Any]) -> Settings:
    """Settings of a process that serves every lane and knows one institution."""
    said: Any = {**keys, "providers": {"essai": provider}, "applications": {APPLICATION: [REDIRECT]}}
    return settings_for(town, database, said)


@pytest.fixture
async def awaited(house: House, provider: dict[str, Any]) -> House:
    """The house, where the worker is awaited from the institution."""
    await add_identity(
        house.town.superuser_url,
        database=house.database,
        email="worker@exemple.test",
        issuer=provider["issuer"],
        siret=SIRET,
    )
    return house
