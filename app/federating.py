"""Who signs in through an institution: awaited by the operator (``relais accounts federate``). Never by a request."""

from __future__ import annotations

import re
from collections.abc import Mapping

import asyncpg
from sqlalchemy import String, select

from app.institutions import Provider, is_safe
from app.models.accounts import Account, FederatedIdentity
from app.operating import add_rows, superuser, trace_command
from app.refusal import CannotRun
from app.services.clock import now
from app.statements import columns, compiled, given

ACCOUNT = columns(Account)
IN_SERVICE_BY_EMAIL = select(ACCOUNT.id).where(
    ACCOUNT.email == given("email", String),
    ACCOUNT.ended_at.is_(None),
    ACCOUNT.approved_at.is_not(None),
)
SIRET = re.compile(r"[0-9]{14}")


async def add_identity(url: str, *, database: str, email: str, issuer: str, siret: str | None = None) -> None:
    """Await the holder of this account at an institution; her first sign-in there binds the two for good."""
    if not is_safe(issuer, loopback=True):
        raise CannotRun("L'émetteur d'une institution est une adresse https.")
    if siret is not None and not SIRET.fullmatch(siret):
        raise CannotRun("Un SIRET a quatorze chiffres.")
    known = compiled(IN_SERVICE_BY_EMAIL)
    address = email.strip().lower()
    async with superuser(url, database=database) as connection:
        account_id = await connection.fetchval(known.sql, *known.values({"email": address}))
        if account_id is None:
            raise CannotRun("Aucun compte en service ne porte cette adresse.")
        identity = FederatedIdentity(
            account_id=account_id, issuer=issuer, email=address, siret=siret, proposed_at=now(), approved_at=now()
        )
        try:
            async with connection.transaction():
                await add_rows(connection, [identity])
                await trace_command(connection, "federated_identity:add", subject=identity.id)
        except asyncpg.UniqueViolationError:
            raise CannotRun("Ce compte est déjà attendu, ou déjà lié, à cette institution.") from None


async def federate(
    url: str, *, database: str, providers: Mapping[str, Provider], email: str, provider: str, siret: str | None = None
) -> str:
    """The command: ``provider`` is a name of the settings, or an issuer. Returns what is told to the operator."""
    issuer = providers[provider].issuer if provider in providers else provider
    await add_identity(url, database=database, email=email, issuer=issuer, siret=siret)
    return f"{email} est attendu à {issuer} : sa première connexion l'y liera."
