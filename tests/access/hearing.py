"""What observers are told in two worlds: the same notifications, in the same order, at the same moments.

One receiver hears both worlds, one after the other: what arrives between two looks is that world's. The identifier of a
notification, the instant of its sending and the signature that covers both are drawn; all the rest is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from app.notifying.notifier import Notifier
from tests.access.worlds import World
from tests.house_for_tests import House
from tests.notifying.receiver import Call, Receiver

SUBSCRIBED: dict[str, tuple[str, ...]] = {
    "partner": ("partner_referral.answered", "orientation.transmitted", "orientation.closed"),
}
Before = Callable[[House], Awaitable[list[str]]]
DRAWN = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})


class Observers:
    """The subscriptions of those who watch, made before the worlds part: the same identifier and secret in both."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.ids: dict[str, str] = {}
        self.secrets: dict[str, str] = {}

    async def subscribe(self, house: House, *names: str) -> None:
        """Each towards an address of its own on the receiver."""
        for name in names:
            draft = {"url": f"{self.receiver.url}/{name}", "event_types": list(SUBSCRIBED[name])}
            answer = await (await house(name)).post("/v1/webhooks", json=draft)
            assert answer.status_code == 201, answer.text
            made = answer.json()
            self.ids[name], self.secrets[f"/relais/{name}"] = made["id"], made["secret"]

    def after(self, before: Before, *names: str) -> Before:
        """The common past, and these subscriptions at its end: nothing that came before is told."""

        async def past(house: House) -> list[str]:
            made = await before(house)
            await self.subscribe(house, *names)
            return made

        return past


class Hearing:
    """Lets both worlds tell what they have to tell, and compares what each observer hears."""

    def __init__(self, observers: Observers, quiet: World, busy: World) -> None:
        self.observers, self.quiet, self.busy = observers, quiet, busy
        self.notifiers = {id(world): _notifier_of(world) for world in (quiet, busy)}
        self.looks = 0
        self.told: Counter[str] = Counter()

    async def both(self) -> None:
        """One look of each world."""
        self.looks += 1
        heard = [await self._heard_in(world) for world in (self.busy, self.quiet)]
        assert heard[0] == heard[1], f"look {self.looks}:\nbusy {heard[0]}\nquiet {heard[1]}"
        for path, _, _ in heard[0]:
            self.told[path] += 1

    async def _heard_in(self, world: World) -> list[tuple[str, tuple[tuple[str, str], ...], str]]:
        calls = self.observers.receiver.calls
        calls.clear()
        notifier = self.notifiers[id(world)]
        while await notifier.look():
            await notifier.settle()
        # By observer: of two of them, which is told first is not said to either.
        arrived = sorted(calls, key=lambda call: call.path)
        for call in arrived:
            assert call.verified_by(self.observers.secrets[call.path])
            world.was_told(call.name, call.said["timestamp"])
        return [(call.path, _headers(call), world.normal(call.body.decode())) for call in arrived]


def _notifier_of(world: World) -> Notifier:
    state: Any = world.house.app.state
    return Notifier(state.database, state.webhook_desk, watch=state.watch)


def _headers(call: Call) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in call.headers.items() if name not in DRAWN)
