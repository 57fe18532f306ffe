"""An example of each shape, made of the examples of its fields: invented persons, numbers kept for fiction.

A field says its example where it is declared (``Field(examples=[…])``) or in ``fields.toml``; an identifier, a day, an
instant, a number, a code of a list have one by their type. A shape whose field has none gets none, and a test says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.contract.fields import Schema, example_of_shape, said_of
from app.nomenclature.terms import LISTS

DAY: Final = "2026-09-14"
INSTANT: Final = "2026-09-14T09:30:00Z"
_MILLISECONDS: Final = int(datetime(2026, 9, 14, 9, 30, tzinfo=UTC).timestamp() * 1000)
_BY_FORMAT: Final = {"date": DAY, "date-time": INSTANT, "email": "helene.fontanel@exemple.fr"}
_BY_TYPE: Final = {"integer": 1, "number": 1.5, "boolean": True, "null": None}
_PYTHON: Final[Mapping[str, Any]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


class NoExample(LookupError):  # noqa: N818 — read as a sentence where it is raised
    """A field for which nobody has said an example."""


def identifier(name: str) -> str:
    """A UUIDv7, always the same for the same name: what two shapes call ``post_id`` is the same post."""
    drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10])
    return str(UUID(int=_MILLISECONDS << 80 | 7 << 76 | (drawn & 0xFFF) << 64 | 2 << 62 | drawn >> 18))


def illustrate_all(schemas: Mapping[str, Schema]) -> None:
    """Give every shape its example, unless it has one of its own."""
    for shape, schema in schemas.items():
        if "examples" in schema:
            continue
        try:
            schema["examples"] = [example_of(schema, schemas, shape=shape)]
        except NoExample:
            continue


def example_of(schema: Schema, schemas: Mapping[str, Schema], *, shape: str = "", name: str = "") -> Any:
    """An example of what a schema describes; raises ``NoExample``."""
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        return example_of(schemas[shape], schemas, shape=shape)
    said = schema["examples"][0] if "examples" in schema else said_of(shape, name, "example")
    if said is not None and _suits(said, schema):
        return said
    alternatives = schema.get("anyOf", schema.get("oneOf"))
    if alternatives:
        return example_of(alternatives[0], schemas, shape=shape, name=name)
    if "properties" in schema:
        return example_of_shape(shape) or {
            member: example_of(described, schemas, shape=shape, name=member)
            for member, described in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas, shape=shape, name=name)]
    return _value(schema, shape, name)


def _value(schema: Schema, shape: str, name: str) -> Any:
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "x-nomenclature" in schema:
        return next(each.code for each in LISTS[schema["x-nomenclature"]].terms if each.valid_to is None)
    kind, form = schema.get("type"), schema.get("format")
    if form == "uuid":
        return identifier(f"{_stem(shape)}_id" if name == "id" else name)
    if form in _BY_FORMAT:
        return _BY_FORMAT[form]
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if kind == "object" and not schema.get("required"):
        return {}
    raise NoExample(f"{shape}.{name}")


def _stem(shape: str) -> str:
    """``post`` for ``PostShown`` and ``PostDraft``: the noun by which other shapes name it."""
    noun = re.split(r"(?<=[a-z])(?=Shown|Draft|Patch|Found|Listed|Made|ReadBy)", shape)[0]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", noun).lower()


def _suits(value: Any, schema: Schema) -> bool:
    """Is it of the type of this field? One name may be a number here and a text there."""
    if alternatives := schema.get("anyOf", schema.get("oneOf", ())):
        return any(_suits(value, each) for each in alternatives)
    kind = schema.get("type")
    if "$ref" in schema or (isinstance(value, bool) and kind not in (None, "boolean")):
        return False
    if kind is not None and not isinstance(value, _PYTHON.get(kind, ())):
        return False
    if isinstance(value, list):
        return all(_suits(each, schema.get("items", {})) for each in value)
    listed = schema.get("x-nomenclature")
    return value in schema.get("enum", [schema.get("const", value)]) and (
        listed is None or value in LISTS[listed].by_code
    )
