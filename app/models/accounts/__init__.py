"""Circle ``accounts``: accounts, credentials, postings, sessions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, octets, text


class Account(SQLModel, table=True):
    """One person, or the software of one partner; one role."""

    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    email: str | None = text(nullable=True, secret=True)
    name: str = text(secret=True)
    role: str = text()
    employer_id: UUID | None = None
    diploma: str | None = text(nullable=True)
    secrecy_basis: str | None = text(nullable=True)
    created_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    client_id: str | None = text(nullable=True)
    client_scopes: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    suspended_at: datetime | None = instant(nullable=True)
    proposed_by: UUID | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    client_keys: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)


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
    proposed_by: UUID | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


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
    method: str = text()
    authenticated_at: datetime = instant()
    idle_seconds: int
    idle_until: datetime = instant()
    shared_workstation: bool


class RefreshToken(SQLModel, table=True):
    """Single-use refresh token, kept as its SHA-256."""

    __tablename__ = "refresh_token"
    __table_args__ = {"schema": "accounts"}

    token_hash: bytes = octets(primary_key=True)
    session_id: UUID
    issued_at: datetime = instant()
    spent_at: datetime | None = instant(nullable=True)


class SecondFactor(SQLModel, table=True):
    """A TOTP secret, sealed; the last step it accepted is remembered."""

    __tablename__ = "second_factor"
    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    account_id: UUID
    sealed: bytes = octets()
    last_step: int = Field(sa_type=BigInteger)
    confirmed_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class RecoveryCode(SQLModel, table=True):
    """A recovery code, kept as its SHA-256; it falls with its second factor."""

    __tablename__ = "recovery_code"
    __table_args__ = {"schema": "accounts"}

    code_hash: bytes = octets(primary_key=True)
    second_factor_id: UUID
    used_at: datetime | None = instant(nullable=True)


class Invitation(SQLModel, table=True):
    """A single-use link; to enter, or to replace what was lost, it needs the code that another person holds."""

    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    account_id: UUID
    purpose: str = text()
    token_hash: bytes = octets()
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True, repr=False)
    proposed_by: UUID | None = None
    proposed_at: datetime = instant()
    expires_at: datetime = instant()
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    code_hash: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True, repr=False)
    used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class FederatedIdentity(SQLModel, table=True):
    """Who signs in through an institution: awaited by e-mail, then bound to (``iss``, ``sub``)."""

    __tablename__ = "federated_identity"
    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    account_id: UUID
    issuer: str = text()
    email: str = text(secret=True)
    siret: str | None = text(nullable=True)
    subject: str | None = text(nullable=True, secret=True)
    bound_at: datetime | None = instant(nullable=True)
    proposed_by: UUID | None = None
    proposed_at: datetime = instant()
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


class Attempt(SQLModel, table=True):
    """Attempts to sign in, by keyed digest of what was aimed at or of where they came from."""

    __table_args__ = {"schema": "accounts"}

    key: bytes = octets(primary_key=True)
    failures: int
    last_at: datetime = instant()
    free_at: datetime = instant()


class SpentTicket(SQLModel, table=True):
    """What serves once, and has served."""

    __tablename__ = "spent_ticket"
    __table_args__ = {"schema": "accounts"}

    digest: bytes = octets(primary_key=True)
    expires_at: datetime = instant()


class RememberedAnswer(SQLModel, table=True):
    """What a keyed request was answered, sealed; told again to its author, for a day."""

    __tablename__ = "remembered_answer"
    __table_args__ = {"schema": "accounts"}

    account_id: UUID = Field(primary_key=True)
    key: bytes = octets(primary_key=True)
    route: str = text()
    asked: bytes = octets()
    standing: str = text()
    sealed: bytes = octets()
    answered_at: datetime = instant()


class Quota(SQLModel, table=True):
    """Requests of one caller in the window that runs, by keyed digest."""

    __table_args__ = {"schema": "accounts"}

    key: bytes = octets(primary_key=True)
    spent: int
    resets_at: datetime = instant()
