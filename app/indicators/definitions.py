"""The words to declare an indicator with: what is counted, by what, keeping which.

A definition is read by three: people (its sentence is printed under the figure), PostgreSQL (``render.py`` makes the
SQL that counts it) and ``filling.py`` (which puts the numbers back into tables). One object, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.indicators.figures import Unit
from app.nomenclature.terms import LISTS

EVERYTHING = "*"
"""In the name of a cell: whatever the value of that dimension."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted: one function of the circle ``statistics`` that gives one row for each.

    ``stands_on`` says what must be protected when figures leave: the rows are ``persons``, are ``acts`` that some
    persons stand behind (nine interviews of one person are one person), or concern ``nobody``.
    """

    name: str
    fr: str
    dated_by: str
    stands_on: Literal["persons", "acts", "nobody"]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dimension, as it is printed."""

    code: str
    label: str
    external_code: str | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what rows are told apart: a column of the fact, whose values come from an official list or are given here.

    ``places`` are units or sites: their names are read when the figures are.
    """

    column: str
    label: str
    listed: str | None = None
    given: tuple[Value, ...] = ()
    places: Literal["unit", "site"] | None = None

    @property
    def values(self) -> tuple[Value, ...]:
        """The values, in order: the first level of the official list, then those given."""
        terms = (term for term in (LISTS[self.listed].terms if self.listed else ()) if term.parent_code is None)
        return (*(Value(term.code, term.label, term.external_code) for term in terms), *self.given)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows of a fact, or the sum of one of its columns; each of its margins is counted on its own.

    ``once`` is for a fact that gives several rows of one thing: the column that is true of one of them only, which
    margins keep alone.
    """

    code: str
    label: str
    of: Fact
    sentence: str
    by: tuple[Dimension, ...] = ()
    keeping: str | None = None
    summing: str | None = None
    once: str | None = None

    def cell(self, **at: str) -> str:
        """Name of one cell: ``T2.persons|female|*``."""
        return "|".join((self.code, *(at.get(dimension.column, EVERYTHING) for dimension in self.by)))


@dataclass(frozen=True, slots=True)
class Delay:
    """How long it took: the median, the ninth decile, and how many within a few days.

    ``of`` counts the rows for which the delay is known; ``without``, those for which it is not (never imputed).
    """

    code: str
    label: str
    of: Fact
    days: str
    sentence: str
    keeping: str | None = None
    working_days: bool = True
    within: tuple[int, ...] = (2, 7)

    def part(self, name: str) -> str:
        """Name of one of its cells: ``median``, ``p90``, ``known``, ``unknown``, ``within_2``, ``days|5``."""
        return f"{self.code}|{name}"


@dataclass(frozen=True, slots=True)
class Share:
    """Numerator over denominator; a percentage or, with ``unit="ratio"``, a mean.

    ``recorded`` is the count of what could be told among ``expected``: the completeness printed beside. The
    quotient is multiplied by ``times``, for a denominator that is counted in thousandths.
    """

    code: str
    label: str
    sentence: str
    numerator: Count
    denominator: Count
    unit: Unit = "percent"
    recorded: Count | None = None
    expected: Count | None = None
    times: int = 1

    def counts(self) -> Iterator[Count]:
        """Every count it needs."""
        said = (self.numerator, self.denominator, self.recorded, self.expected)
        return (count for count in said if count is not None)


Indicator = Share | Delay


@dataclass(frozen=True, slots=True)
class Told:
    """One column (or one line): a count, narrowed to one value of the dimensions named in ``at``."""

    code: str
    label: str
    count: Count
    at: tuple[tuple[str, str], ...] = ()
    unit: Unit = "count"
    divided_by: int = 1

    def cell(self, **more: str) -> str:
        """The cell it reads."""
        return self.count.cell(**dict(self.at), **more)


@dataclass(frozen=True, slots=True)
class Part:
    """A column: what each line weighs in the total of a count, in percent."""

    code: str
    label: str
    told: Told


@dataclass(frozen=True, slots=True)
class Places:
    """As many columns as there are units, or sites, with something to count: known when the figures are."""

    count: Count
    dimension: Dimension

    def told(self, place: str, label: str) -> Told:
        """The column of one place."""
        return Told(f"{self.dimension.places}_{place}", label, self.count, ((self.dimension.column, place),))


def across(count: Count, dimension: Dimension) -> tuple[Told, ...]:
    """One column for each value of a dimension, then their total."""
    columns = tuple(
        Told(f"{count.code.rpartition('.')[2]}_{value.code}", value.label, count, ((dimension.column, value.code),))
        for value in dimension.values
    )
    return *columns, total(count)


def total(count: Count) -> Told:
    """The column of everything, whatever the other dimensions."""
    return Told("total", "Total", count)


@dataclass(frozen=True, slots=True)
class Also:
    """A line more, under the others: a count of its own, told apart as the columns are."""

    code: str
    label: str
    count: Count


@dataclass(frozen=True, slots=True)
class CrossTable:
    """Lines are the values of a dimension, after a line of totals; columns are counts."""

    code: str
    label: str
    counted: str
    sentence: str
    lines: Dimension
    columns: tuple[Told | Part | Places, ...]
    also: tuple[Also, ...] = ()
    notes: tuple[str, ...] = ()

    def counts(self) -> Iterator[Count]:
        """Every count the table needs."""
        for column in self.columns:
            yield (column.told if isinstance(column, Part) else column).count
        yield from (line.count for line in self.also)


@dataclass(frozen=True, slots=True)
class ListTable:
    """Lines are counts; columns are this period, the one before, and the change."""

    code: str
    label: str
    counted: str
    sentence: str
    lines: tuple[Told, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> Iterator[Count]:
        """Every count the table needs."""
        for line in self.lines:
            yield line.count


@dataclass(frozen=True, slots=True)
class DelayTable:
    """Lines are delays; columns are their median, ninth decile, shares within a few days, and how many are known."""

    code: str
    label: str
    counted: str
    sentence: str
    lines: tuple[Delay, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> Iterator[Count]:
        """None: a delay is no count."""
        return iter(())


Table = CrossTable | ListTable | DelayTable


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that must be counted, each once, by the name of its cells."""

    counts: dict[str, Count] = field(default_factory=dict)
    delays: dict[str, Delay] = field(default_factory=dict)

    def count(self, count: Count) -> None:
        """Remember a count. ``ValueError`` when another one bears its code."""
        if self.counts.setdefault(count.code, count) != count:
            raise ValueError(f"deux décomptes portent le code {count.code}")

    def delay(self, delay: Delay) -> None:
        """Remember a delay. ``ValueError`` when another one bears its code."""
        if self.delays.setdefault(delay.code, delay) != delay:
            raise ValueError(f"deux délais portent le code {delay.code}")
