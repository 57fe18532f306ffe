"""People with a password and a second factor, and what their telephone shows."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from subprocess import CompletedProcess
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pyotp

from app.models.columns import new_id
from app.services import passwords
from app.services.second_factors import as_text, new_secret, seal_secret
from app.services.told_once import code_digest, new_code, new_link, token_digest
from tests.house_for_tests import House

PASSWORD = "girafe ombrelle tournevis chocolat"
NEW_PASSWORD = "parapluie lanterne artichaut violon"


@cache
def digest(password: str = PASSWORD) -> str:
    """The digest of a password, computed once for all tests."""
    return passwords.hashed(password)


@dataclass
class Telephone:
    """An authenticator application."""

    secret: str

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps later."""
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * steps)


async def give_password(superuser: asyncpg.Connection, account_id: UUID, password: str = PASSWORD) -> str:
    """The account has a password."""
    await superuser.execute(
        "insert into accounts.credential values ($1, $2, now())"
        " on conflict (account_id) do update set password_hash = excluded.password_hash",
        account_id,
        digest(password),
    )
    return password


async def give_factor(superuser: asyncpg.Connection, account_id: UUID, identity_key: str) -> Telephone:
    """The account has a second factor."""
    secret, factor_id = new_secret(), new_id()
    sealed = seal_secret(base64.b64decode(identity_key), secret, account_id=account_id, place_id=factor_id)
    await superuser.execute(
        "insert into accounts.second_factor values ($1, $2, $3, 0, now(), null)", factor_id, account_id, sealed
    )
    return Telephone(as_text(secret))


async def give_recovery_code(superuser: asyncpg.Connection, account_id: UUID) -> str:
    """The account has one more recovery code."""
    code = new_code()
    await superuser.execute(
        "insert into accounts.recovery_code select $1, id from accounts.second_factor"
        " where account_id = $2 and ended_at is null",
        code_digest(code),
        account_id,
    )
    return code


async def enrolled(house: House, superuser: asyncpg.Connection, name: str = "worker") -> Telephone:
    """A person of the town with both proofs."""
    await give_password(superuser, house.ids[name])
    return await give_factor(superuser, house.ids[name], key_of(house))


def key_of(house: House) -> str:
    """The identity key of the house."""
    assert house.settings.identity_key is not None
    return house.settings.identity_key.get_secret_value()


async def invited(
    superuser: asyncpg.Connection, account_id: UUID, purpose: str, *, approved: bool = True, **said: Any
) -> tuple[str, str]:
    """An invitation as two people make it: the link to one, the code to the other."""
    link, code = new_link(), new_code()
    row = {
        "id": new_id(), "account_id": account_id, "purpose": purpose, "token_hash": token_digest(link),
        "proposed_at": datetime.now(UTC) - timedelta(minutes=1), "expires_at": datetime.now(UTC) + timedelta(days=3),
        "approved_at": datetime.now(UTC) if approved else None, "code_hash": code_digest(code) if approved else None,
        **said,
    }  # fmt: skip
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await superuser.execute(f"insert into accounts.invitation ({', '.join(row)}) values ({places})", *row.values())
    return link, code


async def sign_in(
    caller: httpx.AsyncClient, password: str = PASSWORD, email: str = "worker@exemple.test", **said: Any
) -> httpx.Response:
    """The first step."""
    return await caller.post("/v1/auth/login", json={"email": email, "password": password, **said})


async def prove(caller: httpx.AsyncClient, challenge: str, code: str) -> httpx.Response:
    """The second step."""
    return await caller.post("/v1/auth/mfa", json={"challenge": challenge, "code": code})


async def signed_in(caller: httpx.AsyncClient, telephone: Telephone, steps: int = 0, **said: Any) -> dict[str, Any]:
    """Both steps."""
    first = await sign_in(caller, **said)
    assert first.status_code == 200, first.text
    second = await prove(caller, first.json()["challenge"], telephone.code(steps))
    assert second.status_code == 200, second.text
    return second.json()


async def forget_attempts(superuser: asyncpg.Connection) -> None:
    """Time passes: the brake is forgotten."""
    await superuser.execute("delete from accounts.attempt")


async def forget_steps(superuser: asyncpg.Connection) -> None:
    """Time passes: no code of now has served yet."""
    await superuser.execute("update accounts.second_factor set last_step = 0")


async def traces(superuser: asyncpg.Connection) -> list[tuple[str, str]]:
    """What the sign-in desk has traced, in order."""
    rows = await superuser.fetch("select act, outcome from audit.trace where act like 'session:%' order by at, seq")
    return [(row["act"].removeprefix("session:"), row["outcome"]) for row in rows]


def told(done: CompletedProcess[str]) -> tuple[str, str]:
    """The link and the code that ``relais accounts`` has told, once."""
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(r"Invitation : (\S{43})\nCode : (\S{34})\n", done.stdout)
    assert found is not None, done.stdout
    assert "séparément" in done.stderr
    return found[1], found[2]


async def entered(caller: httpx.AsyncClient, done: CompletedProcess[str], password: str = PASSWORD) -> dict[str, Any]:
    """Whoever an operator has just invited, come in: what accepting has answered."""
    link, code = told(done)
    opened = await caller.post("/v1/auth/invitations/open", json={"token": link})
    assert opened.status_code == 200, opened.text
    totp_code = Telephone(opened.json()["secret"]).code()
    said = {"token": link, "approval_code": code, "password": password, "totp_code": totp_code}
    accepted = await caller.post("/v1/auth/invitations/accept", json=said)
    assert accepted.status_code == 200, accepted.text
    return accepted.json()
