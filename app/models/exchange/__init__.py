"""Circle ``exchange``: what is addressed to one partner, or comes from it; the post and that partner read it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, octets, text


class SentOrientation(SQLModel, table=True):
    """An orientation as the partner sees it, and what it answered. No name."""

    __tablename__ = "orientation"
    __table_args__ = {"schema": "exchange"}

    id: UUID = key()
    post_id: UUID
    partner_id: UUID
    service_id: UUID | None = None
    reference: str = text()
    legal_basis: str = text()
    fields: list[str] = Field(sa_type=ARRAY(Text))
    person_informed: str = text()
    sent_at: datetime = instant()
    sent_by: UUID
    acknowledged_at: datetime | None = instant(nullable=True)
    taken_up_at: datetime | None = instant(nullable=True)
    refused_at: datetime | None = instant(nullable=True)
    refusal_reason: str | None = text(nullable=True)
    outcome_code: str | None = text(nullable=True)
    outcome_on: date | None = None
    answered_by: UUID | None = None
    closed_at: datetime | None = instant(nullable=True)


class OrientationContent(SQLModel, table=True):
    """The transmitted fields, sealed; the holder of an answer link never reads them."""

    __tablename__ = "orientation_content"
    __table_args__ = {"schema": "exchange"}

    orientation_id: UUID = Field(primary_key=True)
    post_id: UUID = Field(primary_key=True)
    partner_id: UUID
    sealing_key_id: str = text()
    wrapped_key: bytes = octets()
    sealed: bytes = octets()
    closed_at: datetime | None = instant(nullable=True)


class AnswerLink(SQLModel, table=True):
    """A single-use, dated, revocable way to answer a reference."""

    __tablename__ = "answer_link"
    __table_args__ = {"schema": "exchange"}

    id: UUID = key()
    post_id: UUID
    orientation_id: UUID
    token_hash: bytes = octets()
    created_by: UUID
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class PartnerReferral(SQLModel, table=True):
    """A person whom a partner directs to a post; no unit ever knows."""

    __tablename__ = "referral"
    __table_args__ = {"schema": "exchange"}

    id: UUID = key()
    partner_id: UUID
    post_id: UUID
    sent_by: UUID
    sent_at: datetime = instant()
    last_name: str = text(secret=True)
    first_name: str | None = text(nullable=True, secret=True)
    birth_date: date | None = Field(default=None, repr=False)
    birth_date_precision: str | None = text(nullable=True)
    sex: str | None = text(nullable=True)
    phone: str | None = text(nullable=True, secret=True)
    municipality: str | None = text(nullable=True, secret=True)
    person_status: str = text()
    safe_contact_hint: str | None = text(nullable=True, secret=True)
    facts: str | None = text(nullable=True, secret=True)
    urgency: str = text()
    contact_consent: str = text()
    withdrawn_at: datetime | None = instant(nullable=True)
    feedback_code: str | None = text(nullable=True)
    feedback_on: date | None = None
