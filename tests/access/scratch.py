"""A PostgreSQL of their own for the programs of this folder that run without pytest: snapshot and mutants."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from app.access.tokens import new_signing_key
from app.embedded import EmbeddedPostgres
from tests.conftest import FAST_AND_LOST, _quick_place
from tests.house_for_tests import Town, build_template


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="relais-fence-", dir=_quick_place()))
    home.chmod(0o711)
    return home


@contextlib.asynccontextmanager
async def own_town() -> AsyncIterator[Town]:
    """A server, and the migrated and peopled template. ``RELAIS_TEST_SUPERUSER_URL`` names another server."""
    said = os.environ.get("RELAIS_TEST_SUPERUSER_URL")
    if said:
        yield await build_template(said)
        return
    home = _home()
    postgres = EmbeddedPostgres(home, settings=FAST_AND_LOST)
    await asyncio.to_thread(postgres.start)
    try:
        url = postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
        yield await build_template(url)
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(home, ignore_errors=True)


def fresh_keys() -> dict[str, str]:
    """The keys of a house, drawn at random."""
    names = ("sealing_key", "statistics_key", "cursor_key", "refresh_key", "identity_key")
    drawn = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names}
    return {"signing_key": new_signing_key(), **drawn}
