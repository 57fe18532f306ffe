"""The document that one audience reads: what it may call, the shapes that it is shown, and no word of the others."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from app.access.policy import CLIENT_ROLE, policy
from app.contract import security

AUDIENCES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "police": (
        "Ce que la police et la gendarmerie envoient et lisent",
        frozenset(role.name for role in policy().people if role.process == "police"),
    ),
    "social": ("Ce que fait l'intervenant social", frozenset({"social_worker"})),
    "partner": ("Ce que lit et fait un partenaire, et son logiciel", frozenset({CLIENT_ROLE})),
}
"""By name: a title, and the roles it is written for."""

_FOR: Final = re.compile(rf"^{security.FOR}.*$", re.MULTILINE)

OF_EVERYONE: Final = frozenset({"health", "hsds"})
"""The tags of what every process says to anybody, when no permission is asked."""


def served_by(roles: Collection[str]) -> tuple[str, ...]:
    """The audiences whose document a process has, from the roles whose lanes it serves."""
    return tuple(name for name, (_, readers) in AUDIENCES.items() if readers & set(roles))


def for_audience(document: dict[str, Any], name: str) -> dict[str, Any]:
    """``/openapi/police.json``: only what these roles may call, and what anybody may ask any process."""
    title, roles = AUDIENCES[name]
    kept = narrowed(document, roles, public=lambda operation: OF_EVERYONE.issuperset(operation["tags"]))
    kept["info"]["title"] = f"{document['info']['title']} : {title[0].lower()}{title[1:]}"
    return kept


def narrowed(
    document: dict[str, Any], roles: Collection[str], *, public: Any = lambda _operation: True
) -> dict[str, Any]:
    """The document as these roles may know it."""
    kept = copy.deepcopy(document)
    for path, item in list(kept["paths"].items()):
        for method, operation in list(item.items()):
            if "x-roles" not in operation:
                gone = not public(operation)
            else:
                operation["x-roles"] = [role for role in operation["x-roles"] if role in roles]
                gone = not operation["x-roles"]
                operation["description"] = _FOR.sub(
                    security.who(operation["x-roles"]), operation["description"], count=1
                )
                _narrow_parameters(operation)
                _narrow_alternatives(operation, kept["components"]["schemas"])
                if CLIENT_ROLE not in roles:
                    operation["security"] = [each for each in operation["security"] if "software" not in each]
                    operation.pop("x-client-scopes", None)
            if gone:
                del item[method]
        if not item:
            del kept["paths"][path]
    for schema in kept["components"]["schemas"].values():
        shown_to = [role for role in schema.pop("x-shown-to", ()) if role in roles]
        if shown_to:  # else it is reached by another path, where it is the only shape
            schema["x-shown-to"] = shown_to
    prune(kept)
    return kept


def _narrow_parameters(operation: dict[str, Any]) -> None:
    """Leave out those that are written for other roles."""
    roles = set(operation["x-roles"])
    said = operation.get("parameters", [])
    said[:] = [each for each in said if roles & set(each.get("schema", {}).get("x-shown-to", roles))]


def _narrow_alternatives(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Of a body that has one shape for each audience, keep those of the roles that are left."""
    roles = set(operation["x-roles"])
    contents = [operation.get("requestBody", {}), *operation["responses"].values()]
    for media in (media for each in contents for media in each.get("content", {}).values()):
        schema = media.get("schema", {})
        if "anyOf" in schema:
            shapes = [(each, schemas.get(_name(each), {}).get("x-shown-to", roles)) for each in schema["anyOf"]]
            media["schema"] = _one_of("anyOf", [each for each, shown_to in shapes if roles & set(shown_to)])
        if "x-said-by" in schema:
            said = [
                (each, role) for each, role in zip(schema["oneOf"], schema["x-said-by"], strict=True) if role in roles
            ]
            media["schema"] = _one_of("oneOf", [each for each, _ in said], said_by=[role for _, role in said])


def _name(reference: dict[str, Any]) -> str:
    return str(reference.get("$ref", "")).rpartition("/")[2]


def _one_of(how: str, shapes: list[Any], *, said_by: list[str] | None = None) -> dict[str, Any]:
    if len(shapes) == 1:
        return dict(shapes[0])
    return {how: shapes, **({"x-said-by": said_by} if said_by else {})}


def prune(document: dict[str, Any]) -> None:
    """Leave no component, tag or scope to which no operation leads."""
    parts = document["components"]
    reached: set[str] = set()
    waiting = list(_references(document["paths"]))
    while waiting:
        reference = waiting.pop()
        if reference in reached:
            continue
        reached.add(reference)
        kind, name = reference.removeprefix("#/components/").split("/", 1)
        waiting += _references(parts[kind][name])
    for kind in ("schemas", "responses", "parameters", "headers"):
        parts[kind] = {name: part for name, part in parts[kind].items() if f"#/components/{kind}/{name}" in reached}
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    asked = [requirement for operation in operations for requirement in operation["security"]]
    parts["securitySchemes"] = {
        name: scheme for name, scheme in parts["securitySchemes"].items() if any(name in each for each in asked)
    }
    used = {scope for each in asked for scopes in each.values() for scope in scopes}
    for scheme in parts["securitySchemes"].values():
        said = scheme["flows"]["clientCredentials"] if "flows" in scheme else scheme
        key = "scopes" if "flows" in scheme else "x-scopes"
        said[key] = {scope: text for scope, text in said[key].items() if scope in used}
    tags = {tag for operation in operations for tag in operation["tags"]}
    document["tags"] = [tag for tag in document["tags"] if tag["name"] in tags]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)
