"""The classes of ``app.models``, the official lists and the migrated database agree, column by column."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from app.access.policy import policy
from app.models import COLUMNS
from app.nomenclature.terms import COMMON_COLUMNS, LISTS

CIRCLES = sorted({table.partition(".")[0] for table in COLUMNS})
TABLES = {table.fullname: table for table in SQLModel.metadata.tables.values()}
LIVING = """
select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
       a.attgenerated <> '' as computed, exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary
                                                    and a.attnum = any (i.indkey)) as key
  from pg_attribute a where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
ALSO_CALLED = {"timestamp with time zone": "timestamp with time zone", "character varying": "text", "varchar": "text"}
ALSO_CALLED |= {"numeric(3, 1)": "numeric(3,1)", "numeric(5, 2)": "numeric(5,2)"}


def _type(column: object) -> str:
    said = column.type.compile(dialect=postgresql.dialect()).lower()  # type: ignore[attr-defined]
    return ALSO_CALLED.get(said, said)


async def test_every_table_of_the_circles_has_its_class_or_its_list(superuser: asyncpg.Connection) -> None:
    rows = await superuser.fetch(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = any ($1) and c.relkind not in ('i', 'I', 't')",
        CIRCLES,
    )

    views = {view for official in policy().officials.values() for view in official.views}
    assert {row[0] for row in rows} == set(COLUMNS) | views
    assert not set(COLUMNS) & views


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_the_class_says_what_the_table_is(superuser: asyncpg.Connection, name: str) -> None:
    living = [tuple(row) for row in await superuser.fetch(LIVING, name)]

    said = [
        (each.name, _type(each), bool(each.nullable), each.computed is not None, each.primary_key)
        for each in TABLES[name].columns
    ]

    assert said == living


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_the_list_in_the_database_is_the_file(superuser: asyncpg.Connection, name: str) -> None:
    said = LISTS[name]
    columns = (*COMMON_COLUMNS, *said.fact_columns)

    rows = await superuser.fetch(f"select {', '.join(columns)} from nomenclature.{name} order by sort_order")

    assert [tuple(row) for row in rows] == [
        (
            term.code, term.label, term.parent_code, term.sort_order, term.valid_from, term.valid_to,
            term.external_code, term.basis, *term.facts.values(),
        )
        for term in said.terms
    ]  # fmt: skip
    assert [row["name"] for row in await superuser.fetch(LIVING, f"nomenclature.{name}")] == list(columns)


async def test_every_circle_table_column_and_function_says_in_french_what_it_holds(
    superuser: asyncpg.Connection,
) -> None:
    silent = await superuser.fetch(
        """
        select n.nspname from pg_namespace n
         where n.nspname = any ($1) and obj_description(n.oid, 'pg_namespace') is null
        union all
        select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = any ($1) and obj_description(p.oid, 'pg_proc') is null
        union all
        select format('%s.%s.%s', n.nspname, c.relname, coalesce(a.attname, '(table)'))
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join lateral (select 0 as attnum, null::name as attname union all
                        select attnum, attname from pg_attribute
                         -- A view says what it holds in one sentence; its columns are those of its tables.
                         where attrelid = c.oid and attnum > 0 and not attisdropped and c.relkind <> 'v') a on true
         where n.nspname = any ($1) and c.relkind not in ('i', 'I', 't')
           and coalesce(case a.attnum when 0 then obj_description(c.oid, 'pg_class')
                             else col_description(c.oid, a.attnum) end, '') !~ '[a-zéèà]{2}.*[.…?]$'
        """,
        [*CIRCLES, "access"],
    )

    assert [row[0] for row in silent] == []
