"""Reading the deployment files the way their tools would: Compose, its schema, its variables, its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SCHEMA = Path(__file__).parent / "compose-spec" / "compose-spec.json"
SERVERS = ("identity", "social", "police")
PROCESSES = (*SERVERS, "worker")
"""Those that stay up, and the one that runs a command when it is called."""
NOTIFIERS: Mapping[str, str] = {"notifier": "social"}
"""Those that tell subscribers what happened, and the process whose subscriptions they are."""

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\}")


def compose() -> dict[str, Any]:
    """``docker-compose.yml``, merges applied, variables not."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def interpolated(text: str, variables: Mapping[str, str] | None = None) -> str:
    """``${NAME:-default}`` as Compose would replace it."""
    known = variables or {}
    return _VARIABLE.sub(lambda found: known.get(found["name"]) or found["default"] or "", text)


def environment_of(service: Mapping[str, Any], variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the container finds in its environment."""
    return {name: interpolated(str(value), variables) for name, value in service.get("environment", {}).items()}


def secrets_of(service: Mapping[str, Any]) -> dict[str, str]:
    """File name under ``/run/secrets`` → name of the secret, for one service."""
    said = [{"source": each} if isinstance(each, str) else each for each in service.get("secrets", ())]
    return {each.get("target", each["source"]): each["source"] for each in said}


# ------------------------------------------------------------------------------ JSON Schema, what Compose uses of it

_TYPES: Mapping[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": (int, float),
}  # fmt: skip
_SAYS_NOTHING = {"description", "deprecated", "default", "title", "$schema", "$id", "$defs"}
_SHAPES = {"properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "required"}


class Nonconformity(Exception):  # noqa: N818 — read as a sentence
    """Where, and what."""


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind in ("integer", "number"):
        return False
    return isinstance(value, _TYPES[kind])


def check(value: Any, schema: Any, whole: Mapping[str, Any], at: str = "") -> None:
    """Does the value conform? Knows the keywords that the Compose schema uses, and refuses to ignore another."""
    if "$ref" in schema:
        check(value, _referred(schema, whole), whole, at)
    for keyword, said in schema.items():
        if keyword in _SAYS_NOTHING or keyword == "$ref":
            continue
        if keyword in _SHAPES:
            continue  # below, together
        if not _KEYWORDS[keyword](value, said, whole, at):
            raise Nonconformity(f"{at or '/'} : {keyword} {json.dumps(said)[:200]}")
    if isinstance(value, dict):
        _check_shape(value, schema, whole, at)


def _referred(schema: Any, whole: Mapping[str, Any]) -> Any:
    target: Any = whole
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return target


def _names(schema: Any, whole: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The properties, and the patterns, that a schema and those it is made of know."""
    names, patterns = set(schema.get("properties", ())), set(schema.get("patternProperties", ()))
    parts = [_referred(schema, whole)] if "$ref" in schema else []
    for each in [*parts, *schema.get("allOf", ())]:
        more_names, more_patterns = _names(each, whole)
        names |= more_names
        patterns |= more_patterns
    return names, patterns


def _check_shape(value: dict[str, Any], schema: Any, whole: Mapping[str, Any], at: str) -> None:
    absent = set(schema.get("required", ())) - value.keys()
    if absent:
        raise Nonconformity(f"{at} : il manque {sorted(absent)}")
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, each in value.items():
        place = f"{at}/{name}"
        matched = [properties[name]] if name in properties else []
        matched += [under for pattern, under in patterns.items() if re.search(pattern, name)]
        for under in matched:
            check(each, under, whole, place)
        others = schema.get("additionalProperties", True)
        if not matched and others is False:
            raise Nonconformity(f"{place} : inconnu ici")
        if not matched and isinstance(others, dict):
            check(each, others, whole, place)
    if schema.get("unevaluatedProperties") is False:
        names, known = _names(schema, whole)
        unknown = [each for each in value.keys() - names if not any(re.search(pattern, each) for pattern in known)]
        if unknown:
            raise Nonconformity(f"{at} : inconnu ici, {sorted(unknown)}")


def _conforming(value: Any, schemas: Any, whole: Mapping[str, Any], at: str) -> int:
    count = 0
    for each in schemas:
        try:
            check(value, each, whole, at)
        except Nonconformity:
            continue
        count += 1
    return count


def _all_of(value: Any, said: Any, whole: Mapping[str, Any], at: str) -> bool:
    for each in said:
        check(value, each, whole, at)
    return True


def _items(value: Any, said: Any, whole: Mapping[str, Any], at: str) -> bool:
    for index, each in enumerate(value if isinstance(value, list) else ()):
        check(each, said, whole, f"{at}/{index}")
    return True


def _distinct(value: Any, said: Any, *_: Any) -> bool:
    if not said or not isinstance(value, list):
        return True
    texts = [json.dumps(each, sort_keys=True) for each in value]
    return len(texts) == len(set(texts))


_KEYWORDS: Mapping[str, Any] = {
    "type": lambda value, said, *_: any(_is(value, kind) for kind in ([said] if isinstance(said, str) else said)),
    "enum": lambda value, said, *_: value in said,
    "minimum": lambda value, said, *_: not _is(value, "number") or value >= said,
    "maximum": lambda value, said, *_: not _is(value, "number") or value <= said,
    "pattern": lambda value, said, *_: not isinstance(value, str) or re.search(said, value) is not None,
    "uniqueItems": _distinct,
    "items": _items,
    "oneOf": lambda value, said, whole, at: _conforming(value, said, whole, at) == 1,
    "anyOf": lambda value, said, whole, at: _conforming(value, said, whole, at) >= 1,
    "allOf": _all_of,
}
