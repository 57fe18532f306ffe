"""What the routes of subscriptions take from this process: the key of their secrets, and how far they may reach."""

from __future__ import annotations

from starlette.requests import Request

from app.errors import Unavailable
from app.services.webhooks import WebhookDesk


async def webhook_desk(request: Request) -> WebhookDesk:
    """The desk; 503 where there is no key (``RELAIS_WEBHOOK_KEY``)."""
    desk: WebhookDesk | None = request.app.state.webhook_desk
    if desk is None:
        raise Unavailable(retry_after=60)
    return desk
