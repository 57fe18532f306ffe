"""What the demonstration counts without anybody: collective activities, and the days that posts were worked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from app.demo.plan import DAY, MONTHS_IN_DAYS, at
from app.demo.shares import SEED, picked
from app.demo.stage import Stage
from app.demo.town import PEOPLE, POSTS
from app.models.columns import new_id
from app.models.employer import Presence
from app.models.social import CollectiveActivity
from app.schemas.collective_activities import CollectiveActivityDraft
from app.schemas.presences import PresenceDraft
from app.services import collective_activities, presences
from app.services.clock import today

SESSIONS = 24
# The share of each kind, how long a session lasts, how many come.
KINDS = {
    "training_for_officers": 25, "technical_body": 20, "partnership_meeting": 25, "public_information": 8,
    "professional_network": 8, "supervision": 14,
}  # fmt: skip
MINUTES = (60, 90, 120, 180)
# The least and the most days worked in a month; two people share the post of Aubrelle.
AUGUST = 8
DAYS = {"aubrelle": (17.0, 20.5), "lisse": (15.0, 20.5), "hevin": (8.5, 11.0)}


async def count(stage: Stage) -> None:
    """The sessions and the months of each post, in the same draw each time but for the dates."""
    rng = Random(SEED)  # noqa: S311 — the same story each time, not a secret
    workers = {someone.post: key for key, someone in PEOPLE.items() if someone.post}
    for _ in range(SESSIONS):
        post = rng.choice(list(POSTS))
        held_at = at(today() - rng.randrange(4, MONTHS_IN_DAYS) * DAY, rng)
        await _session(stage, workers[post], POSTS[post][3], held_at, rng)
    for post in DAYS:
        month = today().replace(day=1)
        for _ in range(MONTHS_IN_DAYS // 30):
            ended, month = month, (month - DAY).replace(day=1)
            days = _days(post, month, rng)
            await _month(stage, workers[post], post, month, days, written_at=at(ended + 3 * DAY, rng))


def counted_before(
    ids: dict[tuple[str, str], UUID], begins_on: date, *, today: date
) -> Iterator[tuple[type[SQLModel], dict[str, Any]]]:
    """The same for the months before those, as rows."""
    rng = Random(f"{SEED} counted")  # noqa: S311 — the same each time
    until = today.replace(day=1)
    for _ in range(MONTHS_IN_DAYS // 30):
        until = (until - DAY).replace(day=1)
    workers = {someone.post: key for key, someone in PEOPLE.items() if someone.post}
    month = begins_on
    while month < until:
        ended = (month + 32 * DAY).replace(day=1)
        for post, (_, employer, _, site) in POSTS.items():
            said = {"post_id": ids["post", post], "recorded_by": ids["account", workers[post]]}
            days = Decimal(_days(post, month, rng))
            written = {"month_on": month, "days_worked": days, "recorded_at": at(ended + 3 * DAY, rng)}
            yield Presence, said | written | {"employer_id": ids["employer", employer]}
            for _ in range(rng.choice((0, 1, 1))):
                held_at = at(month + rng.randrange(4, 27) * DAY, rng)
                yield (
                    CollectiveActivity,
                    said
                    | {
                        "id": new_id(),
                        "site_id": ids["site", site] if rng.random() < 0.5 else None,
                        "collective_activity_type": picked(rng, KINDS),
                        "held_on": held_at.date(),
                        "duration_minutes": rng.choice(MINUTES),
                        "participants": rng.randrange(3, 25),
                        "recorded_at": held_at + timedelta(hours=3),
                    },
                )
        month = ended


def _days(post: str, month: date, rng: Random) -> float:
    """Fewer in August, when people are away."""
    least, most = DAYS[post]
    days = least + rng.randrange(int((most - least) * 2) + 1) / 2
    return days / 2 // 0.5 * 0.5 if month.month == AUGUST else days


async def _session(stage: Stage, worker: str, site: str, held_at: datetime, rng: Random) -> None:
    draft = CollectiveActivityDraft(
        collective_activity_type=picked(rng, KINDS),
        site_id=stage.ids["site", site] if rng.random() < 0.5 else None,
        held_on=held_at.date(),
        duration_minutes=rng.choice(MINUTES),
        participants=rng.randrange(3, 25),
    )
    async with stage.act(worker, "collective_activity:add") as writing:
        activity_id = await collective_activities.record(writing, **draft.model_dump())
    stage.dated(CollectiveActivity, {"id": activity_id}, recorded_at=held_at + timedelta(hours=3))


async def _month(stage: Stage, worker: str, post: str, month: date, days: float, *, written_at: datetime) -> None:
    post_id, draft = stage.ids["post", post], PresenceDraft(days_worked=days)
    async with stage.act(worker, "presence:add") as writing:
        await presences.write(writing, post_id=post_id, month_on=month, replaces=False, **draft.model_dump())
    if written_at.date() < today():
        stage.dated(Presence, {"post_id": post_id, "month_on": month}, recorded_at=written_at)
