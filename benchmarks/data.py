"""Made-up rows to measure on: mass-produced in SQL (``data.sql``), notes really sealed in Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from app.models.columns import new_id
from app.services.notes import Place
from app.services.sealing import SealingKey, new_data_key, seal

SQL = Path(__file__).with_name("data.sql")
PLAIN_LOGIN = "relais_bench_plain"
"""Login of the plain handlers: no row rule stops it, their own ``where`` clauses do."""
SCHEMAS = "accounts, organisation, nomenclature, shared, social"


@dataclass(frozen=True)
class Size:
    """How many of each; persons, situations and interventions are spread evenly over the posts."""

    posts: int
    persons: int
    situations: int
    interventions: int
    notes: int

    def __post_init__(self) -> None:
        if self.persons % self.posts or self.situations % self.posts or self.persons <= self.posts:
            raise ValueError("persons and situations must be multiples of posts")


TINY = Size(posts=2, persons=200, situations=200, interventions=600, notes=40)
SMALL = Size(posts=20, persons=30_000, situations=30_000, interventions=100_000, notes=5_000)
LARGE = Size(posts=200, persons=300_000, situations=300_000, interventions=1_000_000, notes=5_000)

TEXT = "Entretien du jour : elle dit dormir chez sa sœur depuis lundi et craint d'être suivie. Prochain point jeudi."


@dataclass(frozen=True)
class Worker:
    """A social worker with a live session, and what her requests are about."""

    account_id: UUID
    session_id: UUID
    post_id: UUID
    situations: tuple[UUID, ...]
    participations: tuple[UUID, ...]
    notes: tuple[UUID, ...]
    names: tuple[str, ...]


async def populate(
    connection: asyncpg.Connection, size: Size, sealing_key: SealingKey, *, plain_password: str, check: bool = False
) -> None:
    """Fill a migrated database, as superuser. ``check`` leaves foreign keys on guard: slower, for the tests."""
    if not check:
        await connection.execute("set session_replication_role = replica")
    for name in ("posts", "persons", "situations", "interventions"):
        await connection.execute("select set_config($1, $2, false)", f"bench.{name}", str(getattr(size, name)))
    await connection.execute(SQL.read_text(encoding="utf-8"), timeout=1200)
    await _notes(connection, size.notes, sealing_key)
    await _plain_login(connection, plain_password)
    await connection.execute("set session_replication_role = default")
    await connection.execute("vacuum (analyze, freeze)", timeout=600)


async def _notes(connection: asyncpg.Connection, most: int, sealing_key: SealingKey) -> None:
    """At most one note a person, on the newest situations that are still followed."""
    rows = await connection.fetch(
        "select distinct on (p.person_id) p.id, p.post_id, p.person_id, s.opened_by, s.recorded_at"
        " from social.participation p join social.situation s on s.id = p.situation_id"
        " where s.status <> 'closed' and p.person_status = 'victim' order by p.person_id desc, s.id desc limit $1",
        most,
    )
    keys, notes, plain = [], [], []
    for row in rows:
        key_id, data_key, note_id, at = new_id(), new_data_key(), new_id(), row["recorded_at"]
        wrapped = sealing_key.wrap(data_key, bound_to=key_id.bytes + row["person_id"].bytes)
        keys.append((key_id, row["post_id"], row["person_id"], sealing_key.key_id, wrapped, at))
        place = Place("confidential.note", note_id, row["post_id"], row["id"], key_id, row["opened_by"], 1)
        sealed = seal(TEXT, data_key=data_key, place=place)
        notes.append((note_id, row["post_id"], row["id"], key_id, row["opened_by"], None, at, sealed))
        plain.append((note_id, row["post_id"], row["id"], row["opened_by"], None, at, TEXT))
    for schema, table, records in (
        ("confidential", "person_key", keys),
        ("confidential", "note", notes),
        ("bench", "plain_note", plain),
    ):
        await connection.copy_records_to_table(table, schema_name=schema, records=records)


async def _plain_login(connection: asyncpg.Connection, password: str) -> None:
    if not await connection.fetchval("select true from pg_roles where rolname = $1", PLAIN_LOGIN):
        await connection.execute(f"create role {PLAIN_LOGIN} login bypassrls")
    database = await connection.fetchval("select current_database()")
    await connection.execute(
        f"alter role {PLAIN_LOGIN} password '{password}';"
        f"alter role {PLAIN_LOGIN} set timezone = 'UTC';"
        # SQLAlchemy introduces itself with pg_catalog functions that Relais takes away from everyone.
        f"grant execute on all functions in schema pg_catalog, social, extensions to {PLAIN_LOGIN};"
        f"grant connect on database {database} to {PLAIN_LOGIN};"
        f"grant usage on schema {SCHEMAS}, extensions, bench to {PLAIN_LOGIN};"
        f"grant select on all tables in schema {SCHEMAS} to {PLAIN_LOGIN};"
        f"grant insert, update on all tables in schema social to {PLAIN_LOGIN};"
        f"grant select, insert on all tables in schema bench to {PLAIN_LOGIN}"
    )


async def workers(connection: asyncpg.Connection, *, each: int = 100) -> list[Worker]:
    """The social workers of ``data.sql`` and their newest rows."""
    found = await connection.fetch(
        "select a.id, s.id as session_id, p.post_id from accounts.account a"
        " join accounts.session s on s.account_id = a.id join accounts.posting p on p.account_id = a.id"
        " where a.role = 'social_worker' and s.client_id = 'benchmarks' order by a.id"
    )
    return [await _worker(connection, row, each) for row in found]


async def _worker(connection: asyncpg.Connection, row: Any, each: int) -> Worker:
    async def column(sql: str) -> tuple[Any, ...]:
        return tuple(line[0] for line in await connection.fetch(sql, row["post_id"], each))

    return Worker(
        account_id=row["id"],
        session_id=row["session_id"],
        post_id=row["post_id"],
        situations=await column(
            "select id from social.situation where post_id = $1 order by opened_on desc, id desc limit $2"
        ),
        # Those whose person already has a key: the first note about someone costs one key more, once.
        participations=await column(
            "select p.id from social.participation p join social.situation s on s.id = p.situation_id"
            " join confidential.person_key k on k.person_id = p.person_id"
            " where p.post_id = $1 and s.status <> 'closed' order by p.id desc limit $2"
        ),
        notes=await column("select id from confidential.note where post_id = $1 order by id limit $2"),
        names=await column(
            "select first_name || ' ' || last_name from social.person where post_id = $1 order by id desc limit $2"
        ),
    )


def misspelt(name: str, random: Random) -> str:
    """A name as someone else would type it: two letters swapped, no accent promised."""
    place = random.randrange(len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def intervention_draft(participation_id: UUID) -> dict[str, Any]:
    """An interview on the phone."""
    return {
        "participation_id": str(participation_id),
        "intervention_type": "phone_interview",
        "channel": "phone",
        "outcome": "held",
        # Not on a whole second, which is written in several ways.
        "occurred_at": "2025-06-02T10:00:00.123456Z",
        "duration_minutes": 30,
    }
