"""The questions that ``snapshot.py`` asks the catalogues of PostgreSQL, versions 15 to 18."""

from __future__ import annotations

CIRCLES = [
    "access",
    "accounts",
    "audit",
    "confidential",
    "directory",
    "employer",
    "exchange",
    "nomenclature",
    "organisation",
    "outbox",
    "shared",
    "social",
    "statistics",
]
"""Our schemas. A new one must be added here; until then the snapshot lists it as unknown, and fails."""

# What a grantee is called, and whether it may pass the right on.
_WHO = "case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end"
_OPTION = "case when a.is_grantable then ' with grant option' else '' end"

ROLES = """
select format('%s: %s, connection limit %s', r.rolname, concat_ws(', ',
           case when rolcanlogin then 'login' else 'no login' end,
           case when rolinherit then 'inherits' else 'does not inherit' end,
           case when rolsuper then 'SUPERUSER' end, case when rolbypassrls then 'BYPASSRLS' end,
           case when rolcreaterole then 'CREATEROLE' end, case when rolcreatedb then 'CREATEDB' end,
           case when rolreplication then 'REPLICATION' end), rolconnlimit)
       || coalesce((select '; set ' || string_agg(distinct setting, ', ' order by setting)
                      from pg_db_role_setting s cross join unnest(s.setconfig) setting
                     where s.setrole = r.oid
                       and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))), '')
       as line
  from pg_roles r where rolname ~ '^relais_' order by rolname collate "C"
"""

MEMBERSHIPS = """
select format('%s is a member of %s (inherits: %s, may become it: %s, may pass it on: %s)',
              member.rolname, role.rolname, {inherits}, {can_set}, m.admin_option) as line
  from pg_auth_members m
  join pg_roles member on member.oid = m.member join pg_roles role on role.oid = m.roleid
 where member.rolname ~ '^relais_' or role.rolname ~ '^relais_'
 order by member.rolname collate "C", role.rolname collate "C"
"""

OBJECTS = f"""
with acl(place, line) as (
    select 1, format('database: %s to %s%s', lower(a.privilege_type), {_WHO}, {_OPTION})
      from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
     where d.datname = current_database() and a.grantee <> d.datdba
    union all
    select 2, format('schema %s: owner %s', nspname, pg_get_userbyid(nspowner))
      from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
    union all
    select 2, format('schema %s: %s to %s%s', nspname, lower(a.privilege_type), {_WHO}, {_OPTION})
      from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
     where nspname !~ '^pg_(toast|temp)' and nspname not in ('information_schema', 'pg_catalog')
       and a.grantee <> n.nspowner
    union all
    select 3, format('language %s: %s to %s%s', lanname, lower(a.privilege_type), {_WHO}, {_OPTION})
      from pg_language l, aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) a
     where a.grantee <> l.lanowner and l.lanname not in ('internal', 'c')
    union all
    select 4, format('by default in %s, %s of %s: %s to %s', coalesce(n.nspname, 'any schema'), defaclobjtype,
                     pg_get_userbyid(defaclrole), lower(a.privilege_type), {_WHO})
      from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
    union all
    select 5, format('extension %s in schema %s', extname, nspname)
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    union all
    select 6, format('relation %s outside of the circles: kind %s, owner %s, granted %s', c.oid::regclass, c.relkind,
                     pg_get_userbyid(c.relowner),
                     coalesce((select string_agg(distinct {_WHO}, ', ') from aclexplode(c.relacl) a
                                where a.grantee <> c.relowner), 'to nobody'))
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind not in ('i', 'I', 't')
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all ($1)
    union all
    select 7, format('function %s outside of the circles', p.oid::regprocedure)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all ($1)
       and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')
    union all
    select 8, format('event trigger %s on %s', evtname, evtevent) from pg_event_trigger
    union all
    select 8, format('foreign server %s', srvname) from pg_foreign_server
    union all
    select 8, format('publication %s', pubname) from pg_publication
    union all
    select 8, format('type %s of kind %s', t.oid::regtype, t.typtype)
      from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
     where n.nspname = any ($1) and t.typelem = 0 and coalesce(c.relkind, 'c') = 'c'
    union all
    select 8, format('operator %s', o.oid::regoperator)
      from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where n.nspname = any ($1)
)
select line from acl order by place, line collate "C"
"""

# Families of functions of pg_catalog, by pattern. Which functions exist depends on the version; who may call them, not.
GADGETS: dict[str, str] = {
    "change a setting inside a SELECT": r"^set_config$",
    "run SQL from a text: XML": r"^(query|cursor|table|schema|database)_to_xml",
    "run SQL from a text: text search": r"^ts_(stat|rewrite)$",
    "wait": r"^pg_sleep",
    "notify": r"^pg_notify$",
    "sizes": r"^pg_(relation|table|indexes|total_relation|database|tablespace)_size$",
    "statistics": r"^pg_stat_",
    "locks": r"^pg_lock_status$|^pg_(try_)?advisory_",
    "large objects": r"^lo_|^lo(read|write)$",
    "position in the journal": r"^pg_current_wal_",
    "snapshots, row locks, sequences": r"^pg_(export_snapshot|get_multixact_members|sequence_last_value)$",
    "how many transactions": r"^(txid|pg)_current_(xact|snapshot|if)|^txid_(current|status)$|^pg_xact_status|^mxid_age",
    "which pages have changed": r"^pg_control_|wal_summar|^pg_(get_replication_slots|last_committed_xact|xact_commit_)",
    "where tables lie": r"^pg_(relation_filenode|relation_filepath|filenode_relation)$",
    "who waits": r"blocking_pids$|session_is_blocked$|^pg_prepared_xact$",
    "cutting others short": r"^pg_(cancel|terminate)_backend$",
    "writing to the journal": r"^pg_logical_emit_message$",
    "files of the server": r"^pg_(read_file|read_binary_file|ls_dir|stat_file|ls_waldir|ls_logdir|reload_conf)$",
}

