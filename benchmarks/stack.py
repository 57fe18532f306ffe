"""One stack as a process: started, asked a few things, loaded, ended by its own number."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from benchmarks.load import length_of

START, STOP = 30.0, 15.0
"""Seconds that a stack may take to start, and to stop."""


class Stack:
    """A process of ``benchmarks.serve``."""

    def __init__(self, name: str, port: int, pid: int) -> None:
        self.name = name
        self.port = port
        self.pid = pid

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, name: str, environment: Mapping[str, str], log: Path, *, core: int | None
    ) -> AsyncIterator[Stack]:
        """Start it on its core, and end it with the block."""
        pinned = {} if core is None else {"BENCH_CORE": str(core)}
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "benchmarks.serve",
                name,
                env={**os.environ, **environment, **pinned},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START):
                said = await process.stdout.readline()
            if not said:
                raise RuntimeError(f"{name} did not start:\n{_end_of(log)}")
            yield cls(name, int(said), process.pid)
        finally:
            process.stdin.close()
            try:
                async with asyncio.timeout(STOP):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body."""
        async with asyncio.timeout(STOP):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(request)
                received = b""
                while (end := length_of(received)) is None or len(received) < end:
                    more = await reader.read(1 << 16)
                    if not more:
                        raise ConnectionResetError(self.name)
                    received += more
            finally:
                writer.close()
        return int(received[9:12]), received.partition(b"\r\n\r\n")[2]


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]
