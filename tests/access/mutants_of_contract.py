"""The mutants of the contract: repeated requests, quotas, subscriptions, and the eyes of whoever delivers."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, called, dropped, given, rewriting, rewritten, rule, unlocked

WEBHOOK, DELIVERY = "outbox.webhook", "outbox.delivery"
ANSWERED, QUOTA = "accounts.remembered_answer", "accounts.quota"
REFERRAL, SENT_REFERRAL, ORIENTATION = "shared.referral", "exchange.referral", "exchange.orientation"
ME, PROVED, TRACE = "access.me()", "access.proved_recently()", "access.trace(text, uuid, integer, text)"
KEEPER, OPEN, DUE = "access.keeper_of_webhook()", "access.open_webhook(uuid, bytea)", "access.webhooks_due()"
STANDING, USAGE = "access.standing()", "access.my_usage()"
RECALL, REMEMBER = "access.recall(bytea, text, bytea)", "access.remember(bytea, bytea)"
SPEND = "access.spend_quota(bytea, integer, integer)"
ANNOUNCE = "outbox.announce(text, uuid, uuid[], uuid[])"
OF_REFERRAL, OF_SENT_REFERRAL = "outbox.tell_of_referral()", "outbox.tell_of_partner_referral()"
OF_ORIENTATION = "outbox.tell_of_orientation()"
MINE = "account_id = (select access.me())"
PLACES = {
    "social_worker": "post_id = any ((select access.held_posts())::uuid[])",
    "partner": "partner_id = any ((select access.my_partners())::uuid[])",
}
BOTH = "array[new.post_id], array[new.partner_id]"
EVERY_PARTNER = "array(select w.partner_id from outbox.webhook w)"
REPLACED = "post_id = any ((select access.my_posts())::uuid[])"
OUTSIDERS = ("police_officer", "unit_commander", "coordinator", "observatory", "administrator", "dpo",
             "authentication", "worker", "answering")  # fmt: skip

ROWS: tuple[Mutant, ...] = (
    unlocked("subscriptions without row security", WEBHOOK),
    unlocked("notifications without row security", DELIVERY),
    # No lane has any right on them: only the snapshot can tell.
    unlocked("remembered answers without row security", ANSWERED).quiet(),
    unlocked("quotas without row security", QUOTA).quiet(),
    *(
        mutant
        for role, place in PLACES.items()
        for mutant in (
            rule(f"subscriptions read by every {role}", WEBHOOK, f"{role}_may_read", "using (true)"),
            rule(f"notifications read by every {role}", DELIVERY, f"{role}_may_read", "using (true)"),
            rule(f"subscriptions kept for any place by the {role}", WEBHOOK, f"{role}_may_add", f"with check ({MINE})"),
            rule(f"subscriptions kept for another by the {role}", WEBHOOK, f"{role}_may_add", f"with check ({place})"),
            rule(f"subscriptions of the place changed by any {role}", WEBHOOK, f"{role}_may_change",
                 f"using ({place}) with check ({place})"),
            rule(f"notifications marked by every {role}", DELIVERY, f"{role}_may_change",
                 "using (true) with check (true)"),
            given(f"notifications written by the {role}", role, DELIVERY, "insert"),
            given(f"notifications removed by the {role}", role, DELIVERY, "delete"),
            given(f"subscriptions removed by the {role}", role, WEBHOOK, "delete"),
            *(rewriting(WEBHOOK, column, role) for column in ("account_id", "role", "post_id", "created_at")),
            *(rewriting(DELIVERY, column, role) for column in ("webhook_id", "post_id", "event_type", "subject_id")),
        )
    ),
    rule("subscriptions changed after leaving the place", WEBHOOK, "social_worker_may_change",
         f"using ({MINE}) with check ({MINE})"),
    rule("subscriptions kept where one replaces", WEBHOOK, "social_worker_may_add",
         f"with check ({REPLACED} and {MINE})"),
    rule("subscriptions changed where one replaces", WEBHOOK, "social_worker_may_change",
         f"using ({REPLACED} and {MINE}) with check ({REPLACED} and {MINE})"),
    rule("notifications marked where one replaces", DELIVERY, "social_worker_may_change",
         f"using ({REPLACED}) with check ({REPLACED})"),
    *(given(f"{table} given to the {role}", role, table) for role in OUTSIDERS for table in (WEBHOOK, DELIVERY)),
    *(
        mutant
        for role in ("social_worker", "administrator")
        for mutant in (
            given(f"remembered answers given to the {role}", role, ANSWERED),
            given(f"remembered answers written by the {role}", role, ANSWERED, "update (sealed)"),
            given(f"quotas given to the {role}", role, QUOTA),
            given(f"quotas reset by the {role}", role, QUOTA, "delete"),
            given(f"quotas written by the {role}", role, QUOTA, "update (spent)"),
        )
    ),
    *(
        called(f"{function} called by the {role}", function, f"relais_{role}")
        for function, role in (
            (STANDING, "police_officer"), (KEEPER, "social_worker"), (ANNOUNCE, "social_worker"), (DUE, "coordinator"),
            (DUE, "police_officer"), (DUE, "unit_commander"), (OPEN, "police_officer"), (OPEN, "coordinator"),
            (OPEN, "worker"), (RECALL, "answering"), (REMEMBER, "authentication"),
            (USAGE, "worker"), (SPEND, "worker"),
        )
    ),
    # A function of a trigger is not called by name, whoever may.
    *(called(f"{function} called by all", function).quiet() for function in
      (OF_REFERRAL, OF_SENT_REFERRAL, OF_ORIENTATION)),
    *(
        dropped("subscriptions", WEBHOOK, f"constraint {which}")
        for which in (
            "webhook_is_of_one_organisation", "webhook_reads_as_its_own_role", "webhook_url_is_a_short_web_address",
            "webhook_names_its_events", "webhook_proof_is_a_digest", "webhook_secret_is_sealed",
            "webhook_previous_secret_has_an_end", "webhook_pause_has_a_reason", "webhook_pause_reason_is_known",
        )
    ),
    *(
        dropped("notifications", DELIVERY, f"constraint {which}")
        for which in (
            "delivery_state_is_known", "delivery_waits_for_its_next_attempt", "delivery_has_its_instant",
            "delivery_counts_its_tries", "delivery_attempts_are_a_short_list",
        )
    ),
    # The gate alone writes these columns, as its functions do.
    dropped("notifications", DELIVERY, "constraint delivery_is_for_one_organisation").quiet(),
    dropped("quotas", QUOTA, "constraint quota_counts_requests").quiet(),
    dropped("quotas", QUOTA, "constraint quota_key_is_a_digest"),
    *(dropped("repeats", ANSWERED, f"constraint remembered_{which}") for which in
      ("key_is_a_digest", "question_is_a_digest", "route_is_a_template")),
    dropped("traces", "audit.trace", "constraint trace_outcome_is_known"),
    Mutant("an act that waits for the subscriber",
           f"alter table {DELIVERY} add foreign key (webhook_id) references {WEBHOOK}"),
)  # fmt: skip

EYES: tuple[Mutant, ...] = (
    rewritten("a dead session gives way to a subscription", ME, "if account is null then",
              "if account is null then account := access.keeper_of_webhook(); end if; if account is null then"),
    rewritten("what is no session gives way to a subscription", ME, "coalesce(claimed, '') = ''",
              "coalesce(claimed, '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"),
    rewritten("a subscription opens without a proof", KEEPER,
              "and w.secret_digest = sha256(decode(split_part(claimed, ':', 2), 'hex'))"),
    rewritten("the digest is a proof", KEEPER,
              "w.secret_digest = sha256(decode(split_part(claimed, ':', 2), 'hex'))",
              "w.secret_digest in (sha256(decode(split_part(claimed, ':', 2), 'hex')),"
              " decode(split_part(claimed, ':', 2), 'hex'))"),
    rewritten("the proof of any subscription opens", KEEPER, "w.id = split_part(claimed, ':', 1)::uuid", "true"),
    rewritten("subscriptions that are over open", KEEPER, "and w.ended_at is null"),
    rewritten("subscriptions open on any lane", KEEPER, "and 'relais_' || w.role = session_user"),
    rewritten("subscriptions outlive a change of role", KEEPER, "and a.role = w.role"),
    rewritten("subscriptions of whom nobody approved open", KEEPER, "and a.approved_at is not null"),
    rewritten("subscriptions of the suspended open", KEEPER, "and a.suspended_at is null"),
    rewritten("subscriptions of the gone open", KEEPER, "and a.ended_at is null"),
    rewritten("subscriptions opened unseen", OPEN, "perform access.me();"),
    rewritten("subscriptions outlive the transaction", OPEN, "encode(proof, 'hex'), true",
              "encode(proof, 'hex'), false"),
    rewritten("a subscription opened behind a session", OPEN, "perform set_config('relais.session', '', true);"),
    rewritten("whoever delivers has proved everything", PROVED, "return exists (",
              "return coalesce(current_setting('relais.session', true), '') = '' or exists ("),
    rewritten("deliveries traced under no name", TRACE,
              ", split_part(current_setting('relais.webhook', true), ':', 1)"),
    # What each lane has to tell.
    rewritten("each lane tells what is of all", DUE, "'relais_' || w.role = session_user", "true"),
    rewritten("what is over is told", DUE, "and w.ended_at is null"),
    rewritten("what is paused is told", DUE, "and w.paused_at is null"),
    rewritten("told by anybody's notification", DUE, "d.webhook_id = w.id and "),
    # Only what waits has a next attempt: a constraint says the same.
    rewritten("told whatever its state", DUE, "d.state = 'pending' and ").quiet(),
    rewritten("told before its time", DUE, "and d.next_attempt_at <= clock_timestamp()"),
    rewritten("read by whoever changed role", DUE, "a.role = w.role and "),
    rewritten("read by whom nobody approved", DUE, "a.approved_at is not null and "),
    rewritten("read by the suspended", DUE, "a.suspended_at is null and "),
    rewritten("read by the gone", DUE, "and a.ended_at is null"),
    rewritten("read by a posting that nobody approved", DUE, "p.approved_at is not null and "),
    rewritten("read by a posting ended", DUE, "and p.ended_at is null"),
    rewritten("read by a posting to come", DUE, "p.starts_on <= today and "),
    rewritten("read by a posting over", DUE, "and coalesce(p.ends_on >= today, true)"),
    rewritten("read from another place", DUE,
              "(p.post_id = w.post_id or p.partner_id = w.partner_id)", "true"),
    rewritten("each lane pauses what is of all", DUE,
              "where 'relais_' || w.role = session_user and w.ended_at is null and w.paused_at is null\n       and not",
              "where w.ended_at is null and w.paused_at is null and not"),
    rewritten("each lane forgets what is of all", DUE, "'relais_' || w.role = session_user and o.happened_at",
              "o.happened_at"),
    rewritten("the same subscriptions always first", DUE, "order by random()", "order by w.id"),
    rewritten("notifications forgotten early", DUE, "'30 days'", "'29 days'"),
    rewritten("notifications kept longer", DUE, "'30 days'", "'31 days'"),
    Mutant("what is due, with the caller's rights", f"alter function {DUE} security invoker"),
    Mutant("subscriptions opened with the caller's rights", f"alter function {KEEPER} security invoker").quiet(),
)  # fmt: skip

EVENTS: tuple[Mutant, ...] = (
    rewritten("what is over is announced", ANNOUNCE, "o.ended_at is null and "),
    rewritten("what nobody reads any more is announced", ANNOUNCE, "o.paused_because is distinct from 'owner' and "),
    rewritten("what is paused is never announced", ANNOUNCE, "o.paused_because is distinct from 'owner'",
              "o.paused_because is null"),
    rewritten("every event announced", ANNOUNCE, "kind = any (o.event_types)", "true"),
    rewritten("events announced to everybody", ANNOUNCE,
              "(o.post_id = any (posts) or o.partner_id = any (partners))", "true"),
    rewritten("subscribers without end", ANNOUNCE, "w.place <= 50", "true"),
    rewritten("subscribers counted together", ANNOUNCE,
              "partition by o.post_id, o.partner_id order", "order"),
    rewritten("units that a post no longer serves, or not yet, announced", OF_REFERRAL,
              "and s.starts_on <= today and coalesce(s.ends_on >= today, true)"),
    rewritten("units that a post no longer serves announced", OF_REFERRAL, "and coalesce(s.ends_on >= today, true)"),
    rewritten("units that a post does not serve yet announced", OF_REFERRAL, "s.starts_on <= today and "),
    rewritten("referrals of every unit announced", OF_REFERRAL, "s.unit_id = new.unit_id and "),
    *(rewritten(f"withdrawn twice: {function}", function, " and old.withdrawn_at is null") for function in
      (OF_REFERRAL, OF_SENT_REFERRAL)),
    rewritten("every change is an answer", OF_SENT_REFERRAL,
              "elsif new.feedback_code is distinct from old.feedback_code then", "else"),
    *(
        rewritten(f"{said} also told to {whom}", function, f"'{said}', new.id, {to}", f"'{said}', new.id, {widened}")
        for said, function, to, whom, widened in (
            ("referral.sent", OF_REFERRAL, "posts, null", "partners", f"posts, {EVERY_PARTNER}"),
            ("referral.withdrawn", OF_REFERRAL, "posts, null", "partners", f"posts, {EVERY_PARTNER}"),
            *((said, OF_SENT_REFERRAL, "array[new.post_id], null", "the partner", BOTH)
              for said in ("partner_referral.sent", "partner_referral.withdrawn")),
            ("partner_referral.answered", OF_SENT_REFERRAL, "null, array[new.partner_id]", "the post", BOTH),
            *((said, OF_ORIENTATION, "null, array[new.partner_id]", "the post", BOTH)
              for said in ("orientation.transmitted", "orientation.closed")),
            ("orientation.answered", OF_ORIENTATION, "array[new.post_id], null", "the partner", BOTH),
        )
    ),
    rewritten("closed twice", OF_ORIENTATION, " and old.closed_at is null"),
    rewritten("closing again is an answer", OF_ORIENTATION,
              "elsif new.closed_at is not distinct from old.closed_at then", "else"),
    Mutant("orientations announced at every change",
           f"drop trigger tell_of_orientation_answered on {ORIENTATION};"
           f" create trigger tell_of_orientation_answered after update on {ORIENTATION}"
           f" for each row execute function {OF_ORIENTATION}"),
    # The function compares before it announces: it would be called in vain.
    Mutant("referrals looked at at every change",
           f"drop trigger tell_of_referral on {REFERRAL}; create trigger tell_of_referral after insert or update"
           f" on {REFERRAL} for each row execute function {OF_REFERRAL}").quiet(),
    *(
        dropped("events", table, f"trigger {which}")
        for table, which in (
            (REFERRAL, "tell_of_referral"), (SENT_REFERRAL, "tell_of_partner_referral"),
            (ORIENTATION, "tell_of_orientation_sent"), (ORIENTATION, "tell_of_orientation_answered"),
        )
    ),
    *(
        Mutant(f"what the post does, announced: {table}",
               "create function outbox.tell() returns trigger language plpgsql security definer as $$ begin perform"
               " outbox.announce('referral.sent', gen_random_uuid(), array(select id from organisation.post), null);"
               " return null; end $$;"
               f" create trigger tell after insert or update on {table} for each row execute function outbox.tell()")
        for table in ("social.referral_handling", "social.situation", "social.intervention", "confidential.note",
                      "social.person", "social.orientation", "social.partner_referral_handling")
    ),
    Mutant("the answer to a unit, announced",
           "create function outbox.tell() returns trigger language plpgsql security definer as $$ begin perform"
           " outbox.announce('referral.sent', new.id, array(select id from organisation.post), null);"
           " return null; end $$;"
           f" create trigger tell after update of feedback_code on {REFERRAL} for each row"
           " execute function outbox.tell()"),
    *(Mutant(f"{function} with the caller's rights", f"alter function {function} security invoker") for function in
      (OF_REFERRAL, OF_SENT_REFERRAL, OF_ORIENTATION)),
    # Called by the functions of triggers alone, which are the gate already.
    Mutant("announced with the caller's rights", f"alter function {ANNOUNCE} security invoker").quiet(),
)  # fmt: skip

REPEATS: tuple[Mutant, ...] = (
    rewritten("answers of anybody recalled", RECALL, "r.account_id = account and r.key", "r.key"),
    rewritten("the answer to another request", RECALL, "known.asked <> recall.asked", "false"),
    rewritten("answers that outlive one's rights", RECALL, "known.standing <> access.standing()", "false"),
    rewritten("an empty answer said again", RECALL, "known.sealed = ''", "false"),
    rewritten("every request is new", RECALL, "where r.answered_at <= clock_timestamp() - interval '24 hours'"),
    rewritten("no key is ever free again", RECALL, "r.answered_at <= clock_timestamp() - interval '24 hours'", "false"),
    rewritten("answers forgotten an hour early", RECALL, "'24 hours'", "'23 hours'"),
    rewritten("answers said again an hour longer", RECALL, "'24 hours'", "'24 hours 30 minutes'"),
    rewritten("answers swept while they serve", RECALL, "'25 hours'", "'24 hours'"),
    rewritten("answers swept an hour later", RECALL, "'25 hours'", "'26 hours'"),
    rewritten("a long wait for the same request", RECALL, "'100ms'", "'3s'"),
    rewritten("a wait that is left behind", RECALL, "perform set_config('lock_timeout', patience, true);"),
    rewritten("recalled without a session", RECALL, "account uuid := access.me();",
              "account uuid := (select a.id from accounts.account a limit 1);"),
    rewritten("answers given by another account", REMEMBER, "r.account_id = account and "),
    rewritten("answers given twice", REMEMBER, " and r.sealed = ''"),
    rewritten("answers given by a later transaction", REMEMBER, "and r.answered_at >= transaction_timestamp()"),
    *(rewritten(f"a standing that forgets {what}", STANDING, piece) for what, piece in (
        ("the role", "session_user, "), ("what is held", "access.held_posts(), "),
        ("the partner", ", access.my_partners()"),
        ("the units", "access.my_units(), "),
    )),
    # A post that one replaces is seen by its units too.
    rewritten("a standing that forgets what is replaced", STANDING, "access.my_posts(), ").quiet(),
    rewritten("answers said to be kept that are not", REMEMBER, "return found", "return true"),
    rewritten("answers said not to be kept that are", REMEMBER, "return found", "return false"),
    Mutant("recalled with the caller's rights", f"alter function {RECALL} security invoker"),
    Mutant("remembered with the caller's rights", f"alter function {REMEMBER} security invoker"),
    # Quotas and usage.
    rewritten("requests given back", SPEND, "greatest(cost, 0)", "cost"),
    rewritten("a cost without a limit", SPEND, "least(greatest(cost, 0), 1000000)", "greatest(cost, 0)"),
    rewritten("a count that overflows", SPEND,
              "least(q.spent + excluded.spent, 1000000000)", "q.spent + excluded.spent"),
    rewritten("counts that stay at the last", SPEND, "least(q.spent + excluded.spent, 1000000000)", "excluded.spent"),
    rewritten("a window that never ends", SPEND, "q.resets_at <= moment", "false"),
    rewritten("a window that each request moves", SPEND, "else q.resets_at end", "else excluded.resets_at end"),
    rewritten("a window as long as one likes", SPEND, "least(greatest(seconds, 1), 86400)", "greatest(seconds, 1)"),
    rewritten("a window already over", SPEND, "greatest(seconds, 1)", "seconds"),
    rewritten("counts swept at once", SPEND, "interval '1 hour'", "interval '1 second'"),
    rewritten("counts swept late", SPEND, "interval '1 hour'", "interval '2 hours'"),
    rewritten("everybody's count", SPEND, "values (spend_quota.key,", "values (sha256(''),"),
    Mutant("quotas spent with the caller's rights", f"alter function {SPEND} security invoker"),
    rewritten("everybody's usage", USAGE, "t.account_id = account and "),
    rewritten("usage since ever", USAGE, " and t.at > clock_timestamp() - interval '31 days'"),
)  # fmt: skip

MUTANTS_OF_CONTRACT: tuple[Mutant, ...] = (*ROWS, *EYES, *EVENTS, *REPEATS)
