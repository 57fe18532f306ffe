"""Signing in, in two steps: the password, then the second factor. One answer for all that is wrong.

Only an invented account of the demonstration opens a session by its password alone; nobody else ever does.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, and_, select

from app.database import Lane
from app.errors import NotFound, Problem
from app.models.accounts import Account, Credential, SecondFactor
from app.services import fiction
from app.services.clock import now
from app.services.passwords import matches, renewed_digest
from app.services.second_factors import TOTP, accepts_recovery_code, accepts_totp
from app.services.sessions import IN_SERVICE, Keys, open_session, trace
from app.services.throttling import Aim, refuse_while
from app.services.tickets import TicketRefused, open_ticket, seal_ticket, spend
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
CREDENTIAL = columns(Credential)
FACTOR = columns(SecondFactor)

CHALLENGE = "second_factor"
CHALLENGE_LASTS = timedelta(minutes=5)
FACTOR_ACTS = {"password_totp": "second_factor", "password_recovery_code": "recovery_code"}

WHO = select(
    ACCOUNT.id.label("account_id"),
    ACCOUNT.email,
    ACCOUNT.role,
    CREDENTIAL.password_hash,
    FACTOR.id.label("factor_id"),
    FACTOR.sealed,
    fiction.COMMENT.scalar_subquery().label("comment"),
).select_from(
    Account.__table__.outerjoin(Credential.__table__, CREDENTIAL.account_id == ACCOUNT.id).outerjoin(  # type: ignore[attr-defined]
        SecondFactor.__table__,  # type: ignore[attr-defined]
        and_(FACTOR.account_id == ACCOUNT.id, FACTOR.ended_at.is_(None)),
    )
)
"""A person and her proofs, in one row."""
BY_EMAIL = WHO.where(ACCOUNT.email == given("email", String), *IN_SERVICE)
BY_ACCOUNT = WHO.where(ACCOUNT.id == given("account_id", Uuid), *IN_SERVICE)


class WrongCredentials(Problem):
    """401: something of what was said is not right; what is not said."""

    status, code = 401, "wrong_credentials"


class SecondFactorMissing(Problem):
    """403: the password is right, and nothing opens without a second factor; told to nobody else."""

    status, code = 403, "second_factor_missing"


@dataclass(frozen=True)
class Seat:
    """From which application, and on what kind of workstation, a session is opened."""

    client_id: str
    shared_workstation: bool


async def sign_in(
    lane: Lane, keys: Keys, source: str, *, email: str, password: str, client_id: str, shared_workstation: bool
) -> dict[str, Any]:
    """E-mail and password against a challenge for the second factor; in the demonstration, against a session."""
    aim, seat = Aim(keys, source, account=email), Seat(client_id, shared_workstation)
    # Known or not, an account costs the same: one transaction, one argon2id, one transaction.
    async with lane.service_transaction() as writing:
        person = await writing.seek_row(BY_EMAIL, email=email)
        wait = await aim.attempt(writing, person["account_id"] if person else None)
    refuse_while(wait)
    digest = person["password_hash"] if person else None
    right = await matches(password, digest)
    if not right or person is None:
        await _refused(lane, person["account_id"] if person else None, "open")
        raise WrongCredentials
    renewed = await renewed_digest(password, person["password_hash"])
    async with lane.service_transaction() as writing:
        if renewed:
            await _keep_digest(writing, person, renewed)
        opened = await _after_the_password(writing, keys, aim, person, seat)
    if opened is None:
        raise SecondFactorMissing
    return opened


async def _after_the_password(writing: Writing, keys: Keys, aim: Aim, person: Any, seat: Seat) -> dict[str, Any] | None:
    account_id = person["account_id"]
    if person["factor_id"] is not None:
        await trace(writing, account_id, None, "password")
        said = {"account": str(account_id), "client_id": seat.client_id, "shared": seat.shared_workstation}
        challenge = seal_ticket(keys.identity_key, CHALLENGE, lasts=CHALLENGE_LASTS, **said)
        return {"challenge": challenge, "expires_in": int(CHALLENGE_LASTS.total_seconds()), "next": CHALLENGE}
    if not fiction.signs_in_by_password_alone(person["comment"], person["email"]):
        await trace(writing, account_id, None, "second_factor", "refused")
        return None
    await aim.succeeded(writing)
    return await _opened(writing, keys, person, seat, "password")


async def prove_second_factor(lane: Lane, keys: Keys, source: str, *, challenge: str, code: str) -> dict[str, Any]:
    """A challenge and a code, or a recovery code, against a session. A challenge opens one session, a code too."""
    try:
        said = open_ticket(keys.identity_key, CHALLENGE, challenge)
    except TicketRefused:
        said = {"account": str(UUID(int=0)), "client_id": "", "shared": False}
    seat = Seat(said["client_id"], said["shared"])
    async with lane.service_transaction() as writing:
        person = await writing.seek_row(BY_ACCOUNT, account_id=UUID(said["account"]))
        aim = Aim(keys, source, account=person["email"] if person else challenge)
        wait = await aim.attempt(writing, person["account_id"] if person else None)
    refuse_while(wait)
    async with lane.service_transaction() as writing:
        method = await _proved(writing, keys, person, challenge, code)
        if method is None or person is None:
            await trace(writing, person["account_id"] if person else None, None, "second_factor", "refused")
        else:
            await aim.succeeded(writing, attempts=2)  # the password's, and this one
            await trace(writing, person["account_id"], None, FACTOR_ACTS[method])
            opened = await _opened(writing, keys, person, seat, method)
    if method is None:
        raise WrongCredentials
    return opened


async def _proved(writing: Writing, keys: Keys, person: Any, challenge: str, code: str) -> str | None:
    if person is None or person["factor_id"] is None:
        return None
    if TOTP.fullmatch(code):
        right, method = await accepts_totp(writing, keys.identity_key, person, code), "password_totp"
    else:
        right, method = await accepts_recovery_code(writing, person, code), "password_recovery_code"
    if not right or not await spend(writing, challenge, until=now() + CHALLENGE_LASTS):
        return None
    return method


async def _opened(writing: Writing, keys: Keys, person: Any, seat: Seat, method: str) -> dict[str, Any]:
    return await open_session(
        writing,
        keys,
        account_id=person["account_id"],
        role=person["role"],
        client_id=seat.client_id,
        method=method,
        shared_workstation=seat.shared_workstation,
    )


async def _keep_digest(writing: Writing, person: Any, digest: str) -> None:
    # Unless the password has changed meanwhile: the new one stays.
    kept = {"account_id": person["account_id"], "password_hash": person["password_hash"]}
    with contextlib.suppress(NotFound):
        await writing.change(Credential, {"password_hash": digest}, **kept)


async def _refused(lane: Lane, account: UUID | None, act: str) -> None:
    async with lane.service_transaction() as writing:
        await trace(writing, account, None, act, "refused")
