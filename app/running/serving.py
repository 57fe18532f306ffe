"""The server: one process on uvloop, behind our own protocol; told to stop, it says so, finishes, then ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import asyncpg
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from app.error_handlers import safe_frames
from app.errors import database_facts
from app.main import create_app
from app.notifying.notifier import notified_lanes
from app.operating import unreachable
from app.refusal import CannotRun
from app.running.checking import refuse_unsafe
from app.running.listening import why_not
from app.running.notifying import notifying_beside
from app.services.proving import UnsafeStart
from app.settings import Settings
from app.wire_protocol import GuardedProtocol

log = structlog.get_logger("relais.serving")

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
FINISH_WITHIN = 10
"""Seconds given to the requests in flight; the longest statement takes five."""


class StoppableServer(uvicorn.Server):
    """uvicorn, except for the signals: not ready at once, stopped after ``drain`` seconds; nothing raised again."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, *, announce: Callable[[], None], drain: float) -> None:
        super().__init__(config)
        self._app = app
        self._announce = announce
        self._drain = drain
        self._stop_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def on_tick(self, counter: int) -> bool:
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 — the signature is Python's
        """First signal: stop in good order. Second: do not wait. Third: drop what is in flight."""
        if self._stop_at is None:
            self._app.state.stopping = True
            self._stop_at = time.monotonic() + self._drain
        elif not self.should_exit:
            self.should_exit = True
        else:
            self.force_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's would raise the signal again once done, before PostgreSQL is stopped."""
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def check(settings: Settings) -> None:
    """``CannotRun`` when there is nothing to serve; ``create_app`` checks the keys that the lanes need."""
    if not settings.database_url:
        raise CannotRun("Aucune voie : donnez au moins une URL, par exemple RELAIS_DATABASE_URL__POLICE_OFFICER.")
    if "social_worker" in settings.database_url and settings.sealing_key is None:
        log.warning("no_sealing_key", consequence="notes et coordonnées sûres indisponibles (503)")
    if notified_lanes() & settings.database_url.keys() and settings.webhook_key is None:
        log.warning("no_webhook_key", consequence="abonnements indisponibles (503)")


def serve(
    settings: Settings,
    taken: socket.socket,
    *,
    announce: Callable[[], None],
    drain: float = 0.0,
    notifying: bool = False,
) -> None:
    """Serve until told to stop. ``CannotRun`` when the database or the keys are not what the promises need.

    ``notifying``: this process also tells subscribers what happened, where nobody else does (``relais worker``).
    """
    refuse_unsafe(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, taken, notifying=notifying, announce=announce, drain=drain))
        except UnsafeStart as error:
            raise CannotRun(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                host, port = taken.getsockname()[:2]
                raise CannotRun(why_not(error, host, port)) from None
            raise CannotRun(unreachable(error)) from None
        finally:
            taken.close()


async def _serve(settings: Settings, taken: socket.socket, *, notifying: bool, **how: Any) -> None:
    try:
        app = create_app(settings)
    except (RuntimeError, ValueError) as error:
        raise CannotRun(_about_keys(error)) from None
    config = uvicorn.Config(
        app,
        http=GuardedProtocol,
        ws="none",
        loop="none",
        lifespan="off",  # opened here, so that a refusal to start is told without a traceback
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        timeout_graceful_shutdown=FINISH_WITHIN,
    )
    asyncio.get_running_loop().set_exception_handler(_without_words)
    async with app.router.lifespan_context(app), notifying_beside(app) if notifying else contextlib.nullcontext():
        await StoppableServer(config, app, **how).serve(sockets=[taken])


def _without_words(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # asyncio's own handler prints the exception, whose message may hold a row.
    error = context.get("exception")
    facts = {**database_facts(error), "frames": safe_frames(error)} if error else {}
    log.error("lost_in_the_loop", **facts)


def _about_keys(error: Exception) -> str:
    # Our own sentences only: what a library says of a key may quote it.
    said = str(error) if type(error) is RuntimeError else "une clé des réglages n'a pas la forme attendue"
    return f"{said[:1].upper()}{said[1:]}."
