"""The traces as a whole: do their chains hold, and what was done on a day. Numbers and identifiers, never a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, Integer, Text, Uuid, column, func, select

from app.errors import Invalid
from app.references.working_days import LONGEST_SPAN, is_working_nationwide
from app.services.clock import today
from app.statements import given
from app.transactions import Reading, Writing

PATIENCE: Final = 25
"""Seconds that a person may wait for every chain to be recomputed; the command may take longer."""

_verified = func.audit.verified().table_valued(
    *(column(name) for name in ("perimeter_id", "lane", "entries", "seq", "hash", "broken_at", "reason"))
)
VERIFIED = select(_verified.alias("f"))
SUMMARY_COLUMNS = ("account_id", "lane", "act", "outcome", "acts", "subjects", "off_hours", "busiest_hour")
SUMMARY = select(
    func.audit.summary(given("on", Date)).table_valued(*(column(name) for name in SUMMARY_COLUMNS)).alias("f")
)
LINKS = select(
    func.audit.links(given("perimeters", ARRAY(Uuid)), given("lanes", ARRAY(Text)), given("ranks", ARRAY(BigInteger)))
    .table_valued(*(column(name) for name in ("perimeter_id", "lane", "seq", "hash")))
    .alias("f")
)
LAST_ANCHOR = select(func.audit.last_anchor().label("n"))
TRACE_PROCESS = select(
    func.access.trace_process(given("act", Text), given("row_count", Integer), given("outcome", Text)).label("traced")
)

REASONS: Final = {
    "altered": "ce maillon n'est plus ce qu'il était",
    "missing": "un maillon manque juste avant celui-ci",
    "relinked": "ce maillon ne suit plus celui d'avant",
    "truncated": "la fin de la chaîne manque",
    "headless": "la tête de la chaîne a disparu",
}


@dataclass(frozen=True)
class Chain:
    """One chain, recomputed: how long it is, what it ends with, and where it first breaks."""

    perimeter_id: UUID
    lane: str
    entries: int
    seq: int
    hash: bytes
    broken_at: int | None
    reason: str | None

    @property
    def said(self) -> str | None:
        """Why it does not hold, in French."""
        return REASONS[self.reason] if self.reason else None


async def verify(reading: Reading) -> Sequence[Chain]:
    """Recompute every chain."""
    return [Chain(**row) for row in await reading.rows(VERIFIED)]


async def summarise(reading: Reading, on: date | None) -> Sequence[dict[str, Any]]:
    """A day in Paris (today), by account and act. On a public holiday, whatever was done was outside working hours."""
    on = on or today()
    if abs((today() - on).days) > LONGEST_SPAN:
        raise Invalid("out_of_calendar", "?on")
    working = is_working_nationwide(on)
    lines = [dict(row) for row in await reading.rows(SUMMARY, on=on)]
    return [line if working else line | {"off_hours": line["acts"]} for line in lines]


async def verification(reading: Reading) -> dict[str, Any]:
    """Whether every chain holds, and each of them."""
    await reading.allow(PATIENCE)
    chains = await verify(reading)
    shown = ("perimeter_id", "lane", "entries", "broken_at")
    return {
        "intact": not any(each.reason for each in chains),
        "entries": sum(each.entries for each in chains),
        "chains": [{name: getattr(each, name) for name in shown} | {"reason": each.said} for each in chains],
    }


async def day(reading: Reading, on: date | None) -> dict[str, Any]:
    """The summary of a day, and which day it is."""
    await reading.allow(PATIENCE)
    return {"on": on or today(), "items": await summarise(reading, on)}


async def links(reading: Reading, asked: Iterable[tuple[UUID, str, int]]) -> dict[tuple[UUID, str, int], str]:
    """The hash of each of these links, where there is one."""
    named = [*asked]
    rows = await reading.rows(
        LINKS,
        perimeters=[perimeter for perimeter, _, _ in named],
        lanes=[lane for _, lane, _ in named],
        ranks=[rank for _, _, rank in named],
    )
    return {(row["perimeter_id"], row["lane"], row["seq"]): row["hash"].hex() for row in rows}


async def last_anchor(reading: Reading) -> int:
    """The number of the last anchor, as the traces keep it; 0 before the first."""
    return (await reading.row(LAST_ANCHOR))["n"] or 0


async def trace_process(writing: Writing, act: str, *, row_count: int = 0, outcome: str = "done") -> None:
    """Trace what is done with nobody behind it: a start, a command of background work."""
    await writing.row(TRACE_PROCESS, act=act, row_count=row_count, outcome=outcome)
