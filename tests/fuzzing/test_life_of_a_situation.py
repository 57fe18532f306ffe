"""Random lives of situations, each step told to the API and to a page of rules: both must say the same."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.models.columns import new_id
from tests.fuzzing.life import (
    ACTS,
    CAST,
    NONSENSE,
    POST,
    READERS,
    ROLE,
    UNIT,
    Act,
    Thing,
    World,
    _open,
    expected,
    shown,
)
from tests.house_for_tests import House, Town, settings_for
from tests.routers.asking import someone
from tests.routers.relay import approved, proposed

EFFORT = int(os.environ.get("RELAIS_FUZZING", "1"))
SEED = int(os.environ.get("RELAIS_FUZZING_SEED", "20261128"))
WALKS = 12
STEPS = 150 * EFFORT
"""Acts of a walk; each is followed by two readings."""
DONE: Counter[str] = Counter()


@pytest.fixture(scope="session")
async def lived_in(town: Town, keys: dict[str, str]) -> AsyncIterator[House]:
    """One house for every life."""
    name = await town.clone()
    async with House.running(town, name, settings_for(town, name, keys)) as running:
        yield running
    await town.drop(name)


@dataclass
class Life:
    """One walk: the world as the rules have it, and the story so far."""

    house: House
    chance: random.Random
    world: World = field(default_factory=World)
    story: list[tuple[str | None, str]] = field(default_factory=list)
    replacement: dict[str, Any] | None = None

    async def begin(self) -> None:
        """A referral from each unit, a situation in each post."""
        for by in ("officer", "officer_elsewhere"):
            await self.send(by)
        for by in ("worker", "worker_elsewhere"):
            await self.open(by)

    async def send(self, who: str) -> None:
        draft = {
            "last_name": "Bolieu", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
            "contact_consent": "given_to_officer",
        }  # fmt: skip
        answer = await (await self.house(who)).post("/v1/referrals", json=draft)
        self.tell("beginnings", f"{who} sends a referral: {answer.status_code}")
        self.check(answer, frozenset({201 if ROLE[who] == "police_officer" else 403}))
        if answer.is_success:
            self.world.add(Thing("referral", answer.json()["id"], "sent", {"unit": UNIT[who], "feedback": None}))

    async def open(self, who: str) -> None:
        draft = {"referral_source": "self_referral", "participations": [someone()]}
        answer = await (await self.house(who)).post("/v1/situations", json=draft)
        self.tell("beginnings", f"{who} opens a situation: {answer.status_code}")
        self.check(answer, frozenset({201 if ROLE[who] == "social_worker" else 403}))
        if answer.is_success:
            _open(self.world, answer.json(), str(POST[who]))

    async def step(self) -> None:
        """One act by one person, or now and then a beginning, or somebody who comes to replace."""
        drawn = self.chance.random()
        if drawn < 0.05:
            # Whoever answers for a partner sends referrals of her own, which are another story.
            await self.send(self.chance.choice([name for name in CAST if ROLE[name] != "partner"]))
        elif drawn < 0.09:
            await self.open(self.chance.choice(CAST))
        elif drawn < 0.11:
            await self.replace()
        else:
            await self.act()
        DONE["steps"] += 1

    async def act(self) -> None:
        name = self.chance.choice(list(ACTS))
        act = ACTS[name]
        known = self.world.things.get(act.on, [])
        thing = self.chance.choice(known[-12:]) if known and self.chance.random() > 0.04 else None
        able = [each for each in CAST if ROLE[each] in act.roles]
        who = self.chance.choice(able if self.chance.random() < 0.75 else list(CAST))
        wrong = act.wrong is not None and self.chance.random() < 0.06
        awaited = expected(self.world, act, who, thing, wrong=wrong)
        manner = self.chance.choices(("once", "twice", "rehearsed"), (70, 15, 15))[0]
        headers = {"If-Match": "*"} if act.method == "DELETE" else {}
        if manner == "twice" and act.method == "POST":
            headers["Idempotency-Key"] = str(new_id())
        if manner == "rehearsed":
            headers["Prefer"] = "handling=strict, dry-run"
        path, said = self.asked(who, act, thing, wrong=wrong)
        client = await self.house(who)
        answer = await client.request(act.method, path, json=said, headers=headers)
        about = thing.id if thing else "nothing"
        stood = f" (it was {thing.state})" if thing and thing.state else ""
        self.tell(about, f"{who}, {manner}: {name}{' said wrong' if wrong else ''}{stood}: {answer.status_code}")
        self.check(answer, awaited)
        DONE[f"answered {answer.status_code}"] += 1
        DONE[manner] += 1
        if answer.is_success and manner == "rehearsed":
            assert answer.headers.get("preference-applied") == "dry-run", self.told(about)
        elif answer.is_success and thing is not None:
            act.then(self.world, who, thing, answer.json() if answer.content else None)
        if manner == "twice" and act.method == "POST":
            again = await client.request(act.method, path, json=said, headers=headers)
            self.tell(about, f"{who} says it again under the same key: {again.status_code}")
            self.check(again, frozenset({answer.status_code}))
            if answer.is_success:
                assert again.content == answer.content, self.told(about)
                assert again.headers["idempotency-replayed"] == "true", self.told(about)
        if thing is not None:
            for reader in {who, self.chance.choice(CAST)}:
                await self.look(reader, thing)
            await self.look(self.chance.choice(CAST), thing.situation)

    def asked(self, who: str, act: Act, thing: Thing | None, *, wrong: bool) -> tuple[str, Any]:
        """Where, and what is said."""
        at = thing or Thing(act.on, str(new_id()), "", {"shares": {}})
        said = act.body(at) if callable(act.body) else act.body
        if act.on == "participation" and "orientations" in act.path:
            said = {**(said or {}), "service_id": str(self.house.ids["ccas_service"])}
        if act.path.endswith("/shares"):
            other = "colleague" if who == "worker" else "worker"
            said = {"shared_with": str(self.house.ids[other])}
        if wrong:
            said = {**(said or {}), **(act.wrong or NONSENSE)}
        share = next(iter(at.facts.get("shares", {}).values()), str(new_id()))
        return act.path.format(id=at.id, share=share), said

    async def look(self, who: str, thing: Thing) -> None:
        """What this person sees of it, or that she does not."""
        path, roles = READERS[thing.kind]
        answer = await (await self.house(who)).get(path.format(id=thing.id))
        DONE["readings"] += 1
        awaited = 403 if ROLE[who] not in roles else 200 if self.world.reads(who, thing) else 404
        self.tell(thing.id, f"{who} reads the {thing.kind}: {answer.status_code}")
        self.check(answer, frozenset({awaited}))
        if awaited == 200:
            said = answer.json()
            seen = {name: said.get(name) for name in shown(who, thing)}
            assert seen == shown(who, thing), f"{seen} and not {shown(who, thing)}\n{self.told(thing.id)}"

    async def replace(self) -> None:
        """The worker of the other post comes to replace, or has done."""
        if self.replacement is None:
            self.replacement = await approved(self.house, "replacements", await proposed(self.house))
            self.world.replaced = True
        else:
            path = f"/v1/replacements/{self.replacement['id']}/end"
            answer = await (await self.house("worker")).post(path)
            assert answer.status_code == 200, answer.text
            self.replacement, self.world.replaced = None, False
        self.tell(None, f"replaced: {self.world.replaced}")

    def tell(self, about: str | None, line: str) -> None:
        self.story.append((about, line))

    def told(self, about: str | None) -> str:
        """The story of one thing: what was done to it, in order, and what was done to nothing in particular."""
        lines = [line for told_of, line in self.story if told_of in (None, about)]
        return f"seed {SEED}\n" + "\n".join(lines[-40:])

    def check(self, answer: httpx.Response, awaited: frozenset[int]) -> None:
        if answer.status_code not in awaited:
            about = self.story[-1][0]
            raise AssertionError(f"{sorted(awaited)} awaited, {answer.text[:300]}\n{self.told(about)}")


@pytest.mark.parametrize("walk", range(WALKS))
async def test_the_api_and_a_page_of_rules_tell_the_same_life(lived_in: House, walk: int) -> None:
    life = Life(lived_in, random.Random(SEED + walk))
    await life.begin()
    for _ in range(STEPS):
        await life.step()
    if life.replacement is not None:
        await life.replace()


def test_the_walks_went_everywhere(record_property: Callable[[str, object], None]) -> None:
    for name, count in sorted(DONE.items()):
        record_property(f"life_{name.replace(' ', '_')}", count)
    assert DONE["steps"] + DONE["readings"] >= 5_000
    assert DONE["steps"] >= WALKS * STEPS
    assert min(DONE[f"answered {status}"] for status in (200, 201, 204, 403, 404, 409, 422)) > 0
    assert DONE["twice"] > 100
    assert DONE["rehearsed"] > 100
