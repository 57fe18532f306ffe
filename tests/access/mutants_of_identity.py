"""The mutants of identity: one hand where two are needed, a door left open, a brake that does not brake."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, called, dropped, given, rewriting, rewritten, rule, unlocked
from tests.access.mutants_of_activity import MY_EMPLOYERS
from tests.access.mutants_of_exchange import ADD, CHANGE, READ

ACCOUNT, POSTING, INVITATION, FEDERATED = (
    f"accounts.{name}" for name in ("account", "posting", "invitation", "federated_identity")
)
REPLACEMENT, HANDOVER, VISIT = (f"employer.{name}" for name in ("replacement", "handover", "home_visit_agreement"))
FACTOR, RECOVERY, CREDENTIAL = "accounts.second_factor", "accounts.recovery_code", "accounts.credential"
ATTEMPT, SPENT = "accounts.attempt", "accounts.spent_ticket"
ME, UNITS, PARTNERS, COLLEAGUES = "access.me()", "access.my_units()", "access.my_partners()", "access.colleagues()"
BY_ANOTHER, ENDS = "access.approval_is_by_another()", "access.what_is_over_stays_over()"
PROLONGED = "accounts.posting_is_never_prolonged()"
PROVED, MINE, END_MINE, END_ALL = (
    "access.proved_recently()", "access.my_sessions()", "access.end_my_session(uuid)", "access.end_sessions(uuid)",
)  # fmt: skip
TRY, SUCCEED = "access.attempt(bytea, bytea)", "access.attempt_succeeded(bytea, bytea)"
SPEND = "access.spend_once(bytea, timestamptz)"
BY_ME, RECENT = "proposed_by = (select access.me())", "(select access.proved_recently())"
WAITS, ANOTHER = "approved_by is null and approved_at is null", "account_id <> (select access.me())"
SIGNED_IN = "using ((select access.me()) is not null)"
ADMINISTRATOR, COORDINATOR = "administrator", "coordinator"


def born_approved(table: str, role: str, rule_without: str) -> Mutant:
    """Rows added already approved: the columns and the rule."""
    return Mutant(
        f"{table} added already approved by the {role}",
        f"grant insert (approved_by, approved_at) on {table} to relais_{role};"
        f" alter policy {role}_may_add on {table} with check ({rule_without})",
    )


APPROVED = {
    ACCOUNT: ("account_approval", "account_is_approved_by_another", "account_approval_has_an_instant"),
    POSTING: (
        "posting_approval", "posting_is_approved_by_another", "posting_is_not_decided_by_its_holder",
        "posting_approval_has_an_instant",
    ),
    INVITATION: (
        "invitation_approval", "invitation_is_approved_by_another", "invitation_is_not_decided_by_its_guest",
        "invitation_approval_gives_a_code", "invitation_approval_has_an_instant",
    ),
    FEDERATED: (
        "federated_identity_approval", "federated_identity_is_approved_by_another",
        "federated_identity_is_not_decided_by_its_holder", "federated_identity_approval_has_an_instant",
    ),
    REPLACEMENT: (
        "replacement_approval", "replacement_is_approved_by_another", "replacement_approval_has_an_instant",
        "replacement_is_bounded",
    ),
    HANDOVER: (
        "handover_approval", "handover_is_approved_by_another", "handover_approval_has_an_instant",
        "handover_is_proposed_by_who_leaves", "handover_goes_to_someone_else",
    ),
    VISIT: (
        "home_visit_agreement_approval", "home_visit_agreement_is_approved_by_another",
        "home_visit_agreement_has_an_instant", "home_visit_is_agreed_or_refused",
    ),
}  # fmt: skip
ENDED = {
    ACCOUNT: ("account_stays_over", "account_keeps_its_employer"), FEDERATED: ("federated_identity_stays_over",),
    POSTING: ("posting_stays_over", "posting_is_never_prolonged"),
    INVITATION: ("invitation_stays_over", "invitation_stays_used", "invitation_code"),
}  # fmt: skip

MUTANTS_OF_IDENTITY: tuple[Mutant, ...] = (
    *(
        dropped("approvals", table, f"{'constraint' if rank else 'trigger'} {which}")
        for table, said in APPROVED.items()
        for rank, which in enumerate(said)
    ),
    *(dropped("ends", table, f"trigger {which}") for table, said in ENDED.items() for which in said),
    *(unlocked(f"{table} without row security", table) for table in (ACCOUNT, POSTING, INVITATION, FEDERATED)),
    *(unlocked(f"{table} without row security", table).quiet() for table in (ATTEMPT, SPENT, FACTOR, RECOVERY)),
    # The second person.
    rewritten("approvals given again", BY_ANOTHER, "old.approved_at is not null or ", ""),
    rewritten("approvals signed for another", BY_ANOTHER, "new.approved_by is distinct from access.me() or ", ""),
    rewritten("approvals attributed to another, the instant kept", BY_ANOTHER,
              "row(new.approved_by, new.approved_at) is not distinct from row(old.approved_by, old.approved_at)",
              "new.approved_at is not distinct from old.approved_at"),
    rewritten("approvals by anybody, as if from above", BY_ANOTHER, "r.rolname = session_user", "r.rolsuper"),
    rewritten("ends that are erased", ENDS, "ending is null or",
              "to_jsonb(new) ->> tg_argv[0] is null or ending is null or"),
    rewritten("ends that change", ENDS, "ending is null or",
              "to_jsonb(new) ->> tg_argv[0] is not null or ending is null or"),
    rewritten("a posting prolonged", PROLONGED, "new.ends_on <= old.ends_on", "new.ends_on is not null"),
    rewritten("a posting whose end is erased", PROLONGED, "new.ends_on <= old.ends_on",
              "coalesce(new.ends_on <= old.ends_on, true)"),
    rewritten("a committee moved to another employer", "accounts.employer_that_opens_stays()",
              "('coordinator', 'observatory')", "('coordinator')"),
    rewritten("a coordinator moved to another employer", "accounts.employer_that_opens_stays()",
              "('coordinator', 'observatory')", "('observatory')"),
    born_approved(ACCOUNT, ADMINISTRATOR, f"{BY_ME} and {RECENT}"),
    born_approved(ACCOUNT, COORDINATOR, f"{MY_EMPLOYERS} and role = 'social_worker' and {BY_ME} and {RECENT}"),
    *(born_approved(table, ADMINISTRATOR, f"{BY_ME} and {ANOTHER} and {RECENT}") for table in
      (POSTING, INVITATION, FEDERATED)),
    born_approved(REPLACEMENT, COORDINATOR, f"{MY_EMPLOYERS} and {BY_ME} and {RECENT}"),
    # Row rules: who proposes, for whom, after which proof.
    rule("accounts proposed under another name", ACCOUNT, ADD(ADMINISTRATOR), f"with check ({WAITS} and {RECENT})"),
    rule("accounts proposed with an old proof", ACCOUNT, ADD(ADMINISTRATOR), f"with check ({BY_ME} and {WAITS})"),
    rule("accounts changed with an old proof", ACCOUNT, CHANGE(ADMINISTRATOR), "with check (true)"),
    rule("accounts of any employer asked for", ACCOUNT, ADD(COORDINATOR),
         f"with check (role = 'social_worker' and {BY_ME} and {WAITS} and {RECENT})"),
    rule("accounts of any role asked for by the employer", ACCOUNT, ADD(COORDINATOR),
         f"with check ({MY_EMPLOYERS} and {BY_ME} and {WAITS} and {RECENT})"),
    rule("accounts asked for by the employer with an old proof", ACCOUNT, ADD(COORDINATOR),
         f"with check ({MY_EMPLOYERS} and role = 'social_worker' and {BY_ME} and {WAITS})"),
    rule("accounts asked for by the employer under another name", ACCOUNT, ADD(COORDINATOR),
         f"with check ({MY_EMPLOYERS} and role = 'social_worker' and {WAITS} and {RECENT})"),
    rule("accounts read by all coordinators", ACCOUNT, READ(COORDINATOR), "using (true)"),
    *(
        rule(f"{table} {what}", table, ADD(ADMINISTRATOR), f"with check ({' and '.join(clauses)})")
        for table in (POSTING, INVITATION, FEDERATED)
        for what, clauses in (
            ("proposed for oneself", (BY_ME, WAITS, RECENT)), ("proposed with an old proof", (BY_ME, ANOTHER, WAITS)),
            ("proposed under another name", (ANOTHER, WAITS, RECENT)),
        )
    ),
    *(
        rule(f"{table} {what}", table, CHANGE(ADMINISTRATOR), f"{SIGNED_IN} with check ({clause})")
        for table in (POSTING, INVITATION, FEDERATED)
        for what, clause in (("decided for oneself", RECENT), ("decided with an old proof", ANOTHER))
    ),
    # What is never rewritten.
    *(rewriting(ACCOUNT, column, ADMINISTRATOR) for column in ("role", "proposed_by", "client_scopes", "client_keys")),
    *(rewriting(POSTING, column, ADMINISTRATOR) for column in ("post_id", "unit_id", "partner_id", "starts_on")),
    *(rewriting(INVITATION, column, ADMINISTRATOR) for column in ("token_hash", "expires_at", "account_id", "sealed")),
    *(rewriting(FEDERATED, column, ADMINISTRATOR) for column in ("email", "subject", "account_id")),
    *(rewriting(ACCOUNT, column, "authentication") for column in ("approved_at", "suspended_at", "client_scopes")),
    rewriting(INVITATION, "code_hash", "authentication"), rewriting(FEDERATED, "approved_at", "authentication"),
    rewriting("accounts.session", "expires_at", "authentication"), rewriting(FACTOR, "sealed", "authentication"),
    # Grants.
    given("passwords given to the administrator", ADMINISTRATOR, CREDENTIAL),
    given("passwords written by the administrator", ADMINISTRATOR, CREDENTIAL, "update (password_hash)"),
    given("second factors given to the administrator", ADMINISTRATOR, FACTOR),
    given("second factors ended by the administrator", ADMINISTRATOR, FACTOR, "update (ended_at)"),
    given("recovery codes given to the administrator", ADMINISTRATOR, RECOVERY, "select (code_hash)"),
    given("sessions given to the administrator", ADMINISTRATOR, "accounts.session", "select (id)"),
    given("proofs renewed by the administrator", ADMINISTRATOR, "accounts.session", "update (authenticated_at)"),
    given("invitations given to the coordinator", COORDINATOR, INVITATION, "select (token_hash, code_hash)"),
    given("invitations given to the delegate", "dpo", INVITATION),
    given("institutional identities given to the coordinator", COORDINATOR, FEDERATED),
    given("postings given to the coordinator", COORDINATOR, POSTING),
    given("accounts approved by the coordinator", COORDINATOR, ACCOUNT, "update (approved_by, approved_at)"),
    given("accounts given to the police", "police_officer", ACCOUNT, "select (id, email)"),
    given("accounts given to the post", "social_worker", ACCOUNT),
    given("postings changed by the delegate", "dpo", POSTING, "update (ends_on)"),
    given("attempts given to the delegate", "dpo", ATTEMPT),
    given("attempts forgotten by the administrator", ADMINISTRATOR, ATTEMPT, "delete"),
    given("attempts written by authentication", "authentication", ATTEMPT, "update (failures, free_at)"),
    given("spent tickets deleted by authentication", "authentication", SPENT, "delete"),
    given("accounts deleted by the administrator", ADMINISTRATOR, ACCOUNT, "delete"),
    given("sessions deleted by authentication", "authentication", "accounts.session", "delete"),
    # The door.
    rewritten("accounts that nobody approved come in", ME, "and a.approved_at is not null"),
    rewritten("suspended accounts come in", ME, "and a.suspended_at is null"),
    rewritten("idle sessions alive", ME, "and s.idle_until > clock_timestamp()"),
    rewritten("units of postings that nobody approved", UNITS, "and p.approved_at is not null"),
    rewritten("partners of postings that nobody approved", PARTNERS, "and p.approved_at is not null"),
    rewritten("colleagues whom nobody approved", COLLEAGUES, "and a.approved_at is not null"),
    rewritten("colleagues by postings that nobody approved", COLLEAGUES, "and p.approved_at is not null"),
    # The proof, the sessions.
    rewritten("every proof is recent", PROVED, "return exists (", "return true or exists ("),
    rewritten("a proof is recent for eleven minutes", PROVED, "'10 minutes'", "'11 minutes'"),
    rewritten("a proof is recent for five minutes", PROVED, "'10 minutes'", "'5 minutes'"),
    rewritten("the proof of another session", PROVED,
              "s.id = nullif(current_setting('relais.session', true), '')::uuid",
              "s.account_id = access.me()"),
    rewritten("a proof without a session", PROVED, "perform access.me();"),
    rewritten("everybody's sessions as mine", MINE, "s.account_id = account and "),
    rewritten("revoked sessions among mine", MINE, "and s.revoked_at is null"),
    rewritten("expired sessions among mine", MINE, "and s.expires_at > clock_timestamp()"),
    rewritten("idle sessions among mine", MINE, "and s.idle_until > clock_timestamp()"),
    rewritten("sessions ended by anybody", END_MINE, "and s.account_id = account "),
    rewritten("sessions ended twice", END_MINE, " and s.revoked_at is null"),
    rewritten("all sessions ended at once", END_ALL, "s.account_id = account and "),
    rewritten("sessions ended again", END_ALL, " and s.revoked_at is null"),
    rewritten("sessions ended by nobody known", END_ALL, "perform access.me();"),
    called("sessions ended by the coordinator", END_ALL, "relais_coordinator"),
    called("sessions ended by the post", END_ALL, "relais_social_worker"),
    # The brake, and what serves once.
    rewritten("attempts that never wait", TRY, "if wait > 0 then", "if false then"),
    rewritten("attempts that do not wait for each other", TRY,
              "perform 1 from accounts.attempt a where a.key in (account_key, source_key) order by a.key for update;"),
    rewritten("attempts never counted", TRY, "least(o.failures, 1000000) + 1", "least(o.failures, 1000000)"),
    rewritten("attempts never forgotten", TRY, "o.last_at < moment - interval '1 hour'", "false"),
    rewritten("attempts forgotten at once", TRY, "o.last_at < moment - interval '1 hour'", "true"),
    rewritten("fifty free attempts", TRY, "then 5 else 30", "then 50 else 30"),
    rewritten("a source that waits as an account", TRY, "then 5 else 30", "then 5 else 5"),
    rewritten("a lock for good", TRY, "least(900, ", "(86400 * "),
    rewritten("a delay of one second for ever", TRY, "2 ^ least(counted.failures - counted.free - 1, 10)", "1"),
    rewritten("a delay that does not end growing", TRY, "least(900, ", "greatest(900, "),
    rewritten("attempts of the hour swept", TRY, "interval '1 day'", "interval '1 minute'"),
    rewritten("attempts never swept", TRY, "interval '1 day'", "interval '100 years'"),
    rewritten("a success that forgets nothing", SUCCEED, "then 0 else", "then a.failures else"),
    rewritten("a success that frees the whole source", SUCCEED, "greatest(a.failures - 1, 0)", "0"),
    rewritten("a success that frees everybody", SUCCEED, "where a.key in (account_key, source_key);", ";"),
    rewritten("tickets that always serve", SPEND, "return found", "return true"),
    rewritten("tickets that never serve", SPEND, "return found", "return false"),
    rewritten("tickets forgotten at once", SPEND, "o.expires_at < clock_timestamp() - interval '10 minutes'", "true"),
    rewritten("tickets never forgotten", SPEND, "o.expires_at < clock_timestamp() - interval '10 minutes'", "false"),
    called("attempts counted by the police", TRY, "relais_police_officer"),
    called("attempts forgiven by the post", SUCCEED, "relais_social_worker"),
    called("tickets spent by everybody", SPEND),
    Mutant("the gate of attempts, with the caller's rights", f"alter function {TRY} security invoker"),
    Mutant("the gate of sessions, with the caller's rights", f"alter function {MINE} security invoker"),
    # The traces.
    *(
        mutant
        for name, function in (("verified", "audit.verified()"), ("summed up", "audit.summary(date)"))
        for mutant in (
            rewritten(f"traces {name} without a session", function, "perform access.me();", "null;"),
            *(
                Mutant(
                    f"traces {name} by the {role}",
                    f"grant usage on schema audit to relais_{role};"
                    f" grant execute on function {function} to relais_{role}",
                )
                for role in (ADMINISTRATOR, COORDINATOR)
            ),
        )
    ),
)  # fmt: skip
