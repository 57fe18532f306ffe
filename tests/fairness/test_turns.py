"""Turns on a lane: one caller who asks a lot waits behind themselves; nobody waits behind them."""

import asyncio
from collections.abc import Iterator

import pytest

from app.access.actor import Actor
from app.errors import TooMany
from app.turns import MOST_HELD, MOST_WAITING, REFUSAL_TAKES, Turns, hold_refusal
from tests.house_for_tests import House, Town, settings_for
from tests.routers.asking import refused, session_id


async def settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


class Queue:
    """Requests as tasks, and in what order they were called."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.called: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, caller: str, count: int = 1) -> None:
        """So many more requests of a caller."""
        for _ in range(count):
            self.tasks.append(asyncio.create_task(self._one(caller)))
        await settled()

    async def _one(self, caller: str) -> None:
        await self.turns.take(caller)
        self.called.append(caller)

    async def answered(self, caller: str) -> None:
        """One of the requests of a caller is over."""
        self.turns.give_back(caller)
        await settled()


@pytest.fixture
def queue() -> Iterator[Queue]:
    made = Queue(Turns(8))
    yield made
    for task in made.tasks:
        task.cancel()


async def test_the_fifth_request_of_a_greedy_caller_waits_while_another_caller_passes(queue: Queue) -> None:
    await queue.ask("greedy", 5)
    await queue.ask("polite")
    assert queue.called == ["greedy"] * 4 + ["polite"]
    await queue.answered("greedy")
    assert queue.called[-1] == "greedy" and len(queue.called) == 6


async def test_those_who_wait_are_called_in_rotation_one_request_each(queue: Queue) -> None:
    for caller in ("first", "second"):
        await queue.ask(caller, 4)
    await queue.ask("greedy", 3)
    await queue.ask("polite", 2)
    await queue.ask("other")
    for _ in range(4):
        await queue.answered("first")
        await queue.answered("second")
    assert queue.called[8:] == ["greedy", "polite", "other", "greedy", "polite", "greedy"]


async def test_the_queue_of_one_caller_has_an_end_and_others_still_join_theirs(queue: Queue) -> None:
    await queue.ask("greedy", 4 + MOST_WAITING)
    with pytest.raises(TooMany) as told:
        await queue.turns.take("greedy")
    assert (told.value.status, told.value.code, told.value.headers["Retry-After"]) == (429, "too_many_at_once", "1")
    await queue.ask("polite", 4)
    assert queue.called.count("polite") == 4


async def test_a_refusal_takes_a_second_so_that_whoever_heeds_none_asks_no_faster(queue: Queue) -> None:
    await queue.ask("greedy", 4 + MOST_WAITING)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(TooMany):
        await queue.turns.take("greedy")
    assert asyncio.get_running_loop().time() - begun > 0.9 * REFUSAL_TAKES


async def test_only_so_many_refusals_take_their_time_at_once() -> None:
    held = [asyncio.create_task(hold_refusal()) for _ in range(MOST_HELD)]
    await settled()
    one_more = asyncio.create_task(hold_refusal())
    await settled()
    assert one_more.done()
    assert not any(task.done() for task in held)
    for task in held:
        task.cancel()
    await settled()
    again = asyncio.create_task(hold_refusal())
    await settled()
    assert not again.done()
    again.cancel()


async def test_whoever_gives_up_waiting_leaves_no_place_taken(queue: Queue) -> None:
    await queue.ask("greedy", 6)
    called_then_gone, waiting_then_gone = queue.tasks[4], queue.tasks[5]
    waiting_then_gone.cancel()
    queue.turns.give_back("greedy")
    called_then_gone.cancel()
    await settled()
    await queue.ask("greedy")
    assert queue.called == ["greedy"] * 5
    for _ in range(4):
        queue.turns.give_back("greedy")
    for caller in ("first", "second"):
        await queue.ask(caller, 4)
    assert len(queue.called) == 13


async def test_a_lane_with_one_connection_still_serves_everyone() -> None:
    queue = Queue(Turns(1))
    await queue.ask("greedy", 2)
    await queue.ask("polite")
    for caller in ("greedy", "greedy", "polite"):
        await queue.answered(caller)
    assert queue.called == ["greedy", "greedy", "polite"]


async def test_the_service_itself_is_no_caller_and_is_not_held_back() -> None:
    turns = Turns(4)
    waiting = Queue(turns)
    for _ in range(40):
        waiting.tasks.append(asyncio.create_task(turns.take(None)))
    await settled()
    assert sum(task.done() for task in waiting.tasks) == 4
    for _ in range(36):
        turns.give_back(None)
    await settled()
    assert all(task.done() for task in waiting.tasks)


async def test_an_officer_who_keeps_half_of_the_lane_busy_does_not_keep_a_colleague_waiting(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    settings = settings_for(town, database, keys).model_copy(update={"pool_size": 8})
    async with House.running(town, database, settings) as house:
        greedy, polite = await house("officer"), await house("officer_same_unit")
        lane = house.app.state.database.lane("police_officer")
        actor = Actor(
            house.ids["officer"], await session_id(house, "officer"), "police_officer", frozenset({"referral:read"})
        )
        busy = [lane.transaction(actor, "referral:read", traced=False) for _ in range(4)]
        for each in busy:
            await each.__aenter__()
        fifth = asyncio.create_task(greedy.get("/v1/referrals"))
        assert (await polite.get("/v1/referrals")).status_code == 200
        assert not fifth.done()
        for each in busy:
            await each.__aexit__(None, None, None)
        assert (await fifth).status_code == 200


async def test_a_request_waits_two_seconds_for_a_connection_then_is_told_to_come_back(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    settings = settings_for(town, database, keys).model_copy(update={"pool_size": 1})
    async with House.running(town, database, settings) as house:
        officer = await house("officer")
        lane = house.app.state.database.lane("police_officer")
        async with lane.service_transaction():
            away = await officer.get("/v1/referrals")
        refused(away, 503, "unavailable")
        assert away.headers["retry-after"] == "1"
        assert (await officer.get("/v1/referrals")).status_code == 200


async def test_a_caller_with_too_many_requests_waiting_is_told_to_wait_for_their_answers(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    settings = settings_for(town, database, keys).model_copy(update={"pool_size": 2})
    async with House.running(town, database, settings) as house:
        greedy, polite = await house("officer"), await house("officer_same_unit")
        answers = await asyncio.gather(*(greedy.get("/v1/referrals") for _ in range(20 + MOST_WAITING)))
        turned_away = [each for each in answers if each.status_code != 200]
        assert turned_away and len(turned_away) < 20
        for each in turned_away:
            refused(each, 429, "too_many_at_once")
            assert each.headers["retry-after"] == "1"
        assert (await polite.get("/v1/referrals")).status_code == 200
