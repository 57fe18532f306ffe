"""Who an institution's person is here: awaited by her address once, then known by (``iss``, ``sub``) alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import String, Uuid, or_, select

from app.models.accounts import Account, FederatedIdentity
from app.services.clock import now
from app.services.identity_tokens import Identified
from app.services.provider_calls import ProviderRefused
from app.services.sessions import IN_SERVICE, trace
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
IDENTITY = columns(FederatedIdentity)

OPEN = (IDENTITY.approved_at.is_not(None), IDENTITY.ended_at.is_(None))
"""What an identity must be to let anybody in."""
_WHOSE = (
    select(IDENTITY.id, ACCOUNT.id.label("account_id"), ACCOUNT.role)
    .select_from(FederatedIdentity)
    .join(Account, ACCOUNT.id == IDENTITY.account_id)
)
# An identity that has ended still holds its subject: nobody becomes somebody else by being awaited again.
BY_SUBJECT = select(IDENTITY.id).where(
    IDENTITY.issuer == given("issuer", String), IDENTITY.subject == given("subject", String)
)
AWAITED = _WHOSE.where(
    IDENTITY.issuer == given("issuer", String),
    IDENTITY.email == given("email", String),
    IDENTITY.subject.is_(None),
    or_(IDENTITY.siret.is_(None), IDENTITY.siret == given("siret", String)),
    *OPEN,
    *IN_SERVICE,
    # The second of two first sign-ins waits, then finds the row bound.
).with_for_update(key_share=True, of=(IDENTITY.id,))
IN = _WHOSE.where(IDENTITY.id == given("id", Uuid), *OPEN, *IN_SERVICE)


async def find(writing: Writing, person: Identified) -> Any:
    """The account of this person, bound at her first sign-in; ``ProviderRefused`` when nobody awaits her."""
    known = {"issuer": person.issuer, "subject": person.subject}
    bound = await writing.seek_row(BY_SUBJECT, **known)
    if bound is None:
        awaited = None
        if person.email is not None:
            awaited = await writing.seek_row(AWAITED, issuer=person.issuer, email=person.email, siret=person.siret)
        if awaited is not None:
            return await _bind(writing, awaited, person.subject)
        # Bound meanwhile, by her own other window.
        bound = await writing.seek_row(BY_SUBJECT, **known)
    if bound is None:
        raise ProviderRefused("nobody_awaited")
    return await still_open(writing, bound["id"])


async def _bind(writing: Writing, awaited: Any, subject: str) -> Any:
    try:
        await writing.change(FederatedIdentity, {"subject": subject, "bound_at": now()}, id=awaited["id"])
    except asyncpg.UniqueViolationError:
        raise ProviderRefused("bound_elsewhere") from None
    await trace(writing, awaited["account_id"], None, "bind")
    return awaited


async def still_open(writing: Writing, identity_id: UUID) -> Any:
    """The account of a bound identity, as long as both are in service; ``ProviderRefused`` otherwise."""
    found = await writing.seek_row(IN, id=identity_id)
    if found is None:
        raise ProviderRefused("no_longer_in_service")
    return found
