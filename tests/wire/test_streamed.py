"""A body too large to be held: passed through, counted, never waited for too long, and never sent twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from app.error_handlers import install
from app.errors import TryAgain, Unauthenticated
from app.wire import Wire

PATH = "/v1/files"
JSON = {"content-type": "application/json"}
LARGEST = 100_000


@pytest.fixture
async def app() -> FastAPI:
    """What it is given, it counts; ``failing`` fails after the body, ``closed`` before."""
    app = FastAPI()
    app.state.chunks, app.state.calls = [], 0

    @app.post(PATH)
    async def receive(request: Request, then: str = "") -> dict[str, int]:
        app.state.calls += 1
        if then == "closed":
            raise Unauthenticated
        async for chunk in request.stream():
            app.state.chunks.append(len(chunk))
        if then == "again":
            raise TryAgain
        if then == "slow":
            await asyncio.sleep(30)
        if then == "failing":
            raise RuntimeError("secret")
        return {"size": sum(app.state.chunks)}

    install(app)
    return app


def client_of(app: Any, **limits: Any) -> httpx.AsyncClient:
    wire = Wire(app, max_body=1_000, streamed={PATH: LARGEST}, **limits)
    return httpx.AsyncClient(transport=httpx.ASGITransport(wire), base_url="http://relais.test")


async def parts(count: int, size: int = 1_000, pause: float = 0.0) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(pause)
        yield b" " * size


async def test_a_body_larger_than_others_goes_through_piece_by_piece(app: FastAPI) -> None:
    async with client_of(app) as client:
        answer = await client.post(PATH, content=parts(50), headers=JSON)
        assert (answer.status_code, answer.json()) == (200, {"size": 50_000})
        assert max(app.state.chunks) == 1_000
        assert "connection" not in answer.headers
        lines = await client.post(PATH, content=b"{}\n{}\n", headers={"content-type": "application/x-ndjson"})
        assert lines.status_code == 200
        assert (await client.post("/v1/elsewhere", content=parts(50), headers=JSON)).status_code == 413


async def test_it_is_counted_whatever_it_says_of_its_size(app: FastAPI) -> None:
    async with client_of(app) as client:
        unsaid = await client.post(PATH, content=parts(101), headers=JSON)
        assert (unsaid.status_code, unsaid.json()["code"]) == (413, "body_too_large")
        assert sum(app.state.chunks) <= LARGEST
        said = await client.post(PATH, content=b" " * (LARGEST + 1), headers=JSON)
        assert (said.status_code, app.state.calls) == (413, 1)
        assert said.headers["connection"] == unsaid.headers["connection"] == "close"


async def test_who_falls_silent_is_not_waited_for_but_who_is_only_slow_is(app: FastAPI) -> None:
    async with client_of(app, body_deadline=0.2) as client:
        slow = await client.post(PATH, content=parts(5, pause=0.1), headers=JSON)
        assert slow.status_code == 200
        silent = await client.post(PATH, content=parts(2, pause=0.5), headers=JSON)
        assert (silent.status_code, silent.json()["code"]) == (408, "body_too_slow")
        assert silent.headers["connection"] == "close"
    async with client_of(app, streamed_deadline=0.2) as client:
        late = await client.post(PATH, params={"then": "slow"}, content=b"{}", headers=JSON)
        assert (late.status_code, late.json()["code"]) == (503, "unavailable")


async def test_a_refusal_before_the_body_closes_the_connection(app: FastAPI) -> None:
    async with client_of(app) as client:
        answer = await client.post(PATH, params={"then": "closed"}, content=parts(50), headers=JSON)
        assert (answer.status_code, app.state.chunks) == (401, [])
        assert answer.headers["connection"] == "close"


async def test_it_is_never_sent_twice_and_an_error_says_nothing(app: FastAPI) -> None:
    async with client_of(app) as client:
        again = await client.post(PATH, params={"then": "again"}, content=b"{}", headers=JSON)
        assert (again.status_code, app.state.calls, again.headers["retry-after"]) == (503, 1, "1")
        failing = await client.post(PATH, params={"then": "failing"}, content=b"{}", headers=JSON)
        assert (failing.status_code, failing.json()["code"]) == (500, "internal_error")
        assert "secret" not in failing.text


async def test_the_head_is_checked_as_everywhere(app: FastAPI) -> None:
    async with client_of(app) as client:
        for headers in ({"content-type": "text/plain"}, {**JSON, "content-encoding": "gzip"}, {}):
            assert (await client.post(PATH, content=b"{}", headers=headers)).status_code == 415
        long = await client.post(PATH, content=b"{}", headers={**JSON, "x-long": "a" * 17_000})
        assert (long.status_code, app.state.calls) == (431, 0)
        assert (await client.get(PATH)).status_code == 405


async def test_a_caller_who_leaves_on_the_way_leaves_nothing_behind(app: FastAPI) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"host", b"relais.test"), (b"content-type", b"application/json")],
    }  # fmt: skip
    await Wire(app, streamed={PATH: LARGEST})(scope, receive, send)
    assert sent[0]["status"] == 408
