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
    """Who keeps it, for which post or partner; what it asks to hear; whether it is over; why it is paused, if it is."""

    keeper: str
    post: str | None = None
    partner: str | None = None
    hears: tuple[str, ...] = EVERY_EVENT
    ended: bool = False
    paused: str | None = None

    @property
    def role(self) -> str:
        """The role through whose lane it is told."""
        return "social_worker" if self.post else "partner"


# All ask for every event: what an organisation hears is for its place to decide, not for what it asked.
WEBHOOKS = {
    "post_webhook": Subscription("worker", post="shared_post"),
    "colleagues_post_webhook": Subscription("colleague", post="shared_post"),
    "far_post_webhook": Subscription("worker_elsewhere", post="other_post"),
    "far_successors_post_webhook": Subscription("far_successor", post="other_post"),
    "partner_webhook": Subscription("partner", partner="ccas"),
    "software_webhook": Subscription("software", partner="ccas"),
    "other_partner_webhook": Subscription("partner_elsewhere", partner="association"),
    # One event alone, which concerns another place.
    "post_webhook_of_one_event": Subscription("worker", post="shared_post", hears=("orientation.closed",)),
    "partner_webhook_of_one_event": Subscription("partner", partner="ccas", hears=("referral.sent",)),
    "ended_post_webhook": Subscription("worker", post="shared_post", ended=True),
    "ended_partner_webhook": Subscription("partner", partner="ccas", ended=True),
    "paused_post_webhook": Subscription("worker", post="shared_post", paused="asked"),
    "paused_partner_webhook": Subscription("partner", partner="ccas", paused="failing"),
    # Whoever keeps them has left, has changed role, is suspended or was never approved.
    "webhook_of_former_worker": Subscription("former_worker", post="shared_post"),
    "webhook_of_future_worker": Subscription("future_worker", post="shared_post"),
    "webhook_of_gone_worker": Subscription("gone_worker", post="shared_post"),
    "webhook_of_suspended_worker": Subscription("suspended_worker", post="shared_post"),
    "webhook_of_unapproved_worker": Subscription("unapproved_worker", post="shared_post"),
    "webhook_of_posting_unapproved": Subscription("posting_unapproved", post="shared_post"),
    "webhook_of_promoted": Subscription("promoted", post="shared_post"),
    "webhook_of_former_partner": Subscription("former_partner", partner="ccas"),
    "webhook_of_future_partner": Subscription("future_partner", partner="ccas"),
    "webhook_of_gone_partner": Subscription("gone_partner", partner="ccas"),
    # Nobody is left to read them, and it has been noticed.
    "webhook_of_former_worker_noticed": Subscription("former_worker", post="shared_post", paused="owner"),
    "webhook_of_former_partner_noticed": Subscription("former_partner", partner="ccas", paused="owner"),
    # Kept for a place where its keeper is not posted, or only replaces.
    "webhook_of_replacing": Subscription("replacing", post="other_post"),
    "post_webhook_of_worker_elsewhere": Subscription("worker_elsewhere", post="shared_post"),
}
WITHOUT_A_READER = tuple(
    name for name in WEBHOOKS if name.startswith("webhook_of_") or name == "post_webhook_of_worker_elsewhere"
)


def proof_of(webhook: str) -> bytes:
    """What whoever delivers draws from the secret of this subscription; the database keeps its digest."""
    return sha256(f"the proof of {webhook}".encode()).digest()


async def what_is_told(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """Every subscription, each with one notification that waits; and what is kept of repeats and of quotas."""
    for name, said in WEBHOOKS.items():
        ids[name], ids[f"delivery_of_{name}"] = new_id(), new_id()
        places = [ids.get(each or "") for each in (said.post, said.partner)]
        await connection.execute(
            "insert into outbox.webhook (id, account_id, role, post_id, partner_id, url, event_types,"
            " sealed_secret, secret_digest, created_at, ended_at, paused_at, paused_because)"
            " values ($1, $2, $3, $4, $5, 'https://abonne.exemple.test/relais', $6, $7, sha256($8), now(),"
            " case when $9 then now() end, case when $10::text is not null then now() end, $10)",
            ids[name], ids[said.keeper], said.role, *places, list(said.hears), bytes(60) + name.encode(),
            proof_of(name), said.ended, said.paused,
        )  # fmt: skip
        await connection.execute(
            "insert into outbox.delivery (id, webhook_id, post_id, partner_id, event_type, subject_id,"
            " happened_at, next_attempt_at) values ($1, $2, $3, $4, $5, $6, now(), now())",
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
