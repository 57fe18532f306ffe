"""A house on a socket, the generated clients, and the demonstration as a person would start it; each made once."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import rmtree

import asyncpg
import pytest

from app.embedded import EmbeddedPostgres
from tests.clients.generating import Generated, generate
from tests.clients.node import Workshop
from tests.clients.serving import DOCUMENT, SAMPLES, Served, serving
from tests.house_for_tests import House
from tests.running.relais_for_tests import Relais, free_port, running

PAGE = "http://localhost:5173"
"""Where a front-end developer serves her page."""


@pytest.fixture
async def served(house: House, superuser: asyncpg.Connection) -> AsyncIterator[Served]:
    """The running application on loopback, whose people have a password and a telephone."""
    async with serving(house, superuser) as running:
        yield running


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The Python client of the committed document."""
    return generate(tmp_path_factory.mktemp("python-client"))


@pytest.fixture(scope="session")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript types of the committed document; skipped where Node or its registry is missing."""
    shop = Workshop(tmp_path_factory.mktemp("types"))
    shop.types(DOCUMENT)
    return shop.folder / "relais.d.ts"


@pytest.fixture(scope="session")
def page(types: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The browser sample, compiled strictly."""
    shop = Workshop(tmp_path_factory.mktemp("page"))
    sample = SAMPLES / "typescript"
    shop.receive(types, *sample.glob("*.ts"), *sample.glob("*.mjs"), sample / "index.html")
    assert shop.compile() == []
    return shop


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Relais]:
    """``make run``, with its fictitious people, for a page served from elsewhere."""
    # Not `tmp_path`: as root, pytest closes it to the account that runs PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="relais-clients-"))
    folder.chmod(0o711)
    try:
        with running(folder / "home", free_port(), RELAIS_ALLOWED_ORIGINS=PAGE) as relais:
            # As long as it goes on: how fast depends on who else is at work here.
            for reached in ("25 %", "50 %", "75 %"):
                relais.waits_for(f"démonstration : {reached}")
            relais.ready()
            yield relais
    finally:
        EmbeddedPostgres(folder / "home").stop()
        rmtree(folder)
