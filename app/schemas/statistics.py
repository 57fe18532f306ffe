"""Figures on the wire: the grid, the indicators, what was published, and the codes of the grid that is asked for."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.texts import LineText, ShortText

Audience = Literal["internal", "committee", "public"]
Number = float | int


class CellShown(Shown):
    """A value and, when it was rounded, to what; null when it cannot be told."""

    value: Number | None
    rounded_to: Number | None


class ColumnShown(Shown):
    """What the cells of a column are."""

    code: str
    label: str
    unit: Literal["count", "percent", "days", "hours", "ratio"]


class LineShown(Shown):
    """One line; ``level`` 0 is the total, 1 a category, 2 one of its details."""

    code: str
    label: str
    external_code: str | None
    level: Annotated[int, Field(ge=0, le=2)]
    cells: list[CellShown]


class TableShown(Shown):
    """One table, with the very definition that it was counted by."""

    code: str
    label: str
    counted: str
    definition: str
    columns: list[ColumnShown]
    lines: list[LineShown]
    notes: list[str]


class PeriodShown(Shown):
    """A period; both days are included."""

    code: str
    label: str
    starts_on: date
    ends_on: date
    closed: bool


class PerimeterShown(Shown):
    """Whose figures."""

    kind: Literal["post", "unit", "site", "employer", "departement", "zone", "national"]
    id: str
    label: str


class GridShown(Shown):
    """The whole grid; ``reason`` says why it holds nothing, when it holds nothing."""

    period: PeriodShown
    perimeter: PerimeterShown
    audience: Audience
    rounded_to: int | None
    version: int | None
    as_of: datetime
    nomenclature_version: str
    notes: list[str]
    reason: str | None
    tables: list[TableShown]


class FigureShown(Shown):
    """One indicator, what it divides, the period before, and the change (in points for a percentage)."""

    code: str
    label: str
    definition: str
    unit: Literal["count", "percent", "days", "hours", "ratio"]
    value: Number | None
    numerator: CellShown | None
    numerator_label: str | None
    denominator: CellShown | None
    denominator_label: str | None
    completeness: Number | None
    previous: Number | None
    change: Number | None
    reason: str | None
    rounded_to: int | None


class FiguresShown(Shown):
    """Indicators, and where they come from."""

    period: PeriodShown
    perimeter: PerimeterShown
    audience: Audience
    rounded_to: int | None
    version: int | None
    as_of: datetime
    nomenclature_version: str
    notes: list[str]
    reason: str | None
    items: list[FigureShown]


class PublicationShown(Shown):
    """What was published, without its figures: the grid shows them."""

    id: UUID
    audience: Literal["committee", "public"]
    perimeter_kind: str
    perimeter_id: str
    period: str
    starts_on: date
    ends_on: date
    version: int
    rounded_to: int
    nomenclature_version: str
    published_at: datetime
    withheld_because: str | None


class PublicationPage(Shown):
    """A page of publications."""

    items: list[PublicationShown]
    next_cursor: str | None


class ExternalCodeDraft(Draft):
    """The code, in the grid that is asked for, of a line of ours; null when there is none any more."""

    external_code: ShortText | None
    external_label: LineText | None = None


class ExternalCodeShown(Shown):
    """Which line of the grid asked for stands for a line of ours."""

    employer_id: UUID
    table_code: str
    line_code: str
    external_code: str | None
    external_label: str | None
    changed_at: datetime


class ExternalCodes(Shown):
    """All of them, by table and by line."""

    items: list[ExternalCodeShown]
