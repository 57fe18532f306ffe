"""The notifier: looks every second at what each lane has to tell, and tells it; one slow receiver delays no other."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

import httpx
import structlog

from app.access.policy import policy
from app.database import Database, Lane
from app.errors import NotFound, database_facts
from app.notifying import claims, letters
from app.notifying.line import Line, Resolve, resolved
from app.services.clock import now
from app.services.webhook_secrets import BrokenSecret
from app.services.webhooks import WebhookDesk
from app.watching import Watch

_log = structlog.get_logger("relais.notifying")

EVERY: Final = 1.0
"""Seconds between two looks."""
AT_ONCE: Final = 16
"""Receivers called at the same time; each has one call at a time."""
TURN_SECONDS: Final = 30.0
"""One subscription's turn: what it has not been told by then waits for the next."""
SET_ASIDE: Final = 600.0
"""Seconds during which a subscription that cannot be served is left alone."""
LONGEST_REST: Final = 30.0


def notified_lanes() -> frozenset[str]:
    """The roles that may hear of something."""
    return frozenset(role.name for role in policy().people if policy().heard_by(role.name))


class Notifier:
    """Tells the subscribers of the lanes of one process."""

    def __init__(
        self,
        database: Database,
        desk: WebhookDesk,
        *,
        watch: Watch | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
        at_once: int = AT_ONCE,
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        self._lanes = [database.lanes[name] for name in sorted(notified_lanes() & database.lanes.keys())]
        self._desk, self._watch, self._resolve = desk, watch or Watch(), resolve
        self._tls = tls or httpx.create_ssl_context()
        self._looked = looked
        self._turns = asyncio.Semaphore(at_once)
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._aside: dict[UUID, float] = {}
        self._stopping = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until told to stop; then let the calls that were begun finish."""
        self._stopping = stopping
        rest = EVERY
        while not stopping.is_set():
            try:
                await self.look()
                self._looked()
                rest = EVERY
            except Exception as error:
                # PostgreSQL is away, most often. Whatever it is, the next look may do better, and words are not told.
                _log.warning("cannot_look", **database_facts(error))
                rest = min(rest * 2, LONGEST_REST)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), rest)
        await self.settle()

    async def look(self) -> int:
        """Begin a turn for each subscription that has something to be told; how many were begun."""
        begun = 0
        for lane in self._lanes:
            for webhook_id, sealed in await claims.due(lane):
                if webhook_id not in self._busy and self._aside.get(webhook_id, 0.0) <= time.monotonic():
                    self._busy[webhook_id] = asyncio.create_task(self._turn(lane, webhook_id, sealed))
                    begun += 1
        return begun

    async def settle(self) -> None:
        """Wait for the turns that were begun."""
        while self._busy:
            await asyncio.gather(*self._busy.values())

    async def _turn(self, lane: Lane, webhook_id: UUID, sealed: bytes) -> None:
        try:
            async with self._turns:
                await self._tell(lane, webhook_id, sealed)
        except NotFound:
            pass  # over, or changed, since we looked
        except BrokenSecret:
            self._aside[webhook_id] = time.monotonic() + SET_ASIDE
            self._alarm("broken_seal", webhook_id)
        except Exception as error:
            # What was taken is taken again once its lease is over.
            _log.warning("turn_cut_short", webhook=str(webhook_id), **database_facts(error))
        finally:
            del self._busy[webhook_id]

    async def _tell(self, lane: Lane, webhook_id: UUID, sealed: bytes) -> None:
        claimed = await claims.claim(lane, self._desk.key, webhook_id, sealed)
        if not claimed.deliveries:
            return
        told: list[claims.Told] = []
        until = time.monotonic() + TURN_SECONDS
        url = claimed.webhook["url"]
        async with Line(url, self._desk.reach, tls=self._tls, resolve=self._resolve) as line:
            for delivery in claimed.deliveries:
                body, at = letters.written(delivery), now()
                heard = await line.post(body, letters.signed(delivery, body, claimed.secrets, at=at))
                told.append(claims.Told(delivery, at, heard))
                # A receiver that fails is not insisted upon: the rest waits for its next turn.
                if not heard.well or time.monotonic() > until or self._stopping.is_set():
                    break
        paused = await claims.record(lane, claimed, told)
        last = told[-1].heard
        _log.info(
            "told", webhook=str(webhook_id), lane=lane.role, delivered=sum(each.heard.well for each in told),
            status=last.status, failure=last.failure,
        )  # fmt: skip
        if paused is not None:
            self._alarm(f"webhook_{paused}", webhook_id)

    def _alarm(self, kind: str, webhook_id: UUID) -> None:
        self._watch.count(kind)
        _log.warning("alarm", alarm=True, kind=kind, webhook=str(webhook_id))
