"""The tables of a report, as they are worth printing: the same figures as the grid, without what says nothing.

A grid is filled in line by line and keeps every line; a report is read. The grid itself is never touched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.indicators.figures import Cell, FilledTable
from app.indicators.t01_overview import ANONYMOUS_CONTACTS
from app.indicators.t01_overview import TABLE as OVERVIEW

IN_THE_ANNEX: Final = "Chaque ligne a sa propre unité de compte, définie en annexe"
COMMUNES: Final = "T14.municipalities"


def worth_printing(table: FilledTable) -> FilledTable | None:
    """The table without its empty lines and columns; ``None`` when it names nothing at all."""
    if table.code == COMMUNES and not any(line.code not in ("total", "other") for line in table.lines):
        return None
    if table.code == OVERVIEW.code:
        anonymous = f"{ANONYMOUS_CONTACTS.label} : {ANONYMOUS_CONTACTS.sentence}"
        return replace(table, definition=f"{IN_THE_ANNEX}. {anonymous}")
    # Only what has a total is spread over lines; the others say something by each of their zeros.
    if not table.lines or table.lines[0].code != "total":
        return table
    lines = [line for line in table.lines if line.level != 1 or any(map(_told, line.cells))]
    kept = [
        rank
        for rank, column in enumerate(table.columns)
        if column.unit == "percent" or column.code == "total" or any(_told(line.cells[rank]) for line in lines)
    ]
    if len(lines) == len(table.lines) and len(kept) == len(table.columns):
        return table
    return replace(
        table,
        columns=tuple(table.columns[rank] for rank in kept),
        lines=tuple(replace(line, cells=tuple(line.cells[rank] for rank in kept)) for line in lines),
    )


def _told(cell: Cell) -> bool:
    return bool(cell.value)
