"""The policy, read once from ``policy.toml``: who may do what, and on which rows.

Everything else (grants, row rules, token scopes, OpenAPI, French sentences, documentation) is derived from the
objects of this module. What the file does not say is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from app.access.rights import VERB_FR, VERBS, Event, Official, Resource, Right, Role, Rule, Verb

CLIENT_ROLE = "partner"
"""The role of software: that of the partner it works for."""
ALWAYS = "always"


class PolicyError(Exception):
    """The policy file contradicts itself; the program does not start."""


@dataclass(frozen=True)
class Policy:
    """The whole file."""

    roles: Mapping[str, Role]
    rules: Mapping[str, Rule]
    resources: Mapping[str, Resource]
    officials: Mapping[str, Official]
    function_grants: Mapping[str, tuple[str, ...]]
    client_scopes: Mapping[str, tuple[str, ...]]
    events: Mapping[str, Event]

    @property
    def people(self) -> tuple[Role, ...]:
        """The roles that a person may hold."""
        return tuple(role for role in self.roles.values() if role.has_people)

    def right(self, role: str, scope: str) -> Right | None:
        """The right that ``role`` holds under ``scope`` (``note:read``), or ``None``; a twin may give it."""
        stem, _, verb = scope.partition(":")
        rights = (each.rights.get(role, {}).get(verb) for each in self.twins[stem])  # type: ignore[call-overload]
        return next((right for right in rights if right is not None), None)

    @cached_property
    def twins(self) -> Mapping[str, tuple[Resource, ...]]:
        """The resources that share the scopes of one stem, the one of that very name first."""
        return {
            name: (said, *(each for each in self.resources.values() if each.stem == name and each is not said))
            for name, said in self.resources.items()
            if said.stem == name
        }

    def allows(self, role: str, scope: str, *, column: str | None = None) -> bool:
        """May ``role`` act under ``scope``, and write ``column`` when one is named?"""
        right = self.right(role, scope)
        if right is None:
            return False
        return column is None or right.columns is None or column in right.columns

    def added_columns(self, role: str, table: str) -> tuple[str, ...] | None:
        """The columns that a role writes when it adds to a table; ``None`` for all of them."""
        resource = next((r for r in self.resources.values() if r.table == table), None)
        right = resource.rights.get(role, {}).get("add") if resource else None
        return right.columns if right else None

    def scopes(self, role: str) -> tuple[str, ...]:
        """Every scope of a role, in the order of the file, each once."""
        return tuple(
            dict.fromkeys(
                f"{resource.stem}:{verb}"
                for resource in self.resources.values()
                for verb in resource.rights.get(role, {})
            )
        )

    def opened_by(self, scopes: Iterable[str]) -> frozenset[str]:
        """What the scopes of a token open: themselves, and what the file says of those made for software."""
        spoken = frozenset(scopes)
        return spoken.union(*(self.client_scopes.get(each, ()) for each in spoken))

    @property
    def grantable(self) -> tuple[str, ...]:
        """The scopes that software may be registered with."""
        return tuple(scope for scope in self.client_scopes if scope != ALWAYS)

    def said_by_client(self, granted: Iterable[str]) -> tuple[str, ...]:
        """The scopes that a token of software says: those it is granted, then those that always go with them."""
        wanted = frozenset(granted)
        return (*(each for each in self.grantable if each in wanted), *self.client_scopes[ALWAYS])

    def openers(self, scope: str) -> tuple[str, ...]:
        """The scopes of a token of software, each of which opens ``scope``."""
        opening = (each for each in self.grantable if scope in self.client_scopes[each])
        return (*((scope,) if scope in self.client_scopes[ALWAYS] else ()), *opening)

    def heard_by(self, role: str) -> tuple[Event, ...]:
        """The events that a role may ask to hear."""
        return tuple(event for event in self.events.values() if role in event.hears)

    def sentences(self, role: str, *, within: Iterable[str] | None = None) -> tuple[str, ...]:
        """What the role may do, in French, one sentence a right; ``within`` some scopes only, if they are given."""
        kept = frozenset(self.scopes(role) if within is None else within)
        return tuple(
            sentence(resource, right)
            for resource in self.resources.values()
            for verb, right in resource.rights.get(role, {}).items()
            if f"{resource.stem}:{verb}" in kept
        )

    def functions_of(self, role: str) -> tuple[str, ...]:
        """SQL functions that the lane of ``role`` may call."""
        granted = list(self.function_grants.get(role, ()))
        if self.roles[role].has_people:
            granted += self.function_grants["every_role"]
        for resource in self.resources.values():
            if resource.rights.get(role, {}).keys() & {"read", "count"}:
                granted += resource.functions
        return tuple(sorted(set(granted)))


def sentence(resource: Resource, right: Right) -> str:
    """One right in French: « Lire les saisines dans les unités où je suis affecté. »"""
    rows = right.leaves.fr if right.verb == "add" else right.takes.fr
    limited = right.verb == "change" and right.columns is not None
    columns = f" (seulement : {', '.join(right.columns or ())})" if limited else ""
    return f"{VERB_FR[right.verb].capitalize()} {resource.fr} {rows}{columns}."


def _right(
    verb: Verb, said: str | list[str], columns: list[str] | None, rules: Mapping[str, Rule], *, of_a_table: bool
) -> Right:
    takes, leaves = (said, said) if isinstance(said, str) else said
    if verb == "change" and of_a_table and not columns:
        raise PolicyError(f"a right to change names its columns ({said})")
    return Right(verb, rules[takes], rules[leaves], tuple(columns) if columns else None)


def _resource(name: str, said: dict[str, Any], roles: Mapping[str, Role], rules: Mapping[str, Rule]) -> Resource:
    columns: dict[str, dict[str, list[str]]] = said.get("columns", {})
    facts = {"fr", "table", "scope", "because", "traced", "functions", "columns", "everyone"}
    unknown = said.keys() - facts - roles.keys()
    if unknown:
        raise PolicyError(f"{name}: unknown role {sorted(unknown)}")
    verbs = {role.name: dict(said.get("everyone", {})) for role in roles.values() if role.has_people}
    for role in said.keys() & roles.keys():
        verbs[role] = dict(said[role])
    rights = {
        role: {
            verb: _right(verb, spoken[verb], columns.get(role, {}).get(verb), rules, of_a_table="table" in said)
            for verb in VERBS
            if verb in spoken
        }
        for role, spoken in verbs.items()
        if spoken
    }
    return Resource(
        name=name,
        stem=said.get("scope", name),
        fr=said["fr"],
        table=said.get("table"),
        because=said.get("because"),
        traced=said.get("traced", False),
        functions=tuple(said.get("functions", ())),
        rights=rights,
    )


def _event(name: str, said: dict[str, Any], resources: Mapping[str, Resource]) -> Event:
    resource = resources[said["resource"]]
    deaf = [role for role in said["hears"] if "read" not in resource.rights.get(role, {})]
    if deaf or resource.table is None:
        raise PolicyError(f"{name}: would be heard by {deaf or 'nobody'}, who cannot read {resource.name}")
    return Event(name, said["fr"], resource, tuple(said["hears"]))


def _columns(said: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {table: tuple(columns) for table, columns in said.items()}


def parse(text: str) -> Policy:
    """Read a policy from TOML; raises ``PolicyError`` or ``KeyError`` when it contradicts itself."""
    said = tomllib.loads(text)
    roles = {
        name: Role(name, spoken["fr"], spoken["process"], has_people)
        for section, has_people in (("roles", True), ("services", False))
        for name, spoken in said[section].items()
    }
    rules = {name: Rule(name, spoken["fr"], spoken["sql"]) for name, spoken in said["rules"].items()}
    resources = {name: _resource(name, spoken, roles, rules) for name, spoken in said["resources"].items()}
    return Policy(
        roles=roles,
        rules=rules,
        resources=resources,
        officials={
            name: Official(
                name=name,
                fr=spoken["fr"],
                owns=tuple(spoken["owns"]),
                calls=tuple(spoken.get("calls", ())),
                reads=_columns(spoken.get("reads", {})),
                adds=_columns(spoken.get("adds", {})),
                changes=_columns(spoken.get("changes", {})),
                removes=tuple(spoken.get("removes", ())),
                views=tuple(spoken.get("views", ())),
            )
            for name, spoken in said["officials"].items()
        },
        function_grants={name: tuple(functions) for name, functions in said["functions"].items()},
        client_scopes=_columns(said["client_scopes"]),
        events={name: _event(name, spoken, resources) for name, spoken in said["events"].items()},
    )


@cache
def policy() -> Policy:
    """The policy in force."""
    return parse((files("app.access") / "policy.toml").read_text(encoding="utf-8"))
