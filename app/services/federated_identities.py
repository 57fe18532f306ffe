"""Who signs in through an institution: awaited by e-mail, approved by another person, bound at the first sign-in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import Conflict
from app.models.accounts import Account, FederatedIdentity
from app.services.clock import now
from app.statements import columns, given
from app.transactions import Reading, Writing

ACCOUNT = columns(Account)
IDENTITY = columns(FederatedIdentity)

KNOWN = select(ACCOUNT.id).where(ACCOUNT.id == given("id", Uuid))
# Software signs in otherwise.
PERSON = select(ACCOUNT.email, ACCOUNT.ended_at).where(ACCOUNT.id == given("id", Uuid), ACCOUNT.client_id.is_(None))
ONE = select(*IDENTITY).where(IDENTITY.account_id == given("account_id", Uuid), IDENTITY.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)
OF_ACCOUNT = select(*IDENTITY).where(IDENTITY.account_id == given("account_id", Uuid)).order_by(IDENTITY.id)
_not_over = (
    select(IDENTITY.id)
    .where(IDENTITY.account_id == given("account_id", Uuid), IDENTITY.ended_at.is_(None))
    .order_by(IDENTITY.id)
    .with_for_update(key_share=True)
)
NOT_OVER = _not_over
AWAITING = _not_over.where(IDENTITY.approved_at.is_(None), IDENTITY.proposed_by.is_distinct_from(given("me", Uuid)))


async def list_of_account(reading: Reading, account_id: UUID, schema: Any) -> bytes:
    """The institutions of an account, those of the past included."""
    reading.about(account_id)
    await reading.row(KNOWN, id=account_id)
    return await reading.show_all(OF_ACCOUNT, schema, account_id=account_id)


async def propose(writing: Writing, account_id: UUID, *, id: UUID, issuer: str, siret: str | None) -> UUID:
    """Await someone else at the sign-in of one more institution. Returns the identity, for another to approve."""
    writing.about(account_id)
    if account_id == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    person = await writing.row(PERSON, id=account_id)
    if person["ended_at"] is not None:
        raise Conflict("account_over")
    identity_id = await await_account(
        writing, id=id, account_id=account_id, email=person["email"], issuer=issuer, siret=siret
    )
    writing.subject = identity_id
    return identity_id


async def approve(writing: Writing, account_id: UUID, identity_id: UUID) -> None:
    """Another person than the one who proposed it opens the way by this institution, once."""
    await _held(writing, account_id, identity_id)
    given_now: dict[str, Any] = {"approved_by": writing.actor.account_id, "approved_at": now()}
    await writing.change(FederatedIdentity, given_now, id=identity_id)


async def end(writing: Writing, account_id: UUID, identity_id: UUID) -> None:
    """Nobody enters by this institution any more; bound or not, it does not move to another account."""
    await _held(writing, account_id, identity_id)
    await writing.change(FederatedIdentity, {"ended_at": now()}, id=identity_id)


async def _held(writing: Writing, account_id: UUID, identity_id: UUID) -> None:
    writing.about(identity_id)
    if account_id == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    if (await writing.row(HELD, account_id=account_id, id=identity_id))["ended_at"] is not None:
        raise Conflict("identity_over")


async def await_account(
    writing: Writing, *, id: UUID, account_id: UUID, email: str, issuer: str, siret: str | None
) -> UUID:
    """Await someone at the sign-in of an institution, by the address of the account. Returns the identity."""
    identity = FederatedIdentity(
        id=id,
        account_id=account_id,
        issuer=issuer,
        email=email,
        siret=siret,
        proposed_by=writing.actor.account_id,
        proposed_at=now(),
    )
    await writing.add(identity)
    return identity.id


async def approve_awaiting(writing: Writing, account_id: UUID) -> None:
    """Approve what awaits for an account, but for what the approver has proposed herself."""
    for row in await writing.rows(AWAITING, account_id=account_id, me=writing.actor.account_id):
        given_now: dict[str, Any] = {"approved_by": writing.actor.account_id, "approved_at": now()}
        await writing.change(FederatedIdentity, given_now, id=row["id"])


async def end_all(writing: Writing, account_id: UUID) -> None:
    """Nobody enters by the institution any more."""
    for row in await writing.rows(NOT_OVER, account_id=account_id):
        await writing.change(FederatedIdentity, {"ended_at": now()}, id=row["id"])
