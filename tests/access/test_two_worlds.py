"""Whatever the social worker does, the police are answered the same: status, headers and bodies, byte for byte."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from app.nomenclature.terms import LISTS
from tests.access.secret_work import SecretWork
from tests.access.walking import REFERRAL
from tests.access.ways import WAYS
from tests.access.worlds import POLICE, Asked, Heard, World, two_worlds
from tests.house_for_tests import Town

STEPS, SEED = 1_000, 20261123
OFFICERS = POLICE[:3]
FORBIDDEN = [route for route, way in WAYS.items() if way.scope and way.scope.partition(":")[0] not in (
    "referral", "me", "nomenclature", "unit", "site", "post", "employer",
)]  # fmt: skip


class PoliceWork:
    """Seeded requests of two units and a commander: what they may do, what they may not, and mistakes."""

    def __init__(self, past: list[str], secrets: SecretWork, seed: int) -> None:
        self.random = random.Random(seed)
        self.past, self.secrets, self.sent = past, secrets, 0
        self.kinds = (
            self.read, self.read, self.read_again, self.read_again, self.lists, self.lists, self.sends, self.withdraws,
            self.around, self.traces, self.forbidden, self.forbidden, self.mistakes,
        )  # fmt: skip

    def _referral(self) -> str:
        number = self.random.randrange(len(self.past) + self.sent)
        return self.past[number] if number < len(self.past) else f"<referral {number - len(self.past)}>"

    def _somebody(self) -> str:
        return self.random.choice((*OFFICERS, *OFFICERS, "commander"))

    def next(self) -> Asked:
        """One more request."""
        return self.random.choice(self.kinds)()

    def read(self) -> Asked:
        return Asked(self._somebody(), self.random.choice(("GET", "GET", "HEAD")), f"/v1/referrals/{self._referral()}")

    def read_again(self) -> Asked:
        return Asked(self._somebody(), "GET", f"/v1/referrals/{self._referral()}", with_etag=True)

    def lists(self) -> Asked:
        asked = self.random.choice((f"?limit={self.random.randint(1, 30)}", "", "?limit=200", "?waiting=true&limit=4"))
        return Asked(self._somebody(), "GET", f"/v1/referrals{asked}")

    def sends(self) -> Asked:
        by = self._somebody()
        draft: dict[str, Any] = REFERRAL | {"last_name": f"Bolieu {self.random.randrange(10**6)}", "facts": "Coups."}
        if by != "commander":
            self.sent += 1
        return Asked(by, "POST", "/v1/referrals", json=draft)

    def withdraws(self) -> Asked:
        return Asked(self._somebody(), "POST", f"/v1/referrals/{self._referral()}/withdraw")

    def around(self) -> Asked:
        units = "?limit=2"
        paths = (
            "/v1/me",
            "/v1/colleagues",
            "/v1/units" + units,
            "/v1/posts",
            "/v1/employers",
            "/v1/sites",
            "/v1/status",
        )
        lists = [f"/v1/nomenclatures/{name}" for name in LISTS]
        path = self.random.choice((*paths, "/v1/nomenclatures", self.random.choice(lists), "/openapi.json"))
        return Asked(self._somebody(), "GET", path, with_etag=self.random.random() < 0.5)

    def traces(self) -> Asked:
        return Asked(self._somebody(), "GET", f"/v1/me/traces?limit={self.random.randint(1, 40)}")

    def forbidden(self) -> Asked:
        """A social route, on an object that exists in the busy world only."""
        method, _, template = self.random.choice(FORBIDDEN).partition(" ")
        known = {**self.secrets.ids, "intervention": self.secrets.ids["act"], "referral": [self._referral()]}
        for kind, ids in known.items():
            there = self.random.choice(ids) if ids else "00000000-0000-7000-8000-000000000000"
            template = template.replace(f"{{{kind}_id}}", there)
        path = template.replace("{", "").replace("}", "")  # needs, links and shares: never names of anything
        body = None if method in ("GET", "DELETE") else {"text": "?", "name": "Secret", "post_id": None}
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        return Asked(self._somebody(), method, path, json=body, headers=headers)

    def mistakes(self) -> Asked:
        """Requests that are wrong in themselves."""
        by, one = self._somebody(), f"/v1/referrals/{self._referral()}"
        worse = self.secrets.ids["note"]
        return self.random.choice((
            Asked(by, "GET", "/v1/referrals?limit=0"),
            Asked(by, "GET", "/v1/referrals?statut=ouvert"),
            Asked(by, "GET", "/v1/referrals?cursor=AAAA"),
            Asked(by, "GET", "/v1/referrals/ceci-n-est-pas-un-identifiant"),
            Asked(by, "GET", f"/v1/referrals/{self.random.choice(worse) if worse else '0'}"),
            Asked(by, "GET", "/v1/nomenclatures/no_such_list"),
            Asked(by, "DELETE", one),
            Asked(by, "POST", "/v1/referrals", json={"last_name": "Bolieu"}),
            Asked(by, "POST", "/v1/referrals", json=REFERRAL | {"unit_id": "00000000-0000-7000-8000-000000000000"}),
            Asked(by, "POST", "/v1/referrals", json=REFERRAL | {"feedback_code": "received"}),
            Asked(by, "POST", "/v1/referrals", json=REFERRAL | {"urgency": "soon", "facts": "x" * 1001}),
            Asked(by, "POST", "/v1/referrals", content=b"{", headers={"Content-Type": "application/json"}),
            Asked(by, "POST", "/v1/referrals", content=b"a=b", headers={"Content-Type": "text/plain"}),
            Asked(by, "GET", "/v1/no-such-path"),
            Asked(by, "GET", one, headers={"Authorization": "Bearer no.such.token"}),
            Asked(by, "GET", one, headers={"Accept-Language": "en"}),
        ))  # fmt: skip


def differences(quiet: Heard, busy: Heard) -> Iterator[str]:
    """What an officer could notice."""
    for name in ("status", "headers", "body"):
        if getattr(quiet, name) != getattr(busy, name):
            yield f"{name}: {getattr(quiet, name)} / {getattr(busy, name)}"


async def test_the_police_are_answered_the_same_whatever_the_social_worker_does(
    town: Town, keys: dict[str, str], request: pytest.FixtureRequest
) -> None:
    statuses, pages, number = Counter[int](), 0, 0
    async with two_worlds(town, keys, history=90) as (quiet, busy, past):
        secrets = SecretWork(busy, SEED)
        police = PoliceWork(past, secrets, SEED)
        for _ in range(60):
            await secrets.some(2)

        async def both(asked: Asked, *, at_once: bool) -> Heard:
            """The same request in both worlds; in the busy one, sometimes while the secret work goes on."""
            nonlocal number
            number += 1
            if at_once:
                heard, _ = await asyncio.gather(busy.ask(asked, number), secrets.some(3))
            else:
                await secrets.some(1)
                heard = await busy.ask(asked, number)
            expected = await quiet.ask(asked, number)
            found = list(differences(expected, heard))
            assert not found, f"request {number}, {asked}:\n" + "\n".join(found)
            statuses[heard.status] += 1
            return heard

        for step in range(STEPS):
            asked = police.next()
            await both(asked, at_once=step % 5 == 0)
            while quiet.following is not None and police.random.random() < 0.7:
                pages += 1
                here, there = quiet.following, busy.following
                assert there is not None
                number += 1
                heard = await busy.ask(Asked(asked.by, "GET", there), number)
                assert list(differences(await quiet.ask(Asked(asked.by, "GET", here), number), heard)) == []
                statuses[heard.status] += 1
        same_referrals(quiet, busy)
    request.node.user_properties += [("requests_in_each_world", number), ("pages_followed", pages)]
    print(f"{number} requests in each world ({pages} following pages), statuses {dict(statuses)};")  # noqa: T201
    print(f"secret acts {sum(secrets.done.values())}: {dict(secrets.done)}, {dict(secrets.statuses)}")  # noqa: T201
    assert number >= 1_000
    assert pages >= 50
    assert {200, 201, 304, 400, 401, 403, 404, 405, 409, 415, 422} <= set(statuses)
    assert set(secrets.done) == {act.__name__ for act in secrets.acts}
    assert min(secrets.done.values()) >= 10
    assert secrets.statuses[201] > 200
    assert secrets.statuses[404] > 10


def same_referrals(quiet: World, busy: World) -> None:
    """Both worlds saw the same acts of the police, and their own identifiers are not the same ones."""
    assert sorted(quiet.labels.values()) == sorted(busy.labels.values())
    assert quiet.labels.keys().isdisjoint(busy.labels.keys())
