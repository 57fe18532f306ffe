"""Activity reports: opened, commented, validated, frozen; what those who write them see, and what the others do."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import LongText, ShortText

SectionCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Commentary = Annotated[dict[SectionCode, LongText | None], Field(max_length=20)]


class ReportDraft(Draft):
    """Which report: a year (``2026``) or a quarter (``2026-Q3``), of a post, an employer or a département."""

    id: ClientMadeId = drawn_here
    period: ShortText
    perimeter: ShortText


class ReportPatch(Patch):
    """The commentary of some sections; those not named do not change, ``null`` clears one."""

    commentary: Commentary = unset


class ReportShown(Shown):
    """A report, for the post and the employer who write it."""

    shown_to = ("social_worker", "coordinator")
    id: UUID
    employer_id: UUID
    post_id: UUID | None
    perimeter_kind: Literal["post", "employer", "departement"]
    perimeter_id: str
    period: str
    starts_on: date
    ends_on: date
    version: int
    commentary: dict[str, str]
    unit_ids: list[UUID]
    drafted_by: UUID
    drafted_at: datetime
    validated_as: str | None
    validated_at: datetime | None
    frozen_at: datetime | None


class ReportShownToCommittee(Shown):
    """A frozen report, for the command, the committees and the observatory."""

    shown_to = ("unit_commander", "observatory")
    id: UUID
    perimeter_kind: Literal["post", "employer", "departement"]
    perimeter_id: str
    period: str
    starts_on: date
    ends_on: date
    version: int
    commentary: dict[str, str]
    validated_as: str | None
    frozen_at: datetime | None


class ReportPage(Shown):
    """A page of reports."""

    shown_to = ("social_worker", "coordinator")
    items: list[ReportShown]
    next_cursor: str | None


class ReportPageToCommittee(Shown):
    """A page of frozen reports."""

    shown_to = ("unit_commander", "observatory")
    items: list[ReportShownToCommittee]
    next_cursor: str | None
