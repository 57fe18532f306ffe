"""A closed loop of clients in one asyncio process: each sends its next request once the last is answered.

Requests are bytes made in advance; an answer is read just enough to know its status and where it ends.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_WAIT = 30.0
"""Seconds after the end of a window; beyond, something is stuck."""


class RefusedAnswer(RuntimeError):  # noqa: N818 — read as a sentence
    """An answer that is not 2xx: a measure of errors is no measure."""


@dataclass
class Window:
    """What one window saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    app_cpu: float | None = None
    """Seconds of processor of the stack."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds under which this share of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def cpu_each(self) -> float | None:
        """Seconds of the stack's processor for each answer."""
        return None if self.app_cpu is None else self.app_cpu / len(self.latencies)


class _Client(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, requests: Iterator[bytes], until: float, window: Window) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._until = until
        self._window = window
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = length_of(self._received)
        if end is None or len(self._received) < end:
            return
        now = time.perf_counter()
        if self._received[9:10] != b"2":
            self._fail(RefusedAnswer(self._received[:600].decode(errors="replace")))
            return
        self._window.latencies.append(now - self._sent_at)
        self._received = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            if self._sent_at and time.perf_counter() >= self._until and exc is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(exc or ConnectionResetError("the stack hung up"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
        self._transport.abort()


def length_of(received: bytes) -> int | None:
    """Size of the whole answer, once its head is there. Every stack says ``Content-Length``."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    lowered = received[:head].lower()
    said = lowered.find(b"\r\ncontent-length:")
    if said < 0:
        raise RefusedAnswer("an answer without Content-Length")
    line_end = lowered.find(b"\r\n", said + 2)
    return head + 4 + int(lowered[said + 17 : line_end if line_end >= 0 else head])


async def run_window(
    port: int, requests: Sequence[bytes], *, concurrency: int, seconds: float, start: int = 0, pid: int | None = None
) -> Window:
    """Load a stack for a while. ``RefusedAnswer`` at the first answer that is not 2xx."""
    window = Window()
    loop = asyncio.get_running_loop()
    following = itertools.islice(itertools.cycle(requests), start % len(requests), None)
    cpu, began = processor_of(pid), time.perf_counter()
    clients = []
    try:
        for _ in range(concurrency):
            client = _Client(following, began + seconds, window)
            await loop.create_connection(lambda one=client: one, "127.0.0.1", port)
            clients.append(client)
        async with asyncio.timeout(seconds + LONGEST_WAIT):
            await asyncio.gather(*(client.done for client in clients))
    finally:
        for client in clients:
            client._transport.abort()
    window.seconds = time.perf_counter() - began
    after = processor_of(pid)
    if cpu is not None and after is not None:
        window.app_cpu = after - cpu
    return window


def processor_of(pid: int | None) -> float | None:
    """Seconds of processor that a process has used, where ``/proc`` tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
