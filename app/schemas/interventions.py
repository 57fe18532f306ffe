"""Interventions."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import Channel, InterventionOutcome, InterventionType
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Instant, ShortText


class InterventionDraft(Draft):
    """An act, entered in under thirty seconds; a home visit says who was informed and who agreed, and when."""

    id: ClientMadeId = drawn_here
    participation_id: UUID | None = None
    post_id: UUID | None = None
    anonymous_contact: bool = False
    intervention_type: InterventionType
    channel: Channel
    outcome: InterventionOutcome
    occurred_at: Instant
    duration_minutes: int | None = Field(default=None, ge=0, le=1440)
    unit_id: UUID | None = None
    site_id: UUID | None = None
    security_service_informed_at: Instant | None = None
    security_service_informed_by: ShortText | None = None
    employer_agreement_at: Instant | None = None
    employer_agreement_given_by: ShortText | None = None
    home_visit_agreement_id: UUID | None = None


class InterventionPatch(Patch):
    """A correction; the nature of the act and the person do not change."""

    channel: Channel = unset
    outcome: InterventionOutcome = unset
    occurred_at: Instant = unset
    duration_minutes: int | None = Field(default=None, ge=0, le=1440)
    unit_id: UUID | None = None
    site_id: UUID | None = None
    security_service_informed_at: Instant | None = None
    security_service_informed_by: ShortText | None = None
    employer_agreement_at: Instant | None = None
    employer_agreement_given_by: ShortText | None = None


class InterventionShown(Shown):
    """An act."""

    id: UUID
    post_id: UUID
    situation_id: UUID | None
    participation_id: UUID | None
    unit_id: UUID | None
    site_id: UUID | None
    intervention_type: InterventionType
    counts_as_interview: bool
    anonymous_contact: bool
    channel: Channel
    outcome: InterventionOutcome
    occurred_at: datetime
    duration_minutes: int | None
    security_service_informed_at: datetime | None
    security_service_informed_by: str | None
    employer_agreement_at: datetime | None
    employer_agreement_given_by: str | None
    home_visit_agreement_id: UUID | None
    recorded_by: UUID
    recorded_at: datetime


class InterventionPage(Shown):
    """A page of interventions, newest first."""

    items: list[InterventionShown]
    next_cursor: str | None
