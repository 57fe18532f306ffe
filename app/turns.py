"""Turns on a lane: whoever asks a lot waits behind themselves, never in front of the others.

One caller holds at most half of the connections and has a bounded number of requests waiting; those who wait are
called in rotation, one request each. Which is why a polite caller waits for one answer of a greedy one, not for all.
The service itself, which is no caller (``None``), is not held back: a start, a test of readiness, background work.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from typing import Final

from app.errors import TooMany

MOST_WAITING: Final = 32
"""Requests of one caller that wait at once: more than any screen sends."""

REFUSAL_TAKES: Final = 1.0
"""Seconds. Answered at once, whoever heeds no refusal would ask again at once, and keep the process busy with it."""
MOST_HELD: Final = 100
"""Refusals that take their time at once, all callers together; beyond, memory counts more."""

_room_to_wait = asyncio.Semaphore(MOST_HELD)


async def hold_refusal() -> None:
    """Let a refusal for having asked too much take its time."""
    if not _room_to_wait.locked():
        async with _room_to_wait:
            await asyncio.sleep(REFUSAL_TAKES)


class Turns:
    """So many may work at once, half of them for one caller at most."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._share = (size + 1) // 2
        self._held: Counter[Hashable] = Counter()
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    async def take(self, caller: Hashable) -> None:
        """Wait for one's turn; 429 for whoever already has many requests waiting."""
        # A free place is one that nobody who waits may take: ``_call_next`` has seen to it.
        if self._free and self._may(caller):
            self._grant(caller)
            return
        queue = self._waiting.setdefault(caller, deque())
        if len(queue) >= MOST_WAITING and caller is not None:
            await hold_refusal()
            raise TooMany("too_many_at_once", retry_after=1)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back(caller)  # called, but gone in the meantime
            else:
                self._forget(caller, turn)
            raise

    def give_back(self, caller: Hashable) -> None:
        """One's turn is over: the next is called."""
        self._free += 1
        self._held[caller] -= 1
        if not self._held[caller]:
            del self._held[caller]
        self._call_next()

    def _may(self, caller: Hashable) -> bool:
        return caller is None or self._held[caller] < self._share

    def _grant(self, caller: Hashable) -> None:
        self._free -= 1
        self._held[caller] += 1

    def _call_next(self) -> None:
        while self._free:
            # Those who hold their half are two at most: the search is short however many wait.
            for caller in self._waiting:
                if self._may(caller):
                    break
            else:
                return
            queue = self._waiting[caller]
            turn = queue.popleft()
            if queue:
                self._waiting.move_to_end(caller)
            else:
                del self._waiting[caller]
            if not turn.done():
                self._grant(caller)
                turn.set_result(None)

    def _forget(self, caller: Hashable, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(caller)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[caller]
