"""Is this database the demonstration's? A comment on the database says so; without it, data are real data.

The comment says « en cours » before the first row and « fictives » after the last, so that a demonstration cut short
is seen at the next start and the database made again; and only where every account is the demonstration's own.
"""

from __future__ import annotations

from typing import Literal

import asyncpg

from app.installing import quoted_literal
from app.refusal import CannotRun
from app.services.fiction import DOMAIN, LOADED, LOADING

State = Literal["absent", "loading", "loaded"]

COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
STRANGERS = (
    "select exists (select from accounts.account a where a.email not like '%@' || $1::text"
    # Software has no e-mail: that of the demonstration is known by its name, or by who registered it.
    " or (a.email is null and a.client_id not like 'demo.%' and not exists ("
    "select from accounts.account p where p.id = a.proposed_by and p.email like '%@' || $1::text)))"
)
HOLDS_DATA = (
    "select exists (select from accounts.account) or exists (select from organisation.unit)"
    " or exists (select from organisation.employer) or exists (select from shared.referral)"
    " or exists (select from social.person) or exists (select from social.intervention)"
)
REFUSAL = (
    "La démonstration ne se charge pas ici : cette base contient déjà des comptes, des unités ou des personnes qui ne"
    " sont pas les siens. Donnez-lui une base vide (un autre RELAIS_HOME, ou une autre base)."
)


async def state_of(connection: asyncpg.Connection) -> State:
    """What the database's comment says."""
    comment = await connection.fetchval(COMMENT)
    if comment == LOADED:
        return "loaded"
    return "loading" if comment == LOADING else "absent"


async def mark(connection: asyncpg.Connection, comment: str) -> None:
    """Write the database's comment."""
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"comment on database {database} is {quoted_literal(comment)}")


async def holds_data(connection: asyncpg.Connection) -> bool:
    """Is there anything in this database?"""
    return bool(await connection.fetchval(HOLDS_DATA))


async def refuse_data(connection: asyncpg.Connection) -> None:
    """``CannotRun`` when there is anything in this database."""
    if await holds_data(connection):
        raise CannotRun(REFUSAL)


async def refuse_strangers(connection: asyncpg.Connection) -> None:
    """``CannotRun`` when an account is not the demonstration's."""
    if await connection.fetchval(STRANGERS, DOMAIN):
        raise CannotRun(REFUSAL)
