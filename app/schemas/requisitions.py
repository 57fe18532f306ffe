"""Judicial requisitions: entered in the register, decided, answered once by a sealed archive. Never an access."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.codes import PersonInformed, RequisitionBasis, RequisitionDecision, TransmissibleField
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Facts, LineText, ShortText


class RequisitionDraft(Draft):
    """Who asks, on which text, and what: ``requested_scope`` says it without naming the person."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    received_on: Day
    requested_by: LineText
    requisition_basis: RequisitionBasis
    requisition_number: ShortText | None = None
    requested_scope: Facts


class RequisitionDecisionDraft(Draft):
    """What is done of it (today by default), why, and the exact scope when something is to be handed over."""

    decision: RequisitionDecision
    decided_on: Day | None = None
    decision_grounds: Facts | None = None
    decided_fields: Annotated[list[TransmissibleField], Field(max_length=40, default_factory=list)]


class HandOverDraft(Draft):
    """Whose file, and exactly which fields; ``message`` goes with the field of that name."""

    participation_id: UUID
    fields: Annotated[list[TransmissibleField], Field(min_length=1, max_length=40)]
    message: Facts | None = None
    person_informed: PersonInformed


class RequisitionShown(Shown):
    """One line of the register, for the post, its employer and the data-protection officer. No identity."""

    id: UUID
    post_id: UUID
    employer_id: UUID
    received_on: date
    requested_by: str
    requisition_basis: RequisitionBasis
    requisition_number: str | None
    requested_scope: str
    decision: RequisitionDecision | None
    decided_on: date | None
    decision_grounds: str | None
    decided_fields: list[TransmissibleField] | None
    handed_over_fields: list[TransmissibleField] | None
    handed_over_at: datetime | None
    handed_over_sha256: str | None
    recorded_by: UUID
    recorded_at: datetime


class RequisitionPage(Shown):
    """A page of the register, newest first."""

    items: list[RequisitionShown]
    next_cursor: str | None


class HandOverShown(Shown):
    """The archive and its passphrase, shown this once: neither is kept."""

    requisition: RequisitionShown
    transmission_id: UUID
    archive_base64: str
    passphrase: str
    sha256: str
