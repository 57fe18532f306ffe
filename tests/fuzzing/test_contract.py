"""Every operation of the contract, by every kind of caller, on what schemathesis makes of the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation, BaseSchema

from app.openapi import TAGS
from tests.access.canaries import NAME, SEALED, Story, found_in
from tests.fuzzing.calling import NOBODY, Callers, Standing, request_of
from tests.fuzzing.cases import cases_of, contract, legible, standing_ids
from tests.house_for_tests import ONE_OF_EACH_ROLE, PEOPLE, House, Town, settings_for

load_all_checks()
# Looked for elsewhere, or not true of us; each with its reason.
LEFT_OUT = {
    "positive_data_acceptance": "the rules of the trade refuse much that a schema lets pass",
    "ignored_auth": "it sends again over a network; here every tenth case has no token",
    "missing_required_header": "without If-Match the answer is 428, which the check does not know",
    "max_response_time": "benchmarks measure it",
    "object_level_authorization": "tests/access calls every route by every role on the things of others",
}  # fmt: skip
LOOKED_FOR = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
RENEWED_AT_MOST = 6
"""Times that an operation which uses up what it acts upon is given fresh things."""
CONFIDENTIAL = (*SEALED, NAME)
"""Canary words that the police never reads (tests/access/canaries.py)."""

TRIED: Counter[str] = Counter()


@pytest.fixture(scope="session")
async def town_at_work(town: Town, keys: dict[str, str]) -> AsyncIterator[tuple[Callers, BaseSchema]]:
    """One house for every operation, where somebody's story is told in canary words."""
    name = await town.clone()
    superuser = await asyncpg.connect(town.superuser_url, database=name)
    async with House.running(town, name, settings_for(town, name, keys)) as house:
        await Story.told(house)
        callers = await Callers.of(house, superuser)
        yield callers, contract(house.app.openapi())
        await callers.close()
    await superuser.close()
    await town.drop(name)


BY_METHOD = ("unsupported_method", "allow_header_conformance")


def looked_for(operation: APIOperation) -> list[Any]:
    """The checks of one operation."""
    methods = {
        "/v1/orientations/reminders",
        "/v1/persons/search",
        "/v1/partners/import",
        "/v1/partners/export",
        "/v1/webhooks/event-types",
    }
    # Their last word could be an identifier: another method there is asked of the neighbour, /v1/persons/{person_id}.
    left_out: tuple[str, ...] = BY_METHOD if operation.path in methods else ()
    if operation.path == "/v1/partners/import":
        # A row of a sheet that is wrong is told in the report; the others go in.
        left_out = (*left_out, "negative_data_rejection")
    return [check for check in LOOKED_FOR if check.__name__ not in left_out]


def unsaid(what: str, asked: httpx.Request) -> bool:
    """Is the schema broken in what never leaves? A null body is no body here, and a null parameter is not sent."""
    if "in body - incorrect type" in what and asked.content in (b"", b"null"):
        return True
    broken = re.search(r"query: violates `anyOf` at /properties/(\w+)", what)
    return broken is not None and broken[1] not in asked.url.params


