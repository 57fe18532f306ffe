"""Whatever is killed, what was acknowledged is kept, once: real processes, real signals, disks that are waited for."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.access.tokens import jwks, new_signing_key
from app.embedded import EmbeddedPostgres
from app.embedded.postmaster import command_of
from tests.house_for_tests import House, Town, build_template, settings_for
from tests.running.relais_for_tests import Relais, free_port
from tests.running.retrying import Persistent, Tally

# As it is when nobody says otherwise: what is committed is on the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "scram_iterations": "64"}
CLIENTS = 6
LONGEST = 50.0
"""Seconds that a fault test may last, its start apart."""
ENOUGH = 60
"""Creations acknowledged, at least."""
LANE = "social_worker"


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of its own, on a real disk, to be killed."""
    place = Path(tempfile.mkdtemp(prefix="relais-faults-"))
    place.chmod(0o711)
    server = EmbeddedPostgres(place / "home", settings=DURABLE)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
async def town(postgres: EmbeddedPostgres) -> Town:
    """The small département, on that server."""
    return await build_template(
        postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
    )


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    """The keys of these processes: the same after each restart."""
    names = ("sealing_key", "statistics_key", "cursor_key", "refresh_key", "identity_key")
    return {"signing_key": new_signing_key()} | {
        name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names
    }


class Served:
    """``relais serve`` on one database, the clients at work on it, and who falls."""

    def __init__(self, postgres: EmbeddedPostgres, town: Town, database: str, keys: dict[str, str]) -> None:
        self.postgres, self.town, self.database, self.keys = postgres, town, database, keys
        self.port, self.tally, self.falls = free_port(), Tally(), 0
        self.home = postgres.home.parent / f"serving-{database}"
        self.home.mkdir()
        self.relais: Relais | None = None
        self.deadline = time.monotonic() + LONGEST

    def start(self) -> None:
        """Start it, and wait until it answers."""
        said = {
            f"RELAIS_DATABASE_URL__{LANE.upper()}": self.town.lane_url(LANE, self.database),
            "RELAIS_QUOTA__PERSON": "1000000/minute",  # clients that insist ask more than people do
            "RELAIS_VERIFICATION_KEYS": jwks(self.keys["signing_key"]),
            **{f"RELAIS_{name.upper()}": self.keys[name] for name in ("sealing_key", "statistics_key", "cursor_key")},
        }
        self.relais = Relais(self.home, self.port, "serve", **said)
        self.relais.ready()

    def kill(self) -> None:
        """``kill -9`` of the very process that we started."""
        assert self.relais is not None
        self.relais.stop(signal.SIGKILL)
        self.relais.out.close()
        self.falls += 1

    async def works_through(self, fault: Callable[[], Awaitable[None]]) -> None:
        """The clients work while the fault strikes, then each ends what it had begun."""
        async with House.running(self.town, self.database, settings_for(self.town, self.database, self.keys)) as house:
            tokens = [
                (await house.session_of(("worker", "colleague")[number % 2]))["access_token"]
                for number in range(CLIENTS)
            ]
        await asyncio.to_thread(self.start)
        assert self.relais is not None
        done, self.deadline = asyncio.Event(), time.monotonic() + LONGEST
        clients = [
            asyncio.create_task(Persistent(number, self.relais.address, token, self.tally).works(done))
            for number, token in enumerate(tokens)
        ]
        await fault()
        # Then calm again: however slow this machine is, there is enough to look at.
        while len(self.tally.acknowledged) < ENOUGH and time.monotonic() < self.deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        done.set()
        _, unfinished = await asyncio.wait(clients, timeout=LONGEST)
        for client in unfinished:
            client.cancel()
        assert not unfinished, f"{self.tally.told()} {self.relais.said()[-4000:]}"

    async def look(self, query: str) -> Any:
        """One value, from above."""
        connection = await asyncpg.connect(self.town.superuser_url, database=self.database)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    async def kept_once(self) -> dict[str, Any]:
        """Nothing that was acknowledged is lost, nothing was done twice; the figures."""
        persons = [row["last_name"] for row in await self.look("select last_name from social.person")]
        ids = {
            row["id"]
            for table in ("social.person", "social.situation", "confidential.note")
            for row in await self.look(f"select id from {table}")
        }
        lost = [each for each in self.tally.acknowledged if UUID(each.id) not in ids]
        made = {kind: {a.id for a in self.tally.acknowledged if kind in a.path} for kind in ("situations", "notes")}
        situations = await self.look("select count(*) from social.situation")
        notes = await self.look("select count(*) from confidential.note")
        duplicated = (
            len(persons) - len(set(persons))
            + situations[0]["count"] - len(made["situations"])
            + notes[0]["count"] - len(made["notes"])
        )  # fmt: skip
        figures = self.tally.told() | {"falls": self.falls, "lost": len(lost), "duplicated": duplicated}
        print(figures)  # noqa: T201
        assert not lost
        assert duplicated == 0
        assert self.tally.strange == []
        assert len(self.tally.acknowledged) >= ENOUGH
        assert self.tally.replays > 3
        return figures


