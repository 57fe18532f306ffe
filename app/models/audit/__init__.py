"""Circle ``audit``: chained traces, written by ``access.trace`` alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.models.columns import instant, octets, text


class Head(SQLModel, table=True):
    """Last link of one chain."""

    __table_args__ = {"schema": "audit"}

    perimeter_id: UUID = Field(primary_key=True)
    lane: str = text(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    hash: bytes = octets()


class Trace(SQLModel, table=True):
    """One link: who did what, when; never a name nor a text."""

    __table_args__ = {"schema": "audit"}

    id: UUID
    perimeter_id: UUID = Field(primary_key=True)
    lane: str = text(primary_key=True)
    seq: int = Field(sa_type=BigInteger, primary_key=True)
    at: datetime = instant()
    account_id: UUID | None = None
    session_id: UUID | None = None
    act: str = text()
    subject_id: UUID | None = None
    row_count: int
    outcome: str = text()
    prev_hash: bytes = octets()
    hash: bytes = octets()
