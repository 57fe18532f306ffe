"""The same requests in both worlds, while secret work goes on in one of them: every answer must be the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from tests.access.hearing import Hearing
from tests.access.secret_work import SecretWork
from tests.access.worlds import Asked, Heard, World

LOOKS_EVERY = 10


class Asking(Protocol):
    """Somebody who asks, request after request."""

    def next(self) -> Asked:
        """One more request."""

    def goes_on(self) -> bool:
        """Follow the next page?"""


def differences(quiet: Heard, busy: Heard) -> Iterator[str]:
    """What whoever asks could notice."""
    for name in ("status", "headers", "body"):
        if getattr(quiet, name) != getattr(busy, name):
            yield f"{name}: {getattr(quiet, name)} / {getattr(busy, name)}"


class Comparison:
    """Two worlds, the secret work of the busy one, and what was compared."""

    def __init__(self, quiet: World, busy: World, secrets: SecretWork, hearing: Hearing) -> None:
        self.quiet, self.busy, self.secrets, self.hearing = quiet, busy, secrets, hearing
        self.statuses: Counter[int] = Counter()
        self.number = self.pages = 0

    async def of(self, asking: Asking, *, steps: int, past: int) -> None:
        """``past`` days of secret work, then ``steps`` requests in both worlds, and the pages that follow."""
        for _ in range(past):
            await self.secrets.some(2)
        for step in range(steps):
            if step % LOOKS_EVERY == 0:
                await self.hearing.both()
            asked = asking.next()
            if asked.published:
                await self._published(asked)
                continue
            await self._both(asked, at_once=step % 5 == 0)
            while self.quiet.following is not None and asking.goes_on():
                self.pages += 1
                here, there = self.quiet.following, self.busy.following
                assert there is not None
                await self._same(Asked(asked.by, "GET", here), await self._heard(Asked(asked.by, "GET", there)))

    async def _published(self, asked: Asked) -> None:
        """By the post, in both worlds: what its own answer tells is the post's."""
        await self.secrets.some(1)
        self.number += 1
        for world in (self.busy, self.quiet):
            await world.ask(asked, self.number)
        self.quiet.following = self.busy.following = None

    async def _heard(self, asked: Asked) -> Heard:
        self.number += 1
        return await self.busy.ask(asked, self.number)

    async def _both(self, asked: Asked, *, at_once: bool) -> None:
        """In the busy world, sometimes while the secret work goes on."""
        if at_once:
            heard, _ = await asyncio.gather(self._heard(asked), self.secrets.some(3))
        else:
            await self.secrets.some(1)
            heard = await self._heard(asked)
        await self._same(asked, heard)

    async def _same(self, asked: Asked, heard: Heard) -> None:
        found = list(differences(await self.quiet.ask(asked, self.number), heard))
        assert not found, f"request {self.number}, {asked}:\n" + "\n".join(found)
        self.statuses[heard.status] += 1

    def same_acts(self) -> None:
        """Both worlds saw the same acts of whoever asks, and their own identifiers are not the same ones."""
        assert sorted(self.quiet.labels.values()) == sorted(self.busy.labels.values())
        assert self.quiet.labels.keys().isdisjoint(self.busy.labels.keys())

    def told(self) -> str:
        """Numbers, for the report."""
        return (
            f"{self.number} requests in each world ({self.pages} following pages), statuses {dict(self.statuses)};"
            f" secret acts {sum(self.secrets.done.values())}: {dict(self.secrets.done)}, {dict(self.secrets.statuses)}"
        )
