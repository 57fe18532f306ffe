"""Interventions: dated professional acts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from app.models.columns import instant, key, text


class Intervention(SQLModel, table=True):
    """One act; the three facts after its type are copied from the nomenclature, so that constraints can read them."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    situation_id: UUID | None = None
    participation_id: UUID | None = None
    unit_id: UUID | None = None
    site_id: UUID | None = None
    intervention_type: str = text()
    counts_as_interview: bool
    needs_home_visit_clearance: bool
    may_lack_participation: bool
    anonymous_contact: bool
    channel: str = text()
    outcome: str = text()
    occurred_at: datetime = instant()
    duration_minutes: int | None = None
    security_service_informed_at: datetime | None = instant(nullable=True)
    security_service_informed_by: str | None = text(nullable=True, secret=True)
    employer_agreement_at: datetime | None = instant(nullable=True)
    employer_agreement_given_by: str | None = text(nullable=True, secret=True)
    recorded_by: UUID
    recorded_at: datetime = instant()
    home_visit_agreement_id: UUID | None = None
