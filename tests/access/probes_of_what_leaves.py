"""Probes of what leaves a post: signed there, never rewritten, told to nobody else, and registered."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from app.models import COLUMNS
from app.models.columns import new_id
from tests.access.probes import DONE, REFUSED, Caller, Scene, probe
from tests.access.probes_of_partners import ANSWER, ANSWERS, SEND
from tests.access.probes_of_writing import FOREIGN_KEY, SEALED

TRANSMIT = (
    "insert into exchange.orientation (id, post_id, partner_id, reference, legal_basis, fields, person_informed,"
    " sent_at, sent_by) values ($1, $2, $3, $4, 'person_agreement', '{}', 'informed_before', now(), $5)"
)
CONTENT = (
    "insert into exchange.orientation_content (orientation_id, post_id, partner_id, sealing_key_id, wrapped_key,"
    " sealed) values ($1, $2, $3, 'k', $4, $5)"
)
PROPOSE = (
    "insert into social.orientation (id, post_id, participation_id, partner_category, status, proposed_on, proposed_by,"
    " recorded_at, agreed_fields) values ($1, $2, $3, 'ccas_cias', 'proposed', current_date, $4, now(), '{}')"
)
REGISTER = (
    "insert into social.transmission (id, post_id, participation_id, transmission_kind, orientation_id, requisition_id,"
    " legal_basis, recipient, fields, person_informed, sent_at, sent_by)"
    " values ($1, $2, $3, $4, $5, $6, $7, 'CRIP', '{}', 'informed_before', now(), $8)"
)
AGREED, HANDLING = "person_agreement", "update social.partner_referral_handling"
REPORTED = ("concerning_information", None, None, "concerning_information_l226_2_1")
KEEP = "insert into confidential.transmission_content values ($1, $2, $3, $4, $5, $6)"
ENTER = (
    "insert into employer.requisition (id, post_id, employer_id, received_on, requested_by, requisition_basis,"
    " requested_scope, recorded_by, recorded_at) values ($1, $2, $3, current_date, 'OPJ', 'cpp_60_1', 'x', $4, now())"
)
RECEIVE = (
    "insert into social.partner_referral_handling (referral_id, post_id, received_at, received_by, situation_id)"
    " values ($1, $2, now(), $3, $4)"
)
LINK = (
    "insert into exchange.answer_link (id, post_id, orientation_id, token_hash, created_by, created_at, expires_at)"
    " values ($1, $2, $3, sha256($4), $5, now(), now() + interval '1 day')"
)


@probe
async def what_was_sent_is_never_rewritten(scene: Scene) -> None:
    answers, written = set(ANSWERS), set(COLUMNS["exchange.orientation"]) - set(ANSWERS)
    # A partner signs what it changes: it is the column, not the missing signature, that is refused.
    signed = ", answered_by = (select access.me())"
    for person, untouchable, signature in (
        ("partner", written, signed),
        ("software", written, signed),
        ("worker", answers | written - {"closed_at"}, ""),
    ):
        async with scene.as_(person) as caller:
            for column in sorted(untouchable):
                await caller.is_refused(f"update exchange.orientation set {column} = {column}{signature}")
    for person in ("partner", "worker", "colleague"):
        async with scene.as_(person) as caller:
            for table, kept in (
                ("exchange.orientation_content", None),
                ("confidential.transmission_content", None),
                ("social.transmission", None),
            ):
                for column in set(COLUMNS[table]) - {kept}:
                    await caller.is_refused(f"update {table} set {column} = {column}")
    async with scene.as_("worker") as caller:
        for table in ("social.transmission", "confidential.transmission_content"):
            await caller.is_refused(f"select 1 from {table} for update")


@probe
async def a_post_changes_its_own_exchanges_only(scene: Scene) -> None:
    closes = (
        ("exchange.orientation", "closed_at = now()", "id", "far_sent_orientation"),
        ("exchange.answer_link", "revoked_at = now()", "id", "far_link"),
        ("social.orientation", "need_type = 'housing'", "id", "far_proposed_orientation"),
        ("employer.requisition", "decision_grounds = 'x'", "id", "far_requisition"),
        ("exchange.referral", "feedback_code = 'received', feedback_on = current_date", "id", "far_partner_referral"),
        ("social.partner_referral_handling", "redirected_to = 'x'", "referral_id", "far_partner_referral"),
    )
    for person, reaches in (("worker_elsewhere", True), ("worker", False), ("former_worker", False)):
        async with scene.as_(person) as caller:
            for table, change, key, name in closes:
                found = await caller.sees(f"update {table} set {change} where {key} = $1 returning 1", scene.ids[name])
                assert bool(found) == reaches, f"{person} changes {table}"
    for person in ("worker", "colleague", "worker_elsewhere", "former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            for table, change, _, _ in closes:
                alive = " where withdrawn_at is null" if table == "exchange.referral" else ""
                (seen,) = await caller.sees(f"select count(*) from (select 1 from {table}{alive}) t")
                assert await caller.connection.execute(f"update {table} set {change}") == f"UPDATE {seen}", (
                    person,
                    table,
                )


@probe
async def what_leaves_a_post_is_signed_there_by_whoever_sends_it(scene: Scene) -> None:
    ids = scene.ids
    for person, mine, theirs in (("worker", "", "far_"), ("worker_elsewhere", "far_", "")):
        me, other = ids[person], ids["colleague"]
        post, far_post, part = ids[f"{mine}post"], ids[f"{theirs}post"], ids[f"{mine}participation"]
        tries: list[tuple[str, Any]] = [
            (PROPOSE, lambda by, at, part=part: (new_id(), at, part, by)),
            (TRANSMIT, lambda by, at: (new_id(), at, ids["ccas"], str(uuid4()), by)),
            (REGISTER, lambda by, at, part=part: (new_id(), at, part, *REPORTED, by)),
            (ENTER, lambda by, at, of=ids["other_employer" if mine else "employer"]: (new_id(), at, of, by)),
            (LINK, lambda by, at, of=ids[f"{mine}sent_orientation" if mine else "sent_orientation"]: (
                new_id(), at, of, uuid4().bytes, by)),
        ]  # fmt: skip
        async with scene.as_(person) as caller:
            for statement, values in tries:
                assert (await caller.tries(statement, *values(me, post))).code == DONE, f"{person}: {statement}"
            for statement, values in tries:
                await caller.is_refused(statement, *values(other, post))
                await caller.is_refused(statement, *values(me, far_post))
    async with scene.as_("worker") as caller:
        received = (ids["withdrawn_partner_referral"], ids["post"])
        await caller.is_refused(RECEIVE, *received, ids["colleague"], None)
        assert (await caller.tries(RECEIVE, *received, ids["worker"], None)).code == DONE
    for person in ("former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            await caller.is_refused(TRANSMIT, new_id(), ids["post"], ids["ccas"], "r", ids[person])
            await caller.is_refused(ENTER, new_id(), ids["post"], ids["employer"], ids[person])
    for person in ("partner", "software", "officer", "commander", "coordinator", "dpo", "administrator"):
        async with scene.as_(person) as caller:
            for statement in (PROPOSE, TRANSMIT, REGISTER, CONTENT, KEEP, ENTER, RECEIVE, LINK):
                nulls = [None] * statement.count("$")
                await caller.is_refused(statement, *nulls)


@probe
async def keys_of_the_exchange_say_nothing_of_another_post_or_partner(scene: Scene) -> None:
    ids = scene.ids
    me, post, part = ids["worker_elsewhere"], ids["far_post"], ids["far_participation"]
    to_judge = ("requisition", None)
    tries: list[tuple[str, Any, str]] = [
        (PROPOSE, lambda x: (new_id(), post, x, me), "participation"),
        (REGISTER, lambda x: (new_id(), post, x, *REPORTED, me), "participation"),
        (
            REGISTER,
            lambda x: (new_id(), post, part, "orientation", x, None, "social_professionals_l121_6_2", me),
            "sent_orientation",
        ),
        (REGISTER, lambda x: (new_id(), post, part, *to_judge, x, "judicial_requisition", me), "requisition"),
        (KEEP, lambda x: (x, post, part, ids["far_key"], me, SEALED), "report"),
        (CONTENT, lambda x: (x, post, ids["ccas"], bytes(60), SEALED), "sent_orientation"),
        (LINK, lambda x: (new_id(), post, x, uuid4().bytes, me), "sent_orientation"),
        (RECEIVE, lambda x: (x, post, me, None), "partner_referral"),
    ]
    async with scene.as_("worker_elsewhere") as caller:
        for statement, values, existing in tries:
            found = await caller.cannot_tell(statement, values(ids[existing]), values(uuid4()))
            assert found.code == FOREIGN_KEY, f"{statement} → {found}"
    async with scene.as_("partner_elsewhere") as caller:
        for existing in ("sent_orientation", "refused_orientation", "closed_orientation"):
            await caller.cannot_tell(ANSWER, (ids[existing],), (uuid4(),))
        duplicate = (ids["ccas"], ids["post"], ids["partner_elsewhere"])
        found = await caller.cannot_tell(SEND, (ids["partner_referral"], *duplicate), (uuid4(), *duplicate))
        assert found.code == REFUSED


@probe
async def what_a_reference_or_a_line_is_once_in_a_post_says_nothing_to_another(scene: Scene) -> None:
    async with scene.from_above() as above:
        reference = await above.fetchval(
            "select reference from exchange.orientation where id = $1", scene.ids["sent_orientation"]
        )
    me, mine = scene.ids["worker_elsewhere"], scene.ids["far_post"]
    async with scene.as_("worker_elsewhere") as caller:
        assert (await caller.tries(TRANSMIT, new_id(), mine, scene.ids["ccas"], reference, me)).code == DONE


async def _looks(caller: Caller, of: str) -> Any:
    return await caller.sees(f"select md5(string_agg(t::text, '|' order by t::text)) from ({of}) t")


@probe
async def the_work_of_the_post_leaves_what_a_partner_sees_as_it_was(scene: Scene) -> None:
    ids, me = scene.ids, scene.ids["worker"]
    seen = ("select * from exchange.orientation", "select * from exchange.referral", "select * from directory.partner")
    async with scene.as_("partner") as caller:
        before = [await _looks(caller, of) for of in seen]
    proposed, sent, entered = new_id(), new_id(), new_id()
    acts = (
        ("update social.orientation set need_type = need_type where id = $1", (ids["proposed_orientation"],)),
        (
            "update social.partner_referral_handling set decision = decision where referral_id = $1",
            (ids["partner_referral"],),
        ),
        ("update exchange.answer_link set revoked_at = revoked_at where id = $1", (ids["expired_link"],)),
        (PROPOSE, (proposed, ids["post"], ids["participation"], me)),
        (TRANSMIT, (sent, ids["post"], ids["association"], "r", me)),
        (ENTER, (entered, ids["post"], ids["employer"], me)),
    )
    async with scene.as_("worker", commits=True) as caller:
        for statement, values in acts:
            assert (await caller.tries(statement, *values)).code == DONE, statement
    try:
        async with scene.as_("partner") as caller:
            assert [await _looks(caller, of) for of in seen] == before
    finally:
        async with scene.from_above() as above:
            for table, key in (("social.orientation", proposed), ("exchange.orientation", sent),
                               ("employer.requisition", entered)):  # fmt: skip
                await above.execute(f"delete from {table} where id = $1", key)