@pytest.fixture
async def served(postgres: EmbeddedPostgres, town: Town, keys: dict[str, str]) -> AsyncIterator[Served]:
    """A database of its own; what still runs is stopped, by its own process."""
    if not postgres.running:
        await asyncio.to_thread(postgres.start)
    one = Served(postgres, town, await town.clone(), keys)
    yield one
    if one.relais is not None:
        if one.relais.process.poll() is None:
            one.relais.stop(signal.SIGKILL)
        one.relais.out.close()
    await town.drop(one.database)


async def test_a_service_that_is_killed_loses_nothing_that_it_acknowledged_and_does_nothing_twice(
    served: Served, request: pytest.FixtureRequest
) -> None:
    async def killed_again_and_again() -> None:
        while served.falls < 5 and time.monotonic() < served.deadline - 25:
            await asyncio.sleep(1.5)
            await asyncio.to_thread(served.kill)
            await asyncio.to_thread(served.start)
        await asyncio.sleep(1)

    await served.works_through(killed_again_and_again)
    figures = await served.kept_once()
    request.node.user_properties += list(figures.items())
    assert served.falls >= 1
    assert figures["unanswered"] > 0


async def test_a_postgresql_that_is_killed_loses_nothing_that_was_acknowledged_and_nothing_is_done_twice(
    served: Served, request: pytest.FixtureRequest
) -> None:
    def fall() -> None:
        pid = int((served.postgres.home / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while command_of(pid):  # a kill takes a moment: until then it would be found alive, and adopted
            time.sleep(0.01)
        served.falls += 1
        served.postgres.start()

    async def killed_again_and_again() -> None:
        while served.falls < 4 and time.monotonic() < served.deadline - 25:
            await asyncio.sleep(2)
            await asyncio.to_thread(fall)
        await asyncio.sleep(1.5)

    await served.works_through(killed_again_and_again)
    figures = await served.kept_once()
    request.node.user_properties += list(figures.items())
    assert served.falls >= 1
    assert figures["statuses"].get(503, 0) > 0


async def test_connections_that_are_cut_under_a_request_lose_nothing_and_nothing_is_done_twice(
    served: Served, request: pytest.FixtureRequest
) -> None:
    cut = (
        "select count(pg_terminate_backend(a.pid)) from (select pid from pg_stat_activity"
        f" where datname = current_database() and usename = 'relais_{LANE}' and state <> 'idle'"
        " order by random() limit 1) a"
    )

    async def cut_again_and_again() -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            served.falls += (await served.look(cut))[0][0]
            await asyncio.sleep(0.15)

    await served.works_through(cut_again_and_again)
    figures = await served.kept_once()
    request.node.user_properties += list(figures.items())
    assert served.falls >= 20
