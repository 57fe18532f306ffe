"""Probes of notifications: who subscribes, for which place, in whose name, and what each lane has to tell."""

from __future__ import annotations

from typing import Any

from app.models import COLUMNS
from app.models.columns import new_id
from tests.access.probes import DONE, NO_SESSION, Caller, Scene, probe
from tests.access.proposals import NOT_SO
from tests.access.scene_of_notifications import WEBHOOKS, WITHOUT_A_READER, proof_of

ME = "select access.me()"
LANES = ("social_worker", "partner")
POLICE = ("police_officer", "unit_commander")
OFFICERS = ("officer", "officer_same_unit", "officer_elsewhere", "former_officer", "future_officer", "commander")
SUBSCRIBE = (
    "insert into outbox.webhook (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret,"
    " secret_digest, created_at) values ($1, $2, $3, $4, $5, 'https://x.exemple.test', '{referral.sent}', $6,"
    " sha256('a proof'), now())"
)
KINDS = (("shared_post", "other_post", "third_post"), ("ccas", "association"))


def _at(scene: Scene, place: str) -> tuple[Any, ...]:
    return tuple(scene.ids[place] if place in kind else None for kind in KINDS)


@probe
async def subscriptions_and_notifications_are_those_of_ones_own_place(scene: Scene) -> None:
    for person, place in (
        ("worker", ("shared_post", None)), ("colleague", ("shared_post", None)),
        ("worker_elsewhere", ("other_post", None)), ("replacing", ("other_post", None)), ("partner", (None, "ccas")),
        ("software", (None, "ccas")), ("partner_elsewhere", (None, "association")),
    ):  # fmt: skip
        of_the_place = {scene.ids[name] for name, said in WEBHOOKS.items() if said[1:3] == place}
        async with scene.as_(person) as caller:
            assert set(await caller.sees("select id from outbox.webhook")) == of_the_place, person
            assert set(await caller.sees("select webhook_id from outbox.delivery")) == of_the_place, person
            # Nor is it told by an error that would be raised on a row of another place.
            for table in ("outbox.webhook", "outbox.delivery"):
                others = " or ".join(
                    f"{column} is not null"
                    for column, mine in zip(("post_id", "partner_id"), place, strict=True)
                    if mine is None
                )
                await caller.sees_nothing(f"select 1 from {table} where 1 / (case when {others} then 0 else 1 end) > 1")


@probe
async def the_police_has_no_right_at_all_on_what_is_notified(scene: Scene) -> None:
    ids, tables = scene.ids, [table for table in COLUMNS if table.startswith("outbox.")]
    assert len(tables) == 2

    async def has_no_right(caller: Caller) -> None:
        for table in tables:
            column, *_ = COLUMNS[table]
            for statement in (
                f"select 1 from {table}", f"select count(*) from {table}", f"explain select 1 from {table}",
                f"select {column} from {table} for update", f"insert into {table} default values",
                f"update {table} set {column} = default", f"delete from {table}", f"truncate {table}",
                f"lock table {table} in access share mode", f"copy {table} to stdout",
                *(f"explain select {each} from {table} where {each} is null" for each in COLUMNS[table]),
            ):  # fmt: skip
                await caller.is_refused(statement)
        await caller.is_refused("select access.open_webhook($1, $2)", ids["post_webhook"], proof_of("post_webhook"))
        for call in (
            "access.webhooks_due()", "access.keeper_of_webhook()",
            f"outbox.announce('referral.sent', '{ids['referral']}', '{{{ids['shared_post']}}}', null)",
            "outbox.tell_of_referral()", "outbox.tell_of_partner_referral()", "outbox.tell_of_orientation()",
        ):  # fmt: skip
            await caller.is_refused(f"select {call}")

    for role in POLICE:
        async with scene.lane(role) as caller:
            await has_no_right(caller)
    for person in OFFICERS:
        async with scene.as_(person) as caller:
            await has_no_right(caller)


@probe
async def nobody_writes_or_removes_a_notification_by_hand(scene: Scene) -> None:
    columns = ", ".join(COLUMNS["outbox.delivery"])
    for person in (*scene.people, "software", "colleague"):
        async with scene.as_(person) as caller:
            await caller.is_refused(f"insert into outbox.delivery ({columns}) select {columns} from outbox.delivery")
            await caller.is_refused(
                "insert into outbox.delivery (id, webhook_id, post_id, event_type, subject_id, happened_at,"
                " next_attempt_at) values (gen_random_uuid(), $1, $2, 'referral.sent', $3, now(), now())",
                scene.ids["post_webhook"], scene.ids["shared_post"], scene.ids["referral"],
            )  # fmt: skip
            await caller.is_refused("delete from outbox.delivery")
            await caller.is_refused("delete from outbox.webhook")


