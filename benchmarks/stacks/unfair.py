"""Relais without turns: whoever asks first is served first, however much they ask. To measure what turns are worth."""

import asyncio
from collections.abc import Hashable
from typing import Any

from app import database
from app.main import create_app
from app.settings import Settings


class FirstComeFirstServed:
    """What a lane had before turns: one queue for all."""

    def __init__(self, size: int) -> None:
        self._places = asyncio.Semaphore(size)

    async def take(self, _caller: Hashable) -> None:
        """Wait behind everyone."""
        await self._places.acquire()

    def give_back(self, _caller: Hashable) -> None:
        """The next, whoever it is."""
        self._places.release()


def make() -> Any:
    """The application, from the environment."""
    database.Turns = FirstComeFirstServed
    return create_app(Settings())
