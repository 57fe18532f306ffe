"""Every hostile input of the list, at every member of every body and at every parameter of every route."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest

from app.openapi import TAGS, api_routes
from tests.fuzzing.calling import NOBODY, Callers, Standing
from tests.fuzzing.hostile_inputs import HEADERS, IDS, MARK, METHODS, QUERIES, VALUES, WHOLE, WRONG_AS_A_TEXT
from tests.fuzzing.test_hostile_inputs import proper
from tests.house_for_tests import ONE_OF_EACH_ROLE, House, Town, settings_for

EFFORT = int(os.environ.get("RELAIS_FUZZING", "1"))
SHARE = 4 * EFFORT
"""Inputs of each table tried at one place; the next place is tried with the next ones, so that none is forgotten."""
SENT: Counter[str] = Counter()
T = TypeVar("T")


class Dealer:
    """Deals a table like cards: so many to each place, round and round."""

    def __init__(self) -> None:
        self.dealt: Counter[str] = Counter()

    def deal(self, name: str, table: list[T], many: int) -> Iterator[T]:
        for _ in range(min(many, len(table))):
            yield table[self.dealt[name] % len(table)]
            self.dealt[name] += 1


DEALER = Dealer()


@pytest.fixture(scope="session")
async def besieged(town: Town, keys: dict[str, str]) -> AsyncIterator[Callers]:
    """One house for every input."""
    name = await town.clone()
    superuser = await asyncpg.connect(town.superuser_url, database=name)
    async with House.running(town, name, settings_for(town, name, keys)) as house:
        callers = await Callers.of(house, superuser)
        yield callers
        await callers.close()
    await superuser.close()
    await town.drop(name)


class Siege:
    """One operation, called as who may would, but for one thing."""

    def __init__(self, callers: Callers, method: str, path: str, operation: Mapping[str, Any]) -> None:
        self.callers, self.method, self.path, self.operation = callers, method, path, operation
        roles = operation.get("x-roles") or []
        self.who = ONE_OF_EACH_ROLE[roles[0]] if roles else "worker" if operation.get("security") else NOBODY
        self.on = Standing(method, path, None)

    async def lay(self, document: Mapping[str, Any]) -> None:
        self.on = await self.callers.standing(self.method, self.path, self.who)
        for media, said in self.operation.get("requestBody", {}).get("content", {}).items():
            if media.endswith("json"):
                await self.members(media, _properties(said["schema"], document))
        await self.parameters(document)
        await self.rest()

    async def members(self, media: str, names: list[str]) -> None:
        draft = self.on.call.json if self.on.call and isinstance(self.on.call.json, dict) else {}
        for name in names:
            for kind, (value, wrong) in DEALER.deal("values", list(VALUES.items()), SHARE):
                good = json.dumps({**draft, name: "@@"}).encode()
                answer = await self.send(body=good.replace(b'"@@"', value), media=media)
                SENT["members"] += 1
                refused = wrong and kind not in WRONG_AS_A_TEXT
                self.judge(answer, refused=refused, what=f"{name} = {value[:60]!r}")
        for _, body in DEALER.deal("whole", list(WHOLE.items()), 3):
            SENT["bodies"] += 1
            # Whatever is optional may be left out, and « {} » after a mark is still not JSON.
            self.judge(await self.send(body=body, media=media), refused=bool(names), what=repr(body[:60]), whole=True)

    async def parameters(self, document: Mapping[str, Any]) -> None:
        shared = document["components"]["parameters"]
        for one in self.operation.get("parameters", ()):
            parameter = shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            if parameter["in"] == "query":
                for each in DEALER.deal("queries", QUERIES, SHARE):
                    said = each.replace("limit", parameter["name"])
                    SENT["parameters"] += 1
                    self.judge(await self.send(query=said), refused=False, what=said[:60])
            elif parameter["in"] == "path":
                for each in DEALER.deal("ids", IDS, SHARE):
                    SENT["parameters"] += 1
                    self.judge(await self.send(**{"at": {parameter["name"]: each}}), refused=False, what=each[:60])

    async def rest(self) -> None:
        for header in DEALER.deal("headers", HEADERS, SHARE):
            SENT["headers"] += 1
            self.judge(await self.send(header=header), refused=False, what=repr(header)[:80])
        for method in DEALER.deal("methods", METHODS, 2):
            SENT["methods"] += 1
            answer = await self.send(method=method)
            self.judge(answer, refused=True, what=method[:20])

    async def send(
        self,
        *,
        body: bytes | None = None,
        media: str = "application/json",
        query: str = "",
        at: Mapping[str, str] | None = None,
        header: tuple[str, str] | None = None,
        method: str | None = None,
    ) -> httpx.Response:
        path = self.path
        for name, value in {**self.on.keys, **(at or {})}.items():
            path = path.replace(f"{{{name}}}", value)
        headers: list[tuple[bytes, bytes]] = [(b"if-match", b"*")] if self.method in ("PATCH", "DELETE", "PUT") else []
        call = self.on.call
        if body is None and call is not None and method is None and call.json is not None:
            body = json.dumps(call.json).encode()
            media = "application/merge-patch+json" if self.method == "PATCH" else "application/json"
        if body:
            headers.append((b"content-type", media.encode()))
        if header is not None:
            name, value = (each.encode("latin-1", "replace") for each in header)
            headers = [(known, said) for known, said in headers if known != name.lower()] + [(name, value)]
        url = f"http://relais.test{path}{'?' + query if query else ''}"
        request = httpx.Request(method or self.method, url, headers=headers, content=body or None)
        # What is said in Authorization is the point: it is not replaced.
        return await self.callers.send(NOBODY if header and header[0] == "Authorization" else self.who, request)

    def judge(self, answer: httpx.Response, *, refused: bool, what: str, whole: bool = False) -> None:
        """Refused with a sentence that repeats nothing; or accepted, where that is what it is for."""
        SENT[f"answered {answer.status_code // 100}xx"] += 1
        told = f"{self.method} {self.path} by {self.who}, {what}: {answer.status_code} {answer.text[:300]}"
        if answer.status_code < 400:
            assert answer.status_code <= 304 and not (refused and not whole), told
            return
        try:
            proper(answer)
        except AssertionError as fault:
            raise AssertionError(f"{told}\n{fault}") from None


def _properties(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The members that a body knows."""
    if "$ref" in schema:
        return _properties(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    found = [name for each in schema.get("anyOf", ()) for name in _properties(each, document)]
    return [*schema.get("properties", {}), *found]


@pytest.mark.parametrize("tag", TAGS)
async def test_no_hostile_input_makes_an_error_of_ours_or_is_said_back(besieged: Callers, tag: str) -> None:
    document = besieged.house.app.openapi()
    faults = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if tag in operation["tags"]:
                try:
                    await Siege(besieged, method.upper(), path, operation).lay(document)
                except AssertionError as fault:
                    faults.append(str(fault))
                SENT["operations"] += 1
    assert not faults, "\n\n".join(faults)


def test_every_input_was_tried(besieged: Callers, record_property: Callable[[str, object], None]) -> None:
    tables = {"values": VALUES, "whole": WHOLE, "queries": QUERIES, "ids": IDS, "headers": HEADERS, "methods": METHODS}
    for name, table in tables.items():
        assert DEALER.dealt[name] >= len(table), f"{name}: some were never tried"
    for name, count in sorted(SENT.items()):
        record_property(f"hostile_{name.replace(' ', '_')}", count)
    record_property("hostile_inputs_named", sum(len(table) for table in tables.values()))
    assert SENT["operations"] == sum(len(route.methods or ()) for route in api_routes(besieged.house.app))
    assert SENT["answered 5xx"] == 0
    assert MARK not in json.dumps(besieged.house.app.openapi())
