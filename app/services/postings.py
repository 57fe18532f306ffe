"""Postings: what opens rows to someone. Proposed by one, approved by another, never for oneself, never prolonged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Uuid, or_, select

from app.errors import Conflict, Invalid
from app.models.accounts import Account, Posting
from app.services.affiliations import check_place
from app.services.clock import now, today
from app.services.organisation import TIMELESS
from app.statements import NewestFirst, columns, given, newest_first_everywhere
from app.transactions import Page, Reading, Writing

ACCOUNT = columns(Account)
POSTING = columns(Posting)

ONE = select(*POSTING).where(POSTING.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)

_FILTERS: Final[Mapping[str, Any]] = {
    name: POSTING[name] == given(name, Uuid) for name in ("account_id", "post_id", "unit_id")
}


def _list_of(filters: Iterable[str]) -> NewestFirst:
    statement = select(*POSTING).where(*(_FILTERS[name] for name in filters))
    return newest_first_everywhere(statement, at=TIMELESS, key=POSTING.id)


# One statement for each set of filters, so that indexes serve.
LISTS: Final[Mapping[tuple[str, ...], NewestFirst]] = {
    chosen: _list_of(chosen) for size in range(len(_FILTERS) + 1) for chosen in combinations(_FILTERS, size)
}

# Software has one posting, made with it: none is added.
HOLDER = select(ACCOUNT.role, ACCOUNT.ended_at).where(
    ACCOUNT.id == given("account_id", Uuid), ACCOUNT.client_id.is_(None)
)
AWAITING = (
    select(POSTING.id)
    .where(
        POSTING.account_id == given("account_id", Uuid),
        POSTING.approved_at.is_(None),
        POSTING.ended_at.is_(None),
        # What she proposes herself waits for someone else.
        POSTING.proposed_by.is_distinct_from(given("me", Uuid)),
    )
    .order_by(POSTING.id)
    .with_for_update(key_share=True)
)
NOT_OVER = (
    select(POSTING.id, POSTING.starts_on, POSTING.ends_on)
    .where(
        POSTING.account_id == given("account_id", Uuid),
        POSTING.ended_at.is_(None),
        or_(POSTING.ends_on.is_(None), POSTING.ends_on >= given("day", Date)),
    )
    .order_by(POSTING.id)
    .with_for_update(key_share=True)
)


async def list_postings(
    reading: Reading, schema: Any, *, limit: int, after: tuple[Any, UUID] | None, **exact: UUID | None
) -> Page:
    """One page of postings, newest first; of one account, of one post, of one unit when it is named."""
    said = {name: value for name, value in exact.items() if value is not None}
    return await reading.page(
        LISTS[tuple(name for name in _FILTERS if name in said)], schema, limit=limit, after=after, **said
    )


async def propose(writing: Writing, *, account_id: UUID, **said: Any) -> UUID:
    """Propose a posting for someone else. Returns its identifier; it opens nothing until another approves it."""
    if account_id == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    holder = await writing.seek_row(HOLDER, account_id=account_id)
    if holder is None:
        raise Invalid("account_unknown")
    if holder["ended_at"] is not None:
        raise Conflict("account_over")
    return await add(writing, account_id=account_id, role=holder["role"], **said)


async def add(
    writing: Writing,
    *,
    id: UUID,
    account_id: UUID,
    role: str,
    starts_on: date,
    ends_on: date | None = None,
    at: str = "",
    **places: Any,
) -> UUID:
    """Write a posting that awaits its approval; ``at`` is where the request says it. Returns its identifier."""
    await check_place(writing, role, places, at=at)
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("posting_ends_before_it_starts", f"{at}/ends_on")
    posting = Posting(
        id=id,
        account_id=account_id,
        starts_on=starts_on,
        ends_on=ends_on,
        proposed_by=writing.actor.account_id,
        **places,
    )
    await writing.add(posting)
    writing.about(posting.id)
    return posting.id


async def _held(writing: Writing, posting_id: UUID) -> Any:
    writing.about(posting_id)
    posting = await writing.row(HELD, id=posting_id)
    if posting["account_id"] == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    if posting["ended_at"] is not None:
        raise Conflict("posting_over")
    return posting


async def approve(writing: Writing, posting_id: UUID) -> None:
    """Another person than the one who proposed it opens the posting, once (the database refuses anyone else)."""
    await _held(writing, posting_id)
    await approve_all(writing, [posting_id])


async def approve_all(writing: Writing, posting_ids: Iterable[UUID]) -> None:
    """Approve each of these postings."""
    for posting_id in posting_ids:
        given_now = {"approved_by": writing.actor.account_id, "approved_at": now()}
        await writing.change(Posting, given_now, id=posting_id)


async def approve_awaiting(writing: Writing, account_id: UUID) -> None:
    """Approve what awaits for an account, but for what the approver has proposed herself."""
    awaiting = await writing.rows(AWAITING, account_id=account_id, me=writing.actor.account_id)
    await approve_all(writing, [row["id"] for row in awaiting])


async def end(writing: Writing, posting_id: UUID, *, ends_on: date | None) -> None:
    """Say the last day of a posting, sooner than was said; without a day, it stops at once."""
    posting = await _held(writing, posting_id)
    if ends_on is None:
        await _stop(writing, posting)
        return
    if ends_on < posting["starts_on"]:
        raise Invalid("posting_ends_before_it_starts", "/ends_on")
    await writing.change(Posting, {"ends_on": ends_on}, id=posting_id)


async def _stop(writing: Writing, posting: Any) -> None:
    # The day that is being lived was worked, or was to be the first: the instant alone closes the access.
    last_day = max(today(), posting["starts_on"])
    if posting["ends_on"] is not None:
        last_day = min(last_day, posting["ends_on"])
    await writing.change(Posting, {"ends_on": last_day, "ended_at": now()}, id=posting["id"])


async def end_all(writing: Writing, account_id: UUID) -> None:
    """Stop at once every posting of an account that is not over, and those to come."""
    for posting in await writing.rows(NOT_OVER, account_id=account_id, day=today()):
        await _stop(writing, posting)
