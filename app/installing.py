"""The two installers: ``bootstrap`` (superuser: roles, extensions, hardening) and ``migrate`` (tables, rights).

Kept apart so that the migrator, which owns the tables, never needs to be a superuser.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import asyncpg
import sqlalchemy
from alembic.script import ScriptDirectory
from sqlalchemy.util import await_only

from app.access.policy import policy

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "alembic" / "sql"
INSTALLERS = ("migrator", "backup")
TRACE_MIGRATION = (
    "select audit.append('00000000-0000-0000-0000-000000000000', null, null, 'database:migrate', null, 1, 'done')"
)
MISSING_ROLES = "select role from unnest($1::text[]) role where to_regrole(role) is null order by role"


def sql_file(name: str) -> str:
    """Text of one file of ``alembic/sql``."""
    return (SQL / name).read_text(encoding="utf-8")


def run_sql_file(connection: sqlalchemy.Connection, name: str) -> None:
    """Run one file inside a migration's transaction; many statements, one message.

    The statement before it is what really begins the transaction, and keeps the traffic from freezing: the migration
    that cannot have its lock gives up and comes back.
    """
    connection.exec_driver_sql("set local lock_timeout = '500ms'")
    driver: Any = connection.connection.driver_connection
    await_only(driver.execute(sql_file(name)))


def quoted_literal(value: str) -> str:
    """A string literal for the few statements that take no parameter (``alter role … password``)."""
    return (
        "'" + value.replace("'", "''") + "'"
        if "\\" not in value
        else "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    )


async def create_roles(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Roles of the cluster; ``passwords`` by role name without ``relais_``. Idempotent."""
    # Passwords are about to be said: whatever the server logs of its administrators, not this.
    await connection.execute("set log_statement = 'none'; set log_min_duration_statement = -1")
    known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
    for role in policy().roles.values():
        if role.lane not in known:
            await connection.execute(f"create role {role.lane} login noinherit connection limit 64")
        await connection.execute(
            f"alter role {role.lane} set statement_timeout = '5s';"
            f"alter role {role.lane} set lock_timeout = '2s';"
            f"alter role {role.lane} set idle_in_transaction_session_timeout = '15s';"
            f"alter role {role.lane} set search_path = '';"
            f"alter role {role.lane} set timezone = 'UTC';"
            f"alter role {role.lane} set jit = off"
        )
    await connection.execute(sql_file("cluster/roles.sql"))
    for name, password in passwords.items():
        await connection.execute(f"alter role relais_{name} password {quoted_literal(password)}")


async def fence_database(connection: asyncpg.Connection, database: str) -> None:
    """Who may connect to the database. Not copied by ``create database … template``, hence on its own."""
    lanes = ", ".join([*(role.lane for role in policy().roles.values()), *(f"relais_{name}" for name in INSTALLERS)])
    await connection.execute(
        f"revoke all on database {database} from public;"
        f"grant connect on database {database} to {lanes};"
        f"grant create on database {database} to relais_migrator"
    )


async def close_the_other_databases(connection: asyncpg.Connection) -> None:
    """Lanes connect to their own database only: in the others no hardening applies, and the locks of ours show."""
    for name in ("postgres", "template1"):
        await connection.execute(f"revoke connect, temporary on database {name} from public")


async def harden(connection: asyncpg.Connection) -> None:
    """Extensions and hardening, inside the database; idempotent; again after each restore or upgrade."""
    await connection.execute(sql_file("cluster/hardening.sql"))


async def bootstrap(superuser_url: str, database: str, passwords: Mapping[str, str]) -> None:
    """Everything that needs a superuser, from an empty cluster to a database ready for ``migrate``."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", database):
        raise ValueError("nom de base non valable")
    connection = await asyncpg.connect(superuser_url)
    try:
        await create_roles(connection, passwords)
        if not await connection.fetchval("select true from pg_database where datname = $1", database):
            await connection.execute(f"create database {database}")
        await fence_database(connection, database)
        await close_the_other_databases(connection)
    finally:
        await connection.close()
    connection = await asyncpg.connect(superuser_url, database=database)
    try:
        await harden(connection)
    finally:
        await connection.close()


async def awaited_of_bootstrap(migrator_url: str) -> list[str]:
    """What this version needs that only ``bootstrap`` can lay, and that is not there: a new lane, above all."""
    roles = [*(role.lane for role in policy().roles.values()), *policy().officials]
    connection = await asyncpg.connect(migrator_url)
    try:
        return [row["role"] for row in await connection.fetch(MISSING_ROLES, roles)]
    finally:
        await connection.close()


async def revision_of(migrator_url: str) -> str | None:
    """How far the tables are; ``None`` before the first migration."""
    connection = await asyncpg.connect(migrator_url)
    try:
        if not await connection.fetchval("select to_regclass('public.alembic_version') is not null"):
            return None
        found: str | None = await connection.fetchval("select version_num from public.alembic_version")
        return found
    finally:
        await connection.close()


async def trace_migration(migrator_url: str) -> None:
    """Trace that tables and rules have changed, in the dress of the clerk, which the migrator may put on."""
    connection = await asyncpg.connect(migrator_url)
    try:
        async with connection.transaction():
            await connection.execute("set local role relais_chain")
            await connection.execute(TRACE_MIGRATION)
    finally:
        await connection.close()


def migrate(url: str, *, revision: str = "head", tries: int = 20) -> None:
    """Bring the schema to ``revision``; waits its turn rather than freeze the traffic (``lock_timeout``)."""
    said = alembic.config.Config(toml_file=str(ROOT / "pyproject.toml"))
    said.set_main_option("script_location", str(ROOT / "alembic"))
    said.set_main_option("path_separator", "os")
    said.set_main_option("version_locations", str(ROOT / "alembic" / "versions"))
    if not ScriptDirectory.from_config(said).get_heads():
        raise RuntimeError("aucune migration trouvée : l'installation est incomplète")
    said.attributes["url"] = url
    for attempt in range(tries):
        try:
            alembic.command.upgrade(said, revision)
        except Exception as error:
            cause = getattr(error, "orig", None) or error
            if getattr(cause, "sqlstate", None) != "55P03" or attempt == tries - 1:
                raise
            time.sleep(0.5)
        else:
            return
