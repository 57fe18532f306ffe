"""The sentence and the example of each field, read once from ``fields.toml``, put into the schemas of the contract."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from app.nomenclature.terms import LISTS

_SAID: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    files(__package__ or "app.contract").joinpath("fields.toml").read_text(encoding="utf-8")
)
Schema = dict[str, Any]


def said_of(shape: str, name: str, key: str) -> Any:
    """What the dictionary says of a field: of this very shape first, then of the name; ``None`` if nothing."""
    return next((_SAID[each][key] for each in (f"{shape}.{name}", name) if key in _SAID.get(each, ())), None)


def example_of_shape(shape: str) -> Any:
    """The example that the dictionary gives to a whole shape, whose fields do not all go together; ``None`` if none."""
    return _SAID.get(shape, {}).get("example")


def words() -> Iterator[str]:
    """Every entry of the dictionary."""
    yield from _SAID


def nomenclature_of(schema: Any) -> str | None:
    """The official list of which a value is a code, wherever it stands in the schema."""
    if isinstance(schema, dict):
        found = schema.get("x-nomenclature")
        return found if isinstance(found, str) else nomenclature_of([schema.get("items"), schema.get("anyOf")])
    if isinstance(schema, list):
        return next((found for each in schema if (found := nomenclature_of(each)) is not None), None)
    return None


def explain(shape: str, name: str, schema: Schema) -> None:
    """Give a field, or a parameter, its sentence, unless it was said where it is declared."""
    if "description" in schema:
        return
    sentence = said_of(shape, name, "fr")
    listed = nomenclature_of(schema)
    if listed is not None:
        where = f"Code de la liste « {LISTS[listed].label} » (`/v1/nomenclatures/{listed}`)."
        sentence = f"{sentence} {where}" if sentence else where
    if sentence:
        schema["description"] = sentence


def explain_all(schemas: Mapping[str, Schema]) -> None:
    """Every field of every shape."""
    for shape, schema in schemas.items():
        for name, member in schema.get("properties", {}).items():
            explain(shape, name, member)
