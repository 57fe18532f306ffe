"""Situations, participations and needs."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import (
    BirthDatePrecision,
    ClosureReason,
    ContactConsent,
    KnownToSocialServices,
    NeedType,
    PenalContext,
    PersonStatus,
    ProblemType,
    ReferralSource,
    Sex,
    SituationStatus,
    Urgency,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.persons import PersonDraft
from app.schemas.texts import Day


class ParticipationDraft(Draft):
    """One person joins: already known (``person_id``), or met today (``person``)."""

    id: ClientMadeId = drawn_here
    person_id: UUID | None = None
    person: PersonDraft | None = None
    person_status: PersonStatus
    contact_consent: ContactConsent
    known_to_social_services: KnownToSocialServices = "not_recorded"


class SituationDraft(Draft):
    """One-call intake: the situation, its persons and their statuses; or a ``referral_id``, from which they come."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    referral_id: UUID | None = None
    referral_source: ReferralSource | None = None
    unit_id: UUID | None = None
    site_id: UUID | None = None
    opened_on: Day | None = None
    main_problem: ProblemType | None = None
    secondary_problems: list[ProblemType] = Field(default_factory=list, max_length=10)
    penal_context: PenalContext | None = None
    urgency: Urgency | None = None
    participations: list[ParticipationDraft] = Field(default_factory=list, max_length=20)


class SituationPatch(Patch):
    """A correction of the situation's facts."""

    unit_id: UUID | None = None
    site_id: UUID | None = None
    referral_source: ReferralSource = unset
    opened_on: Day = unset
    main_problem: ProblemType | None = None
    secondary_problems: list[ProblemType] = Field(default=unset, max_length=10)
    penal_context: PenalContext | None = None
    urgency: Urgency | None = None


class ClosureDraft(Draft):
    """Why the situation closes, and when (today by default)."""

    closure_reason: ClosureReason
    closed_on: Day | None = None


class SuspensionDraft(Draft):
    """Since when the situation is suspended (today by default)."""

    suspended_on: Day | None = None


class PersonInSituation(Shown):
    """The person, as a line of the situation."""

    id: UUID
    last_name: str | None
    first_name: str | None
    sex: Sex
    birth_date: date | None
    birth_date_precision: BirthDatePrecision | None


class ParticipationInSituation(Shown):
    """One person in the situation."""

    id: UUID
    person_status: PersonStatus
    contact_consent: ContactConsent
    known_to_social_services: KnownToSocialServices
    joined_on: date
    person: PersonInSituation


class SituationShown(Shown):
    """A situation and its persons."""

    id: UUID
    post_id: UUID
    referral_id: UUID | None
    unit_id: UUID | None
    site_id: UUID | None
    status: SituationStatus
    referral_source: ReferralSource
    opened_on: date
    opened_by: UUID
    main_problem: ProblemType | None
    secondary_problems: list[ProblemType]
    penal_context: PenalContext | None
    urgency: Urgency | None
    suspended_on: date | None
    closed_on: date | None
    closure_reason: ClosureReason | None
    recorded_at: datetime
    participations: list[ParticipationInSituation]


class SituationPage(Shown):
    """A page of situations, newest first."""

    items: list[SituationShown]
    next_cursor: str | None


class ParticipationPatch(Patch):
    """A correction of one person's place in the situation."""

    person_status: PersonStatus = unset
    contact_consent: ContactConsent = unset
    known_to_social_services: KnownToSocialServices = unset
    joined_on: Day = unset


class NeedDraft(Draft):
    """A need assessed (today by default)."""

    id: ClientMadeId = drawn_here
    need_type: NeedType
    assessed_on: Day | None = None


class NeedPatch(Patch):
    """The need was met, or was not after all (``null``)."""

    met_on: Day | None


class NeedShown(Shown):
    """A need of one participation."""

    id: UUID
    participation_id: UUID
    need_type: NeedType
    assessed_on: date
    met_on: date | None


class Needs(Shown):
    """The needs of one participation."""

    items: list[NeedShown]


class ParticipationShown(Shown):
    """One person in one situation, with her needs."""

    id: UUID
    situation_id: UUID
    person_status: PersonStatus
    contact_consent: ContactConsent
    known_to_social_services: KnownToSocialServices
    joined_on: date
    person: PersonInSituation
    needs: list[NeedShown]


class Participations(Shown):
    """The persons of one situation."""

    items: list[ParticipationInSituation]
