"""What a request may hold at most: how many headers and parameters, how long a text, how many items."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from app.main import create_app
from app.settings import Settings
from app.wire_headers import add_header
from tests.wire.small_app import call_raw, client_of, make_app

ROOT = Path(__file__).resolve().parents[2]
HOST = (b"host", b"relais.test")
# Bounded by their format, or by the route that reads them as they come (a line is 64 KiB, a file 64 MiB).
KNOWN_FORMS = {"uuid", "date", "date-time"}
STREAMED = "/v1/partners/import"


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 431), (1500, 431)])
async def test_a_request_has_a_hundred_headers_at_most(count: int, status: int) -> None:
    headers = [HOST, *((b"x-%d" % number, b"1") for number in range(count - 1))]
    assert (await call_raw(make_app(), headers=headers))["status"] == status


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 431), (1500, 431)])
async def test_an_address_has_a_hundred_parameters_at_most(count: int, status: int) -> None:
    query = b"&".join([b"kind=a"] * count)
    assert (await call_raw(make_app(), query_string=query))["status"] == status


async def test_what_an_answer_was_to_say_it_says_even_when_the_request_is_given_up() -> None:
    app = make_app()

    @app.get("/told")
    async def told(request: Request) -> None:
        add_header(request, "RateLimit", '"default";r=1;t=2')
        await asyncio.sleep(30)

    async with client_of(app, request_deadline=0.05) as client:
        answer: httpx.Response = await client.get("/told")
    assert (answer.status_code, answer.headers.get("ratelimit")) == (503, '"default";r=1;t=2')


def unbounded(document: dict[str, Any]) -> list[str]:
    """Every text and every list of a body that the document gives no end to."""
    schemas, seen, found = document["components"]["schemas"], set(), []

    def look(node: Any, place: str) -> None:
        name = node.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            look(schemas[name], name)
        kind = node.get("type")
        ends = node.keys() & {"maxLength", "enum", "const", "pattern"} or node.get("format") in KNOWN_FORMS
        if (kind == "string" and not ends) or (kind == "array" and "maxItems" not in node):
            found.append(place)
        for member, child in node.get("properties", {}).items():
            look(child, f"{place}/{member}")
        for child in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
            look(child, place)
        if isinstance(node.get("items"), dict):
            look(node["items"], f"{place}[]")

    for place, body in bodies(document):
        look(body, place)
    return found


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every body that the document describes, but the one that is read piece by piece."""
    for path, item in document["paths"].items():
        for operation in item.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if path != STREAMED:
                    yield path, media["schema"]


def test_every_text_and_every_list_that_may_be_said_has_an_end_which_the_document_tells(settings: Settings) -> None:
    document = create_app(settings).openapi()
    assert len([*bodies(document)]) > 40
    assert unbounded(document) == []
    endless = {"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}}}}
    media = {"requestBody": {"content": {"application/json": {"schema": endless}}}}
    assert unbounded({"components": {"schemas": {}}, "paths": {"/v1/x": {"post": media}}}) == [
        "/v1/x/names", "/v1/x/names[]",
    ]  # fmt: skip


def test_every_limit_of_the_documentation_names_a_test_that_exists() -> None:
    said = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    files = {ROOT / path for path in re.findall(r"`(tests/[a-z_/]+\.py)`", said)}
    assert len(files) > 5
    assert all(path.is_file() for path in files)
    written = "".join(path.read_text(encoding="utf-8") for path in files)
    names = re.findall(r"`(test_[a-z0-9_]+)", said)
    assert names
    assert [name for name in names if f"def {name}" not in written] == []
