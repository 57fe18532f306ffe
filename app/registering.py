"""The software of partners: registered, ended, listed by the operator (``relais clients``). Never by a request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Date, DateTime, String, Uuid, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from app.access.policy import CLIENT_ROLE, policy
from app.access.signatures import Refused, key_set, read_object
from app.models.accounts import Account, Credential, Posting
from app.models.columns import new_id
from app.models.directory import Partner
from app.operating import add_rows, check_places, superuser, trace_command
from app.refusal import CannotRun
from app.services.affiliations import RECEIVING_PARTNER
from app.services.clock import PARIS, now, today
from app.services.passwords import generated, hashed
from app.services.registered_clients import granted, new_client_id
from app.statements import columns, compiled, given

ACCOUNT = columns(Account)
POSTING = columns(Posting)
PARTNER = columns(Partner)

CLIENTS = (
    select(
        ACCOUNT.client_id,
        ACCOUNT.name,
        ACCOUNT.client_scopes,
        ACCOUNT.ended_at,
        POSTING.starts_on,
        POSTING.ends_on,
        PARTNER.name.label("partner"),
    )
    .select_from(Account)
    .join(Posting, POSTING.account_id == ACCOUNT.id)
    .join(Partner, PARTNER.id == POSTING.partner_id)
    .where(ACCOUNT.client_id.is_not(None))
    .order_by(PARTNER.name, ACCOUNT.name, ACCOUNT.client_id)
)
END_ACCOUNT = (
    update(Account)
    .values(ended_at=given("moment", DateTime(timezone=True)))
    .where(ACCOUNT.client_id == given("client_id", String), ACCOUNT.ended_at.is_(None))
    .returning(ACCOUNT.id)
)
SET_KEYS = (
    update(Account)
    .values(client_keys=given("keys", JSONB))
    .where(ACCOUNT.client_id == given("client_id", String), ACCOUNT.ended_at.is_(None))
    .returning(ACCOUNT.id)
)
END_POSTINGS = (
    update(Posting)
    .values(ends_on=given("day", Date))
    .where(
        POSTING.account_id == given("account_id", Uuid),
        POSTING.starts_on <= given("day", Date),
        or_(POSTING.ends_on.is_(None), POSTING.ends_on > given("day", Date)),
    )
)


@dataclass(frozen=True)
class Registered:
    """One piece of software, as the operator sees it; its secret is known to nobody any more."""

    client_id: str
    name: str
    partner: str
    scopes: tuple[str, ...]
    starts_on: date
    ends_on: date | None

    def line(self) -> str:
        """What is told of it, in French."""
        since = f"depuis le {self.starts_on:%d/%m/%Y}"
        state = since if self.ends_on is None else f"{since}, jusqu'au {self.ends_on:%d/%m/%Y}"
        return f"{self.client_id}  {self.name} ({self.partner}) : {', '.join(self.scopes)} ; {state}"


async def add_client(url: str, *, database: str, name: str, partner_id: UUID, scopes: Sequence[str]) -> tuple[str, str]:
    """Register the software of a partner, from today. Returns its identifier and its secret, kept nowhere else."""
    grantable = policy().grantable
    if not scopes or set(scopes) - set(grantable):
        raise CannotRun(f"Portées d'un logiciel, une au moins : {', '.join(grantable)}.")
    account = Account(
        id=new_id(),
        name=name.strip(),
        role=CLIENT_ROLE,
        created_at=now(),
        approved_at=now(),
        client_id=new_client_id(),
        client_scopes=granted(scopes),
    )
    if not account.name:
        raise CannotRun("Il faut un nom.")
    secret = generated()
    async with superuser(url, database=database) as connection:
        await check_places(connection, [partner_id], RECEIVING_PARTNER, "Organisme à qui l'on transmet")
        async with connection.transaction():
            await add_rows(
                connection,
                [
                    account,
                    Credential(account_id=account.id, password_hash=hashed(secret), changed_at=now()),
                    Posting(account_id=account.id, partner_id=partner_id, starts_on=today(), approved_at=now()),
                ],
            )
            await trace_command(connection, "client:add", subject=account.id)
    return str(account.client_id), secret


async def set_client_keys(url: str, *, database: str, client_id: str, published: str) -> None:
    """Give software the public keys (JWKS) that it signs its requests with, instead of those it had."""
    try:
        usable = len(key_set(read_object(published)))
    except Refused:
        raise CannotRun("Un jeu de clés publiques est attendu (JWKS).") from None
    if not usable:
        raise CannotRun("Aucune clé utilisable : ES256 (P-256) ou RS256 (2048 bits ou plus), nommée (kid), publique.")
    said = compiled(SET_KEYS)
    async with superuser(url, database=database) as connection, connection.transaction():
        values = {"client_id": client_id, "keys": json.loads(published)}
        account_id = await connection.fetchval(said.sql, *said.values(values))
        if account_id is None:
            raise CannotRun("Aucun logiciel en service ne porte cet identifiant : voyez « relais clients list ».")
        await trace_command(connection, "client:change", subject=account_id)


async def end_client(url: str, *, database: str, client_id: str) -> None:
    """Close the access of software: its next request, and its next token, are refused."""
    ending, leaving = compiled(END_ACCOUNT), compiled(END_POSTINGS)
    async with superuser(url, database=database) as connection, connection.transaction():
        account_id = await connection.fetchval(ending.sql, *ending.values({"moment": now(), "client_id": client_id}))
        if account_id is None:
            raise CannotRun("Aucun logiciel en service ne porte cet identifiant : voyez « relais clients list ».")
        await connection.execute(leaving.sql, *leaving.values({"account_id": account_id, "day": today()}))
        await trace_command(connection, "client:change", subject=account_id)


async def list_clients(url: str, *, database: str) -> list[Registered]:
    """Every piece of software ever registered, by partner; an end is that of its account or of its posting."""
    said = compiled(CLIENTS)
    async with superuser(url, database=database) as connection:
        rows = await connection.fetch(said.sql, *said.values({}))
    return [
        Registered(
            client_id=row["client_id"],
            name=row["name"],
            partner=row["partner"],
            scopes=tuple(row["client_scopes"]),
            starts_on=row["starts_on"],
            ends_on=row["ended_at"].astimezone(PARIS).date() if row["ended_at"] else row["ends_on"],
        )
        for row in rows
    ]
