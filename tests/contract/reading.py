"""Reading an OpenAPI document: its operations, its schemas, what each refers to."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from app.access.policy import policy
from app.access.tokens import new_signing_key
from app.contract.audiences import AUDIENCES, for_audience
from app.main import create_app
from app.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
METHODS = ("get", "post", "put", "patch", "delete")
JSON = ("application/json", "application/merge-patch+json")


@cache
def application(*lanes: str) -> FastAPI:
    """The application of a process that serves these lanes, all of them by default; nothing is connected."""
    served: Any = dict.fromkeys(lanes or policy().roles, "postgresql://nowhere")
    keys: Any = {
        name: base64.b64encode(os.urandom(32)).decode() for name in ("cursor_key", "refresh_key", "identity_key")
    }
    return create_app(Settings(database_url=served, signing_key=_signing_key(), **keys))


@cache
def _signing_key() -> Any:
    return new_signing_key()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method, path, operation


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def led_to(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a ``$ref`` leads to; the node itself when it is none."""
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation, each of them whole."""
    return [led_to(document, each) for each in operation.get("parameters", ())]


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What an operation reads and what it answers when it is granted: where, media type, description."""
    for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", media_type, media
    for status, response in operation["responses"].items():
        for media_type, media in response.get("content", {}).items() if status < "300" else ():
            yield status, media_type, media


def alternatives(schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The shapes that a body may have."""
    found: Iterable[dict[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or (schema,)
    return found


@cache
def every_document() -> dict[str, dict[str, Any]]:
    """Every document that is committed, by its place under ``docs``."""
    whole: dict[str, Any] = application().openapi()
    return {"openapi.json": whole, **{f"openapi/{name}.json": for_audience(whole, name) for name in AUDIENCES}}
