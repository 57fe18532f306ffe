"""The ways to the same figures: kept and summed, recounted on the records, to be published, counted by the oracle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from app.indicators.periods import after, period_of
from tests.indicators.oracle import Work, rows_of, works_of
from tests.indicators.oracle_cells import cells_of
from tests.indicators.worlds import World

FIGURES = "select statistics.figures($1, $2, $3, $4)"
RECOUNTED = "select statistics.recounted($1, $2, $3, $4, $5)"
PUBLISHED = "select cell, events from statistics.contributions($1, $2, $3, $4, $5, $5)"
PARTS = ("unit", "site", "zone")


@dataclass(frozen=True)
class Asking:
    """A perimeter and a period, as PostgreSQL is asked for them."""

    kind: str
    place: str
    period: str

    @property
    def days(self) -> tuple[date, date]:
        """The first day, and the day after the last."""
        period = period_of(self.period, today=date(2026, 3, 1))
        return period.starts_on, after(period)

    @property
    def slice(self) -> str:
        """Which part of each post."""
        return self.kind if self.kind in PARTS else "all"


def perimeters(world: World) -> list[tuple[str, str]]:
    """Every kind of perimeter, and every place of this world."""
    places = {"post": world.posts, "unit": world.units, "site": world.sites, "employer": world.employers}
    found = [(kind, str(place)) for kind, those in places.items() for place in those]
    found += [("zone", zone) for zone in ("police", "gendarmerie", "mixed")]
    return [*found, ("departement", "28"), ("departement", "57"), ("national", "")]


async def posts_of(superuser: asyncpg.Connection, asked: Asking) -> list[UUID]:
    """The posts of a perimeter, all employers together."""
    within = {
        "post": "p.id::text = $1", "employer": "p.employer_id::text = $1", "departement": "e.departement_code = $1",
        "unit": "exists (select from organisation.post_unit s where s.post_id = p.id and s.unit_id::text = $1)",
    }.get(asked.kind, "$1::text is not null")  # fmt: skip
    found = f"""select p.id from organisation.post p join organisation.employer e on e.id = p.employer_id
        where {within} order by 1"""
    return [each["id"] for each in await superuser.fetch(found, asked.place)]


async def works(superuser: asyncpg.Connection) -> dict[UUID, Work]:
    """What each post did, read now."""
    return works_of(await rows_of(superuser))


async def expected(superuser: asyncpg.Connection, known: Mapping[UUID, Work], asked: Asking) -> dict[str, int]:
    """What the oracle counts."""
    those = [known[post] for post in await posts_of(superuser, asked)]
    return cells_of(those, asked.slice, asked.place, *asked.days)


async def fast(lane: asyncpg.Connection, asked: Asking) -> dict[str, int]:
    """What is read: kept cells when nothing changed, counted ones otherwise; nothing of a place without a post."""
    found: dict[str, int] = json.loads(await lane.fetchval(FIGURES, asked.kind, asked.place, *asked.days) or "{}")
    return found


async def slow(superuser: asyncpg.Connection, asked: Asking) -> dict[str, int]:
    """The same, recounted on the records with nothing kept."""
    posts = await posts_of(superuser, asked)
    return json.loads(await superuser.fetchval(RECOUNTED, posts, asked.kind, asked.place, *asked.days))  # type: ignore[no-any-return]


async def to_be_published(lane: asyncpg.Connection, asked: Asking) -> dict[str, int]:
    """What stands behind each cell when figures are to be rounded: how many, before any rounding."""
    rows = await lane.fetch(PUBLISHED, asked.kind, asked.place, *asked.days, bytes(64))
    return {row["cell"]: row["events"] for row in rows}


def differences(found: Mapping[str, int], right: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The cells that differ: what was found, what is right."""
    return {
        cell: (found.get(cell, 0), right.get(cell, 0))
        for cell in sorted({*found, *right})
        if found.get(cell, 0) != right.get(cell, 0)
    }
