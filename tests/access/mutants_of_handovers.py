"""The mutants of replacements and handovers: who replaces writes, or goes on; notes pass to others, or too soon."""

from __future__ import annotations

from collections.abc import Iterator

from app.access.policy import policy
from tests.access.mutant_kinds import Mutant, called, given, rewritten, rule, single_key, unlocked
from tests.access.mutants_of_activity import MY_EMPLOYERS
from tests.access.mutants_of_exchange import ADD, CHANGE, MY_POSTS, READ
from tests.access.mutants_of_identity import BY_ME, HANDOVER, RECENT, REPLACEMENT, VISIT, WAITS, rewriting

ITEM, SUMMARY, SHARE = "social.handover_item", "confidential.handover_summary", "confidential.note_share"
POSTS, HELD, SERVED = "access.my_posts()", "access.held_posts()", "access.served_units()"
SHARED, TO_ME = "access.notes_shared_with_me()", "access.handovers_to_me()"
TAKES_OVER, SHARES = "access.takes_over_my_post(uuid, uuid, date)", "access.shares_my_post(uuid, uuid)"
WORKS_FOR = "access.works_for(uuid, uuid)"
HELD_POSTS = MY_POSTS.replace("my_posts", "held_posts")
OF_MINE = f"account_id = (select access.me()) or {HELD_POSTS}"
POST, COORDINATOR = "social_worker", "coordinator"


def _read_as_written() -> Iterator[Mutant]:
    """On each table that a post writes, the posts that one replaces in the place of those that one holds."""
    for resource in policy().resources.values():
        for verb in ("add", "change"):
            right = resource.rights.get(POST, {}).get(verb)  # type: ignore[call-overload]
            if right is None or resource.table is None:
                continue
            takes, leaves = (
                each.sql.replace("held_posts", "my_posts").replace("served_units", "my_units")
                for each in (right.takes, right.leaves)
            )
            if (takes, leaves) != (right.takes.sql, right.leaves.sql):
                using = f"using ({takes}) " if verb == "change" else ""
                found = rule(
                    f"{resource.table}: {verb} by whoever replaces",
                    resource.table,
                    f"{POST}_may_{verb}",
                    f"{using}with check ({leaves})",
                )
                # Of shares and of requests to replace, only one's own are changed: nobody replacing has any there.
                yield found.quiet() if (resource.table, verb) == (SHARE, "change") else found


