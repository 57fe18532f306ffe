"""Tickets: the steps of a sign-in, sealed in what the client carries from one to the next; read by nobody else.

A ticket says for what it was made, and until when. What must serve once is spent in PostgreSQL (``spend``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, LargeBinary, func, select

from app.access.signatures import base64url
from app.services.clock import now
from app.statements import given
from app.transactions import Writing

NONCE = 12
LONGEST = 4096

SPEND_ONCE = select(
    func.access.spend_once(given("digest", LargeBinary), given("until", DateTime(timezone=True))).label("first")
)


class TicketRefused(Exception):  # noqa: N818 — read as a sentence
    """Not one of ours, of another step, or out of date."""


def seal_ticket(key: bytes, step: str, *, lasts: timedelta, **said: Any) -> str:
    """A ticket for one step; ``said`` is what JSON can hold."""
    body = {**said, "until": (now() + lasts).timestamp()}
    nonce = os.urandom(NONCE)
    sealed = AESGCM(key).encrypt(nonce, json.dumps(body).encode(), _bound_to(step))
    return base64url(nonce + sealed)


def open_ticket(key: bytes, step: str, ticket: str) -> dict[str, Any]:
    """What a ticket says; ``TicketRefused`` for anything else than one of ours, for this step, in date."""
    if len(ticket) > LONGEST:
        raise TicketRefused
    try:
        octets = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
        said: dict[str, Any] = json.loads(AESGCM(key).decrypt(octets[:NONCE], octets[NONCE:], _bound_to(step)))
    except (InvalidTag, ValueError, binascii.Error):
        raise TicketRefused from None
    if said.pop("until") <= now().timestamp():
        raise TicketRefused
    return said


async def spend(writing: Writing, ticket: str, *, until: datetime | None = None) -> bool:
    """True the first time a ticket serves, False ever after. ``until``: when its date alone refuses it."""
    digest = hashlib.sha256(ticket.encode()).digest()
    return bool(
        (await writing.row(SPEND_ONCE, digest=digest, until=until or datetime.now(UTC) + timedelta(hours=1)))["first"]
    )


def _bound_to(step: str) -> bytes:
    return f"relais/ticket/{step}".encode()
