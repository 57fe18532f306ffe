"""The stacks that ``make bench`` times answer alike, and its client reads answers as they are."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from app.access.policy import policy
from benchmarks import parity
from benchmarks.cases import CASES, STACKS, Asked
from benchmarks.data import PLAIN_LOGIN
from benchmarks.load import RefusedAnswer, Window, length_of
from benchmarks.place import Keys, Logins
from tests.benchmarks.conftest import Furnished
from tests.house_for_tests import LANE_PASSWORD, Town


class _Lifespan:
    """Starts and stops an ASGI application that has no router to ask."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __aenter__(self) -> None:
        self._said: asyncio.Queue[Any] = asyncio.Queue()
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self._task = asyncio.create_task(self.app({"type": "lifespan"}, self._said.get, self._heard.put))
        await self._said.put({"type": "lifespan.startup"})
        assert (await self._heard.get())["type"] == "lifespan.startup.complete"

    async def __aexit__(self, *_: object) -> None:
        await self._said.put({"type": "lifespan.shutdown"})
        await self._task


async def test_the_three_stacks_answer_alike(
    town: Town, keys: dict[str, str], furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("signing_key", "sealing_key", "cursor_key", "refresh_key", "identity_key")
    drawn = Keys(*(keys[name] for name in names))
    lanes = {role: town.lane_url(role, furnished.name) for role in policy().roles}
    plain = lanes["social_worker"].replace("relais_social_worker", PLAIN_LOGIN)
    for name, value in drawn.environment(Logins(LANE_PASSWORD, lanes, plain)).items():
        monkeypatch.setenv(name, value)
    tokens = drawn.tokens(furnished.workers)
    clients: dict[str, httpx.AsyncClient] = {}
    async with AsyncExitStack() as house:
        for stack in STACKS:
            app = importlib.import_module(f"benchmarks.stacks.{stack}").make()
            await house.enter_async_context(_Lifespan(app))
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relais.test")
            clients[stack] = await house.enter_async_context(client)

        async def call(stack: str, asked: Asked) -> tuple[int, bytes]:
            headers = {"Authorization": f"Bearer {tokens[asked.worker]}"}
            if asked.body:
                headers["Content-Type"] = "application/json"
            answer = await clients[stack].request(asked.method, asked.path, content=asked.body, headers=headers)
            return answer.status_code, answer.content

        assert await parity.check(call, furnished.workers) == (2 * len(CASES) - 1) * parity.SAMPLE


def test_the_client_knows_where_an_answer_ends() -> None:
    assert length_of(b"HTTP/1.1 200 OK\r\nConte") is None
    assert length_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nEtag: x\r\n\r\n{") == 47 + 2
    assert length_of(b"HTTP/1.1 200 OK\r\nEtag: x\r\ncontent-length: 12\r\n\r\n") == 48 + 12
    with pytest.raises(RefusedAnswer):
        length_of(b"HTTP/1.1 200 OK\r\n\r\n")


def test_the_slowest_answers_count() -> None:
    window = Window(seconds=2.0, latencies=[0.001] * 98 + [0.5, 0.9])
    assert (window.rate, window.quantile(0.5), window.quantile(0.99)) == (50, 0.001, 0.9)


def test_requests_are_the_same_each_time(furnished: Furnished) -> None:
    for case in CASES:
        assert case.asked(furnished.workers) == case.asked(furnished.workers)
