"""A house on a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.clients.serving import Served, serving
from tests.house_for_tests import House


@pytest.fixture
async def served(house: House, superuser: asyncpg.Connection) -> AsyncIterator[Served]:
    """The running application on loopback, whose people have a password and a telephone."""
    async with serving(house, superuser) as running:
        yield running
