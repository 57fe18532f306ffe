"""What a person must know at once: who replaces whom, which post changes hands, what waits for her approval.

Nothing is stored: notices are read from the replacements and handovers that PostgreSQL shows her. They name posts and
days, never a person who is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.models.employer import Handover, Replacement
from app.models.organisation import Post
from app.statements import columns
from app.transactions import Reading

HANDOVER = columns(Handover)
POST = columns(Post)
REPLACEMENT = columns(Replacement)

MOST = 100

REPLACEMENTS = (
    select(*REPLACEMENT, POST.name.label("post_name"))
    .join(Post, POST.id == REPLACEMENT.post_id)
    .order_by(func.greatest(REPLACEMENT.proposed_at, REPLACEMENT.approved_at, REPLACEMENT.ended_at).desc())
    .limit(MOST)
)
HANDOVERS = (
    select(*HANDOVER, POST.name.label("post_name"))
    .join(Post, POST.id == HANDOVER.post_id)
    .order_by(func.greatest(HANDOVER.proposed_at, HANDOVER.approved_at, HANDOVER.cancelled_at).desc())
    .limit(MOST)
)

# Who may approve is told to.
APPROVES = frozenset({"coordinator"})


async def list_mine(reading: Reading) -> list[dict[str, Any]]:
    """The latest notices, newest first, as sentences."""
    waits = reading.actor.role in APPROVES
    me = reading.actor.account_id
    found = []
    for row in await reading.rows(REPLACEMENTS):
        found += [_notice(row, "replacement_id", *said) for said in _of_replacement(row, waits, me)]
    for row in await reading.rows(HANDOVERS):
        found += [_notice(row, "handover_id", *said) for said in _of_handover(row, waits)]
    told = sorted(found, key=lambda notice: notice["at"], reverse=True)[:MOST]
    # Two readings, one trace: it counts what was told.
    reading.row_count = len(told)
    return told


def _notice(row: Any, names: str, kind: str, at: datetime, sentence: str) -> dict[str, Any]:
    ids = {"replacement_id": None, "handover_id": None, names: row["id"]}
    return {"kind": kind, "at": at, "sentence": sentence, "post_id": row["post_id"], **ids}


def _of_replacement(row: Any, waits: bool, me: Any) -> Iterator[tuple[str, datetime, str]]:
    where = f"poste « {row['post_name']} », du {_day(row['starts_on'])} au {_day(row['ends_on'])}"
    asked = row["approved_at"] is None and row["ended_at"] is None
    if asked and waits and row["proposed_by"] != me:
        yield "replacement_to_approve", row["proposed_at"], f"Remplacement à approuver : {where}."
    else:
        yield "replacement_proposed", row["proposed_at"], f"Remplacement demandé : {where}."
    if row["approved_at"] is not None:
        sentence = f"Remplacement approuvé, en lecture seule : {where}."
        yield "replacement_approved", row["approved_at"], sentence
    if row["ended_at"] is not None:
        yield "replacement_ended", row["ended_at"], f"Remplacement terminé avant son terme : {where}."


def _of_handover(row: Any, waits: bool) -> Iterator[tuple[str, datetime, str]]:
    until = "" if row["ends_on"] is None else f" et jusqu’au {_day(row['ends_on'])}"
    where = f"poste « {row['post_name']} », à compter du {_day(row['starts_on'])}{until}"
    if waits and row["approved_at"] is None and row["cancelled_at"] is None:
        yield "handover_to_approve", row["proposed_at"], f"Passation à approuver : {where}."
    else:
        yield "handover_proposed", row["proposed_at"], f"Passation proposée : {where}."
    if row["approved_at"] is not None:
        yield "handover_approved", row["approved_at"], f"Passation approuvée : {where}."
    if row["cancelled_at"] is not None:
        yield "handover_cancelled", row["cancelled_at"], f"Passation abandonnée : {where}."


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
