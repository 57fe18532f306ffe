"""Second factors: a TOTP secret (RFC 6238) sealed by the identity key, each step accepted once; ten recovery codes.

Nothing here opens a session: these are the proofs that sign-in, step-up and replacement are made of.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import time
from typing import Any
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, DateTime, LargeBinary, Uuid, update

from app.errors import Problem
from app.models.accounts import RecoveryCode, SecondFactor
from app.models.columns import new_id
from app.services.clock import now
from app.services.told_once import code_digest, new_code
from app.statements import columns, given
from app.transactions import Writing

FACTOR = columns(SecondFactor)
RECOVERY = columns(RecoveryCode)

ISSUER = "Relais"
STEP = 30
SECRET_BYTES = 20
NONCE = 12
RECOVERY_CODES = 10
TOTP = re.compile(r"[0-9]{6}")

# The step is compared and remembered by one statement: of eight simultaneous uses of a code, one passes.
ACCEPT_STEP = (
    update(SecondFactor)
    .values(last_step=given("step", BigInteger))
    .where(FACTOR.id == given("id", Uuid), FACTOR.ended_at.is_(None), FACTOR.last_step < given("step", BigInteger))
    .returning(FACTOR.id)
)
USE_RECOVERY_CODE = (
    update(RecoveryCode)
    .values(used_at=given("moment", DateTime(timezone=True)))
    .where(
        RECOVERY.code_hash == given("code_hash", LargeBinary),
        RECOVERY.second_factor_id == given("second_factor_id", Uuid),
        RECOVERY.used_at.is_(None),
    )
    .returning(RECOVERY.second_factor_id)
)
END_FACTOR = (
    update(SecondFactor)
    .values(ended_at=given("moment", DateTime(timezone=True)))
    .where(FACTOR.account_id == given("account_id", Uuid), FACTOR.ended_at.is_(None))
    .returning(FACTOR.id)
)


class BrokenFactor(Problem):
    """500: a sealed second factor does not open. Someone moved or changed it, or the key is not the right one."""

    status, code, alarm = 500, "second_factor_cannot_be_read", True


def new_secret() -> bytes:
    """160 random bits, as RFC 4226 asks."""
    return os.urandom(SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """The secret as authenticator applications take it: base32."""
    return base64.b32encode(secret).decode()


def otpauth_uri(secret: bytes, email: str) -> str:
    """What a QR code holds."""
    return pyotp.TOTP(as_text(secret)).provisioning_uri(name=email, issuer_name=ISSUER)


def seal_secret(key: bytes, secret: bytes, *, account_id: UUID, place_id: UUID) -> bytes:
    """Sealed for this account and this place: the row of the factor, or of the invitation that announces it."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, _bound_to(account_id, place_id))


def open_secret(key: bytes, sealed: bytes, *, account_id: UUID, place_id: UUID) -> bytes:
    """The secret; ``BrokenFactor`` when it is not of this account and this place."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(account_id, place_id))
    except (InvalidTag, ValueError):
        raise BrokenFactor from None


def step_of(secret: bytes, code: str) -> int | None:
    """The time step whose code this is, one early or late at most; ``None`` for any other text."""
    if not TOTP.fullmatch(code):
        return None
    totp, present = pyotp.TOTP(as_text(secret), interval=STEP), int(time.time()) // STEP
    found = None
    for step in (present - 1, present, present + 1):  # all three, whichever is the right one
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


async def accepts_totp(writing: Writing, key: bytes, factor: Any, code: str) -> bool:
    """Is it a code of this factor, that has never served? It will not serve again."""
    secret = open_secret(key, factor["sealed"], account_id=factor["account_id"], place_id=factor["factor_id"])
    step = step_of(secret, code)
    return step is not None and await writing.seek_row(ACCEPT_STEP, id=factor["factor_id"], step=step) is not None


async def accepts_recovery_code(writing: Writing, factor: Any, code: str) -> bool:
    """Is it a recovery code of this factor, that has never served? It will not serve again."""
    said = {"code_hash": code_digest(code), "second_factor_id": factor["factor_id"], "moment": now()}
    return await writing.seek_row(USE_RECOVERY_CODE, **said) is not None


async def enrol(writing: Writing, key: bytes, *, account_id: UUID, secret: bytes, step: int) -> list[str]:
    """Give the account this factor instead of the one it had. Returns its recovery codes, told once."""
    await writing.rows(END_FACTOR, account_id=account_id, moment=now())
    factor_id = new_id()
    sealed = seal_secret(key, secret, account_id=account_id, place_id=factor_id)
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    await writing.add(
        SecondFactor(id=factor_id, account_id=account_id, sealed=sealed, last_step=step, confirmed_at=now()),
        *(RecoveryCode(code_hash=code_digest(code), second_factor_id=factor_id) for code in codes),
    )
    return codes


def _bound_to(account_id: UUID, place_id: UUID) -> bytes:
    return b"relais/second-factor/" + account_id.bytes + place_id.bytes
