"""The real server on a real socket: what only bytes can say."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from app.wire import Wire
from app.wire_protocol import GuardedProtocol
from tests.wire.small_app import SECRET, make_app


class Hurried(GuardedProtocol):
    """The same door with a short deadline, so that the tests are short too."""

    head_deadline = 0.4


@pytest.fixture(params=["around the application", "among its middlewares"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    app: Any = make_app()
    if request.param == "around the application":
        served: Any = Wire(app, body_deadline=0.4, max_body=100_000)
    else:
        app.add_middleware(Wire, body_deadline=0.4, max_body=100_000)
        served = app
    config = uvicorn.Config(
        served, host="127.0.0.1", port=0, http=Hurried, lifespan="off", log_config=None, timeout_keep_alive=2
    )
    server = uvicorn.Server(config)
    vars(server)["capture_signals"] = contextlib.nullcontext  # the signals are pytest's
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 — uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def say(port: int, *parts: bytes, pause: float = 0.0) -> tuple[bytes, float]:
    """Send the parts with a pause between them; return what came back until the close, and when."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.perf_counter()

    async def speak() -> None:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)

    speaking = asyncio.create_task(speak())
    heard = b""
    # As it comes: whoever goes on speaking after the close is sent a reset, which throws away what was not read yet.
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            while chunk := await reader.read(65_536):
                heard += chunk
    lasted = time.perf_counter() - began
    speaking.cancel()
    writer.close()
    return heard, lasted


def status_of(heard: bytes) -> int:
    return int(heard.split(b" ", 2)[1])


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    heard, lasted = await say(port)
    assert heard == b""
    assert lasted < 1.5


async def test_a_head_that_trickles_is_closed_however_regular_it_is(port: int) -> None:
    _, lasted = await say(port, b"GET /v1/things HTTP/1.1\r\n", *[b"x: y\r\n"] * 60, pause=0.05)
    assert lasted < 1.5


async def test_empty_lines_do_not_keep_a_connection_open(port: int) -> None:
    get = b"GET /v1/things HTTP/1.1\r\nHost: a\r\n\r\n"
    heard, lasted = await say(port, get, *[b"\r\n"] * 60, pause=0.05)
    assert status_of(heard) == 200
    assert lasted < 1.5


async def test_a_body_that_trickles_is_answered_408_and_closed(port: int) -> None:
    head = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    heard, lasted = await say(port, head, *[b" "] * 60, pause=0.05)
    assert status_of(heard) == 408
    assert b"body_too_slow" in heard
    assert lasted < 1.5


async def test_a_head_without_end_is_refused_before_it_fills_the_memory(port: int) -> None:
    heard, _ = await say(port, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"a" * 4096] * 10, pause=0.005)
    assert status_of(heard) == 431
    assert b"header_too_large" in heard


async def test_a_whole_head_that_is_too_long_is_refused(port: int) -> None:
    heard, _ = await say(port, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 17_000 + b"\r\n\r\n")
    assert status_of(heard) == 431


@pytest.mark.parametrize(
    "head",
    [
        b"Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        b"Host: a\r\nHost: b\r\n",
        b"X: y\r\n",
    ],
)
async def test_a_head_that_two_readers_could_read_differently_is_refused(port: int, head: bytes) -> None:
    heard, _ = await say(
        port, b"POST /v1/things HTTP/1.1\r\nContent-Type: application/json\r\n" + head + b"\r\n0\r\n\r\n"
    )
    assert status_of(heard) == 400
    assert heard.count(b"HTTP/1.1") == 1
    assert json.loads(heard.partition(b"\r\n\r\n")[2])["code"] == "bad_header"


async def test_what_is_not_http_is_refused_in_the_same_words(port: int) -> None:
    heard, _ = await say(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert status_of(heard) == 400
    assert b"application/problem+json" in heard


async def test_an_upload_without_end_is_cut_at_the_cap(port: int) -> None:
    head = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    _, lasted = await say(port, head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 3000, pause=0.001)
    assert lasted < 2


async def test_a_good_client_keeps_its_connection_for_several_requests(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for pause in (0, 0.8, 0.8):  # longer than the deadline of a head: between two requests none runs
        await asyncio.sleep(0.1 if pause == 0 else pause)
        writer.write(b"GET /v1/things HTTP/1.1\r\nHost: a\r\n\r\n")
        heard = await asyncio.wait_for(reader.readuntil(b"}"), 3)
        assert status_of(heard) == 200
    writer.close()


async def test_a_head_request_has_the_length_and_no_body(port: int) -> None:
    again = b"GET /v1/things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    heard, _ = await say(port, b"HEAD /v1/things HTTP/1.1\r\nHost: a\r\n\r\n" + again)
    first, _, rest = heard.partition(b"\r\n\r\n")
    assert re.search(rb"content-length: [1-9]", first.lower())
    assert rest.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("how", ["runtime", "group", "base-group"])
async def test_the_server_never_prints_an_exception(
    port: int, how: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    request = f"GET /v1/fail/{how} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    heard, _ = await say(port, request.encode())
    printed = capfd.readouterr()
    assert status_of(heard) == 500
    assert b"internal_error" in heard
    assert SECRET not in heard.decode() + caplog.text + printed.out + printed.err


async def test_a_websocket_is_not_opened(port: int) -> None:
    heard, _ = await say(
        port,
        b"GET /v1/things HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    assert status_of(heard) != 101
