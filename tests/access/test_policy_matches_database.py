"""The migrated database says what ``policy.toml`` says: every grant, every row rule, and nothing more."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import asyncpg

from app.access.policy import policy
from app.access.render import SQL_VERB, render_document, render_sql, tables_of
from app.installing import sql_file
from app.models import COLUMNS, GENERATED_COLUMNS
from app.nomenclature.render import render_list
from app.nomenclature.terms import COMMON_COLUMNS, LISTS
from tests.access.snapshot_queries import CIRCLES

ROOT = Path(__file__).resolve().parents[2]
Grants = dict[tuple[str, str, str], set[str]]

COLUMN_GRANTS = """
select n.nspname || '.' || c.relname as "table", t.attname as "column", lower(a.privilege_type) as verb,
       case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end as grantee, a.is_grantable
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
 where n.nspname = any ($1)
"""
TABLE_GRANTS = """
select n.nspname || '.' || c.relname as "table", a.privilege_type,
       case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end as grantee
  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
 where n.nspname = any ($1) and a.grantee <> c.relowner
"""
POLICIES = """
select n.nspname || '.' || c.relname as "table", p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[]::text[],
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
 order by 1, 2
"""


def _grants_of_the_file() -> Grants:
    said: Grants = defaultdict(set)
    for resource in policy().resources.values():
        for role, rights in resource.rights.items():
            for right in rights.values():
                for table in tables_of(resource, COLUMNS):
                    written = GENERATED_COLUMNS.get(table, frozenset()) if right.verb == "add" else frozenset()
                    columns = right.columns or [each for each in COLUMNS[table] if each not in written]
                    said[policy().roles[role].lane, SQL_VERB[right.verb], table] |= set(columns)
    for official in policy().officials.values():
        for verb, tables in (("select", official.reads), ("insert", official.adds), ("update", official.changes)):
            for table, columns in tables.items():
                said[official.name, verb, table] |= set(columns)
    return dict(said)


async def test_grants_are_exactly_the_matrix_and_no_more(superuser: asyncpg.Connection) -> None:
    found: Grants = defaultdict(set)
    for row in await superuser.fetch(COLUMN_GRANTS, CIRCLES):
        assert not row["is_grantable"], row
        found[row["grantee"], row["verb"], row["table"]].add(row["column"])

    said = _grants_of_the_file()

    assert dict(found) == said
    assert len(said) > 300


async def test_nothing_is_granted_on_a_whole_table_but_to_remove_what_can_be_counted_again(
    superuser: asyncpg.Connection,
) -> None:
    said = {(each, "DELETE", official.name) for official in policy().officials.values() for each in official.removes}

    assert {tuple(row) for row in await superuser.fetch(TABLE_GRANTS, CIRCLES)} == said
    # PostgreSQL has no DELETE by column. Nobody removes a record: only tallies, the notes that they are stale, digests
    # and counts out of date, answers after a day, notifications after thirty.
    assert {table for table, _, _ in said} == {
        "statistics.tally",
        "statistics.change",
        "accounts.attempt",
        "accounts.spent_ticket",
        "accounts.remembered_answer",
        "accounts.quota",
        "outbox.delivery",
    }
    assert not any(role.lane == grantee for role in policy().roles.values() for _, _, grantee in said)


async def _policies(connection: asyncpg.Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(POLICIES)]


async def test_row_rules_are_those_that_the_file_renders_today(superuser: asyncpg.Connection) -> None:
    living = await _policies(superuser)
    for table, name, *_ in living:
        await superuser.execute(f"drop policy {name} on {table}")
    for line in render_sql().splitlines():
        if line.startswith("create policy "):
            await superuser.execute(line)

    assert living == await _policies(superuser)


async def test_no_table_of_a_circle_escapes_forced_row_security(superuser: asyncpg.Connection) -> None:
    rows = await superuser.fetch(
        "select n.nspname || '.' || c.relname as name, c.relkind, c.relrowsecurity and c.relforcerowsecurity as forced"
        "  from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = any ($1) and c.relkind not in ('i', 'I', 't')",
        CIRCLES,
    )

    views = {view for official in policy().officials.values() for view in official.views}
    assert {row["name"] for row in rows if row["relkind"] == b"r"} == set(COLUMNS)
    # A view runs as its owner, past the rules of rows: each is declared.
    assert {row["name"] for row in rows if row["relkind"] != b"r"} == views
    assert {row["forced"] for row in rows if row["relkind"] == b"r"} == {True}


VIEWS = """
select c.oid::regclass::text as name, pg_get_userbyid(c.relowner) as owner, c.relkind, c.relacl is null
       or not exists (select from aclexplode(c.relacl) a where a.grantee <> c.relowner) as nobodys,
       array(select a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) as by_column
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1) and c.relkind in ('v', 'm') order by 1
"""
IDENTITY = re.compile(
    "names?$|phone|email|mail|address|street|contact_hint|municipality|commune|postcode|^text|facts|message|narrative|"
    "comment|note|sealed|recipient|requested|document_number|number|reference|token|hash|author|_by$|safe"
)
"""What a fact may not hold, by the names of its columns; codes, days, instants and keys are all that is left."""
KINDS_OF_FACTS = {"uuid", "text", "text[]", "date", "timestamp with time zone", "boolean", "integer"}
KEYS_OF_RECORDS = {
    "id",
    "post_id",
    "unit_id",
    "site_id",
    "employer_id",
    "situation_id",
    "participation_id",
    "person_id",
}
CODES = {
    "departement_code", "calendar", "zone", "intervention_type", "channel", "person_status", "contact_consent",
    "known_to_social_services", "main_problem", "detailed_problem", "secondary_problems", "penal_context", "sex",
    "closure_reason", "referral_source", "document_type", "partner_category", "transmission_kind",
}  # fmt: skip


async def test_fact_views_are_those_of_the_file_are_nobodys_and_name_nobody(superuser: asyncpg.Connection) -> None:
    said = {view: official.name for official in policy().officials.values() for view in official.views}

    rows = await superuser.fetch(VIEWS, CIRCLES)

    assert {row["name"]: row["owner"] for row in rows} == said
    for row in rows:
        assert (row["relkind"], row["nobodys"], row["by_column"]) == (b"v", True, False), row["name"]
        for column in row["columns"]:
            name, _, kind = column.partition(" ")
            assert not IDENTITY.search(name), f"{row['name']}.{name}"
            assert kind in KINDS_OF_FACTS, f"{row['name']}.{column}"
            # A text is a code of a list, and a key is of a record: neither is a word that somebody typed.
            if kind.startswith("text"):
                assert name in CODES, f"{row['name']}.{name}"
            if kind == "uuid":
                assert name in KEYS_OF_RECORDS, f"{row['name']}.{name}"
    assert len(rows) == 7


async def test_the_official_of_facts_reads_no_column_that_names_or_reaches_anybody(
    superuser: asyncpg.Connection,
) -> None:
    facts = policy().officials["relais_facts"]

    read = {f"{table}.{column}" for table, columns in facts.reads.items() for column in columns}

    # The municipality alone, which ``municipalities`` gives back only when it is one of an official list.
    assert {each for each in read if IDENTITY.search(each.rpartition(".")[2])} == {"social.person.municipality"}
    assert not any(each.startswith(("confidential.", "audit.")) for each in read)
    # Of the directory, which kind of partner one is: it is an origin, not a person.
    directory = {each for each in read if each.startswith("directory.")}
    assert directory <= {"directory.partner.id", "directory.partner.partner_category"}
    written = {*facts.adds, *facts.changes, *facts.removes}
    assert written == {"statistics.change", "statistics.recount", "statistics.tally"}


async def test_no_lane_owns_anything_nor_stands_above_the_rules(superuser: asyncpg.Connection) -> None:
    lanes = [role.lane for role in policy().roles.values()]

    owned = await superuser.fetch(
        "select d.refobjid::regrole, d.classid::regclass, d.objid from pg_shdepend d"
        " where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and d.refobjid::regrole::text = any ($1)",
        lanes,
    )
    above = await superuser.fetch(
        "select rolname from pg_roles where rolname = any ($1)"
        " and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit)",
        lanes,
    )
    members = await superuser.fetch(
        "select m.member::regrole::text, m.roleid::regrole::text from pg_auth_members m"
        " where m.member::regrole::text = any ($1) or m.roleid::regrole::text = any ($1)",
        lanes,
    )

    assert (owned, above, members) == ([], [], [])


async def test_trusted_functions_belong_to_the_official_that_the_file_names(superuser: asyncpg.Connection) -> None:
    for official in policy().officials.values():
        for function in official.owns:
            row = await superuser.fetchrow(
                "select pg_get_userbyid(proowner) as owner, prosecdef, proconfig from pg_proc"
                " where oid = $1::text::regprocedure",
                function,
            )
            assert (row["owner"], row["prosecdef"]) == (official.name, True), function
            assert row["proconfig"] == ["search_path=pg_catalog, pg_temp"], function
    named = {function for official in policy().officials.values() for function in official.owns}
    definers = await superuser.fetchval("select count(*) from pg_proc where prosecdef and pronamespace > 16383")
    assert definers == len(named)


async def test_functions_are_called_by_those_whom_the_file_names(superuser: asyncpg.Connection) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    canonical = {}
    for role in policy().roles.values():
        for function in policy().functions_of(role.name):
            canonical[function] = await superuser.fetchval("select $1::text::regprocedure::text", function)
            said[canonical[function]].add(role.lane)
    for official in policy().officials.values():
        for function in official.calls:
            said[await superuser.fetchval("select $1::text::regprocedure::text", function)].add(official.name)

    found: dict[str, set[str]] = defaultdict(set)
    for row in await superuser.fetch(
        "select p.oid::regprocedure::text as name,"
        "       case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end"
        "  from pg_proc p join pg_namespace n on n.oid = p.pronamespace,"
        "       aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " where n.nspname = any ($1) and a.grantee <> p.proowner",
        CIRCLES,
    ):
        found[row["name"]].add(row[1])

    assert dict(found) == dict(said)


async def test_the_lists_of_the_database_are_those_of_the_files(superuser: asyncpg.Connection) -> None:
    for name, said in LISTS.items():
        columns = (*COMMON_COLUMNS, *said.fact_columns)
        rows = await superuser.fetch(f"select {', '.join(columns)} from nomenclature.{name} order by sort_order")

        facts = [tuple(each.facts[fact] for fact in said.fact_columns) for each in said.terms]
        written = [tuple(getattr(each, column) for column in COMMON_COLUMNS) for each in said.terms]
        assert [tuple(row) for row in rows] == [a + b for a, b in zip(written, facts, strict=True)], name


def test_the_first_lists_stay_as_they_were_published() -> None:
    published = sql_file("0003_nomenclature.sql")

    for name in ("sex", "need_type", "orientation_status"):
        assert render_list(LISTS[name]) in published


def test_who_sees_what_is_the_document_that_the_file_renders() -> None:
    assert (ROOT / "docs" / "who-sees-what.md").read_text(encoding="utf-8") == render_document()


def test_every_secret_table_is_traced_and_says_why() -> None:
    for resource in policy().resources.values():
        if resource.table and resource.table.startswith(("confidential.", "shared.", "audit.")):
            assert resource.because, f"{resource.name} : pourquoi ?"
        if resource.table and re.match(r"confidential\.(note|safe_contact)|social\.|shared\.", resource.table):
            assert resource.traced, f"{resource.name} se lit sans trace"
