"""Put counted cells into the tables of the grid and into the indicators: the same way for whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.indicators.completeness import COMPLETENESS
from app.indicators.definitions import (
    CrossTable,
    Delay,
    DelayTable,
    Indicator,
    ListTable,
    Part,
    Places,
    Share,
    Table,
    Told,
    Value,
)
from app.indicators.figures import Cell, Column, Figure, FilledTable, Line, Unit, half_up
from app.services.counted_cells import Counted
from app.services.table_lines import column_of, lines_of, sentences_of

NOTHING: Final = Cell(None)
TOO_FEW: Final = "Effectif trop faible pour être dit."
NONE_TO_DIVIDE: Final = "Rien à rapporter dans la période."


@dataclass(frozen=True)
class Filling:
    """What tables are filled with: cells of the period and of the one before, names of places, codes asked for."""

    now: Counted
    earlier: Counted
    places: Mapping[str, str]
    codes: Mapping[tuple[str, str], str | None]

    def table(self, table: Table) -> FilledTable:
        """One table of the grid."""
        if isinstance(table, CrossTable):
            columns = (*self._columns(table),)
            shown = tuple(column_of(column) for column in columns)
            lines = tuple(self._crossed(table, columns))
        elif isinstance(table, ListTable):
            shown = (Column("value", "Période"), Column("previous", "Période précédente"), CHANGE)
            lines = tuple(self._listed(table, told) for told in table.lines)
        else:
            shown, lines = DELAY_COLUMNS, tuple(self._delayed(table, delay) for delay in table.lines)
        definition = " ".join(dict.fromkeys(sentences_of(table)))
        return FilledTable(table.code, table.label, table.counted, definition, shown, lines, table.notes)

    def figure(self, indicator: Indicator | Told) -> Figure:
        """One indicator, with the period before."""
        if isinstance(indicator, Delay):
            return self._delay(indicator)
        return self._share(indicator) if isinstance(indicator, Share) else self._count(indicator)

    # ---------------------------------------------------------------------------------------------- tables

    def _columns(self, table: CrossTable) -> Iterator[Told | Part]:
        for column in table.columns:
            if isinstance(column, Places):
                dimension = column.dimension
                found = self.now.places(column.count.code, 1 + column.count.by.index(dimension))
                for place in self._named(found):
                    yield column.told(place.code, place.label)
            else:
                yield column

    def _crossed(self, table: CrossTable, columns: Sequence[Told | Part]) -> Iterator[Line]:
        for asked in lines_of(table, columns, self._values(table)):
            cells = tuple(self._cell(name, told, whole) for name, told, whole in asked.cells)
            external = self.codes.get((table.code, asked.code), asked.external_code)
            yield Line(asked.code, asked.label, external, asked.level, cells)

    def _values(self, table: CrossTable) -> tuple[Value, ...]:
        if table.lines.places is None:
            return table.lines.values
        found: set[str] = set()
        for count in table.counts():
            found |= self.now.places(count.code, 1 + count.by.index(table.lines))
        return tuple(self._named(found))

    def _named(self, places: set[str]) -> list[Value]:
        if len(places) > MOST_PLACES:
            return []
        named = (Value(place, self.places.get(place, place)) for place in places)
        return sorted(named, key=lambda each: (each.label, each.code))

    def _cell(self, name: str, told: Told, whole: str | None) -> Cell:
        if whole is not None:
            return _percent(self.now.share(name, whole))
        return _scaled(self.now.cell(name), told)

    def _listed(self, table: ListTable, told: Told) -> Line:
        now, earlier = (_scaled(cells.cell(told.cell()), told) for cells in (self.now, self.earlier))
        cells = [now, earlier, Cell(self._relative(now.value, earlier.value))]
        return self._line(table, told.code, told.label, 1, cells)

    def _delayed(self, table: DelayTable, delay: Delay) -> Line:
        said = self.now.delay(delay)
        shares = [_percent(self.now.share(delay.part(f"within_{days}"), delay.part("known"))) for days in delay.within]
        cells = [said.median, said.p90, *shares, said.known, said.unknown]
        return self._line(table, delay.code.rpartition(".")[2], delay.label, 1, cells)

    def _line(
        self, table: Table, code: str, label: str, level: int, cells: list[Cell], official: str | None = None
    ) -> Line:
        return Line(code, label, self.codes.get((table.code, code), official), level, tuple(cells))

    # ------------------------------------------------------------------------------------------ indicators

    def _count(self, told: Told) -> Figure:
        now, earlier = _scaled(self.now.cell(told.cell()), told), _scaled(self.earlier.cell(told.cell()), told)
        return Figure(
            code=told.code,
            label=told.label,
            definition=told.count.sentence,
            unit=told.unit,
            value=now.value,
            numerator=None,
            numerator_label=None,
            denominator=None,
            denominator_label=None,
            completeness=None,
            previous=earlier.value,
            change=self._relative(now.value, earlier.value),
            rounded_to=None if now.rounded_to is None else int(now.rounded_to),
        )

    def _share(self, share: Share) -> Figure:
        value, previous = _quotient(share, self.now), _quotient(share, self.earlier)
        known = (
            self.now.share(share.recorded.cell(), share.expected.cell()) if share.recorded and share.expected else None
        )
        denominator = _divided(self.now.cell(share.denominator.cell()), share.times)
        return Figure(
            code=share.code,
            label=share.label,
            definition=share.sentence,
            unit=share.unit,
            value=value,
            numerator=self.now.cell(share.numerator.cell()),
            numerator_label=share.numerator.label,
            denominator=denominator,
            denominator_label=share.denominator.label,
            completeness=_percent(known).value,
            previous=previous,
            change=None if value is None or previous is None else half_up(value - previous, 1),
            reason=None if value is not None else (TOO_FEW if denominator.value else NONE_TO_DIVIDE),
            rounded_to=self.now.rounded_to,
        )

    def _delay(self, delay: Delay) -> Figure:
        now, earlier = self.now.delay(delay), self.earlier.delay(delay)
        value, previous = now.median.value, earlier.median.value
        return Figure(
            code=delay.code.rpartition(".")[2],
            label=delay.label,
            definition=delay.sentence,
            unit="days",
            value=value,
            numerator=now.known,
            numerator_label="Délais connus",
            denominator=now.unknown,
            denominator_label="Sans délai à ce jour, comptés à part",
            completeness=None,
            previous=previous,
            change=None if value is None or previous is None else half_up(value - previous, 1),
            reason=None if value is not None else (TOO_FEW if now.known.value else NONE_TO_DIVIDE),
            rounded_to=self.now.rounded_to,
        )

    def _relative(self, value: float | int | None, previous: float | int | None) -> float | None:
        if value is None or not previous or (self.now.rounded_to and previous <= FIRM_ENOUGH):
            return None
        return half_up(100 * (value - previous) / previous, 1)

    def completeness(self) -> FilledTable:
        """How much of each field was filled: the last page of a report."""
        lines = []
        for share in COMPLETENESS:
            figure = self._share(share)
            known, expected = figure.numerator or NOTHING, figure.denominator or NOTHING
            code = share.code.removeprefix("completeness_")
            lines.append(Line(code, share.label, None, 1, (known, expected, Cell(figure.value))))
        columns = (Column("filled", "Rempli"), Column("expected", "Attendu"), Column("share", "Part", "percent"))
        said = "Part de chaque champ de la grille qui a été remplie."
        return FilledTable("completeness", "Complétude", "fiches", said, columns, tuple(lines))


MOST_PLACES: Final = 40
"""Units, or sites, told one by one; a nation has hundreds, which nobody would read, and tells none."""
FIRM_ENOUGH: Final = 20
"""A rounded figure of the period before is compared with above this only: below, the rounding would be the change."""
CHANGE: Final = Column("change", "Évolution", "percent")
DELAY_COLUMNS: Final = (
    Column("median", "Médiane", "days"),
    Column("p90", "Neuvième décile", "days"),
    Column("within_2", "En 2 jours au plus", "percent"),
    Column("within_7", "En 7 jours au plus", "percent"),
    Column("known", "Délais connus"),
    Column("unknown", "Pas encore"),
)


def _scaled(cell: Cell, told: Told) -> Cell:
    if told.divided_by == 1 or cell.value is None:
        return cell
    step = None if cell.rounded_to is None else half_up(cell.rounded_to / told.divided_by, 2)
    return Cell(half_up(cell.value / told.divided_by, _decimals(told.unit)), step)


def _divided(cell: Cell, by: int) -> Cell:
    """What is counted by thousandths, said in units, whole: whoever divides by it finds the quotient."""
    if by == 1 or cell.value is None:
        return cell
    step = None if cell.rounded_to is None else half_up(cell.rounded_to / by, 3)
    return Cell(half_up(cell.value / by, 3), step)


def _decimals(unit: Unit) -> int:
    return 2 if unit == "ratio" else 1


def _percent(share: float | None) -> Cell:
    return NOTHING if share is None else Cell(half_up(100 * share, 1))


def _quotient(share: Share, counted: Counted) -> float | int | None:
    if share.unit == "percent":
        found = counted.share(share.numerator.cell(), share.denominator.cell())
        return _percent(found).value
    found = counted.mean(share.numerator.cell(), share.denominator.cell())
    return None if found is None else half_up(share.times * found, 1)
