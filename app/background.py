"""The lane ``worker``: what is done with no person behind it, by a command; imports, publications, verifications."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

import asyncpg

from app.database import COMMAND_TAKES, Database
from app.operating import unreachable
from app.refusal import CannotRun
from app.transactions import Writing

WORKER: Final = "worker"


@contextlib.asynccontextmanager
async def worker_transaction(url: str, *, patience: int | None = None) -> AsyncIterator[Writing]:
    """One transaction of the lane ``worker``, on which no person waits; ``patience`` in seconds a statement.

    What goes wrong is told without what PostgreSQL says of the data.
    """
    try:
        database = await Database.connect({WORKER: url}, size=1, patience=patience or COMMAND_TAKES)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise CannotRun(unreachable(error)) from None
    try:
        async with database.lane(WORKER).service_transaction(patience=patience) as writing:
            yield writing
    except asyncpg.PostgresError as error:
        raise CannotRun(unreachable(error)) from None
    except asyncpg.InterfaceError:
        raise CannotRun("PostgreSQL a rompu la liaison en route : rien n'est écrit. Relancez la commande.") from None
    finally:
        await database.close()
