"""Identifiers of rows: UUIDv7, drawn here, or by a client that writes while it is offline."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7: made here, so that a row may be written without being read back."""
    return UUID(int=uuid7().int)


def drawn_at(identifier: UUID) -> datetime | None:
    """When a UUIDv7 says that it was drawn (RFC 9562, to the millisecond); ``None`` for any other identifier.

    ``ValueError``: beyond the calendar.
    """
    if identifier.version != 7:
        return None
    return datetime.fromtimestamp((identifier.int >> 80) // 1000, UTC)
