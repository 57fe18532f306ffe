"""Column kinds that every table shares: keys, instants, codes. Types, not base classes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, LargeBinary, Text
from sqlmodel import Field

from app.identifiers import new_id

__all__ = ["instant", "key", "new_id", "octets", "text"]


def key() -> Any:
    """The primary key of a table."""
    return Field(default_factory=new_id, primary_key=True)


def text(*, nullable: bool = False, primary_key: bool = False, secret: bool = False) -> Any:
    """A text or a nomenclature code; ``secret`` keeps it out of ``repr``."""
    if nullable:
        return Field(default=None, sa_type=Text, nullable=True, repr=not secret)
    return Field(sa_type=Text, primary_key=primary_key, repr=not secret)


def instant(*, nullable: bool = False) -> Any:
    """An aware instant (UTC)."""
    zoned: Any = DateTime(timezone=True)
    if nullable:
        return Field(default=None, sa_type=zoned, nullable=True)
    return Field(sa_type=zoned)


def octets(*, primary_key: bool = False) -> Any:
    """Bytes that are never printed."""
    return Field(sa_type=LargeBinary, primary_key=primary_key, repr=False)
