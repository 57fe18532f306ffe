"""The software of partners: registered by one administrator, approved by another; its scopes never change."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, select

from app.access.policy import CLIENT_ROLE, policy
from app.errors import Invalid
from app.models.accounts import Account, Posting
from app.services import accounts
from app.services.affiliations import check_partner
from app.services.clock import now, today
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Writing

ACCOUNT = columns(Account)
POSTING = columns(Posting)

_clients = (
    select(*ACCOUNT, accounts.STATE.label("state"), POSTING.partner_id)
    .join(Posting, POSTING.account_id == ACCOUNT.id)
    .where(ACCOUNT.client_id.is_not(None))
)
ONE = _clients.where(ACCOUNT.id == given("id", Uuid))
NEWEST = newest_first_everywhere(_clients, at=ACCOUNT.created_at, key=ACCOUNT.id)
HELD = accounts.HELD.where(ACCOUNT.client_id.is_not(None))


def new_client_id() -> str:
    """A public identifier: eighty random bits, so that nobody meets one by chance."""
    return f"client-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"


def granted(scopes: Sequence[str]) -> list[str]:
    """The scopes that software is registered with, in the order of the policy; ``Invalid`` for any other."""
    grantable = policy().grantable
    if not scopes or set(scopes) - set(grantable):
        raise Invalid("scope_of_software_expected", "/scopes")
    return [each for each in grantable if each in scopes]


async def propose(writing: Writing, *, id: UUID, name: str, partner_id: UUID, scopes: Sequence[str]) -> UUID:
    """Register the software of a partner; it is let in once another approves it, and its engineer draws a secret."""
    await check_partner(writing, partner_id)
    client = Account(
        id=id,
        name=name,
        role=CLIENT_ROLE,
        created_at=now(),
        client_id=new_client_id(),
        client_scopes=granted(scopes),
        proposed_by=writing.actor.account_id,
    )
    writing.about(client.id)
    await writing.add(client)
    await writing.add(
        Posting(account_id=client.id, partner_id=partner_id, starts_on=today(), proposed_by=writing.actor.account_id)
    )
    return client.id


async def approve(writing: Writing, client_id: UUID) -> None:
    """Another administrator approves the software, and its posting to the partner, in one act."""
    await accounts.approve(writing, client_id, statement=HELD)


async def end(writing: Writing, client_id: UUID) -> None:
    """Close the access of software: its next request, and its next token, are refused."""
    await accounts.end(writing, client_id, statement=HELD)
