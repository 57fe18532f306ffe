"""What a migration borrows it gives back: rights lent for an instant, the habit of an official, passing row rules."""

from __future__ import annotations

import asyncpg

from app.access.policy import policy
from tests.access.snapshot_queries import CIRCLES

WHO_MAY_CREATE = """
select n.nspname || ' ' || r.rolname from pg_namespace n cross join pg_roles r
 where n.nspname = any ($1) and not r.rolsuper and has_schema_privilege(r.oid, n.oid, 'create')
   and r.rolname <> 'relais_migrator'
"""
OPEN_TO_PUBLIC = """
select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
       aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where n.nspname = any ($1) and a.grantee = 0
union all
select n.nspname from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
 where n.nspname = any ($1) and a.grantee = 0
union all
select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
 where n.nspname = any ($1) and a.grantee = 0
union all
select format('%s.%s', c.oid::regclass, t.attname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a where n.nspname = any ($1) and a.grantee = 0
"""
OWNED_BY_OFFICIALS = """
select pg_get_userbyid(d.refobjid) as owner, d.classid::regclass::text as kind, d.objid from pg_shdepend d
 where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and pg_get_userbyid(d.refobjid) = any ($1)
   and d.dbid = (select oid from pg_database where datname = current_database())
"""
RULES_OF_THE_MIGRATOR = """
select p.polname || ' on ' || p.polrelid::regclass from pg_policy p
 where 0 = any (p.polroles) or 'relais_migrator'::regrole = any (p.polroles)
"""


async def test_nobody_but_the_migrator_may_create_anything_in_a_circle(superuser: asyncpg.Connection) -> None:
    assert [row[0] for row in await superuser.fetch(WHO_MAY_CREATE, CIRCLES)] == []


async def test_nothing_of_a_circle_is_open_to_public(superuser: asyncpg.Connection) -> None:
    assert [row[0] for row in await superuser.fetch(OPEN_TO_PUBLIC, CIRCLES)] == []


async def test_an_official_owns_the_functions_and_views_that_the_file_names_and_nothing_else(
    superuser: asyncpg.Connection,
) -> None:
    officials = policy().officials
    named = {
        (official.name, "pg_proc", await superuser.fetchval("select $1::text::regprocedure::oid", function))
        for official in officials.values()
        for function in official.owns
    }
    named |= {
        (official.name, "pg_class", await superuser.fetchval("select $1::text::regclass::oid", view))
        for official in officials.values()
        for view in official.views
    }

    assert {tuple(row) for row in await superuser.fetch(OWNED_BY_OFFICIALS, list(officials))} == named


async def test_no_row_rule_written_for_a_migration_outlives_it(superuser: asyncpg.Connection) -> None:
    assert [row[0] for row in await superuser.fetch(RULES_OF_THE_MIGRATOR)] == []
