"""Sessions: signed in, renewed by single-use tokens, revoked; effective at the next request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, String, Uuid, select, text, update

from app.access.policy import policy
from app.access.tokens import LIFETIME, Signer, Verifier
from app.database import Lane
from app.errors import Problem, Unauthenticated
from app.models.accounts import Account, RefreshToken, Session
from app.models.columns import new_id
from app.services.clock import now
from app.services.told_once import token_digest
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
REFRESH_TOKEN = columns(RefreshToken)
SESSION = columns(Session)


@dataclass(frozen=True)
class Lasting:
    """How long a session may last in all, and without being renewed."""

    at_most: timedelta
    idle: timedelta


OWN_DEVICE = Lasting(timedelta(hours=12), timedelta(hours=2))
SHARED_WORKSTATION = Lasting(timedelta(hours=8), timedelta(minutes=30))
ALWAYS_SHARED = frozenset({"police_officer", "unit_commander"})
"""Who works on workstations that others use after them: the shorter limits, whatever the application says."""
RETRY_WINDOW = timedelta(seconds=30)
"""A spent token presented again within this time gets the same successor: its answer may have been lost."""

IN_SERVICE = (ACCOUNT.approved_at.is_not(None), ACCOUNT.suspended_at.is_(None), ACCOUNT.ended_at.is_(None))
"""What an account must be to open anything."""

BY_REFRESH_TOKEN = (
    select(
        REFRESH_TOKEN.spent_at,
        SESSION.id.label("session_id"),
        SESSION.account_id,
        SESSION.role,
        SESSION.client_id,
        SESSION.expires_at,
        SESSION.idle_until,
        SESSION.idle_seconds,
        SESSION.revoked_at,
    )
    .join(Session, SESSION.id == REFRESH_TOKEN.session_id)
    .join(Account, ACCOUNT.id == SESSION.account_id)
    .where(
        REFRESH_TOKEN.token_hash == given("token_hash", LargeBinary),
        *IN_SERVICE,
        ACCOUNT.role == SESSION.role,
    )
    .with_for_update(key_share=True, of=(REFRESH_TOKEN.token_hash, SESSION.id))
)
SUCCESSOR = select(REFRESH_TOKEN.spent_at).where(REFRESH_TOKEN.token_hash == given("token_hash", LargeBinary))
LIVE = (
    select(SESSION.id.label("session_id"), SESSION.account_id, SESSION.revoked_at)
    .where(SESSION.id == given("id", Uuid))
    .with_for_update(key_share=True)
)

END_OTHERS = (
    update(Session)
    .values(revoked_at=given("moment", DateTime(timezone=True)), revoked_because=given("because", String))
    .where(
        SESSION.account_id == given("account_id", Uuid),
        SESSION.id.is_distinct_from(given("besides", Uuid)),
        SESSION.revoked_at.is_(None),
    )
    .returning(SESSION.id)
)

TRACE = text("select access.trace_sign_in(:account, :session, :act, :outcome)").bindparams(
    given("account", Uuid), given("session", Uuid), given("act", String), given("outcome", String)
)


@dataclass(frozen=True)
class Keys:
    """What the identity process alone holds."""

    signer: Signer
    refresh_key: bytes
    identity_key: bytes

    def successor(self, token: str) -> str:
        """The token that follows; the same each time, and out of reach of whoever only has the first."""
        return hmac.new(self.refresh_key, token.encode(), hashlib.sha256).hexdigest()

    def digest(self, what: str, said: str) -> bytes:
        """A keyed digest, for looking up what must not be kept in clear (an e-mail aimed at, a source address)."""
        return hmac.new(self.identity_key, f"{what}\0{said}".encode(), hashlib.sha256).digest()


class RefreshRefused(Problem):
    """401: the refresh token is not, or no longer, good."""

    status, code = 401, "refresh_refused"


async def trace(writing: Writing, account: UUID | None, session: UUID | None, act: str, outcome: str = "done") -> None:
    """Trace a sign-in, a renewal, a revocation; an unknown account is nobody."""
    await writing.row(TRACE, account=account, session=session, act=act, outcome=outcome)


def _tokens(keys: Keys, session: Any, refresh_token: str) -> dict[str, Any]:
    access_token = keys.signer.access_token(
        account_id=session["account_id"],
        session_id=session["session_id"],
        role=session["role"],
        client_id=session["client_id"],
        jti=new_id(),
    )
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "refresh_token": refresh_token,
        "scope": " ".join(policy().scopes(session["role"])),
    }


async def open_session(
    writing: Writing,
    keys: Keys,
    *,
    account_id: UUID,
    role: str,
    client_id: str,
    method: str,
    shared_workstation: bool = False,
    authenticated_at: datetime | None = None,
) -> dict[str, Any]:
    """Open a session for an account whose identity has been proved, by ``method``, just now or at the instant said."""
    opened_at = now()
    shared = shared_workstation or role in ALWAYS_SHARED
    lasting = SHARED_WORKSTATION if shared else OWN_DEVICE
    session = Session(
        account_id=account_id,
        role=role,
        client_id=client_id,
        opened_at=opened_at,
        expires_at=opened_at + lasting.at_most,
        method=method,
        authenticated_at=authenticated_at or opened_at,
        idle_seconds=int(lasting.idle.total_seconds()),
        idle_until=opened_at + lasting.idle,
        shared_workstation=shared,
    )
    token = secrets.token_hex(32)
    await writing.add(session, RefreshToken(token_hash=token_digest(token), session_id=session.id, issued_at=opened_at))
    await trace(writing, account_id, session.id, "open")
    said = {"account_id": account_id, "session_id": session.id, "role": role, "client_id": client_id}
    return _tokens(keys, said, token)


async def renew(lane: Lane, keys: Keys, *, refresh_token: str) -> dict[str, Any]:
    """Exchange a refresh token for a fresh pair. A spent one presented late revokes the whole session."""
    async with lane.service_transaction() as writing:
        session = await writing.seek_row(BY_REFRESH_TOKEN, token_hash=token_digest(refresh_token))
        if session is None or session["revoked_at"] is not None:
            raise RefreshRefused
        if min(session["expires_at"], session["idle_until"]) <= now():
            raise RefreshRefused
        successor = keys.successor(refresh_token)
        spent_at = session["spent_at"]
        if spent_at is None:
            await writing.change(RefreshToken, {"spent_at": now()}, token_hash=token_digest(refresh_token))
            await writing.add(
                RefreshToken(token_hash=token_digest(successor), session_id=session["session_id"], issued_at=now())
            )
            idle_until = now() + timedelta(seconds=session["idle_seconds"])
            await writing.change(Session, {"idle_until": idle_until}, id=session["session_id"])
            await trace(writing, session["account_id"], session["session_id"], "renew")
            return _tokens(keys, session, successor)
        following = await writing.seek_row(SUCCESSOR, token_hash=token_digest(successor))
        if now() - spent_at <= RETRY_WINDOW and following is not None and following["spent_at"] is None:
            return _tokens(keys, session, successor)
        await _revoke(writing, session, "refresh_reuse")
    raise RefreshRefused


async def revoke_by_any_token(lane: Lane, verifier: Verifier, *, token: str) -> None:
    """End the session of a refresh token or of an access token. An unknown token is not an error (RFC 7009)."""
    async with lane.service_transaction() as writing:
        session: Any = await writing.seek_row(BY_REFRESH_TOKEN, token_hash=token_digest(token))
        if session is None:
            try:
                session = await writing.seek_row(LIVE, id=verifier.actor(token).session_id)
            except Unauthenticated:
                return
        if session is not None and session["revoked_at"] is None:
            await _revoke(writing, session, "logout")


async def end_others(writing: Writing, account_id: UUID, because: str, *, besides: UUID | None = None) -> list[UUID]:
    """End every session of an account but one: a proof has changed hands, whoever used the former is out.

    Returns those that have ended, for ``trace_ended``: the head of the traces is the last lock that anyone takes.
    """
    said = {"account_id": account_id, "because": because, "besides": besides, "moment": now()}
    return [row["id"] for row in await writing.rows(END_OTHERS, **said)]


async def trace_ended(writing: Writing, account_id: UUID, ended: list[UUID]) -> None:
    """Trace the sessions that have just ended."""
    for session_id in ended:
        await trace(writing, account_id, session_id, "revoke")


async def _revoke(writing: Writing, session: Any, because: str) -> None:
    await writing.change(Session, {"revoked_at": now(), "revoked_because": because}, id=session["session_id"])
    await trace(writing, session["account_id"], session["session_id"], "revoke")
