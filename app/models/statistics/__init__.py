"""Circle ``statistics``: numbers without identity. Tallies, published figures, reports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text

UUIDS: Any = ARRAY(Uuid())


class PublicHoliday(SQLModel, table=True):
    """A public holiday: national (empty code), or of a département that has its own."""

    __tablename__ = "public_holiday"
    __table_args__ = {"schema": "statistics"}

    departement_code: str = Field(sa_type=Text, primary_key=True)
    day: date = Field(primary_key=True)


class Change(SQLModel, table=True):
    """A write that the tallies have not seen yet."""

    __table_args__ = {"schema": "statistics"}

    id: UUID = key()
    post_id: UUID
    from_on: date


class Recount(SQLModel, table=True):
    """One lock a post, held by whoever counts it again."""

    __table_args__ = {"schema": "statistics"}

    post_id: UUID = Field(primary_key=True)


class Tally(SQLModel, table=True):
    """The cells of one perimeter for some days, kept ready."""

    __table_args__ = {"schema": "statistics"}

    perimeter: str = Field(sa_type=Text, primary_key=True)
    starts_on: date = Field(primary_key=True)
    until_on: date = Field(primary_key=True)
    post_id: UUID | None = None
    cells: dict[str, int] = Field(sa_type=JSONB)


class ExternalCode(SQLModel, table=True):
    """Which line of the grid that is asked for stands for a line of ours."""

    __tablename__ = "external_code"
    __table_args__ = {"schema": "statistics"}

    employer_id: UUID = Field(primary_key=True)
    table_code: str = Field(sa_type=Text, primary_key=True)
    line_code: str = Field(sa_type=Text, primary_key=True)
    external_code: str | None = text(nullable=True)
    external_label: str | None = text(nullable=True)
    changed_by: UUID
    changed_at: datetime = instant()


class Publication(SQLModel, table=True):
    """Rounded figures of a closed period, as they were on the day they were published."""

    __table_args__ = {"schema": "statistics"}

    id: UUID = key()
    audience: str = text()
    perimeter_kind: str = text()
    perimeter_id: str = text()
    employer_id: UUID | None = None
    unit_id: UUID | None = None
    period: str = text()
    starts_on: date
    ends_on: date
    version: int
    rounded_to: int
    nomenclature_version: str = text()
    published_at: datetime = instant()
    withheld_because: str | None = text(nullable=True)
    cells: dict[str, tuple[int, int]] = Field(sa_type=JSONB)


class Report(SQLModel, table=True):
    """An activity report: perimeter, period, commentary, who validated it. Its figures are frozen apart."""

    __table_args__ = {"schema": "statistics"}

    id: UUID = key()
    employer_id: UUID
    post_id: UUID | None = None
    perimeter_kind: str = text()
    perimeter_id: str = text()
    period: str = text()
    starts_on: date
    ends_on: date
    version: int
    commentary: dict[str, str] = Field(sa_type=JSONB, repr=False)
    unit_ids: list[UUID] = Field(sa_type=UUIDS)
    drafted_by: UUID
    drafted_at: datetime = instant()
    validated_by: UUID | None = None
    validated_as: str | None = text(nullable=True)
    validated_at: datetime | None = instant(nullable=True)
    frozen_by: UUID | None = None
    frozen_at: datetime | None = instant(nullable=True)


class ReportSnapshot(SQLModel, table=True):
    """The exact figures of a frozen report: the post and its employer read them."""

    __tablename__ = "report_snapshot"
    __table_args__ = {"schema": "statistics"}

    report_id: UUID = Field(primary_key=True)
    employer_id: UUID
    post_id: UUID | None = None
    post_ids: list[UUID] = Field(sa_type=UUIDS)
    content: dict[str, Any] = Field(sa_type=JSONB, repr=False)
    cells: dict[str, int] = Field(sa_type=JSONB)
    previous_cells: dict[str, int] = Field(sa_type=JSONB)
    nomenclature_version: str = text()


class ReportRelease(SQLModel, table=True):
    """The same report, rounded: the committee and the command read it."""

    __tablename__ = "report_release"
    __table_args__ = {"schema": "statistics"}

    report_id: UUID = Field(primary_key=True)
    employer_id: UUID
    post_id: UUID | None = None
    unit_ids: list[UUID] = Field(sa_type=UUIDS)
    rounded_to: int
    content: dict[str, Any] = Field(sa_type=JSONB, repr=False)
    released_at: datetime = instant()
