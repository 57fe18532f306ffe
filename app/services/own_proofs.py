"""One's own proofs, once signed in: proving oneself again, changing one's password, replacing one's second factor.

Each asks for the proof that it does not replace; none is a way round the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.access.actor import Actor
from app.database import Lane
from app.errors import Unauthenticated
from app.models.accounts import Account, Credential, Session
from app.services import fiction
from app.services.clock import now
from app.services.passwords import check_choice, digest_of, matches
from app.services.second_factors import accepts_totp, as_text, enrol, new_secret, otpauth_uri, step_of
from app.services.sessions import Keys, end_others, trace, trace_ended
from app.services.signing_in import BY_ACCOUNT, SecondFactorMissing, WrongCredentials
from app.services.throttling import Aim, refuse_while
from app.services.tickets import TicketRefused, open_ticket, seal_ticket, spend
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
SESSION = columns(Session)

REPLACEMENT = "new_second_factor"
REPLACEMENT_LASTS = timedelta(minutes=10)

LIVE = (
    select(SESSION.account_id, SESSION.expires_at, SESSION.idle_until, ACCOUNT.name)
    .join(Account, ACCOUNT.id == SESSION.account_id)
    .where(
        SESSION.id == given("session_id", Uuid),
        SESSION.account_id == given("account_id", Uuid),
        SESSION.revoked_at.is_(None),
        SESSION.role == ACCOUNT.role,
    )
)


@dataclass(frozen=True)
class Holder:
    """Whoever holds a token whose session lives: her account, her proofs, and the brake on her attempts."""

    person: Any
    name: str
    session_id: UUID
    aim: Aim

    @property
    def account_id(self) -> UUID:
        """Her account."""
        found: UUID = self.person["account_id"]
        return found

    async def has_done(self, writing: Writing, act: str, *, because: str | None = None) -> None:
        """An act of hers is done: end her other sessions if it says ``because`` of what, lift the brake, trace.

        In this order: rows, then the brake, then the traces; everyone here takes locks in the same one.
        """
        ended: list[UUID] = []
        if because:
            ended = await end_others(writing, self.account_id, because, besides=self.session_id)
        await self.aim.succeeded(writing)
        await trace_ended(writing, self.account_id, ended)
        await trace(writing, self.account_id, self.session_id, act)


async def _holder(lane: Lane, keys: Keys, source: str, actor: Actor) -> Holder:
    """Who asks; 401 once her session is over, 429 while she must wait."""
    async with lane.service_transaction() as writing:
        session = await writing.seek_row(LIVE, session_id=actor.session_id, account_id=actor.account_id)
        person = await writing.seek_row(BY_ACCOUNT, account_id=actor.account_id)
        over = session is None or person is None or min(session["expires_at"], session["idle_until"]) <= now()
        if session is None or person is None or over:
            raise Unauthenticated("session_ended", token_given=True)
        aim = Aim(keys, source, account=person["email"] or str(actor.account_id))
        wait = await aim.attempt(writing, actor.account_id)
    refuse_while(wait)
    return Holder(person, session["name"], actor.session_id, aim)


async def _refused(lane: Lane, holder: Holder, act: str) -> None:
    async with lane.service_transaction() as writing:
        await trace(writing, holder.account_id, holder.session_id, act, "refused")


async def step_up(
    lane: Lane, keys: Keys, source: str, actor: Actor, *, code: str | None, password: str | None
) -> dict[str, datetime]:
    """Prove one's identity again: by a code; by the password where it is all that an invented account has."""
    holder = await _holder(lane, keys, source, actor)
    by_password = password is not None and holder.person["factor_id"] is None
    right = await matches(password or "", holder.person["password_hash"]) if by_password else False
    alone = fiction.signs_in_by_password_alone(holder.person["comment"], holder.person["email"])
    proved_at = now()
    async with lane.service_transaction() as writing:
        proved = (right and alone) or (code is not None and await _accepts(writing, keys, holder, code))
        if proved:
            await writing.change(Session, {"authenticated_at": proved_at}, id=holder.session_id)
            await holder.has_done(writing, "step_up")
    if not proved:
        await _refused(lane, holder, "step_up")
        raise WrongCredentials
    return {"authenticated_at": proved_at}


async def change_password(
    lane: Lane, keys: Keys, source: str, actor: Actor, *, password: str, code: str, new_password: str
) -> None:
    """Change one's own password: the present one and a code; the other sessions end."""
    holder = await _holder(lane, keys, source, actor)
    if holder.person["factor_id"] is None:
        raise SecondFactorMissing
    await check_choice(new_password, about=(holder.person["email"], holder.name), pointer="/new_password")
    right = await matches(password, holder.person["password_hash"])
    digest = await digest_of(new_password)
    async with lane.service_transaction() as writing:
        proved = right and await _accepts(writing, keys, holder, code)
        if proved:
            new = {"password_hash": digest, "changed_at": now()}
            await writing.change(Credential, new, account_id=holder.account_id)
            await holder.has_done(writing, "password", because="password_changed")
    if not proved:
        await _refused(lane, holder, "password")
        raise WrongCredentials


async def announce_second_factor(lane: Lane, keys: Keys, source: str, actor: Actor, *, code: str) -> dict[str, Any]:
    """A code of the present factor against the secret of the next, which is nothing until it is confirmed."""
    holder = await _holder(lane, keys, source, actor)
    async with lane.service_transaction() as writing:
        proved = await _accepts(writing, keys, holder, code)
        if proved:
            await holder.has_done(writing, "second_factor")
    if not proved:
        await _refused(lane, holder, "second_factor")
        raise WrongCredentials
    secret = new_secret()
    said = {"session": str(holder.session_id), "replaces": str(holder.person["factor_id"]), "secret": secret.hex()}
    return {
        "ticket": seal_ticket(keys.identity_key, REPLACEMENT, lasts=REPLACEMENT_LASTS, **said),
        "expires_in": int(REPLACEMENT_LASTS.total_seconds()),
        "secret": as_text(secret),
        "otpauth_uri": otpauth_uri(secret, holder.person["email"]),
    }


async def confirm_second_factor(
    lane: Lane, keys: Keys, source: str, actor: Actor, *, ticket: str, code: str
) -> dict[str, Any]:
    """A code of the announced factor puts it in the place of the former; the other sessions end."""
    holder = await _holder(lane, keys, source, actor)
    step, secret = _announced(keys, holder, ticket, code)
    async with lane.service_transaction() as writing:
        proved = step is not None and await spend(writing, ticket, until=now() + REPLACEMENT_LASTS)
        if proved and step is not None:
            codes = await enrol(writing, keys.identity_key, account_id=holder.account_id, secret=secret, step=step)
            await holder.has_done(writing, "enrol", because="second_factor_changed")
    if not proved:
        await _refused(lane, holder, "enrol")
        raise WrongCredentials
    return {"recovery_codes": codes}


def _announced(keys: Keys, holder: Holder, ticket: str, code: str) -> tuple[int | None, bytes]:
    try:
        said = open_ticket(keys.identity_key, REPLACEMENT, ticket)
    except TicketRefused:
        return None, b""
    secret = bytes.fromhex(said["secret"])
    # Of this session, and of the factor that is still there: a ticket kept aside replaces nothing newer.
    same = said["session"] == str(holder.session_id) and said["replaces"] == str(holder.person["factor_id"])
    return (step_of(secret, code) if same else None), secret


async def _accepts(writing: Writing, keys: Keys, holder: Holder, code: str) -> bool:
    return holder.person["factor_id"] is not None and await accepts_totp(
        writing, keys.identity_key, holder.person, code
    )
