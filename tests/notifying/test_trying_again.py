"""Until it is heard: tried again for three days, never insisted upon, paused when it is of no use."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.notifying import calendar, claims
from app.notifying.calendar import DELAYS, next_attempt
from app.notifying.notifier import Notifier
from tests.house_for_tests import House
from tests.notifying.receiver import Receiver, receiving, status
from tests.notifying.telling import later, log_of, subscribed, told

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def test_it_is_tried_ten_times_over_three_days_then_given_up(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    receiver.always = status(500)
    waits = []
    for _ in range(10):
        await later(superuser)
        tried_at = datetime.now(UTC)
        await told(notifier)
        (shown,) = await log_of(house, webhook)
        if shown["next_attempt_at"]:
            waits.append(datetime.fromisoformat(shown["next_attempt_at"]) - tried_at)
    assert shown["state"] == "failed" and len(shown["attempts"]) == 10
    assert {each["status"] for each in shown["attempts"]} == {500}
    assert len(receiver.calls) == 10 and len(receiver.names) == 1
    for waited, planned in zip(waits, DELAYS, strict=True):
        assert planned <= waited <= planned * 1.1 + timedelta(seconds=10)
    assert timedelta(days=3) < sum(DELAYS, timedelta()) < timedelta(days=3.5)
    await later(superuser)
    await told(notifier)
    assert len(receiver.calls) == 10


async def test_a_receiver_that_comes_back_hears_everything_once(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    sent = {(await house.referral())["id"] for _ in range(30)}
    receiver.answers = [status(503), status(404)]
    while await superuser.fetchval("select count(*) from outbox.delivery where state = 'pending'"):
        await later(superuser)
        await told(notifier)
    assert {call.said["data"]["id"] for call in receiver.calls} == sent
    assert (len(receiver.names), len(receiver.calls)) == (30, 32)
    shown = (await (await house("worker")).get(f"/v1/webhooks/{webhook['id']}")).json()
    assert shown["failing_since"] is None
    states = {each["state"] for each in await log_of(house, webhook)}
    assert states == {"delivered"}


async def test_a_receiver_that_asks_to_wait_is_obeyed_within_a_day(
    house: House, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    receiver.answers = [status(429, "Retry-After: 120")]
    before = datetime.now(UTC)
    await told(notifier)
    (shown,) = await log_of(house, webhook)
    waited = datetime.fromisoformat(shown["next_attempt_at"]) - before
    assert timedelta(seconds=119) < waited < timedelta(seconds=130)


@pytest.mark.parametrize(
    ("code", "said", "seconds"),
    [
        (503, "3600", 3600),
        (429, "99999999999999999999999", 86400),
        (502, "Sat, 28 Nov 2026 13:00:00 GMT", 3600),
        (504, "Sat, 28 Nov 2026 11:00:00 GMT", 5),
        (503, "Sat, 28 Nov 9999 11:00:00 GMT", 86400),
        (503, "bientôt", 5),
        (503, "-5", 5),
        (503, "", 5),
        (503, None, 5),
        (503, "²", 5),
        (500, "3600", 5),
        (404, "3600", 5),
    ],
)
def test_how_long_a_receiver_may_ask_us_to_wait(code: int, said: str | None, seconds: int) -> None:
    again = next_attempt(1, at=AT, status=code, retry_after=said)
    assert again is not None
    assert seconds <= (again - AT).total_seconds() <= max(seconds, 5.5)


async def test_an_address_that_is_gone_pauses_its_subscription_at_once_and_nothing_is_lost(
    house: House, receiver: Receiver, notifier: Notifier, superuser: asyncpg.Connection
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    address, worker = f"/v1/webhooks/{webhook['id']}", await house("worker")
    for _ in range(2):
        await house.referral()
    receiver.answers = [status(410)]
    await told(notifier)
    assert len(receiver.calls) == 1
    assert (await worker.get(address)).json()["paused_because"] == "gone"
    await later(superuser)
    await told(notifier)
    assert len(receiver.calls) == 1
    assert 'relais_alarms_total{kind="webhook_gone"} 1.0' in house.app.state.watch.page().decode()
    assert (await worker.post(f"{address}/resume")).json()["paused_because"] is None
    await told(notifier)
    assert len(receiver.names) == 2


async def test_after_three_days_of_failures_a_subscription_is_paused_and_the_operator_is_told(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    receiver.always = status(500)
    await told(notifier)
    shown = (await (await house("worker")).get("/v1/webhooks")).json()["items"][0]
    assert shown["failing_since"] and shown["paused_at"] is None
    await superuser.execute("update outbox.webhook set failing_since = now() - interval '73 hours'")
    await later(superuser)
    await told(notifier)
    shown = (await (await house("worker")).get("/v1/webhooks")).json()["items"][0]
    assert (shown["id"], shown["paused_because"]) == (webhook["id"], "failing")
    assert 'relais_alarms_total{kind="webhook_failing"} 1.0' in house.app.state.watch.page().decode()


async def test_a_success_forgets_the_failures_before_it(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    await subscribed(house, receiver, "referral.sent")
    await superuser.execute("update outbox.webhook set failing_since = now() - interval '73 hours'")
    await house.referral()
    await told(notifier)
    assert await superuser.fetchval("select failing_since is null and paused_at is null from outbox.webhook")


async def test_what_waited_three_days_during_a_pause_is_given_up_and_can_be_sent_again(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    address, worker = f"/v1/webhooks/{webhook['id']}", await house("worker")
    await worker.post(f"{address}/pause")
    old, fresh = (await house.referral())["id"], (await house.referral())["id"]
    await told(notifier)
    assert receiver.calls == []
    await superuser.execute(
        "update outbox.delivery set happened_at = now() - interval '80 hours', next_attempt_at = now() -"
        " interval '80 hours' where subject_id = $1",
        old,
    )
    await worker.post(f"{address}/resume")
    await told(notifier)
    assert [call.said["data"]["id"] for call in receiver.calls] == [fresh]
    states = {each["subject_id"]: each["state"] for each in await log_of(house, webhook)}
    assert states == {fresh: "delivered", old: "failed"}
    since = (datetime.now(UTC) - timedelta(days=5)).isoformat()
    assert (await worker.post(f"{address}/replay", json={"since": datetime.now(UTC).isoformat()})).json() == {
        "replayed": 0
    }
    assert (await worker.post(f"{address}/replay", json={"since": since})).json() == {"replayed": 1}
    await told(notifier)
    assert [call.said["data"]["id"] for call in receiver.calls] == [fresh, old]


async def test_what_was_told_is_sent_again_on_demand_under_the_same_identifier(
    house: House, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    await told(notifier)
    (shown,) = await log_of(house, webhook)
    again = f"/v1/webhooks/{webhook['id']}/deliveries/{shown['id']}/replay"
    assert (await (await house("worker_elsewhere")).post(again)).status_code == 404
    assert (await (await house("officer")).post(again)).status_code == 403
    answer = await (await house("worker")).post(again)
    assert (answer.json()["state"], answer.json()["delivered_at"]) == ("pending", None)
    await told(notifier)
    assert (len(receiver.calls), len(receiver.names)) == (2, 1)
    (shown,) = await log_of(house, webhook)
    assert len(shown["attempts"]) == 2 and shown["state"] == "delivered"


async def drips(writer: asyncio.StreamWriter) -> None:
    """One octet of a header every tenth of a second."""
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.1)


async def floods(writer: asyncio.StreamWriter) -> None:
    """A body without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
        await writer.drain()


