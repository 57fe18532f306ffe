"""The one door to the database: ``may("note:read")``.

No permission named, no session given. The gate checks the token and the scope, opens a transaction as the caller's
own PostgreSQL role, traces, commits before the answer leaves, and tells OpenAPI which scope a route needs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Annotated, Any

import asyncpg
from fastapi import Path, params
from sqlalchemy import func, select
from starlette.requests import Request

from app.access.actor import Actor
from app.access.asking import questions, rehearses
from app.access.policy import policy
from app.access.sources import source_asking
from app.database import Database, Lane
from app.errors import Forbidden, NotFound, ProofTooOld, Unauthenticated, Unavailable
from app.services import remembered_answers
from app.services.institutions import Institutions
from app.services.sealing import SealingKey
from app.services.sessions import Keys
from app.services.told_once import token_digest
from app.transactions import Reading, Writing
from app.watching import Watch

__all__ = [
    "AnsweringByLink",
    "IdentityDesk",
    "Permission",
    "Reading",
    "ReadingByLink",
    "SealingKey",
    "SignedIn",
    "StatisticsKey",
    "Writing",
    "actor_of",
    "asks_for_a_token",
    "identity_desk",
    "may",
    "permission_of",
    "proves_who_comes",
    "sealing_key",
    "signed_in",
    "statistics_key",
]


LinkToken = Annotated[str, Path(min_length=43, max_length=43, pattern="^[A-Za-z0-9_-]+$")]


@dataclass(frozen=True)
class Permission:
    """What a route asks for: a scope; that column, when the act writes one only; an identity proved lately, or not.

    ``leaves``: what it answers is itself what leaves, so that it is never tried out.
    """

    scope: str
    column: str | None
    recent: bool = False
    leaves: bool = False
    streamed: bool = False

    @property
    def remembers(self) -> bool:
        """Is a POST under it done once for one ``Idempotency-Key``? A streamed body is not held, so not compared."""
        return not self.streamed and not self.scope.endswith(":read")

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that hold it."""
        return tuple(r.name for r in policy().people if policy().allows(r.name, self.scope, column=self.column))


def actor_of(request: Request) -> Actor:
    """The caller named by the bearer token; 401 otherwise."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    actor: Actor = request.app.state.verifier.actor(token)
    request.state.actor = actor
    return actor


async def sealing_key(request: Request) -> SealingKey:
    """The sealing key of this process; 503 where there is none (it exists in the social process only)."""
    key: SealingKey | None = request.app.state.sealing_key
    if key is None:
        raise Unavailable(retry_after=60)
    return key


StatisticsKey = bytes


async def statistics_key(request: Request) -> StatisticsKey:
    """The key that draws the rounding of published figures; 503 where there is none (the social process has it)."""
    key: bytes | None = request.app.state.statistics_key
    if key is None:
        raise Unavailable(retry_after=60)
    return key


@dataclass(frozen=True)
class IdentityDesk:
    """What signing in needs: the authentication lane, the keys of the identity process, and where the caller is."""

    lane: Lane
    keys: Keys
    institutions: Institutions
    source: str = "unknown"

    def __iter__(self) -> Iterator[Any]:
        """Lane, keys, source: what every step of a sign-in begins with."""
        return iter((self.lane, self.keys, self.source))


async def identity_desk(request: Request) -> IdentityDesk:
    """The sign-in desk; its routes are mounted only where it exists."""
    desk: IdentityDesk = request.app.state.desk
    source = source_asking(request)
    return replace(desk, lane=desk.lane.serving(source), source=source)


@dataclass(frozen=True)
class SignedIn:
    """The desk, and who stands before it: a token of ours. Whether the session still lives is the service's to see."""

    desk: IdentityDesk
    actor: Actor

    def __iter__(self) -> Iterator[Any]:
        """Lane, keys, source, actor."""
        return iter((*self.desk, self.actor))


async def signed_in(request: Request) -> SignedIn:
    """The holder of an access token, at the sign-in desk; 401 without one."""
    actor = actor_of(request)
    return SignedIn(await identity_desk(request), actor)


def asks_for_a_token(route: Any) -> bool:
    """Does a route of the desk ask for an access token, though for no scope?"""
    dependencies = getattr(getattr(route, "dependant", None), "dependencies", ())
    return any(dependency.call is signed_in for dependency in dependencies)


