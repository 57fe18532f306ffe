"""Probes of repeats: an answer is said again to whoever asked, and kept once."""

from __future__ import annotations

import secrets
import time
from typing import Any

from tests.access.probes import DONE, NO_SESSION, Caller, Scene, probe
from tests.access.proposals import NOT_SO

RECALL = "select state, sealed from access.recall($1, $2, $3)"
REMEMBER = "select access.remember($1, $2)"
ROUTE = "POST /v1/referrals/{referral_id}/accept"
EMPTY = "23502"
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
        assert await caller.sees(REMEMBER, key, answer) == [True], "it is not said that the answer is kept"


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
                assert await caller.sees(REMEMBER, key, b"another answer") == [False], other
                assert await _recalled(caller, key, asked) == ("new", None), f"{other} is told what {person} was"
                await caller.sees(REMEMBER, key, other.encode())
        for other in others:
            async with scene.as_(other) as caller:
                assert await _recalled(caller, key, asked) == ("known", other.encode()), other
        async with scene.as_(person) as caller:
            assert await _recalled(caller, key, asked) == ("known", ANSWER), person
        told = {(scene.ids[person], ANSWER), *((scene.ids[other], other.encode()) for other in others)}
        assert set(await _kept(scene, key)) == told


@probe
async def an_answer_is_kept_once_in_the_very_transaction_that_asked(scene: Scene) -> None:
    key, asked = _digest(), _digest()
    async with scene.as_("worker", commits=True) as caller:
        assert await caller.sees(REMEMBER, key, ANSWER) == [False]
    assert await _kept(scene, key) == []
    # Asked, and left without an answer: no later transaction makes one up, nor is told that there is one.
    async with scene.as_("worker", commits=True) as caller:
        assert await _recalled(caller, key, asked) == ("new", None)
    async with scene.as_("worker", commits=True) as caller:
        assert await caller.sees(REMEMBER, key, b"made up") == [False]
        assert await _recalled(caller, key, asked) == ("in_flight", None)
        assert await caller.sees(REMEMBER, key, b"made up") == [False]
    assert await _kept(scene, key) == [(scene.ids["worker"], b"")]
    # Nor does another account, were it in the same transaction; nor is an answer given twice.
    key = _digest()
    async with scene.as_("worker", commits=True) as caller:
        assert await _recalled(caller, key, asked) == ("new", None)
        await caller.sees("select access.open($1)", scene.sessions["colleague"])
        assert await caller.sees(REMEMBER, key, b"of another") == [False]
        await caller.sees("select access.open($1)", scene.sessions["worker"])
        await caller.sees(REMEMBER, key, ANSWER)
        assert await caller.sees(REMEMBER, key, b"given twice") == [False]
    assert await _kept(scene, key) == [(scene.ids["worker"], ANSWER)]
    key = _digest()
    await _answered(scene, "worker", key, asked)
    async with scene.as_("worker", commits=True) as caller:
        assert await caller.sees(REMEMBER, key, b"another answer") == [False]
        assert await _recalled(caller, key, asked) == ("known", ANSWER)
        assert await caller.sees(REMEMBER, key, b"another answer") == [False]
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
    # Holding what one only replaced, and another role though without a post in either, as well.
    async with scene.from_above() as above:
        await above.execute(
            "insert into accounts.posting (id, account_id, post_id, starts_on, approved_at)"
            " values ($1, $2, $3, '2026-01-01', now())",
            scene.ids["ended_post_webhook"], scene.ids["replacing"], scene.ids["other_post"],
        )  # fmt: skip
        try:
            async with scene.as_("replacing") as caller:
                assert await _recalled(caller, key, asked) == ("outdated", None)
        finally:
            await above.execute("delete from accounts.posting where id = $1", scene.ids["ended_post_webhook"])
    key = _digest()
    await _answered(scene, "former_worker", key, asked)
    async with (
        scene.meanwhile("accounts.account", scene.ids["former_worker"], role="'police_officer'"),
        scene.meanwhile("accounts.session", scene.sessions["former_worker"], role="'police_officer'"),
        scene.lane("police_officer") as caller,
    ):
        await caller.sees("select access.open($1)", scene.sessions["former_worker"])
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
