"""What a request does inside its transaction: read what PostgreSQL shows this role, add, change.

``database.py`` opens and ends these; services use them; nobody else commits.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy.sql.expression import Executable
from sqlmodel import SQLModel

from app.access.actor import Actor
from app.access.policy import policy
from app.errors import Forbidden, NotFound
from app.statements import (
    LAST,
    Compiled,
    NewestFirst,
    all_as_json,
    change,
    compiled,
    holding,
    insertion,
    name_of,
    one_as_json,
    page_as_json,
    upsert,
)


class Page:
    """One page of JSON items, and the position after which the next begins."""

    def __init__(self, items: bytes, last: tuple[Any, UUID] | None) -> None:
        self.items = items
        self.last = last


@dataclass(frozen=True)
class Answer:
    """What a route answers, as it leaves."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Reading:
    """A transaction in which the caller reads what PostgreSQL shows this role."""

    def __init__(self, connection: Any, actor: Actor, scope: str) -> None:
        self.actor = actor
        self.scope = scope
        self.subject: UUID | None = None
        self.row_count = 0
        self.outcome = "done"
        self._connection = connection
        self._seconds: int | None = None

    def about(self, subject: UUID, rows: int = 1) -> None:
        """Name the object of the trace; the first one named stays."""
        if self.subject is None:
            self.subject = subject
        self.row_count = max(self.row_count, rows)

    def trace_as(self, scope: str) -> None:
        """The act turned out to be another one (replaced, not added); ``Forbidden`` if the caller may not do it."""
        if not policy().allows(self.actor.role, scope) or scope not in self.actor.scopes:
            raise Forbidden
        self.scope = scope

    async def row(self, statement: Executable | Compiled, **given: Any) -> asyncpg.Record:
        """The only row of a statement; ``NotFound`` when the caller may see none."""
        found = await self.seek_row(statement, **given)
        if found is None:
            raise NotFound
        return found

    async def seek_row(self, statement: Executable | Compiled, **given: Any) -> asyncpg.Record | None:
        """The only row of a statement, or ``None``."""
        said = statement if isinstance(statement, Compiled) else compiled(statement)
        return await self._connection.fetchrow(said.sql, *said.values(given))

    async def allow(self, seconds: int) -> None:
        """Let what this transaction asks take longer than is usual on its lane."""
        self._seconds = seconds
        await self._connection.execute(f"set local statement_timeout = {seconds * 1000:d}")

    async def rows(self, statement: Executable, **given: Any) -> Sequence[asyncpg.Record]:
        """Every row of a statement."""
        said = compiled(statement)
        found: Sequence[asyncpg.Record] = await self._connection.fetch(
            said.sql, *said.values(given), timeout=self._seconds
        )
        self.row_count = max(self.row_count, len(found))
        return found

    async def show(self, statement: Executable, schema: type[BaseModel], **given: Any) -> bytes:
        """One object as JSON, with exactly the fields of ``schema``; ``NotFound`` when there is none to see."""
        said = one_as_json(statement, schema)
        if isinstance(given.get("id"), UUID) and self.subject is None:
            self.subject = given["id"]
        found = await self._connection.fetchval(said.sql, *said.values(given))
        if found is None:
            raise NotFound
        self.row_count = max(self.row_count, 1)
        body: bytes = found.encode()
        return body

    async def show_all(self, statement: Executable, schema: type[BaseModel], **given: Any) -> bytes:
        """A short, ordered list as one JSON array."""
        said = all_as_json(statement, schema)
        items, count = await self._connection.fetchrow(said.sql, *said.values(given))
        self.row_count = max(self.row_count, count)
        body: bytes = items.encode()
        return body

    async def page(
        self,
        pages: NewestFirst,
        schema: type[BaseModel],
        *,
        limit: int,
        after: tuple[Any, UUID] | None,
        **given: Any,
    ) -> Page:
        """One page of a newest-first list."""
        before_at, before_id = after or LAST
        said = page_as_json(pages, schema)
        found = await self._connection.fetchrow(
            said.sql,
            *said.values(given | {"before_at": before_at, "before_id": before_id, "most": limit + 1, "wanted": limit}),
        )
        self.row_count = max(self.row_count, found["shown"])
        last = (found["last_at"], found["last_id"]) if found["more"] else None
        return Page(found["items"].encode(), last)

    async def page_rows(
        self, pages: NewestFirst, *, limit: int, after: tuple[Any, UUID] | None, **given: Any
    ) -> tuple[Sequence[asyncpg.Record], tuple[Any, UUID] | None]:
        """One page of rows, for what Python must open itself, and the position of the last when more remain."""
        before_at, before_id = after or LAST
        said = compiled(pages.statement)
        found: Sequence[asyncpg.Record] = await self._connection.fetch(
            said.sql,
            *said.values(given | {"before_at": before_at, "before_id": before_id, "most": limit + 1}),
        )
        shown = found[:limit]
        self.row_count = max(self.row_count, len(shown))
        more = len(found) > limit
        return shown, (shown[-1]["position_at"], shown[-1]["position_id"]) if more else None


