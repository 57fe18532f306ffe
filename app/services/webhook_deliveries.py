"""The log of what a subscription was told, and what is sent again on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Uuid, select, update

from app.errors import Conflict
from app.models.outbox import Delivery
from app.services import webhooks
from app.services.clock import now
from app.services.posts_in_charge import check_held
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Page, Reading, Writing

DELIVERY = columns(Delivery)

DELIVERY_COLUMNS: tuple[Any, ...] = (
    DELIVERY.id,
    DELIVERY.event_type,
    DELIVERY.subject_id,
    DELIVERY.happened_at,
    DELIVERY.state,
    DELIVERY.attempts,
    DELIVERY.next_attempt_at,
    DELIVERY.delivered_at,
)
_of_webhook = select(*DELIVERY_COLUMNS).where(DELIVERY.webhook_id == given("webhook_id", Uuid))
NEWEST = newest_first_everywhere(_of_webhook, at=DELIVERY.happened_at, key=DELIVERY.id)
ONE = _of_webhook.where(DELIVERY.id == given("id", Uuid))

AGAIN: Final = {"state": "pending", "tries": 0, "delivered_at": None}
ALL_FAILED_AGAIN = (
    update(Delivery)
    .where(
        DELIVERY.webhook_id == given("webhook_id", Uuid),
        DELIVERY.state == "failed",
        DELIVERY.happened_at >= given("since", DateTime(timezone=True)),
    )
    .values(**AGAIN, next_attempt_at=given("at", DateTime(timezone=True)))
    .returning(DELIVERY.id)
)


async def list_of_webhook(
    reading: Reading, webhook_id: UUID, schema: Any, *, limit: int, after: tuple[Any, UUID] | None
) -> Page:
    """What a subscription of my organisation was told, newest first; kept thirty days."""
    reading.about(webhook_id, rows=0)
    await reading.row(webhooks.ONE, id=webhook_id)
    return await reading.page(NEWEST, schema, limit=limit, after=after, webhook_id=webhook_id)


async def replay(writing: Writing, webhook_id: UUID, delivery_id: UUID) -> None:
    """Send one notification again, under the same identifier: whoever had it recognises it."""
    await _living(writing, webhook_id)
    await writing.row(ONE, webhook_id=webhook_id, id=delivery_id)
    await writing.change(Delivery, {**AGAIN, "next_attempt_at": now()}, webhook_id=webhook_id, id=delivery_id)


async def replay_failed(writing: Writing, webhook_id: UUID, *, since: datetime) -> dict[str, int]:
    """Send again everything that was given up since an instant. Returns how many."""
    await _living(writing, webhook_id)
    again = await writing.rows(ALL_FAILED_AGAIN, webhook_id=webhook_id, since=since, at=now())
    return {"replayed": len(again)}


async def _living(writing: Writing, webhook_id: UUID) -> None:
    writing.about(webhook_id)
    webhook = await writing.row(webhooks.ONE, id=webhook_id)
    if webhook["post_id"] is not None:
        await check_held(writing, webhook["post_id"])
    if webhook["ended_at"] is not None:
        raise Conflict("webhook_ended")
