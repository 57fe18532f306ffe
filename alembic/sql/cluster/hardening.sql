-- À passer en superutilisateur dans la base : à l'installation, puis après chaque restauration et chaque
-- changement de version (pg_restore ne remet pas les droits retirés aux objets du système).
-- Sans ce bloc, une voie peut se faire passer pour une autre (set_config), exécuter du SQL caché dans un
-- SELECT (ts_stat, query_to_xml) ou compter les notes par les statistiques. Le démarrage refuse son absence.

create schema if not exists extensions;
create extension if not exists unaccent schema extensions;
create extension if not exists pg_trgm schema extensions;
create extension if not exists btree_gin schema extensions;
revoke all on schema extensions from public;
grant usage on schema extensions to relais_migrator, relais_search, relais_social_worker;

revoke all on schema public from public;
grant usage, create on schema public to relais_migrator;
revoke usage on language plpgsql, sql from public;
-- Les officiers aussi : une migration ultérieure remplace leurs fonctions sous leur habit.
grant usage on language plpgsql, sql to relais_migrator, relais_gate, relais_chain, relais_search, relais_facts;
alter default privileges for role relais_migrator revoke execute on functions from public;

revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
grant execute on function pg_catalog.set_config(text, text, boolean) to relais_gate, relais_migrator, relais_backup;

do $$
declare
    gadget regprocedure;
    visible text;
begin
    for gadget in
        select oid::regprocedure from pg_proc
         where pronamespace = 'pg_catalog'::regnamespace
           and (proname ~ '^(query_to_xml|cursor_to_xml|table_to_xml|schema_to_xml|database_to_xml)'
                or proname in ('ts_stat', 'ts_rewrite', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_notify',
                               'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size',
                               'pg_database_size', 'pg_tablespace_size', 'pg_lock_status', 'loread', 'lowrite',
                               'pg_current_wal_lsn', 'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn',
                               'pg_export_snapshot', 'pg_get_multixact_members', 'pg_sequence_last_value',
                               -- Combien de transactions la grappe a faites, et quelles pages elles ont touchées.
                               'pg_available_wal_summaries', 'pg_wal_summary_contents', 'pg_get_wal_summarizer_state',
                               'pg_get_replication_slots', 'pg_last_committed_xact', 'pg_xact_commit_timestamp',
                               'pg_xact_commit_timestamp_origin', 'pg_prepared_xact', 'mxid_age',
                               'pg_relation_filenode', 'pg_relation_filepath', 'pg_filenode_relation',
                               -- Qui attend qui, et couper la parole aux autres requêtes de la voie.
                               'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_isolation_test_session_is_blocked',
                               'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message')
                or proname ~ '^pg_control_' or proname ~ '^(txid_|pg_)current_(xact|snapshot|if)' or proname ~ '^txid_(current|status)'
                or proname = 'pg_xact_status' or (proname = 'age' and pronargs = 1 and proargtypes[0] = 'xid'::regtype)
                or proname like 'pg\_stat\_get\_%'
                or proname like 'pg\_stat\_%'
                or proname ~ '^pg_(try_)?advisory_'
                or proname like 'lo\_%')
    loop
        execute format('revoke execute on function %s from public', gadget);
    end loop;
    select string_agg(quote_ident(attname), ', ') into visible
      from pg_attribute
     where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0 and not attisdropped
       and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfilenode', 'relfrozenxid', 'relminmxid');
    revoke select on pg_catalog.pg_class from public;
    execute format('grant select (%s) on pg_catalog.pg_class to public', visible);
end
$$;

-- La sauvegarde (pg_dump) règle ses paramètres et partage son instantané entre ses processus.
grant execute on function pg_catalog.pg_export_snapshot() to relais_backup;
revoke select on pg_catalog.pg_stats, pg_catalog.pg_stats_ext, pg_catalog.pg_stats_ext_exprs, pg_catalog.pg_policies,
    pg_catalog.pg_policy, pg_catalog.pg_locks, pg_catalog.pg_stat_activity, pg_catalog.pg_prepared_xacts,
    pg_catalog.pg_sequences from public;
grant select on pg_catalog.pg_policy, pg_catalog.pg_class to relais_backup, relais_migrator;
