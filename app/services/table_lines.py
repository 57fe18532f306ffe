"""What a table of the grid reads, before anything fills it: its lines, the cell of each column, the sentence below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.indicators.definitions import Count, CrossTable, DelayTable, ListTable, Part, Places, Table, Told, Value
from app.indicators.figures import Column


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a crossed table, before it is filled: the cells it reads, and of which whole, if of any."""

    code: str
    label: str
    external_code: str | None
    level: int
    cells: tuple[tuple[str, Told, str | None], ...]


_known_lines: dict[str, tuple[Asked, ...]] = {}


def lines_of(table: CrossTable, columns: Sequence[Told | Part], values: Sequence[Value]) -> tuple[Asked, ...]:
    """What each line reads. The same each time unless places are in it: then it is not kept, there are many."""
    moving = table.lines.places or any(isinstance(column, Places) for column in table.columns)
    if not moving and table.code in _known_lines:
        return _known_lines[table.code]
    own = table.lines.column
    told = [(told_of(column), isinstance(column, Part)) for column in columns]

    def line(code: str, label: str, level: int, external: str | None, at: Mapping[str, str]) -> Asked:
        cells = tuple((each.cell(**at), each, each.cell() if part else None) for each, part in told)
        return Asked(code, label, external, level, cells)

    lines = [line("total", "Total", 0, None, {})]
    lines += [line(each.code, each.label, 1, each.external_code, {own: each.code}) for each in values]
    for also in table.also:
        cells = tuple((_narrowed(also.count, each), each, each.cell() if part else None) for each, part in told)
        lines.append(Asked(also.code, also.label, None, 2, cells))
    if not moving:
        _known_lines[table.code] = tuple(lines)
    return tuple(lines)


def told_of(column: Told | Part) -> Told:
    """The count of a column, of which it may be a part."""
    return column.told if isinstance(column, Part) else column


def _narrowed(count: Count, told: Told) -> str:
    """The cell of another count, at the place where a column stands."""
    known = {dimension.column for dimension in count.by}
    return count.cell(**{name: value for name, value in told.at if name in known})


def column_of(column: Told | Part) -> Column:
    """The head of a column."""
    if isinstance(column, Part):
        return Column(column.code, column.label, "percent")
    return Column(column.code, column.label, column.unit)


def sentences_of(table: Table) -> Iterator[str]:
    """What each thing that a table counts is, in order."""
    yield table.sentence
    if isinstance(table, DelayTable):
        yield from (f"{delay.label} : {delay.sentence}" for delay in table.lines)
    elif isinstance(table, ListTable):
        for line in table.lines:
            yield f"{line.label} : {line.count.sentence}"
    else:
        labelled = {count.label: count.sentence for count in table.counts() if count.sentence != table.sentence}
        also = {line.count.label for line in table.also}
        yield from (f"{label} : {sentence}" for label, sentence in labelled.items() if label not in also)
