"""Orientations: what the worker says, what she sees, what the addressed partner sees and answers."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import (
    NeedType,
    OrientationOutcome,
    OrientationStatus,
    PartnerCategory,
    PersonInformed,
    RefusalReason,
    SharingLegalBasis,
    TransmissibleField,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Facts

FieldNames = Annotated[list[TransmissibleField], Field(max_length=40)]


class OrientationDraft(Draft):
    """Where to: a service, or a partner, or at least a category."""

    id: ClientMadeId = drawn_here
    need_type: NeedType | None = None
    partner_category: PartnerCategory | None = None
    partner_id: UUID | None = None
    service_id: UUID | None = None
    proposed_on: Day | None = None


class OrientationPatch(Patch):
    """A correction, before anything is transmitted."""

    need_type: NeedType | None = None
    partner_category: PartnerCategory = unset
    partner_id: UUID | None = None
    service_id: UUID | None = None


class AgreementDraft(Draft):
    """The person agrees, and to which fields being told."""

    agreed_on: Day | None = None
    agreed_fields: FieldNames


class DeclineDraft(Draft):
    """The person declines (today by default)."""

    declined_on: Day | None = None


class OwnStepsDraft(Draft):
    """The person goes by herself (today by default)."""

    self_referred_on: Day | None = None


class OrientationTransmissionDraft(Draft):
    """What is sent to the partner, and on what it rests; ``message`` goes with the field of that name."""

    legal_basis: SharingLegalBasis
    fields: FieldNames
    message: Facts | None = None
    person_informed: PersonInformed


class RefusalDraft(Draft):
    """Why the partner does not take the person in charge."""

    refusal_reason: RefusalReason


class OutcomeDraft(Draft):
    """What became of the person."""

    outcome_code: OrientationOutcome
    outcome_on: Day | None = None


class OrientationShown(Shown):
    """An orientation, for the post that follows the person."""

    shown_to = ("social_worker",)
    id: UUID
    post_id: UUID
    participation_id: UUID
    need_type: NeedType | None
    partner_category: PartnerCategory
    partner_id: UUID | None
    partner_name: str | None
    service_id: UUID | None
    status: OrientationStatus
    proposed_on: date
    proposed_by: UUID
    recorded_at: datetime
    agreed_on: date | None
    agreed_fields: list[TransmissibleField]
    declined_on: date | None
    self_referred_on: date | None
    closed_on: date | None
    transmission_id: UUID | None
    reference: str | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    taken_up_at: datetime | None
    refused_at: datetime | None
    refusal_reason: RefusalReason | None
    outcome_code: OrientationOutcome | None
    outcome_on: date | None
    exchange_closed_at: datetime | None


class Reminder(OrientationShown):
    """An orientation without an answer, and for how many working days."""

    waited_working_days: int


class Reminders(Shown):
    """What waits for an answer, the oldest first."""

    items: list[Reminder]


class OrientationShownToPartner(Shown):
    """An orientation, for the partner to whom it is addressed."""

    shown_to = ("partner",)
    id: UUID
    post_id: UUID
    service_id: UUID | None
    reference: str
    legal_basis: SharingLegalBasis
    fields: list[TransmissibleField]
    person_informed: PersonInformed
    sent_at: datetime
    status: OrientationStatus
    acknowledged_at: datetime | None
    taken_up_at: datetime | None
    refused_at: datetime | None
    refusal_reason: RefusalReason | None
    outcome_code: OrientationOutcome | None
    outcome_on: date | None
    closed_at: datetime | None


class OrientationReadByPartner(OrientationShownToPartner):
    """The same, with the transmitted fields, under the names of ``fields``; ``null`` once the exchange is closed."""

    content: dict[str, Any] | None


class OrientationPage(Shown):
    """A page of orientations, newest first."""

    shown_to = ("social_worker",)
    items: list[OrientationShown]
    next_cursor: str | None


class OrientationPageToPartner(Shown):
    """A page of the orientations addressed to an organisation, newest first."""

    shown_to = ("partner",)
    items: list[OrientationShownToPartner]
    next_cursor: str | None


class Orientations(Shown):
    """The orientations of one person."""

    items: list[OrientationShown]
