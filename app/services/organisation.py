"""Employers, units, sites, posts: read by all, kept by the administrator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, and_, cast, func, literal, literal_column, or_, select

from app.errors import Invalid
from app.models.organisation import Employer, Post, PostUnit, Site, Unit
from app.services.clock import today
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Writing

EMPLOYER = columns(Employer)
POST = columns(Post)
POST_UNIT = columns(PostUnit)
SITE = columns(Site)
UNIT = columns(Unit)

# Reference data have no date of their own: their UUIDv7 keys already follow time.
TIMELESS = cast(literal(datetime(2000, 1, 1, tzinfo=UTC)), DateTime(timezone=True))


def _one_and_newest(statement: Any, key: Any) -> tuple[Any, Any]:
    return statement.where(key == given("id", Uuid)), newest_first_everywhere(statement, at=TIMELESS, key=key)


def _as_array(statement: Any) -> Any:
    rows = statement.subquery("s")
    return select(func.json_agg(rows.c[0])).select_from(rows).scalar_subquery()


# The units of a post are those it serves today; of a post to come, those it will serve on its first day.
_the_day = func.greatest(func.access.today(), POST.starts_on)
_served_that_day = and_(
    POST_UNIT.post_id == POST.id,
    POST_UNIT.starts_on <= _the_day,
    or_(POST_UNIT.ends_on.is_(None), POST_UNIT.ends_on >= _the_day),
)
_served = select(POST_UNIT.unit_id).where(_served_that_day).order_by(POST_UNIT.unit_id).correlate(Post)
_post = select(
    *POST,
    func.coalesce(_as_array(_served), literal_column("'[]'::json")).label("unit_ids"),
    (select(func.count()).select_from(_served.subquery()).scalar_subquery() > 1).label("shared"),
)

ONE_EMPLOYER, EMPLOYERS = _one_and_newest(select(*EMPLOYER), EMPLOYER.id)
ONE_UNIT, UNITS = _one_and_newest(select(*UNIT), UNIT.id)
ONE_SITE, SITES = _one_and_newest(select(*SITE), SITE.id)
ONE_POST, POSTS = _one_and_newest(_post, POST.id)

SERVICE_OF_POST = (
    select(POST_UNIT.unit_id, POST_UNIT.starts_on, POST_UNIT.ends_on)
    .join(Post, _served_that_day)
    .where(POST.id == given("post_id", Uuid))
)


# What an addition or a correction writes.
EMPLOYER_TABLE, UNIT_TABLE, SITE_TABLE, POST_TABLE = Employer, Unit, Site, Post


async def add(writing: Writing, table: type[Employer | Unit | Site], **facts: Any) -> UUID:
    """Add an employer, a unit or a site. Returns its identifier."""
    row = table(**facts)
    await writing.add(row)
    return row.id


async def correct(writing: Writing, table: type[Employer | Unit | Site], row_id: UUID, **facts: Any) -> None:
    """Correct an employer, a unit or a site; what is not named does not change."""
    await writing.change(table, facts, id=row_id)


async def create_post(writing: Writing, *, unit_ids: list[UUID], **facts: Any) -> UUID:
    """Create a post and the units it serves; several make it shared (*mutualisé*)."""
    _check_days(facts.get("starts_on"), facts.get("ends_on"))
    row = Post(**facts)
    await writing.add(row)
    for unit_id in dict.fromkeys(unit_ids):
        await writing.add(PostUnit(post_id=row.id, unit_id=unit_id, starts_on=row.starts_on))
    return row.id


async def correct_post(writing: Writing, post_id: UUID, *, unit_ids: list[UUID] | None = None, **facts: Any) -> None:
    """Correct a post; ``unit_ids``, when named, are the units it serves from today on, or from its first day."""
    if "starts_on" in facts or "ends_on" in facts:
        post = await writing.row(ONE_POST, id=post_id)
        _check_days(facts.get("starts_on", post["starts_on"]), facts.get("ends_on", post["ends_on"]))
    await writing.change(Post, facts, id=post_id)
    if unit_ids is None:
        return
    day = max(today(), (await writing.row(ONE_POST, id=post_id))["starts_on"])
    served = {row["unit_id"]: row for row in await writing.rows(SERVICE_OF_POST, post_id=post_id)}
    for unit_id, service in served.items():
        # The service stops the day before; nothing is erased, so one that began that very day lasts it.
        ends_on = None if unit_id in unit_ids else max(day - timedelta(days=1), service["starts_on"])
        if ends_on != service["ends_on"]:
            keys = {"post_id": post_id, "unit_id": unit_id, "starts_on": service["starts_on"]}
            await writing.change(PostUnit, {"ends_on": ends_on}, **keys)
    for unit_id in dict.fromkeys(unit_ids):
        if unit_id not in served:
            await writing.add(PostUnit(post_id=post_id, unit_id=unit_id, starts_on=day))


def _check_days(starts_on: Any, ends_on: Any) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("post_ends_before_it_starts", "/ends_on")
