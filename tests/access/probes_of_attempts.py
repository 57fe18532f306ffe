"""Probes of the brake and of what serves once: each attempt counts, a delay grows, nothing is ever locked for good."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from tests.access.probes import Caller, Scene, probe

TRY = "select access.attempt($1, $2)"
SUCCEED = "select access.attempt_succeeded($1, $2)"
SPEND = "select access.spend_once($1, now() + interval '1 hour')"
LANE = "authentication"


def _key() -> bytes:
    return secrets.token_bytes(32)


async def _once(scene: Scene, statement: str, *values: Any) -> Any:
    async with scene.lane(LANE, commits=True) as caller:
        (found,) = await caller.sees(statement, *values)
        return found


async def _set(scene: Scene, key: bytes, failures: int, *, ago: str = "1 minute", waits: str = "-1 minute") -> None:
    async with scene.from_above() as above:
        await above.execute(
            f"insert into accounts.attempt values ($1, $2, now() - interval '{ago}', now() + interval '{waits}')"
            " on conflict (key) do update set failures = $2, last_at = excluded.last_at, free_at = excluded.free_at",
            key, failures,
        )  # fmt: skip


async def _found(scene: Scene, key: bytes) -> tuple[int, float] | None:
    async with scene.from_above() as above:
        row = await above.fetchrow(
            "select failures, extract(epoch from free_at - last_at)::float8 from accounts.attempt where key = $1", key
        )
    return row and tuple(row)


@probe
async def attempts_made_at_the_same_time_all_count(scene: Scene) -> None:
    account, source = _key(), _key()
    answers = await asyncio.gather(*(_once(scene, TRY, account, source) for _ in range(8)))
    let_through = answers.count(0)
    assert let_through <= 7, f"{answers}: nobody waits"
    assert [each and each[0] for each in (await _found(scene, account), await _found(scene, source))] == [
        let_through
    ] * 2
    # One is counted before the next is looked at, from the very first and long after it.
    for key in (_key(), account):
        if key == account:
            await _set(scene, account, 1)
        await _one_after_the_other(scene, key)


async def _one_after_the_other(scene: Scene, key: bytes) -> None:
    before = await _found(scene, key)
    async with scene.lane(LANE, commits=True) as first:
        await first.sees(TRY, key, _key())
        second = asyncio.create_task(_once(scene, TRY, key, _key()))
        await asyncio.sleep(0.15)
        assert not second.done(), "the second attempt does not wait for the first to be counted"
    await second
    after = await _found(scene, key)
    assert after and after[0] == (before[0] if before else 0) + 2, f"{after}: an attempt was not counted"


@probe
async def the_delay_grows_from_the_sixth_attempt_and_is_never_a_lock(scene: Scene) -> None:
    account, source = _key(), _key()
    expected = {1: 0, 5: 0, 6: 1, 7: 2, 8: 4, 9: 8, 15: 512, 16: 900, 17: 900, 40: 900, 1_000_000: 900}
    for attempt, seconds in expected.items():
        await _set(scene, account, attempt - 1)
        await _set(scene, source, 0)
        assert await _once(scene, TRY, account, source) == 0, f"attempt {attempt} is refused though it is free"
        assert await _found(scene, account) == (attempt, seconds), attempt
        if seconds:
            wait = await _once(scene, TRY, account, _key())
            assert seconds - 2 <= wait <= seconds, f"attempt {attempt}: {wait} s, of {seconds}"
            assert wait > 0
            assert await _found(scene, account) == (attempt, seconds), "waiting makes the wait longer"
    await _set(scene, account, 2_000_000)
    assert await _once(scene, TRY, account, source) == 0
    # Thirty by source: a police station goes out by one address.
    for attempt, seconds in {29: 0, 30: 0, 31: 1, 33: 4, 80: 900}.items():
        await _set(scene, source, attempt - 1)
        assert await _once(scene, TRY, _key(), source) == 0
        assert await _found(scene, source) == (attempt, seconds), attempt
        assert (await _once(scene, TRY, _key(), source) > 0) == (seconds > 0)


@probe
async def an_account_that_waits_makes_nobody_else_wait(scene: Scene) -> None:
    account, source = _key(), _key()
    await _set(scene, account, 20, waits="5 minutes")
    assert await _once(scene, TRY, account, source) > 200
    assert await _once(scene, TRY, _key(), source) == 0
    assert await _once(scene, TRY, account, _key()) > 200


@probe
async def an_hour_without_attempts_forgets_them(scene: Scene) -> None:
    for ago, failures in (("61 minutes", 1), ("23 hours", 1), ("59 minutes", 51)):
        account = _key()
        await _set(scene, account, 50, ago=ago)
        assert await _once(scene, TRY, account, _key()) == 0
        found = await _found(scene, account)
        assert found and found[0] == failures, f"{ago}: {found}"


@probe
async def whoever_comes_in_starts_afresh(scene: Scene) -> None:
    account, source, other = _key(), _key(), _key()
    for key, failures in ((account, 40), (source, 40), (other, 40)):
        await _set(scene, key, failures, waits="5 minutes")
    async with scene.lane(LANE, commits=True) as caller:
        await caller.sees(SUCCEED, account, source)
    assert [each and each[0] for each in [await _found(scene, key) for key in (account, source, other)]] == [0, 39, 40]
    assert await _once(scene, TRY, account, _key()) == 0
    assert await _once(scene, TRY, _key(), source) > 0, "one success frees the whole source"
    assert await _once(scene, TRY, other, _key()) > 0


@probe
async def only_what_is_out_of_date_is_swept(scene: Scene) -> None:
    old, recent, spent, kept = _key(), _key(), _key(), _key()
    await _set(scene, old, 3, ago="25 hours")
    await _set(scene, recent, 3, ago="23 hours")
    async with scene.from_above() as above:
        for key, ago in ((spent, "11 minutes"), (kept, "9 minutes")):
            await above.execute(f"insert into accounts.spent_ticket values ($1, now() - interval '{ago}')", key)
    await _once(scene, TRY, _key(), _key())
    assert await _once(scene, SPEND, _key()) is True
    assert await _found(scene, old) is None, "what is forgotten is not swept"
    assert await _found(scene, recent) is not None, "what still counts is swept"
    async with scene.from_above() as above:
        left = {row[0] for row in await above.fetch("select digest from accounts.spent_ticket")}
    assert left & {spent, kept} == {kept}
    assert await _once(scene, SPEND, kept) is False


@probe
async def what_serves_once_serves_once_even_at_the_same_time(scene: Scene) -> None:
    for _ in range(3):
        ticket = _key()
        answers = await asyncio.gather(*(_once(scene, SPEND, ticket) for _ in range(8)))
        assert sorted(answers) == [False] * 7 + [True]
        assert await _once(scene, SPEND, ticket) is False
    # Spent by somebody whose transaction is undone, it is not spent; one waits to know.
    ticket = _key()
    async with scene.lane(LANE) as caller:
        assert await caller.sees(SPEND, ticket) == [True]
        other = asyncio.create_task(_once(scene, SPEND, ticket))
        await asyncio.sleep(0.1)
        assert not other.done()
    assert await other is True


@probe
async def attempts_and_tickets_are_counted_for_authentication_alone(scene: Scene) -> None:
    for role in scene.lanes:
        if role != LANE:
            async with scene.lane(role) as caller:
                await _refused(caller)


async def _refused(caller: Caller) -> None:
    for call in (TRY, SUCCEED):
        await caller.is_refused(call, _key(), _key())
    await caller.is_refused(SPEND, _key())
