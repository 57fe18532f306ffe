"""Official lists on the wire."""

from datetime import date

from app.schemas.base import Shown


class TermShown(Shown):
    """One term: a stable code, its French label, its validity, its mapping to the official grid, its facts."""

    code: str
    label: str
    parent_code: str | None
    sort_order: int
    valid_from: date
    valid_to: date | None
    external_code: str | None
    facts: dict[str, bool | int | None]


class Terms(Shown):
    """The terms of one list, in order."""

    items: list[TermShown]


class ListTitle(Shown):
    """A list: its name in URLs, its French title, one sentence."""

    name: str
    title: str
    comment: str


class Lists(Shown):
    """The official lists."""

    items: list[ListTitle]
