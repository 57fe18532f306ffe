"""The operator's acts: what is done to a database from outside the API, as its superuser. Never by a request.

Only ``relais bootstrap``, ``relais accounts`` and the demonstration come here, with ``RELAIS_BOOTSTRAP_URL`` or the
server that comes with the package.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, select
from sqlmodel import SQLModel

from app.errors import Invalid, database_facts
from app.messages import field_sentence
from app.models.organisation import Employer, Post, Unit
from app.refusal import CannotRun
from app.statements import columns, compiled, given, insertion

EMPLOYER_NAMES = select(columns(Employer).name).where(columns(Employer).id == given("id", Uuid))
UNIT_NAMES = select(columns(Unit).name).where(columns(Unit).id == given("id", Uuid))
POST_NAMES = select(columns(Post).name).where(columns(Post).id == given("id", Uuid))
REFUSALS: Mapping[tuple[type[Exception], ...], str] = {
    (asyncpg.InvalidAuthorizationSpecificationError,): (
        "PostgreSQL refuse ce mot de passe : vérifiez les URL de connexion, ou passez « relais bootstrap »."
    ),
    (asyncpg.InvalidCatalogNameError,): "Cette base de données n'existe pas : passez « relais bootstrap ».",
    (asyncpg.UndefinedObjectError, asyncpg.InsufficientPrivilegeError): (
        "Il manque un rôle ou un droit : passez « relais bootstrap », puis « relais migrate »."
    ),
    (asyncpg.LockNotAvailableError,): (
        "La base est trop occupée : recommencez dans un moment. Rien n'est fait à moitié."
    ),
    (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.UndefinedFunctionError): (
        "La base n'est pas à jour : passez « relais migrate »."
    ),
}
"""What PostgreSQL may refuse to an operator, and what to do about it."""


APPEND = "audit.append(uuid, uuid, uuid, text, uuid, integer, text)"


def database_of(url: str) -> str:
    """The database that a PostgreSQL URL names."""
    return unquote(urlsplit(url).path.lstrip("/"))


def password_of(url: str) -> str | None:
    """The password that a PostgreSQL URL carries."""
    found = urlsplit(url).password
    return unquote(found) if found else None


@contextlib.asynccontextmanager
async def superuser(url: str, *, database: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    """A superuser connection; what goes wrong is told without what PostgreSQL says of the data."""
    try:
        connection = await asyncpg.connect(url, **({"database": database} if database else {}))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise CannotRun(unreachable(error)) from None
    try:
        yield connection
    finally:
        await connection.close()


def unreachable(error: BaseException) -> str:
    """Why PostgreSQL does not answer, in French, with no secret in it."""
    if isinstance(error, asyncpg.PostgresError):
        known = (sentence for kinds, sentence in REFUSALS.items() if isinstance(error, kinds))
        facts = f"PostgreSQL a refusé ({type(error).__name__}, {database_facts(error).get('sqlstate', '?')})."
        return next(known, facts)
    if isinstance(error, OSError | TimeoutError):
        return "PostgreSQL ne répond pas à l'adresse donnée."
    return "URL de base de données illisible : postgresql://rôle:mot-de-passe@serveur/base"


async def trace_command(
    connection: asyncpg.Connection, act: str, *, subject: UUID | None = None, row_count: int = 1
) -> bool:
    """Trace an act of the operator, in the transaction of that act; was it? Before the tables exist, nothing can be."""
    if not await connection.fetchval("select to_regprocedure($1) is not null", APPEND):
        return False
    await connection.execute(
        "select audit.append($1, null, null, $2, $3, $4, 'done')", UUID(int=0), act, subject, row_count
    )
    return True


async def add_rows(connection: asyncpg.Connection, rows: Iterable[SQLModel]) -> None:
    """Insert rows as the superuser, in order."""
    for row in rows:
        said = insertion(type(row), None)
        await connection.execute(said.sql, *said.values(dict(row)))


async def copy_rows(connection: asyncpg.Connection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows at once as the superuser; what a row does not say is null. Constraints and triggers hold."""
    written = [column.name for column in columns(table) if column.computed is None]
    place = table.__table__  # type: ignore[attr-defined]
    await connection.copy_records_to_table(
        place.name,
        schema_name=place.schema,
        columns=written,
        records=[tuple(row.get(name) for name in written) for row in rows],
    )


@contextlib.contextmanager
def in_french() -> Iterator[None]:
    """What the trade refuses, told to the operator."""
    try:
        yield
    except Invalid as refusal:
        raise CannotRun(field_sentence(refusal.errors[0].code, "fr", {})) from None


async def check_places(connection: asyncpg.Connection, ids: Sequence[UUID], statement: Any, what: str) -> None:
    """``CannotRun`` unless each of these places exists."""
    said = compiled(statement)
    for each in ids:
        if await connection.fetchval(said.sql, *said.values({"id": each})) is None:
            raise CannotRun(f"{what} inconnu : {each}")
