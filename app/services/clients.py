"""The software of partners: known by its key or by its secret, let in for five minutes, with its own scopes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, select

from app.access.policy import policy
from app.access.signatures import Refused
from app.access.tokens import MACHINE_LIFETIME
from app.database import Lane
from app.errors import Problem
from app.models.accounts import Account, Credential, Session
from app.models.columns import new_id
from app.services import fiction
from app.services.client_assertions import ClientAssertion
from app.services.clock import now
from app.services.passwords import matches
from app.services.sessions import IN_SERVICE, Keys, trace
from app.services.throttling import Aim, refuse_while
from app.services.tickets import spend
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
CREDENTIAL = columns(Credential)

SESSION_LASTS = timedelta(seconds=MACHINE_LIFETIME)
TOKEN_PATH = "/v1/auth/token"  # noqa: S105 — an address
SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")

# A person has no ``client_id``: nobody signs in this way but software, and software has no e-mail to sign in otherwise.
BY_CLIENT_ID = (
    select(ACCOUNT.id, ACCOUNT.role, ACCOUNT.client_scopes, ACCOUNT.client_keys, CREDENTIAL.password_hash)
    .select_from(Account)
    .outerjoin(Credential, CREDENTIAL.account_id == ACCOUNT.id)
    .where(ACCOUNT.client_id == given("client_id", String), *IN_SERVICE)
)


class InvalidClient(Problem):
    """401: the identifier or the secret is not right; which one is not said (RFC 6749, ``invalid_client``)."""

    status, code = 401, "invalid_client"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="relais", charset="UTF-8"'})


class InvalidScope(Problem):
    """400: a scope that this software was not registered with (RFC 6749, ``invalid_scope``)."""

    status, code = 400, "invalid_scope"


def _granted(registered: Iterable[str], asked: str | None) -> frozenset[str]:
    """What is granted: everything registered unless less is asked; nothing at all when something else is."""
    known = frozenset(registered) & frozenset(policy().grantable)
    wanted = known if asked is None else frozenset(asked.split(" "))
    return wanted if wanted <= known else frozenset()


async def let_in(
    lane: Lane, keys: Keys, source: str, *, client_id: str, client_secret: str, scope: str | None = None
) -> dict[str, Any]:
    """Identifier and secret against a session of five minutes and its token. 401 without saying which was wrong."""
    client, aim = await _attempt(lane, keys, source, client_id)
    # No connection is held while the secret is hashed.
    if not await matches(client_secret, client["password_hash"] if client else None) or client is None:
        await _refused(lane, client["id"] if client else None)
        raise InvalidClient
    granted = await _checked_scopes(lane, client, scope)
    async with lane.service_transaction() as writing:
        return await _open(writing, keys, aim, client, granted, client_id=client_id, method="client_secret")


async def let_in_by_key(
    lane: Lane, keys: Keys, source: str, *, assertion: str, client_id: str | None = None, scope: str | None = None
) -> dict[str, Any]:
    """A signed assertion against the same; it serves once. 401 without saying what was wrong."""
    client: Any = None
    try:
        said = ClientAssertion(assertion)
        client, aim = await _attempt(lane, keys, source, said.client_id)
        if client is None or client_id not in {None, said.client_id}:
            raise Refused
        audiences = (keys.signer.issuer, f"{keys.signer.issuer}{TOKEN_PATH}")
        jti, until = said.checked(json.loads(client["client_keys"] or "null"), audiences)
    except Refused:
        await _refused(lane, client["id"] if client else None)
        raise InvalidClient from None
    granted = await _checked_scopes(lane, client, scope)
    async with lane.service_transaction() as writing:
        if await spend(writing, f"client_assertion/{said.client_id}/{jti}", until=until):
            return await _open(writing, keys, aim, client, granted, client_id=said.client_id, method="client_key")
    await _refused(lane, client["id"])
    raise InvalidClient


async def _attempt(lane: Lane, keys: Keys, source: str, client_id: str) -> tuple[Any, Aim]:
    """The software of this identifier, or ``None``, once this attempt is counted; 429 while it must wait."""
    client: Any = None
    # Named apart from people: software that fails slows no one's sign-in.
    aim = Aim(keys, source, account=f"client {client_id}")
    async with lane.service_transaction() as writing:
        if SHAPE.fullmatch(client_id) and await fiction.is_let_in(writing, client_id):
            client = await writing.seek_row(BY_CLIENT_ID, client_id=client_id)
        wait = await aim.attempt(writing, client["id"] if client else None)
    refuse_while(wait)
    return client, aim


async def _checked_scopes(lane: Lane, client: Any, scope: str | None) -> frozenset[str]:
    granted = _granted(client["client_scopes"], scope)
    if not granted:
        await _refused(lane, client["id"])
        raise InvalidScope
    return granted


async def _open(
    writing: Writing, keys: Keys, aim: Aim, client: Any, granted: Iterable[str], *, client_id: str, method: str
) -> dict[str, Any]:
    opened_at = now()
    who = {"account_id": client["id"], "role": client["role"], "client_id": client_id}
    session = Session(
        **who,
        opened_at=opened_at,
        expires_at=opened_at + SESSION_LASTS,
        method=method,
        authenticated_at=opened_at,
        idle_seconds=MACHINE_LIFETIME,
        idle_until=opened_at + SESSION_LASTS,
        shared_workstation=False,
    )
    await aim.succeeded(writing)
    await writing.add(session)
    await trace(writing, client["id"], session.id, "open")
    return {
        "access_token": keys.signer.access_token(**who, session_id=session.id, jti=new_id(), granted=granted),
        "token_type": "Bearer",
        "expires_in": MACHINE_LIFETIME,
        "scope": " ".join(policy().said_by_client(granted)),
    }


async def _refused(lane: Lane, account: UUID | None) -> None:
    async with lane.service_transaction() as writing:
        await trace(writing, account, None, "open", "refused")
