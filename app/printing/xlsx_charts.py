"""The charts of a report, drawn by the spreadsheet from the numbers written beside them; readable without colour."""

from collections.abc import Sequence
from typing import Any, Final

from app.indicators.figures import Chart, Series
from app.printing.workbook import NUMBERS, Book, Sheet

_NAVY: Final = "#12355B"
_FILLS: Final = (_NAVY, "wide_upward_diagonal", "#C9D6E5", "dotted_grid")
"""A colour or a pattern: apart from one another on a black and white print."""
_DASHES: Final = ("solid", "dash", "round_dot", "dash_dot")
_MARKERS: Final = ("circle", "square", "triangle", "diamond")
_ROWS_OF_A_CHART: Final = 20
_BLANK_ROWS: Final = 2
_CHARTS_OF_A_PAGE: Final = 2
_LABEL_WIDTH: Final = 44.0
_WIDTH: Final = 14.0


def charts_sheet(book: Book, charts: Sequence[Chart], *, mark: str) -> None:
    """« Graphiques »: for each chart its title, its numbers and, on their right, its picture."""
    sheet = book.sheet("Graphiques", mark=mark)
    widest = max(len(chart.series) for chart in charts)
    sheet.widths(_LABEL_WIDTH, *([_WIDTH] * widest))
    row, breaks = 0, []
    for rank, chart in enumerate(charts):
        if rank and rank % _CHARTS_OF_A_PAGE == 0:
            breaks.append(row)
        _chart(sheet, row, chart, column=widest + 2)
        row += max(len(chart.categories) + 3, _ROWS_OF_A_CHART) + _BLANK_ROWS
    # On paper, no chart is cut in two.
    sheet.page.set_h_pagebreaks(breaks)


def _chart(sheet: Sheet, row: int, chart: Chart, *, column: int) -> None:
    mirrored = chart.kind == "pyramid" and len(chart.series) == 2
    sheet.title(row, chart.title)
    sheet.head(row + 1, ("", *(series.label for series in chart.series)), first_number=1)
    sheet.height(row + 1, ("", _LABEL_WIDTH), *((series.label, _WIDTH) for series in chart.series))
    for place, category in enumerate(chart.categories, start=row + 2):
        sheet.text(place, 0, category, text_wrap=True)
        sheet.height(place, (category, _LABEL_WIDTH))
    for rank, series in enumerate(chart.series):
        _values(sheet, row + 2, rank + 1, series, chart, negative=mirrored and rank == 0)
    if mirrored:
        note = "Les nombres de gauche sont négatifs pour le dessin seulement."
        sheet.text(row + 2 + len(chart.categories), 0, note, italic=True)
    if not chart.categories or not chart.series:
        return
    picture = sheet.book.book.add_chart({"type": "line" if chart.kind == "lines" else "bar"})
    for rank in range(len(chart.series)):
        picture.add_series(_series(sheet, row, rank, chart))
    # The cell, not the text: the library takes a text that begins with = for a formula.
    picture.set_title({"name": [sheet.name, row, 0], "name_font": {"size": 12, "color": _NAVY}, "overlay": False})
    picture.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    picture.show_blanks_as("gap")
    if chart.kind == "lines":
        lines = {"visible": True, "line": {"color": "#C9D6E5"}}
        picture.set_y_axis({"num_format": NUMBERS[chart.unit], "major_gridlines": lines, "min": 0})
    else:
        # Bars lie down: their categories are on the y axis, and each says its number itself.
        picture.set_y_axis({"reverse": not mirrored, "label_position": "low", "major_gridlines": {"visible": False}})
        picture.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    picture.set_size({"width": 720, "height": 380})
    sheet.page.insert_chart(row, column, picture, {"description": chart.alternative})


def _shown(chart: Chart) -> str:
    """Without a sign on either side of a pyramid."""
    shown = NUMBERS[chart.unit]
    return f"{shown};{shown}" if chart.kind == "pyramid" else shown


def _values(sheet: Sheet, row: int, column: int, series: Series, chart: Chart, *, negative: bool) -> None:
    """A value that cannot be told stays blank: the sign of the tables would be drawn as a zero."""
    for place, value in enumerate(series.values, start=row):
        if value is not None:
            sheet.number(place, column, -value if negative else value, chart.unit)


def _series(sheet: Sheet, row: int, rank: int, chart: Chart) -> dict[str, Any]:
    last = row + 1 + len(chart.categories)
    drawn: dict[str, Any] = {
        "name": [sheet.name, row + 1, rank + 1],
        "categories": [sheet.name, row + 2, 0, last, 0],
        "values": [sheet.name, row + 2, rank + 1, last, rank + 1],
    }
    if chart.kind == "lines":
        white = rank % len(_MARKERS) > 0
        drawn["line"] = {"color": _NAVY, "width": 2, "dash_type": _DASHES[rank % len(_DASHES)]}
        drawn["marker"] = {
            "type": _MARKERS[rank % len(_MARKERS)],
            "size": 7,
            "border": {"color": _NAVY},
            "fill": {"color": "#FFFFFF" if white else _NAVY},
        }
        return drawn
    fill = _FILLS[rank % len(_FILLS)]
    drawn["border"] = {"color": _NAVY}
    if fill.startswith("#"):
        drawn["fill"] = {"color": fill}
    else:
        drawn["pattern"] = {"pattern": fill, "fg_color": _NAVY, "bg_color": "#FFFFFF"}
    drawn["data_labels"] = {"value": True, "num_format": _shown(chart), "font": {"size": 8}}
    drawn["gap"] = 40
    if chart.kind == "pyramid" and len(chart.series) == 2:
        drawn |= {"gap": 15, "overlap": 100}
    return drawn
