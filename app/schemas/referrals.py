"""Referrals: what the unit types, what it sees of it, what the social worker sees."""

from datetime import date, datetime
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.birth import BirthDate, PrecisionOfBirth
from app.schemas.codes import (
    BirthDatePrecision,
    ContactConsent,
    FeedbackStatus,
    PersonStatus,
    ReferralDecision,
    ReferralDocument,
    ReferralStatus,
    Sex,
    Urgency,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Facts, LineText, Phone, ShortText


class ReferralDraft(Draft):
    """A referral in two minutes: four answers are mandatory, the rest may stay unknown."""

    id: ClientMadeId = drawn_here
    unit_id: UUID | None = None
    last_name: ShortText
    first_name: ShortText | None = None
    birth_date: BirthDate | None = None
    birth_date_precision: PrecisionOfBirth = None
    sex: Sex | None = None
    phone: Phone | None = None
    municipality: ShortText | None = None
    person_status: PersonStatus
    safe_contact_hint: LineText | None = None
    document_type: ReferralDocument
    document_number: ShortText | None = None
    facts: Facts | None = None
    urgency: Urgency
    contact_consent: ContactConsent
    danger_grid_positive: bool | None = None


class RedirectionDraft(Draft):
    """Where the person was rather directed."""

    post_id: UUID | None = None
    redirected_to: LineText


class RejectionDraft(Draft):
    """Out of the mission's scope."""

    post_id: UUID | None = None


class AcceptanceDraft(Draft):
    """Take the person in charge; ``person_id`` when she is already known of the post."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    person_id: UUID | None = None


class FeedbackDraft(Draft):
    """What the unit is told: one code of a closed list, never a text."""

    post_id: UUID | None = None
    feedback_code: FeedbackStatus


class ReferralShownToUnit(Shown):
    """What the unit typed, and the closed answer it got back. Nothing else."""

    shown_to = ("police_officer",)
    id: UUID
    unit_id: UUID
    sent_by: UUID
    sent_at: datetime
    last_name: str
    first_name: str | None
    birth_date: date | None
    birth_date_precision: BirthDatePrecision | None
    sex: Sex | None
    phone: str | None
    municipality: str | None
    person_status: PersonStatus
    safe_contact_hint: str | None
    document_type: ReferralDocument
    document_number: str | None
    facts: str | None
    urgency: Urgency
    contact_consent: ContactConsent
    danger_grid_positive: bool | None
    withdrawn_at: datetime | None
    feedback_code: FeedbackStatus | None
    feedback_on: date | None


class ReferralShown(Shown):
    """What the social worker sees: the referral, and what became of it."""

    shown_to = ("social_worker",)
    id: UUID
    unit_id: UUID
    sent_by: UUID
    sent_at: datetime
    last_name: str
    first_name: str | None
    birth_date: date | None
    birth_date_precision: BirthDatePrecision | None
    sex: Sex | None
    phone: str | None
    municipality: str | None
    person_status: PersonStatus
    safe_contact_hint: str | None
    document_type: ReferralDocument
    document_number: str | None
    facts: str | None
    urgency: Urgency
    contact_consent: ContactConsent
    danger_grid_positive: bool | None
    withdrawn_at: datetime | None
    feedback_code: FeedbackStatus | None
    feedback_on: date | None
    status: ReferralStatus
    post_id: UUID | None
    received_at: datetime | None
    decision: ReferralDecision | None
    decided_at: datetime | None
    redirected_to: str | None
    situation_id: UUID | None


class ReferralPage(Shown):
    """A page of referrals, newest first."""

    shown_to = ("social_worker",)
    items: list[ReferralShown]
    next_cursor: str | None


class ReferralPageToUnit(Shown):
    """A page of the unit's referrals, newest first."""

    shown_to = ("police_officer",)
    items: list[ReferralShownToUnit]
    next_cursor: str | None
