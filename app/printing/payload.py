"""A report as the template of the PDF reads it: sentences ready to print, and shapes as fractions of a length.

The template draws and never computes: how a number is written is told here, in one place with the other formats.
"""

from collections.abc import Iterable
from typing import Any, Final

from app.indicators.figures import Cell, Column, Figure, FilledTable, Report, Section
from app.printing import wording
from app.printing.charting import chart_payload
from app.printing.wording import day, day_of, drawable, number, quantity, shortened, typeset

_MOST_COLUMNS: Final = 9
"""Beyond, the numbers of a portrait page touch one another: the table goes on below, with its lines again."""

_LONGEST_HEADER: Final = 95
_MOST_LINES: Final = 26
"""Of print: a longer table may be cut by the end of a page, its head printed again."""
_LABEL_LINE: Final = 38
_LONG_HEAD: Final = 40
_HEAD_LINE: Final = 9
"""Letters that a line of these cells surely holds."""

Payload = dict[str, Any]


def report_payload(report: Report) -> Payload:
    """Everything that the template prints, as JSON values."""
    figures = [*report.key_figures, *(each for section in report.sections for each in section.figures)]
    empty = not figures and not any(section.tables or section.charts for section in report.sections)
    return {
        "title": say(report.title),
        "running": shortened(say(f"{report.title}, {report.perimeter.label}, {report.period.label}"), _LONGEST_HEADER),
        "kind": wording.KINDS[report.kind],
        "status": wording.STATUSES[report.status],
        "draft": report.status == "draft",
        "version": wording.version(report.version),
        "period": say(report.period.label),
        "days": f"Du {day(report.period.starts_on)} au {day(report.period.ends_on)}",
        "perimeter": say(report.perimeter.label),
        "audience": wording.AUDIENCES[report.audience],
        "rounding": wording.rounding(report.rounded_to),
        "mark": wording.mark(report),
        "invented": wording.INVENTED if report.invented else None,
        "empty": [wording.NO_FIGURES, *map(say, report.notes)] if empty else [],
        "identification": [[say(label), say(value)] for label, value in report.identification],
        "history": _history(report),
        "key_figures": [_figure(each) for each in report.key_figures],
        "sections": [_section(each) for each in report.sections],
        "notes": [say(note) for note in _notes(report)],
        "definitions": _definitions(figures),
        "written_on": list((report.frozen_at or report.as_of).timetuple()[:3]),
    }


def say(text: str) -> str:
    """A text of someone's, as it can be printed."""
    return drawable(typeset(text))


def _history(report: Report) -> list[str]:
    """What happened to this version, one sentence each."""
    said = [wording.version(report.version) + (", projet non validé" if report.status == "draft" else "")]
    if report.status != "draft":
        said.append(f"Validée par {report.validated_by}" if report.validated_by else "Validée")
    if report.frozen_at:
        said.append(f"Figée le {day_of(report.frozen_at)}")
    said.append(f"Chiffres arrêtés au {day_of(report.as_of)}")
    return [say(each) for each in said]


def _notes(report: Report) -> Iterable[str]:
    rounded = wording.rounding_note(report.rounded_to)
    if rounded:
        yield rounded
    yield wording.NOT_TOLD_NOTE
    yield from report.notes
    yield f"Version de la nomenclature : {report.nomenclature_version}."


def _figure(figure: Figure) -> Payload:
    behind = _behind(figure)
    return {
        "label": say(figure.label),
        "definition": say(figure.definition),
        "value": quantity(figure.value, figure.unit),
        "behind": say(behind) if behind else "",
        "previous": quantity(figure.previous, figure.unit),
        "change": wording.change(figure.change, figure.unit),
        "reason": say(figure.reason) if figure.reason else None,
    }


def _behind(figure: Figure) -> str:
    """What was divided by what, in words."""
    parts = (
        (figure.numerator, figure.numerator_label),
        (figure.denominator, figure.denominator_label),
    )
    said = [
        f"{number(cell.value)} {wording.within(label or '')}".strip()
        for cell, label in parts
        if cell is not None and not (figure.unit == "days" and cell.value == 0)
    ]
    return wording.calculation(said, figure.unit)


def _definitions(figures: list[Figure]) -> list[list[str]]:
    """Each indicator once, in the order met: its label, its definition, how complete its records are."""
    once = {each.code: each for each in reversed(figures)}
    return [
        [say(once[code].label), say(once[code].definition), _completeness(once[code])]
        for code in dict.fromkeys(each.code for each in figures)
    ]


def _completeness(figure: Figure) -> str:
    """Nothing where no field is to be filled: the sign of what is not available would say something else."""
    return "" if figure.completeness is None else number(figure.completeness, "percent")


def _section(section: Section) -> Payload:
    return {
        "title": say(section.title),
        "commentary": [say(each) for each in (section.commentary or "").splitlines() if each.strip()],
        "warning": say(section.warning) if section.warning else None,
        "figures": [_figure(each) for each in section.figures],
        "charts": [chart_payload(each) for each in section.charts],
        "tables": [part for each in section.tables for part in _parts(each)],
        "notes": [say(note) for note in section.notes],
    }


def _parts(table: FilledTable) -> list[Payload]:
    """The table, or as many as its columns need to stay readable."""
    starts = range(0, max(len(table.columns), 1), _MOST_COLUMNS)
    return [_part(table, start, last=start == starts[-1], several=len(starts) > 1) for start in starts]


def _part(table: FilledTable, start: int, *, last: bool, several: bool) -> Payload:
    columns = table.columns[start : start + _MOST_COLUMNS]
    rows = [(line, line.cells[start : start + _MOST_COLUMNS]) for line in table.lines]
    label = table.label
    if several:
        label += f" (colonnes {start + 1} à {start + len(columns)} sur {len(table.columns)})"
    lines = sum(1 + len(line.label) // _LABEL_LINE for line, _ in rows)
    lines += max((1 + len(column.label) // _HEAD_LINE for column in columns), default=1)
    return {
        "label": say(label),
        "together": lines <= _MOST_LINES,
        "counted": say(table.counted[:1].upper() + table.counted[1:]),
        "definition": say(table.definition) if last else None,
        "columns": [_head(column.label, column.unit) for column in columns],
        "rows": [
            [line.level, say(line.label), *(_cell(cell, columns[rank]) for rank, cell in enumerate(cells))]
            for line, cells in rows
        ],
        "notes": [say(note) for note in table.notes] if last else [],
        "untold": _any_untold(cell for _, cells in rows for cell in cells),
    }


def _cell(cell: Cell, column: Column) -> str:
    return wording.change(cell.value, "count") if column.code == "change" else number(cell.value, column.unit)


def _head(label: str, unit: str) -> str:
    """The unit stands in the head of the column, unless the numbers carry it, are plain counts, or it says it already.

    A long label loses its parenthesis: the grid and the list of terms have it whole.
    """
    word = {"days": "jours", "hours": "heures"}.get(unit)
    if word and word not in label.lower():
        label += f" ({word})"
    elif len(label) > _LONG_HEAD and " (" in label:
        label = label[: label.index(" (")]
    return say(label)


def _any_untold(cells: Iterable[Cell]) -> bool:
    return any(cell.value is None for cell in cells)
