"""A house whose operator lets notifications reach this machine, and a notifier on its lanes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.notifying.notifier import Notifier
from app.settings import Settings
from tests.house_for_tests import House, Town, settings_for
from tests.notifying.receiver import Receiver, receiving


@pytest.fixture
def settings(town: Town, database: str, keys: dict[str, str]) -> Settings:
    """Settings of one process that serves every lane, and may notify this machine."""
    return settings_for(town, database, {**keys, "webhook_networks": "127.0.0.0/8"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of notifications."""
    async with receiving() as found:
        yield found


@pytest.fixture
def notifier(house: House) -> Notifier:
    """What ``relais worker`` runs, on the pools of the house."""
    return Notifier(house.app.state.database, house.app.state.webhook_desk, watch=house.app.state.watch)
