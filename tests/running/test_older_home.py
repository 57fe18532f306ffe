"""A home of version 0.1.0, whose PostgreSQL never heard of the lane of answer links, started by today's program."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import asyncpg
import pytest

from app.access.policy import policy
from app.embedded import EmbeddedPostgres
from app.installing import INSTALLERS, bootstrap, migrate
from app.running.keeping import keep_lane_passwords
from tests.running.relais_for_tests import command, free_port, running

THEN = "0009_policy"
VERSION = "select version_num from public.alembic_version"


@pytest.fixture
def home() -> Iterator[Path]:
    # Not `tmp_path`: as root, pytest closes it to the account that runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="relais-older-"))
    folder.chmod(0o711)
    yield folder / "home"
    EmbeddedPostgres(folder / "home").stop()
    rmtree(folder)


def _url(postgres: EmbeddedPostgres, database: str) -> str:
    return postgres.url(role="postgres", password=postgres.superuser_password, database=database)


async def _ask(postgres: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(_url(postgres, "relais"))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _make_older(postgres: EmbeddedPostgres) -> None:
    """What 0.1.0 left: its roles, its passwords, its tables."""
    then = [name for name in (*policy().roles, *INSTALLERS) if name != "answering"]
    passwords = keep_lane_passwords(postgres.home, then)
    await bootstrap(_url(postgres, "postgres"), "relais", passwords)
    connection = await asyncpg.connect(_url(postgres, "relais"))
    await connection.execute("drop owned by relais_answering; drop role relais_answering")
    await connection.close()
    migrator = postgres.url(role="relais_migrator", password=passwords["migrator"], database="relais")
    await asyncio.to_thread(migrate, migrator, revision=THEN)


async def test_an_older_home_is_brought_up_to_date_by_itself(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.start()
    await _make_older(postgres)

    too_early = command(home, free_port(), "migrate")
    assert too_early.returncode == 1 and "Traceback" not in too_early.stderr
    assert "relais_answering" in too_early.stderr and "passez « relais bootstrap »" in too_early.stderr
    assert await _ask(postgres, VERSION) == THEN
    postgres.stop()

    with running(home, free_port(), "run", "--no-demo") as relais:
        relais.ready()
        assert await _ask(postgres, VERSION) != THEN
        # Every lane has proved itself at the start; this one holds its place in PostgreSQL.
        assert await _ask(postgres, "select count(*) > 0 from pg_stat_activity where usename = 'relais_answering'")
        assert command(home, relais.port, "migrate").returncode == 0
        relais.stop()
