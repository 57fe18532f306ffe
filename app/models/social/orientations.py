"""Orientations, transmissions, and what the post does of a person whom a partner directs to it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text


class Orientation(SQLModel, table=True):
    """One way proposed to one person. What the partner answers stands in ``exchange.orientation``."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    participation_id: UUID
    need_type: str | None = text(nullable=True)
    partner_category: str = text()
    partner_id: UUID | None = None
    service_id: UUID | None = None
    status: str = text()
    proposed_on: date
    proposed_by: UUID
    recorded_at: datetime = instant()
    agreed_on: date | None = None
    agreed_fields: list[str] = Field(sa_type=ARRAY(Text))
    declined_on: date | None = None
    self_referred_on: date | None = None
    closed_on: date | None = None


class Transmission(SQLModel, table=True):
    """One line of the register of what was lawfully passed on."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    participation_id: UUID
    transmission_kind: str = text()
    orientation_id: UUID | None = None
    requisition_id: UUID | None = None
    legal_basis: str = text()
    partner_id: UUID | None = None
    recipient: str = text(secret=True)
    fields: list[str] = Field(sa_type=ARRAY(Text))
    person_informed: str = text()
    agreed_on: date | None = None
    sent_at: datetime = instant()
    sent_by: UUID


class PartnerReferralHandling(SQLModel, table=True):
    """What the social worker does with a partner's referral; the partner never sees it."""

    __tablename__ = "partner_referral_handling"
    __table_args__ = {"schema": "social"}

    referral_id: UUID = Field(primary_key=True)
    post_id: UUID = Field(primary_key=True)
    received_at: datetime = instant()
    received_by: UUID
    decision: str | None = text(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    redirected_to: str | None = text(nullable=True, secret=True)
    situation_id: UUID | None = None
