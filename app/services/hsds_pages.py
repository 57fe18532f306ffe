"""The pages of HSDS, numbered, with totals; and what a search looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import FieldError, Invalid
from app.services.partners import SHORTEST_FRAGMENT, folded

Row = Mapping[str, Any]
Shape = dict[str, Any]


@dataclass(frozen=True)
class Window:
    """Which page is asked, from 1, and how many items a page has."""

    page: int
    per_page: int

    @property
    def skipped(self) -> int:
        """How many items come before the page."""
        return (self.page - 1) * self.per_page


def page_of(items: Sequence[Row], window: Window) -> Shape:
    """One page of a whole list."""
    return envelope(items[window.skipped : window.skipped + window.per_page], len(items), window)


def envelope(contents: Iterable[Row], total: int, window: Window) -> Shape:
    """The page of the standard; ``size`` is what it holds, none for a page beyond the last."""
    shown = list(contents)
    pages = -(-total // window.per_page)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": window.page,
        "size": len(shown),
        "first_page": window.page == 1,
        "last_page": window.page >= pages,
        "empty": not shown,
        "contents": shown,
    }


def fragment_of(search: str) -> str:
    """What is searched, folded as names are; refused when too little is left of it."""
    fragment = folded(search)
    if len(fragment) < SHORTEST_FRAGMENT:
        raise Invalid(FieldError("?search", "text_too_short", (("min_length", SHORTEST_FRAGMENT),)))
    return fragment
