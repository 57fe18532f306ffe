"""Probes of events: each write is announced to exactly those whom it concerns, and most to nobody."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from app.models.columns import new_id
from tests.access import probes_of_partners, probes_of_what_leaves, probes_of_writing
from tests.access.probes import DONE, Scene, probe
from tests.access.probes_of_writing import SEALED
from tests.access.scene_of_notifications import WEBHOOKS

ABOVE = "above"
"""Nobody's lane: what a person of another place, or of another day, would have done."""
Places = tuple[str, ...]


class Act(NamedTuple):
    """One write, by whom, and what it announces to which places (nothing, when there is no event)."""

    person: str
    statement: str
    values: tuple[str | None, ...] = ()
    event: str | None = None
    places: Places = ()
    before: str | None = None
    """What had been done already."""


REFERRAL = "update shared.referral set {} where id = $1"
PARTNER_REFERRAL = "update exchange.referral set {} where id = $1"
ORIENTATION = "update exchange.orientation set {} where id = $1"
SIGNED = ", answered_by = (select access.me())"
FEEDBACK = "feedback_code = 'received', feedback_on = current_date"
OTHER_FEEDBACK = "feedback_code = 'declined', feedback_on = current_date"
POST, FAR_POST, CCAS = ("shared_post",), ("other_post",), ("ccas",)
SENT_THERE = probes_of_writing.SEND
SENT_TO_A_POST = probes_of_partners.SEND
TRANSMITTED = probes_of_what_leaves.TRANSMIT

TOLD: tuple[Act, ...] = (
    Act("officer", SENT_THERE, ("new", "north", "officer"), "referral.sent", POST),
    Act("officer_elsewhere", SENT_THERE, ("new", "faraway", "officer_elsewhere"), "referral.sent", FAR_POST),
    Act(ABOVE, SENT_THERE, ("new", "south", "officer"), "referral.sent", POST),
    # No post serves it any more, or yet.
    Act(ABOVE, SENT_THERE, ("new", "old_unit", "officer")),
    Act(ABOVE, SENT_THERE, ("new", "next_unit", "officer")),
    Act("officer", REFERRAL.format("withdrawn_at = now()"), ("waiting_referral",), "referral.withdrawn", POST),
    Act(ABOVE, REFERRAL.format("withdrawn_at = now(), " + OTHER_FEEDBACK), ("waiting_referral",),
        "referral.withdrawn", POST),
    Act("partner", SENT_TO_A_POST, ("new", "ccas", "shared_post", "partner"), "partner_referral.sent", POST),
    Act("partner_elsewhere", SENT_TO_A_POST, ("new", "association", "other_post", "partner_elsewhere"),
        "partner_referral.sent", FAR_POST),
    Act("partner", PARTNER_REFERRAL.format("withdrawn_at = now()"), ("partner_referral",),
        "partner_referral.withdrawn", POST),
    Act("worker", PARTNER_REFERRAL.format(FEEDBACK), ("partner_referral",), "partner_referral.answered", CCAS),
    Act("worker", PARTNER_REFERRAL.format(FEEDBACK), ("partner_referral_elsewhere",),
        "partner_referral.answered", ("association",)),
    Act("worker", TRANSMITTED, ("new", "post", "ccas", "word", "worker"), "orientation.transmitted", CCAS),
    Act("worker_elsewhere", TRANSMITTED, ("new", "far_post", "association", "word", "worker_elsewhere"),
        "orientation.transmitted", ("association",)),
    Act("worker", ORIENTATION.format("closed_at = now()"), ("sent_orientation",), "orientation.closed", CCAS),
    *(
        Act("partner", ORIENTATION.format(said + SIGNED), ("sent_orientation",), "orientation.answered", POST)
        for said in (
            "acknowledged_at = now()", "acknowledged_at = now(), taken_up_at = now()",
            "acknowledged_at = now(), refused_at = now(), refusal_reason = 'out_of_area'",
        )
    ),
    Act("partner", ORIENTATION.format("outcome_code = 'need_met', outcome_on = current_date" + SIGNED),
        ("taken_up_orientation",), "orientation.answered", POST),
    Act("partner", ORIENTATION.format("acknowledged_at = now()" + SIGNED), ("far_sent_orientation",),
        "orientation.answered", FAR_POST),
    Act("open", ORIENTATION.format("acknowledged_at = now(), answered_by = null"), ("linked_orientation",),
        "orientation.answered", POST),
)  # fmt: skip
UNTOLD: tuple[Act, ...] = (
    # What a post answers to a unit: the unit reads it again by itself, nothing tells it.
    Act("worker", REFERRAL.format(FEEDBACK), ("waiting_referral",)),
    Act("worker", REFERRAL.format(OTHER_FEEDBACK), ("referral",)),
    Act("worker_elsewhere", REFERRAL.format(FEEDBACK), ("far_referral",)),
    # What a post does of what it was sent: the partner learns the answer that it publishes, nothing else.
    Act("worker", probes_of_writing.HANDLE, ("untouched_referral", "north", "post", "worker", None)),
    *(
        Act("worker", f"update social.referral_handling set {said} where referral_id = $1", ("referral",))
        for said in ("redirected_to = 'x'", "decision = decision")
    ),
    Act("worker", probes_of_what_leaves.RECEIVE, ("withdrawn_partner_referral", "post", "worker", None)),
    Act("worker", "update social.partner_referral_handling set redirected_to = 'x' where referral_id = $1",
        ("partner_referral",)),
    Act("worker", "update social.situation set urgency = 'urgent' where id = $1", ("situation",)),
    Act("worker", "update social.person set phone = '+33600000000' where id = $1", ("person",)),
    Act("worker", probes_of_writing.WRITE_NOTE, ("new", "post", "participation", "key", "worker", "sealed")),
    Act("worker", probes_of_writing.SHARE, ("new", "post", "note", "worker", "colleague")),
    Act("worker", probes_of_writing.INTERVENE, ("new", "post", "situation", "participation", "worker")),
    Act("worker", probes_of_what_leaves.PROPOSE, ("new", "post", "participation", "worker")),
    Act("worker", "update social.orientation set need_type = 'housing' where id = $1", ("proposed_orientation",)),
    Act("worker", "update exchange.answer_link set revoked_at = now() where id = $1", ("open",)),
    Act("worker", probes_of_what_leaves.ENTER, ("new", "post", "employer", "worker")),
    # Nothing new is said.
    Act("worker", REFERRAL.format("feedback_code = feedback_code"), ("referral",)),
    Act("worker", REFERRAL.format("feedback_on = current_date"), ("referral",)),
    Act("worker", PARTNER_REFERRAL.format("feedback_code = feedback_code"), ("partner_referral",)),
    Act("partner", ORIENTATION.format("acknowledged_at = acknowledged_at" + SIGNED), ("taken_up_orientation",)),
    Act(ABOVE, REFERRAL.format("urgency = 'urgent'"), ("referral",)),
    Act(ABOVE, REFERRAL.format("withdrawn_at = clock_timestamp()"), ("waiting_referral",),
        before=REFERRAL.format("withdrawn_at = now()")),
    Act(ABOVE, PARTNER_REFERRAL.format("withdrawn_at = clock_timestamp()"), ("withdrawn_partner_referral",)),
    Act("worker", ORIENTATION.format("closed_at = clock_timestamp()"), ("closed_orientation",)),
    Act(ABOVE, ORIENTATION.format("reference = 'x'"), ("sent_orientation",)),
)  # fmt: skip


