"""The real application on a real socket, and people who sign in with a password and a code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app.registering import add_client
from app.wire_protocol import GuardedProtocol
from tests.house_for_tests import ANSWERS_FOR, PEOPLE, House
from tests.strong import PASSWORD, Telephone, enrolled

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"
SAMPLES = ROOT / "clients"
METHODS = {"get", "post", "put", "patch", "delete"}
ENDS_WITHIN = 240
TELLING = ("officer", "worker", "partner")
"""Who signs in, in the order of the story: their codes are asked in that order."""


@dataclass
class Served:
    """A server, who may sign in to it, and what it has been asked."""

    address: str
    house: House
    superuser: asyncpg.Connection
    accounts: list[dict[str, Any]]
    telephones: dict[str, Telephone]
    software: tuple[str, str]
    calls: list[str] = field(default_factory=list)

    def codes(self) -> list[str]:
        """What each telephone shows now, in the order of the story."""
        return [self.telephones[name].code() for name in TELLING]


class _Counted:
    """The application, each of whose calls is noted: its method, and the path without what it names."""

    def __init__(self, app: ASGIApp, calls: list[str]) -> None:
        self.app, self.calls = app, calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append(f"{scope['method']} {scope['path']}")
        await self.app(scope, receive, send)


@contextlib.asynccontextmanager
async def serving(house: House, superuser: asyncpg.Connection) -> AsyncIterator[Served]:
    """Serve the house on loopback, its people enrolled."""
    calls: list[str] = []
    telephones = {name: await enrolled(house, superuser, name) for name in TELLING}
    said: Any = {
        "name": "Logiciel du CCAS",
        "partner_id": house.ids["ccas"],
        "scopes": ("orientation:answer", "orientation:read"),
    }
    software = await add_client(house.town.superuser_url, database=house.database, **said)
    config = uvicorn.Config(
        _Counted(house.app, calls), host="127.0.0.1", port=0, http=GuardedProtocol, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    vars(server)["capture_signals"] = contextlib.nullcontext  # the signals are pytest's
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 — uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(f"http://127.0.0.1:{port}", house, superuser, listed(), telephones, software, calls)
    finally:
        server.should_exit = True
        await task


def operations() -> dict[str, str]:
    """Every operation of the committed document: ``operationId`` by method and path."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def listed() -> list[dict[str, Any]]:
    """The people of the story, as ``demo-accounts.json`` lists those of the demonstration."""
    return [
        {
            "role": PEOPLE[name][0],
            "email": f"{name}@exemple.test",
            "password": PASSWORD,
            "name": name,
            "units": [] if name == "partner" else ["north"],
            **({"partner": ANSWERS_FOR[name]} if name in ANSWERS_FOR else {}),
        }
        for name in TELLING
    ]


def written(accounts: list[dict[str, Any]], folder: Path) -> Path:
    """The file of accounts."""
    path = folder / "accounts.json"
    path.write_text(json.dumps(accounts), encoding="utf-8")
    return path


async def run(
    words: Sequence[str | Path], *, cwd: Path, said: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """A program to its end, while the server goes on in this process; ``said`` is what is typed to it."""
    program = await asyncio.create_subprocess_exec(*map(str, words), cwd=cwd, env=_environment(more), **PIPES)
    async with asyncio.timeout(ENDS_WITHIN):
        out, err = await program.communicate(said.encode())
    return subprocess.CompletedProcess(words, program.returncode or 0, out.decode(), err.decode())


async def run_asked(words: Sequence[str | Path], served: Served, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A program to its end; each time that it asks for someone's code, that person types what her telephone shows."""
    program = await asyncio.create_subprocess_exec(*map(str, words), cwd=cwd, env=_environment({}), **PIPES)
    heard: dict[str, str] = {"out": "", "err": ""}
    answered: set[str] = set()

    async def listen(name: str, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(4096):
            heard[name] += chunk.decode(errors="replace")
            for email in re.findall(r"Code de (\S+) :", heard[name]):
                if email not in answered:
                    answered.add(email)
                    _stream(program.stdin).write(f"{served.telephones[email.partition('@')[0]].code()}\n".encode())

    async with asyncio.timeout(ENDS_WITHIN), asyncio.TaskGroup() as both:
        both.create_task(listen("out", _stream(program.stdout)))
        both.create_task(listen("err", _stream(program.stderr)))
    return subprocess.CompletedProcess(words, await program.wait(), heard["out"], heard["err"])


PIPES: Any = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)


def _environment(more: dict[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "NO_COLOR": "1", **more}


def _stream(stream: Any) -> Any:
    assert stream is not None
    return stream
