"""The secret that signs a subscription's notifications: told once, sealed here, proved to PostgreSQL by a digest.

Whoever delivers opens it with the key of its process (``RELAIS_WEBHOOK_KEY``); the proof that it then gives lets it
read with the eyes of the account that keeps the subscription (``access.open_webhook``).
"""

from __future__ import annotations

import base64
import secrets
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.errors import Problem
from app.services.sealing import BrokenSeal, SealingKey

OCTETS: Final = 32
PREFIX: Final = "whsec_"


class BrokenSecret(Problem):
    """500: a secret does not open. Someone moved or changed it, or the key is not the right one."""

    status, code, alarm = 500, "webhook_secret_cannot_be_read", True


class Secret:
    """The bytes of one secret; nothing prints them."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    @classmethod
    def drawn(cls) -> Secret:
        """A fresh one."""
        return cls(secrets.token_bytes(OCTETS))

    def __repr__(self) -> str:
        return "Secret(…)"

    def told(self) -> str:
        """As its subscriber is told, once: ``whsec_…`` (Standard Webhooks)."""
        return PREFIX + base64.b64encode(self.octets).decode()

    @property
    def proof(self) -> bytes:
        """What is shown to PostgreSQL: made from the secret, and no way back to it."""
        return sha256(b"relais/webhook proof" + self.octets).digest()

    @property
    def digest(self) -> bytes:
        """What PostgreSQL keeps: whoever reads the table cannot make the proof from it."""
        return sha256(self.proof).digest()

    def sealed(self, key: SealingKey, webhook_id: UUID) -> bytes:
        """Sealed for its row alone."""
        return key.wrap(self.octets, bound_to=_place(webhook_id))


def opened(sealed: bytes, key: SealingKey, webhook_id: UUID) -> Secret:
    """The secret of this very row; ``BrokenSecret`` when the seal is another's."""
    try:
        return Secret(key.unwrap(sealed, bound_to=_place(webhook_id)))
    except BrokenSeal:
        raise BrokenSecret from None


def _place(webhook_id: UUID) -> bytes:
    return b"outbox.webhook" + webhook_id.bytes
