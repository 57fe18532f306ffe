"""Whatever passes between the post and others, a partner is answered the same: byte for byte."""

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.access.comparing import Comparison
from tests.access.hearing import Hearing, Observers
from tests.access.secret_exchange import FROM_PARTNER
from tests.access.secret_work_of_webhooks import SecretWebhooks
from tests.access.ways import WAYS
from tests.access.worlds import Asked, two_worlds
from tests.house_for_tests import House, Town
from tests.notifying.receiver import receiving

STEPS, SEED = 1_000, 20261207
SHARED = (
    "orientation",
    "me",
    "my_session",
    "nomenclature",
    "unit",
    "site",
    "post",
    "employer",
    "partner",
    "partner_service",
    "statistics",
)
FORBIDDEN = [
    route for route, way in WAYS.items()
    if way.scope and way.scope.partition(":")[0] not in (*SHARED, "referral")
]  # fmt: skip


async def what_the_partner_was_sent(house: House) -> list[str]:
    """Orientations to the CCAS from two posts, some answered; a link to one of them comes last."""
    partner, sent = await house("partner"), []
    for number in range(40):
        by = "worker" if number % 3 else "worker_elsewhere"
        sent.append((await house.sent_orientation(by))["id"])
        if number % 4 == 0:
            await partner.post(f"/v1/orientations/{sent[-1]}/take-up")
    made = await (await house("worker")).post(f"/v1/orientations/{sent[1]}/answer-links", json={"days": 30})
    return [*sent, made.json()["path"]]


class SecretOfOthers(SecretWebhooks):
    """Work that is not the CCAS's: for another partner, for nobody, and on what the CCAS itself sent."""

    async def receive(self) -> None:
        """Persons whom the CCAS directed here are received, accepted or redirected; no code is told."""
        listed = (await self._say("GET", "/v1/referrals?from=partners&limit=50")).json()["items"]
        theirs = [one["id"] for one in listed if one["partner_id"] == str(self.world.house.ids["ccas"])]
        if theirs:
            act, draft = self.random.choice((("accept", {}), ("redirect", {"redirected_to": "CIDFF"}), ("reject", {})))
            await self._say("POST", f"/v1/referrals/{self.random.choice(theirs)}/{act}", draft)
        await super().receive()

    async def link(self) -> None:
        """Links to what the CCAS was sent are made and revoked as well, and not answered."""
        listed = (await self._say("GET", "/v1/orientations?limit=100")).json()["items"]
        ccas = str(self.world.house.ids["ccas"])
        sent = [one["id"] for one in listed if one["partner_id"] == ccas and one["sent_at"] is not None]
        path = f"/v1/orientations/{self.random.choice(sent)}/answer-links"
        made = await self._say("POST", path, {})
        if made.status_code == 201:
            await self._say("GET", made.json()["path"], by="anybody")
            await self._say("POST", f"{path}/{made.json()['id']}/revoke")
        await super().link()

    async def police(self) -> None:
        """A unit at work, on persons of its own."""
        await self._say("POST", "/v1/referrals", FROM_PARTNER | {"document_type": "complaint"}, by="officer")


