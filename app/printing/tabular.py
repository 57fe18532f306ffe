"""Grids and reports as CSV, one flat row a cell, in the order of the grid, for French spreadsheets and for programs.

UTF-8 with its mark, ``;`` between the columns, CRLF, a decimal comma and no space in numbers: what a French Excel opens
on a double click with its numbers being numbers. A value that cannot be told is empty and says why in ``Remarque``.

A text that a spreadsheet would take for a formula is preceded by an apostrophe. Numbers never are: they are ours.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from app.indicators.figures import Cell, Figure, FilledTable, Grid, Report, Unit
from app.printing import wording
from app.printing.wording import CHANGE_UNITS, UNITS, plain_number

HEAD: Final = (
    "Période", "Du", "Au", "Périmètre", "Diffusion", "Version", "Section", "Tableau", "Libellé du tableau", "Ligne",
    "Libellé de la ligne", "Niveau", "Code externe", "Colonne", "Libellé de la colonne", "Valeur", "Unité",
    "Arrondi à", "Remarque",
)  # fmt: skip
KEY_FIGURES: Final = "key_figures"
INDICATORS: Final = "indicators"

_MARK: Final = "\ufeff"
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def grid_csv(grid: Grid) -> bytes:
    """Every cell of the grid; when it holds none, one row that says why."""
    rows = [row for table in grid.tables for row in _table("", table)]
    return _written(grid, rows, grid.reason)


def report_csv(report: Report) -> bytes:
    """Every figure of the report, then every cell of its tables, section by section. Commentaries are not figures."""
    rows = [row for figure in report.key_figures for row in _figure("", KEY_FIGURES, "Chiffres clés", figure)]
    for section in report.sections:
        for figure in section.figures:
            rows += _figure(section.code, INDICATORS, f"Indicateurs : {section.title}", figure)
        for table in section.tables:
            rows += _table(section.code, table)
    return _written(report, rows, None)


def guarded(text: str) -> str:
    """The text, kept from being read as a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _written(printed: Grid | Report, rows: Iterable[list[str]], reason: str | None) -> bytes:
    period = printed.period
    start = [
        guarded(period.label),
        period.starts_on.isoformat(),
        period.ends_on.isoformat(),
        guarded(printed.perimeter.label),
        wording.AUDIENCES[printed.audience],
        "" if printed.version is None else str(printed.version),
    ]
    blank = [""] * (len(HEAD) - len(start) - 1)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows([*start, *row] for row in (list(rows) or [[*blank, guarded(reason or wording.NO_FIGURES)]]))
    return (_MARK + text.getvalue()).encode()


def _table(section: str, table: FilledTable) -> Iterator[list[str]]:
    for line in table.lines:
        for column, cell in zip(table.columns, line.cells, strict=True):
            yield [
                *map(guarded, (section, table.code, table.label, line.code, line.label)),
                str(line.level),
                *map(guarded, (line.external_code or "", column.code, column.label)),
                *_value(cell, column.unit, UNITS[column.unit], None),
            ]


def _figure(section: str, table: str, label: str, figure: Figure) -> Iterator[list[str]]:
    """The indicator, then what is known of what it divides and of the period before."""
    start = [*map(guarded, (section, table, label, figure.code, figure.label)), "1", ""]
    unit, rounded_to = figure.unit, figure.rounded_to
    yield [*start, "value", "Valeur", *_value(Cell(figure.value, rounded_to), unit, UNITS[unit], figure.reason)]
    divided = (
        ("numerator", figure.numerator, figure.numerator_label or "Numérateur"),
        ("denominator", figure.denominator, figure.denominator_label or "Dénominateur"),
    )
    for code, cell, name in divided:
        if cell is not None:
            yield [*start, code, guarded(name), *_value(cell, "count", UNITS["count"], None)]
    if figure.previous is not None:
        previous = _value(Cell(figure.previous, rounded_to), unit, UNITS[unit], None)
        yield [*start, "previous", "Période précédente", *previous]
    if figure.change is not None:
        yield [*start, "change", "Évolution", *_value(Cell(figure.change), "ratio", CHANGE_UNITS[unit], None)]
    if figure.completeness is not None:
        yield [*start, "completeness", "Complétude", *_value(Cell(figure.completeness), "percent", "%", None)]


def _value(cell: Cell, unit: Unit, unit_word: str, reason: str | None) -> list[str]:
    return [
        "" if cell.value is None else plain_number(cell.value, unit),
        unit_word,
        "" if cell.rounded_to is None else str(cell.rounded_to),
        guarded(reason or "n.d.") if cell.value is None else "",
    ]
