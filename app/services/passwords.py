"""Passwords: argon2id, at most two at once (each takes 64 MiB), the same time for an unknown account."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.errors import Unavailable

# RFC 9106, second recommended profile: 64 MiB, three passes.
HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
AT_ONCE = 2
WAITING_AT_MOST = 20

_turn = asyncio.Semaphore(AT_ONCE)
_waiting = 0
_NOBODY = HASHER.hash(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """The argon2id digest of a password."""
    return HASHER.hash(password)


def generated() -> str:
    """A password that nobody chose: 144 random bits."""
    return secrets.token_urlsafe(18)


async def matches(password: str, digest: str | None) -> bool:
    """Does the password match? ``None``, for an unknown account, costs as much. 503 when too many wait."""
    global _waiting  # noqa: PLW0603 — one bound for the whole process, that is its point
    if _waiting >= WAITING_AT_MOST:
        raise Unavailable(retry_after=5)
    _waiting += 1
    try:
        async with _turn:
            return await asyncio.to_thread(_verify, password, digest or _NOBODY) and digest is not None
    finally:
        _waiting -= 1


def _verify(password: str, digest: str) -> bool:
    try:
        return HASHER.verify(digest, password)
    except (Argon2Error, InvalidHashError):
        return False