class Trial:
    """One operation tried: who may call it, on what it is called, and what went wrong."""

    def __init__(self, callers: Callers, operation: APIOperation) -> None:
        self.callers, self.operation = callers, operation
        self.method, self.path = operation.method.upper(), operation.path
        raw: dict[str, Any] = operation.definition.raw
        self.protected = bool(raw.get("security"))
        roles = raw.get("x-roles") or (list(ONE_OF_EACH_ROLE) if self.protected else [])
        self.allowed = [ONE_OF_EACH_ROLE[role] for role in roles] or [NOBODY]
        self.refused = [name for role, name in ONE_OF_EACH_ROLE.items() if role not in roles] if roles else []
        self.on: dict[str, Standing] = {}
        self.renewals = 0
        self.checks = looked_for(operation)
        self.faults: list[str] = []

    async def run(self) -> None:
        for name in self.allowed:
            await self.stand(name)
        standing_ids(sorted({each for standing in self.on.values() for each in standing.ids}))
        for number, case in enumerate(cases_of(self.operation)):
            name = self.caller(number)
            answer = await self.send(name, case, number)
            self.look(name, case, answer)
            if answer.is_success and self.method != "GET" and self.on.get(name) and self.renewals < RENEWED_AT_MOST:
                self.renewals += 1
                await self.stand(name)

    async def stand(self, name: str) -> None:
        self.on[name] = await self.callers.standing(self.method, self.path, name)

    def caller(self, number: int) -> str:
        """Of ten cases, one by nobody and one by somebody who may not; the others in turn by those who may."""
        if number % 10 == 9:
            return NOBODY
        if number % 10 == 8 and self.refused:
            return self.refused[number // 10 % len(self.refused)]
        return self.allowed[number % len(self.allowed)]

    async def send(self, name: str, case: Case, number: int) -> httpx.Response:
        """Send a case; three right ones in four are given what only the house knows: keys, a version, clean texts."""
        if case.method == self.method and case.meta is not None and number % 4:
            self.help(case, self.on.get(name) or self.on[self.allowed[0]])
        request = request_of(case, alone=case.method != self.method)
        data = case.meta.phase.data if case.meta is not None else None
        tampered = getattr(data, "parameter", None) == "Authorization"
        TRIED[name] += 1
        return await self.callers.send(NOBODY if tampered else name, request)

    def help(self, case: Case, standing: Standing) -> None:
        parts = {place.value: said.mode.is_negative for place, said in case.meta.components.items()}  # type: ignore[union-attr]
        if not parts.get("path", False):
            case.path_parameters = {**case.path_parameters, **standing.keys}
        if not parts.get("query", False) and "cursor" in (case.query or {}):
            case.query = {name: value for name, value in case.query.items() if name != "cursor"}
        if not parts.get("header", False) and "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
            case.headers.pop("If-None-Match", None)
        if not parts.get("body", False) and isinstance(case.body, dict):
            case.body = legible(case.body)

    def look(self, name: str, case: Case, answer: httpx.Response) -> None:
        """Every check of schemathesis, and ours."""
        TRIED[f"{answer.status_code // 100}xx"] += 1
        try:
            case.validate_response(answer, checks=self.checks)
        except FailureGroup as group:
            for failure in group.exceptions:
                if not unsaid(str(failure), answer.request):
                    self.fault(name, answer, f"{type(failure).__name__}: {failure}")
        except AssertionError as failure:
            self.fault(name, answer, str(failure))
        if self.protected and answer.is_success and (name == NOBODY or name in self.refused):
            self.fault(name, answer, "answered somebody who may not")
        if PEOPLE.get(name, ("",))[0] in ("police_officer", "unit_commander"):
            TRIED["read_by_the_police"] += 1
            if found := found_in(answer.text, *CONFIDENTIAL):
                self.fault(name, answer, f"the police read {found}")

    def fault(self, name: str, answer: httpx.Response, what: str) -> None:
        asked = answer.request
        self.faults.append(
            f"{self.operation.label} by {name}: {what}\n"
            f"  {asked.method} {asked.url} {asked.headers} {asked.content[:300]!r}\n"
            f"  {answer.status_code} {answer.text[:400]}"
        )


@pytest.mark.parametrize("tag", TAGS)
async def test_every_operation_keeps_its_contract(town_at_work: tuple[Callers, BaseSchema], tag: str) -> None:
    callers, schema = town_at_work
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if tag in operation.definition.raw["tags"]:
            trial = Trial(callers, operation)
            await trial.run()
            TRIED["operations"] += 1
            faults += trial.faults
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:40])


def test_nothing_was_left_out(
    town_at_work: tuple[Callers, BaseSchema], record_property: Callable[[str, object], None]
) -> None:
    _, schema = town_at_work
    for name, count in sorted(TRIED.items()):
        record_property(f"schemathesis_{name}", count)
    assert TRIED["operations"] == len(list(schema.get_all_operations()))
    assert all(TRIED[name] > 50 for name in (*ONE_OF_EACH_ROLE.values(), NOBODY))
    assert TRIED["2xx"] > 500
    assert TRIED["5xx"] == 0
    assert TRIED["read_by_the_police"] > 300
