"""Invitations, on the guest's side: opened, then accepted, once. No way in goes round a proof that was not lost.

Entering, or renewing both proofs, takes the code that another person holds; a lost password takes the second factor
that remains, a lost second factor the password that remains. What is wrong with a link is never said.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import DateTime, LargeBinary, Uuid, func, select, update

from app.database import Lane
from app.errors import Invalid, NotFound, Problem
from app.models.accounts import Account, Credential, Invitation
from app.services.client_activation import Activation, activate_client, prepare_activation
from app.services.clock import now
from app.services.passwords import check_choice, digest_of, matches
from app.services.second_factors import (
    accepts_totp,
    as_text,
    enrol,
    new_secret,
    open_secret,
    otpauth_uri,
    seal_secret,
    step_of,
)
from app.services.sessions import IN_SERVICE, Keys, end_others, open_session, trace, trace_ended
from app.services.signing_in import BY_ACCOUNT
from app.services.throttling import Aim, refuse_while
from app.services.told_once import code_digest, token_digest
from app.statements import columns, given
from app.transactions import Writing

ACCOUNT = columns(Account)
INVITATION = columns(Invitation)

SETS_PASSWORD = frozenset({"welcome", "renewal", "password"})
ENROLS = frozenset({"welcome", "renewal", "second_factor"})
TAKES_A_CODE = frozenset({"welcome", "renewal"})

STANDING = (INVITATION.used_at.is_(None), INVITATION.revoked_at.is_(None), INVITATION.expires_at > func.now())
BY_LINK = (
    select(
        INVITATION.id,
        INVITATION.account_id,
        INVITATION.purpose,
        INVITATION.sealed,
        INVITATION.code_hash,
        ACCOUNT.email,
        ACCOUNT.name,
        ACCOUNT.role,
        ACCOUNT.client_id,
    )
    .join(Account, ACCOUNT.id == INVITATION.account_id)
    .where(INVITATION.token_hash == given("token_hash", LargeBinary), *STANDING, *IN_SERVICE)
)
ANNOUNCE = (
    update(Invitation)
    .values(sealed=func.coalesce(INVITATION.sealed, given("sealed", LargeBinary)))
    .where(INVITATION.id == given("id", Uuid), *STANDING)
    .returning(INVITATION.sealed)
)
USE = (
    update(Invitation)
    .values(used_at=given("moment", DateTime(timezone=True)))
    .where(INVITATION.id == given("id", Uuid), *STANDING)
    .returning(INVITATION.id)
)
WITHDRAW_OTHERS = (
    update(Invitation)
    .values(revoked_at=given("moment", DateTime(timezone=True)))
    .where(INVITATION.account_id == given("account_id", Uuid), INVITATION.id != given("id", Uuid), *STANDING)
    .returning(INVITATION.id)
)


class InvitationOver(NotFound):
    """404: never made, used, withdrawn, out of date, or of an account that is not in service: one answer for all."""

    code = "invitation_link_over"


class ProofRefused(Problem):
    """401: the link is good; a code or a password that goes with it is not. Which one is not said."""

    status, code = 401, "proof_refused"


@dataclass(frozen=True)
class Said:
    """What a guest says when accepting; what her invitation does not need is not looked at."""

    token: str = field(repr=False)
    approval_code: str | None = field(repr=False)
    password: str | None = field(repr=False)
    totp_code: str | None = field(repr=False)
    client_keys: dict[str, Any] | None
    client_id: str
    shared_workstation: bool


async def open_invitation(lane: Lane, keys: Keys, source: str, *, token: str) -> dict[str, Any]:
    """What a link is for, and the secret of the factor that it announces: the same each time it is opened."""
    # Aimed at the link, not at the account: whoever has a link must not weigh upon its owner's sign-ins.
    aim, shown = Aim(keys, source, account=f"link {token}"), None
    async with lane.service_transaction() as writing:
        invitation = await writing.seek_row(BY_LINK, token_hash=token_digest(token))
        account_id = invitation["account_id"] if invitation else None
        wait = await aim.attempt(writing, account_id)
    refuse_while(wait)
    async with lane.service_transaction() as writing:
        if invitation is not None:
            shown = await _opened(writing, keys, invitation)
        await trace(writing, account_id, None, "invitation", "done" if shown else "not_found")
    if shown is None:
        raise InvitationOver
    return shown


async def _opened(writing: Writing, keys: Keys, invitation: Any) -> dict[str, Any] | None:
    shown = {"purpose": invitation["purpose"], "email": invitation["email"], "secret": None, "otpauth_uri": None}
    if invitation["purpose"] not in ENROLS or invitation["client_id"] is not None:
        return shown
    place: Any = {"account_id": invitation["account_id"], "place_id": invitation["id"]}
    drawn = seal_secret(keys.identity_key, new_secret(), **place)
    announced = await writing.seek_row(ANNOUNCE, id=invitation["id"], sealed=drawn)
    if announced is None:
        return None
    secret = open_secret(keys.identity_key, announced["sealed"], **place)
    return shown | {"secret": as_text(secret), "otpauth_uri": otpauth_uri(secret, invitation["email"])}


async def accept_invitation(lane: Lane, keys: Keys, source: str, **words: Any) -> dict[str, Any]:
    """Accept an invitation, once: a person enters and gets her recovery codes; software gets its secret."""
    said = Said(**words)
    async with lane.service_transaction() as writing:
        invitation = await writing.seek_row(BY_LINK, token_hash=token_digest(said.token))
        account_id = invitation["account_id"] if invitation else None
        person = await writing.seek_row(BY_ACCOUNT, account_id=account_id)
        # Aimed at the account: what remains of its proofs must not be guessed by way of a link.
        known_as = (invitation["email"] or str(account_id)) if invitation else f"link {said.token}"
        aim = Aim(keys, source, account=known_as)
        wait = await aim.attempt(writing, account_id)
        if invitation is None and not wait:
            await trace(writing, None, None, "accept", "not_found")
    refuse_while(wait)
    if invitation is None or person is None:
        raise InvitationOver
    try:
        _check_approval(invitation, said)
        accept = _accepted_by_software if invitation["client_id"] is not None else _accepted_by_a_person
        return await accept(lane, keys, aim, invitation, person, said)
    except ProofRefused:
        async with lane.service_transaction() as writing:
            await trace(writing, account_id, None, "accept", "refused")
        raise


def _check_approval(invitation: Any, said: Said) -> None:
    expected = invitation["code_hash"]
    if expected is None:
        if invitation["purpose"] in TAKES_A_CODE:  # nobody has approved it yet
            raise ProofRefused
        return
    if not hmac.compare_digest(expected, code_digest(said.approval_code or "")):
        raise ProofRefused


async def _accepted_by_software(
    lane: Lane,
    keys: Keys,  # noqa: ARG001 — as for a person
    aim: Aim,
    invitation: Any,
    person: Any,  # noqa: ARG001
    said: Said,
) -> dict[str, Any]:
    if invitation["purpose"] not in TAKES_A_CODE:
        raise ProofRefused
    activation: Activation = await prepare_activation(said.client_keys["keys"] if said.client_keys else None)
    async with lane.service_transaction() as writing:
        await _use(writing, invitation)
        await activate_client(writing, invitation["account_id"], activation)
        ended = await end_others(writing, invitation["account_id"], "password_changed")
        await aim.succeeded(writing)
        await trace_ended(writing, invitation["account_id"], ended)
        await trace(writing, invitation["account_id"], None, "accept")
    software = {"client_id": invitation["client_id"], "client_secret": activation.secret}
    return {"recovery_codes": None, "tokens": None, "software": software}


async def _accepted_by_a_person(
    lane: Lane, keys: Keys, aim: Aim, invitation: Any, person: Any, said: Said
) -> dict[str, Any]:
    purpose, digest = invitation["purpose"], None
    if said.password is None:
        raise Invalid("missing", "/password")
    if said.totp_code is None:
        raise Invalid("missing", "/totp_code")
    if purpose in SETS_PASSWORD:
        await check_choice(said.password, about=(invitation["email"], invitation["name"]))
        digest = await digest_of(said.password)
    elif not await matches(said.password, person["password_hash"]):
        raise ProofRefused
    async with lane.service_transaction() as writing:
        await _use(writing, invitation)
        if digest is not None:
            new = Credential(account_id=invitation["account_id"], password_hash=digest, changed_at=now())
            await writing.add_or_replace([new], replaced=("password_hash", "changed_at"))
        codes = await _proved(writing, keys, invitation, person, said.totp_code)
        because = "second_factor_changed" if purpose in ENROLS else "password_changed"
        ended = await end_others(writing, invitation["account_id"], because)
        await aim.succeeded(writing)
        # Rows, then the brake, then the traces: everyone here takes locks in the same order.
        await trace_ended(writing, invitation["account_id"], ended)
        if codes is not None:
            await trace(writing, invitation["account_id"], None, "enrol")
        await trace(writing, invitation["account_id"], None, "accept")
        tokens = await open_session(
            writing,
            keys,
            account_id=invitation["account_id"],
            role=invitation["role"],
            client_id=said.client_id,
            method="password_totp",
            shared_workstation=said.shared_workstation,
        )
    return {"recovery_codes": codes, "tokens": tokens, "software": None}


async def _proved(writing: Writing, keys: Keys, invitation: Any, person: Any, code: str) -> list[str] | None:
    """The announced factor, confirmed by its first code; or the factor that remains. ``ProofRefused`` undoes all."""
    if invitation["purpose"] not in ENROLS:
        if person["factor_id"] is None or not await accepts_totp(writing, keys.identity_key, person, code):
            raise ProofRefused
        return None
    account_id, sealed = invitation["account_id"], invitation["sealed"]
    if sealed is None:  # never opened: nobody has its secret
        raise ProofRefused
    secret = open_secret(keys.identity_key, sealed, account_id=account_id, place_id=invitation["id"])
    step = step_of(secret, code)
    if step is None:
        raise ProofRefused
    return await enrol(writing, keys.identity_key, account_id=account_id, secret=secret, step=step)


async def _use(writing: Writing, invitation: Any) -> None:
    """Spend it: of several simultaneous acceptances, one passes. The other links of the account fall with it."""
    if await writing.seek_row(USE, id=invitation["id"], moment=now()) is None:
        raise InvitationOver
    await writing.rows(WITHDRAW_OTHERS, id=invitation["id"], account_id=invitation["account_id"], moment=now())