MUTANTS_OF_HANDOVERS: tuple[Mutant, ...] = (
    *_read_as_written(),
    *(unlocked(f"{table} without row security", table) for table in (REPLACEMENT, HANDOVER, VISIT, ITEM, SUMMARY)),
    # Replacing.
    rewritten("posts of postings that nobody approved", POSTS, "and p.approved_at is not null"),
    rewritten("replacements that nobody approved", POSTS, "and r.approved_at is not null "),
    rewritten("replacements that were ended", POSTS, "and r.ended_at is null"),
    rewritten("replacements for ever", POSTS, "today between r.starts_on and r.ends_on", "today >= r.starts_on"),
    rewritten("replacements before their days", POSTS, "today between r.starts_on and r.ends_on", "today <= r.ends_on"),
    rewritten("replacements by anybody", POSTS, "r.account_id = account and ", ""),
    rewritten("posts on any lane", POSTS, "and session_user = 'relais_social_worker'"),
    rewritten("posts held that nobody approved", HELD, "and p.approved_at is not null"),
    rewritten("posts held for ever", HELD, "and p.starts_on <= today and coalesce(p.ends_on >= today, true)"),
    rewritten("posts held on any lane", HELD, "and session_user = 'relais_social_worker'").quiet(),
    rewritten("posts replaced are held", HELD, "order by 1", "union select r.post_id from employer.replacement r"
              " where r.account_id = account and r.approved_at is not null and r.ended_at is null"
              " and today between r.starts_on and r.ends_on order by 1"),
    rewritten("units served by posts replaced", SERVED, "access.held_posts()", "access.my_posts()"),
    rewritten("units served no longer", SERVED, "and s.starts_on <= today and coalesce(s.ends_on >= today, true)"),
    rule("replacements asked for with an old proof", REPLACEMENT, ADD(POST),
         f"with check (account_id = (select access.me()) and {BY_ME} and {WAITS})"),
    rule("replacements asked for somebody else", REPLACEMENT, ADD(POST),
         f"with check ({BY_ME} and {WAITS} and {RECENT})"),
    rule("replacements proposed for any employer", REPLACEMENT, ADD(COORDINATOR),
         f"with check ({BY_ME} and {WAITS} and {RECENT})"),
    rule("replacements proposed with an old proof", REPLACEMENT, ADD(COORDINATOR),
         f"with check ({MY_EMPLOYERS} and {BY_ME} and {WAITS})"),
    rule("replacements proposed under another name", REPLACEMENT, ADD(COORDINATOR),
         f"with check ({MY_EMPLOYERS} and {WAITS} and {RECENT})"),
    rule("replacements approved with an old proof", REPLACEMENT, CHANGE(COORDINATOR), f"with check ({MY_EMPLOYERS})"),
    rule("replacements approved by any employer", REPLACEMENT, CHANGE(COORDINATOR),
         f"using (true) with check ({RECENT})"),
    rule("replacements that begin again", REPLACEMENT, CHANGE(POST), f"using ({OF_MINE}) with check ({OF_MINE})"),
    rule("replacements that the employer begins again", REPLACEMENT, CHANGE(COORDINATOR), f"using ({MY_EMPLOYERS})"),
    rule("replacements ended by all workers", REPLACEMENT, CHANGE(POST), "using (true) with check (true)"),
    rule("replacements read by all workers", REPLACEMENT, READ(POST), "using (true)"),
    rule("replacements read by the colleague who replaces the same post", REPLACEMENT, READ(POST),
         f"using (account_id = (select access.me()) or {MY_POSTS})"),
    rule("replacements read by all coordinators", REPLACEMENT, READ(COORDINATOR), "using (true)"),
    Mutant("replacements approved by the post",
           f"grant update (approved_by, approved_at) on {REPLACEMENT} to relais_social_worker"),
    *(rewriting(REPLACEMENT, column, POST) for column in ("ends_on", "post_id")),
    *(rewriting(REPLACEMENT, column, COORDINATOR) for column in ("ends_on", "account_id", "post_id")),
    given("replacements given to the police", "police_officer", REPLACEMENT),
    given("replacements given to the observatory", "observatory", REPLACEMENT, "select (account_id)"),
    given("replacements ended by the delegate", "dpo", REPLACEMENT, "update (ended_at)"),
    # Handing over.
    rewritten("notes of a handover as if shared by hand", SHARED, "and s.handover_id is null"),
    rewritten("notes of a handover that nobody approved", SHARED, "h.approved_at is not null and "),
    rewritten("notes of a handover given up", SHARED, "and h.cancelled_at is null"),
    rewritten("notes of a handover before and after its days", SHARED,
              "and h.starts_on <= today and coalesce(h.ends_on >= today, true)"),
    rewritten("notes of a handover for somebody else", SHARED, "and h.to_account_id = account "),
    rewritten("notes of a handover whose share has ended", SHARED,
              "h.to_account_id = account and s.ended_at is null", "h.to_account_id = account"),
    rewritten("notes of a handover for everybody", SHARED,
              "s.shared_with = account and h.to_account_id = account and ", ""),
    rewritten("summaries for everybody", TO_ME, "h.to_account_id = account and ", ""),
    rewritten("summaries of a handover that nobody approved", TO_ME, "and h.approved_at is not null "),
    rewritten("summaries of a handover given up", TO_ME, "and h.cancelled_at is null"),
    rewritten("summaries before and after the days", TO_ME,
              "and h.starts_on <= today and coalesce(h.ends_on >= today, true)"),
    rule("summaries read by the whole post", SUMMARY, READ(POST), f"using ({MY_POSTS})"),
    rule("summaries read by all workers", SUMMARY, READ(POST), "using (true)"),
    rule("summaries read by their author alone", SUMMARY, READ(POST),
         f"using ({MY_POSTS} and author_id = (select access.me()))"),
    rule("summaries signed for another", SUMMARY, ADD(POST), f"with check ({HELD_POSTS})"),
    rule("summaries written on any post", SUMMARY, ADD(POST), "with check (author_id = (select access.me()))"),
    rule("items read by all workers", ITEM, READ(POST), "using (true)"),
    rule("items added on any post", ITEM, ADD(POST), "with check (true)"),
    rule("handovers proposed for another", HANDOVER, ADD(POST), f"with check ({HELD_POSTS} and {WAITS} and {RECENT})"),
    rule("handovers proposed with an old proof", HANDOVER, ADD(POST),
         f"with check ({HELD_POSTS} and from_account_id = (select access.me()) and {WAITS})"),
    rule("handovers given up by a colleague", HANDOVER, CHANGE(POST), f"using ({HELD_POSTS} and approved_at is null)"
         f" with check ({HELD_POSTS} and approved_at is null)"),
    rule("handovers given up once approved", HANDOVER, CHANGE(POST), "using (from_account_id = (select access.me()))"
         " with check (from_account_id = (select access.me()))"),
    rule("handovers approved with an old proof", HANDOVER, CHANGE(COORDINATOR), f"with check ({MY_EMPLOYERS})"),
    rule("handovers approved by any employer", HANDOVER, CHANGE(COORDINATOR), f"using (true) with check ({RECENT})"),
    rule("handovers read by all workers", HANDOVER, READ(POST), "using (true)"),
    rule("handovers read by all coordinators", HANDOVER, READ(COORDINATOR), "using (true)"),
    Mutant("handovers approved by the post", f"grant update (approved_at) on {HANDOVER} to relais_social_worker"),
    rewriting(HANDOVER, "to_account_id", COORDINATOR), rewriting(HANDOVER, "ends_on", POST),
    rewriting(SHARE, "handover_id", POST),
    given("summaries rewritten by the post", POST, SUMMARY, "update (sealed)"),
    given("items rewritten by the post", POST, ITEM, "update (notes_go_along)"),
    single_key("notes that go along with any handover", SHARE, "note_goes_along_with_a_handover_of_the_post",
               "handover_id", f"{HANDOVER} (id)"),
    single_key("items of any handover", ITEM, "handover_item_is_of_a_handover_of_the_post", "handover_id",
               f"{HANDOVER} (id)"),
    single_key("items about any participation", ITEM, "handover_item_is_of_a_participation_of_the_post",
               "participation_id", "social.participation (id)"),
    given("items given to the coordinator", COORDINATOR, ITEM),
    given("summaries given to the coordinator", COORDINATOR, SUMMARY, "select (handover_id, written_at)"),
    given("summaries given to the administrator", "administrator", SUMMARY),
    given("handovers given to the commander", "unit_commander", HANDOVER),
    given("handovers given to partners", "partner", HANDOVER, "select (situations)"),
    # Who takes over, who works for whom.
    rewritten("who takes over any post", TAKES_OVER, "access.held_posts()", "access.my_posts()"),
    rewritten("taken over by an account that nobody approved", TAKES_OVER, "and a.approved_at is not null"),
    rewritten("taken over by a posting that nobody approved", TAKES_OVER, "and p.approved_at is not null"),
    rewritten("taken over at any time", TAKES_OVER,
              "and p.starts_on <= from_on and coalesce(p.ends_on >= from_on, true)"),
    rewritten("who shares a post that one replaces", SHARES, "access.held_posts()", "access.my_posts()"),
    rewritten("shared with an account that nobody approved", SHARES, "and a.approved_at is not null"),
    rewritten("shared by a posting that nobody approved", SHARES, "and p.approved_at is not null"),
    *(
        rewritten(f"colleagues of an employer: {what}", WORKS_FOR, piece, "")
        for what, piece in (
            ("suspended", "and a.suspended_at is null"),
            ("an account that nobody approved", "and a.approved_at is not null"),
            ("a posting that nobody approved", "and p.approved_at is not null"), ("gone", "and a.ended_at is null"),
            ("of another employer", "and o.employer_id = employer"),
            ("of another trade", "and a.role = 'social_worker'"),
            ("of any day", "and p.starts_on <= today and coalesce(p.ends_on >= today, true)"),
        )
    ),
    called("colleagues of an employer told to the police", WORKS_FOR, "relais_police_officer"),
    called("handovers told to partners", TO_ME, "relais_partner"),
    called("who takes over told to the coordinator", TAKES_OVER, "relais_coordinator"),
    # Visits at home.
    rule("visits read by all workers", VISIT, READ(POST), "using (true)"),
    rule("visits read by all coordinators", VISIT, READ(COORDINATOR), "using (true)"),
    rule("visits asked for under another name", VISIT, ADD(POST), f"with check ({HELD_POSTS} and {WAITS})"),
    rule("visits agreed to by any employer", VISIT, CHANGE(COORDINATOR), "using (true) with check (true)"),
    Mutant("visits agreed to by the post",
           f"grant insert (approved_by, approved_at) on {VISIT} to relais_social_worker;"
           f" alter policy social_worker_may_add on {VISIT} with check ({HELD_POSTS} and {BY_ME})"),
    rewriting(VISIT, "visit_on", COORDINATOR), rewriting(VISIT, "municipality", COORDINATOR),
    given("visits given to the police", "police_officer", VISIT), given("visits given to the delegate", "dpo", VISIT),
)  # fmt: skip
