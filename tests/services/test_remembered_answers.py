"""A request known by one of its keys is known from then on by the other, and no key is left without its answer."""

from __future__ import annotations

import secrets

import asyncpg

from app.access.actor import Actor
from app.services import remembered_answers
from app.services.remembered_answers import Question
from app.transactions import Answer
from tests.house_for_tests import House

ANSWER = Answer(201, {"content-type": "application/json"}, b'{"id":"x"}')
ASKED = secrets.token_bytes(32)


def _question() -> Question:
    return Question(secrets.token_bytes(32), "POST /v1/persons", ASKED, secrets.token_bytes(32))


async def _asked(house: House, actor: Actor, *questions: Question) -> Answer | None:
    lane = house.app.state.database.lane(actor.role)
    async with lane.transaction(actor, "person:add", traced=False, rehearsed=False) as writing:
        known = await remembered_answers.recall(writing, questions)
        if known is None:
            writing.answer = ANSWER
            await remembered_answers.remember(writing, questions)
        return known


async def test_a_request_known_by_its_identifier_is_known_from_then_on_by_a_key_given_later(
    house: House, superuser: asyncpg.Connection
) -> None:
    client = await house("worker")
    actor = house.app.state.verifier.actor(client.headers["authorization"].removeprefix("Bearer "))
    by_id, by_key = _question(), _question()
    assert await _asked(house, actor, by_id) is None
    assert await _asked(house, actor, by_key, by_id) == ANSWER
    assert await _asked(house, actor, by_key, by_id) == ANSWER
    assert await _asked(house, actor, by_key) == ANSWER
    assert await superuser.fetchval("select count(*) from accounts.remembered_answer where sealed = ''") == 0
