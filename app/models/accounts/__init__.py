"""Circle ``accounts``: accounts, credentials, postings, sessions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, octets, text


class Account(SQLModel, table=True):
    """One person, or the software of one partner; one role."""

    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    email: str | None = text(nullable=True)
    name: str = text()
    role: str = text()
    employer_id: UUID | None = None
    diploma: str | None = text(nullable=True)
    secrecy_basis: str | None = text(nullable=True)
    created_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    client_id: str | None = text(nullable=True)
    client_scopes: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)


class Credential(SQLModel, table=True):
    """Password digest, for the authentication lane only."""

    __table_args__ = {"schema": "accounts"}

    account_id: UUID = Field(primary_key=True)
    password_hash: str = text(secret=True)
    changed_at: datetime = instant()


class Posting(SQLModel, table=True):
    """Dated assignment: to a unit, to a post, to a partner."""

    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    account_id: UUID
    unit_id: UUID | None = None
    post_id: UUID | None = None
    starts_on: date
    ends_on: date | None = None
    partner_id: UUID | None = None


class Session(SQLModel, table=True):
    """Live session: the only identity that PostgreSQL knows."""

    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    account_id: UUID
    role: str = text()
    client_id: str = text()
    opened_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    revoked_because: str | None = text(nullable=True)


class RefreshToken(SQLModel, table=True):
    """Single-use refresh token, kept as its SHA-256."""

    __tablename__ = "refresh_token"
    __table_args__ = {"schema": "accounts"}

    token_hash: bytes = octets(primary_key=True)
    session_id: UUID
    issued_at: datetime = instant()
    spent_at: datetime | None = instant(nullable=True)
