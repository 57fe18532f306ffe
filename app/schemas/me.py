"""Who I am, what I may do, what I did."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

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


class QuotaShown(Shown):
    """My share of requests, this one counted: what the headers ``RateLimit`` say."""

    policy: Annotated[str, Field(description="Nom de la règle.", examples=["default"])]
    most: Annotated[int, Field(description="Demandes permises par fenêtre.", examples=[600])]
    window_seconds: Annotated[int, Field(description="Durée de la fenêtre, en secondes.", examples=[60])]
    remaining: Annotated[int, Field(description="Demandes qui restent dans cette fenêtre.", examples=[587])]
    resets_in_seconds: Annotated[
        int, Field(description="Secondes d'ici à ce que la part soit rendue entière.", examples=[31])
    ]


class UsageLine(Shown):
    """How many times I did one thing, on one day, with one outcome."""

    on: Annotated[date, Field(description="Jour, à Paris.", examples=["2026-11-28"])]
    act: Annotated[str, Field(description="Acte tracé.", examples=["note:read"])]
    outcome: Annotated[
        str,
        Field(
            description="`done` fait, `refused` refusé, `not_found` introuvable, `failed` échoué, `replayed` redit,"
            " `rehearsed` essayé.",
            examples=["done"],
        ),
    ]
    acts: Annotated[int, Field(description="Nombre d'actes.", examples=[12])]


class UsageShown(Shown):
    """What I have used: my share of requests, and my traced acts of the last 31 days."""

    quota: QuotaShown
    items: Annotated[list[UsageLine], Field(description="Mes actes tracés, le jour le plus récent d'abord.")]


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
