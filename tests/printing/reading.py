"""What a screen reader, a spreadsheet and a program find in the files."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import openpyxl
import pypdf
from openpyxl.workbook import Workbook


class Paper:
    """A PDF, read back."""

    def __init__(self, pdf: bytes) -> None:
        self.reader = pypdf.PdfReader(io.BytesIO(pdf))
        self.root: Any = self.reader.trailer["/Root"]

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page, its spaces made plain."""
        return [plain(page.extract_text()) for page in self.reader.pages]

    @cached_property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.pages)

    @property
    def metadata(self) -> str:
        """The XMP packet."""
        return str(self.root["/Metadata"].get_data().decode())

    def tags(self, role: str) -> list[Any]:
        """The elements of that role in the structure tree, in reading order."""
        return [each for each in self._elements(self.root["/StructTreeRoot"]) if each.get("/S") == f"/{role}"]

    def under(self, element: Any, role: str) -> list[Any]:
        """The elements of that role inside another."""
        return [each for each in self._elements(element) if each.get("/S") == f"/{role}"]

    def _elements(self, element: Any) -> Iterator[Any]:
        children = element.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            found = child.get_object()
            if isinstance(found, dict) and "/S" in found:
                yield found
                yield from self._elements(found)


def plain(text: str) -> str:
    """The same text with ordinary spaces, without the marks of where a word may be broken."""
    kept = "".join(" " if unicodedata.category(each) == "Zs" else each for each in text if each != "\u200b")
    return " ".join(kept.split())


def book(xlsx: bytes) -> Workbook:
    """The workbook, formulas as they are written."""
    return openpyxl.load_workbook(io.BytesIO(xlsx))


def rows(written: bytes) -> list[dict[str, str]]:
    """The rows of a CSV, by the head of their columns."""
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
