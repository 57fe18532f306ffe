"""One route, called validly: its scope, how to prepare the call, what answer it gets when allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.access.walking import Ground

Steps = dict[str, Any]
Prepare = Callable[[Ground], Awaitable[Steps]]


@dataclass(frozen=True)
class Way:
    """A route, called validly: its scope, the scope whose rule decides of the object, the answer when allowed."""

    scope: str | None
    prepare: Prepare
    status: int = 200
    column: str | None = None
    of: str | None = None
    by_role: Mapping[str, Prepare] = field(default_factory=dict)
    """How some roles call it: in other words, on other objects."""
    others: Mapping[str, int] = field(default_factory=dict)
    """What some people are answered, to whom the policy would allow it: « not by the one who proposed it »."""
    signed_in: bool = False
    """No scope, and a token all the same."""

    @property
    def asks_for_a_token(self) -> bool:
        """Is anybody without a token answered 401?"""
        return self.scope is not None or self.signed_in


def unless(usual: Way, **ways: Way) -> Way:
    """The same route, which these roles call their own way."""
    return replace(usual, by_role={role: each.prepare for role, each in ways.items()})


def way(
    scope: str | None, path: Any = None, status: int = 200, *, of: str | None = "", seen: Any = "", **said: Any
) -> Way:
    """``path`` prepares the object's path (``tail`` follows it); ``said`` values may be prepared too."""
    column, tail = said.pop("column", None), said.pop("tail", "")
    watched = said.pop("watched_by", "worker")
    others, signed_in, ways = said.pop("others", {}), said.pop("signed_in", False), said.pop("by_role", {})

    async def prepare(ground: Ground) -> Steps:
        found: Steps = {"path": (await path(ground) if path else "") + tail}
        for name, value in said.items():
            found[name] = await value(ground) if callable(value) else value
        if seen != "":
            found["headers"] = await ground.seen(found["path"], by=watched)
        return found

    decides = (scope if path else None) if of == "" else of
    usual = Way(scope, prepare, status, column, decides, others=others, signed_in=signed_in)
    return unless(usual, **ways)


def on(kind: str, before: str = "", *acts: Any) -> Any:
    """Prepare an object of this kind, after these ``acts``; ``before`` begins its path."""

    async def path(ground: Ground) -> str:
        return before + await getattr(ground, kind)(*acts)

    return path
