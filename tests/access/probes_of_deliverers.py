"""Probes of whoever delivers: with the proof of a subscription, and with the eyes of the account that keeps it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from app.access.policy import policy
from app.models import COLUMNS
from tests.access.probes import DONE, NO_SESSION, REFUSED, Caller, Scene, probe
from tests.access.probes_of_notifications import LANES, ME
from tests.access.proposals import DRAFTS
from tests.access.scene_of_notifications import WEBHOOKS, proof_of

OPEN = "select access.open_webhook($1, $2)"
KEPT_BY = {
    "worker": "post_webhook", "colleague": "colleagues_post_webhook", "partner": "partner_webhook",
    "software": "software_webhook",
}  # fmt: skip
ENDED = "update accounts.posting set ends_on = {} where account_id = $1"


@contextlib.asynccontextmanager
async def telling(scene: Scene, webhook: str) -> AsyncIterator[Caller]:
    """Whoever delivers, in the transaction opened in the name of this subscription."""
    async with scene.lane(WEBHOOKS[webhook].role) as caller:
        assert (await caller.tries(OPEN, scene.ids[webhook], proof_of(webhook))).code == DONE, f"{webhook} is closed"
        caller.who = f"whoever delivers for {webhook}"
        yield caller


async def _closed(caller: Caller, *values: Any) -> None:
    await caller.is_refused(OPEN, *values, code=NO_SESSION)
    # The refused opening was undone with its savepoint; and nothing is read behind it.
    await caller.is_refused(ME, code=NO_SESSION)


@probe
async def nobody_opens_a_subscription_without_its_own_proof(scene: Scene) -> None:
    async with scene.from_above() as above:
        digests = {row[0]: row[1] for row in await above.fetch("select id, secret_digest from outbox.webhook")}
    for person, webhook in KEPT_BY.items():
        mine, right = scene.ids[webhook], proof_of(webhook)
        async with scene.lane(scene.roles[person]) as caller:
            for proof in (
                None, b"", right[:31], right + b"\0", bytes(32), right[::-1], digests[mine],
                bytes(60) + webhook.encode(),
                *(proof_of(other) for other in WEBHOOKS if other != webhook),
            ):  # fmt: skip
                await _closed(caller, mine, proof)
            for unknown in (None, uuid4(), scene.ids[person], scene.sessions[person]):
                await _closed(caller, unknown, right)
            # Nor by writing the setting: whoever may run SET needs the proof all the same.
            for claimed in (
                str(mine), f"{mine}:", f"{mine}:{digests[mine].hex()}", f"{mine}:{'0' * 64}",
                f"{mine}:{right.hex()[:62]}", f"{mine}:{right.hex()}:", f"{mine}:{right.hex().upper()}",
                f"{str(mine).upper()}:{right.hex()}", "' or true --", ":", "",
            ):  # fmt: skip
                await caller.connection.execute("set local relais.webhook = '" + claimed.replace("'", "''") + "'")
                await caller.is_refused(ME, code=NO_SESSION)


@probe
async def a_subscription_opens_on_its_own_lane_only(scene: Scene) -> None:
    for webhook in (*KEPT_BY.values(), "webhook_of_promoted"):
        said = WEBHOOKS[webhook]
        for role in policy().roles:
            if role == said.role:
                continue
            async with scene.lane(role) as caller:
                if role not in LANES:
                    await caller.is_refused(OPEN, scene.ids[webhook], proof_of(webhook))
                    continue
                await _closed(caller, scene.ids[webhook], proof_of(webhook))
                hand = f"{scene.ids[webhook]}:{proof_of(webhook).hex()}"
                await caller.connection.execute(f"set local relais.webhook = '{hand}'")
                await caller.is_refused(ME, code=NO_SESSION)


@probe
async def a_subscription_that_is_over_or_whose_keeper_is_gone_opens_nothing(scene: Scene) -> None:
    for webhook in (
        "ended_post_webhook", "ended_partner_webhook", "webhook_of_gone_worker",
        "webhook_of_gone_partner", "webhook_of_suspended_worker", "webhook_of_unapproved_worker", "webhook_of_promoted",
    ):  # fmt: skip
        async with scene.lane(WEBHOOKS[webhook].role) as caller:
            await _closed(caller, scene.ids[webhook], proof_of(webhook))
    async with (
        telling(scene, "post_webhook") as caller,
        scene.meanwhile("outbox.webhook", scene.ids["post_webhook"], ended_at="now()"),
    ):
        await caller.is_refused("select id from confidential.note", code=NO_SESSION)
    async with (
        telling(scene, "post_webhook") as caller,
        scene.meanwhile("accounts.account", scene.ids["worker"], suspended_at="now()"),
    ):
        await caller.is_refused("select id from confidential.note", code=NO_SESSION)


async def _all_that_is_read(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table, columns in COLUMNS.items():
        answer = await caller.tries(f"select {', '.join(columns)} from {table}")
        found[table] = (answer.code, sorted(map(repr, answer.rows)))
    for call in (
        "access.me()", "access.my_posts()", "access.my_units()", "access.my_account()", "access.colleagues()",
        "access.held_posts()", "access.served_units()", "access.my_partners()", "access.notes_shared_with_me()",
        "access.search_persons('Bolieu', null, 100)",
    ):  # fmt: skip
        answer = await caller.tries(f"select * from {call}")
        found[call] = (answer.code, sorted(map(repr, answer.rows)))
    return found


@probe
async def whoever_delivers_sees_what_the_keeper_sees_neither_more_nor_less(scene: Scene) -> None:
    for person, webhook in KEPT_BY.items():
        async with scene.as_(person) as caller:
            keeper = await _all_that_is_read(caller)
        async with telling(scene, webhook) as caller:
            delivering = await _all_that_is_read(caller)
        for what, seen in keeper.items():
            assert delivering[what] == seen, f"{webhook}: {what} differs from what {person} sees"
        assert len([1 for code, rows in keeper.values() if code == DONE and rows]) > 30, person


@probe
async def whoever_delivers_for_a_keeper_who_has_left_sees_nothing_of_the_place(scene: Scene) -> None:
    for webhook in ("webhook_of_former_worker", "webhook_of_future_worker", "webhook_of_posting_unapproved",
                    "webhook_of_former_partner", "webhook_of_future_partner"):  # fmt: skip
        async with telling(scene, webhook) as caller:
            await _sees_nothing_of_the_place(caller, WEBHOOKS[webhook].role)
    for person, webhook in KEPT_BY.items():
        async with telling(scene, webhook) as caller, scene.from_above() as above:
            assert await caller.sees("select id from outbox.delivery"), person
            await above.execute(ENDED.format("current_date - 1"), scene.ids[person])
            try:
                await _sees_nothing_of_the_place(caller, WEBHOOKS[webhook].role)
            finally:
                await above.execute(ENDED.format("null"), scene.ids[person])
    # Posted elsewhere meanwhile: what is of the former place is neither read nor marked.
    async with telling(scene, "post_webhook_of_worker_elsewhere") as caller:
        assert set(await caller.sees("select post_id from exchange.orientation")) == {scene.ids["other_post"]}
        told = "update outbox.delivery set state = 'failed', next_attempt_at = null where webhook_id = $1 returning 1"
        await caller.sees_nothing(told, scene.ids["post_webhook_of_worker_elsewhere"])


async def _sees_nothing_of_the_place(caller: Caller, role: str) -> None:
    for table in ("outbox.webhook", "outbox.delivery", *{
        "social_worker": ("shared.referral", "exchange.orientation", "confidential.note", "social.person"),
        "partner": ("exchange.orientation", "exchange.referral"),
    }[role]):  # fmt: skip
        await caller.sees_nothing(f"select id from {table}")


@probe
async def whoever_delivers_has_proved_nothing_recently(scene: Scene) -> None:
    (handover,) = [each for each in DRAFTS if each.person == "worker" and each.long_ago]
    proved = "select access.proved_recently()"
    async with telling(scene, "post_webhook") as caller:
        assert await caller.sees(proved) == [False]
        await caller.is_refused(handover.insert(scene))
    # Not even beside the name of a session that proved it a moment ago: its keeper's, or somebody else's.
    for person in ("worker", "colleague", "officer", "administrator"):
        session = scene.sessions[person]
        for spelling in (str(session).upper(), session.hex, f"{{{session}}}"):
            async with telling(scene, "post_webhook") as caller:
                await caller.connection.execute(f"set local relais.session = '{spelling}'")
                answer = await caller.tries(proved)
                assert answer.code != DONE or not answer.rows[0][0], f"the session of {person} serves as a proof"
                assert await caller.code_of(handover.insert(scene)) in (REFUSED, NO_SESSION)


@probe
async def between_a_session_and_a_subscription_there_is_never_a_doubt(scene: Scene) -> None:
    dead = (scene.sessions["expired_worker"], scene.sessions["revoked_worker"], scene.sessions["officer"], uuid4())
    for session in (*map(str, dead), "nonsense", " ", str(scene.sessions["worker"]).upper()):
        async with telling(scene, "post_webhook") as caller:
            await caller.connection.execute(f"set local relais.session = '{session}'")
            # What claims to be a session is one or is nobody: never the keeper of a subscription instead.
            await caller.is_refused(ME, code=NO_SESSION)
            await caller.is_refused("select access.trace('note:read', null, 1, 'done')", code=NO_SESSION)
    async with telling(scene, "post_webhook") as caller:
        await caller.sees("select access.open($1)", scene.sessions["colleague"])
        assert await caller.sees(ME) == [scene.ids["colleague"]]
    async with scene.as_("colleague") as caller:
        await caller.sees(OPEN, scene.ids["post_webhook"], proof_of("post_webhook"))
        assert await caller.sees(ME) == [scene.ids["worker"]]
        assert await caller.sees("select access.proved_recently()") == [False]
    # And it lasts for one transaction.
    async with scene.lane("social_worker", commits=True) as caller:
        await caller.sees(OPEN, scene.ids["post_webhook"], proof_of("post_webhook"))
    async with scene.lane("social_worker") as caller:
        await caller.is_refused(ME, code=NO_SESSION)
        assert await caller.sees("select coalesce(current_setting('relais.webhook', true), '')") == [""]


@probe
async def what_is_read_to_be_told_is_traced_under_the_name_of_the_keeper(scene: Scene) -> None:
    async with scene.lane("social_worker", commits=True) as caller:
        await caller.sees(OPEN, scene.ids["post_webhook"], proof_of("post_webhook"))
        await caller.sees("select access.trace('referral:read', null, 71, 'done')")
    async with scene.from_above() as above:
        row = await above.fetchrow(
            "select account_id, lane, perimeter_id, session_id ="
            " encode(substring(sha256(convert_to($1::uuid::text, 'UTF8')) from 1 for 16), 'hex')::uuid"
            " from audit.trace where row_count = 71 order by at desc limit 1",
            scene.ids["post_webhook"],
        )
    assert tuple(row) == (scene.ids["worker"], "relais_social_worker", scene.ids["shared_post"], True)


@probe
async def a_trace_says_how_an_act_ended_in_one_of_six_words(scene: Scene) -> None:
    write = "select access.trace('note:read', null, 1, $1)"
    async with scene.as_("worker") as caller:
        for outcome in ("done", "refused", "not_found", "failed", "replayed", "rehearsed"):
            assert (await caller.tries(write, outcome)).code == DONE, outcome
        for outcome in ("invented", "", "DONE"):
            answer = await caller.tries(write, outcome)
            assert answer.constraint == "trace_outcome_is_known", f"{outcome} → {answer}"
