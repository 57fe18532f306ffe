"""The subscriptions of the post itself, on the same random days: made, paused, rotated, ended, and told."""

from __future__ import annotations

from tests.access.secret_exchange import NOWHERE
from tests.access.secret_work_of_identity import SecretIdentity
from tests.access.worlds import World

HEARD = (
    "referral.sent", "referral.withdrawn", "partner_referral.sent", "partner_referral.withdrawn",
    "orientation.answered",
)  # fmt: skip


class SecretWebhooks(SecretIdentity):
    """The same, and what software of the post is told; ``url`` is where."""

    url = "https://abonne.exemple.test/relais"

    def __init__(self, world: World, seed: int, *, partners: tuple[str, ...] = ("ccas", "association")) -> None:
        super().__init__(world, seed, partners=partners)
        self.ids |= {"webhook": [], "delivery": []}
        self.acts = (*self.acts, self.subscribe, self.keep_subscriptions, self.keep_subscriptions)

    async def subscribe(self) -> None:
        """One more, or one too many."""
        hears = self.random.sample(HEARD, self.random.randint(1, len(HEARD)))
        by = self.random.choice(("worker", "worker", "colleague", "worker_elsewhere"))
        made = await self._say("POST", "/v1/webhooks", {"url": self.url, "event_types": hears}, by=by)
        if made.status_code == 201:
            self.ids["webhook"].append(made.json()["id"])
        for path in ("", "/event-types"):
            await self._say("GET", f"/v1/webhooks{path}", by=by)

    async def keep_subscriptions(self) -> None:
        """Read, corrected, paused, resumed, rotated, told again, ended: by whoever keeps it, or not."""
        path = f"/v1/webhooks/{self._one('webhook')}"
        for _ in range(3):
            act, draft = self.random.choice((
                ("pause", {}), ("resume", {}), ("resume", {}), ("rotate-secret", {}), ("end", {}),
                ("replay", {"since": "2026-01-01T00:00:00Z"}),
            ))  # fmt: skip
            if act != "end" or self.random.random() < 0.3:
                await self._say("POST", f"{path}/{act}", draft)
        await self._say("PATCH", path, {"event_types": self.random.sample(HEARD, 2)})
        listed = await self._say("GET", f"{path}/deliveries?limit=5")
        if listed.status_code == 200:
            self.ids["delivery"] += [each["id"] for each in listed.json()["items"]]
        await self._say("POST", f"{path}/deliveries/{self._one('delivery')}/replay")
        await self._say("GET", f"/v1/webhooks/{NOWHERE}")
        await self._say("GET", "/v1/me/usage")
