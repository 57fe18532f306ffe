"""Real PostgreSQL, real roles, real tokens, real HTTP: a migrated database cloned for each test, nothing overridden."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from app.access.tokens import new_signing_key
from app.embedded import EmbeddedPostgres
from app.settings import Settings
from tests.house_for_tests import House, Town, build_template, settings_for

FAST_AND_LOST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "scram_iterations": "64",
}


def _quick_place() -> Path | None:
    """Memory, when there is plenty: cloning a database is a matter of many small files."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    return memory if roomy else None


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for this worker of the test run."""
    home = Path(tempfile.mkdtemp(prefix="relais-tests-", dir=_quick_place()))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home, settings=FAST_AND_LOST)
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def superuser_url(server: EmbeddedPostgres) -> str:
    """The superuser of the test server; ``RELAIS_TEST_SUPERUSER_URL`` names another server (15 to 18)."""
    said = os.environ.get("RELAIS_TEST_SUPERUSER_URL")
    return said or server.url(role="postgres", password=server.superuser_password, database="postgres")


@pytest.fixture(scope="session")
async def town(superuser_url: str) -> Town:
    """The template: bootstrapped, migrated, and peopled with one small département."""
    return await build_template(superuser_url)


@pytest.fixture(scope="session")
def keys() -> dict[str, str]:
    """The keys of the house, drawn once."""
    drawn = {
        name: base64.b64encode(secrets.token_bytes(32)).decode()
        for name in ("sealing_key", "statistics_key", "cursor_key", "refresh_key", "identity_key", "webhook_key")
    }
    return {"signing_key": new_signing_key(), **drawn}


@pytest.fixture
async def database(town: Town) -> AsyncIterator[str]:
    """A database of its own for this test: its name."""
    name = await town.clone()
    yield name
    await town.drop(name)


@pytest.fixture
async def superuser(town: Town, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser connection, to look from above; never how the program works."""
    connection = await asyncpg.connect(town.superuser_url, database=database)
    yield connection
    await connection.close()


@pytest.fixture
def settings(town: Town, database: str, keys: dict[str, str]) -> Settings:
    """Settings of one process that serves every lane."""
    return settings_for(town, database, keys)


@pytest.fixture
async def house(town: Town, database: str, settings: Settings) -> AsyncIterator[House]:
    """The running application, and a client for each person of the town."""
    async with House.running(town, database, settings) as running:
        yield running
