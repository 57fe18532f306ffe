"""``relais run`` also notifies, on the lanes it serves; ``relais worker`` says what it lacks."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from app.running.notifying import notifying_beside
from tests.house_for_tests import House, Town, settings_for
from tests.notifying.receiver import Receiver
from tests.notifying.telling import subscribed
from tests.notifying.test_killed import until
from tests.notifying.test_trying_again import silence
from tests.running.relais_for_tests import command


async def test_a_server_tells_subscribers_while_it_serves_and_stops_without_waiting_for_the_slow(
    house: House, receiver: Receiver
) -> None:
    await subscribed(house, receiver, "referral.sent")
    async with notifying_beside(house.app):
        await house.referral()
        await until(lambda: len(receiver.calls) == 1)
        receiver.always = silence
        await house.referral()
        await until(lambda: len(receiver.calls) == 2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 8
    await asyncio.sleep(1.5)
    assert len(receiver.calls) == 2


async def test_a_server_without_the_key_of_subscriptions_serves_all_the_same(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    keyless = {name: key for name, key in keys.items() if name != "webhook_key"}
    without = settings_for(town, database, keyless)
    async with House.running(town, database, without) as house, notifying_beside(house.app):
        assert await house.referral()


def test_a_worker_that_lacks_something_says_what_and_shows_no_key(
    town: Town, tmp_path: Path, keys: dict[str, str]
) -> None:
    home = tmp_path
    url = town.lane_url("partner", "postgres")
    for more, sentence in (
        ({}, "Aucune voie à notifier"),
        ({"RELAIS_DATABASE_URL__PARTNER": url}, "RELAIS_WEBHOOK_KEY"),
        ({"RELAIS_DATABASE_URL__PARTNER": url, "RELAIS_WEBHOOK_KEY": "courte"}, "32 octets"),
        (
            {"RELAIS_DATABASE_URL__PARTNER": url, "RELAIS_WEBHOOK_KEY": keys["webhook_key"],
             "RELAIS_WEBHOOK_NETWORKS": "partout"},
            "RELAIS_WEBHOOK_NETWORKS",
        ),
    ):  # fmt: skip
        done = command(home, 0, "worker", **more)
        assert done.returncode == 1 and sentence in done.stderr, done.stderr
        assert keys["webhook_key"] not in done.stderr and url not in done.stderr
