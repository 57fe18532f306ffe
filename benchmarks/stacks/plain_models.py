"""What the plain handlers read, write and answer, as a tutorial of SQLModel would lay it out. Frozen."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class PlainTrace(SQLModel, table=True):
    """One act; nothing chains it to the one before."""

    __tablename__ = "plain_trace"
    __table_args__ = {"schema": "bench"}

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID
    act: str
    subject_id: UUID | None = None
    at: datetime = Field(sa_type=DateTime(timezone=True))


class NoteBase(SQLModel):
    """A note, in clear."""

    participation_id: UUID
    author_id: UUID
    amends_note_id: UUID | None = None
    written_at: datetime = Field(sa_type=DateTime(timezone=True))
    text: str


class PlainNote(NoteBase, table=True):
    """Its table."""

    __tablename__ = "plain_note"
    __table_args__ = {"schema": "bench"}

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    post_id: UUID


class NoteRead(NoteBase):
    """A note as answered."""

    id: UUID


class NoteCreate(SQLModel):
    """A note as asked."""

    text: str


class PersonLine(SQLModel):
    """A person, as a line of a situation."""

    id: UUID
    last_name: str | None
    first_name: str | None
    sex: str
    birth_date: date | None
    birth_date_precision: str | None


class PersonRead(PersonLine):
    """A person found."""

    birth_name: str | None
    minor: bool | None
    municipality: str | None


class PersonsRead(SQLModel):
    """The persons found."""

    items: list[PersonRead]


class PersonSearch(SQLModel):
    """What is searched."""

    name: str


class ParticipationRead(SQLModel):
    """A person in a situation."""

    id: UUID
    person_status: str
    contact_consent: str
    known_to_social_services: str
    joined_on: date
    person: PersonLine


class SituationRead(SQLModel):
    """A situation and its persons."""

    id: UUID
    post_id: UUID
    referral_id: UUID | None
    unit_id: UUID | None
    site_id: UUID | None
    status: str
    referral_source: str
    opened_on: date
    opened_by: UUID
    main_problem: str | None
    secondary_problems: list[str]
    penal_context: str | None
    urgency: str | None
    suspended_on: date | None
    closed_on: date | None
    closure_reason: str | None
    recorded_at: datetime
    participations: list[ParticipationRead]


class SituationsRead(SQLModel):
    """A page of situations."""

    items: list[SituationRead]
    next_cursor: str | None


class InterventionCreate(SQLModel):
    """An act as asked."""

    participation_id: UUID
    intervention_type: str
    channel: str
    outcome: str
    occurred_at: datetime
    duration_minutes: int | None = None


class InterventionRead(InterventionCreate):
    """An act as answered."""

    id: UUID
    post_id: UUID
    situation_id: UUID | None
    unit_id: UUID | None
    site_id: UUID | None
    counts_as_interview: bool
    anonymous_contact: bool
    security_service_informed_at: datetime | None
    security_service_informed_by: str | None
    employer_agreement_at: datetime | None
    employer_agreement_given_by: str | None
    home_visit_agreement_id: UUID | None
    recorded_by: UUID
    recorded_at: datetime
