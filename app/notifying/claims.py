"""Taking what is due, and writing down what came of it: two transactions, nothing held while the receiver is called.

Both open as the keeper of the subscription. What is taken is leased: should this process die, another takes it again
once the lease is over. What the keeper could not read is withheld, and never leaves.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, LargeBinary, String, Uuid, column, func, select, table, update

from app.access.policy import policy
from app.database import Lane
from app.errors import NotFound
from app.models.outbox import Delivery, Webhook
from app.notifying.calendar import GIVES_UP_AFTER, next_attempt
from app.notifying.letters import INSTANT
from app.notifying.line import Heard
from app.services.clock import now
from app.services.sealing import SealingKey
from app.services.webhook_secrets import Secret, opened
from app.statements import columns, given
from app.transactions import Writing

DELIVERY = columns(Delivery)
WEBHOOK = columns(Webhook)

MOST_AT_ONCE: Final = 20
LEASE: Final = timedelta(seconds=60)
"""Longer than a turn: ``notifier.TURN_SECONDS``, one last call, and writing it down."""
ATTEMPTS_KEPT: Final = 30
GONE: Final = 410

_due = func.access.webhooks_due().table_valued(column("webhook_id", Uuid), column("sealed_secret", LargeBinary))
DUE = select(_due.c.webhook_id, _due.c.sealed_secret)
ONE = select(*WEBHOOK).where(WEBHOOK.id == given("id", Uuid), WEBHOOK.paused_at.is_(None))
TAKEN = (
    select(*DELIVERY)
    .where(
        DELIVERY.webhook_id == given("webhook_id", Uuid),
        DELIVERY.state == "pending",
        DELIVERY.next_attempt_at <= func.clock_timestamp(),
    )
    .order_by(DELIVERY.next_attempt_at, DELIVERY.happened_at)
    .limit(MOST_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_some = update(Delivery).where(DELIVERY.id == func.any(given("ids", ARRAY(Uuid))))
LEASED = _some.values(next_attempt_at=given("until", DateTime(timezone=True))).returning(DELIVERY.id)
OVER = _some.values(state=given("state", String), next_attempt_at=None).returning(DELIVERY.id)
PAUSED = (
    update(Webhook)
    .where(WEBHOOK.id == given("id", Uuid), WEBHOOK.paused_at.is_(None))
    .values(paused_at=given("at", DateTime(timezone=True)), paused_because=given("because", String))
    .returning(WEBHOOK.id)
)


def _readable(name: str) -> Any:
    """Of some rows, those that PostgreSQL shows the keeper: the rules of the resource, and nothing of ours."""
    schema, _, said = name.partition(".")
    rows = table(said, column("id", Uuid), schema=schema)
    return select(rows.c.id).where(rows.c.id == func.any(given("ids", ARRAY(Uuid))))


READABLE: Mapping[str, Any] = {
    event.name: _readable(event.resource.table) for event in policy().events.values() if event.resource.table
}


@dataclass(frozen=True)
class Claim:
    """What one subscription has to be told, for as long as the lease lasts."""

    webhook: Mapping[str, Any]
    secrets: Sequence[Secret]
    deliveries: Sequence[Mapping[str, Any]]
    leased_until: datetime


@dataclass(frozen=True)
class Told:
    """One attempt: of which notification, when, and what came of it."""

    delivery: Mapping[str, Any]
    at: datetime
    heard: Heard


async def due(lane: Lane) -> Sequence[tuple[UUID, bytes]]:
    """The subscriptions of a lane that have something to be told, and their sealed secrets."""
    async with lane.service_transaction() as writing:
        return [(row["webhook_id"], row["sealed_secret"]) for row in await writing.rows(DUE)]


async def claim(lane: Lane, key: SealingKey, webhook_id: UUID, sealed: bytes) -> Claim:
    """Take what is due, as the keeper sees it. ``NotFound`` when the subscription is over, paused, or taken away."""
    secret = opened(sealed, key, webhook_id)
    until = now() + LEASE
    async with lane.webhook_transaction(webhook_id, secret.proof) as writing:
        webhook = await writing.row(ONE, id=webhook_id)
        taken = await writing.rows(TAKEN, webhook_id=webhook_id)
        writing.about(webhook_id, rows=len(taken))
        late = [row for row in taken if row["next_attempt_at"] < now() - GIVES_UP_AFTER]
        fresh = [row for row in taken if row not in late]
        seen = await _seen(writing, fresh)
        await writing.rows(OVER, ids=[row["id"] for row in late], state="failed")
        await writing.rows(OVER, ids=[row["id"] for row in fresh if row["id"] not in seen], state="withheld")
        await writing.rows(LEASED, ids=list(seen), until=until)
    secrets = [secret]
    if webhook["previous_sealed"] is not None and webhook["previous_until"] > now():
        secrets.append(opened(webhook["previous_sealed"], key, webhook_id))
    return Claim(webhook, secrets, [row for row in fresh if row["id"] in seen], until)


async def _seen(writing: Writing, deliveries: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Those whose object the keeper can read at this very moment."""
    seen: set[UUID] = set()
    for kind, readable in READABLE.items():
        told = [row for row in deliveries if row["event_type"] == kind]
        if told:
            found = await writing.rows(readable, ids=[row["subject_id"] for row in told])
            subjects = {row["id"] for row in found}
            seen |= {row["id"] for row in told if row["subject_id"] in subjects}
    return seen


