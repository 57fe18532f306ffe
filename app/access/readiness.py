"""What a process says of itself: whether it may take requests, to anyone; its counters, to whoever watches it."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from ipaddress import ip_address

import asyncpg
from pydantic import SecretStr
from starlette.requests import Request

from app.database import Database
from app.errors import NotFound, Unavailable
from app.watching import Watch

FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


async def metrics_page(request: Request) -> bytes:
    """The counters of this process: for this very machine, or for whoever has the token; for others, nothing there."""
    token: SecretStr | None = request.app.state.metrics_token
    said = request.headers.get("authorization", "").encode()
    expected = f"Bearer {token.get_secret_value()}".encode() if token else None
    if not (expected and hmac.compare_digest(said, expected)) and not _from_here(request):
        raise NotFound
    watch: Watch = request.app.state.watch
    return watch.page()


def _from_here(request: Request) -> bool:
    # Who says that it forwards is a proxy: the peer is on this machine, the caller is not.
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


READINESS_KEEPS = 1.0
"""Seconds."""


@dataclass(frozen=True)
class Readiness:
    """May this process take requests?"""

    ready: bool


async def readiness(request: Request) -> Readiness:
    """Ready when it is not stopping and every lane reaches PostgreSQL."""
    state = request.app.state
    if state.stopping:
        return Readiness(ready=False)
    # Anyone may ask, as often as they like: the lanes are asked once a second at most.
    asked_at, known = getattr(state, "readiness", (float("-inf"), None))
    if known is None or time.monotonic() - asked_at >= READINESS_KEEPS:
        known = Readiness(ready=await _lanes_answer(state.database))
        state.readiness = (time.monotonic(), known)
    return known


async def _lanes_answer(database: Database) -> bool:
    try:
        return all([await lane.ready() for lane in database.lanes.values()])
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        Unavailable,
    ):
        return False
