"""Small corrections to the schemas that FastAPI and Pydantic derive, for people and for generated clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

_UNUSED: Final = ("HTTPValidationError", "ValidationError")


def tidy(document: dict[str, Any]) -> None:
    """No English titles drawn from names, no shape of the framework, forms named like the others."""
    schemas = document["components"]["schemas"]
    for name in _UNUSED:
        schemas.pop(name, None)
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"].pop("422", None)  # the framework's own
    for name in [each for each in schemas if each.startswith("Body_")]:
        operation = name.removeprefix("Body_")
        schemas[f"{operation[0].upper()}{operation[1:]}Form"] = {
            "description": "Formulaire (`application/x-www-form-urlencoded`).",
            **schemas.pop(name),
        }
        _rename(document, name, f"{operation[0].upper()}{operation[1:]}Form")
    for schema in _schemas(document):
        if isinstance(schema.get("title"), str):
            del schema["title"]


def _rename(node: Any, old: str, new: str) -> None:
    for each in _nodes(node):
        if each.get("$ref") == f"#/components/schemas/{old}":
            each["$ref"] = f"#/components/schemas/{new}"


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(child)


def _schemas(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema, wherever it stands; a *property* called ``title`` is not the title of one."""
    for schema in document["components"]["schemas"].values():
        yield from _within(schema)
    for node in _nodes(document["paths"]):
        if isinstance(node.get("schema"), dict):
            yield from _within(node["schema"])


def _within(schema: Any) -> Iterator[dict[str, Any]]:
    yield schema
    for member in schema.get("properties", {}).values():
        yield from _within(member)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _within(schema[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for member in schema.get(key, ()):
            yield from _within(member)
