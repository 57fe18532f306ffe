"""Grids and reports as workbooks: « Lisez-moi », then one sheet a table, in the order of the grid."""

from collections.abc import Iterable, Sequence
from typing import Final

from app.indicators.figures import FilledTable, Grid, Report
from app.printing import wording
from app.printing.workbook import Book, Sheet
from app.printing.xlsx_charts import charts_sheet
from app.printing.xlsx_figures import figures_sheet

README: Final = "Lisez-moi"
EXTERNAL_CODE: Final = "Code externe"
_README_WIDTHS: Final = (36.0, 60.0, 90.0, 50.0)
_COMMENTARY_WIDTHS: Final = (40.0, 120.0)
_LONGEST_LABEL: Final = 70
_FIRST_LINE: Final = 3
"""Below the label of the table, the mark of the sheet and the head, which stay in sight."""


def grid_xlsx(grid: Grid) -> bytes:
    """The grid to sign and send; without figures, « Lisez-moi » alone says why."""
    subject = f"{grid.perimeter.label}, {grid.period.label}"
    book = Book(title="Grille statistique", subject=subject, written_at=grid.as_of)
    readme = book.sheet(README, mark=wording.mark(grid))
    sheets = [_table_sheet(book, grid, table) for table in grid.tables]
    row = _said(readme, "Grille statistique", [*_facts(grid), *_notes(grid, grid.reason)])
    _index(readme, row, grid.tables, sheets)
    return book.bytes()


def report_xlsx(report: Report) -> bytes:
    """The figures of the report, its charts drawn by the spreadsheet, its tables, and what people wrote."""
    written_at = report.frozen_at or report.as_of
    subject = f"{report.perimeter.label}, {report.period.label}"
    book = Book(title=report.title, subject=subject, written_at=written_at)
    readme = book.sheet(README, mark=wording.foot(report))
    tables = [table for section in report.sections for table in section.tables]
    charts = [chart for section in report.sections for chart in section.charts]
    figures_sheet(book, report)
    if charts:
        charts_sheet(book, charts, mark=wording.foot(report))
    sheets = [_table_sheet(book, report, table) for table in tables]
    _commentaries(book, report)
    known = report.key_figures or tables or charts or any(section.figures for section in report.sections)
    facts = [("Document", wording.KINDS[report.kind]), ("Statut", wording.STATUSES[report.status])]
    facts += [*_facts(report), *report.identification]
    if report.validated_by:
        facts.append(("Validé par", report.validated_by))
    if report.frozen_at:
        facts.append(("Figé le", wording.day_of(report.frozen_at)))
    row = _said(readme, report.title, [*facts, *_notes(report, None if known else wording.NO_FIGURES)])
    _index(readme, row, tables, sheets)
    return book.bytes()


def _facts(printed: Grid | Report) -> list[tuple[str, str]]:
    period = printed.period
    return [
        ("Période", f"{period.label}, du {wording.day(period.starts_on)} au {wording.day(period.ends_on)}"),
        ("Périmètre", printed.perimeter.label),
        ("Diffusion", wording.AUDIENCES[printed.audience]),
        ("Exactitude", wording.rounding(printed.rounded_to)),
        ("Version", wording.version(printed.version)),
        ("Chiffres arrêtés au", wording.day_of(printed.as_of)),
        ("Nomenclature", printed.nomenclature_version),
    ]


def _notes(printed: Grid | Report, reason: str | None) -> list[tuple[str, str]]:
    """What to know before reading; what matters most comes first."""
    invented = isinstance(printed, Report) and printed.invented
    first = [("Attention", wording.INVENTED)] if invented else []
    if reason:
        first.append(("Sans chiffre", reason))
    rounded = wording.rounding_note(printed.rounded_to)
    notes = [rounded] if rounded else []
    return first + [("Note", note) for note in (*notes, wording.NOT_TOLD_NOTE, *printed.notes)]


