"""Documents of elsewhere, kept for a while: one fetch for all who ask at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

KEPT_FOR = 3600.0
"""Seconds."""
FORCED_EVERY = 60.0
"""Seconds between two fetches that an unknown key asks for: whoever invents keys does not make us call."""

Document = TypeVar("Document")


class Kept(Generic[Document]):
    """One document, fetched when it is needed and too old."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Document]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: tuple[float, Document] | None = None
        self._forced_at = float("-inf")
        self._under_way: asyncio.Task[Document] | None = None

    async def get(self) -> Document:
        """The document, of less than an hour."""
        if self._known is not None and self._clock() - self._known[0] < KEPT_FOR:
            return self._known[1]
        return await self._shared()

    async def get_again(self) -> Document:
        """The document, fetched anew unless that was asked less than a minute ago."""
        if self._under_way is None:
            if self._clock() - self._forced_at < FORCED_EVERY:
                return await self.get()
            self._forced_at = self._clock()
        return await self._shared()

    async def _shared(self) -> Document:
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._fetched())
            self._under_way.add_done_callback(self._over)
        # Whoever stops waiting does not stop the others.
        return await asyncio.shield(self._under_way)

    async def _fetched(self) -> Document:
        found = await self._fetch()
        self._known = (self._clock(), found)
        return found

    def _over(self, task: asyncio.Task[Document]) -> None:
        self._under_way = None
        if not task.cancelled():
            task.exception()  # seen, even when all who asked are gone

    async def close(self) -> None:
        """Stop a fetch under way."""
        if (task := self._under_way) is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
