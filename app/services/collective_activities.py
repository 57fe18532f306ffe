"""Collective activities: bodies, trainings, network; sessions and numbers, never a name (domain 4.9)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, or_, select

from app.errors import Invalid
from app.models.social import CollectiveActivity
from app.services.clock import now, today
from app.services.posts_in_charge import post_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Writing

COLLECTIVE_ACTIVITY = columns(CollectiveActivity)

_type = given("collective_activity_type")

SHOWN = select(*COLLECTIVE_ACTIVITY)
ONE = SHOWN.where(COLLECTIVE_ACTIVITY.id == given("id", Uuid))
NEWEST = newest_first(
    SHOWN.where(or_(_type.is_(None), COLLECTIVE_ACTIVITY.collective_activity_type == _type)),
    perimeter=COLLECTIVE_ACTIVITY.post_id,
    mine="my_posts",
    at=COLLECTIVE_ACTIVITY.held_on,
    key=COLLECTIVE_ACTIVITY.id,
)

# What a correction locks.
TABLE = CollectiveActivity


async def record(writing: Writing, *, post_id: UUID | None, held_on: date, **facts: Any) -> UUID:
    """Record one session of a collective activity. Returns its identifier."""
    _check_day(held_on)
    row = CollectiveActivity(
        post_id=await post_in_charge(writing, post_id=post_id),
        held_on=held_on,
        recorded_by=writing.actor.account_id,
        recorded_at=now(),
        **facts,
    )
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def correct(writing: Writing, collective_activity_id: UUID, **facts: Any) -> None:
    """Correct what was recorded of a session."""
    if "held_on" in facts:
        _check_day(facts["held_on"])
    await writing.change(CollectiveActivity, facts, id=collective_activity_id)


def _check_day(held_on: date) -> None:
    if held_on > today():
        raise Invalid("day_in_the_future", "/held_on")
