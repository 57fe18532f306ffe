"""The mutants of what is counted without anybody: collective activities, and the days worked by a post."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, given, rule, unlocked
from tests.access.mutants_of_exchange import ADD, CHANGE, MY_POSTS, READ

MY_EMPLOYERS = "employer_id = any ((select access.my_employers())::uuid[])"
BY_ME = "recorded_by = (select access.me())"
ACTIVITY, PRESENCE = "social.collective_activity", "employer.presence"

MUTANTS_OF_ACTIVITY: tuple[Mutant, ...] = (
    unlocked("collective activities without row security", ACTIVITY),
    unlocked("days worked without row security", PRESENCE),
    # Row rules of the post.
    rule("collective activities read by all workers", ACTIVITY, READ("social_worker"), "using (true)"),
    rule(
        "collective activities recorded under another name", ACTIVITY, ADD("social_worker"), f"with check ({MY_POSTS})"
    ),
    rule("collective activities recorded on any post", ACTIVITY, ADD("social_worker"), f"with check ({BY_ME})"),
    rule(
        "collective activities changed by all workers",
        ACTIVITY,
        CHANGE("social_worker"),
        "using (true) with check (true)",
    ),
    rule("days worked read by all workers", PRESENCE, READ("social_worker"), "using (true)"),
    rule("days worked signed for another by the post", PRESENCE, ADD("social_worker"), f"with check ({MY_POSTS})"),
    rule("days worked written for any post", PRESENCE, ADD("social_worker"), f"with check ({BY_ME})"),
    rule("days worked changed by all workers", PRESENCE, CHANGE("social_worker"), "using (true)"),
    rule("days worked changed unsigned by the post", PRESENCE, CHANGE("social_worker"), f"with check ({MY_POSTS})"),
    # Row rules of the employer.
    rule("days worked read by all coordinators", PRESENCE, READ("coordinator"), "using (true)"),
    rule(
        "days worked signed for another by the employer", PRESENCE, ADD("coordinator"), f"with check ({MY_EMPLOYERS})"
    ),
    rule("days worked written for any employer", PRESENCE, ADD("coordinator"), f"with check ({BY_ME})"),
    rule("days worked changed by all coordinators", PRESENCE, CHANGE("coordinator"), "using (true)"),
    rule(
        "days worked changed unsigned by the employer", PRESENCE, CHANGE("coordinator"), f"with check ({MY_EMPLOYERS})"
    ),
    # Grants.
    given("collective activities given to the police", "police_officer", ACTIVITY),
    given("collective activities given to the commander", "unit_commander", ACTIVITY),
    given("collective activities given to the coordinator", "coordinator", ACTIVITY),
    given("days worked given to the police", "police_officer", PRESENCE),
    given("days worked given to the delegate", "dpo", PRESENCE),
    given("days worked given to partners", "partner", PRESENCE, "select (days_worked)"),
    Mutant("days worked moved to another month", f"grant update (month_on) on {PRESENCE} to relais_coordinator"),
    Mutant("a session moved to another post", f"grant update (post_id) on {ACTIVITY} to relais_social_worker"),
    # Keys.
    Mutant(
        "days worked of a post kept by another employer",
        f"alter table {PRESENCE} drop constraint presence_is_of_the_employer_of_the_post",
    ),
    Mutant(
        "one row a month, whatever the employer",
        f"alter table {PRESENCE} add constraint one unique (post_id, month_on)",
    ),
)
