"""Who calls each operation, on what, and how a case of schemathesis becomes a request of theirs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import asyncpg
import httpx
import requests
from schemathesis import Case

from tests.access.walking import UUID, Call, Ground
from tests.access.ways import WAYS, call_of
from tests.house_for_tests import ONE_OF_EACH_ROLE, House

NOBODY = "nobody"
BASE = "http://relais.test"
FIVE_MINUTES = 300.0


@dataclass
class Standing:
    """One operation on things that exist: its path as a valid call says it, and every identifier in that call."""

    method: str
    template: str
    call: Call | None

    @property
    def keys(self) -> dict[str, str]:
        """What fills the template."""
        if self.call is None:
            return {}
        shape = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.template))
        found = re.fullmatch(shape, self.call.path.partition("?")[0])
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else {}

    @property
    def ids(self) -> list[str]:
        """Every identifier of the valid call."""
        return UUID.findall(f"{self.call.path} {self.call.json}") if self.call else []


@dataclass
class Callers:
    """The people of the town, each with a token renewed when it is spent."""

    house: House
    ground: Ground
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    renewed: int = 0
    since: float = field(default_factory=time.monotonic)

    @classmethod
    async def of(cls, house: House, superuser: asyncpg.Connection) -> Callers:
        return cls(house, await Ground.of(house, superuser))

    async def stay_signed_in(self) -> None:
        """Every token again, once they are five minutes old: those of the ground and those of the callers."""
        if time.monotonic() - self.since < FIVE_MINUTES:
            return
        self.since = time.monotonic()
        known = [(name, client) for house in (self.clients, self.house.clients) for name, client in house.items()]
        for name, client in known:
            if name != NOBODY:
                client.headers["authorization"] = f"Bearer {(await self.house.session_of(name))['access_token']}"

    async def standing(self, method: str, template: str, name: str) -> Standing:
        """Fresh things for this operation, as this person would call it; none where nobody has said how."""
        await self.stay_signed_in()
        route = f"{method} {template}"
        role = next((role for role, person in ONE_OF_EACH_ROLE.items() if person == name), None)
        call = await call_of(route, self.ground, role) if route in WAYS else None
        return Standing(method, template, call)

    async def close(self) -> None:
        """Hang up."""
        for client in self.clients.values():
            await client.aclose()

    async def send(self, name: str, request: httpx.Request) -> httpx.Response:
        """Send it as this person; once again with a new token when the first one is spent."""
        if name not in self.clients:
            token = None if name == NOBODY else (await self.house.session_of(name))["access_token"]
            self.clients[name] = self.house.caller(token)
        client = self.clients[name]
        if name != NOBODY:
            request.headers["authorization"] = client.headers["authorization"]
        answer = await client.send(request)
        if answer.status_code == 401 and name != NOBODY:
            # Some acts end sessions: her own.
            self.renewed += 1
            client.headers["authorization"] = f"Bearer {(await self.house.session_of(name))['access_token']}"
            request.headers["authorization"] = client.headers["authorization"]
            answer = await client.send(request)
        return answer


def request_of(case: Case, *, alone: bool = False) -> httpx.Request:
    """The bytes that schemathesis means, for our own client to send; ``alone``: without the body."""
    said = case.as_transport_kwargs(base_url=BASE)
    known = {"method", "url", "params", "headers", "cookies"} | (set() if alone else {"data", "json", "files"})
    prepared = requests.Request(**{name: value for name, value in said.items() if name in known}).prepare()
    body: Any = prepared.body or b""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    headers = [
        (_header(name), _header(value))
        for name, value in prepared.headers.items()
        if name.lower() not in ("content-length", "connection", "accept-encoding", "transfer-encoding")
    ]
    if not content:
        headers = [(name, value) for name, value in headers if name.lower() != b"content-type"]
    return httpx.Request(str(prepared.method), str(prepared.url), headers=headers, content=content or None)


def _header(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
