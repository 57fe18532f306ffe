"""What a database holds, from above: how many rows of each table, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

UNWATCHED = ("audit",)
"""Schemas apart: an attempt, a refusal and a trial leave their trace, and only that."""

TABLES = (
    "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public')"
    " and n.nspname <> all ($1) order by 1"
)


async def tables_of(superuser: asyncpg.Connection) -> list[str]:
    """Every table that is watched."""
    return [row[0] for row in await superuser.fetch(TABLES, list(UNWATCHED))]


async def counted(superuser: asyncpg.Connection) -> Mapping[str, int]:
    """How many rows each table has."""
    tables = await tables_of(superuser)
    counts = " union all ".join(f"select '{table}', count(*) from {table}" for table in tables)
    return {row[0]: row[1] for row in await superuser.fetch(counts)}


async def said(superuser: asyncpg.Connection) -> Mapping[str, Any]:
    """A digest of everything that each table says."""
    tables = await tables_of(superuser)
    digests = " union all ".join(
        f"select '{table}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"
        for table in tables
    )
    return {row[0]: row[1] for row in await superuser.fetch(digests)}
