"""One request, one transaction, one PostgreSQL role.

Each lane has its own pool, whose connections can only ever be that lane's login. A transaction opens with the
caller's live session and ends with the trace of what it did: no trace, no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import time
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.sql.expression import Executable

from app.access.actor import Actor
from app.access.policy import policy
from app.errors import Forbidden, NotFound, Problem, ProofTooOld, Unavailable
from app.statements import compiled
from app.transactions import Reading, Writing, ending
from app.turns import Turns

WAIT_FOR_A_CONNECTION = 2.0
"""Seconds a request waits for its lane before it is told to come back."""
COMMAND_TAKES = 5
"""Seconds."""


class LaneConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose context is always transaction-local, so nothing is left to reset."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # asyncpg turns JIT off with set_config before it looks a type up; lanes may not, and have it off already.
        self._server_caps: Any = self._server_caps._replace(jit=False)

    def get_reset_query(self) -> str:
        """No round trip on release; asyncpg still rolls an open transaction back."""
        return ""


class Lane:
    """One PostgreSQL login and its pool; callers are served in rotation, each in the order of its requests."""

    def __init__(self, role: str, pool: asyncpg.Pool, size: int) -> None:
        self.role = role
        self._pool = pool
        self._turns = Turns(size)
        self._caller: Hashable = None
        self.waited: Callable[[str, float], None] = lambda _lane, _seconds: None

    def serving(self, caller: Hashable) -> Lane:
        """This lane, for a caller whom no token names: its turns are those of where it comes from."""
        lane = copy.copy(self)
        lane._caller = caller
        return lane

    @contextlib.asynccontextmanager
    async def _connection(self, caller: Hashable = None) -> AsyncIterator[Any]:
        # A gate of our own: asyncpg's pool lets newcomers overtake, which multiplies the slowest answers.
        asked_at, caller = time.monotonic(), caller or self._caller
        try:
            async with asyncio.timeout(WAIT_FOR_A_CONNECTION):
                await self._turns.take(caller)
        except TimeoutError:
            raise Unavailable(retry_after=1) from None
        finally:
            self.waited(self.role, time.monotonic() - asked_at)
        try:
            async with self._pool.acquire(timeout=WAIT_FOR_A_CONNECTION) as connection:
                yield connection
        finally:
            self._turns.give_back(caller)

    @contextlib.asynccontextmanager
    async def transaction(
        self, actor: Actor, scope: str, *, traced: bool, rehearsed: bool = False
    ) -> AsyncIterator[Writing]:
        """Open as the caller's own role, yield, trace, commit. Refusals are traced in a transaction of their own.

        ``rehearsed``: what was written is undone instead, once PostgreSQL has checked all that it checks at commit.
        """
        writes = not scope.endswith(":read")
        begin = "begin" if traced or writes else "begin read only"
        opening = f"{begin}; select access.open('{actor.session_id}')"
        work: Writing | None = None
        try:
            async with self._connection(actor.account_id) as connection, _rolled_back_on_error(connection):
                await connection.execute(opening)
                work = Writing(connection, actor, scope)
                yield work
                if rehearsed:
                    await connection.execute("set constraints all immediate; rollback")
                else:
                    await connection.execute(f"{ending(work, work.outcome) if traced or writes else ''}commit")
            if rehearsed:
                await self.trace_apart(actor, scope, "rehearsed", subject=work.subject)
            else:
                for act in work.afterwards:
                    act()
        except (NotFound, Forbidden, ProofTooOld, asyncpg.InsufficientPrivilegeError) as refusal:
            if traced:
                outcome = "not_found" if isinstance(refusal, NotFound) else "refused"
                await self.trace_apart(actor, scope, outcome, subject=work.subject if work else None)
            raise
        except Problem as failure:
            # A broken seal, above all: a security event leaves its trace in the database too.
            if traced and failure.alarm:
                await self.trace_apart(actor, scope, "failed", subject=work.subject if work else None)
            raise

    async def trace_apart(self, actor: Actor, scope: str, outcome: str, *, subject: UUID | None = None) -> None:
        """Trace what was refused, or rehearsed: its own transaction, since that of the request is rolled back."""
        async with self._connection(actor.account_id) as connection, _rolled_back_on_error(connection):
            undone = Reading(connection, actor, scope)
            undone.subject = subject
            await connection.execute(
                f"begin; select access.open('{actor.session_id}'); {ending(undone, outcome)}commit"
            )

    @contextlib.asynccontextmanager
    async def service_transaction(self, *, patience: int | None = None) -> AsyncIterator[Writing]:
        """For a lane without a person (authentication): no session to open, the trace is the service's business.

        ``patience``: seconds that one statement may take, for background work that nobody waits for.
        """
        patient = f"; set local statement_timeout = {patience * 1000:d}" if patience else ""
        async with self._connection() as connection, _rolled_back_on_error(connection):
            await connection.execute(f"begin{patient}")
            yield Writing(connection, Actor.nobody(self.role), "session:change")
            await connection.execute("commit")

    @contextlib.asynccontextmanager
    async def link_transaction(self, token_hash: bytes, *, answers: bool) -> AsyncIterator[Writing]:
        """Open as the holder of an answer link, yield, trace; an answer spends the link, in the same transaction."""
        act = "orientation:change" if answers else "orientation:read"
        opening = f"begin; select access.open_link('\\x{token_hash.hex()}')"
        spending = "select access.spend_link(); " if answers else ""
        try:
            async with self._connection() as connection, _rolled_back_on_error(connection):
                await connection.execute(opening)
                yield Writing(connection, Actor.nobody(self.role), act)
                await connection.execute(f"select access.trace_link('{act}', 1, 'done'); {spending}commit")
        except asyncpg.InvalidAuthorizationSpecificationError:
            # Never made, used, revoked or out of date: one answer for all.
            raise NotFound("answer_link_over") from None

    @contextlib.asynccontextmanager
    async def webhook_transaction(
        self, webhook_id: UUID, proof: bytes, *, traced: bool = True
    ) -> AsyncIterator[Writing]:
        """Open as the keeper of a subscription, proved by its secret, yield, trace what was read.

        ``NotFound``: the subscription is over, its keeper has left, or its secret has changed since.
        """
        opening = f"begin; select access.open_webhook('{webhook_id}', '\\x{proof.hex()}')"
        try:
            async with self._connection() as connection, _rolled_back_on_error(connection):
                await connection.execute(opening)
                work = Writing(connection, Actor.nobody(self.role), "webhook:read")
                yield work
                await connection.execute(f"{ending(work, work.outcome) if traced else ''}commit")
        except asyncpg.InvalidAuthorizationSpecificationError:
            raise NotFound from None

    async def alone(self, statement: Executable, **given: Any) -> asyncpg.Record:
        """One statement that is a transaction by itself: a single round trip."""
        said = compiled(statement)
        async with self._connection() as connection:
            return await connection.fetchrow(said.sql, *said.values(given))

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


class Database:
    """The lanes of this process. A lane whose connection is not configured does not exist here."""

    def __init__(self, lanes: Mapping[str, Lane]) -> None:
        self.lanes = dict(lanes)

    @classmethod
    async def connect(cls, urls: Mapping[str, str], *, size: int, patience: int = COMMAND_TAKES) -> Database:
        """Open one pool a lane, all at once; ``urls`` by role name. ``patience``: seconds that a command may take."""
        roles = [role.name for role in policy().roles.values() if role.name in urls]
        pools = await asyncio.gather(*(_pool(urls[role], size, patience) for role in roles))
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


async def _pool(url: str, size: int, patience: int) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url, min_size=1, max_size=size, connection_class=LaneConnection, timeout=3, command_timeout=patience
    )
