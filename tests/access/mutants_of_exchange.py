"""The mutants of the directory, of the exchanges, of the answer links and of the register of requisitions."""

from __future__ import annotations

from tests.access.mutant_kinds import Mutant, called, given, rewritten, rule, single_key, unlocked

MY_POSTS = "post_id = any ((select access.my_posts())::uuid[])"
MY_PARTNERS = "partner_id = any ((select access.my_partners())::uuid[])"
LINKED = "id = (select access.linked_orientation())"
SENT, CONTENT, LINK, SENT_BY = (
    f"exchange.{name}" for name in ("orientation", "orientation_content", "answer_link", "referral")
)
PARTNERS, EMPLOYERS = "access.my_partners()", "access.my_employers()"
MY_LINK, OPEN, SPEND = "access.my_link()", "access.open_link(bytea)", "access.spend_link()"
READ, ADD, CHANGE = (f"{{}}_may_{verb}".format for verb in ("read", "add", "change"))

MUTANTS_OF_EXCHANGE: tuple[Mutant, ...] = (
    # Row security itself.
    unlocked("sent orientations without row security", SENT),
    unlocked("sent contents without row security", CONTENT),
    unlocked("answer links without row security", LINK),
    unlocked("persons sent by partners without row security", SENT_BY),
    unlocked("orientations without row security", "social.orientation"),
    unlocked("the register of transmissions without row security", "social.transmission"),
    unlocked("contents of transmissions without row security", "confidential.transmission_content"),
    unlocked("requisitions without row security", "employer.requisition"),
    unlocked("handlings of partners' referrals without row security", "social.partner_referral_handling"),
    Mutant(
        "requisitions open to their owner (no force)",
        "alter table employer.requisition no force row level security",
        silent=True,
    ),
    # Row rules of the partner.
    rule("orientations read by all partners", SENT, READ("partner"), "using (true)"),
    rule("contents read by all partners", CONTENT, READ("partner"), "using (closed_at is null)"),
    rule("contents read after the exchange is closed", CONTENT, READ("partner"), f"using ({MY_PARTNERS})"),
    rule(
        "another partner's orientations answered",
        SENT,
        CHANGE("partner"),
        "using (closed_at is null and refused_at is null)",
    ),
    rule("closed exchanges answered", SENT, CHANGE("partner"), f"using ({MY_PARTNERS} and refused_at is null)"),
    rule("refusals undone", SENT, CHANGE("partner"), f"using ({MY_PARTNERS} and closed_at is null)"),
    rule("persons sent by partners read by all of them", SENT_BY, READ("partner"), "using (true)"),
    rule("persons sent for another partner", SENT_BY, ADD("partner"), "with check (sent_by = (select access.me()))"),
    rule("persons sent under another name", SENT_BY, ADD("partner"), f"with check ({MY_PARTNERS})"),
    rule("withdrawals of partners undone", SENT_BY, CHANGE("partner"), f"using ({MY_PARTNERS})"),
    rule(
        "another partner's referral withdrawn",
        SENT_BY,
        CHANGE("partner"),
        "using (withdrawn_at is null) with check (true)",
    ),
    # Row rules of the post.
    rule("orientations read by all workers", "social.orientation", READ("social_worker"), "using (true)"),
    rule(
        "orientations proposed under another name",
        "social.orientation",
        ADD("social_worker"),
        f"with check ({MY_POSTS})",
    ),
    rule("sent orientations read by all workers", SENT, READ("social_worker"), "using (true)"),
    rule("orientations sent under another name", SENT, ADD("social_worker"), f"with check ({MY_POSTS})"),
    rule("orientations sent from any post", SENT, ADD("social_worker"), "with check (sent_by = (select access.me()))"),
    rule("exchanges closed by all workers", SENT, CHANGE("social_worker"), "using (true) with check (true)"),
    rule("contents read by all workers", CONTENT, READ("social_worker"), "using (true)"),
    rule("links read by all workers", LINK, READ("social_worker"), "using (true)"),
    rule("links made under another name", LINK, ADD("social_worker"), f"with check ({MY_POSTS})"),
    rule("links revoked by all workers", LINK, CHANGE("social_worker"), "using (true) with check (true)"),
    rule(
        "the register of transmissions read by all workers",
        "social.transmission",
        READ("social_worker"),
        "using (true)",
    ),
    rule("transmissions signed for another", "social.transmission", ADD("social_worker"), f"with check ({MY_POSTS})"),
    rule(
        "contents of transmissions read by all workers",
        "confidential.transmission_content",
        READ("social_worker"),
        "using (true)",
    ),
    rule("withdrawn referrals of partners answered", SENT_BY, CHANGE("social_worker"), f"using ({MY_POSTS})"),
    rule("partners' referrals read by all workers", SENT_BY, READ("social_worker"), "using (true)"),
    rule(
        "partners' referrals received under another name",
        "social.partner_referral_handling",
        ADD("social_worker"),
        f"with check ({MY_POSTS})",
    ),
    rule("requisitions read by all workers", "employer.requisition", READ("social_worker"), "using (true)"),
    rule(
        "requisitions entered under another name",
        "employer.requisition",
        ADD("social_worker"),
        f"with check ({MY_POSTS})",
    ),
    rule("requisitions read by all coordinators", "employer.requisition", READ("coordinator"), "using (true)"),
    # Row rules of the link.
    rule(
        "every orientation read with one link",
        SENT,
        READ("answering"),
        "using (access.linked_orientation() is not null)",
    ),
    rule("every orientation read without a link", SENT, READ("answering"), "using (true)"),
    rule(
        "every orientation answered with one link",
        SENT,
        CHANGE("answering"),
        "using (access.linked_orientation() is not null) with check (true)",
    ),
    rule("closed exchanges shown by link", SENT, READ("answering"), f"using ({LINKED})"),
    rule("refusals undone by link", SENT, CHANGE("answering"), f"using ({LINKED} and closed_at is null)"),
    # Grants.
    given("contents given to the lane of links", "answering", CONTENT),
    given("links given to their own lane", "answering", LINK, "select (orientation_id, token_hash)"),
    given("the use of links given to their own lane", "answering", LINK, "update (used_at)"),
    given("orientations of the post given to partners", "partner", "social.orientation"),
    given("the status of orientations given to partners", "partner", "social.orientation", "select (id, status)"),
    given("links given to partners", "partner", LINK),
    given("handlings given to partners", "partner", "social.partner_referral_handling"),
    given("the register of transmissions given to partners", "partner", "social.transmission"),
    given("requisitions given to partners", "partner", "employer.requisition"),
    given("referrals of units given to partners", "partner", "shared.referral"),
    given("sent orientations given to the police", "police_officer", SENT),
    given("the dates of orientations given to the police", "police_officer", SENT, "select (sent_at)"),
    given("persons sent by partners given to the police", "police_officer", SENT_BY),
    given("requisitions given to the police", "police_officer", "employer.requisition"),
    given("orientations given to the commander", "unit_commander", "social.orientation"),
    given("sent orientations given to the coordinator", "coordinator", SENT),
    given("the register of transmissions given to the delegate", "dpo", "social.transmission"),
    given("contents of transmissions given to the administrator", "administrator", "confidential.transmission_content"),
    given("sent orientations given to the background work", "worker", SENT),
    given("partners' referrals given to the background work", "worker", SENT_BY),
    Mutant("the legal basis changed by the partner", f"grant update (legal_basis) on {SENT} to relais_partner"),
    Mutant("the fields sent changed by the post", f"grant update (fields) on {SENT} to relais_social_worker"),
    Mutant("the answer changed by the post", f"grant update (taken_up_at) on {SENT} to relais_social_worker"),
    Mutant("the exchange closed by the partner", f"grant update (closed_at) on {SENT} to relais_partner"),
    Mutant("the exchange closed by the holder of a link", f"grant update (closed_at) on {SENT} to relais_answering"),
    Mutant("links lengthened", f"grant update (expires_at) on {LINK} to relais_social_worker"),
    Mutant("links used again", f"grant update (used_at) on {LINK} to relais_social_worker"),
    Mutant("contents sent rewritten", f"grant update (sealed) on {CONTENT} to relais_social_worker"),
    Mutant(
        "the register of transmissions rewritten",
        "grant update (recipient) on social.transmission to relais_social_worker"
        "; create policy p on social.transmission for update to relais_social_worker using (true)",
    ),
    Mutant("orientations deleted by the post", f"grant delete on {SENT} to relais_social_worker"),
    Mutant(
        "requisitions decided by the coordinator",
        "grant update (decision) on employer.requisition to relais_coordinator"
        "; create policy p on employer.requisition for update to relais_coordinator using (true)",
    ),
    Mutant("feedback given by the partner to itself", f"grant update (feedback_code) on {SENT_BY} to relais_partner"),
    Mutant("a referral sent with its feedback", f"grant insert (feedback_code) on {SENT_BY} to relais_partner"),
    Mutant(
        "partners named by the police",
        "grant update (name) on directory.partner to relais_police_officer;"
        " create policy p on directory.partner for update to relais_police_officer using (true)",
    ),
    # Functions.
    rewritten("partners of ended postings", PARTNERS, "and coalesce(p.ends_on >= today, true)"),
    rewritten("partners of postings to come", PARTNERS, "p.starts_on <= today", "true"),
    rewritten("partners on any lane", PARTNERS, "and session_user = 'relais_partner'"),
    rewritten("every partner's postings are mine", PARTNERS, "p.account_id = account", "true"),
    rewritten("every employer is mine", EMPLOYERS, "a.id = account and"),
    rewritten("employers on any lane", EMPLOYERS, "and session_user = 'relais_coordinator'", "").quiet(),
    rewritten("used links alive", MY_LINK, "l.used_at is null and"),
    rewritten("revoked links alive", MY_LINK, "and l.revoked_at is null"),
    rewritten("expired links alive", MY_LINK, "and l.expires_at > clock_timestamp()"),
    rewritten("any link opens", MY_LINK, "l.token_hash = decode(claimed, 'hex')", "true"),
    rewritten(
        "no link, no error",
        MY_LINK,
        "raise exception using errcode = '28000', message = 'no live link';",
        "return null;",
    ),
    rewritten("links opened unseen", OPEN, "perform access.my_link();"),
    rewritten("links that outlive the transaction", OPEN, "'hex'), true", "'hex'), false"),
    rewritten("every link spent with one", SPEND, "l.id = link and", ""),
    rewritten("links never spent", SPEND, "set used_at = now()", "set used_at = used_at"),
    rewritten("links spent twice", SPEND, "and l.used_at is null").quiet(),
    rewritten(
        "the link named in the trace",
        "access.trace_link(text, integer, text)",
        "access.linked_orientation()",
        "access.my_link()",
    ),
    called("links opened by partners", "access.open_link(bytea)", "relais_partner"),
    called("sessions opened on the lane of links", "access.open(uuid)", "relais_answering"),
    called("my_link called from outside", "access.my_link()", "relais_answering"),
    called("partners of the caller told to the police", "access.my_partners()", "relais_police_officer"),
    # Keys and constraints.
    single_key(
        "orientations of any participation",
        "social.orientation",
        "orientation_is_of_a_participation_of_the_post",
        "participation_id",
        "social.participation (id)",
    ),
    single_key(
        "transmissions about any participation",
        "social.transmission",
        "transmission_is_of_a_participation_of_the_post",
        "participation_id",
        "social.participation (id)",
    ),
    single_key(
        "links to any orientation", LINK, "answer_link_is_for_a_sent_orientation", "orientation_id", f"{SENT} (id)"
    ),
    single_key(
        "handlings of anybody's partner referral",
        "social.partner_referral_handling",
        "partner_handling_answers_a_referral_of_its_post",
        "referral_id",
        f"{SENT_BY} (id)",
    ),
    single_key(
        "answers to any requisition",
        "social.transmission",
        "transmission_answers_a_requisition_of_the_post",
        "requisition_id",
        "employer.requisition (id)",
    ),
    Mutant(
        "one content per orientation, whatever the post",
        f"alter table {CONTENT} add constraint one unique (orientation_id)",
    ),
    Mutant(
        "one content per transmission, whatever the post",
        "alter table confidential.transmission_content add constraint one unique (transmission_id)",
    ),
    Mutant("one reference, whatever the post", f"alter table {SENT} add constraint one unique (reference)"),
    Mutant(
        "a partner's row touched by the post's own work",
        "create function access.touch() returns trigger language plpgsql security definer as $$ begin"
        f" update {SENT} set sent_at = sent_at + interval '1 second'; return null; end $$;"
        " create trigger touch after insert or update on social.orientation execute function access.touch()",
    ),
    # Signatures, ends of readings, the directory.
    rule("answers signed by anybody", SENT, CHANGE("partner"), f"with check ({MY_PARTNERS})"),
    rule("answers by link signed by anybody", SENT, CHANGE("answering"), f"with check ({LINKED})"),
    Mutant(
        "what is refused or closed still read",
        f"alter table {SENT} disable trigger content_closes_with_its_exchange",
    ),
    rewritten(
        "every content of the post closed with one",
        "exchange.close_content()",
        "and c.orientation_id = new.id",
    ),
    Mutant(
        "requisitions entered for another employer",
        "alter table employer.requisition drop constraint requisition_is_of_the_employer_of_the_post",
    ),
    rule("the directory added to by former workers", "directory.partner", ADD("social_worker"), "with check (true)"),
    rule("services added by former workers", "directory.service", ADD("social_worker"), "with check (true)"),
    rule(
        "the directory changed by former workers",
        "directory.partner",
        CHANGE("social_worker"),
        "using (not address_confidential) with check (true)",
    ),
    rule(
        "refuges corrected by workers",
        "directory.partner",
        CHANGE("social_worker"),
        "using ((select cardinality(access.my_posts())) > 0)",
    ),
    Mutant(
        "the address of a refuge kept",
        "alter table directory.partner drop constraint refuge_has_no_address",
    ),
)