async def gibberish(writer: asyncio.StreamWriter) -> None:
    """Not HTTP."""
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    await writer.drain()
    writer.close()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    """A head without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"a" * 8000 + b"\r\n")
        await writer.drain()


async def silence(_: asyncio.StreamWriter) -> None:
    """Takes the request, and never answers."""
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(floods, (200, None)), (gibberish, (None, "not_http")), (endless_headers, (None, "not_http"))],
)
async def test_a_receiver_that_misbehaves_costs_little_and_nothing_it_says_is_kept(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier, answer: Any, expected: Any
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    receiver.always = answer
    begun = time.monotonic()
    await told(notifier)
    assert time.monotonic() - begun < 5
    (shown,) = await log_of(house, webhook)
    (attempt,) = shown["attempts"]
    assert (attempt["status"], attempt["failure"]) == expected
    assert attempt.keys() == {"at", "status", "failure", "duration_ms"}
    kept = await superuser.fetchval("select row_to_json(d)::text from outbox.delivery d")
    assert "OpenSSH" not in kept and "X-More" not in kept


async def test_a_redirect_is_a_failure_and_is_never_followed(
    house: House, receiver: Receiver, notifier: Notifier
) -> None:
    async with receiving() as inner:
        webhook = await subscribed(house, receiver, "referral.sent")
        await house.referral()
        receiver.always = status(307, f"Location: {inner.url}")
        await told(notifier)
        (shown,) = await log_of(house, webhook)
        assert [each["status"] for each in shown["attempts"]] == [307] and shown["state"] == "pending"
        assert inner.calls == []


async def test_a_slow_receiver_is_left_after_fifteen_seconds_and_delays_no_other(
    house: House, superuser: asyncpg.Connection
) -> None:
    async with receiving() as slow, receiving() as dripping, receiving() as quick:
        slow.always, dripping.always = silence, drips
        stuck = [await subscribed(house, each, "referral.sent") for each in (slow, dripping)]
        await subscribed(house, quick, "referral.sent")
        notifier = Notifier(house.app.state.database, house.app.state.webhook_desk, at_once=4)
        stopping = asyncio.Event()
        running = asyncio.create_task(notifier.run(stopping))
        for _ in range(5):
            await house.referral()
        begun = time.monotonic()
        while len(quick.names) < 5:
            assert time.monotonic() - begun < 6
            await asyncio.sleep(0.05)
        # Each is called once at a time, whatever it has to be told.
        assert (len(slow.calls), len(dripping.calls)) == (1, 1)
        stopping.set()
        await running
        assert time.monotonic() - begun < 25
        for webhook in stuck:
            told_once = [each for each in await log_of(house, webhook) if each["attempts"]]
            ((attempt,),) = [each["attempts"] for each in told_once]
            assert attempt["failure"] == "timeout" and 14_000 < attempt["duration_ms"] < 17_000


async def test_two_workers_never_take_the_same_notification(house: House, superuser: asyncpg.Connection) -> None:
    async with receiving() as receiver:
        await subscribed(house, receiver, "referral.sent")
        for _ in range(25):
            await house.referral()
        state = house.app.state
        several = [Notifier(state.database, state.webhook_desk) for _ in range(4)]
        while await superuser.fetchval("select count(*) from outbox.delivery where state = 'pending'"):
            await asyncio.gather(*(told(each) for each in several))
        assert (len(receiver.calls), len(receiver.names)) == (25, 25)


def test_a_lease_outlasts_a_turn_and_its_last_call() -> None:
    from app.notifying.line import SECONDS
    from app.notifying.notifier import TURN_SECONDS

    assert timedelta(seconds=TURN_SECONDS + SECONDS + 10) < claims.LEASE
    assert calendar.TRIES == 10
