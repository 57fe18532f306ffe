"""The words of the policy: roles, row rules, rights, resources, officials, events. ``policy.py`` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Verb = Literal["read", "add", "change", "count"]
VERBS: tuple[Verb, ...] = get_args(Verb)
VERB_FR: Mapping[Verb, str] = {"read": "lire", "add": "ajouter", "change": "changer", "count": "compter"}


@dataclass(frozen=True)
class Role:
    """One role of the trade, or one service without a person; its lane is one PostgreSQL login."""

    name: str
    fr: str
    process: str
    has_people: bool

    @property
    def lane(self) -> str:
        """Name of the PostgreSQL login role."""
        return f"relais_{self.name}"


@dataclass(frozen=True)
class Rule:
    """A row rule: one line of SQL on the columns of the very table."""

    name: str
    fr: str
    sql: str


@dataclass(frozen=True)
class Right:
    """What one role may do with one verb: which rows it may take, which it may leave, which columns.

    ``columns`` is ``None`` for "all the columns of the table".
    """

    verb: Verb
    takes: Rule
    leaves: Rule
    columns: tuple[str, ...] | None


@dataclass(frozen=True)
class Resource:
    """A table (or a few functions) and the rights of each role on it.

    ``stem`` is the first word of its scopes: its own name, or that of the twin table whose scopes it shares.
    """

    name: str
    stem: str
    fr: str
    table: str | None
    because: str | None
    traced: bool
    functions: tuple[str, ...]
    rights: Mapping[str, Mapping[Verb, Right]]


@dataclass(frozen=True)
class Official:
    """A role without login that owns trusted functions and views, and reads only the columns named here.

    ``removes`` names the tables that it keeps for itself (tallies that can be counted again), never a record.
    """

    name: str
    fr: str
    owns: tuple[str, ...]
    calls: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]
    adds: Mapping[str, tuple[str, ...]]
    changes: Mapping[str, tuple[str, ...]]
    removes: tuple[str, ...]
    views: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """What may be told of a resource, and the roles that may ask to hear it: they all read that resource."""

    name: str
    fr: str
    resource: Resource
    hears: tuple[str, ...]
