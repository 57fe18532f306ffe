"""Probes of the fence: what each lane tries on PostgreSQL directly, with its own login, after real work over HTTP.

A probe is a function named as a sentence that holds; it raises ``AssertionError`` when the sentence is false. Probes
run under pytest (``test_probes.py``) and, without it, against each mutant of the fence (``mutants.py``).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from app.access.policy import policy
from app.database import LaneConnection
from tests.house_for_tests import Town

REFUSED = "42501"
NO_SESSION = "28000"
DONE = "00000"
NOT_THERE = ("42883", "42P01", "42703")
"""No such function, relation or column in this version: nothing to see either."""


class Outcome(NamedTuple):
    """What PostgreSQL answered to one statement: its code, its rows, the constraint that refused."""

    code: str
    rows: list[Any]
    constraint: str | None


class Caller:
    """One lane in one transaction, with or without an open session."""

    def __init__(self, connection: asyncpg.Connection, who: str) -> None:
        self.connection = connection
        self.who = who

    async def tries(self, statement: str, *values: Any) -> Outcome:
        """Run one statement; an error undoes it alone."""
        try:
            async with self.connection.transaction():
                return Outcome(DONE, await self.connection.fetch(statement, *values), None)
        except asyncpg.PostgresError as error:
            return Outcome(error.sqlstate or "", [], getattr(error, "constraint_name", None))

    async def code_of(self, statement: str, *values: Any) -> str:
        """Only the code of the answer; quicker without values, for the many statements that are to be refused."""
        if values:
            return (await self.tries(statement, *values)).code
        try:
            await self.connection.execute(f"savepoint attempt; {statement}; release savepoint attempt")
        except asyncpg.PostgresError as error:
            await self.connection.execute("rollback to savepoint attempt; release savepoint attempt")
            return error.sqlstate or ""
        return DONE

    async def tag_of(self, statement: str) -> str:
        """What PostgreSQL says it did (``UPDATE 0``), or the code of its error; kept from lasting either way."""
        await self.connection.execute("savepoint attempt")
        try:
            return str(await self.connection.execute(statement))
        except asyncpg.PostgresError as error:
            return error.sqlstate or ""
        finally:
            await self.connection.execute("rollback to savepoint attempt; release savepoint attempt")

    async def is_refused(self, statement: str, *values: Any, code: str = REFUSED) -> None:
        """PostgreSQL answers with this very error."""
        found = await self.code_of(statement, *values)
        assert found == code, f"{self.who}: {statement} → {found}; {code} expected"

    async def is_refused_or_lacks(self, statement: str, *values: Any) -> None:
        """Refused, or absent from this version of PostgreSQL."""
        found = await self.code_of(statement, *values)
        assert found in (REFUSED, *NOT_THERE), f"{self.who}: {statement} → {found}"

    async def sees_nothing(self, statement: str, *values: Any) -> None:
        """Allowed, and without a row (or an ``UPDATE 0``)."""
        found = await self.tries(statement, *values)
        assert found.code == DONE, f"{self.who}: {statement} → {found.code}"
        assert not found.rows, f"{self.who}: {statement} → {len(found.rows)} rows; none expected"

    async def sees(self, statement: str, *values: Any) -> list[Any]:
        """Allowed; the first column of the rows."""
        found = await self.tries(statement, *values)
        assert found.code == DONE, f"{self.who}: {statement} → {found.code}"
        return [row[0] for row in found.rows]

    async def cannot_tell(self, statement: str, one: tuple[Any, ...], other: tuple[Any, ...]) -> Outcome:
        """The same answer for both: whether the thing exists or not cannot be told."""
        first, second = await self.tries(statement, *one), await self.tries(statement, *other)
        assert first[::2] == second[::2], f"{self.who}: {statement} tells apart: {first} / {second}"
        return first


@dataclass
class Scene:
    """A database in which people have worked, and where everything in it is."""

    town: Town
    database: str
    ids: dict[str, UUID]
    sessions: dict[str, UUID]
    roles: dict[str, str]
    made_at: datetime
    """When its sessions were opened, which do not wait for whoever tries a hundred mutants on clones of it."""
    links: dict[str, bytes] = field(default_factory=dict)
    """What the database keeps of the tokens of the answer links, by name."""
    _free: dict[str, list[asyncpg.Connection]] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def _connection(self, role: str) -> AsyncIterator[asyncpg.Connection]:
        free = self._free.setdefault(role, [])
        if free:
            connection = free.pop()
        elif role == "superuser":
            connection = await asyncpg.connect(self.town.superuser_url, database=self.database)
        else:
            url = self.town.lane_url(role, self.database)
            connection = await asyncpg.connect(url, connection_class=LaneConnection)
        try:
            yield connection
        finally:
            free.append(connection)

    @contextlib.asynccontextmanager
    async def lane(self, role: str, *, commits: bool = False) -> AsyncIterator[Caller]:
        """A lane without any session; undone at the end unless it ``commits``."""
        async with self._connection(role) as connection:
            transaction = connection.transaction()
            await transaction.start()
            kept = False
            try:
                yield Caller(connection, f"relais_{role}, no session")
                kept = commits
            finally:
                await (transaction.commit() if kept else transaction.rollback())

    @contextlib.asynccontextmanager
    async def as_(self, person: str, *, commits: bool = False) -> AsyncIterator[Caller]:
        """A person at work: her lane, her session; undone at the end unless it ``commits``."""
        async with self._connection(self.roles[person]) as connection:
            transaction = connection.transaction()
            await transaction.start()
            kept = False
            try:
                await connection.execute("select access.open($1)", self.sessions[person])
                yield Caller(connection, person)
                kept = commits
            finally:
                await (transaction.commit() if kept else transaction.rollback())

    @contextlib.asynccontextmanager
    async def meanwhile(self, table: str, row: UUID, **said: str) -> AsyncIterator[None]:
        """Columns of one row, written otherwise from above for a while (each in SQL), then as they were."""
        async with self.from_above() as above:
            columns = ", ".join(said)
            before = await above.fetchrow(f"select {columns} from {table} where id = $1", row)
            otherwise = ", ".join(f"{column} = {value}" for column, value in said.items())
            await above.execute(f"update {table} set {otherwise} where id = $1", row)
            try:
                yield
            finally:
                back = ", ".join(f"{column} = ${number}" for number, column in enumerate(said, 2))
                await above.execute(f"update {table} set {back} where id = $1", row, *before)

    @contextlib.asynccontextmanager
    async def from_above(self) -> AsyncIterator[asyncpg.Connection]:
        """A superuser, who arranges and looks; never how the program works."""
        async with self._connection("superuser") as connection:
            yield connection

    async def renew(self) -> None:
        """In a clone made later: proofs are as recent, and sessions have as long to live, as when all was made."""
        async with self.from_above() as above:
            await above.execute(
                "update accounts.session set authenticated_at = authenticated_at + (now() - $1::timestamptz),"
                " idle_until = idle_until + (now() - $1), expires_at = expires_at + (now() - $1)",
                self.made_at,
            )

    async def close(self) -> None:
        """Leave the database, so that it can be dropped."""
        for connections in self._free.values():
            for connection in connections:
                await connection.close()
        self._free.clear()

    @property
    def people(self) -> tuple[str, ...]:
        """One person for each role of the trade."""
        return ("officer", "commander", "worker", "partner", "coordinator", "observatory", "administrator", "dpo")

    @property
    def lanes(self) -> tuple[str, ...]:
        """Every lane, by role."""
        return tuple(policy().roles)


Probe = Callable[[Scene], Awaitable[None]]
PROBES: dict[str, Probe] = {}


def probe(function: Probe) -> Probe:
    """Register a probe under its own name."""
    PROBES[function.__name__] = function
    return function


def all_probes() -> dict[str, Probe]:
    """Every probe, by the sentence it proves."""
    from tests.access import (  # noqa: F401 — importing them registers their probes
        probes_of_activity,
        probes_of_approvals,
        probes_of_attempts,
        probes_of_deliverers,
        probes_of_directory,
        probes_of_events,
        probes_of_existence,
        probes_of_handovers,
        probes_of_identity,
        probes_of_injection,
        probes_of_links,
        probes_of_notifications,
        probes_of_partners,
        probes_of_plans,
        probes_of_quotas,
        probes_of_reading,
        probes_of_recounts,
        probes_of_repeats,
        probes_of_replacements,
        probes_of_reports,
        probes_of_sessions,
        probes_of_signatures,
        probes_of_statistics,
        probes_of_what_leaves,
        probes_of_writing,
    )

    return PROBES