def _said(readme: Sheet, title: str, facts: Iterable[tuple[str, str]]) -> int:
    """The facts, one a row; returns the row below."""
    readme.widths(*_README_WIDTHS)
    readme.title(0, title)
    row = 2
    for label, value in facts:
        readme.text(row, 0, label, bold=True)
        readme.text(row, 1, value, text_wrap=True)
        readme.height(row, (label, _README_WIDTHS[0]), (value, _README_WIDTHS[1]))
        row += 1
    return row + 1


def _index(readme: Sheet, row: int, tables: Sequence[FilledTable], sheets: Sequence[Sheet]) -> None:
    """Each table, a way to its sheet, and its definition."""
    if not tables:
        return
    readme.head(row, ("Feuille", "Tableau", "Définition", "Notes"), first_number=4)
    link = readme.book.format(underline=1, font_color="#12355B")
    for place, (table, sheet) in enumerate(zip(tables, sheets, strict=True), start=row + 1):
        readme.page.write_url(place, 0, f"internal:'{sheet.name}'!A1", link, string=sheet.name)
        said = (f"{table.label} ({table.counted})", table.definition, "\n".join(table.notes))
        for column, each in enumerate(said, start=1):
            readme.text(place, column, each, text_wrap=True)
        readme.height(place, *zip(said, _README_WIDTHS[1:], strict=True))


def _table_sheet(book: Book, printed: Grid | Report, table: FilledTable) -> Sheet:
    mark = wording.mark(printed)
    sheet = book.sheet(table.label, mark=wording.foot(printed))
    sheet.title(0, table.label)
    sheet.text(1, 0, f"{printed.perimeter.label} · {printed.period.label} · {mark}", italic=True)
    heads = [_head(column.label, wording.UNITS[column.unit], column.unit) for column in table.columns]
    sheet.head(2, (table.counted[:1].upper() + table.counted[1:], "Code", EXTERNAL_CODE, *heads), first_number=3)
    for row, line in enumerate(table.lines, start=_FIRST_LINE):
        look = {"bold": True, "bg_color": "#E8EEF5"} if line.level == 0 else {}
        sheet.height(row, (line.label, _LONGEST_LABEL))
        sheet.text(row, 0, line.label, indent=max(line.level - 1, 0), text_wrap=True, **look)
        sheet.text(row, 1, line.code, **look)
        sheet.text(row, 2, line.external_code or "", **look)
        for column, cell in enumerate(line.cells):
            sheet.number(row, 3 + column, cell.value, table.columns[column].unit, **look)
    longest = max((len(line.label) for line in table.lines), default=0)
    widths = [max(14.0, min(len(each), 20)) for each in heads]
    first = float(min(max(longest + 2, 30), _LONGEST_LABEL))
    sheet.widths(first, 26, 14, *widths)
    sheet.height(2, (table.counted, 30), *zip(heads, widths, strict=True))
    sheet.page.freeze_panes(_FIRST_LINE, 1)
    sheet.page.repeat_rows(2)
    below = _FIRST_LINE + len(table.lines) + 1
    for offset, note in enumerate((f"Définition : {table.definition}", *table.notes)):
        sheet.note(below + offset, note, across=(first, 26.0, 14.0, *widths))
    return sheet


def _head(label: str, word: str, unit: str) -> str:
    return label if unit in ("count", "ratio") or word in label.lower() else f"{label} ({word})"


def _commentaries(book: Book, report: Report) -> None:
    """What people wrote, one paragraph a row."""
    said = [
        (section.title, paragraph)
        for section in report.sections
        for paragraph in (section.warning, *(section.commentary or "").splitlines(), *section.notes)
        if paragraph and paragraph.strip()
    ]
    if not said:
        return
    sheet = book.sheet("Commentaires", mark=wording.foot(report))
    sheet.widths(*_COMMENTARY_WIDTHS)
    sheet.head(0, ("Section", "Texte"), first_number=2)
    sheet.page.freeze_panes(1, 0)
    for row, (title, paragraph) in enumerate(said, start=1):
        sheet.text(row, 0, title, text_wrap=True)
        sheet.text(row, 1, paragraph, text_wrap=True)
        sheet.height(row, *zip((title, paragraph), _COMMENTARY_WIDTHS, strict=True))
