"""Which post, unit or partner acts: the only one I hold, the only one that serves the unit, or the one I name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, func, or_, select

from app.errors import Forbidden, Invalid
from app.models.organisation import PostUnit
from app.statements import columns, given
from app.transactions import Reading

POST_UNIT = columns(PostUnit)

SERVED_TODAY: Any = and_(
    POST_UNIT.starts_on <= func.access.today(),
    or_(POST_UNIT.ends_on.is_(None), POST_UNIT.ends_on >= func.access.today()),
)
_mine = select(func.unnest(func.access.held_posts(), type_=Uuid()).label("post_id")).subquery("mine")
_unit = given("unit_id", Uuid)
# The posts I hold; those that serve the unit today when a unit is named.
CANDIDATES = select(_mine.c.post_id).where(
    or_(
        _unit.is_(None),
        select(POST_UNIT.post_id)
        .where(POST_UNIT.post_id == _mine.c.post_id, POST_UNIT.unit_id == _unit, SERVED_TODAY)
        .exists(),
    )
)

MY_HELD_POSTS = select(func.access.held_posts(type_=ARRAY(Uuid())).label("posts"))
MY_UNITS = select(func.access.my_units(type_=ARRAY(Uuid())).label("units"))
MY_PARTNERS = select(func.access.my_partners(type_=ARRAY(Uuid())).label("partners"))


async def post_in_charge(reading: Reading, *, post_id: UUID | None, unit_id: UUID | None = None) -> UUID:
    """The post that acts. ``Invalid`` when it must be named, or when the one named is not mine for this unit."""
    mine = [row["post_id"] for row in await reading.rows(CANDIDATES, unit_id=unit_id)]
    # A unit that none of them serves is seen through a post that I replace.
    if unit_id is not None and not mine:
        raise Forbidden("replacement_reads_only")
    if post_id is None and len(mine) == 1:
        found: UUID = mine[0]
        return found
    if post_id is None or post_id not in mine:
        raise Invalid("post_expected", "/post_id")
    return post_id


async def check_held(reading: Reading, post_id: UUID) -> None:
    """Whoever replaces reads; ``Forbidden`` unless I hold the post."""
    if post_id not in (await reading.row(MY_HELD_POSTS))["posts"]:
        raise Forbidden("replacement_reads_only")


async def unit_in_charge(reading: Reading, *, unit_id: UUID | None) -> UUID:
    """The unit that speaks: the only one where I am posted, or the one I name among mine."""
    mine: list[UUID] = (await reading.row(MY_UNITS))["units"]
    if unit_id is None and len(mine) == 1:
        return mine[0]
    if unit_id is None or unit_id not in mine:
        raise Invalid("unit_expected", "/unit_id")
    return unit_id


async def partner_in_charge(reading: Reading, *, partner_id: UUID | None) -> UUID:
    """The partner that speaks: the only one I work for, or the one I name among mine."""
    mine: list[UUID] = (await reading.row(MY_PARTNERS))["partners"]
    if partner_id is None and len(mine) == 1:
        return mine[0]
    if partner_id is None or partner_id not in mine:
        raise Invalid("partner_expected", "/partner_id")
    return partner_id
