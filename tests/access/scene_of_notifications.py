"""Who has subscribed to what in the scene, in each state, and what waits to be told to each."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.access.policy import policy
from app.models.columns import new_id

EVERY_EVENT = tuple(policy().events)


class Subscription(NamedTuple):
    """Who keeps it, for which unit, post or partner; what it asks to hear; whether it is over, or paused."""

    keeper: str
    unit: str | None = None
    post: str | None = None
    partner: str | None = None
    hears: tuple[str, ...] = EVERY_EVENT
    ended: bool = False
    paused: bool = False

    @property
    def role(self) -> str:
        """The role through whose lane it is told."""
        return "police_officer" if self.unit else "social_worker" if self.post else "partner"


# All ask for every event: what an organisation hears is for its place to decide, not for what it asked.
WEBHOOKS = {
    "unit_webhook": Subscription("officer", unit="north"),
    "colleagues_unit_webhook": Subscription("officer_same_unit", unit="north"),
    "far_unit_webhook": Subscription("officer_elsewhere", unit="faraway"),
    "post_webhook": Subscription("worker", post="shared_post"),
    "far_post_webhook": Subscription("worker_elsewhere", post="other_post"),
    "far_successors_post_webhook": Subscription("far_successor", post="other_post"),
    "partner_webhook": Subscription("partner", partner="ccas"),
    "software_webhook": Subscription("software", partner="ccas"),
    "other_partner_webhook": Subscription("partner_elsewhere", partner="association"),
    # One event alone, which concerns another place.
    "unit_webhook_of_one_event": Subscription("officer", unit="north", hears=("referral.sent",)),
    "post_webhook_of_one_event": Subscription("worker", post="shared_post", hears=("orientation.closed",)),
    "partner_webhook_of_one_event": Subscription("partner", partner="ccas", hears=("referral.sent",)),
    "ended_unit_webhook": Subscription("officer", unit="north", ended=True),
    "ended_post_webhook": Subscription("worker", post="shared_post", ended=True),
    "ended_partner_webhook": Subscription("partner", partner="ccas", ended=True),
    "paused_unit_webhook": Subscription("officer", unit="north", paused=True),
    # Whoever keeps them has left, has changed role, is suspended or was never approved.
    "webhook_of_former_officer": Subscription("former_officer", unit="north"),
    "webhook_of_future_officer": Subscription("future_officer", unit="north"),
    "webhook_of_former_worker": Subscription("former_worker", post="shared_post"),
    "webhook_of_gone_worker": Subscription("gone_worker", post="shared_post"),
    "webhook_of_suspended_worker": Subscription("suspended_worker", post="shared_post"),
    "webhook_of_unapproved_worker": Subscription("unapproved_worker", post="shared_post"),
    "webhook_of_posting_unapproved": Subscription("posting_unapproved", post="shared_post"),
    "webhook_of_promoted": Subscription("promoted", post="shared_post"),
    "webhook_of_former_partner": Subscription("former_partner", partner="ccas"),
    "webhook_of_gone_partner": Subscription("gone_partner", partner="ccas"),
    # Kept for a place where its keeper is not posted, or only replaces.
    "webhook_of_replacing": Subscription("replacing", post="other_post"),
    "unit_webhook_of_officer_elsewhere": Subscription("officer_elsewhere", unit="north"),
}
WITHOUT_A_READER = tuple(
    name for name in WEBHOOKS if name.startswith("webhook_of_") or name == "unit_webhook_of_officer_elsewhere"
)


def proof_of(webhook: str) -> bytes:
    """What whoever delivers draws from the secret of this subscription; the database keeps its digest."""
    return sha256(f"the proof of {webhook}".encode()).digest()


async def what_is_told(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """Every subscription, each with one notification that waits; and what is kept of repeats and of quotas."""
    for name, said in WEBHOOKS.items():
        ids[name], ids[f"delivery_of_{name}"] = new_id(), new_id()
        places = [ids.get(each or "") for each in (said.unit, said.post, said.partner)]
        await connection.execute(
            "insert into outbox.webhook (id, account_id, role, unit_id, post_id, partner_id, url, event_types,"
            " sealed_secret, secret_digest, created_at, ended_at, paused_at, paused_because)"
            " values ($1, $2, $3, $4, $5, $6, 'https://abonne.exemple.test/relais', $7, $8, sha256($9), now(),"
            " case when $10 then now() end, case when $11 then now() end, case when $11 then 'asked' end)",
            ids[name], ids[said.keeper], said.role, *places, list(said.hears), bytes(60) + name.encode(),
            proof_of(name), said.ended, said.paused,
        )  # fmt: skip
        await connection.execute(
            "insert into outbox.delivery (id, webhook_id, unit_id, post_id, partner_id, event_type, subject_id,"
            " happened_at, next_attempt_at) values ($1, $2, $3, $4, $5, $6, $7, now(), now())",
            ids[f"delivery_of_{name}"], ids[name], *places, said.hears[0], ids["referral"],
        )  # fmt: skip
    # A unit that the post is to serve from tomorrow.
    ids["next_unit"] = new_id()
    await connection.execute(
        "insert into organisation.unit values ($1, 'Unité de demain', 'police', '28', 'Dreux')", ids["next_unit"]
    )
    await connection.execute(
        "insert into organisation.post_unit values ($1, $2, access.today() + 1)", ids["shared_post"], ids["next_unit"]
    )
    await connection.execute(
        "insert into accounts.remembered_answer values"
        " ($1, sha256('a key'), 'POST /v1/notes', sha256('a question'), 'a standing', 'an answer', now())",
        ids["worker"],
    )
    await connection.execute("insert into accounts.quota values (sha256('a caller'), 3, now() + interval '1 hour')")
