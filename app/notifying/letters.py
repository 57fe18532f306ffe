"""What is sent: a type, an instant, an identifier, signed as Standard Webhooks say. Nothing else, ever."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

from app.services.webhook_secrets import Secret

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def written(delivery: Mapping[str, Any]) -> bytes:
    """The body: whoever receives it reads the rest by the API, with its own rights."""
    said = {
        "type": delivery["event_type"],
        "timestamp": delivery["happened_at"].strftime(INSTANT),
        "data": {"id": str(delivery["subject_id"])},
    }
    return json.dumps(said, separators=(",", ":")).encode()


def signed(delivery: Mapping[str, Any], body: bytes, secrets: Sequence[Secret], *, at: datetime) -> dict[str, str]:
    """The headers: one signature a secret, so that during a rotation the old one still verifies. ``at`` is in UTC."""
    # The same identifier at each attempt: whoever had it already recognises it.
    name = str(delivery["id"])
    signatures = [Webhook(secret.octets).sign(name, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
        "User-Agent": "Relais",
    }
