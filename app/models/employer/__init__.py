"""Circle ``employer``: what the post and its employer keep together, without identity."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Numeric, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text


class Requisition(SQLModel, table=True):
    """One judicial requisition: who asks, on which text, what, what was decided and handed over."""

    __table_args__ = {"schema": "employer"}

    id: UUID = key()
    post_id: UUID
    employer_id: UUID
    received_on: date
    requested_by: str = text(secret=True)
    requisition_basis: str = text()
    requisition_number: str | None = text(nullable=True, secret=True)
    requested_scope: str = text(secret=True)
    decision: str | None = text(nullable=True)
    decided_on: date | None = None
    decision_grounds: str | None = text(nullable=True, secret=True)
    decided_fields: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    handed_over_fields: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    handed_over_at: datetime | None = instant(nullable=True)
    handed_over_sha256: str | None = text(nullable=True)
    recorded_by: UUID
    recorded_at: datetime = instant()


class Presence(SQLModel, table=True):
    """The days that a post was really worked in one month, to the half-day."""

    __table_args__ = {"schema": "employer"}

    post_id: UUID = Field(primary_key=True)
    employer_id: UUID = Field(primary_key=True)
    month_on: date = Field(primary_key=True)
    days_worked: Decimal = Field(sa_type=cast(Any, Numeric(3, 1)))
    recorded_by: UUID
    recorded_at: datetime = instant()


class Replacement(SQLModel, table=True):
    """A colleague reads in place of an absent one: a reason, another person's approval, a bounded time."""

    __table_args__ = {"schema": "employer"}

    id: UUID = key()
    employer_id: UUID
    post_id: UUID
    account_id: UUID
    replacement_reason: str = text()
    starts_on: date
    ends_on: date
    proposed_by: UUID
    proposed_at: datetime = instant()
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


class Handover(SQLModel, table=True):
    """A post changes hands: who leaves, who arrives, why, since when, who approved it; no person."""

    __table_args__ = {"schema": "employer"}

    id: UUID = key()
    employer_id: UUID
    post_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    handover_motive: str = text()
    starts_on: date
    ends_on: date | None = None
    situations: int
    proposed_by: UUID
    proposed_at: datetime = instant()
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    cancelled_at: datetime | None = instant(nullable=True)


class HomeVisitAgreement(SQLModel, table=True):
    """The employer agrees to a home visit: a day, a municipality, no person."""

    __tablename__ = "home_visit_agreement"
    __table_args__ = {"schema": "employer"}

    id: UUID = key()
    employer_id: UUID
    post_id: UUID
    visit_on: date
    municipality: str = text(secret=True)
    proposed_by: UUID
    proposed_at: datetime = instant()
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    refused_at: datetime | None = instant(nullable=True)