@probe
async def a_post_marks_what_it_was_told_and_only_while_it_holds_the_place(scene: Scene) -> None:
    again = "update outbox.delivery set state = 'pending', tries = 0 where webhook_id = $1 returning 1"
    for person, webhook, reaches in (
        ("worker", "post_webhook", True), ("worker", "far_post_webhook", False), ("colleague", "post_webhook", True),
        ("worker", "colleagues_post_webhook", True), ("worker", "partner_webhook", False),
        ("worker_elsewhere", "far_post_webhook", True), ("replacing", "far_post_webhook", False),
        ("partner", "software_webhook", True), ("partner_elsewhere", "partner_webhook", False),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            assert bool(await caller.sees(again, scene.ids[webhook])) == reaches, f"{person}: {webhook}"
            blind = await caller.tag_of("update outbox.delivery set tries = 1")
            (seen,) = await caller.sees("select count(*) from outbox.delivery")
            assert blind == f"UPDATE {0 if person == 'replacing' else seen}", person


@probe
async def a_subscription_is_kept_in_ones_own_name_for_ones_own_place(scene: Scene) -> None:
    ids, secret = scene.ids, bytes(60)
    places = {"social_worker": "shared_post", "partner": "ccas"}
    for person, others in (
        ("worker", ("other_post", "third_post", "ccas")), ("partner", ("association", "shared_post")),
        ("software", ("association", "other_post")),
    ):  # fmt: skip
        role = scene.roles[person]

        async with scene.as_(person) as caller:
            mine = (ids[person], role, *_at(scene, places[role]), secret)
            assert (await caller.tries(SUBSCRIBE, new_id(), *mine)).code == DONE, person
            for place in others:
                for said in (*LANES, "police_officer"):
                    await caller.is_refused(SUBSCRIBE, new_id(), ids[person], said, *_at(scene, place), secret)
            for other in ("officer", "colleague", "software", "gone_worker", "dpo"):
                if other != person:
                    await caller.is_refused(SUBSCRIBE, new_id(), ids[other], role, *_at(scene, places[role]), secret)
            for other in (*LANES, "police_officer"):
                if other != role:
                    # Its own place, through the lane of another role: a constraint.
                    answer = await caller.tries(
                        SUBSCRIBE, new_id(), ids[person], other, *_at(scene, places[role]), secret
                    )
                    assert answer.code == NOT_SO, f"{person} reads as {other}: {answer}"
    for person in (*OFFICERS, "future_worker", "former_partner", "replacing", "coordinator"):
        async with scene.as_(person) as caller:
            for place, role in (("shared_post", "social_worker"), ("other_post", "social_worker"), ("ccas", "partner")):
                await caller.is_refused(SUBSCRIBE, new_id(), ids[person], role, *_at(scene, place), secret)


@probe
async def a_subscription_is_changed_by_whoever_keeps_it_and_by_nobody_else(scene: Scene) -> None:
    pause = "update outbox.webhook set paused_at = now(), paused_because = 'asked' where id = $1 returning 1"
    for person in ("worker", "colleague", "worker_elsewhere", "replacing", "partner", "software", "partner_elsewhere"):
        async with scene.as_(person) as caller:
            for webhook, said in WEBHOOKS.items():
                reaches = said.keeper == person and webhook not in WITHOUT_A_READER
                assert bool(await caller.sees(pause, scene.ids[webhook])) == reaches, f"{person} changes {webhook}"
            kept = sum(said.keeper == person and name not in WITHOUT_A_READER for name, said in WEBHOOKS.items())
            assert await caller.tag_of("update outbox.webhook set url = 'https://x.exemple.test'") == f"UPDATE {kept}"


@probe
async def each_lane_is_told_of_its_own_subscriptions_that_have_something_to_tell(scene: Scene) -> None:
    for role in LANES:
        expected = {
            scene.ids[name]
            for name, said in WEBHOOKS.items()
            if said.role == role and not (said.ended or said.paused) and name not in WITHOUT_A_READER
        }
        async with scene.lane(role) as caller:
            answer = await caller.tries("select webhook_id, sealed_secret from access.webhooks_due()")
            assert {row[0] for row in answer.rows} == expected, f"{role}: {answer.code}, {len(answer.rows)}"
            sealed = {scene.ids[name]: bytes(60) + name.encode() for name in WEBHOOKS}
            assert all(row[1] == sealed[row[0]] for row in answer.rows)
            await caller.is_refused(ME, code=NO_SESSION)
    delivery = scene.ids["delivery_of_post_webhook"]
    for said in ({"next_attempt_at": "now() + interval '1 minute'"},
                 {"next_attempt_at": "null", "state": "'failed'"}):  # fmt: skip
        async with scene.meanwhile("outbox.delivery", delivery, **said), scene.lane("social_worker") as caller:
            due = await caller.sees("select webhook_id from access.webhooks_due()")
            assert scene.ids["post_webhook"] not in due and scene.ids["colleagues_post_webhook"] in due


@probe
async def no_subscription_always_takes_the_first_place(scene: Scene) -> None:
    async with scene.lane("social_worker") as caller:
        due = "select webhook_id from access.webhooks_due()"
        orders = {tuple(await caller.sees(due)) for _ in range(20)}
    assert len({order[0] for order in orders}) > 1, f"{len(orders)} orders in twenty calls"


@probe
async def subscriptions_without_a_reader_are_paused_and_what_is_old_is_forgotten(scene: Scene) -> None:
    async with scene.from_above() as above:
        rest = "select id from outbox.webhook where paused_because = 'owner'"
        transaction = above.transaction()
        await transaction.start()
        try:
            old = "update outbox.delivery set happened_at = now() - $2::interval where id = $1"
            for name, age in (
                ("post", "30 days 1 minute"), ("far_post", "29 days 23 hours"),
                ("partner", "30 days 1 minute"), ("software", "29 days 23 hours"),
            ):  # fmt: skip
                await above.execute(old.replace("$2", f"'{age}'"), scene.ids[f"delivery_of_{name}_webhook"])
            over = "update accounts.posting set ended_at = now() where account_id = $1"
            await above.execute(over, scene.ids["colleague"])
            without = {scene.ids[name]: WEBHOOKS[name] for name in (*WITHOUT_A_READER, "colleagues_post_webhook")}
            for number, role in enumerate(LANES, 1):
                await above.execute(f"set local session authorization relais_{role}")
                await above.execute("select access.webhooks_due()")
                await above.execute("reset session authorization")
                # Each lane looks after its own, and leaves the others as they are.
                paused = {row[0] for row in await above.fetch(rest)}
                mine = {each for each, said in without.items() if said.role in LANES[:number] or said.paused == "owner"}
                assert paused == mine, f"{role}: {len(paused)}, {len(mine)} expected"
                kept = {row[0] for row in await above.fetch("select id from outbox.delivery")}
                assert scene.ids["delivery_of_post_webhook"] not in kept
                assert (scene.ids["delivery_of_partner_webhook"] in kept) == (role == "social_worker")
        finally:
            await transaction.rollback()
    assert scene.ids["delivery_of_far_post_webhook"] in kept and scene.ids["delivery_of_software_webhook"] in kept


@probe
async def a_subscription_and_a_notification_hold_together(scene: Scene) -> None:
    hook, told = (f"update outbox.{table} set {{}} where id = $1" for table in ("webhook", "delivery"))
    async with scene.as_("worker") as caller:
        for statement, of, constraint in (
            (hook.format("url = 'ftp://x'"), "", "webhook_url_is_a_short_web_address"),
            (hook.format("url = 'https://x' || repeat('x', 500)"), "", "webhook_url_is_a_short_web_address"),
            (hook.format("event_types = '{}'"), "", "webhook_names_its_events"),
            (hook.format("secret_digest = 'x'"), "", "webhook_proof_is_a_digest"),
            (hook.format("sealed_secret = 'x'"), "", "webhook_secret_is_sealed"),
            (hook.format("previous_until = now()"), "", "webhook_previous_secret_has_an_end"),
            (hook.format("paused_at = now()"), "", "webhook_pause_has_a_reason"),
            (hook.format("paused_at = now(), paused_because = 'x'"), "", "webhook_pause_reason_is_known"),
            (told.format("state = 'x', next_attempt_at = null"), "delivery_of_", "delivery_state_is_known"),
            (told.format("state = 'failed'"), "delivery_of_", "delivery_waits_for_its_next_attempt"),
            (told.format("delivered_at = now()"), "delivery_of_", "delivery_has_its_instant"),
            (told.format("tries = -1"), "delivery_of_", "delivery_counts_its_tries"),
            (told.format("attempts = '{}'"), "delivery_of_", "delivery_attempts_are_a_short_list"),
        ):
            answer = await caller.tries(statement, scene.ids[f"{of}post_webhook"])
            assert answer[::2] == (NOT_SO, constraint), f"{statement} → {answer}"
        two_places = (scene.ids["shared_post"], scene.ids["ccas"])
        answer = await caller.tries(SUBSCRIBE, new_id(), scene.ids["worker"], "social_worker", *two_places, bytes(60))
        assert answer[::2] == (NOT_SO, "webhook_is_of_one_organisation"), answer
