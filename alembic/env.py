"""Alembic runs as ``relais_migrator`` with a short lock timeout: a migration waits, the traffic does not."""

from __future__ import annotations

import asyncio

import asyncpg
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import context


def run(connection: Connection) -> None:
    context.configure(connection=connection, transaction_per_migration=True, version_table_schema="public")
    with context.begin_transaction():
        context.run_migrations()


async def online(url: str) -> None:
    # The URL goes to asyncpg as it is: SQLAlchemy does not read its options (sslmode…) as asyncpg does.
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(url),
        poolclass=pool.NullPool,
        hide_parameters=True,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(online(context.config.attributes["url"]))
