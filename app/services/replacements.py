"""Replacements of an absent colleague: a reason, another person's approval, a bounded time, reading and nothing else.

What a replacement opens is in ``access.my_posts()``, at each request; here are its proposal, its approval, its end.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Uuid, func, select

from app.errors import Conflict, FieldError, Invalid
from app.models.employer import Replacement
from app.services.clock import now, today
from app.services.legal_bases import EMPLOYER_OF_POST
from app.services.posts_in_charge import MY_HELD_POSTS
from app.statements import NewestFirst, columns, given, newest_first, newest_first_everywhere
from app.transactions import Reading, Writing

_log = structlog.get_logger("relais.replacements")

REPLACEMENT = columns(Replacement)

MOST_DAYS = 31

SHOWN = select(*REPLACEMENT)
ONE = SHOWN.where(REPLACEMENT.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)

_proposed: dict[str, Any] = {"at": REPLACEMENT.proposed_at, "key": REPLACEMENT.id}
# Row rules show a worker hers and those of her posts; these two have no perimeter in common.
NEWEST = {
    "social_worker": newest_first_everywhere(SHOWN, **_proposed),
    "coordinator": newest_first(SHOWN, perimeter=REPLACEMENT.employer_id, mine="my_employers", **_proposed),
    "dpo": newest_first_everywhere(SHOWN, **_proposed),
}
WORKS_FOR = select(func.access.works_for(given("worker", Uuid), given("employer_id", Uuid)).label("does"))
MY_EMPLOYERS = select(func.access.my_employers(type_=ARRAY(Uuid())).label("employers"))


def newest_for(reading: Reading) -> NewestFirst:
    """The replacements, newest first, as the caller's role pages them."""
    return NEWEST[reading.actor.role]


async def propose(
    writing: Writing,
    *,
    id: UUID,
    post_id: UUID,
    account_id: UUID | None,
    replacement_reason: str,
    starts_on: date,
    ends_on: date,
) -> UUID:
    """The colleague who will replace proposes it, or the employer does. Returns its identifier."""
    _check_days(starts_on, ends_on)
    employer = await writing.seek_row(EMPLOYER_OF_POST, post_id=post_id)
    if employer is None:
        raise Invalid("post_unknown", "/post_id")
    employer_id: UUID = employer["id"]
    replacing = await _WHO_REPLACES[writing.actor.role](writing, post_id, employer_id, account_id)
    if not (await writing.row(WORKS_FOR, worker=replacing, employer_id=employer_id))["does"]:
        raise Invalid("colleague_of_the_same_employer_expected", "/account_id" if account_id else "/post_id")
    row = Replacement(
        id=id,
        employer_id=employer_id,
        post_id=post_id,
        account_id=replacing,
        replacement_reason=replacement_reason,
        starts_on=starts_on,
        ends_on=ends_on,
        proposed_by=writing.actor.account_id,
        proposed_at=now(),
    )
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def approve(writing: Writing, replacement_id: UUID) -> None:
    """Another person of the employer approves, once: reading opens from the first day on."""
    writing.about(replacement_id)
    replacement = await writing.row(ONE, id=replacement_id)
    if replacement["ended_at"] is not None or replacement["ends_on"] < today():
        raise Conflict("replacement_over")
    if writing.actor.account_id in (replacement["proposed_by"], replacement["account_id"]):
        raise Conflict("approval_by_another_person")
    held = await writing.seek_row(HELD, id=replacement_id)
    # Row rules let nobody take one that has just been ended.
    if held is None:
        raise Conflict("replacement_over")
    if held["approved_at"] is not None:
        raise Conflict("already_approved")
    approved = {"approved_by": writing.actor.account_id, "approved_at": now()}
    await writing.change(Replacement, approved, id=replacement_id)
    told = partial(
        _log.info,
        "replacement_approved",
        replacement_id=str(replacement_id),
        post_id=str(replacement["post_id"]),
        account_id=str(replacement["account_id"]),
        approved_by=str(writing.actor.account_id),
    )
    writing.once_done(told)


async def end(writing: Writing, replacement_id: UUID) -> None:
    """Who replaces, who holds the post or its employer ends it: the next request reads nothing any more."""
    writing.about(replacement_id)
    await writing.row(ONE, id=replacement_id)
    if await writing.seek_row(HELD, id=replacement_id) is None:
        raise Conflict("replacement_over")
    await writing.change(Replacement, {"ended_at": now()}, id=replacement_id)


def _check_days(starts_on: date, ends_on: date) -> None:
    if starts_on < today():
        raise Invalid("day_today_or_later_expected", "/starts_on")
    if ends_on < starts_on:
        raise Invalid("end_before_start", "/ends_on")
    if ends_on > starts_on + timedelta(days=MOST_DAYS):
        raise Invalid("replacement_too_long", "/ends_on")


async def _the_worker_herself(writing: Writing, post_id: UUID, _: UUID, account_id: UUID | None) -> UUID:
    me = writing.actor.account_id
    if account_id not in (None, me):
        raise Invalid("replacement_by_oneself_expected", "/account_id")
    if post_id in (await writing.row(MY_HELD_POSTS))["posts"]:
        raise Invalid("replacement_of_own_post", "/post_id")
    return me


async def _whom_the_employer_names(writing: Writing, _: UUID, employer_id: UUID, account_id: UUID | None) -> UUID:
    if employer_id not in (await writing.row(MY_EMPLOYERS))["employers"]:
        raise Invalid("post_unknown", "/post_id")
    if account_id is None:
        raise Invalid(FieldError("/account_id", "missing"))
    return account_id


_WHO_REPLACES = {"social_worker": _the_worker_herself, "coordinator": _whom_the_employer_names}