SYSTEM_RELATIONS = """
with looked_at(relation) as (
    select unnest(array['pg_stats', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_statistic', 'pg_statistic_ext_data',
        'pg_policies', 'pg_policy', 'pg_locks', 'pg_stat_activity', 'pg_prepared_xacts', 'pg_sequences', 'pg_authid',
        'pg_shadow', 'pg_largeobject', 'pg_user_mapping'])
)
select format('%s: %s', relation, coalesce((
           select string_agg(rolname, ', ' order by rolname collate "C") from pg_roles r
            where rolname ~ '^relais_' and has_any_column_privilege(r.oid, 'pg_catalog.' || relation, 'select')),
       'nobody')) as line
  from looked_at
union all
select format('pg_class.%s: %s', hidden, coalesce((
           select string_agg(rolname, ', ' order by rolname collate "C") from pg_roles r
            where rolname ~ '^relais_' and has_column_privilege(r.oid, 'pg_catalog.pg_class', hidden, 'select')),
       'nobody'))
  from unnest(array['reltuples', 'relpages', 'relallvisible', 'relfilenode', 'relfrozenxid', 'relminmxid']) hidden
 order by 1
"""

FUNCTIONS = f"""
select p.oid::regprocedure::text as signature, pg_get_function_result(p.oid) as returns,
       concat_ws(', ', 'owner ' || pg_get_userbyid(p.proowner), 'language ' || l.lanname,
           case when p.prosecdef then 'SECURITY DEFINER' else 'security invoker' end,
           case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
           case when p.proleakproof then 'LEAKPROOF' end,
           'set ' || coalesce(array_to_string(p.proconfig, '; '), 'nothing')) as facts,
       encode(sha256(convert_to(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), 'UTF8')), 'hex') as sha256,
       (select string_agg({_WHO} || {_OPTION}, ', ' order by {_WHO} collate "C")
          from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner) as callers
  from pg_proc p join pg_language l on l.oid = p.prolang join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = any ($1)
 order by p.oid::regprocedure::text collate "C"
"""

_NAMED = "n.nspname || '.' || c.relname as name"
_OURS = "from pg_class c join pg_namespace n on n.oid = c.relnamespace"
_WHERE = "where n.nspname = any ($1) and c.relkind not in ('i', 'I', 't')"

TABLES = f"""
select {_NAMED}, pg_get_userbyid(c.relowner) as owner,
       case c.relkind when 'r' then 'table' when 'p' then 'partitioned table'
            else format('KIND %s (%s) as %s', c.relkind, array_to_string(c.reloptions, ', '), pg_get_viewdef(c.oid))
       end as kind,
       case when c.relrowsecurity and c.relforcerowsecurity then 'forced'
            when c.relrowsecurity then 'ENABLED BUT NOT FORCED' else 'ABSENT' end as security
  {_OURS} {_WHERE} order by 1
"""

STATEMENTS_OF_TABLES = {
    "columns": f"""
        select {_NAMED}, a.attname as column, concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
               case when a.attnotnull then 'not null' end,
               case a.attgenerated when '' then 'default ' || pg_get_expr(d.adbin, d.adrelid)
                    else 'computed ' || pg_get_expr(d.adbin, d.adrelid) end) as line
          {_OURS} join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         {_WHERE} order by 1, a.attnum""",
    "privileges": f"""
        select {_NAMED}, null::text as column, a.privilege_type as verb, {_WHO} as grantee, {_OPTION} as option
          {_OURS}, aclexplode(c.relacl) a {_WHERE} and a.grantee <> c.relowner
        union all
        select {_NAMED}, t.attname, a.privilege_type, {_WHO}, {_OPTION}
          {_OURS} join pg_attribute t on t.attrelid = c.oid and not t.attisdropped, aclexplode(t.attacl) a {_WHERE}
         order by 1, 4, 3, 2""",
    "policies": f"""
        select {_NAMED}, format('policy %s %s for %s to %s using (%s) with check (%s)', p.polname,
               case when p.polpermissive then 'permissive' else 'restrictive' end,
               case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                    else 'ALL' end,
               (select string_agg(case role when 0 then 'PUBLIC' else pg_get_userbyid(role) end, ', ')
                  from unnest(p.polroles) role),
               coalesce(pg_get_expr(p.polqual, p.polrelid), '-'),
               coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-')) as line
          {_OURS} join pg_policy p on p.polrelid = c.oid {_WHERE} order by 1, p.polname collate "C" """,
    # PostgreSQL 18 also keeps "not null" here; the column says it in every version.
    "constraints": f"""
        select {_NAMED}, format('constraint %s %s', k.conname, pg_get_constraintdef(k.oid)) as line
          {_OURS} join pg_constraint k on k.conrelid = c.oid and k.contype <> 'n' {_WHERE}
         order by 1, k.conname collate "C" """,
    "indexes": f"""
        select {_NAMED}, 'unique ' || pg_get_indexdef(i.indexrelid) as line
          {_OURS} join pg_index i on i.indrelid = c.oid and i.indisunique {_WHERE}
           and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)
         order by 1, 2""",
    "triggers": f"""
        select {_NAMED}, pg_get_triggerdef(t.oid) || case t.tgenabled when 'O' then '' else ' (disabled)' end as line
          {_OURS} join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal {_WHERE} order by 1, 2""",
    "rules": f"""
        select {_NAMED}, pg_get_ruledef(r.oid) as line
          {_OURS} join pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN' {_WHERE} order by 1, 2""",
}
