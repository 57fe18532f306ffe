"""Probes of quotas and usage: what one has spent stays spent, for every process, and nobody waits for another."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from tests.access.probes import DONE, Scene, probe
from tests.access.proposals import NOT_SO

SPEND = "select spent from access.spend_quota($1, $2, $3)"
EMPTY = "23502"


def _digest() -> bytes:
    return secrets.token_bytes(32)


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
