"""Probes of injection: what a hostile SELECT, or a hostile statement, would try from inside a lane."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from app.access.policy import policy
from tests.access.probes import DONE, REFUSED, Scene, probe

NOTE = "confidential.note"
OTHER_ROLE = (
    "set_config('role', 'relais_social_worker', true)",
    "set_config('relais.session', gen_random_uuid()::text, true)",
    "set_config('relais.link', repeat('0', 64), true)",
    "set_config('session_authorization', 'relais_social_worker', true)",
    "set_config('row_security', 'off', true)",
)
HIDDEN_SQL = (
    "word from ts_stat('select to_tsvector(''simple'', sealed::text) from confidential.note')",
    "ts_rewrite('a'::tsquery, 'select ''a''::tsquery, sealed::text::tsquery from confidential.note')",
    "query_to_xml('select * from confidential.note', true, false, '')",
    "query_to_xml_and_xmlschema('select 1', true, false, '')",
    "table_to_xml('pg_catalog.pg_type', true, false, '')",
    "schema_to_xml('public', true, false, '')",
    "database_to_xml(true, false, '')",
    "* from dblink('dbname=postgres', 'select 1') as t(a integer)",
    "* from crosstab('select 1, 2, 3') as t(a integer, b integer)",
)
COUNTS = (
    "pg_relation_size({oid})",
    "pg_relation_size({oid}, 'main')",
    "pg_total_relation_size({oid})",
    "pg_table_size({oid})",
    "pg_indexes_size({oid})",
    "pg_database_size(current_database())",
    "pg_stat_get_tuples_inserted({oid})",
    "pg_stat_get_live_tuples({oid})",
    "pg_stat_get_numscans({oid})",
    "pg_stat_get_blocks_fetched({oid})",
    "pg_stat_get_last_autovacuum_time({oid})",
    "pg_stat_get_xact_tuples_inserted({oid})",
    "pg_stat_get_db_tuples_inserted(1)",
    "n_live_tup from pg_stat_all_tables",
    "seq_scan from pg_stat_user_tables",
    "heap_blks_read from pg_statio_all_tables",
    "xact_commit from pg_stat_database",
    "reltuples from pg_class where oid = {oid}",
    "relpages from pg_class where oid = {oid}",
    "relallvisible from pg_class where oid = {oid}",
    "relfilenode from pg_class where oid = {oid}",
    "relfrozenxid from pg_class where oid = {oid}",
    "null_frac from pg_stats",
    "statistics_name from pg_stats_ext",
    "stanullfrac from pg_statistic",
    "pg_relation_filenode({oid})",
    "pg_relation_filepath({oid})",
    "age('3'::xid)",
    "mxid_age('1'::xid)",
    "txid_current()",
    "pg_current_xact_id()",
    "pg_current_snapshot()",
    "pg_current_wal_lsn()",
    "pg_current_wal_insert_lsn()",
    "redo_lsn from pg_control_checkpoint()",
    "* from pg_available_wal_summaries()",
    "* from pg_wal_summary_contents(1, '0/0', '0/1')",
    "* from pg_get_replication_slots()",
    "* from pg_last_committed_xact()",
    "* from pg_ls_waldir()",
)
OTHERS_AT_WORK = (
    "query from pg_stat_activity",
    "pid from pg_stat_get_activity(null)",
    "relation from pg_locks",
    "relation from pg_lock_status()",
    "* from pg_get_multixact_members('1')",
    "pg_blocking_pids(1)",
    "pg_export_snapshot()",
    "gid from pg_prepared_xacts",
    "pg_terminate_backend(1)",
    "pg_cancel_backend(1)",
    "pg_advisory_lock(1)",
    "pg_try_advisory_xact_lock(1)",
    "pg_notify('relais', 'x')",
    "pg_sleep(0)",
)
FILES_AND_SECRETS = (
    "pg_read_file('PG_VERSION')",
    "pg_read_binary_file('PG_VERSION')",
    "* from pg_ls_dir('.')",
    "pg_stat_file('PG_VERSION')",
    "lo_creat(-1)",
    "lo_create(0)",
    "lo_from_bytea(0, 'x')",
    "lo_get(1)",
    "lo_put(1, 0, 'x')",
    "lo_import('/etc/passwd')",
    "lo_export(1, '/tmp/x')",
    "data from pg_largeobject",
    "rolpassword from pg_authid",
    "passwd from pg_shadow",
    "umoptions from pg_user_mapping",
    "polname from pg_policy",
    "qual from pg_policies",
    "setting from pg_file_settings",
    "* from pg_hba_file_rules",
    "current_setting('data_directory')",
    "current_setting('hba_file')",
)


REFUSED_OTHERWISE = (REFUSED, "0A000", "42P17", "58P01", "25001")
"""Refused, or for yet another reason before rights are looked at: no such extension here, not in a transaction."""


async def _all_refused(scene: Scene, selects: Iterable[str]) -> None:
    async with scene.from_above() as above:
        oid = await above.fetchval("select $1::text::regclass::oid", NOTE)
    statements = [f"select {each}".replace("{oid}", str(oid)) for each in selects]
    for person in scene.people:
        async with scene.as_(person) as caller:
            for statement in statements:
                await caller.is_refused_or_lacks(statement)
    for role in (role.name for role in policy().roles.values() if not role.has_people):
        async with scene.lane(role) as caller:
            for statement in statements:
                await caller.is_refused_or_lacks(statement)


@probe
async def no_select_can_become_someone_else(scene: Scene) -> None:
    await _all_refused(scene, OTHER_ROLE)


@probe
async def no_select_runs_a_query_hidden_in_a_text(scene: Scene) -> None:
    await _all_refused(scene, HIDDEN_SQL)


@probe
async def no_select_counts_what_it_may_not_see(scene: Scene) -> None:
    await _all_refused(scene, COUNTS)


@probe
async def no_select_watches_others_at_work(scene: Scene) -> None:
    await _all_refused(scene, OTHERS_AT_WORK)


@probe
async def no_select_opens_a_file_or_a_secret(scene: Scene) -> None:
    await _all_refused(scene, FILES_AND_SECRETS)


@probe
async def an_injected_union_gives_the_police_nothing(scene: Scene) -> None:
    async with scene.as_("officer") as caller:
        for stolen in (
            "select encode(sealed, 'hex') from confidential.note",
            "select last_name from social.person",
            "select status from social.situation",
            "select decision from social.referral_handling",
            "select act from audit.trace",
            "select id::text from accounts.session",
            "select name from accounts.account",
            "select set_config('role', 'relais_social_worker', true) where set_config('jit', 'on', true) > ''",
        ):
            await caller.is_refused(f"select last_name from shared.referral union all {stolen}")
            await caller.is_refused(f"select last_name from shared.referral where exists ({stolen})")
            await caller.is_refused(f"select (select string_agg(t::text, ',') from ({stolen}) t) from shared.referral")


@probe
async def nothing_can_be_created(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for statement in (
                "create temp table t (a integer)",
                "create table public.t (a integer)",
                "create table shared.t (a integer)",
                "create table access.t (a integer)",
                "create view nomenclature.v as select 1 as a",
                "create schema mine",
                "create function public.f() returns integer language sql return 1",
                "create function pg_temp.f() returns integer language plpgsql as 'begin return 1; end'",
                "create function access.f() returns integer language sql as 'select 1'",
                "do $$ begin perform 1; end $$",
                "do language plpgsql 'begin null; end'",
                "create extension dblink schema extensions",
                "create extension file_fdw schema extensions",
                "create publication p",
                "create role mine",
                "create database mine",
                "create policy mine on shared.referral using (true)",
                "alter table shared.referral disable row level security",
                "alter table confidential.note no force row level security",
                "alter policy partner_may_read on exchange.orientation using (true)",
                "alter table confidential.note owner to current_user",
                "drop policy social_worker_may_read on confidential.note",
                "create trigger t before update on shared.referral for each row"
                " execute function suppress_redundant_updates_trigger()",
                "create rule r as on insert to shared.referral do nothing",
                "alter function access.me() owner to current_user",
                "create statistics s on id, unit_id from shared.referral",
                "comment on table shared.referral is 'x'",
                "alter default privileges for role relais_migrator grant select on tables to public",
                "create cast (text as integer) with inout",
                "alter system set log_statement = 'all'",
                "load 'auto_explain'",
            ):
                found = await caller.code_of(statement)
                assert found in REFUSED_OTHERWISE, f"{role}: {statement} → {found}"


@probe
async def a_grant_of_what_is_not_mine_grants_nothing(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        # PostgreSQL answers with a warning or with 42501; either way nothing is granted.
        for statement in (
            "grant select on confidential.note to public",
            "grant usage on schema confidential to relais_police_officer",
            "grant execute on function access.search_persons(text, date, integer) to public",
        ):
            await caller.tries(statement)
        for what, kind in ((NOTE, "any_column"), ("confidential", "schema")):
            granted = await caller.sees(f"select has_{kind}_privilege('relais_police_officer', $1, $2)", what,
                                        "usage" if kind == "schema" else "select")  # fmt: skip
            assert granted == [False]


@probe
async def nothing_is_copied_to_or_from_a_file(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for statement in (
                "copy confidential.note to stdout",
                "copy (select sealed from confidential.note) to stdout",
                "copy exchange.answer_link to stdout",
                "copy nomenclature.sex to '/tmp/relais_probe'",
                "copy nomenclature.sex to program 'cat'",
                "copy shared.referral from '/etc/passwd'",
                "copy shared.referral from program 'cat /etc/passwd'",
            ):
                if role == "social_worker" and "stdout" in statement:
                    continue
                await caller.is_refused(statement)


@probe
async def settings_are_changed_neither_through_their_view_nor_for_others(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for name in ("statement_timeout", "row_security", "relais.session", "search_path"):
                found = await caller.tries("update pg_catalog.pg_settings set setting = '0' where name = $1", name)
                assert found.code in (REFUSED, DONE)
                assert found.code == REFUSED or name == "relais.session", f"{role} changes {name}"
            # A setting of another's session leaves nothing to fish for.
            seen = await caller.sees(
                "select current_setting(n, true) from unnest(array['relais.session', 'relais.link', 'app.ctx']) n"
            )
            assert not any(seen), f"{role} finds a session in the settings"
            assert not await caller.sees("select setting from pg_catalog.pg_settings where name like 'relais.%'")
            await caller.is_refused(f"alter database {scene.database} set relais.session = 'x'")


@probe
async def no_lane_connects_without_its_password(scene: Scene) -> None:
    head, _, tail = scene.town.lane_url("police_officer", scene.database).partition("@")
    forged = f"{head.rpartition(':')[0]}:another%20password@{tail}"
    if "scram" not in await _authentication(scene):
        return  # a server of somebody else's, which trusts its own machine
    try:
        connection = await asyncpg.connect(forged)
    except asyncpg.InvalidPasswordError:
        return
    await connection.close()
    raise AssertionError("a lane connects with any password")


async def _authentication(scene: Scene) -> str:
    async with scene.from_above() as above:
        return str(await above.fetchval("select string_agg(distinct auth_method, ',') from pg_hba_file_rules"))
