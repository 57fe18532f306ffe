"""Cells once counted, read alike whether they are exact or published: a number, its rounding, a share, a delay.

What may be said of a figure depends on whom it is for, and on nothing else: the tables and the indicators are filled by
the same code (``filling.py``) from either of these two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from app.indicators.definitions import Delay
from app.indicators.figures import Cell
from app.services import disclosure_control
from app.services.disclosure_control import MEDIAN, P90, Rounded

ZERO: Final = Cell(0)
"""Most cells of a grid are this one."""


@dataclass(frozen=True, slots=True)
class DelayTold:
    """A delay, once counted; ``within`` follows the days of its definition."""

    known: Cell
    unknown: Cell
    median: Cell
    p90: Cell
    within: tuple[Cell, ...]


class Counted(Protocol):
    """What ``filling.py`` asks of cells."""

    @property
    def rounded_to(self) -> int | None:
        """What the numbers were rounded to, if they were."""

    def cell(self, name: str) -> Cell:
        """A number; a cell that nobody counts in is zero."""

    def share(self, numerator: str, denominator: str) -> float | None:
        """A part of a whole, 0 to 1, or ``None`` when it cannot be told."""

    def mean(self, numerator: str, denominator: str) -> float | None:
        """A quotient that may pass 1, or ``None`` when it cannot be told."""

    def delay(self, delay: Delay) -> DelayTold:
        """A delay."""

    def places(self, prefix: str, position: int) -> set[str]:
        """The units or sites that the cells of a count name, at this position of their names."""


def _places(names: Mapping[str, object], prefix: str, position: int) -> set[str]:
    cells = (name.split("|") for name in names if name.startswith(f"{prefix}|"))
    return {parts[position] for parts in cells} - {"*", "none"}


class ExactCells(Counted):
    """Exact figures, as PostgreSQL counted them."""

    def __init__(self, cells: Mapping[str, int]) -> None:
        self.cells = cells

    @property
    def rounded_to(self) -> int | None:
        return None

    def cell(self, name: str) -> Cell:
        found = self.cells.get(name)
        return ZERO if found is None else Cell(found)

    def share(self, numerator: str, denominator: str) -> float | None:
        whole = self.cells.get(denominator, 0)
        return self.cells.get(numerator, 0) / whole if whole else None

    mean = share

    def delay(self, delay: Delay) -> DelayTold:
        histogram = self._histograms.get(delay.code, {})
        return DelayTold(
            known=self.cell(delay.part("known")),
            unknown=self.cell(delay.part("unknown")),
            median=Cell(disclosure_control.quantile(histogram, MEDIAN)),
            p90=Cell(disclosure_control.quantile(histogram, P90)),
            within=tuple(self.cell(delay.part(f"within_{days}")) for days in delay.within),
        )

    def places(self, prefix: str, position: int) -> set[str]:
        return _places(self.cells, prefix, position)

    @cached_property
    def _histograms(self) -> dict[str, dict[int, int]]:
        return histograms(self.cells)


class PublishedCells(Counted):
    """Rounded figures, as they were published: ``{name: [value, rounded to]}``; never anything else beside.

    ``None`` for cells that were not published at all: nothing is told of them, not even a zero.
    """

    def __init__(self, cells: Mapping[str, tuple[int, int]] | None, *, rounded_to: int) -> None:
        self.withheld = cells is None
        self.cells = cells or {}
        self._base = rounded_to
        self._zero = Cell(0, rounded_to)

    @property
    def rounded_to(self) -> int | None:
        return self._base

    def cell(self, name: str) -> Cell:
        if self.withheld:
            return Cell(None)
        found = self.cells.get(name)
        return self._zero if found is None else Cell(found[0], found[1] or None)

    def share(self, numerator: str, denominator: str) -> float | None:
        return disclosure_control.share(self._rounded(numerator), self._rounded(denominator))

    def mean(self, numerator: str, denominator: str) -> float | None:
        whole = self._rounded(denominator).value
        return self._rounded(numerator).value / whole if whole > disclosure_control.SHARE_ABOVE else None

    def delay(self, delay: Delay) -> DelayTold:
        return DelayTold(
            known=self.cell(delay.part("known")),
            unknown=self.cell(delay.part("unknown")),
            median=self._quantile(delay.part("median")),
            p90=self._quantile(delay.part("p90")),
            within=tuple(self.cell(delay.part(f"within_{days}")) for days in delay.within),
        )

    def places(self, prefix: str, position: int) -> set[str]:
        return _places(self.cells, prefix, position)

    def _rounded(self, name: str) -> Rounded:
        value, step = self.cells.get(name, (0, self._base))
        return Rounded(value, step)

    def _quantile(self, name: str) -> Cell:
        value, step = self.cells.get(name, (None, None))
        return Cell(value, step)


def histograms(cells: Mapping[str, int]) -> dict[str, dict[int, int]]:
    """How many times each number of days, for each delay: ``{code: {days: times}}``."""
    found: dict[str, dict[int, int]] = {}
    for name, times in cells.items():
        code, told, days = name.partition("|days|")
        if told:
            found.setdefault(code, {})[int(days)] = times
    return found
