"""How to call the routes of subscriptions: a post and a partner each have their own, and nobody else any.

Nine routes are about one subscription and an organisation keeps ten at most: the same serves until it is ended.
"""

from __future__ import annotations

from typing import Any

from tests.access.calling import Way, unless, way
from tests.access.walking import Ground

W = "/v1/webhooks"
ONE = f"{W}/{{webhook_id}}"
URL = "https://abonne.exemple.test/relais"
# Who keeps the subscription of each organisation, and what it hears.
HEARS = {"worker": "referral.sent", "partner": "orientation.transmitted"}
KEEPERS = {"partner": "partner"}


async def subscription(ground: Ground, by: str) -> str:
    """The path of a living subscription kept by this person."""
    client = await ground.house(by)
    for known in (await client.get(W)).json()["items"]:
        if known["kept_by"] == str(ground.house.ids[by]):
            return f"{W}/{known['id']}"
    return f"{W}/{(await ground.made(W, {'url': URL, 'event_types': [HEARS[by]]}, by=by))['id']}"


async def _happens(ground: Ground, by: str) -> None:
    """Something that this person's organisation hears."""
    if by == "worker":
        await ground.house.referral()
    else:
        await ground.house.sent_orientation()


async def delivery(ground: Ground, by: str) -> str:
    """The path of a notification that waits for this person's organisation."""
    path = f"{await subscription(ground, by)}/deliveries"
    await _happens(ground, by)
    listed = (await (await ground.house(by)).get(f"{path}?limit=1")).json()["items"]
    return f"{path}/{listed[0]['id']}"


def _each(scope: str, prepare: Any = subscription, **said: Any) -> Way:
    """The same call by whoever keeps the subscription of a post, of a partner, each on its own."""

    def of(by: str) -> Way:
        async def path(ground: Ground) -> str:
            return await prepare(ground, by)

        event = {"json": {"event_types": [HEARS[by]]}, "watched_by": by} if "seen" in said else {}
        return way(scope, path, **{**said, **event})

    return unless(of("worker"), **{role: of(by) for role, by in KEEPERS.items()})


def _subscribing(by: str) -> Way:
    async def draft(ground: Ground) -> Any:
        # Ten an organisation: those before make room for the one to come.
        for known in (await (await ground.house(by)).get(W)).json()["items"]:
            await (await ground.house(by)).post(f"{W}/{known['id']}/end")
        return {"url": URL, "event_types": [HEARS[by]]}

    return way("webhook:add", status=201, tail=W, json=draft)


WAYS_OF_WEBHOOKS: dict[str, Way] = {
    f"GET {W}": way("webhook:read", tail=W),
    f"POST {W}": unless(_subscribing("worker"), **{role: _subscribing(by) for role, by in KEEPERS.items()}),
    f"GET {W}/event-types": way("webhook:read", tail=f"{W}/event-types"),
    f"GET {ONE}": _each("webhook:read"),
    f"PATCH {ONE}": _each("webhook:change", seen=True),
    f"POST {ONE}/rotate-secret": _each("webhook:change", tail="/rotate-secret"),
    f"POST {ONE}/pause": _each("webhook:change", tail="/pause"),
    f"POST {ONE}/resume": _each("webhook:change", tail="/resume"),
    f"POST {ONE}/end": _each("webhook:change", tail="/end"),
    f"GET {ONE}/deliveries": _each("webhook:read", tail="/deliveries"),
    # Whoever reads the log may ask for it again: the notification goes where its keeper said, and nowhere else.
    f"POST {ONE}/deliveries/{{delivery_id}}/replay": _each(
        "webhook:change", delivery, tail="/replay", of="webhook:read"
    ),
    f"POST {ONE}/replay": _each(
        "webhook:change", tail="/replay", of="webhook:read", json={"since": "2026-01-01T00:00:00Z"}
    ),
}
