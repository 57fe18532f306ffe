"""Circle ``outbox``: what has happened, told to one organisation that could read it; a kind, an identifier, a time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, octets, text


class Webhook(SQLModel, table=True):
    """A subscription of one post or partner; it reads with the eyes of the account that keeps it."""

    __tablename__ = "webhook"
    __table_args__ = {"schema": "outbox"}

    id: UUID = key()
    account_id: UUID
    role: str = text()
    post_id: UUID | None = None
    partner_id: UUID | None = None
    url: str = text(secret=True)
    event_types: list[str] = Field(sa_type=ARRAY(Text))
    sealed_secret: bytes = octets()
    secret_digest: bytes = octets()
    previous_sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True, repr=False)
    previous_until: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    paused_at: datetime | None = instant(nullable=True)
    paused_because: str | None = text(nullable=True)
    failing_since: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


class Delivery(SQLModel, table=True):
    """One event to tell, or told, to one subscription; ``id`` is its ``webhook-id``, the same at each attempt."""

    __tablename__ = "delivery"
    __table_args__ = {"schema": "outbox"}

    id: UUID = key()
    webhook_id: UUID
    post_id: UUID | None = None
    partner_id: UUID | None = None
    event_type: str = text()
    subject_id: UUID
    happened_at: datetime = instant()
    state: str = text()
    attempts: list[dict[str, Any]] = Field(sa_type=JSONB)
    tries: int
    next_attempt_at: datetime | None = instant(nullable=True)
    delivered_at: datetime | None = instant(nullable=True)
