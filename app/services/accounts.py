"""Accounts of persons: proposed by one, approved by another, suspended, ended. One role, for life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, case, func, literal, select

from app.errors import Conflict
from app.models.accounts import Account
from app.services import federated_identities, invitations, postings
from app.services.affiliations import check_employer, check_profession
from app.services.clock import now
from app.services.fiction import check_address
from app.statements import NewestFirst, columns, given, newest_first_everywhere
from app.transactions import Page, Reading, Writing

ACCOUNT = columns(Account)

STATE = case(
    (ACCOUNT.ended_at.is_not(None), literal("ended")),
    (ACCOUNT.approved_at.is_(None), literal("proposed")),
    (ACCOUNT.suspended_at.is_not(None), literal("suspended")),
    else_=literal("active"),
)
_persons = select(*ACCOUNT, STATE.label("state")).where(ACCOUNT.client_id.is_(None))

ONE = _persons.where(ACCOUNT.id == given("id", Uuid))
HELD = select(*ACCOUNT).where(ACCOUNT.id == given("id", Uuid)).with_for_update(key_share=True)
HELD_PERSON = HELD.where(ACCOUNT.client_id.is_(None))

_FILTERS: Final[Mapping[str, Any]] = {
    "role": ACCOUNT.role == given("role"),
    "state": given("state") == STATE,
    "employer_id": ACCOUNT.employer_id == given("employer_id", Uuid),
}


def _list_of(filters: Iterable[str]) -> NewestFirst:
    statement = _persons.where(*(_FILTERS[name] for name in filters))
    return newest_first_everywhere(statement, at=ACCOUNT.created_at, key=ACCOUNT.id)


LISTS: Final[Mapping[tuple[str, ...], NewestFirst]] = {
    chosen: _list_of(chosen) for size in range(len(_FILTERS) + 1) for chosen in combinations(_FILTERS, size)
}

MY_EMPLOYER = select(func.unnest(func.access.my_employers()).label("employer_id"))
END_SESSIONS = select(func.access.end_sessions(given("account_id", Uuid)).label("ended"))

# What a correction locks.
TABLE = Account


async def list_accounts(
    reading: Reading, schema: Any, *, limit: int, after: tuple[Any, UUID] | None, **exact: Any
) -> Page:
    """One page of accounts, newest first; of one role, state or employer when it is named."""
    said = {name: value for name, value in exact.items() if value is not None}
    chosen = LISTS[tuple(name for name in _FILTERS if name in said)]
    return await reading.page(chosen, schema, limit=limit, after=after, **said)


async def propose(writing: Writing, **said: Any) -> UUID:
    """Propose an account, as the caller's role may. Returns its identifier; it opens nothing until approved."""
    return await PROPOSE[writing.actor.role](writing, **said)


async def _propose(
    writing: Writing,
    *,
    role: str,
    employer_id: UUID | None,
    postings_said: Iterable[Mapping[str, Any]] = (),
    institution: Mapping[str, Any] | None = None,
    **facts: Any,
) -> UUID:
    check_employer(role, employer_id)
    check_profession(role, diploma=facts["diploma"], secrecy_basis=facts["secrecy_basis"])
    await check_address(writing, facts["email"])
    account = Account(
        role=role, employer_id=employer_id, created_at=now(), proposed_by=writing.actor.account_id, **facts
    )
    writing.about(account.id)
    await writing.add(account)
    for rank, said in enumerate(postings_said):
        await postings.add(writing, account_id=account.id, role=role, at=f"/postings/{rank}", **said)
    if institution is not None:
        await federated_identities.await_account(writing, account_id=account.id, email=facts["email"], **institution)
    return account.id


async def _propose_any(writing: Writing, **said: Any) -> UUID:
    """The administrator: any role, with its first postings, and the institution that it comes from."""
    return await _propose(writing, postings_said=said.pop("postings"), **said)


async def _request(writing: Writing, **said: Any) -> UUID:
    """The coordinator: a social worker of her own employer."""
    employer = await writing.row(MY_EMPLOYER)
    return await _propose(writing, role="social_worker", employer_id=employer["employer_id"], **said)


PROPOSE: Final[Mapping[str, Callable[..., Awaitable[UUID]]]] = {
    "administrator": _propose_any,
    "coordinator": _request,
}


async def correct(writing: Writing, account_id: UUID, **facts: Any) -> None:
    """Correct an account; its role never changes, nor the employer that opens rows to it."""
    account = await writing.row(ONE, id=account_id)
    if account["ended_at"] is not None:
        raise Conflict("account_over")
    known = {name: facts.get(name, account[name]) for name in ("employer_id", "diploma", "secrecy_basis")}
    check_employer(account["role"], known.pop("employer_id"))
    check_profession(account["role"], **known)
    if "email" in facts:
        await check_address(writing, facts["email"])
    await writing.change(Account, facts, id=account_id)


async def held(writing: Writing, account_id: UUID, *, statement: Any = HELD_PERSON) -> Any:
    """Lock an account that is someone else's and not over; 409 otherwise."""
    writing.about(account_id)
    if account_id == writing.actor.account_id:
        raise Conflict("own_account")
    account = await writing.row(statement, id=account_id)
    if account["ended_at"] is not None:
        raise Conflict("account_over")
    return account


async def approve(writing: Writing, account_id: UUID, *, statement: Any = HELD_PERSON) -> None:
    """Another person than the one who proposed it opens the account, and what awaits with it, in one act."""
    await held(writing, account_id, statement=statement)
    # Whoever proposed it, or comes second, is refused by the database.
    given_now = {"approved_by": writing.actor.account_id, "approved_at": now()}
    await writing.change(Account, given_now, id=account_id)
    await postings.approve_awaiting(writing, account_id)
    await federated_identities.approve_awaiting(writing, account_id)


async def suspend(writing: Writing, account_id: UUID) -> None:
    """Close an account for a while: its next request is refused, and it will sign in again."""
    account = await held(writing, account_id)
    if account["approved_at"] is None:
        raise Conflict("account_awaits_approval")
    if account["suspended_at"] is not None:
        raise Conflict("account_already_suspended")
    await writing.change(Account, {"suspended_at": now()}, id=account_id)
    await writing.row(END_SESSIONS, account_id=account_id)


async def resume(writing: Writing, account_id: UUID) -> None:
    """Open again an account that two persons had opened, and one has suspended."""
    account = await held(writing, account_id)
    if account["suspended_at"] is None:
        raise Conflict("account_not_suspended")
    await writing.change(Account, {"suspended_at": None}, id=account_id)


async def end(writing: Writing, account_id: UUID, *, statement: Any = HELD_PERSON) -> None:
    """End an account for good, with its postings, its identity at an institution and its sessions."""
    await held(writing, account_id, statement=statement)
    await writing.change(Account, {"ended_at": now()}, id=account_id)
    await postings.end_all(writing, account_id)
    await federated_identities.end_all(writing, account_id)
    await invitations.revoke_open(writing, account_id)
    await writing.row(END_SESSIONS, account_id=account_id)
