"""Presences: the days that a post was really worked in a month, kept by who holds it and by who employs it (T16)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, and_, any_, func, select

from app.errors import Invalid
from app.models.employer import Presence
from app.models.organisation import Post
from app.services.clock import now, today
from app.statements import columns, given
from app.transactions import Reading, Writing

POST = columns(Post)
PRESENCE = columns(Presence)

SHOWN = select(
    PRESENCE.post_id,
    PRESENCE.employer_id,
    func.to_char(PRESENCE.month_on, "YYYY-MM").label("month"),
    PRESENCE.days_worked,
    PRESENCE.recorded_by,
    PRESENCE.recorded_at,
)
_OF_POST = PRESENCE.post_id == given("post_id", Uuid)
_THIS_ONE: Any = and_(_OF_POST, PRESENCE.month_on == given("month_on", Date))
ONE = SHOWN.where(_THIS_ONE)
HELD = select(PRESENCE.month_on).where(_THIS_ONE).with_for_update(key_share=True)
OF_YEAR = SHOWN.where(
    _OF_POST, PRESENCE.month_on.between(given("first_month_on", Date), given("last_month_on", Date))
).order_by(PRESENCE.month_on.desc())

_POST = select(POST.employer_id).where(POST.id == given("post_id", Uuid))
# A post is read by all; its days are kept by those who hold it, and by its employer. Whoever replaces reads them.
_BY_ITS_EMPLOYER = _POST.where(POST.employer_id == any_(func.access.my_employers(type_=ARRAY(Uuid()))))
READ_BY = {
    "social_worker": _POST.where(POST.id == any_(func.access.my_posts(type_=ARRAY(Uuid())))),
    "coordinator": _BY_ITS_EMPLOYER,
}
KEPT_BY = {
    "social_worker": _POST.where(POST.id == any_(func.access.held_posts(type_=ARRAY(Uuid())))),
    "coordinator": _BY_ITS_EMPLOYER,
}


async def reach(reading: Reading, *, post_id: UUID) -> None:
    """A post whose days the caller reads; ``NotFound`` for any other."""
    reading.about(post_id, rows=0)
    await reading.row(READ_BY[reading.actor.role], post_id=post_id)


async def _keep(writing: Writing, *, post_id: UUID) -> UUID:
    """The employer of a post whose days the caller keeps; ``NotFound`` for any other."""
    writing.about(post_id, rows=0)
    employer_id: UUID = (await writing.row(KEPT_BY[writing.actor.role], post_id=post_id))["employer_id"]
    return employer_id


async def show_year(reading: Reading, schema: Any, *, post_id: UUID, year: int | None) -> bytes:
    """The months of a year (this one when it is not said), newest first, as JSON."""
    await reach(reading, post_id=post_id)
    asked = year or today().year
    return await reading.show_all(
        OF_YEAR, schema, post_id=post_id, first_month_on=date(asked, 1, 1), last_month_on=date(asked, 12, 1)
    )


async def show(reading: Reading, schema: Any, *, post_id: UUID, month_on: date) -> bytes:
    """The days of one month, as JSON; ``NotFound`` when they are not written."""
    await reach(reading, post_id=post_id)
    return await reading.show(ONE, schema, post_id=post_id, month_on=month_on)


async def hold(writing: Writing, schema: Any, *, post_id: UUID, month_on: date) -> bytes | None:
    """Lock the days of one month and show them, so that two hands follow one another; ``None`` when not written."""
    await _keep(writing, post_id=post_id)
    if await writing.seek_row(HELD, post_id=post_id, month_on=month_on) is None:
        return None
    return await writing.show(ONE, schema, post_id=post_id, month_on=month_on)


async def write(writing: Writing, *, post_id: UUID, month_on: date, days_worked: float, replaces: bool) -> None:
    """Write the days of one month, or write them again: the last hand signs."""
    if month_on > today():
        raise Invalid("month_in_the_future", "?month")
    if days_worked > monthrange(month_on.year, month_on.month)[1]:
        raise Invalid("more_days_than_the_month", "/days_worked")
    said: dict[str, Any] = {
        "days_worked": Decimal(days_worked),
        "recorded_by": writing.actor.account_id,
        "recorded_at": now(),
    }
    if replaces:
        writing.trace_as("presence:change")
        await writing.change(Presence, said, post_id=post_id, month_on=month_on)
    else:
        employer_id = await _keep(writing, post_id=post_id)
        await writing.add(Presence(post_id=post_id, employer_id=employer_id, month_on=month_on, **said))