def proves_who_comes(route: Any) -> bool:
    """Does a route belong to the desk, where somebody's proof is read?"""
    dependencies = getattr(getattr(route, "dependant", None), "dependencies", ())
    return any(dependency.call in (identity_desk, signed_in) for dependency in dependencies)


async def read_by_link(token: LinkToken, request: Request) -> AsyncIterator[Writing]:
    """The holder of an answer link reads its reference; 404 when the link is over."""
    lane: Lane = request.app.state.database.lane("answering").serving(source_asking(request))
    async with lane.link_transaction(token_digest(token), answers=False) as transaction:
        yield transaction


async def answer_by_link(token: LinkToken, request: Request) -> AsyncIterator[Writing]:
    """The holder of an answer link answers, once; 404 when the link is over."""
    lane: Lane = request.app.state.database.lane("answering").serving(source_asking(request))
    async with lane.link_transaction(token_digest(token), answers=True) as transaction:
        yield transaction


PROVED_RECENTLY = select(func.access.proved_recently().label("proved"))

First = Callable[[Request], AbstractAsyncContextManager[None]]


class _Gate:
    """A dependency that yields one transaction under one permission."""

    def __init__(self, permission: Permission, first: First | None) -> None:
        self.permission = permission
        self._first = first
        self._traced = policy().resources[permission.scope.partition(":")[0]].traced

    async def __call__(self, request: Request) -> AsyncIterator[Writing]:
        scope = self.permission.scope
        actor = actor_of(request)
        database: Database = request.app.state.database
        lane = database.lane(actor.role)
        watch: Watch = request.app.state.watch
        allowed = policy().allows(actor.role, scope, column=self.permission.column)
        if not allowed or scope not in actor.scopes:
            await lane.trace_apart(actor, scope, "refused")
            watch.refused(actor.account_id)
            raise Forbidden
        first = self._first(request) if self._first else nullcontext()
        rehearsed = rehearses(request)
        asked = await questions(request, actor) if self.permission.remembers else ()
        keyed = (
            () if rehearsed else asked
        )  # a trial is not remembered, and a key that cannot be read is refused all the same
        try:
            async with (
                first,
                lane.transaction(actor, scope, traced=self._traced, rehearsed=rehearsed) as transaction,
            ):
                if self.permission.recent and not (await transaction.row(PROVED_RECENTLY))["proved"]:
                    raise ProofTooOld
                known = await remembered_answers.recall(transaction, keyed)
                if known is not None:
                    transaction.outcome = "replayed"
                else:
                    yield transaction
                    await remembered_answers.remember(transaction, keyed)
            if known is not None:
                raise remembered_answers.Replayed(known)
        except (NotFound, Forbidden, asyncpg.InsufficientPrivilegeError):
            watch.refused(actor.account_id)
            raise
        if self._traced and scope.endswith(":read"):
            watch.read(actor.account_id, actor.role, transaction.subject)


# The link is the permission: its transaction sees one row, under the lane ``answering``.
ReadingByLink = Annotated[Reading, params.Depends(read_by_link, scope="function")]
AnsweringByLink = Annotated[Writing, params.Depends(answer_by_link, scope="function")]


def may(
    scope: str, *, column: str | None = None, first: First | None = None, recent: bool = False, leaves: bool = False
) -> Any:
    """Ask for a permission: ``reading: Annotated[Reading, may("note:read")]``.

    ``column`` narrows an act to the roles that may write that column (the unit withdraws, the social worker answers).
    The commit happens before the answer leaves (``scope="function"``): a failed commit is a clean error. ``first`` is
    entered once the caller is known to be allowed and before the transaction opens: a long body is received there.
    ``recent`` asks for an identity proved in the last ten minutes: what leaves, what opens an access (RFC 9470).
    ``leaves``: the answer itself is what leaves, and a trial would hand it over without its line in the register.
    """
    resource, _, verb = scope.partition(":")
    if verb not in ("read", "add", "change", "count") or resource not in policy().resources:
        raise ValueError(f"permission inconnue : {scope}")
    return params.Depends(_Gate(Permission(scope, column, recent, leaves, first is not None), first), scope="function")


def permission_of(route: Any) -> Permission | None:
    """The permission that a route asks for, or ``None`` for a public one."""
    for dependency in getattr(getattr(route, "dependant", None), "dependencies", ()):
        if isinstance(dependency.call, _Gate):
            return dependency.call.permission
    return None