def _value(scene: Scene, word: str | None) -> Any:
    made = {"new": new_id(), "word": str(uuid4()), "sealed": SEALED, None: None}
    if word in made:
        return made[word]
    return scene.ids["open_link" if word == "open" else str(word)]


async def act_of(scene: Scene, above: asyncpg.Connection, act: Act) -> str:
    """Do it in the transaction under way, in the name of whoever does it: what PostgreSQL says was done."""
    if act.person in scene.links:
        await above.execute("set local session authorization relais_answering")
        await above.execute("select access.open_link($1)", scene.links[act.person])
    elif act.person != ABOVE:
        await above.execute(f"set local session authorization relais_{scene.roles[act.person]}")
        await above.execute("select access.open($1)", scene.sessions[act.person])
    done = str(await above.execute(act.statement, *(_value(scene, word) for word in act.values)))
    await above.execute("reset session authorization")
    return done


async def _announced(scene: Scene, above: asyncpg.Connection, act: Act) -> set[tuple[UUID, str, UUID]]:
    """What one act announces, seen from above before it is undone: (subscription, event, subject)."""
    transaction = above.transaction()
    await transaction.start()
    try:
        if act.before:
            await above.execute(act.before, _value(scene, act.values[0]))
        before = [row[0] for row in await above.fetch("select id from outbox.delivery")]
        done = await act_of(scene, above, act)
        assert done.endswith(" 1"), f"{act.person}: {act.statement} → {done}"
        rows = await above.fetch(
            "select d.webhook_id, d.event_type, d.subject_id from outbox.delivery d join outbox.webhook w"
            " on w.id = d.webhook_id and (w.post_id, w.partner_id) is not distinct from (d.post_id, d.partner_id)"
            " where d.id <> all ($1) and d.state = 'pending' and d.next_attempt_at <= clock_timestamp()"
            " and d.happened_at > now() - interval '1 minute' and d.attempts = '[]'",
            before,
        )
        total = await above.fetchval("select count(*) from outbox.delivery where id <> all ($1)", before)
        assert total == len(rows) == len({tuple(row) for row in rows}), f"{act}: announced twice, or to another place"
        return {tuple(row) for row in rows}
    finally:
        await transaction.rollback()


