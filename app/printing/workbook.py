"""A workbook of ours: named sheets, few formats, texts that stay texts, and the same bytes each time."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

import xlsxwriter

from app.indicators.figures import Unit
from app.printing.wording import NOT_TOLD, kept

_NAVY: Final = "#12355B"
_LONGEST_CELL: Final = 32_767
_LONGEST_NAME: Final = 31
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]+")
_A4: Final = 9
_LINE: Final = 15.0
_TALLEST: Final = 409.0
"""Points; a spreadsheet knows no taller row."""

NUMBERS: Final[dict[Unit, str]] = {
    "count": "#,##0",
    "percent": '0.0" %"',
    "days": "#,##0.0",
    "hours": "#,##0.0",
    "ratio": "#,##0.0",
}
"""The spreadsheet shows the comma and spaces of its reader's language. A percentage is written 12.5, as in the CSV."""
_HALVES: Final = "#,##0.##"
"""Of what is counted by halves or by hundredths, among whole numbers."""


class Book:
    """Sheets in the order in which they are added; ``bytes`` closes it."""

    def __init__(self, *, title: str, subject: str, written_at: datetime) -> None:
        self._bytes = io.BytesIO()
        self.book: Any = xlsxwriter.Workbook(
            self._bytes,
            # A text is a text, whatever it begins with; in memory, the dates inside the archive are fixed.
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        # The time zone is said once and dropped: the library writes what it is given as UTC.
        created = written_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self.book.set_properties({"title": title, "subject": subject, "author": "Relais", "created": created})
        self._names: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def bytes(self) -> bytes:
        """The file."""
        self.book.close()
        return self._bytes.getvalue()

    def format(self, **said: Any) -> Any:
        """A format, made once."""
        key = tuple(sorted(said.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "top", **said})
        return self._formats[key]

    def sheet(self, name: str, *, mark: str) -> "Sheet":
        """A new sheet of that name or, when it is taken or too long, one near it; ``mark`` is printed on each page."""
        base = _NOT_IN_A_NAME.sub(" ", name).strip() or "Feuille"
        taken, rank = base[:_LONGEST_NAME].rstrip(), 1
        while taken.lower() in self._names or taken.lower() == "history":
            rank += 1
            ending = f" ({rank})"
            taken = base[: _LONGEST_NAME - len(ending)].rstrip() + ending
        self._names.add(taken.lower())
        page = self.book.add_worksheet(taken)
        page.set_paper(_A4)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{mark.replace('&', '&&')}&RPage &P sur &N")
        return Sheet(self, page, taken)


class Sheet:
    """A sheet written from top to bottom: each call says on which row it writes."""

    def __init__(self, book: Book, page: Any, name: str) -> None:
        self.book, self.page, self.name = book, page, name

    def text(self, row: int, column: int, said: str, **look: Any) -> None:
        """A text, never a formula, a number or an address."""
        self.page.write_string(row, column, said[:_LONGEST_CELL], self.book.format(**look))

    def number(self, row: int, column: int, value: float | None, unit: Unit, **look: Any) -> None:
        """A number that can be added, or the sign that it cannot be told."""
        if value is None:
            self.text(row, column, NOT_TOLD, align="right", **look)
        else:
            told = float(kept(value, unit))
            shown = NUMBERS[unit] if unit != "count" or told.is_integer() else _HALVES
            self.page.write_number(row, column, told, self.book.format(num_format=shown, **look))

    def note(self, row: int, said: str, *, across: Sequence[float]) -> None:
        """A sentence under a table, folded over all its columns: on one line, it would shrink the printed sheet."""
        look = self.book.format(italic=True, text_wrap=True)
        if len(across) > 1:
            self.page.merge_range(row, 0, row, len(across) - 1, "", look)
        self.page.write_string(row, 0, said[:_LONGEST_CELL], look)
        self.height(row, (said, sum(across)))

    def title(self, row: int, said: str) -> None:
        """What the sheet is about."""
        self.text(row, 0, said, bold=True, font_size=14, font_color=_NAVY)

    def head(self, row: int, labels: Sequence[str], *, first_number: int) -> None:
        """The head of a table; from ``first_number`` on, its columns are of numbers."""
        for column, label in enumerate(labels):
            side = "right" if column >= first_number else "left"
            self.text(row, column, label, bold=True, font_color="#FFFFFF", bg_color=_NAVY, text_wrap=True, align=side)

    def height(self, row: int, *held: tuple[str, float]) -> None:
        """Room for texts in columns so many letters wide: not every spreadsheet gives it by itself."""
        lines = max(sum(ceil(max(len(part), 1) / (width * 0.9)) for part in said.split("\n")) for said, width in held)
        if lines > 1:
            self.page.set_row(row, min(lines * _LINE, _TALLEST))

    def widths(self, *widths: float) -> None:
        """The width of the columns, in letters."""
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width)