class PartnerWork:
    """Seeded requests of the CCAS, and of whoever holds its link: what it may do, what it may not, and mistakes."""

    def __init__(self, past: list[str], secrets: SecretWebhooks, observers: Observers, seed: int) -> None:
        self.random = random.Random(seed)
        *self.past, self.link = past
        self.secrets, self.sent = secrets, 0
        self.webhook = f"/v1/webhooks/{observers.ids['partner']}"
        self.keyed: list[Asked] = []
        self.kinds = (
            self.read, self.read, self.read, self.lists, self.lists, self.answers, self.answers, self.refers,
            self.own_referral, self.around, self.traces, self.by_link, self.forbidden, self.strangers, self.mistakes,
            self.once_only, self.once_only, self.again, self.tries_out, self.subscriptions, self.subscriptions,
            self.usage, self.is_answered, self.is_answered, self.is_closed,
        )  # fmt: skip

    def next(self) -> Asked:
        """One more request."""
        return self.random.choice(self.kinds)()

    def goes_on(self) -> bool:
        """Follow the next page?"""
        return self.random.random() < 0.7

    def _asks(self, method: str, path: str, json: Any = None, **said: Any) -> Asked:
        return Asked("partner", method, path, json=json, **said)

    def _mine(self) -> str:
        return f"/v1/orientations/{self.random.choice(self.past)}"

    def read(self) -> Asked:
        # No HEAD: its ETag, without a body, would not tell which instants of one's own answers it covers.
        return self._asks("GET", self._mine(), with_etag=self.random.random() < 0.5)

    def lists(self) -> Asked:
        asked = ("?limit=3", "?limit=17", "", "?status=taken_up", "?status=transmitted&limit=4", "?status=no_feedback")
        where = self.random.choice(("/v1/orientations", "/v1/orientations", "/v1/referrals"))
        return self._asks("GET", where + (self.random.choice(asked) if "orient" in where else "?limit=5"))

    def answers(self) -> Asked:
        act, draft = self.random.choice((
            ("acknowledge", None), ("take-up", None), ("refuse", {"refusal_reason": "out_of_area"}),
            ("outcome", {"outcome_code": "support_started"}), ("outcome", {"outcome_code": "no_such_code"}),
        ))  # fmt: skip
        return self._asks("POST", f"{self._mine()}/{act}", draft)

    def refers(self) -> Asked:
        self.sent += 1
        post = str(self.secrets.world.house.ids["shared_post"])
        return self._asks("POST", "/v1/referrals", FROM_PARTNER | {"post_id": post, "facts": "Coups."})

    def once_only(self) -> Asked:
        """Something sent under a key, the same in both worlds."""
        asked = self.random.choice((self.answers, self.refers))()
        self.keyed.append(replace(asked, headers={"Idempotency-Key": f"partner-{len(self.keyed)}"}))
        return self.keyed[-1]

    def again(self) -> Asked:
        """A key that has served, for the same request or for another one."""
        if not self.keyed:
            return self.once_only()
        one = self.random.choice(self.keyed)
        return replace(one, json={"facts": "Autre."}) if self.random.random() < 0.3 else one

    def tries_out(self) -> Asked:
        """An answer, or a referral, only for trial."""
        asked = self.random.choice((self.answers, self.refers))()
        return replace(asked, headers={"Prefer": "dry-run"})

    def own_referral(self) -> Asked:
        one = f"/v1/referrals/<referral {self.random.randrange(self.sent + 1)}>"
        return self.random.choice((self._asks("GET", one), self._asks("POST", f"{one}/withdraw")))

    def around(self) -> Asked:
        paths = (
            "/v1/me",
            "/v1/colleagues",
            "/v1/me/sessions",
            "/v1/partners",
            "/v1/units",
            "/v1/posts?limit=1",
            "/v1/status",
            "/openapi.json",
        )
        need = "/v1/partner-services?need=housing&commune=28085"
        return self._asks("GET", self.random.choice((*paths, need, "/v1/nomenclatures/refusal_reason")), with_etag=True)

    def traces(self) -> Asked:
        return self._asks("GET", f"/v1/me/traces?limit={self.random.randint(1, 40)}")

    def subscriptions(self) -> Asked:
        """Its own, and what it was told."""
        log = ("GET", f"{self.webhook}/deliveries?limit={self.random.randint(1, 9)}")
        others = (("GET", "/v1/webhooks"), ("GET", self.webhook), ("GET", "/v1/webhooks/event-types"))
        kept = (("POST", f"{self.webhook}/pause"), *[("POST", f"{self.webhook}/resume")] * 3)
        return self._asks(*self.random.choice((log, log, log, *others, *kept)))

    def usage(self) -> Asked:
        return self._asks("GET", "/v1/me/usage")

    def is_answered(self) -> Asked:
        """The post publishes a code on a person whom the partner sent; it is notified."""
        path = f"/v1/referrals/<referral {self.random.randrange(self.sent + 1)}>/feedback"
        said = {"feedback_code": self.random.choice(("received", "contact_made", "declined", "closed"))}
        return Asked("worker", "POST", path, json=said, published=True)

    def is_closed(self) -> Asked:
        """The post closes what it had transmitted; the partner is notified, and reads it."""
        return Asked("worker", "POST", f"{self._mine()}/close", published=True)

    def by_link(self) -> Asked:
        return Asked("anybody", "GET", self.random.choice((self.link, "/v1/answers/" + "A" * 43)))

    def forbidden(self) -> Asked:
        """A route of others, on an object that exists in the busy world only."""
        method, _, template = self.random.choice(FORBIDDEN).partition(" ")
        for kind, ids in (self.secrets.ids | {"intervention": self.secrets.ids["act"]}).items():
            template = template.replace(f"{{{kind}_id}}", self.random.choice(ids) if ids else "0")
        body = None if method in ("GET", "DELETE") else {"text": "?"}
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        return self._asks(method, template.replace("{", "").replace("}", ""), body, headers=headers)

    def strangers(self) -> Asked:
        """What is another partner's, the post's own, or nobody's: the same answer."""
        secrets = self.secrets.ids
        there = self.random.choice(("orientation", "partner_referral", "situation"))
        one = self.random.choice(secrets[there]) if secrets[there] else "00000000-0000-7000-8000-000000000000"
        kind = "referrals" if there == "partner_referral" else "orientations"
        act = self.random.choice(("acknowledge", "take-up")) if kind == "orientations" else "withdraw"
        return self.random.choice(
            (self._asks("GET", f"/v1/{kind}/{one}"), self._asks("POST", f"/v1/{kind}/{one}/{act}"))
        )

    def mistakes(self) -> Asked:
        post = str(self.secrets.world.house.ids["shared_post"])
        return self.random.choice((
            self._asks("GET", "/v1/orientations?limit=0"),
            self._asks("GET", "/v1/orientations?cursor=AAAA"),
            self._asks("GET", "/v1/orientations?statut=x"),
            self._asks("POST", f"{self._mine()}/refuse", {}),
            self._asks("POST", f"{self._mine()}/acknowledge", {"text": "?"}),
            self._asks("POST", f"{self._mine()}/close"),
            self._asks("DELETE", self._mine()),
            self._asks("POST", "/v1/referrals", FROM_PARTNER),
            self._asks("POST", "/v1/referrals", FROM_PARTNER | {"post_id": post, "unit_id": post}),
            self._asks("POST", "/v1/referrals", content=b"{", headers={"Content-Type": "application/json"}),
            self._asks("GET", self._mine(), headers={"Authorization": "Bearer no.such.token"}),
            self._asks("GET", self._mine(), headers={"Accept-Language": "en"}),
        ))  # fmt: skip


