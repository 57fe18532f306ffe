"""Whoever reads while somebody writes: what is kept is never stale, and nobody who writes waits.

Each test plays one interleaving, step by step, on connections of their own; a lock that the test holds is where a
reader stops half way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from tests.house_for_tests import Town
from tests.indicators.comparing import Asking, differences, expected, fast, works
from tests.indicators.ground import Ground, at, on

YEAR = "2025"
LOCK = "select from statistics.recount where post_id = $1 for update"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


class Scene:
    """Two posts with one person each, a writer, and as many readers as a test wants."""

    def __init__(self, ground: Ground, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self.ground, self.connect = ground, connect
        self.superuser = ground.superuser
        self.participations: dict[UUID, UUID] = {}

    async def someone_at(self, post: UUID) -> None:
        """Somebody met once, by this post."""
        self.ground.post = post
        self.participations[post] = await self.ground.met()
        await self.meets_again(post)

    async def meets_again(self, post: UUID) -> None:
        """One more interview, committed at once unless a transaction is open."""
        self.ground.post = post
        await self.ground.act(self.participations[post], at("2025-03-04"))

    def asking(self, post: UUID, period: str = YEAR) -> Asking:
        """The figures of a post."""
        return Asking("post", str(post), period)

    @property
    def whole(self) -> Asking:
        """The figures of the employer of both posts: a sum, made at each read."""
        return Asking("employer", str(self.ground.ids["employer"]), YEAR)

    async def is_right(self, asked: Asking) -> None:
        """The next read is what the records say."""
        reader = await self.connect()
        right = await expected(self.superuser, await works(self.superuser), asked)
        assert differences(await fast(reader, asked), right) == {}

    async def somebody_waits(self) -> None:
        """A reader has come to the lock."""
        async with asyncio.timeout(5):
            while not await self.superuser.fetchval(WAITING):  # noqa: ASYNC110 — PostgreSQL tells nobody
                await asyncio.sleep(0.01)


@pytest.fixture
async def scene(superuser: asyncpg.Connection, town: Town, database: str) -> AsyncIterator[Scene]:
    """Both posts of the town, each with somebody met once, and everything already counted."""
    async with AsyncExitStack() as stack:

        async def connect() -> asyncpg.Connection:
            connection = await asyncpg.connect(town.lane_url("worker", database))
            stack.push_async_callback(connection.close)
            return connection

        made = Scene(Ground(superuser, town), connect)
        for post in ("shared_post", "other_post"):
            await made.someone_at(town.ids[post])
        reader = await connect()
        for asked in (made.whole, *(made.asking(town.ids[post]) for post in ("shared_post", "other_post"))):
            await fast(reader, asked)
        yield made


@asynccontextmanager
async def held(town: Town, database: str, post: UUID) -> AsyncIterator[None]:
    """Who counts this post waits here."""
    holder = await asyncpg.connect(town.superuser_url, database=database)
    try:
        async with holder.transaction():
            await holder.execute(LOCK, post)
            yield
    finally:
        await holder.close()


async def interviews(reader: asyncpg.Connection, asked: Asking) -> int:
    """How many interviews are read."""
    return (await fast(reader, asked)).get("T1.interviews", 0)


async def test_a_write_that_commits_while_a_reader_waits_is_in_what_she_reads(
    scene: Scene, town: Town, database: str
) -> None:
    post, reader = town.ids["shared_post"], await scene.connect()
    await scene.meets_again(post)
    async with held(town, database, post):
        reading = asyncio.create_task(interviews(reader, scene.asking(post)))
        await scene.somebody_waits()
        await scene.meets_again(post)

    assert await reading == 3
    await scene.is_right(scene.asking(post))


async def test_a_write_not_committed_when_the_reader_counts_is_counted_at_the_next_read(
    scene: Scene, town: Town
) -> None:
    post, reader = town.ids["shared_post"], await scene.connect()
    writing = scene.superuser.transaction()
    await writing.start()
    await scene.meets_again(post)

    assert await interviews(reader, scene.asking(post)) == 1
    await writing.commit()

    assert await interviews(reader, scene.asking(post)) == 2
    await scene.is_right(scene.asking(post))


async def test_a_write_that_commits_after_the_count_and_before_its_end_is_counted_at_the_next_read(
    scene: Scene, town: Town
) -> None:
    post, reader, other = town.ids["shared_post"], await scene.connect(), await scene.connect()
    await scene.meets_again(post)
    async with reader.transaction():
        assert await interviews(reader, scene.asking(post)) == 2
        await scene.meets_again(post)

    assert await interviews(other, scene.asking(post)) == 3
    await scene.is_right(scene.asking(post))


async def test_who_writes_never_waits_for_who_counts(scene: Scene, town: Town) -> None:
    post, reader = town.ids["shared_post"], await scene.connect()
    await scene.meets_again(post)
    async with reader.transaction():
        await interviews(reader, scene.asking(post))
        await scene.superuser.execute("set lock_timeout = '50ms'")
        await scene.meets_again(post)


async def test_a_count_that_is_rolled_back_loses_nothing_of_what_was_to_be_seen(scene: Scene, town: Town) -> None:
    post, reader = town.ids["shared_post"], await scene.connect()
    await scene.meets_again(post)
    undone = reader.transaction()
    await undone.start()
    assert await interviews(reader, scene.asking(post)) == 2
    await undone.rollback()

    assert await interviews(reader, scene.asking(post)) == 2
    await scene.is_right(scene.asking(post))


async def test_two_readers_of_one_post_count_one_after_the_other_and_read_the_same(scene: Scene, town: Town) -> None:
    post, first, second = town.ids["shared_post"], await scene.connect(), await scene.connect()
    await scene.meets_again(post)
    async with first.transaction():
        assert await interviews(first, scene.asking(post)) == 2
        reading = asyncio.create_task(interviews(second, scene.asking(post)))
        await scene.somebody_waits()

    assert await reading == 2
    await scene.is_right(scene.asking(post))


async def test_a_sum_misses_no_post_whose_figures_another_reader_throws_away_meanwhile(
    scene: Scene, town: Town, database: str
) -> None:
    ours, other = town.ids["shared_post"], town.ids["other_post"]
    reader, another = await scene.connect(), await scene.connect()
    await scene.meets_again(other)
    async with held(town, database, other):
        # She holds the figures of our post for good, and waits for those of the other.
        reading = asyncio.create_task(interviews(reader, scene.whole))
        await scene.somebody_waits()
        await scene.meets_again(ours)
        # Somebody else sees that they are not, and counts another period: those of the year are thrown away.
        await fast(another, scene.asking(ours, "2025-03"))

    assert await reading == 4
    await scene.is_right(scene.whole)


async def test_a_post_created_while_the_nation_is_summed_is_in_the_next_sum(scene: Scene) -> None:
    nation = Asking("national", "", YEAR)
    reader, another = await scene.connect(), await scene.connect()
    async with reader.transaction():
        known = (await fast(reader, nation)).get("T16.posts", 0)
        post = await scene.ground.new_post(on("2025-06-01"))
        await fast(another, scene.asking(post))

    assert (await fast(another, nation)).get("T16.posts", 0) == known + 1
    await scene.is_right(nation)


async def test_many_readers_and_writers_at_once_end_with_right_figures(scene: Scene, town: Town, database: str) -> None:
    posts = [town.ids[post] for post in ("shared_post", "other_post")]
    asked = [scene.whole, Asking("national", "", YEAR), *map(scene.asking, posts), Asking("zone", "mixed", YEAR)]

    async def read() -> None:
        reader = await scene.connect()
        for _ in range(8):
            for each in asked:
                await fast(reader, each)

    async def write(post: UUID) -> None:
        connection = await asyncpg.connect(town.superuser_url, database=database)
        writer = Scene(Ground(connection, town), scene.connect)
        writer.participations = scene.participations
        for _ in range(20):
            await writer.meets_again(post)
        await connection.close()

    await asyncio.gather(*(read() for _ in range(3)), *(write(post) for post in posts))

    for each in asked:
        await scene.is_right(each)
