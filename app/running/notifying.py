"""``relais worker``: tells subscribers what happened, for the lanes that it was given; and the same beside a server."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import asyncpg
import structlog
import uvloop
from fastapi import FastAPI

from app.database import Database
from app.notifying.notifier import Notifier, notified_lanes
from app.operating import unreachable
from app.refusal import CannotRun
from app.running.checking import refuse_unsafe
from app.services.proving import UnsafeStart, prove_lanes, trace_start
from app.services.sealing import SealingKey
from app.services.webhook_addresses import Reach
from app.services.webhooks import WebhookDesk
from app.settings import Settings

log = structlog.get_logger("relais.notifying")

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
FINISH_WITHIN = 5.0
"""Seconds left, when a server stops, to the calls that its notifier has begun."""


def notify_until_told(settings: Settings, *, alive: Path | None) -> None:
    """Notify until told to stop. ``CannotRun`` without a lane to notify for, or the key of its subscriptions."""
    urls = {role: url.get_secret_value() for role, url in settings.database_url.items() if role in notified_lanes()}
    if not urls:
        names = ", ".join(f"RELAIS_DATABASE_URL__{role.upper()}" for role in sorted(notified_lanes()))
        raise CannotRun(f"Aucune voie à notifier : donnez au moins une de ces URL, {names}.")
    desk = _desk(settings)
    refuse_unsafe(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_notify(urls, desk, settings.pool_size, alive))
        except UnsafeStart as error:
            raise CannotRun(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CannotRun(unreachable(error)) from None


def _desk(settings: Settings) -> WebhookDesk:
    if settings.webhook_key is None:
        raise CannotRun("Il faut RELAIS_WEBHOOK_KEY, la clé du processus qui a pris ces abonnements.")
    try:
        return WebhookDesk(SealingKey(settings.webhook_key.get_secret_value()), Reach.of(settings.webhook_networks))
    except ValueError:
        raise CannotRun(
            "RELAIS_WEBHOOK_KEY attend 32 octets en base64, et RELAIS_WEBHOOK_NETWORKS des réseaux, comme 10.1.2.0/24."
        ) from None


async def _notify(urls: Mapping[str, str], desk: WebhookDesk, size: int, alive: Path | None) -> None:
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = await Database.connect(urls, size=size)
    try:
        await prove_lanes(database)
        await trace_start(database)
        log.info("ready", lanes=sorted(urls))
        await Notifier(database, desk, looked=_sign_of_life(alive)).run(stopping)
        log.info("stopped")
    finally:
        await database.close()


def _sign_of_life(alive: Path | None) -> Callable[[], None]:
    """What a health check looks at: a file touched each time the lanes have been looked at."""
    return (lambda: alive.touch(mode=0o600)) if alive is not None else (lambda: None)


@contextlib.asynccontextmanager
async def notifying_beside(app: FastAPI) -> AsyncIterator[None]:
    """A notifier on the lanes of a server, for as long as it serves (``relais run``)."""
    desk: WebhookDesk | None = app.state.webhook_desk
    if desk is None:
        yield
        return
    stopping = asyncio.Event()
    notifier = Notifier(app.state.database, desk, watch=app.state.watch, at_once=2)
    working = asyncio.create_task(notifier.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        # Whoever stops a server does not wait for a slow receiver: what was begun is begun again, under the same name.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(working, FINISH_WITHIN)
