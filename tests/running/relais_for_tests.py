"""``relais run`` as a person would start it: another process, its own home, a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from app.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def environment(home: Path, port: int, more: Mapping[str, str] | None = None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    return {**inherited, "RELAIS_HOME": str(home), "RELAIS_PORT": str(port), **(more or {})}


def command(home: Path, port: int, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of the program, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT, env=environment(home, port, more), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


class Relais:
    """A running ``relais run`` (or ``serve``)."""

    def __init__(self, home: Path, port: int, *words: str, **more: str) -> None:
        self.home, self.port = home, port
        self.address = f"http://127.0.0.1:{port}"
        self.out = (home.parent / f"{port}-{time.monotonic_ns()}.out").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *(words or ("run",))],
            cwd=ROOT, env=environment(home, port, more), stdout=self.out, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ready(self, patience: float = PATIENCE) -> float:
        """Wait until it answers; seconds it took."""
        begun = time.monotonic()
        while self.process.poll() is None and time.monotonic() < begun + patience:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/readyz", timeout=2).status_code == 200:
                    return time.monotonic() - begun
            time.sleep(0.03)
        raise AssertionError(f"pas prêt : {self.said()}")

    def said(self) -> str:
        return Path(self.out.name).read_text()

    def waits_for(self, words: str) -> None:
        begun = time.monotonic()
        while words not in self.said():
            assert self.process.poll() is None and time.monotonic() < begun + PATIENCE, self.said()
            time.sleep(0.01)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; the exit code, and seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, time.monotonic() - begun

    @property
    def database_lives(self) -> bool:
        return EmbeddedPostgres(self.home).running


@contextmanager
def running(home: Path, port: int, *words: str, **more: str) -> Iterator[Relais]:
    relais = Relais(home, port, *words, **more)
    try:
        yield relais
    finally:
        if relais.process.poll() is None:
            relais.process.terminate()
            relais.process.wait(PATIENCE)
        relais.out.close()
