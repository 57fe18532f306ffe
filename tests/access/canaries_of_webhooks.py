"""Two organisations that subscribe to that story, receivers that fail in every way, and what signs it all."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

import asyncpg
import httpx

from app.models.columns import new_id
from app.notifying.notifier import Notifier
from app.services.webhook_secrets import PREFIX
from tests.access.canaries import KEY, NAME, NAMED, PASSWORD, STRANGE, Story
from tests.access.canaries_of_exchange import Exchange
from tests.house_for_tests import House
from tests.notifying.receiver import Call, Receiver, status
from tests.notifying.telling import later, told

PLACE = "zqcheminzq"
"""In the address of a receiver: its keeper's, and nobody else's."""
HEARS = {
    "worker": ["referral.sent", "partner_referral.sent", "orientation.answered"],
    "partner": ["orientation.transmitted", "orientation.closed", "partner_referral.answered"],
}
LOUD = (
    f"HTTP/1.1 500 {STRANGE}\r\nContent-Type: {STRANGE}\r\nRetry-After: {STRANGE}\r\nContent-Length: {len(STRANGE)}"
    f"\r\n\r\n{STRANGE}"
).encode()
NO_HTTP = f"{STRANGE} {STRANGE}\r\n\r\n".encode()


def shapes_of(octets: bytes) -> list[str]:
    """Bytes as somebody could print them."""
    plain = base64.b64encode(octets).decode().rstrip("=")[:-1]
    return [
        octets.hex(),
        plain,
        plain.translate(str.maketrans("+/", "-_")),
        repr(octets)[2:-1],
        str(list(octets))[1:40],
    ]


class Notified:
    """What each organisation is told, and every secret that a keeper was told once."""

    def __init__(self, house: House, superuser: asyncpg.Connection, receiver: Receiver) -> None:
        self.house, self.superuser, self.receiver = house, superuser, receiver
        self.answers: list[httpx.Response] = []
        self.tellings: list[httpx.Response] = []
        """The only answers that hold a secret."""
        self.ids: dict[str, str] = {}
        self.notifier = Notifier(house.app.state.database, house.app.state.webhook_desk, watch=house.app.state.watch)

    async def say(self, by: str, method: str, path: str, draft: Any = None, *, expect: int, **headers: str) -> Any:
        """Send, keep the answer, and check its status."""
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        answer = await (await self.house(by)).request(method, path, json=draft, headers=headers)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        body = answer.json()
        (self.tellings if "secret" in body else self.answers).append(answer)
        return body

    @property
    def calls(self) -> list[Call]:
        """What left."""
        return self.receiver.calls

    @property
    def secrets(self) -> list[str]:
        """What was told, the proof that is drawn from it, and the key that seals it, however they are printed."""
        key = self.house.settings.webhook_key
        assert key is not None
        found = shapes_of(base64.b64decode(key.get_secret_value()))
        for answer in self.tellings:
            octets = base64.b64decode(answer.json()["secret"].removeprefix(PREFIX))
            found += shapes_of(octets) + shapes_of(sha256(b"relais/webhook proof" + octets).digest())
        return found

    async def subscribe(self) -> None:
        """Each organisation, before anything happens; asked once, twice under one key, and only for trial."""
        for by, hears in HEARS.items():
            draft = {"url": f"{self.receiver.url}/{PLACE}/{by}", "event_types": hears}
            await self.say(by, "POST", "/v1/webhooks", draft, expect=201, Prefer="dry-run")
            keyed = {"Idempotency-Key": f"{KEY}-{by}"}
            made = await self.say(by, "POST", "/v1/webhooks", draft, expect=201, **keyed)
            await self.say(by, "POST", "/v1/webhooks", draft, expect=409, **keyed)
            self.ids[by] = made["id"]
            await self.say(by, "POST", f"/v1/webhooks/{made['id']}/rotate-secret", expect=200)

    async def goes_wrong(self) -> None:
        """Refusals, each with words that must not come back."""
        mine = f"/v1/webhooks/{self.ids['worker']}"
        for wrong in (
            {"url": f"https://{NAMED}:{PASSWORD}@abonne.exemple.test/"}, {"url": f"https://10.0.0.1/{STRANGE}"},
            {"url": f"ftp://{STRANGE}"}, {"url": STRANGE * 60}, {"event_types": [STRANGE]}, {"event_types": STRANGE},
            {"unit_id": STRANGE}, {"id": STRANGE}, {f"{STRANGE} !": STRANGE},
        ):  # fmt: skip
            draft = {"url": self.receiver.url, "event_types": ["referral.sent"], **wrong}
            await self.say("worker", "POST", "/v1/webhooks", draft, expect=422)
        await self.say(
            "worker", "PATCH", mine, {"url": f"http://{NAMED}:{PASSWORD}@a/"}, expect=422, **{"If-Match": "*"}
        )
        await self.say("worker", "PATCH", mine, {"url": STRANGE}, expect=412, **{"If-Match": f'"{STRANGE}"'})
        await self.say("worker", "POST", f"{mine}/replay", {"since": STRANGE}, expect=422)
        await self.say("worker", "GET", f"{mine}/deliveries?cursor={STRANGE}", expect=400)
        await self.say("worker", "GET", f"/v1/webhooks/{STRANGE}", expect=422)
        await self.say("worker", "GET", f"/v1/webhooks/{new_id()}", expect=404)
        for by, expected in (("officer", 403), ("partner", 404), ("worker_elsewhere", 404), ("dpo", 403)):
            await self.say(by, "GET", f"{mine}/deliveries", expect=expected)
            await self.say(by, "POST", f"{mine}/rotate-secret", expect=expected)

    async def happens(self, story: Story, exchange: Exchange) -> None:
        """What the post publishes of it."""
        told_of = {"feedback_code": "contact_made"}
        for path in (story.referral, exchange.sent):
            await self.say("worker", "POST", f"{path}/feedback", told_of, expect=200)
        await self.say("worker", "POST", f"{exchange.orientation}/close", expect=200)

    async def is_told(self) -> None:
        """To receivers that answer badly, then well; again on demand; then a column and a seal break."""
        self.receiver.answers = [LOUD, NO_HTTP, status(503), LOUD, status(302, f"Location: http://{STRANGE}/")]
        for _ in range(6):
            await told(self.notifier)
            await later(self.superuser)
        await self.superuser.execute("update outbox.webhook set paused_at = null, paused_because = null")
        for by, webhook in self.ids.items():
            log = await self.say(by, "GET", f"/v1/webhooks/{webhook}/deliveries", expect=200)
            assert {each["state"] for each in log["items"]} == {"delivered"}, log
            await self.say(by, "POST", f"/v1/webhooks/{webhook}/deliveries/{log['items'][0]['id']}/replay", expect=200)
        await self.superuser.execute("alter table outbox.delivery rename column attempts to tried")
        await told(self.notifier)
        await self.say("worker", "GET", f"/v1/webhooks/{self.ids['worker']}/deliveries", expect=500)
        await self.superuser.execute("alter table outbox.delivery rename column tried to attempts")
        await later(self.superuser)
        moved = (
            "update outbox.webhook set sealed_secret = (select sealed_secret from outbox.webhook where id = $2)"
            " where id = $1"
        )
        await self.superuser.execute(moved, self.ids["worker"], self.ids["partner"])
        await told(self.notifier)
        # « DETAIL: Failing row contains (…) » carries the whole row, its address and its digest.
        await self.superuser.execute(f"alter table outbox.webhook add constraint c check (url !~ '{NAME}') not valid")
        draft = {"url": f"{self.receiver.url}/{NAME}", "event_types": ["referral.sent"]}
        await self.say("worker", "POST", "/v1/webhooks", draft, expect=409)
        await self.superuser.execute("alter table outbox.webhook drop constraint c")
