"""The indicators of a report as one sheet: each with what it divides, the period before, and its definition."""

from typing import Final

from app.indicators.figures import Figure, Report
from app.printing import wording
from app.printing.workbook import Book, Sheet

_HEAD: Final = (
    "Section", "Indicateur", "Valeur", "Unité", "Numérateur", "Dénominateur", "Période précédente", "Évolution",
    "Unité de l’évolution", "Complétude", "Calcul", "Définition", "Remarque",
)  # fmt: skip
_WIDTHS: Final = (28.0, 42.0, 12.0, 10.0, 14.0, 14.0, 14.0, 12.0, 12.0, 12.0, 50.0, 80.0, 50.0)


def figures_sheet(book: Book, report: Report) -> None:
    """« Chiffres clés » first, then the indicators of each section; no sheet when there is none."""
    figures = [("Chiffres clés", each) for each in report.key_figures]
    figures += [(section.title, each) for section in report.sections for each in section.figures]
    if not figures:
        return
    sheet = book.sheet("Chiffres clés", mark=wording.foot(report))
    sheet.widths(*_WIDTHS)
    sheet.head(0, _HEAD, first_number=len(_HEAD))
    sheet.page.freeze_panes(1, 2)
    for row, (title, figure) in enumerate(figures, start=1):
        sheet.text(row, 0, title, text_wrap=True)
        _figure(sheet, row, figure)


def _figure(sheet: Sheet, row: int, figure: Figure) -> None:
    labels = (figure.numerator_label, figure.denominator_label)
    sheet.text(row, 1, figure.label, bold=True, text_wrap=True)
    sheet.number(row, 2, figure.value, figure.unit, bold=True)
    sheet.text(row, 3, wording.UNITS[figure.unit], indent=1)
    for column, cell in ((4, figure.numerator), (5, figure.denominator)):
        if cell is not None:
            sheet.number(row, column, cell.value, "count")
    sheet.number(row, 6, figure.previous, figure.unit)
    sheet.number(row, 7, figure.change, "ratio")
    sheet.text(row, 8, wording.CHANGE_UNITS[figure.unit], indent=1)
    if figure.completeness is not None:
        sheet.number(row, 9, figure.completeness, "percent")
    said = (
        wording.calculation((labels[0] or "", wording.within(labels[1] or "")), figure.unit),
        figure.definition,
        figure.reason or "",
    )
    for column, each in enumerate(said, start=10):
        sheet.text(row, column, each, text_wrap=True)
    sheet.height(row, (figure.label, _WIDTHS[1]), *zip(said, _WIDTHS[10:], strict=True))