class Writing(Reading):
    """A transaction in which the caller also adds or changes rows; committed before the answer leaves."""

    answer: Answer | None = None
    """What the route answers, once it has; ``routers/route.py`` puts it here."""

    def __init__(self, connection: Any, actor: Actor, scope: str) -> None:
        super().__init__(connection, actor, scope)
        self.afterwards: list[Callable[[], object]] = []

    def once_done(self, act: Callable[[], object]) -> None:
        """Do this once everything is committed: what is only tried, or undone, tells nobody."""
        self.afterwards.append(act)

    async def add(self, *rows: SQLModel) -> None:
        """Insert rows, in order."""
        for row in rows:
            said = insertion(type(row), policy().added_columns(self.actor.role, name_of(type(row))))
            await self._connection.execute(said.sql, *said.values(dict(row)))

    async def add_all(self, rows: Sequence[SQLModel]) -> None:
        """Insert many rows of one table at once."""
        if rows:
            table = type(rows[0])
            said = insertion(table, policy().added_columns(self.actor.role, name_of(table)))
            await self._connection.executemany(said.sql, [said.values(dict(row)) for row in rows])

    async def add_or_keep(self, row: SQLModel) -> None:
        """Insert a row unless one is there already, waiting for whoever is writing it."""
        columns = policy().added_columns(self.actor.role, name_of(type(row)))
        said = insertion(type(row), columns, or_keep=True)
        await self._connection.execute(said.sql, *said.values(dict(row)))

    async def add_or_replace(self, rows: Sequence[SQLModel], *, replaced: tuple[str, ...]) -> None:
        """Insert rows of one table, in order; of a row already there, replace the columns of ``replaced`` alone."""
        if not rows:
            return
        table = type(rows[0])
        said = upsert(table, policy().added_columns(self.actor.role, name_of(table)), replaced)
        await self._connection.executemany(said.sql, [said.values(dict(row)) for row in rows])

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone; the transaction goes on."""
        await self._connection.execute("savepoint attempt")
        try:
            yield
        except asyncpg.PostgresError:
            await self._connection.execute("rollback to savepoint attempt; release savepoint attempt")
            raise
        await self._connection.execute("release savepoint attempt")

    async def hold(self, statement: Executable, schema: type[BaseModel], table: type[SQLModel], **given: Any) -> bytes:
        """Lock a row that the caller may change, then show it as it stands: what ``If-Match`` is compared with."""
        said = holding(table, tuple(sorted(given)))
        if await self._connection.fetchval(said.sql, *said.values(given)) is None:
            if isinstance(given.get("id"), UUID):
                self.about(given["id"], rows=0)
            raise NotFound
        return await self.show(statement, schema, **given)

    async def change(self, table: type[SQLModel], values: Mapping[str, Any], **keys: Any) -> None:
        """Update the columns of ``values`` where ``keys``; ``NotFound`` when the caller may change no such row."""
        if not values:
            return
        said = change(table, tuple(sorted(values)), tuple(sorted(keys)))
        named = {f"new_{name}": value for name, value in values.items()} | {
            f"key_{name}": value for name, value in keys.items()
        }
        done = await self._connection.execute(said.sql, *said.values(named))
        if done == "UPDATE 0":
            raise NotFound


def ending(work: Reading, outcome: str) -> str:
    """The trace that goes with ``commit``."""
    # The one statement written by hand: checked UUIDs, integers and scope names only, nothing else is interpolated.
    resource, _, verb = work.scope.partition(":")
    if not (resource.replace("_", "").isalpha() and verb.isalpha() and outcome.replace("_", "").isalpha()):
        raise ValueError("scope")
    subject = f"'{UUID(str(work.subject))}'" if work.subject is not None else "null"
    return f"select access.trace('{resource}:{verb}', {subject}, {int(work.row_count)}, '{outcome}'); "
