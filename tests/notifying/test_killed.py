"""Killed outright in the middle of deliveries, the worker or PostgreSQL: nothing is lost, nothing changes its name."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.embedded import EmbeddedPostgres
from app.notifying.notifier import Notifier
from tests.conftest import _quick_place
from tests.house_for_tests import House, Town, build_template, settings_for
from tests.notifying.receiver import OK, Receiver, receiving
from tests.notifying.telling import later, log_of, subscribed

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120


@contextmanager
def worker(house: House, home: Path, keys: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """``relais worker``, as an operator starts it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    environment = {
        **inherited,
        "RELAIS_HOME": str(home),
        "RELAIS_DATABASE_URL__SOCIAL_WORKER": house.town.lane_url("social_worker", house.database),
        "RELAIS_WEBHOOK_KEY": keys["webhook_key"],
        "RELAIS_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    command = [sys.executable, "-m", "app.cli", "worker", "--alive", str(home / "alive")]
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)


async def until(condition: Any, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait, as long as that process lives."""
    begun = time.monotonic()
    while not condition():
        assert process is None or process.poll() is None
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.01)


async def nothing_waits(superuser: asyncpg.Connection) -> None:
    """Until the last notification is written down as delivered."""
    begun, left = time.monotonic(), 1
    while left:
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.1)
        left = await superuser.fetchval("select count(*) from outbox.delivery where state <> 'delivered'")


async def a_moment(writer: asyncio.StreamWriter) -> None:
    """A receiver that works a little before it answers."""
    await asyncio.sleep(0.03)
    writer.write(OK)
    await writer.drain()


async def test_of_a_hundred_events_none_is_lost_when_the_worker_is_killed_four_times(
    house: House,
    superuser: asyncpg.Connection,
    receiver: Receiver,
    keys: dict[str, str],
    tmp_path: Path,
) -> None:
    await subscribed(house, receiver, "referral.sent")
    sent = {(await house.referral())["id"] for _ in range(100)}
    receiver.always = a_moment
    for deaths in range(1, 5):
        with worker(house, tmp_path, keys) as process:
            already = len(receiver.calls)
            await until(lambda already=already: len(receiver.calls) >= already + 8, process)
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
        # The lease of whoever died is over.
        await later(superuser)
        assert len(receiver.names) < 100, deaths
    with worker(house, tmp_path, keys) as process:
        await until(lambda: len(receiver.names) == 100, process)
        await nothing_waits(superuser)
        assert (tmp_path / "alive").exists()
        process.terminate()
        assert process.wait(PATIENCE) == 0
    told = {call.name: call.said["data"]["id"] for call in receiver.calls}
    assert set(told.values()) == sent and len(told) == 100
    again = len(receiver.calls) - 100
    # At most a turn a death was told and not yet written down.
    assert again <= 4 * 20
    sys.stdout.write(f"{len(receiver.calls)} appels pour 100 événements, {again} redits, 0 perdu\n")
    log = (tmp_path / "worker.log").read_text(encoding="utf-8")
    for hidden in ("whsec_", receiver.url, keys["webhook_key"], *list(sent)[:5]):
        assert hidden not in log


@pytest.fixture
def durable() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of its own, that keeps its promises: the one of the other tests trades them for speed."""
    home = Path(tempfile.mkdtemp(prefix="relais-killed-", dir=_quick_place()))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home, settings={"max_connections": "100", "scram_iterations": "64"})
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(home, ignore_errors=True)


async def test_no_event_that_was_acknowledged_is_lost_when_postgresql_is_killed(
    durable: EmbeddedPostgres, keys: dict[str, str]
) -> None:
    url = durable.url(role="postgres", password=durable.superuser_password, database="postgres")
    town: Town = await build_template(url)
    database = await town.clone()
    settings = settings_for(town, database, {**keys, "webhook_networks": "127.0.0.0/8"})
    async with House.running(town, database, settings) as house, receiving() as receiver:
        webhook = await subscribed(house, receiver, "referral.sent")
        receiver.always = a_moment
        state, stopping, acknowledged = house.app.state, asyncio.Event(), set()
        notifying = asyncio.create_task(Notifier(state.database, state.webhook_desk).run(stopping))
        officer = await house("officer")
        draft = {
            "last_name": "Bolieu", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
            "contact_consent": "given_to_officer",
        }  # fmt: skip

        enough, not_served = asyncio.Event(), 0

        async def sends() -> None:
            nonlocal not_served
            while not enough.is_set():
                answer = await officer.post("/v1/referrals", json=draft)
                assert answer.status_code in (201, 503), answer.text
                if answer.status_code == 201:
                    acknowledged.add(answer.json()["id"])
                else:
                    not_served += 1
                await asyncio.sleep(0.05)

        sending = asyncio.create_task(sends())
        for _ in range(3):
            already = len(receiver.calls)
            await until(lambda already=already: len(receiver.calls) > already + 5)
            pid = int((durable.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, signal.SIGKILL)
            await until(lambda: not durable.running)
            await asyncio.to_thread(durable.start)
        enough.set()
        await sending
        superuser = await asyncpg.connect(town.superuser_url, database=database)
        await later(superuser)
        await nothing_waits(superuser)
        stopping.set()
        await notifying
        told = {call.said["data"]["id"] for call in receiver.calls}
        written = {str(row["id"]) for row in await superuser.fetch("select id from shared.referral")}
        await superuser.close()
        assert acknowledged <= told
        assert told == written and len(receiver.names) == len(written)
        assert len(await log_of(house, webhook)) == min(50, len(written))
        sys.stdout.write(
            f"{len(acknowledged)} accusés, {not_served} refus 503, {len(written)} écrits, {len(receiver.names)}"
            f" notifiés en {len(receiver.calls)} appels, 0 perdu\n"
        )
    with suppress(OSError):
        await town.drop(database)
