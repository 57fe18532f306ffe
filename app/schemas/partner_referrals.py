"""Referrals by a partner: what it types, what it sees of it, what the social worker sees."""

from datetime import date, datetime
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.birth import BirthDate, PrecisionOfBirth
from app.schemas.codes import (
    BirthDatePrecision,
    ContactConsent,
    FeedbackStatus,
    PartnerCategory,
    PersonStatus,
    ReferralDecision,
    ReferralStatus,
    Sex,
    Urgency,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Facts, LineText, Phone, ShortText


class PartnerReferralDraft(Draft):
    """A person whom a partner directs to a post: five answers are mandatory, the rest may stay unknown."""

    id: ClientMadeId = drawn_here
    partner_id: UUID | None = None
    post_id: UUID
    last_name: ShortText
    first_name: ShortText | None = None
    birth_date: BirthDate | None = None
    birth_date_precision: PrecisionOfBirth = None
    sex: Sex | None = None
    phone: Phone | None = None
    municipality: ShortText | None = None
    person_status: PersonStatus
    safe_contact_hint: LineText | None = None
    facts: Facts | None = None
    urgency: Urgency
    contact_consent: ContactConsent


class PartnerReferralShownToPartner(Shown):
    """What the partner typed, and the closed answer it got back. Nothing else."""

    shown_to = ("partner",)
    id: UUID
    partner_id: UUID
    post_id: UUID
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
    facts: str | None
    urgency: Urgency
    contact_consent: ContactConsent
    withdrawn_at: datetime | None
    feedback_code: FeedbackStatus | None
    feedback_on: date | None


class PartnerReferralShown(Shown):
    """What the social worker sees: who directs the person, what was typed, and what became of it."""

    shown_to = ("social_worker",)
    id: UUID
    partner_id: UUID
    partner_name: str
    partner_category: PartnerCategory
    post_id: UUID
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
    facts: str | None
    urgency: Urgency
    contact_consent: ContactConsent
    withdrawn_at: datetime | None
    feedback_code: FeedbackStatus | None
    feedback_on: date | None
    status: ReferralStatus
    received_at: datetime | None
    decision: ReferralDecision | None
    decided_at: datetime | None
    redirected_to: str | None
    situation_id: UUID | None


class PartnerReferralPage(Shown):
    """A page of the referrals that partners sent to my posts, newest first."""

    shown_to = ("social_worker",)
    items: list[PartnerReferralShown]
    next_cursor: str | None


class PartnerReferralPageToPartner(Shown):
    """A page of the partner's referrals, newest first."""

    shown_to = ("partner",)
    items: list[PartnerReferralShownToPartner]
    next_cursor: str | None
