"""The mutants: each weakens the fence in one way, as a mistake or a hostile change would."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, called, given, rewritten, rule, single_key, touches
from tests.access.mutants_of_activity import MUTANTS_OF_ACTIVITY
from tests.access.mutants_of_contract import MUTANTS_OF_CONTRACT
from tests.access.mutants_of_exchange import MUTANTS_OF_EXCHANGE
from tests.access.mutants_of_handovers import MUTANTS_OF_HANDOVERS
from tests.access.mutants_of_identity import MUTANTS_OF_IDENTITY
from tests.access.mutants_of_statistics import MUTANTS_OF_STATISTICS

MY_POSTS = "post_id = any ((select access.my_posts())::uuid[])"
MINE_OR_SHARED = "(author_id = (select access.me()) or id = any ((select access.notes_shared_with_me())::uuid[]))"
ME, OPEN, UNITS, POSTS = "access.me()", "access.open(uuid)", "access.my_units()", "access.my_posts()"
IN_FORCE = "and p.starts_on <= today and coalesce(p.ends_on >= today, true)"

MUTANTS: tuple[Mutant, ...] = (
    # Row security itself.
    Mutant("notes without row security", "alter table confidential.note disable row level security"),
    Mutant("referrals without row security", "alter table shared.referral disable row level security"),
    Mutant("persons without row security", "alter table social.person disable row level security"),
    Mutant(
        "notes open to their owner (no force)", "alter table confidential.note no force row level security", silent=True
    ),
    Mutant("traces open to their owner (no force)", "alter table audit.trace no force row level security", silent=True),
    # Row rules.
    rule("notes read by all workers", "confidential.note", "social_worker_may_read", "using (true)"),
    rule(
        "notes of the post read by all its holders",
        "confidential.note",
        "social_worker_may_read",
        f"using ({MY_POSTS})",
    ),
    rule(
        "own notes read after leaving the post",
        "confidential.note",
        "social_worker_may_read",
        f"using ({MINE_OR_SHARED})",
    ),
    rule("notes signed for another", "confidential.note", "social_worker_may_add", f"with check ({MY_POSTS})"),
    rule(
        "notes added to any post",
        "confidential.note",
        "social_worker_may_add",
        "with check (author_id = (select access.me()))",
    ),
    rule("shares read by all workers", "confidential.note_share", "social_worker_may_read", "using (true)"),
    rule("shares granted for another", "confidential.note_share", "social_worker_may_add", f"with check ({MY_POSTS})"),
    rule(
        "shares ended by a colleague",
        "confidential.note_share",
        "social_worker_may_change",
        f"using ({MY_POSTS}) with check ({MY_POSTS})",
    ),
    rule(
        "safe contacts changed under another name",
        "confidential.safe_contact",
        "social_worker_may_change",
        f"with check ({MY_POSTS})",
    ),
    rule("safe contacts read by all workers", "confidential.safe_contact", "social_worker_may_read", "using (true)"),
    rule("keys of persons read by all workers", "confidential.person_key", "social_worker_may_read", "using (true)"),
    rule("persons read by all workers", "social.person", "social_worker_may_read", "using (true)"),
    rule(
        "situations changed by all workers",
        "social.situation",
        "social_worker_may_change",
        "using (true) with check (true)",
    ),
    rule("situations opened for another", "social.situation", "social_worker_may_add", f"with check ({MY_POSTS})"),
    rule(
        "interventions recorded for another", "social.intervention", "social_worker_may_add", f"with check ({MY_POSTS})"
    ),
    rule(
        "referrals of any unit handled", "social.referral_handling", "social_worker_may_add", f"with check ({MY_POSTS})"
    ),
    rule("referrals read by all officers", "shared.referral", "police_officer_may_read", "using (true)"),
    rule(
        "referrals signed for another",
        "shared.referral",
        "police_officer_may_add",
        "with check (unit_id = any ((select access.my_units())::uuid[]))",
    ),
    rule(
        "referrals sent for another unit",
        "shared.referral",
        "police_officer_may_add",
        "with check (sent_by = (select access.me()))",
    ),
    rule("referrals read by all workers", "shared.referral", "social_worker_may_read", "using (true)"),
    Mutant(
        "a second, wider rule on notes",
        "create policy helper on confidential.note for select to relais_social_worker using (true)",
    ),
    # Grants.
    given("notes given to the police", "police_officer", "confidential.note"),
    given("notes given to the administrator", "administrator", "confidential.note"),
    given("notes given to the coordinator", "coordinator", "confidential.note"),
    given("the dates of notes given to the observatory", "observatory", "confidential.note", "select (written_at)"),
    given(
        "the handling of referrals given to the police",
        "police_officer",
        "social.referral_handling",
        "select (referral_id, decision)",
    ),
    given("referrals given to the commander", "unit_commander", "shared.referral"),
    given("persons given to the background worker", "worker", "social.person"),
    given("sessions given to the police", "police_officer", "accounts.session", "select (id, account_id)"),
    given("accounts changed by the login lane", "authentication", "accounts.account", "update (role)"),
    given("traces added directly", "police_officer", "audit.trace", "insert"),
    given("traces corrected by the DPO", "dpo", "audit.trace", "update (outcome)"),
    Mutant(
        "the confidential schema opened to the police, without a table",
        "grant usage on schema confidential to relais_police_officer",
        silent=True,
    ),
    Mutant("the whole referral, system columns included", "grant select on shared.referral to relais_police_officer"),
    Mutant(
        "the answer changed by the police", "grant update (feedback_code) on shared.referral to relais_police_officer"
    ),
    Mutant(
        "the withdrawal changed by the worker", "grant update (withdrawn_at) on shared.referral to relais_social_worker"
    ),
    Mutant("notes rewritten", "grant update (sealed) on confidential.note to relais_social_worker"),
    Mutant("notes deleted", "grant delete on confidential.note to relais_social_worker"),
    Mutant(
        "persons granted to PUBLIC", "grant usage on schema social to public; grant select on social.person to public"
    ),
    Mutant(
        "a count of notes beside the referral",
        "alter table shared.referral add note_count integer;"
        " grant select (note_count) on shared.referral to relais_police_officer",
    ),
    # Roles, owners.
    Mutant(
        "the police past row security",
        "alter role relais_police_officer bypassrls",
        undo="alter role relais_police_officer nobypassrls",
    ),
    Mutant(
        "the workers past row security",
        "alter role relais_social_worker bypassrls",
        undo="alter role relais_social_worker nobypassrls",
    ),
    Mutant(
        "the police member of the workers",
        "grant relais_social_worker to relais_police_officer",
        undo="revoke relais_social_worker from relais_police_officer",
    ),
    Mutant(
        "the police member of the gate",
        "grant relais_gate to relais_police_officer",
        undo="revoke relais_gate from relais_police_officer",
    ),
    Mutant(
        "the coordinator reads all data",
        "grant pg_read_all_data to relais_coordinator",
        undo="revoke pg_read_all_data from relais_coordinator",
    ),
    Mutant(
        "the observatory makes roles",
        "alter role relais_observatory createrole",
        undo="alter role relais_observatory nocreaterole",
    ),
    Mutant(
        "the gate logs in",
        "alter role relais_gate login password 'a password for the lanes of the tests'",
        undo="alter role relais_gate nologin password null",
    ),
    Mutant("notes owned by the workers", "alter table confidential.note owner to relais_social_worker"),
    Mutant("referrals owned by the police", "alter table shared.referral owner to relais_police_officer"),
    # Views, functions.
    Mutant(
        "a view over notes",
        "create view nomenclature.latest as select id, author_id, written_at from confidential.note;"
        " grant select on nomenclature.latest to relais_police_officer",
    ),
    Mutant(
        "a trusted function that gives notes away",
        "create function access.helper() returns setof uuid language sql security definer"
        " as 'select id from confidential.note';"
        " revoke all on function access.helper() from public;"
        " grant execute on function access.helper() to relais_police_officer",
    ),
    Mutant("a trusted function without its search_path", "alter function access.me() reset search_path", silent=True),
    rewritten(
        "the search without its posts", "access.search_persons(text, date, integer)", "p.post_id = any (posts)", "true"
    ),
    rewritten("expired sessions alive", ME, "and s.expires_at > clock_timestamp()"),
    rewritten("revoked sessions alive", ME, "and s.revoked_at is null"),
    rewritten("sessions good on any lane", ME, "and 'relais_' || s.role = session_user"),
    rewritten("sessions that outlive a change of role", ME, "and a.role = s.role"),
    rewritten("sessions that outlive the account", ME, "and a.ended_at is null"),
    rewritten(
        "no session, no error",
        ME,
        "raise exception using errcode = '28000', message = 'no live session';",
        "return null;",
    ),
    rewritten("sessions opened unseen", OPEN, "perform access.me();"),
    rewritten("sessions that outlive the transaction", OPEN, "session::text, true", "session::text, false"),
    rewritten("units of ended postings", UNITS, IN_FORCE),
    rewritten("units no longer served", UNITS, "and s.starts_on <= today and coalesce(s.ends_on >= today, true)"),
    rewritten("posts of ended postings", POSTS, "and coalesce(p.ends_on >= today, true)"),
    rewritten("posts of postings to come", POSTS, "p.starts_on <= today", "true"),
    rewritten(
        "notes still open after their share has ended", "access.notes_shared_with_me()", "and s.ended_at is null"
    ),
    rewritten(
        "notes open to all once shared with one", "access.notes_shared_with_me()", "s.shared_with = account", "true"
    ),
    rewritten("everybody's traces as mine", "access.my_traces(timestamptz, integer)", "t.account_id = account", "true"),
    rewritten("who holds any post", "access.shares_my_post(uuid, uuid)", "post = any (access.held_posts())", "true"),
    rewritten(
        "traces signed by their subject",
        "access.trace(text, uuid, integer, text)",
        "account uuid := access.me()",
        "account uuid := coalesce(subject, '00000000-0000-0000-0000-000000000000')",
    ),
    Mutant(
        "the chain of traces written by hand",
        "grant usage on schema audit to relais_police_officer;"
        " grant execute on function audit.append(uuid, uuid, uuid, text, uuid, integer, text) to relais_police_officer",
    ),
    called(
        "the person search given to the police", "access.search_persons(text, date, integer)", "relais_police_officer"
    ),
    # Hardening.
    called("set_config for all", "pg_catalog.set_config(text, text, boolean)"),
    called("ts_stat for all", "pg_catalog.ts_stat(text)"),
    called("query_to_xml for all", "pg_catalog.query_to_xml(text, boolean, boolean, text)"),
    called("statistics of tables for all", "pg_catalog.pg_stat_get_live_tuples(oid)"),
    called("sizes of tables for all", "pg_catalog.pg_relation_size(regclass, text)"),
    called("large objects for all", "pg_catalog.lo_from_bytea(oid, bytea)"),
    called("advisory locks for all", "pg_catalog.pg_advisory_lock(bigint)"),
    called("the transaction counter for all", "pg_catalog.txid_current()"),
    called("files of the server for the police", "pg_catalog.pg_read_file(text)", "relais_police_officer"),
    Mutant("estimates of rows for all", "grant select (reltuples) on pg_catalog.pg_class to public"),
    Mutant("contents of columns, by their statistics", "grant select on pg_catalog.pg_stats to public"),
    Mutant(
        "locks for all",
        "grant select on pg_catalog.pg_locks to public;"
        " grant execute on function pg_catalog.pg_lock_status() to public",
    ),
    Mutant("plpgsql for all", "grant usage on language plpgsql to public"),
    Mutant("temporary tables for all", "grant temporary on database {database} to public"),
    Mutant("new tables for all", "grant usage, create on schema public to public"),
    # Keys and triggers.
    single_key(
        "notes tied to any participation",
        "confidential.note",
        "note_hangs_on_a_participation_of_the_post",
        "participation_id",
        "social.participation (id)",
    ),
    single_key(
        "participations tied to any person",
        "social.participation",
        "participation_is_of_a_person_of_the_post",
        "person_id",
        "social.person (id)",
    ),
    single_key(
        "handlings tied to any referral",
        "social.referral_handling",
        "handling_answers_a_referral_of_its_unit",
        "referral_id",
        "shared.referral (id)",
    ),
    single_key(
        "shares of anybody's note",
        "confidential.note_share",
        "note_is_shared_by_its_author",
        "note_id",
        "confidential.note (id)",
    ),
    Mutant(
        "one key per person, whatever the post",
        "alter table confidential.person_key add constraint one unique (person_id)",
    ),
    touches("a referral touched when a note is written", "confidential.note"),
    touches("a referral touched when it is decided upon", "social.referral_handling"),
    touches("a referral touched when somebody is met", "social.intervention"),
    *MUTANTS_OF_EXCHANGE,
    *MUTANTS_OF_ACTIVITY,
    *MUTANTS_OF_STATISTICS,
    *MUTANTS_OF_IDENTITY,
    *MUTANTS_OF_HANDOVERS,
    *MUTANTS_OF_CONTRACT,
)