async def record(lane: Lane, claimed: Claim, told: Sequence[Told]) -> str | None:
    """Write down what came of each; what was not tried is given back. Returns why the subscription pauses, if so."""
    webhook_id: UUID = claimed.webhook["id"]
    async with lane.webhook_transaction(webhook_id, claimed.secrets[0].proof, traced=False) as writing:
        for each in told:
            await _record_one(writing, claimed, each)
        tried = {each.delivery["id"] for each in told}
        left = [row["id"] for row in claimed.deliveries if row["id"] not in tried]
        await writing.rows(LEASED, ids=left, until=now() + timedelta(seconds=5))
        return await _judge(writing, claimed, told[-1]) if told else None


async def _record_one(writing: Writing, claimed: Claim, told: Told) -> None:
    heard, tries = told.heard, told.delivery["tries"] + 1
    attempt = {
        "at": told.at.strftime(INSTANT), "status": heard.status, "failure": heard.failure,
        "duration_ms": heard.duration_ms,
    }  # fmt: skip
    again = next_attempt(tries, at=now(), status=heard.status, retry_after=heard.retry_after)
    state = "delivered" if heard.well else "pending" if again else "failed"
    values = {
        "attempts": [*json.loads(told.delivery["attempts"]), attempt][-ATTEMPTS_KEPT:],
        "tries": tries,
        "state": state,
        "next_attempt_at": again if state == "pending" else None,
        "delivered_at": now() if heard.well else None,
    }
    # The lease is over, and another process has it: what it writes is truer.
    with contextlib.suppress(NotFound):
        await writing.change(Delivery, values, id=told.delivery["id"], next_attempt_at=claimed.leased_until)


async def _judge(writing: Writing, claimed: Claim, last: Told) -> str | None:
    """Since when does it fail? Three days without a success, or gone: a pause, until someone looks."""
    webhook_id, since = claimed.webhook["id"], claimed.webhook["failing_since"]
    failing = None if last.heard.well else since or last.at
    if failing != since:
        await writing.change(Webhook, {"failing_since": failing}, id=webhook_id)
    because = None
    if last.heard.status == GONE:
        because = "gone"
    elif failing is not None and failing < now() - GIVES_UP_AFTER:
        because = "failing"
    if because is not None:
        paused = await writing.rows(PAUSED, id=webhook_id, at=now(), because=because)
        because = because if paused else None
    return because
