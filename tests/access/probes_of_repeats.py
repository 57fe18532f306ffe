"""Probes of repeats and quotas: an answer is said again to whoever asked, and what one has spent stays spent."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from tests.access.probes import DONE, NO_SESSION, Caller, Scene, probe

RECALL = "select state, sealed from access.recall($1, $2, $3)"
REMEMBER = "select access.remember($1, $2)"
SPEND = "select spent from access.spend_quota($1, $2, $3)"
ROUTE = "POST /v1/referrals/{referral_id}/accept"
NOT_SO, EMPTY = "23514", "23502"
ANSWER = b"the sealed answer"


def _digest() -> bytes:
    return secrets.token_bytes(32)


async def _recalled(caller: Caller, key: bytes, asked: bytes) -> tuple[str, bytes | None]:
    answer = await caller.tries(RECALL, key, ROUTE, asked)
    assert answer.code == DONE, f"{caller.who}: {answer}"
    return tuple(answer.rows[0])


async def _answered(scene: Scene, person: str, key: bytes, asked: bytes, answer: bytes = ANSWER) -> None:
    async with scene.as_(person, commits=True) as caller:
        assert await _recalled(caller, key, asked) == ("new", None)
        await caller.sees(REMEMBER, key, answer)


async def _kept(scene: Scene, key: bytes) -> list[tuple[Any, ...]]:
    async with scene.from_above() as above:
        rows = await above.fetch("select account_id, sealed from accounts.remembered_answer where key = $1", key)
    return [tuple(row) for row in rows]


async def _aged(scene: Scene, key: bytes, age: str) -> None:
    async with scene.from_above() as above:
        old = f"update accounts.remembered_answer set answered_at = now() - interval '{age}' where key = $1"
        await above.execute(old, key)


@probe
async def an_answer_is_said_again_to_whoever_asked_and_to_nobody_else(scene: Scene) -> None:
    for person, others in (
        ("worker", ("colleague", "worker_elsewhere", "officer", "dpo")),
        ("officer", ("officer_same_unit", "commander")),
        ("partner", ("software", "partner_elsewhere")), ("administrator", ("second_administrator", "coordinator")),
        ("observatory", ("committee_elsewhere",)),
    ):  # fmt: skip
        key, asked = _digest(), _digest()
        await _answered(scene, person, key, asked)
        async with scene.as_(person) as caller:
            assert await _recalled(caller, key, asked) == ("known", ANSWER), person
            assert await _recalled(caller, key, _digest()) == ("reused", None), person
            assert await _recalled(caller, _digest(), asked) == ("new", None), person
        for other in others:
            async with scene.as_(other, commits=True) as caller:
                # Not even that the key has served; and what is remembered under it is one's own.
                await caller.sees(REMEMBER, key, b"another answer")
                assert await _recalled(caller, key, asked) == ("new", None), f"{other} is told what {person} was"
                await caller.sees(REMEMBER, key, other.encode())
        async with scene.as_(person) as caller:
            assert await _recalled(caller, key, asked) == ("known", ANSWER), person
        told = {(scene.ids[person], ANSWER), *((scene.ids[other], other.encode()) for other in others)}
        assert set(await _kept(scene, key)) == told


@probe
async def an_answer_is_kept_once_in_the_very_transaction_that_asked(scene: Scene) -> None:
    key, asked = _digest(), _digest()
    async with scene.as_("worker", commits=True) as caller:
        await caller.sees(REMEMBER, key, ANSWER)
    assert await _kept(scene, key) == []
    # Asked, and left without an answer: no later transaction makes one up, nor is told that there is one.
    async with scene.as_("worker", commits=True) as caller:
        assert await _recalled(caller, key, asked) == ("new", None)
    async with scene.as_("worker", commits=True) as caller:
        await caller.sees(REMEMBER, key, b"made up")
        assert await _recalled(caller, key, asked) == ("in_flight", None)
        await caller.sees(REMEMBER, key, b"made up")
    assert await _kept(scene, key) == [(scene.ids["worker"], b"")]
    key = _digest()
    await _answered(scene, "worker", key, asked)
    async with scene.as_("worker", commits=True) as caller:
        await caller.sees(REMEMBER, key, b"another answer")
        assert await _recalled(caller, key, asked) == ("known", ANSWER)
        await caller.sees(REMEMBER, key, b"another answer")
    assert await _kept(scene, key) == [(scene.ids["worker"], ANSWER)]


@probe
async def without_a_live_session_nothing_is_recalled_remembered_or_counted(scene: Scene) -> None:
    for role in scene.roles.values():
        async with scene.lane(role) as caller:
            await caller.is_refused(RECALL, _digest(), ROUTE, _digest(), code=NO_SESSION)
            await caller.is_refused(REMEMBER, _digest(), ANSWER, code=NO_SESSION)
            await caller.is_refused("select * from access.my_usage()", code=NO_SESSION)


@probe
async def an_answer_is_forgotten_after_a_day(scene: Scene) -> None:
    key, asked = _digest(), _digest()
    await _answered(scene, "worker", key, asked)
    await _aged(scene, key, "23 hours 59 minutes")
    async with scene.as_("worker") as caller:
        assert await _recalled(caller, key, asked) == ("known", ANSWER)
    await _aged(scene, key, "24 hours 1 minute")
    async with scene.as_("worker", commits=True) as caller:
        assert await _recalled(caller, key, _digest()) == ("new", None)
        await caller.sees(REMEMBER, key, b"of today")
    assert await _kept(scene, key) == [(scene.ids["worker"], b"of today")]
    # Whoever comes next sweeps; what may still be asked for again stays.
    await _aged(scene, key, "25 hours 1 minute")
    young = _digest()
    await _answered(scene, "worker", young, asked)
    await _aged(scene, young, "24 hours 59 minutes")
    await _answered(scene, "officer", _digest(), asked)
    assert await _kept(scene, key) == []
    assert len(await _kept(scene, young)) == 1


@probe
async def an_answer_is_no_longer_said_once_the_rights_of_its_author_have_changed(scene: Scene) -> None:
    for person in ("worker", "officer", "partner"):
        key, asked = _digest(), _digest()
        await _answered(scene, person, key, asked)
        change = "update accounts.posting set ends_on = {} where account_id = $1"
        async with scene.from_above() as above:
            await above.execute(change.format("current_date - 1"), scene.ids[person])
            try:
                async with scene.as_(person) as caller:
                    assert await _recalled(caller, key, asked) == ("outdated", None), person
                    assert await _recalled(caller, key, _digest()) == ("reused", None), person
            finally:
                await above.execute(change.format("null"), scene.ids[person])
        async with scene.as_(person) as caller:
            assert await _recalled(caller, key, asked) == ("known", ANSWER), person
    # A replacement gives a post to read: it counts as well.
    key, asked = _digest(), _digest()
    await _answered(scene, "replacing", key, asked)
    async with (
        scene.meanwhile("employer.replacement", scene.ids["replacement"], ended_at="now()"),
        scene.as_("replacing") as caller,
    ):
        assert await _recalled(caller, key, asked) == ("outdated", None)


@probe
async def the_same_request_at_the_same_time_is_in_flight_and_waits_but_an_instant(scene: Scene) -> None:
    key, asked = _digest(), _digest()
    async with scene.as_("worker") as first, scene.as_("worker") as second, scene.as_("colleague") as other:
        await second.connection.execute("set local lock_timeout = '1700ms'")
        assert await _recalled(first, key, asked) == ("new", None)
        began = time.monotonic()
        assert await _recalled(second, key, asked) == ("in_flight", None)
        assert time.monotonic() - began < 1, "it waits for the other"
        assert await second.sees("show lock_timeout") == ["1700ms"]
        assert await _recalled(other, key, asked) == ("new", None)
        assert await other.sees("show lock_timeout") != ["100ms"]
    async with scene.as_("worker") as caller:
        # The first was undone: nothing was done, nothing is remembered.
        assert await _recalled(caller, key, asked) == ("new", None)


@probe
async def a_question_that_is_not_one_is_refused_by_name(scene: Scene) -> None:
    key, asked = _digest(), _digest()
    async with scene.as_("worker") as caller:
        for values, code, constraint in (
            ((key[:31], ROUTE, asked), NOT_SO, "remembered_key_is_a_digest"),
            ((key + b"\0", ROUTE, asked), NOT_SO, "remembered_key_is_a_digest"),
            ((key, ROUTE, asked[:31]), NOT_SO, "remembered_question_is_a_digest"),
            ((key, "POST /v1/persons?name=Petit", asked), NOT_SO, "remembered_route_is_a_template"),
            ((key, f"POST /{'a' * 300}", asked), NOT_SO, "remembered_route_is_a_template"),
            ((None, ROUTE, asked), EMPTY, None), ((key, None, asked), EMPTY, None), ((key, ROUTE, None), EMPTY, None),
        ):  # fmt: skip
            answer = await caller.tries(RECALL, *values)
            assert (answer.code, answer.constraint) == (code, constraint), f"{values} → {answer}"
        assert await caller.sees("select access.me()") == [scene.ids["worker"]]
        assert await _recalled(caller, key, asked) == ("new", None)
        await caller.is_refused(REMEMBER, key, None, code=EMPTY)


async def _spent(
    scene: Scene, key: bytes, cost: int | None = 1, seconds: int | None = 60, role: str = "partner"
) -> int:
    async with scene.lane(role, commits=True) as caller:
        (spent,) = await caller.sees(SPEND, key, cost, seconds)
        return int(spent)


async def _window(scene: Scene, key: bytes) -> Any:
    async with scene.from_above() as above:
        return await above.fetchval("select resets_at from accounts.quota where key = $1", key)


@probe
async def what_is_spent_is_counted_for_all_processes_and_is_never_given_back(scene: Scene) -> None:
    key = _digest()
    lanes = [role for role in scene.lanes if role != "worker"]
    assert [await _spent(scene, key, role=role) for role in lanes] == list(range(1, len(lanes) + 1))
    spent, window = len(lanes), await _window(scene, key)
    for cost, seconds in ((0, 1), (-1, 1), (-2_000_000_000, -2_000_000_000), (None, None), (0, 2_000_000_000)):
        assert await _spent(scene, key, cost, seconds) == spent, f"a cost of {cost} gives back"
        assert await _window(scene, key) == window, f"{seconds} seconds move the end of the window"
    assert await _spent(scene, key, 2_000_000_000) == spent + 1_000_000
    async with scene.from_above() as above:
        await above.execute("update accounts.quota set spent = 1000000000 where key = $1", key)
        assert await _spent(scene, key, 2_000_000_000) == 1_000_000_000, "the count overflows"
        # One's own count only, and a window that is over begins again.
        assert await _spent(scene, _digest()) == 1
        await above.execute("update accounts.quota set resets_at = now() - interval '1 second' where key = $1", key)
        assert await _spent(scene, key, 2) == 2
        for seconds, lasts in ((60, 60), (-5, 1), (2_000_000_000, 86400)):
            new = _digest()
            await _spent(scene, new, 1, seconds)
            left = await above.fetchval(
                "select extract(epoch from resets_at - clock_timestamp())::float8 from accounts.quota where key = $1",
                new,
            )
            assert lasts - 1 < left <= lasts, f"a window of {seconds} lasts {left}"
    async with scene.lane("partner") as caller:
        for bad, code in ((key[:31], NOT_SO), (b"", NOT_SO), (None, EMPTY)):
            await caller.is_refused(SPEND, bad, 1, 60, code=code)


@probe
async def requests_counted_at_the_same_time_all_count_and_wait_for_nobody_else(scene: Scene) -> None:
    key = _digest()
    counted = await asyncio.gather(*(_spent(scene, key) for _ in range(8)))
    assert sorted(counted) == list(range(1, 9))
    mine, theirs = _digest(), _digest()
    for each in (mine, theirs):
        await _spent(scene, each)
    async with scene.from_above() as above:
        over = "update accounts.quota set resets_at = now() - interval '1 second' where key = any ($1)"
        await above.execute(over, [mine, theirs])
    async with scene.lane("partner") as first, scene.lane("partner") as second:
        assert await first.sees(SPEND, mine, 1, 60) == [1]
        await second.connection.execute("set local lock_timeout = '300ms'")
        assert (await second.tries(SPEND, theirs, 1, 60)).code == DONE, "one caller's window makes another's wait"


@probe
async def counts_of_windows_long_over_are_swept(scene: Scene) -> None:
    old, young = _digest(), _digest()
    for each in (old, young):
        await _spent(scene, each)
    async with scene.from_above() as above:
        ago = "update accounts.quota set resets_at = now() - $2::interval where key = $1"
        for each, age in ((old, "1 hour 1 minute"), (young, "59 minutes")):
            await above.execute(ago.replace("$2", f"'{age}'"), each)
        await _spent(scene, _digest())
        left = await above.fetch("select key from accounts.quota where key = any ($1)", [old, young])
    assert [row[0] for row in left] == [young]


@probe
async def my_usage_counts_my_acts_and_nobody_elses(scene: Scene) -> None:
    mine = "select coalesce(sum(acts), 0)::integer, count(distinct outcome) from access.my_usage()"
    count = "select count(*) from audit.trace where account_id = $1 and at > now() - interval '31 days'"
    for person in (*scene.people, "colleague", "software"):
        async with scene.from_above() as above:
            expected = await above.fetchval(count, scene.ids[person])
        async with scene.as_(person) as caller:
            assert (await caller.sees(mine))[0] == expected, person
    async with scene.from_above() as above:
        transaction = above.transaction()
        await transaction.start()
        try:
            old = "update audit.trace set at = at - interval '31 days' where account_id = $1"
            await above.execute("set local session_replication_role = replica")
            await above.execute(old, scene.ids["worker"])
            await above.execute("set local session authorization relais_social_worker")
            await above.execute("select access.open($1)", scene.sessions["worker"])
            assert await above.fetchval(mine) == 0, "what is old is counted"
            await above.execute("reset session authorization")
        finally:
            await transaction.rollback()
