"""The program as it is started, on a real port, spoken to in bytes: refused properly, and still there right after."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from shutil import rmtree

import pytest

from tests.fuzzing.raw_requests import CLOSE, GET, POST, RAW, Said
from tests.house_for_tests import Town
from tests.running.relais_for_tests import Relais, free_port, running

PATIENCE = 30.0
LINGERS = 8.0
"""Seconds: a connection well spoken on is kept five seconds for another request; no fault waits for a deadline."""
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) ")
ROUND = {"cases": 0}


@pytest.fixture(scope="module")
async def relais(town: Town, keys: dict[str, str]) -> AsyncIterator[Relais]:
    """``relais serve``, every lane on a real database, in a process of its own."""
    name = await town.clone()
    place = Path(tempfile.mkdtemp(prefix="relais-sockets-"))
    roles = ("authentication", "police_officer", "social_worker")
    lanes = {f"RELAIS_DATABASE_URL__{role.upper()}": town.lane_url(role, name) for role in roles}
    told = {f"RELAIS_{key.upper()}": value for key, value in keys.items()}
    with running(place / "home", free_port(), "serve", **lanes, **told) as served:
        await asyncio.to_thread(served.ready)
        yield served
    rmtree(place)
    await town.drop(name)


async def heard(port: int, *parts: bytes, pause: float = 0.0, half_close: bool = False) -> tuple[bytes, float]:
    """Send the parts; everything that came back until the close (or until nothing comes), and the seconds it took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began, got = time.perf_counter(), b""

    async def speak() -> None:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                if pause:
                    await asyncio.sleep(pause)
            if half_close:
                writer.write_eof()

    speaking = asyncio.create_task(speak())
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while chunk := await reader.read(65_536):
                got += chunk
    speaking.cancel()
    writer.close()
    return got, time.perf_counter() - began


def statuses(got: bytes) -> list[int]:
    return [int(found) for found in ANSWER.findall(got)]


async def answers(port: int) -> None:
    """It still answers, at once."""
    got, lasted = await heard(port, GET + CLOSE)
    assert statuses(got) == [200]
    assert lasted < 2


def descriptors(relais: Relais) -> int:
    return len(os.listdir(f"/proc/{relais.process.pid}/fd"))  # noqa: PTH208 — a folder of the kernel


