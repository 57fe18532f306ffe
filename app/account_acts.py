"""The operator's acts on accounts (``relais accounts``): proposed and approved at the console, and traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import DateTime, String, Uuid, func, select, update
from sqlmodel import SQLModel

from app.access.policy import policy
from app.messages import field_sentence
from app.models.accounts import Account, Invitation, Posting, SecondFactor
from app.models.accounts import Session as OpenSession
from app.models.columns import new_id
from app.nomenclature.terms import LISTS
from app.operating import (
    EMPLOYER_NAMES,
    POST_NAMES,
    UNIT_NAMES,
    add_rows,
    check_places,
    in_french,
    superuser,
    trace_command,
)
from app.refusal import CannotRun
from app.schemas.texts import Email
from app.services.affiliations import PROFESSIONAL, RECEIVING_PARTNER, check_employer, check_kind_of_place
from app.services.clock import PARIS, now, today
from app.services.fiction import COMMENT, fault_of_address
from app.services.told_once import code_digest, new_code, new_link, token_digest
from app.statements import columns, compiled, given

ACCOUNT = columns(Account)
FACTOR = columns(SecondFactor)
INVITATION = columns(Invitation)
SESSION = columns(OpenSession)

NOBODY = UUID(int=0)
INVITATION_LASTS = timedelta(days=7)
PURPOSES = ("welcome", "password", "second_factor", "renewal")
NEEDS_A_CODE = frozenset({"welcome", "renewal"})

# One address may have served an account that has ended, then another: the one in service is meant.
BY_EMAIL = (
    select(ACCOUNT.id, ACCOUNT.ended_at, ACCOUNT.approved_at)
    .where(ACCOUNT.email == given("email", String))
    .order_by(ACCOUNT.ended_at.desc().nulls_first())
    .limit(1)
)
PEOPLE = (
    select(
        ACCOUNT.email,
        ACCOUNT.name,
        ACCOUNT.role,
        ACCOUNT.approved_at,
        ACCOUNT.suspended_at,
        ACCOUNT.ended_at,
        select(func.count())
        .where(FACTOR.account_id == ACCOUNT.id, FACTOR.ended_at.is_(None))
        .scalar_subquery()
        .label("factors"),
    )
    .where(ACCOUNT.email.is_not(None))
    .order_by(ACCOUNT.email)
)
SUSPEND = update(Account).values(suspended_at=given("moment", DateTime(timezone=True)))
SUSPEND = SUSPEND.where(ACCOUNT.id == given("id", Uuid), ACCOUNT.suspended_at.is_(None)).returning(ACCOUNT.id)
RESUME = update(Account).values(suspended_at=None)
RESUME = RESUME.where(ACCOUNT.id == given("id", Uuid), ACCOUNT.suspended_at.is_not(None)).returning(ACCOUNT.id)
END = update(Account).values(ended_at=given("moment", DateTime(timezone=True)))
END = END.where(ACCOUNT.id == given("id", Uuid), ACCOUNT.ended_at.is_(None)).returning(ACCOUNT.id)
END_SESSIONS = (
    update(OpenSession)
    .values(revoked_at=given("moment", DateTime(timezone=True)), revoked_because="administrator")
    .where(SESSION.account_id == given("id", Uuid), SESSION.revoked_at.is_(None))
)
WITHDRAW = (
    update(Invitation)
    .values(revoked_at=given("moment", DateTime(timezone=True)))
    .where(INVITATION.account_id == given("id", Uuid), INVITATION.used_at.is_(None), INVITATION.revoked_at.is_(None))
)
ACTS = {"suspend": SUSPEND, "resume": RESUME, "end": END}
NOTHING_TO_DO = {
    "suspend": "Ce compte est déjà suspendu.",
    "resume": "Ce compte n'est pas suspendu.",
    "end": "Ce compte a déjà pris fin.",
}


@dataclass(frozen=True)
class Told:
    """What is told once: the link to one, the code, when there is one, to be given apart."""

    link: str
    code: str | None

    def lines(self) -> list[str]:
        """One a line."""
        return [f"Invitation : {self.link}", *([f"Code : {self.code}"] if self.code else [])]


async def add_account(
    url: str,
    *,
    database: str,
    role: str,
    email: str,
    name: str,
    unit_ids: Sequence[UUID] = (),
    post_ids: Sequence[UUID] = (),
    partner_ids: Sequence[UUID] = (),
    employer_id: UUID | None = None,
    diploma: str | None = None,
    secrecy_basis: str | None = None,
) -> Told:
    """Create an account, its postings from today, and the invitation by which its holder will enter."""
    places: list[dict[str, Any]] = [
        *({"unit_id": each} for each in unit_ids),
        *({"post_id": each} for each in post_ids),
        *({"partner_id": each} for each in partner_ids),
    ]
    _check_role(role, places, employer_id, diploma=diploma, secrecy_basis=secrecy_basis)
    account = Account(
        id=new_id(),
        email=_checked_email(email),
        name=name.strip(),
        role=role,
        employer_id=employer_id,
        diploma=diploma,
        secrecy_basis=secrecy_basis,
        created_at=now(),
        approved_at=now(),
    )
    if not account.name:
        raise CannotRun("Il faut un nom.")
    invitation, told = _invitation(account.id, "welcome")
    rows: list[SQLModel] = [
        account,
        *(Posting(account_id=account.id, starts_on=today(), approved_at=now(), **place) for place in places),
        invitation,
    ]
    async with superuser(url, database=database) as connection:
        if fault := fault_of_address(await connection.fetchval(*_said(COMMENT)), str(account.email)):
            raise CannotRun(field_sentence(fault, "fr", {}))
        await check_places(connection, [employer_id] if employer_id else [], EMPLOYER_NAMES, "Employeur")
        await check_places(connection, unit_ids, UNIT_NAMES, "Unité")
        await check_places(connection, post_ids, POST_NAMES, "Poste")
        await check_places(connection, partner_ids, RECEIVING_PARTNER, "Organisme à qui l'on transmet")
        try:
            async with connection.transaction():
                await add_rows(connection, rows)
                await trace_command(connection, "account:add", subject=account.id)
                await trace_command(connection, "invitation:add", subject=invitation.id)
        except asyncpg.UniqueViolationError:
            raise CannotRun(f"Un compte porte déjà l'adresse {account.email}.") from None
    return told


async def invite(url: str, *, database: str, email: str, purpose: str) -> Told:
    """Invite the holder of an account; whatever invitation was standing is withdrawn."""
    if purpose not in PURPOSES:
        raise CannotRun(f"Motif inconnu : {purpose}. Motifs : {', '.join(PURPOSES)}.")
    async with superuser(url, database=database) as connection, connection.transaction():
        account = await _found(connection, email)
        if account["ended_at"] is not None or account["approved_at"] is None:
            raise CannotRun("Ce compte n'est pas en service : il ne s'invite pas.")
        invitation, told = _invitation(account["id"], purpose)
        await _run(connection, WITHDRAW, id=account["id"], moment=now())
        await add_rows(connection, [invitation])
        await trace_command(connection, "invitation:add", subject=invitation.id)
    return told


async def change_standing(url: str, *, database: str, email: str, act: str) -> None:
    """Suspend, resume or end an account: effective at its next request; its sessions and invitations fall with it."""
    async with superuser(url, database=database) as connection, connection.transaction():
        account_id = (await _found(connection, email))["id"]
        said = compiled(ACTS[act])
        if await connection.fetchval(said.sql, *said.values({"id": account_id, "moment": now()})) is None:
            raise CannotRun(NOTHING_TO_DO[act])
        if act != "resume":
            await _run(connection, END_SESSIONS, id=account_id, moment=now())
            await _run(connection, WITHDRAW, id=account_id, moment=now())
        await trace_command(connection, f"account:{act}", subject=account_id)


async def list_accounts(url: str, *, database: str) -> list[str]:
    """One line an account, in French."""
    said = compiled(PEOPLE)
    async with superuser(url, database=database) as connection:
        rows = await connection.fetch(said.sql, *said.values({}))
    return [f"{row['email']}  {row['name']} ({row['role']}) : {_standing(row)}" for row in rows]


def _standing(row: Any) -> str:
    if row["ended_at"]:
        return f"fini le {row['ended_at'].astimezone(PARIS):%d/%m/%Y}"
    if row["suspended_at"]:
        return f"suspendu depuis le {row['suspended_at'].astimezone(PARIS):%d/%m/%Y}"
    if not row["approved_at"]:
        return "en attente d'approbation"
    return "en service" if row["factors"] else "en service, sans second facteur"


def _check_role(role: str, places: Sequence[Mapping[str, Any]], employer_id: UUID | None, **terms: str | None) -> None:
    if role not in {each.name for each in policy().people}:
        raise CannotRun(f"Rôle inconnu : {role}. Rôles : {', '.join(each.name for each in policy().people)}.")
    with in_french():
        check_employer(role, employer_id)
        for kind in {name for place in places for name in place}:
            check_kind_of_place(role, kind)
    for name, code in terms.items():
        known = [each.code for each in LISTS[name].terms]
        if code is not None and (role not in PROFESSIONAL or code not in known):
            option = f"--{name.replace('_', '-')}"
            raise CannotRun(f"{option} est pour un intervenant social, parmi : {', '.join(known)}.")


def _said(statement: Any) -> tuple[Any, ...]:
    said = compiled(statement)
    return said.sql, *said.values({})


def _checked_email(email: str) -> str:
    try:
        found: str = TypeAdapter(Email).validate_python(email)
    except ValidationError:
        raise CannotRun(f"Adresse non valable : {email}") from None
    return found


def _invitation(account_id: UUID, purpose: str) -> tuple[Invitation, Told]:
    link, code = new_link(), new_code() if purpose in NEEDS_A_CODE else None
    made = Invitation(
        account_id=account_id,
        purpose=purpose,
        token_hash=token_digest(link),
        proposed_at=now(),
        expires_at=now() + INVITATION_LASTS,
        approved_at=now() if code else None,
        code_hash=code_digest(code) if code else None,
    )
    return made, Told(link, code)


async def _found(connection: asyncpg.Connection, email: str) -> Any:
    said = compiled(BY_EMAIL)
    row = await connection.fetchrow(said.sql, *said.values({"email": _checked_email(email)}))
    if row is None:
        raise CannotRun("Aucun compte ne porte cette adresse : voyez « relais accounts list ».")
    return row


async def _run(connection: asyncpg.Connection, statement: Any, **values: Any) -> None:
    said = compiled(statement)
    await connection.execute(said.sql, *said.values(values))
