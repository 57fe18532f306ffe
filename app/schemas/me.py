"""Who I am, what I may do, what I did."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Shown


class MeShown(Shown):
    """My account, my postings, and what I may do, in French sentences; software has no ``email``."""

    id: UUID
    name: str
    email: str | None
    role: str
    role_label: str
    employer_id: UUID | None
    secrecy_basis: str | None
    unit_ids: list[UUID]
    post_ids: list[UUID]
    replaced_post_ids: list[UUID]
    partner_ids: list[UUID]
    scopes: list[str]
    i_may: list[str]


class ColleagueShown(Shown):
    """Someone of my units or of the posts that serve them."""

    id: UUID
    name: str
    role: str


class Colleagues(Shown):
    """My colleagues."""

    items: list[ColleagueShown]


class MyTraceShown(Shown):
    """One of my own acts, as traced."""

    at: datetime
    act: str
    subject_id: UUID | None
    row_count: int
    outcome: str


class MyTraces(Shown):
    """My latest acts."""

    items: list[MyTraceShown]


class TraceShown(Shown):
    """A trace, for the data-protection officer."""

    id: UUID
    perimeter_id: UUID
    lane: str
    seq: int
    at: datetime
    account_id: UUID | None
    session_id: UUID | None
    act: str
    subject_id: UUID | None
    row_count: int
    outcome: str


class TracePage(Shown):
    """A page of traces, newest first."""

    items: list[TraceShown]
    next_cursor: str | None
