"""What the tests of notifications share: subscribing a receiver, letting the notifier work, moving the clock."""

from __future__ import annotations

from typing import Any

import asyncpg

from app.notifying.notifier import Notifier
from tests.house_for_tests import House
from tests.notifying.receiver import Receiver


async def subscribed(house: House, receiver: Receiver, *events: str, by: str = "worker", **said: Any) -> dict[str, Any]:
    """A subscription of somebody's organisation to these events, towards this receiver."""
    draft = {"url": receiver.url, "event_types": list(events), **said}
    answer = await (await house(by)).post("/v1/webhooks", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told(notifier: Notifier) -> None:
    """One look, and the turns it began."""
    await notifier.look()
    await notifier.settle()


async def later(superuser: asyncpg.Connection) -> None:
    """The instant of the next attempt has come."""
    await superuser.execute("update outbox.delivery set next_attempt_at = now() where state = 'pending'")


async def log_of(house: House, webhook: dict[str, Any], by: str = "worker") -> list[dict[str, Any]]:
    """The log, newest first, as the API shows it."""
    answer = await (await house(by)).get(f"/v1/webhooks/{webhook['id']}/deliveries")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
