"""Situations, the handling of referrals, participations and assessed needs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text


class Situation(SQLModel, table=True):
    """A set of circumstances that a post follows."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    unit_id: UUID | None = None
    site_id: UUID | None = None
    status: str = text()
    referral_source: str = text()
    opened_on: date
    opened_by: UUID
    main_problem: str | None = text(nullable=True)
    secondary_problems: list[str] = Field(sa_type=ARRAY(Text))
    penal_context: str | None = text(nullable=True)
    urgency: str | None = text(nullable=True)
    suspended_on: date | None = None
    closed_on: date | None = None
    closure_reason: str | None = text(nullable=True)
    recorded_at: datetime = instant()


class ReferralHandling(SQLModel, table=True):
    """What the social worker does with a referral; the unit never sees it."""

    __tablename__ = "referral_handling"
    __table_args__ = {"schema": "social"}

    referral_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    post_id: UUID
    received_at: datetime = instant()
    received_by: UUID
    decision: str | None = text(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    redirected_to: str | None = text(nullable=True, secret=True)
    situation_id: UUID | None = None


class Participation(SQLModel, table=True):
    """One person in one situation, with one status."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    situation_id: UUID
    person_id: UUID
    person_status: str = text()
    contact_consent: str = text()
    known_to_social_services: str = text()
    joined_on: date


class Need(SQLModel, table=True):
    """A social need assessed for one participation."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    participation_id: UUID
    need_type: str = text()
    assessed_on: date
    met_on: date | None = None
    ended_at: datetime | None = instant(nullable=True)
