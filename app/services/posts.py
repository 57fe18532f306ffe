"""Posts: their convention, the units they serve, where they receive, who pays. Read by all, kept by the administrator.

What a post serves, where it receives and who pays are dated rows: a changed list ends the old rows, and erases none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, func, literal_column, or_, select

from app.errors import Invalid
from app.models.organisation import Post, PostFunding, PostSite, PostUnit
from app.services.clock import today
from app.services.organisation import TIMELESS
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Writing

POST = columns(Post)
POST_UNIT = columns(PostUnit)
POST_SITE = columns(PostSite)
POST_FUNDING = columns(PostFunding)

# What a post has is what it has today; of a post to come, what it will have on its first day.
_the_day = func.greatest(func.access.today(), POST.starts_on)
_none: Any = literal_column("'[]'::json")


def _that_day(dated: Any) -> Any:
    return and_(
        dated.post_id == POST.id,
        dated.starts_on <= _the_day,
        or_(dated.ends_on.is_(None), dated.ends_on >= _the_day),
    )


def _listed(dated: Any, item: Any, order: Any) -> Any:
    rows = select(item.label("item")).where(_that_day(dated)).order_by(order).correlate(Post).subquery("s")
    return func.coalesce(select(func.json_agg(rows.c.item)).select_from(rows).scalar_subquery(), _none)


_served = select(POST_UNIT.unit_id).where(_that_day(POST_UNIT)).correlate(Post)
_share = func.json_build_object(
    "funding_source", POST_FUNDING.funding_source, "share_percent", POST_FUNDING.share_percent
)
_post = select(
    *POST,
    _listed(POST_UNIT, POST_UNIT.unit_id, POST_UNIT.unit_id).label("unit_ids"),
    _listed(POST_SITE, POST_SITE.site_id, POST_SITE.site_id).label("site_ids"),
    _listed(POST_FUNDING, _share, POST_FUNDING.funding_source).label("funding"),
    (select(func.count()).select_from(_served.subquery()).scalar_subquery() > 1).label("shared"),
)
ONE = _post.where(POST.id == given("id", Uuid))
NEWEST = newest_first_everywhere(_post, at=TIMELESS, key=POST.id)

DAYS = select(POST.starts_on, POST.ends_on).where(POST.id == given("id", Uuid))
SERVICE_OF_POST = (
    select(POST_UNIT.unit_id, POST_UNIT.starts_on, POST_UNIT.ends_on)
    .join(Post, _that_day(POST_UNIT))
    .where(POST.id == given("post_id", Uuid))
)


def _from_day_on(dated: Any) -> Any:
    day = given("day", Date)
    still = or_(dated.ends_on.is_(None), dated.ends_on >= day, dated.starts_on == day)
    return select(*dated).where(dated.post_id == given("post_id", Uuid), still).order_by(dated.starts_on)


SITES_OF_POST, FUNDING_OF_POST = _from_day_on(POST_SITE), _from_day_on(POST_FUNDING)

# What a correction locks.
TABLE = Post


async def create(
    writing: Writing, *, unit_ids: list[UUID], site_ids: list[UUID], funding: list[dict[str, Any]], **facts: Any
) -> UUID:
    """Create a post, the units it serves (several make it *mutualisé*), where it receives, who pays."""
    _check_days(facts["starts_on"], facts["ends_on"])
    shares = _shares(funding)
    post = Post(**facts)
    writing.about(post.id)
    await writing.add(post)
    for unit_id in dict.fromkeys(unit_ids):
        await writing.add(PostUnit(post_id=post.id, unit_id=unit_id, starts_on=post.starts_on))
    for site_id in dict.fromkeys(site_ids):
        await writing.add(PostSite(post_id=post.id, site_id=site_id, starts_on=post.starts_on))
    for source, share in shares.items():
        await writing.add(
            PostFunding(post_id=post.id, funding_source=source, starts_on=post.starts_on, share_percent=share)
        )
    return post.id


async def correct(
    writing: Writing,
    post_id: UUID,
    *,
    unit_ids: list[UUID] | None = None,
    site_ids: list[UUID] | None = None,
    funding: list[dict[str, Any]] | None = None,
    **facts: Any,
) -> None:
    """Correct a post; a list that is named holds from today on, or from the first day of a post to come."""
    shares = _shares(funding or [])
    known = await writing.row(DAYS, id=post_id)
    starts_on = facts.get("starts_on", known["starts_on"])
    _check_days(starts_on, facts.get("ends_on", known["ends_on"]))
    await writing.change(Post, facts, id=post_id)
    day = max(today(), starts_on)
    if unit_ids is not None:
        await _serve(writing, post_id, unit_ids, day=day)
    if site_ids is not None:
        rows = await writing.rows(SITES_OF_POST, post_id=post_id, day=day)
        await _rewrite(writing, PostSite, rows, dict.fromkeys(site_ids), day=day, key="site_id", post_id=post_id)
    if funding is not None:
        rows = await writing.rows(FUNDING_OF_POST, post_id=post_id, day=day)
        await _rewrite(writing, PostFunding, rows, shares, day=day, key="funding_source", post_id=post_id)


async def _serve(writing: Writing, post_id: UUID, unit_ids: list[UUID], *, day: date) -> None:
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


async def _rewrite(
    writing: Writing,
    table: type[PostSite | PostFunding],
    rows: Iterable[Any],
    wanted: Mapping[Any, Decimal | None],
    *,
    day: date,
    key: str,
    post_id: UUID,
) -> None:
    """From ``day`` on, these and no others; what stops did so the day before, whenever it began."""
    kept = set()
    for row in rows:
        named, keys = row[key], {"post_id": post_id, key: row[key], "starts_on": row["starts_on"]}
        share = wanted.get(named)
        same = named in wanted and (share is None or share == row["share_percent"])
        typed_today = named in wanted and row["starts_on"] == day
        changed: dict[str, Any]
        if (same and row["starts_on"] <= day) or typed_today:
            kept.add(named)
            changed = {"ends_on": None}
        else:
            changed = {"ends_on": max(day, row["starts_on"]) - timedelta(days=1)}
        if typed_today and not same:
            changed["share_percent"] = share
        if any(row[name] != value for name, value in changed.items()):
            await writing.change(table, changed, **keys)
    for named, share in wanted.items():
        if named not in kept:
            said = {} if share is None else {"share_percent": share}
            await writing.add(table(**{"post_id": post_id, key: named, "starts_on": day, **said}))


def _shares(funding: list[dict[str, Any]]) -> dict[str, Decimal]:
    shares = {each["funding_source"]: Decimal(str(each["share_percent"])) for each in funding}
    if len(shares) < len(funding):
        raise Invalid("list_repeats", "/funding")
    if sum(shares.values()) > 100:
        raise Invalid("shares_above_hundred", "/funding")
    return shares


def _check_days(starts_on: Any, ends_on: Any) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("post_ends_before_it_starts", "/ends_on")
