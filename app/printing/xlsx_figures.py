"""The indicators of a report as one sheet: each with what it divides, the period before, and its definition."""

from typing import Final

from app.indicators.figures import Figure, Report
from app.printing import wording
from app.printing.workbook import Book, Sheet

_HEAD: Final = (
    "Section", "Indicateur", "Valeur", "Unité", "Numérateur", "Dénominateur", "Période précédente", "Évolution",
    "Unité de l’évolution", "Complétude", "Calcul", "Définition", "Remarque",
)  # fmt: skip


def figures_sheet(book: Book, report: Report) -> None:
    """« Chiffres clés » first, then the indicators of each section; no sheet when there is none."""
    figures = [("Chiffres clés", each) for each in report.key_figures]
    figures += [(section.title, each) for section in report.sections for each in section.figures]
    if not figures:
        return
    sheet = book.sheet("Chiffres clés", mark=wording.mark(report))
    sheet.widths(28, 42, 12, 10, 14, 14, 14, 12, 12, 12, 50, 80, 50)
    sheet.head(0, _HEAD, first_number=len(_HEAD))
    sheet.page.freeze_panes(1, 2)
    for row, (title, figure) in enumerate(figures, start=1):
        sheet.text(row, 0, title, text_wrap=True)
        _figure(sheet, row, figure)


def _figure(sheet: Sheet, row: int, figure: Figure) -> None:
    labels = (figure.numerator_label, figure.denominator_label)
    sheet.text(row, 1, figure.label, bold=True, text_wrap=True)
    sheet.number(row, 2, figure.value, figure.unit, bold=True)
    sheet.text(row, 3, wording.UNITS[figure.unit])
    for column, cell in ((4, figure.numerator), (5, figure.denominator)):
        if cell is not None:
            sheet.number(row, column, cell.value, "count")
    sheet.number(row, 6, figure.previous, figure.unit)
    sheet.number(row, 7, figure.change, "ratio")
    sheet.text(row, 8, wording.CHANGE_UNITS[figure.unit])
    if figure.completeness is not None:
        sheet.number(row, 9, figure.completeness, "percent")
    sheet.text(row, 10, " sur ".join(label for label in labels if label), text_wrap=True)
    sheet.text(row, 11, figure.definition, text_wrap=True)
    sheet.text(row, 12, figure.reason or "", text_wrap=True)
