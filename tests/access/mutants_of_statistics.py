"""The mutants of the circle of statistics: exact figures told too widely, reports that move, writes not counted."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, called, given, rewritten, rule, unlocked
from tests.access.mutants_of_activity import MY_EMPLOYERS
from tests.access.mutants_of_exchange import ADD, CHANGE, MY_POSTS, READ

PUBLICATION, REPORT, CODE = "statistics.publication", "statistics.report", "statistics.external_code"
SNAPSHOT, RELEASE, TALLY = "statistics.report_snapshot", "statistics.report_release", "statistics.tally"
FIGURES = "statistics.figures(text, text, date, date)"
WITHIN = "statistics.posts_within(text, text)"
TOWNS = "statistics.municipalities(text, text, date, date, text[], text[])"
BEHIND = "statistics.contributions(text, text, date, date, bytea, bytea)"
RECOUNTED = "statistics.recounted(uuid[], text, text, date, date)"
SETTLE = "statistics.settle(uuid[], text, text, date, date, boolean)"
DRAFTED, OBSERVED = "drafted_by = (select access.me())", "access.observed_employers()"
COUNT = "{}_may_count".format
COUNTED_WITH = {
    "situation": "social.situation", "participation": "social.participation", "intervention": "social.intervention",
    "person": "social.person", "referral": "shared.referral", "referral_handling": "social.referral_handling",
    "partner_referral": "exchange.referral", "partner_referral_handling": "social.partner_referral_handling",
    "orientation": "social.orientation", "sent_orientation": "exchange.orientation",
    "transmission": "social.transmission", "collective_activity": "social.collective_activity",
    "presence": "employer.presence", "post": "organisation.post", "employer": "organisation.employer",
    "unit": "organisation.unit", "post_unit": "organisation.post_unit", "posting": "accounts.posting",
}  # fmt: skip


def viewed(name: str, view: str, role: str) -> Mutant:
    """A view of facts that a lane may read."""
    return Mutant(name, f"grant usage on schema statistics to {role}; grant select on {view} to {role}")


MUTANTS_OF_STATISTICS: tuple[Mutant, ...] = (
    unlocked("publications without row security", PUBLICATION),
    unlocked("reports without row security", REPORT),
    unlocked("exact reports without row security", SNAPSHOT),
    unlocked("codes of lines without row security", CODE),
    # Row rules: who reads.
    rule("publications for committees read by all officers", PUBLICATION, COUNT("police_officer"), "using (true)"),
    rule("publications of any unit read by all commanders", PUBLICATION, COUNT("unit_commander"), "using (true)"),
    rule("publications of any employer read by all committees", PUBLICATION, COUNT("observatory"), "using (true)"),
    rule("publications for committees read by partners", PUBLICATION, COUNT("partner"), "using (true)"),
    rule("reports read by all workers", REPORT, READ("social_worker"), "using (true)"),
    rule("reports read by all coordinators", REPORT, READ("coordinator"), "using (true)"),
    rule("reports of any unit read by all commanders", REPORT, READ("unit_commander"), "using (frozen_at is not null)"),
    rule(
        "drafts read by the committee", REPORT, READ("observatory"),
        f"using (employer_id = any ((select {OBSERVED})::uuid[]))",
    ),
    rule("drafts read by the commander", REPORT, READ("unit_commander"), "using (true)"),
    rule("reports of all employers read by a committee", REPORT, READ("observatory"), "using (frozen_at is not null)"),
    rule("exact reports read by all workers", SNAPSHOT, READ("social_worker"), "using (true)"),
    rule("exact reports read by all coordinators", SNAPSHOT, READ("coordinator"), "using (true)"),
    rule("releases read by all commanders", RELEASE, READ("unit_commander"), "using (true)"),
    rule("releases read by all committees", RELEASE, READ("observatory"), "using (true)"),
    rule("codes of lines read by all coordinators", CODE, READ("coordinator"), "using (true)"),
    # Row rules: who writes.
    rule("reports drafted under another name", REPORT, ADD("social_worker"), f"with check ({MY_POSTS})"),
    rule("reports drafted for any post", REPORT, ADD("social_worker"), f"with check ({DRAFTED})"),
    rule("reports drafted for any employer", REPORT, ADD("coordinator"), f"with check ({DRAFTED})"),
    rule("validated reports rewritten by the post", REPORT, CHANGE("social_worker"), f"with check ({MY_POSTS})"),
    rule("reports rewritten by all workers", REPORT, CHANGE("social_worker"), "using (true) with check (true)"),
    rule("reports rewritten by all coordinators", REPORT, CHANGE("coordinator"), "using (true) with check (true)"),
    rule("exact figures kept for any employer", SNAPSHOT, ADD("coordinator"), "with check (true)"),
    rule("releases for any employer", RELEASE, ADD("coordinator"), "with check (true)"),
    rule("codes of lines written for any employer", CODE, ADD("coordinator"), "with check (true)"),
    rule("codes of lines changed unsigned", CODE, CHANGE("coordinator"), f"with check ({MY_EMPLOYERS})"),
    # Grants on tables.
    given("exact reports given to the commander", "unit_commander", SNAPSHOT),
    given("exact reports given to the committee", "observatory", SNAPSHOT, "select (report_id, cells)"),
    given("tallies given to the worker", "social_worker", TALLY, "select (perimeter, cells)"),
    given("tallies given to the police", "police_officer", TALLY, "select (cells)"),
    given("what is to be recounted given to the police", "police_officer", "statistics.change", "select (post_id)"),
    given("reports given to the police", "police_officer", REPORT),
    given("publications made by the coordinator", "coordinator", PUBLICATION, "insert"),
    given("publications corrected by the operator", "worker", PUBLICATION, "update (cells)"),
    given("tallies deleted by the coordinator", "coordinator", TALLY, "delete"),
    given("reports deleted by the employer", "coordinator", REPORT, "delete"),
    Mutant(
        "reports deleted by the official of facts",
        f"grant delete on {REPORT} to relais_facts; create policy relais_facts_delete on {REPORT} for delete"
        " to relais_facts using (true)",
    ).quiet(),
    Mutant("validation by the post", f"grant update (validated_at) on {REPORT} to relais_social_worker"),
    Mutant("a report born validated", f"grant insert (validated_by, validated_as, validated_at) on {REPORT} to"
           " relais_social_worker"),
    Mutant("a report moved to another period", f"grant update (period) on {REPORT} to relais_coordinator"),
    Mutant("exact figures rewritten", f"grant update (cells) on {SNAPSHOT} to relais_coordinator"),
    Mutant("the names of persons among the facts", "grant select (last_name) on social.person to relais_facts").quiet(),
    # Views of facts.
    viewed("acts given to the police", "statistics.act", "relais_police_officer"),
    viewed("participations given to the coordinator", "statistics.participation", "relais_coordinator"),
    viewed("situations given to the observatory", "statistics.situation", "relais_observatory"),
    viewed("referrals, as facts, given to everybody", "statistics.referral", "public"),
    Mutant(
        "a view that names",
        "create view statistics.named as select id, last_name from social.person;"
        " grant select on statistics.named to relais_coordinator",
    ),
    # Functions.
    called("figures given to the police", FIGURES, "relais_police_officer"),
    called("figures given to the commander", FIGURES, "relais_unit_commander"),
    called("figures given to the observatory", FIGURES, "relais_observatory"),
    called("towns given to everybody", TOWNS),
    called("what is behind the figures given to the worker", BEHIND, "relais_social_worker"),
    called("what is behind the figures given to the observatory", BEHIND, "relais_observatory"),
    called("any post recounted by the coordinator", RECOUNTED, "relais_coordinator"),
    called("any post settled by the worker", SETTLE, "relais_social_worker"),
    called("the posts within a perimeter given to everybody", WITHIN),
    called("the facts themselves given to everybody", "statistics.acts(uuid[], text, text, date, date)").quiet(),
    Mutant("what the caller may count, with her own rights", f"alter function {FIGURES} security invoker"),
    Mutant("a search path that the caller chooses", f"alter function {FIGURES} reset search_path").quiet(),
    rewritten("posts within, whoever asks", WITHIN, "p.post_id = any (mine)\n           and ", ""),
    rewritten("a worker counts every post", WITHIN, "mine := access.my_posts()",
              "mine := array(select p.id from organisation.post p)"),
    rewritten("a worker counts her whole employer", WITHIN, "kind in ('post', 'unit', 'site')", "kind <> 'national'"),
    rewritten("a coordinator counts every employer", WITHIN, "where p.employer_id = any (access.my_employers())"),
    rewritten("a coordinator counts the nation", WITHIN, "and kind <> 'national'"),
    rewritten("an unknown kind of perimeter is everything", WITHIN, "else false end", "else true end"),
    rewritten("what is behind the figures, by person", BEHIND, "select m.cell, sum(m.n)",
              "select m.cell || '|' || min(m.contributor::text), sum(m.n)"),
    rewritten("any text in the place of a town", TOWNS, "select official.name, count(*)",
              "select min(p.municipality), count(*)"),
    rewritten("a committee of one employer watches them all", OBSERVED, "coalesce(e.id = a.employer_id, true)", "true"),
    # What is frozen.
    Mutant("frozen reports rewritten", f"drop trigger report_is_frozen_for_good on {REPORT}"),
    Mutant("frozen reports rewritten, the trigger asleep", f"alter table {REPORT} disable trigger user"),
    Mutant("exact figures rewritten from above", f"drop trigger snapshot_is_frozen_for_good on {SNAPSHOT}"),
    Mutant("releases rewritten from above", f"drop trigger release_is_frozen_for_good on {RELEASE}"),
    Mutant("publications rewritten from above", f"drop trigger publication_is_frozen_for_good on {PUBLICATION}"),
    Mutant("a report of one post about another", f"alter table {REPORT} drop constraint report_of_a_post_names_it"),
    Mutant("a report of one employer about another",
           f"alter table {REPORT} drop constraint report_of_an_employer_names_it"),
    Mutant("exact figures kept under another post",
           f"alter table {SNAPSHOT} drop constraint snapshot_is_of_a_report_of_the_post"),
    Mutant("a release kept under another post",
           f"alter table {RELEASE} drop constraint release_is_of_a_report_of_the_post"),
    # What is counted again: a late write that nobody notes.
    *(
        Mutant(f"writes not counted: {name}", f"drop trigger {name}_is_counted on {table}")
        for name, table in COUNTED_WITH.items()
    ),
    rewritten("an act counted from where it goes, not from where it was", "statistics.note_act()",
              "case when tg_op = 'UPDATE' then (old.occurred_at at time zone 'Europe/Paris')::date end", "null"),
    rewritten("a session counted from where it goes, not from where it was", "statistics.note_collective_activity()",
              "case when tg_op = 'UPDATE' then old.held_on end", "null"),
    rewritten("a read that forgets what was written", FIGURES, "not exists (select from statistics.change c where"
              " c.post_id = any (posts))", "true"),
    Mutant(
        "the unit waits for whoever counts",
        "grant update on statistics.recount to relais_facts; create or replace function statistics.note_referral()"
        " returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin"
        " perform from statistics.recount r join organisation.post_unit s on s.post_id = r.post_id and s.unit_id ="
        " new.unit_id for update of r; insert into statistics.change (post_id, from_on) select distinct s.post_id,"
        " (new.sent_at at time zone 'Europe/Paris')::date from organisation.post_unit s where s.unit_id = new.unit_id;"
        " return null; end $$",
    ),
)  # fmt: skip
