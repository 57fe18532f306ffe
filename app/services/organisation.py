"""Employers, units, sites, posts: read by all, kept by the administrator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, cast, func, literal, literal_column, select

from app.database import Writing
from app.errors import Invalid
from app.models.organisation import Employer, Post, PostUnit, Site, Unit
from app.services.clock import today
from app.services.posts_in_charge import SERVED_TODAY
from app.statements import columns, given, newest_first_everywhere

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


_served = (
    select(POST_UNIT.unit_id)
    .where(POST_UNIT.post_id == POST.id, SERVED_TODAY)
    .order_by(POST_UNIT.unit_id)
    .correlate(Post)
)
_post = select(
    *POST,
    func.coalesce(_as_array(_served), literal_column("'[]'::json")).label("unit_ids"),
    (select(func.count()).select_from(_served.subquery()).scalar_subquery() > 1).label("shared"),
)

ONE_EMPLOYER, EMPLOYERS = _one_and_newest(select(*EMPLOYER), EMPLOYER.id)
ONE_UNIT, UNITS = _one_and_newest(select(*UNIT), UNIT.id)
ONE_SITE, SITES = _one_and_newest(select(*SITE), SITE.id)
ONE_POST, POSTS = _one_and_newest(_post, POST.id)

SERVICE_OF_POST = select(POST_UNIT.unit_id, POST_UNIT.starts_on).where(
    POST_UNIT.post_id == given("post_id", Uuid), SERVED_TODAY
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
    """Correct a post; ``unit_ids``, when named, are the units it serves from today on."""
    if "starts_on" in facts or "ends_on" in facts:
        post = await writing.row(ONE_POST, id=post_id)
        _check_days(facts.get("starts_on", post["starts_on"]), facts.get("ends_on", post["ends_on"]))
    await writing.change(Post, facts, id=post_id)
    if unit_ids is None:
        return
    served = {row["unit_id"]: row["starts_on"] for row in await writing.rows(SERVICE_OF_POST, post_id=post_id)}
    for unit_id in served.keys() - set(unit_ids):
        # The service stops the day before; one that began today never was.
        ended = max(today() - timedelta(days=1), served[unit_id])
        await writing.change(PostUnit, {"ends_on": ended}, post_id=post_id, unit_id=unit_id, starts_on=served[unit_id])
    for unit_id in dict.fromkeys(unit_ids):
        if unit_id not in served:
            await writing.add(PostUnit(post_id=post_id, unit_id=unit_id, starts_on=today()))


def _check_days(starts_on: Any, ends_on: Any) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("post_ends_before_it_starts", "/ends_on")
