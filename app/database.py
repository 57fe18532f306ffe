"""One request, one transaction, one PostgreSQL role.

Each lane has its own pool, whose connections can only ever be that lane's login. A transaction opens with the
caller's live session and ends with the trace of what it did: no trace, no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from pydantic import BaseModel
from sqlalchemy.sql.expression import Executable
from sqlmodel import SQLModel

from app.access.actor import Actor
from app.access.policy import policy
from app.errors import Forbidden, NotFound, Unavailable
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
)

log = structlog.get_logger()

WAIT_FOR_A_CONNECTION = 2.0
"""Seconds a request waits for its lane before it is told to come back."""


class LaneConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose context is always transaction-local, so nothing is left to reset."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # asyncpg turns JIT off with set_config before it looks a type up; lanes may not, and have it off already.
        self._server_caps: Any = self._server_caps._replace(jit=False)

    def get_reset_query(self) -> str:
        """No round trip on release; asyncpg still rolls an open transaction back."""
        return ""


class Page:
    """One page of JSON items, and the position after which the next begins."""

    def __init__(self, items: bytes, last: tuple[Any, UUID] | None) -> None:
        self.items = items
        self.last = last


class Reading:
    """A transaction in which the caller reads what PostgreSQL shows this role."""

    def __init__(self, connection: Any, actor: Actor, scope: str) -> None:
        self.actor = actor
        self.scope = scope
        self.subject: UUID | None = None
        self.row_count = 0
        self._connection = connection

    def about(self, subject: UUID, rows: int = 1) -> None:
        """Name the object of the trace; the first one named stays."""
        if self.subject is None:
            self.subject = subject
        self.row_count = max(self.row_count, rows)

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

    async def rows(self, statement: Executable, **given: Any) -> Sequence[asyncpg.Record]:
        """Every row of a statement."""
        said = compiled(statement)
        found: Sequence[asyncpg.Record] = await self._connection.fetch(said.sql, *said.values(given))
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

    async def add(self, *rows: SQLModel) -> None:
        """Insert rows, in order."""
        for row in rows:
            said = insertion(type(row), policy().added_columns(self.actor.role, name_of(type(row))))
            await self._connection.execute(said.sql, *said.values(dict(row)))

    async def add_or_keep(self, row: SQLModel) -> None:
        """Insert a row unless one is there already, waiting for whoever is writing it."""
        columns = policy().added_columns(self.actor.role, name_of(type(row)))
        said = insertion(type(row), columns, or_keep=True)
        await self._connection.execute(said.sql, *said.values(dict(row)))

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


class Lane:
    """One PostgreSQL login and its pool; callers are served in the order they came."""

    def __init__(self, role: str, pool: asyncpg.Pool, size: int) -> None:
        self.role = role
        self._pool = pool
        self._turn = asyncio.Semaphore(size)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        # A first-in first-out gate: asyncpg's pool lets newcomers overtake, which multiplies the slowest answers.
        try:
            async with asyncio.timeout(WAIT_FOR_A_CONNECTION):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable(retry_after=1) from None
        try:
            async with self._pool.acquire(timeout=WAIT_FOR_A_CONNECTION) as connection:
                yield connection
        finally:
            self._turn.release()

    @contextlib.asynccontextmanager
    async def transaction(self, actor: Actor, scope: str, *, traced: bool) -> AsyncIterator[Writing]:
        """Open as the caller's own role, yield, trace, commit. Refusals are traced in a transaction of their own."""
        writes = not scope.endswith(":read")
        begin = "begin" if traced or writes else "begin read only"
        opening = f"{begin}; select access.open('{actor.session_id}')"
        work: Writing | None = None
        try:
            async with self._connection() as connection, _rolled_back_on_error(connection):
                await connection.execute(opening)
                work = Writing(connection, actor, scope)
                yield work
                await connection.execute(f"{_trace(work, 'done') if traced or writes else ''}commit")
        except (NotFound, Forbidden, asyncpg.InsufficientPrivilegeError) as refusal:
            if traced:
                outcome = "not_found" if isinstance(refusal, NotFound) else "refused"
                await self.trace_refusal(actor, scope, outcome, subject=work.subject if work else None)
            raise

    async def trace_refusal(self, actor: Actor, scope: str, outcome: str, *, subject: UUID | None = None) -> None:
        """Trace what was refused; its own transaction, since that of the request has been rolled back."""
        async with self._connection() as connection, _rolled_back_on_error(connection):
            refused = Reading(connection, actor, scope)
            refused.subject = subject
            await connection.execute(
                f"begin; select access.open('{actor.session_id}'); {_trace(refused, outcome)}commit"
            )

    @contextlib.asynccontextmanager
    async def service_transaction(self) -> AsyncIterator[Writing]:
        """For a lane without a person (authentication): no session to open, the trace is the service's business."""
        async with self._connection() as connection, _rolled_back_on_error(connection):
            await connection.execute("begin")
            yield Writing(connection, Actor.nobody(self.role), "session:change")
            await connection.execute("commit")

    async def ready(self) -> bool:
        """Can this lane reach PostgreSQL?"""
        async with self._connection() as connection:
            return bool(await connection.fetchval("select true"))


@contextlib.asynccontextmanager
async def _rolled_back_on_error(connection: Any) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        # A broken connection cannot say rollback; the pool then throws it away.
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.execute("rollback")
        raise


def _trace(work: Reading, outcome: str) -> str:
    # The one statement written by hand: checked UUIDs, integers and scope names only, nothing else is interpolated.
    resource, _, verb = work.scope.partition(":")
    if not (resource.replace("_", "").isalpha() and verb.isalpha() and outcome.replace("_", "").isalpha()):
        raise ValueError("scope")
    subject = f"'{UUID(str(work.subject))}'" if work.subject is not None else "null"
    return f"select access.trace('{resource}:{verb}', {subject}, {int(work.row_count)}, '{outcome}'); "


class Database:
    """The lanes of this process. A lane whose connection is not configured does not exist here."""

    def __init__(self, lanes: Mapping[str, Lane]) -> None:
        self.lanes = dict(lanes)

    @classmethod
    async def connect(cls, urls: Mapping[str, str], *, size: int) -> Database:
        """Open one pool a lane, all at once; ``urls`` by role name."""
        roles = [role.name for role in policy().roles.values() if role.name in urls]
        pools = await asyncio.gather(*(_pool(urls[role], size) for role in roles))
        return cls({role: Lane(role, pool, size) for role, pool in zip(roles, pools, strict=True)})

    def lane(self, role: str) -> Lane:
        """The lane of a role; 403 when this process does not serve it."""
        found = self.lanes.get(role)
        if found is None:
            raise Forbidden("lane_not_served")
        return found

    async def close(self) -> None:
        """Close every pool, waiting for what is in flight."""
        for lane in self.lanes.values():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await lane._pool.close()


async def _pool(url: str, size: int) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url, min_size=1, max_size=size, connection_class=LaneConnection, timeout=3, command_timeout=5
    )