async def test_a_partner_is_answered_the_same_whatever_is_sent_to_another_or_to_nobody(
    town: Town, keys: dict[str, str], request: pytest.FixtureRequest
) -> None:
    async with receiving() as receiver, receiving() as of_the_post:
        observers = Observers(receiver)
        before = observers.after(what_the_partner_was_sent, "partner")
        async with two_worlds(town, keys, history=0, before=before) as (quiet, busy, past):
            secrets = SecretOfOthers(busy, SEED, partners=("association",))
            secrets.url = of_the_post.url
            exchanging = [secrets.propose, secrets.propose, secrets.follow, secrets.follow, secrets.follow]
            exchanging += [secrets.partner_answers, secrets.partner_answers, secrets.partner_answers]
            secrets.acts = (*secrets.acts, secrets.police, *exchanging)
            hearing = Hearing(observers, quiet, busy)
            compared = Comparison(quiet, busy, secrets, hearing)
            await compared.of(PartnerWork(past, secrets, observers, SEED), steps=STEPS, past=100)
            compared.same_acts()
    print(f"{dict(hearing.told)} told in each world, {len(of_the_post.calls)} to the post")  # noqa: T201
    assert hearing.told["/relais/partner"] > 10
    assert len(of_the_post.calls) > 50
    request.node.user_properties += [("requests_in_each_world", compared.number), ("pages_followed", compared.pages)]
    print(compared.told())  # noqa: T201
    assert compared.number >= 1_000
    assert compared.pages >= 50
    assert {200, 201, 304, 400, 401, 403, 404, 405, 409, 422} <= set(compared.statuses)
    assert min(secrets.done.values()) >= 5
    assert min(len(secrets.ids[kind]) for kind in ("transmission", "requisition", "partner_referral", "answer")) >= 5
    assert min(len(secrets.ids[kind]) for kind in ("replacement", "handover", "agreement", "invitation")) >= 10
