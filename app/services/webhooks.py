"""Subscriptions: an organisation asks to hear what its keeper could read; nothing else is ever told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Uuid, func, or_, select

from app.access.policy import policy
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models.outbox import Webhook
from app.services.clock import now
from app.services.posts_in_charge import partner_in_charge, post_in_charge
from app.services.sealing import SealingKey
from app.services.webhook_addresses import Reach, checked
from app.services.webhook_secrets import Secret
from app.statements import columns, given
from app.transactions import Reading, Writing

WEBHOOK = columns(Webhook)

MOST_PER_ORGANISATION: Final = 10
KEEPER_LEFT: Final = "owner"
TWO_SECRETS_FOR: Final = timedelta(hours=24)

WEBHOOK_COLUMNS: tuple[Any, ...] = (
    WEBHOOK.id,
    WEBHOOK.account_id.label("kept_by"),
    WEBHOOK.post_id,
    WEBHOOK.partner_id,
    WEBHOOK.url,
    WEBHOOK.event_types,
    WEBHOOK.created_at,
    WEBHOOK.previous_until.label("previous_secret_until"),
    WEBHOOK.failing_since,
    WEBHOOK.paused_at,
    WEBHOOK.paused_because,
    WEBHOOK.ended_at,
)
_webhooks = select(*WEBHOOK_COLUMNS)
ONE = _webhooks.where(WEBHOOK.id == given("id", Uuid))
LIVING = _webhooks.where(WEBHOOK.ended_at.is_(None)).order_by(WEBHOOK.created_at.desc(), WEBHOOK.id.desc())
# Whose keeper has left speaks no more, and nobody is left to end it: it does not stand in the way of another.
HOW_MANY = select(func.count(type_=Integer).label("living")).where(
    WEBHOOK.ended_at.is_(None),
    WEBHOOK.paused_because.is_distinct_from(KEEPER_LEFT),
    or_(*(WEBHOOK[name] == given(name, Uuid) for name in ("post_id", "partner_id"))),
)
HELD = select(*WEBHOOK).where(WEBHOOK.id == given("id", Uuid)).with_for_update(key_share=True)

# What a correction locks.
WEBHOOK_TABLE = Webhook


@dataclass(frozen=True)
class WebhookDesk:
    """What keeping subscriptions takes: the key that seals their secrets, and how far notifications may go."""

    key: SealingKey
    reach: Reach


def heard_by(reading: Reading) -> Sequence[Mapping[str, str]]:
    """The events that the caller may subscribe to, as the policy file says them."""
    events = policy().heard_by(reading.actor.role)
    reading.row_count = len(events)
    return [{"event_type": event.name, "sentence": event.fr, "resource": event.resource.stem} for event in events]


async def subscribe(
    writing: Writing,
    desk: WebhookDesk,
    *,
    id: UUID,
    url: str,
    event_types: Sequence[str],
    post_id: UUID | None,
    partner_id: UUID | None,
) -> dict[str, Any]:
    """Subscribe my organisation. Returns the subscription, and its secret, told once."""
    _check_heard(writing, event_types)
    address = checked(url, desk.reach)
    said = {"post_id": post_id, "partner_id": partner_id}
    place: Any = dict.fromkeys(said) | await _organisation(writing, said)
    if (await writing.row(HOW_MANY, **place))["living"] >= MOST_PER_ORGANISATION:
        raise Conflict("webhooks_too_many")
    secret = Secret.drawn()
    webhook = Webhook(
        id=id,
        account_id=writing.actor.account_id,
        role=writing.actor.role,
        **place,
        url=address,
        event_types=list(event_types),
        sealed_secret=b"",
        secret_digest=secret.digest,
        created_at=now(),
    )
    webhook.sealed_secret = secret.sealed(desk.key, webhook.id)
    await writing.add(webhook)
    writing.about(webhook.id)
    return {**await writing.row(ONE, id=webhook.id), "secret": secret.told()}


async def correct(writing: Writing, desk: WebhookDesk, webhook_id: UUID, said: Mapping[str, Any]) -> None:
    """Another address, or other events; what is waiting goes to the new address."""
    await _held(writing, webhook_id)
    new = dict(said)
    if "event_types" in new:
        _check_heard(writing, new["event_types"])
    if "url" in new:
        new["url"] = checked(new["url"], desk.reach)
    await writing.change(Webhook, new, id=webhook_id)


async def rotate_secret(writing: Writing, desk: WebhookDesk, webhook_id: UUID) -> dict[str, Any]:
    """A new secret, told once; for a day both sign, so that nothing is lost while the subscriber changes."""
    before = await _held(writing, webhook_id)
    secret = Secret.drawn()
    new = {
        "sealed_secret": secret.sealed(desk.key, webhook_id),
        "secret_digest": secret.digest,
        "previous_sealed": before["sealed_secret"],
        "previous_until": now() + TWO_SECRETS_FOR,
    }
    await writing.change(Webhook, new, id=webhook_id)
    return {**await writing.row(ONE, id=webhook_id), "secret": secret.told()}


async def pause(writing: Writing, webhook_id: UUID) -> None:
    """Nothing leaves any more; what happens is kept three days."""
    if (await _held(writing, webhook_id))["paused_at"] is None:
        await writing.change(Webhook, {"paused_at": now(), "paused_because": "asked"}, id=webhook_id)


async def resume(writing: Writing, webhook_id: UUID) -> None:
    """Whatever the pause was for: what waited leaves."""
    await _held(writing, webhook_id)
    new = {"paused_at": None, "paused_because": None, "failing_since": None}
    await writing.change(Webhook, new, id=webhook_id)


async def end(writing: Writing, webhook_id: UUID) -> None:
    """For good: nothing leaves any more, not even what waited."""
    await _held(writing, webhook_id)
    await writing.change(Webhook, {"ended_at": now()}, id=webhook_id)


async def _held(writing: Writing, webhook_id: UUID) -> Any:
    """A living subscription that I keep, locked; ``NotFound`` for another's."""
    writing.about(webhook_id)
    webhook = await writing.row(HELD, id=webhook_id)
    if webhook["account_id"] != writing.actor.account_id:
        raise NotFound
    if webhook["ended_at"] is not None:
        raise Conflict("webhook_ended")
    return webhook


def _check_heard(writing: Writing, event_types: Sequence[str]) -> None:
    heard = {event.name for event in policy().heard_by(writing.actor.role)}
    faults = [
        FieldError(f"/event_types/{place}", "event_not_heard")
        for place, name in enumerate(event_types)
        if name not in heard
    ]
    if faults:
        raise Invalid(*faults)


async def _organisation(writing: Writing, said: Mapping[str, UUID | None]) -> dict[str, UUID]:
    """The post or partner that is told: the only one I work for, or the one I name among mine."""
    kind = "post_id" if writing.actor.role == "social_worker" else "partner_id"
    for other in said.keys() - {kind}:
        if said[other] is not None:
            raise Invalid("not_your_organisation", f"/{other}")
    if kind == "post_id":
        return {kind: await post_in_charge(writing, post_id=said[kind])}
    return {kind: await partner_in_charge(writing, partner_id=said[kind])}
