"""Persons, as the social worker keeps them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.birth import BirthDate, PrecisionOfBirth
from app.schemas.codes import (
    BirthDatePrecision,
    EmploymentStatus,
    HouseholdLinkKind,
    HouseholdType,
    HousingStatus,
    Sex,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Phone, ShortText


class PersonDraft(Draft):
    """A person; all may stay unknown but the sex, which may be « not_recorded »."""

    id: ClientMadeId = drawn_here
    last_name: ShortText | None = None
    birth_name: ShortText | None = None
    first_name: ShortText | None = None
    sex: Sex
    birth_date: BirthDate | None = None
    birth_date_precision: PrecisionOfBirth = None
    declared_minor: bool | None = None
    phone: Phone | None = None
    municipality: ShortText | None = None
    household_type: HouseholdType | None = None
    housing_status: HousingStatus | None = None
    employment_status: EmploymentStatus | None = None


class NewPersonDraft(PersonDraft):
    """A person recorded on her own, outside an intake."""

    post_id: UUID | None = None


class PersonPatch(Patch):
    """A correction of the person's file."""

    last_name: ShortText | None = None
    birth_name: ShortText | None = None
    first_name: ShortText | None = None
    sex: Sex = unset
    birth_date: BirthDate | None = None
    birth_date_precision: BirthDatePrecision | None = None
    declared_minor: bool | None = None
    phone: Phone | None = None
    municipality: ShortText | None = None
    household_type: HouseholdType | None = None
    housing_status: HousingStatus | None = None
    employment_status: EmploymentStatus | None = None


class PersonShown(Shown):
    """A person; ``minor`` today, from the birth date or as declared, ``null`` when unknown."""

    id: UUID
    post_id: UUID
    last_name: str | None
    birth_name: str | None
    first_name: str | None
    sex: Sex
    birth_date: date | None
    birth_date_precision: BirthDatePrecision | None
    declared_minor: bool | None
    minor: bool | None
    phone: str | None
    municipality: str | None
    household_type: HouseholdType | None
    housing_status: HousingStatus | None
    employment_status: EmploymentStatus | None
    recorded_at: datetime


class PersonPage(Shown):
    """A page of persons, newest first."""

    items: list[PersonShown]
    next_cursor: str | None


class PersonSearch(Draft):
    """Words of a name, in any order and spelling; a birth date narrows."""

    name: ShortText
    birth_date: BirthDate | None = None
    limit: int = Field(default=20, ge=1, le=50)


class PersonFound(Shown):
    """A person who resembles what was searched; the most alike first."""

    id: UUID
    last_name: str | None
    birth_name: str | None
    first_name: str | None
    sex: Sex
    birth_date: date | None
    birth_date_precision: BirthDatePrecision | None
    minor: bool | None
    municipality: str | None


class PersonsFound(Shown):
    """Answer of a search."""

    items: list[PersonFound]


class HouseholdLinkDraft(Draft):
    """The other person *is* (partner, child…) of this one."""

    id: ClientMadeId = drawn_here
    other_person_id: UUID
    household_link: HouseholdLinkKind


class HouseholdLinkShown(Shown):
    """A link noted in this person's file."""

    id: UUID
    person_id: UUID
    other_person_id: UUID
    household_link: HouseholdLinkKind


class HouseholdLinks(Shown):
    """The links of one person."""

    items: list[HouseholdLinkShown]
