"""Figures once counted: what a grid, an indicator and a report are made of, whoever shows them.

The API, the CSV, the spreadsheet and the PDF are all drawn from these objects, so that they cannot say different
things. A ``Cell`` is a value and, when it was protected, what it was rounded to: no exact figure hides beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Unit = Literal["count", "percent", "days", "hours", "ratio"]
"""``count`` a whole number; ``percent`` 0 to 100, one decimal; ``days``, ``hours``, ``ratio`` one decimal."""


POST, UNIT, SITE, EMPLOYER = "post", "unit", "site", "employer"
DEPARTEMENT, ZONE, NATION = "departement", "zone", "national"
"""The kinds of perimeter, as a request says them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; ``None`` when it cannot be told (too few behind it, or nothing to divide by)."""

    value: float | int | None
    rounded_to: float | int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column are."""

    code: str
    label: str
    unit: Unit = "count"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. ``level``: 0 the total, 1 a category, 2 one of its details."""

    code: str
    label: str
    external_code: str | None
    level: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FilledTable:
    """One table of the grid, with the very definition that it was counted by."""

    code: str
    label: str
    counted: str
    definition: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A month (``2026-09``), a quarter (``2026-Q3``) or a year (``2026``); both days are included."""

    code: str
    label: str
    starts_on: date
    ends_on: date
    closed: bool


@dataclass(frozen=True, slots=True)
class Perimeter:
    """Whose figures: a post, a unit, a site, an employer, a département, a zone, or the nation (no ``id``)."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole grid, in order. ``reason`` says in French why it holds no figure, when it holds none."""

    period: Period
    perimeter: Perimeter
    audience: Literal["internal", "committee", "public"]
    rounded_to: int | None
    version: int | None
    as_of: datetime
    nomenclature_version: str
    notes: tuple[str, ...]
    reason: str | None
    tables: tuple[FilledTable, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator: its value, what it divides, the period before, and the change.

    ``change`` is in points for a percentage, in percent for a count, in its own unit otherwise.
    """

    code: str
    label: str
    definition: str
    unit: Unit
    value: float | int | None
    numerator: Cell | None
    numerator_label: str | None
    denominator: Cell | None
    denominator_label: str | None
    completeness: float | None
    previous: float | int | None
    change: float | None
    reason: str | None = None
    rounded_to: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One set of bars, or one line; as many values as the chart has categories."""

    label: str
    values: tuple[float | int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture read at a glance, and the sentence that says it to whom does not see it."""

    kind: Literal["bars", "lines", "pyramid"]
    title: str
    alternative: str
    unit: Unit
    categories: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a report; ``commentary`` is what people wrote, paragraphs separated by line feeds."""

    code: str
    title: str
    commentary: str | None
    figures: tuple[Figure, ...] = ()
    tables: tuple[FilledTable, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report, ready to be printed."""

    title: str
    kind: Literal["annual", "quarterly"]
    status: Literal["draft", "validated", "frozen"]
    version: int
    period: Period
    perimeter: Perimeter
    audience: Literal["internal", "committee", "public"]
    rounded_to: int | None
    identification: tuple[tuple[str, str], ...]
    key_figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    nomenclature_version: str
    as_of: datetime
    validated_by: str | None = None
    frozen_at: datetime | None = None
    invented: bool = False


def half_up(value: float, digits: int) -> float:
    """``value`` to so many decimals, a half going up, as by hand: 6.25 is 6.3. What floats lose is given back first."""
    return float(Decimal(f"{value:.9f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
