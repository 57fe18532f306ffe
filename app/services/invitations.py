"""Invitations: a link to whoever proposes it, a code to whoever approves it; neither enters alone in her place.

Whether someone has entered is read from her used invitations and her bound identities: the administrator sees no
credential. Of an account that the operator made, the accepting side alone knows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, case, exists, func, literal, or_, select

from app.errors import Conflict, Invalid
from app.models.accounts import Account, FederatedIdentity, Invitation
from app.services.clock import now
from app.services.told_once import code_digest, new_code, new_link, token_digest
from app.statements import columns, given
from app.transactions import Reading, Writing

ACCOUNT = columns(Account)
IDENTITY = columns(FederatedIdentity)
INVITATION = columns(Invitation)

LASTS: Final = timedelta(hours=72)
BY_TWO_PERSONS: Final = ("welcome", "renewal")
"""To enter, or to enter again with nothing left. A single lost factor needs one person: the other factor protects."""

_by_two_persons = or_(*(INVITATION.purpose == literal(purpose) for purpose in BY_TWO_PERSONS))
STATE = case(
    (INVITATION.used_at.is_not(None), literal("used")),
    (INVITATION.revoked_at.is_not(None), literal("revoked")),
    (INVITATION.expires_at <= func.now(), literal("expired")),
    (_by_two_persons & INVITATION.approved_at.is_(None), literal("awaiting_approval")),
    else_=literal("ready"),
)
# Never a digest: what is sealed, the link and the code are not among these.
SHOWN: tuple[Any, ...] = (
    INVITATION.id,
    INVITATION.account_id,
    INVITATION.purpose,
    INVITATION.proposed_by,
    INVITATION.proposed_at,
    INVITATION.expires_at,
    INVITATION.approved_by,
    INVITATION.approved_at,
    INVITATION.used_at,
    INVITATION.revoked_at,
    STATE.label("state"),
)
ONE = select(*SHOWN).where(INVITATION.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)
OF_ACCOUNT = (
    select(*SHOWN).where(INVITATION.account_id == given("account_id", Uuid)).order_by(INVITATION.id.desc()).limit(200)
)
STILL_OPEN = (
    select(INVITATION.id)
    .where(
        INVITATION.account_id == given("account_id", Uuid),
        INVITATION.used_at.is_(None),
        INVITATION.revoked_at.is_(None),
    )
    .order_by(INVITATION.id)
    .with_for_update(key_share=True)
)
_entered = or_(
    exists().where(
        INVITATION.account_id == ACCOUNT.id,
        _by_two_persons,
        INVITATION.used_at.is_not(None),
    ),
    exists().where(IDENTITY.account_id == ACCOUNT.id, IDENTITY.bound_at.is_not(None)),
)
KNOWN = select(ACCOUNT.id).where(ACCOUNT.id == given("id", Uuid))
# Locked: of two invitations made at the same time, the second takes the place of the first.
GUEST = (
    select(ACCOUNT.approved_at, ACCOUNT.suspended_at, ACCOUNT.ended_at, ACCOUNT.client_id, _entered.label("entered"))
    .where(ACCOUNT.id == given("id", Uuid))
    .with_for_update(key_share=True)
)


async def list_of_account(reading: Reading, account_id: UUID, schema: Any) -> bytes:
    """The invitations of an account, newest first: what became of each, never what opens it."""
    reading.about(account_id)
    await reading.row(KNOWN, id=account_id)
    return await reading.show_all(OF_ACCOUNT, schema, account_id=account_id)


async def make(writing: Writing, account_id: UUID, *, id: UUID, purpose: str) -> dict[str, Any]:
    """Make a link for someone else; it takes the place of those still open. The link is told this once."""
    writing.about(account_id)
    if account_id == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    guest = await writing.row(GUEST, id=account_id)
    _check_guest(guest, purpose)
    await revoke_open(writing, account_id)
    link, made_at = new_link(), now()
    invitation = Invitation(
        id=id,
        account_id=account_id,
        purpose=purpose,
        token_hash=token_digest(link),
        proposed_by=writing.actor.account_id,
        proposed_at=made_at,
        expires_at=made_at + LASTS,
    )
    await writing.add(invitation)
    writing.subject = invitation.id
    return {**await writing.row(ONE, id=invitation.id), "link": link}


def _check_guest(guest: Any, purpose: str) -> None:
    if guest["ended_at"] is not None:
        raise Conflict("account_over")
    if guest["approved_at"] is None:
        raise Conflict("account_awaits_approval")
    if guest["suspended_at"] is not None:
        raise Conflict("account_already_suspended")
    if guest["client_id"] is not None and purpose not in BY_TWO_PERSONS:
        raise Invalid("purpose_not_of_software", "/purpose")
    if purpose == "welcome" and guest["entered"]:
        raise Conflict("account_has_entered")


async def _held(writing: Writing, invitation_id: UUID) -> Any:
    writing.about(invitation_id)
    invitation = await writing.row(HELD, id=invitation_id)
    if invitation["account_id"] == writing.actor.account_id:
        raise Conflict("not_for_oneself")
    return invitation


async def approve(writing: Writing, invitation_id: UUID) -> dict[str, Any]:
    """Another person than the one who made the link gets the code, told this once (the database refuses the first)."""
    invitation = await _held(writing, invitation_id)
    if invitation["purpose"] not in BY_TWO_PERSONS:
        raise Conflict("invitation_needs_no_approval")
    if invitation["state"] in ("used", "revoked", "expired"):
        raise Conflict("invitation_over")
    code = new_code()
    given_now = {
        "approved_by": writing.actor.account_id,
        "approved_at": now(),
        "code_hash": code_digest(code),
    }
    await writing.change(Invitation, given_now, id=invitation_id)
    return {**await writing.row(ONE, id=invitation_id), "code": code}


async def revoke(writing: Writing, invitation_id: UUID) -> None:
    """Take a link back; 409 once it has served, or was taken back already."""
    invitation = await _held(writing, invitation_id)
    if invitation["state"] in ("used", "revoked"):
        raise Conflict("invitation_over")
    await writing.change(Invitation, {"revoked_at": now()}, id=invitation_id)


async def revoke_open(writing: Writing, account_id: UUID) -> None:
    """Take back every link of an account that might still serve."""
    for row in await writing.rows(STILL_OPEN, account_id=account_id):
        await writing.change(Invitation, {"revoked_at": now()}, id=row["id"])
