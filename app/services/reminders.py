"""What waits for an answer: orientations transmitted and left without one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import DateTime, literal

from app.models.exchange import SentOrientation
from app.models.organisation import Employer, Post
from app.models.social import Orientation
from app.references.communes import UnknownDepartement
from app.references.working_days import working_days_between
from app.services import orientations, sent_orientations
from app.services.clock import PARIS, today
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER = columns(Employer)
ORIENTATION = columns(Orientation)
POST = columns(Post)
SENT = columns(SentOrientation)

MAINLAND = "75"

UNANSWERED = (
    orientations.SHOWN.add_columns(EMPLOYER.departement_code)
    .join(Post, POST.id == ORIENTATION.post_id)
    .join(Employer, EMPLOYER.id == POST.employer_id)
    .where(
        ORIENTATION.status == literal("transmitted"),
        sent_orientations.ANSWER.is_(None),
        SENT.closed_at.is_(None),
        SENT.sent_at < given("sent_before", DateTime(timezone=True)),
    )
    .order_by(SENT.sent_at, ORIENTATION.id)
    .limit(500)
)


async def list_reminders(reading: Reading, *, working_days: int) -> list[dict[str, Any]]:
    """What was transmitted at least so many working days ago and has no answer, the oldest first.

    Working days are those of the employer's département (overseas, Alsace-Moselle).
    """
    # Days are compared, not hours: what left yesterday evening has waited a day this morning.
    since = datetime.combine(today() - timedelta(days=working_days - 1), time.min, PARIS)
    rows = await reading.rows(UNANSWERED, sent_before=since)
    waiting = []
    for row in rows:
        sent_on = row["sent_at"].astimezone(PARIS).date()
        waited = _working_days(sent_on, today(), row["departement_code"])
        if waited >= working_days:
            shown = {name: value for name, value in row.items() if name != "departement_code"}
            waiting.append({**shown, "waited_working_days": waited})
    return waiting


def _working_days(start: date, end: date, departement_code: str) -> int:
    try:
        return working_days_between(start, end, departement_code)
    except UnknownDepartement:
        # An employer may bear a code that is not, or no longer, one of the list: the calendar of most of France.
        return working_days_between(start, end, MAINLAND)
