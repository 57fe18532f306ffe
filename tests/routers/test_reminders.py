"""Reminders: what was transmitted and left without an answer, in working days of the département."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg

from app.references.working_days import working_days_before
from app.services.clock import PARIS, today
from tests.house_for_tests import House
from tests.routers.asking import faults, refused

REMINDERS = "/v1/orientations/reminders"
NOON = time(12)


async def sent_on(house: House, superuser: asyncpg.Connection, working_days: int, *, at: time = NOON) -> Any:
    """An orientation transmitted so many working days ago, at noon unless told otherwise."""
    sent = await house.sent_orientation()
    day = working_days_before(today(), working_days, "28")
    sent_at = datetime.combine(day, at, PARIS).astimezone(UTC)
    await superuser.execute("update exchange.orientation set sent_at = $2 where id = $1", sent["id"], sent_at)
    return sent


async def reminded(house: House, working_days: int, by: str = "worker") -> list[tuple[str, int]]:
    answer = await (await house(by)).get(REMINDERS, params={"working_days": working_days})
    return [(each["id"], each["waited_working_days"]) for each in answer.json()["items"]]


async def test_an_orientation_without_an_answer_is_recalled_from_the_day_that_was_asked(
    house: House, superuser: asyncpg.Connection
) -> None:
    sent = await sent_on(house, superuser, 10)

    assert await reminded(house, 10) == [(sent["id"], 10)]
    assert await reminded(house, 11) == []
    assert await reminded(house, 10, by="worker_elsewhere") == []


async def test_what_was_sent_in_the_evening_is_recalled_from_the_next_morning(
    house: House, superuser: asyncpg.Connection
) -> None:
    # On a Sunday or a Monday a whole day has passed since the last evening of work: the other days tell.
    sent = await sent_on(house, superuser, 1, at=time(23, 59, 59))

    assert await reminded(house, 1) == [(sent["id"], 1)]
    assert await reminded(house, 2) == []


async def test_any_answer_of_the_partner_ends_the_reminder(house: House, superuser: asyncpg.Connection) -> None:
    sent = await sent_on(house, superuser, 10)
    await (await house("partner")).post(f"/v1/orientations/{sent['id']}/acknowledge")

    assert await reminded(house, 1) == []


async def test_the_oldest_comes_first_and_a_closed_exchange_is_no_longer_recalled(
    house: House, superuser: asyncpg.Connection
) -> None:
    recent, old, closed = [await sent_on(house, superuser, days) for days in (6, 9, 12)]
    await (await house("worker")).post(f"/v1/orientations/{closed['id']}/close")

    assert [each for each, _ in await reminded(house, 5)] == [old["id"], recent["id"]]


async def test_the_public_holidays_of_the_departement_count(house: House, superuser: asyncpg.Connection) -> None:
    # The whole year holds more holidays in Alsace-Moselle than elsewhere: the same day is fewer working days away.
    sent = await house.sent_orientation()
    at = datetime.now(UTC) - timedelta(days=365)
    await superuser.execute("update exchange.orientation set sent_at = $2 where id = $1", sent["id"], at)
    ((_, here),) = await reminded(house, 60)
    await superuser.execute("update organisation.employer set departement_code = '67'")
    ((_, in_alsace),) = await reminded(house, 60)

    assert in_alsace < here


async def test_the_delay_is_bounded_and_the_list_is_the_posts_own(house: House) -> None:
    worker = await house("worker")
    for wrong in ("0", "61", "dix"):
        assert list(faults(await worker.get(REMINDERS, params={"working_days": wrong}))) == ["working_days"]
    for who in ("officer", "partner", "coordinator"):
        refused(await (await house(who)).get(REMINDERS), 403, "forbidden")