def memory(relais: Relais) -> int:
    """Resident bytes."""
    pages = int(Path(f"/proc/{relais.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def proper(said: Said, got: bytes) -> None:
    """As many answers as there may be, each of an expected status; a refusal is a problem, whatever its cause."""
    found = statuses(got)
    assert found or said.may_be_silent, "closed without a word"
    assert len(found) <= said.answers, f"{len(found)} answers: the hidden request was answered"
    for status in found:
        assert status in said.statuses, got[:400]
    if found and found[0] >= 400 and not said.sent.startswith(b"HEAD"):
        head, _, body = got.partition(b"\r\n\r\n")
        assert b"application/problem+json" in head.lower()
        assert json.loads(body)["detail"]


@pytest.fixture(scope="module")
async def said_back(relais: Relais) -> dict[str, tuple[bytes, float]]:
    """What each was answered. At once, since the longest wait is that of a deadline; somebody honest asks all along."""
    asked = asyncio.gather(*(heard(relais.port, said.sent) for said in RAW.values()))
    while not asked.done():
        await answers(relais.port)
        await asyncio.sleep(0.2)
    ROUND["cases"] += len(RAW)
    return dict(zip(RAW, await asked, strict=True))


@pytest.mark.parametrize("name", RAW)
async def test_bytes_that_no_library_would_send_are_refused_properly(
    relais: Relais, said_back: dict[str, tuple[bytes, float]], name: str
) -> None:
    got, lasted = said_back[name]
    proper(RAW[name], got)
    assert lasted < LINGERS or statuses(got) == [408], "the connection was left open"


async def test_whoever_drips_is_cut_off_and_nobody_else_waits(relais: Relais) -> None:
    port = relais.port
    head = POST + b"Content-Length: 90\r\n\r\n"
    drips = {
        "headers": heard(port, GET, *[b"x: y\r\n"] * 200, pause=0.1),
        "one letter at a time": heard(port, *[bytes([each]) for each in GET + b"X" * 300], pause=0.08),
        "a body": heard(port, head, *[b" "] * 89, pause=0.2),
        "chunks": heard(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 200, pause=0.1),
        "nothing": heard(port),
        "half a head": heard(port, b"GET /"),
        "half a body": heard(port, head + b"{"),
    }
    waiting = asyncio.gather(*drips.values())
    for _ in range(10):
        await asyncio.sleep(0.5)
        await answers(port)
    for name, (got, lasted) in zip(drips, await waiting, strict=True):
        ROUND["cases"] += 1
        assert lasted < 15, name
        assert statuses(got) in ([], [408]), (name, got[:200])
        if "body" in name or name == "chunks":
            assert statuses(got) == [408], name


async def test_two_hundred_idle_connections_keep_nobody_out_and_leave_nothing_behind(relais: Relais) -> None:
    before = descriptors(relais)
    idle = [await asyncio.open_connection("127.0.0.1", relais.port) for _ in range(200)]
    for _, writer in idle[:100]:
        writer.write(GET)  # a head that never ends
    await asyncio.sleep(0.2)
    assert descriptors(relais) >= before + 200
    await answers(relais.port)
    began = time.monotonic()
    await asyncio.gather(*(asyncio.wait_for(reader.read(), PATIENCE) for reader, _ in idle))
    assert time.monotonic() - began < 15
    for _, writer in idle:
        writer.close()
    ROUND["cases"] += 200
    await _back_to(relais, before)


async def test_a_hundred_requests_sent_at_once_are_answered_one_by_one_in_their_order(relais: Relais) -> None:
    asked = b"".join(GET + b"X-Request-Id: request-%04d\r\n" % n + (CLOSE if n == 99 else b"\r\n") for n in range(100))
    got, _ = await heard(relais.port, asked)
    ROUND["cases"] += 1
    assert statuses(got) == [200] * 100
    assert [int(n) for n in re.findall(rb"x-request-id: request-(\d+)", got, re.IGNORECASE)] == list(range(100))


async def test_a_refusal_among_pipelined_requests_ends_the_conversation(relais: Relais) -> None:
    got, _ = await heard(relais.port, GET + b"\r\n" + GET + b"X : a\r\n\r\n" + GET + b"\r\n")
    ROUND["cases"] += 1
    assert statuses(got) in ([200], [200, 400])
    await answers(relais.port)


async def test_whoever_stops_speaking_after_a_whole_request_is_still_answered(relais: Relais) -> None:
    got, _ = await heard(relais.port, GET + CLOSE, half_close=True)
    assert statuses(got) in ([200], [])
    cut, lasted = await heard(relais.port, POST + b"Content-Length: 90\r\n\r\n{", half_close=True)
    ROUND["cases"] += 2
    assert statuses(cut) in ([], [400], [408])
    assert lasted < 15
    await answers(relais.port)


async def test_the_body_is_asked_for_before_it_is_sent(relais: Relais) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", relais.port)
    writer.write(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
    first = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert statuses(first) == [100]
    writer.write(b"{}")
    rest = await asyncio.wait_for(reader.read(), 5)
    ROUND["cases"] += 1
    assert statuses(rest) == [422]
    writer.close()


async def test_a_body_refused_beforehand_is_not_asked_for(relais: Relais) -> None:
    got, lasted = await heard(relais.port, POST + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
    ROUND["cases"] += 1
    assert statuses(got)[-1] == 413
    assert 100 not in statuses(got)
    assert lasted < 5


async def test_whoever_hangs_up_in_the_middle_leaves_no_descriptor_behind(relais: Relais) -> None:
    await answers(relais.port)
    before = descriptors(relais)
    for said in (GET + b"\r\n", POST + b"Content-Length: 90\r\n\r\n{", b"GET /", b"", RAW["CL then TE"].sent):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", relais.port), 5) as one:
                # Zero seconds of linger: the close is a reset.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                one.sendall(said)
            ROUND["cases"] += 1
    await answers(relais.port)
    await _back_to(relais, before)


async def test_a_thousand_refusals_cost_no_memory_and_no_descriptor(
    relais: Relais, record_property: Callable[[str, object], None]
) -> None:
    kinds = [RAW[name].sent for name in ("CL then TE", "a header of 64 KB", "a TLS greeting", "a negative chunk size")]

    async def refused(times: int) -> None:
        for _ in range(times):
            await asyncio.gather(*(heard(relais.port, sent) for sent in kinds * 5))
        ROUND["cases"] += times * 5 * len(kinds)

    await refused(10)
    descriptors_before, memory_before = descriptors(relais), memory(relais)
    await refused(50)
    await answers(relais.port)
    grown = memory(relais) - memory_before
    record_property("memory_grown_bytes", grown)
    record_property("raw_socket_cases", ROUND["cases"])
    assert grown < 8 << 20
    await _back_to(relais, descriptors_before)


async def _back_to(relais: Relais, before: int) -> None:
    for _ in range(100):
        if descriptors(relais) <= before + 2:  # a connection to PostgreSQL may come and go
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{descriptors(relais)} descriptors, {before} before")