def _expected(scene: Scene, act: Act) -> set[tuple[UUID, str]]:
    return {
        (scene.ids[name], act.event)
        for name, said in WEBHOOKS.items()
        if act.event in said.hears
        and not said.ended
        and said.paused != "owner"
        and set(act.places) & {said.post, said.partner}
    }  # type: ignore[misc]


@probe
async def each_write_is_announced_to_those_whom_it_concerns_and_to_nobody_else(scene: Scene) -> None:
    async with scene.from_above() as above:
        for act in TOLD:
            found = await _announced(scene, above, act)
            expected = _expected(scene, act)
            assert bool(expected) == bool(act.event), act
            assert {each[:2] for each in found} == expected, f"{act.person}: {act.statement} is told to {len(found)}"
            if act.values[0] != "new":
                assert {each[2] for each in found} == {_value(scene, act.values[0])}, act


@probe
async def what_a_post_does_or_answers_to_a_unit_is_announced_to_nobody(scene: Scene) -> None:
    async with scene.from_above() as above:
        for act in UNTOLD:
            assert not await _announced(scene, above, act), f"{act.person}: {act.statement} is told"


@probe
async def what_is_undone_is_not_announced_and_what_is_done_is(scene: Scene) -> None:
    count = "select count(*) from outbox.delivery where subject_id = $1"
    undone, done = new_id(), new_id()
    sent = (scene.ids["north"], scene.ids["officer"])
    async with scene.as_("officer") as caller:
        assert (await caller.tries(SENT_THERE, undone, *sent)).code == DONE
    async with scene.as_("officer", commits=True) as caller:
        assert (await caller.tries(SENT_THERE, done, *sent)).code == DONE
    async with scene.from_above() as above:
        try:
            assert await above.fetchval(count, undone) == 0
            assert await above.fetchval(count, done) > 0
        finally:
            await above.execute("delete from outbox.delivery where subject_id = $1", done)
            await above.execute("delete from shared.referral where id = $1", done)


@probe
async def whoever_is_notified_keeps_nobodys_act_waiting(scene: Scene) -> None:
    sent = (new_id(), scene.ids["north"], scene.ids["officer"])
    for listener, person, statement, values in (
        ("partner", "worker", PARTNER_REFERRAL.format(FEEDBACK), (scene.ids["partner_referral"],)),
        ("worker", "officer", SENT_THERE, sent),
    ):
        async with scene.as_(listener) as holding, scene.as_(person) as acting:
            # The whole of what she may lock: her subscriptions, and what her place was told.
            mine = "select id from outbox.webhook where account_id = $1 for update"
            assert await holding.sees(mine, scene.ids[listener])
            assert await holding.sees("select id from outbox.delivery for update")
            await acting.connection.execute("set local lock_timeout = '200ms'")
            assert (await acting.tries(statement, *values)).code == DONE, f"{person} waits for {listener}"


MANY = (
    "insert into outbox.webhook (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret,"
    " secret_digest, created_at, paused_at, paused_because) select {id}, account_id, role, post_id, partner_id, url,"
    " event_types, sealed_secret, secret_digest, now(), {paused} from outbox.webhook, generate_series(1, 100) n"
    " where id = $1"
)


@probe
async def a_partner_that_subscribes_without_end_does_not_burden_the_post(scene: Scene) -> None:
    many, count = MANY.format(id="gen_random_uuid()", paused="null, null"), "select count(*) from outbox.delivery"
    async with scene.from_above() as above:
        transaction = above.transaction()
        await transaction.start()
        try:
            await above.execute(many, scene.ids["partner_webhook"])
            await above.execute(many, scene.ids["other_partner_webhook"])
            before = await above.fetchval(count)
            await above.execute(PARTNER_REFERRAL.format(FEEDBACK), scene.ids["partner_referral"])
            assert await above.fetchval(count) == before + 50
            # Each place has its own share: one does not keep another from hearing.
            both = [scene.ids["ccas"], scene.ids["association"]]
            subject = scene.ids["partner_referral"]
            await above.execute("select outbox.announce('partner_referral.answered', $1, null, $2)", subject, both)
            assert await above.fetchval(count) == before + 150
        finally:
            await transaction.rollback()


@probe
async def a_subscription_whose_keeper_has_left_takes_nobodys_place(scene: Scene) -> None:
    # Older than all those that live, and twice as many as an act is announced to.
    oldest = "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid"
    many, announced = MANY.format(id=oldest, paused="now(), '{why}'"), next(act for act in TOLD if act.event)
    for why, living in (("owner", True), ("asked", False)):
        async with scene.from_above() as above:
            transaction = above.transaction()
            await transaction.start()
            try:
                await above.execute(many.replace("{why}", why), scene.ids["webhook_of_former_worker"])
                heard = {each[:2] for each in await _announced(scene, above, announced)}
                # Whoever only asked for a pause hears all the same, afterwards: she keeps her place.
                assert (heard == _expected(scene, announced)) == living, f"paused, {why}: {len(heard)}"
            finally:
                await transaction.rollback()
