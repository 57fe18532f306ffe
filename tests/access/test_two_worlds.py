"""Whatever the social worker does, the police are answered the same: status, headers and bodies, byte for byte."""

import base64
import random
from dataclasses import replace
from typing import Any

import pytest

from app.counting import publish_period
from app.nomenclature.terms import LISTS
from tests.access.comparing import Comparison
from tests.access.hearing import Hearing, Observers
from tests.access.secret_exchange import NOWHERE
from tests.access.secret_work import SecretWork
from tests.access.secret_work_of_webhooks import SecretWebhooks
from tests.access.walking import REFERRAL, interview
from tests.access.ways import WAYS
from tests.access.worlds import POLICE, Asked, two_worlds
from tests.house_for_tests import House, Town
from tests.notifying.receiver import Receiver, receiving

STEPS, SEED = 1_000, 20261123
OFFICERS = POLICE[:3]
PUBLISHED = ("received", "contact_attempted", "contact_made", "declined", "closed")
OF_IDENTITY = (
    "replacement", "handover", "agreement", "account", "invitation", "session", "client", "posting", "webhook",
    "delivery",
)  # fmt: skip
FORBIDDEN = [route for route, way in WAYS.items() if way.scope and way.scope.partition(":")[0] not in (
    "referral", "me", "my_session", "nomenclature", "unit", "site", "post", "employer", "statistics",
)]  # fmt: skip


class PoliceWork:
    """Seeded requests of two units and a commander: what they may do, what they may not, and mistakes."""

    def __init__(self, past: list[str], secrets: SecretWork, receiver: Receiver, seed: int) -> None:
        self.random = random.Random(seed)
        self.past, self.secrets, self.sent = past, secrets, 0
        self.receiver = receiver
        self.keyed: list[Asked] = []
        self.kinds = (
            self.read, self.read, self.read_again, self.read_again, self.lists, self.lists, self.lists, self.sends,
            self.withdraws, self.around, self.traces, self.forbidden, self.forbidden, self.mistakes, self.mistakes,
            self.figures, self.figures, self.reports, self.sessions, self.once_only, self.once_only, self.again,
            self.tries_out, self.subscriptions, self.subscriptions, self.usage, self.is_answered, self.is_answered,
            self.is_answered,
        )  # fmt: skip

    def _referral(self) -> str:
        number = self.random.randrange(len(self.past) + self.sent)
        return self.past[number] if number < len(self.past) else f"<referral {number - len(self.past)}>"

    def _somebody(self) -> str:
        return self.random.choice((*OFFICERS, *OFFICERS, "commander"))

    def next(self) -> Asked:
        """One more request."""
        return self.random.choice(self.kinds)()

    def goes_on(self) -> bool:
        """Follow the next page?"""
        return self.random.random() < 0.7

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

    def once_only(self) -> Asked:
        """Something sent under a key, the same in both worlds."""
        asked = self.random.choice((self.sends, self.withdraws))()
        self.keyed.append(replace(asked, headers={"Idempotency-Key": f"police-{len(self.keyed)}"}))
        return self.keyed[-1]

    def again(self) -> Asked:
        """A key that has served, for the same request, or for another one, or by somebody else."""
        if not self.keyed:
            return self.once_only()
        one = self.random.choice(self.keyed)
        if self.random.random() < 0.3:
            return replace(one, json={"facts": "Autre."})
        return one

    def tries_out(self) -> Asked:
        """A referral, or a withdrawal, only for trial."""
        asked = self.random.choice((self.sends, self.withdraws))()
        return replace(asked, headers={"Prefer": self.random.choice(("dry-run", "handling=strict, dry-run"))})

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

    def figures(self) -> Asked:
        """What was published, of a quarter in which the secret work goes on; and what never was, or is not over."""
        ids = self.secrets.world.house.ids
        perimeter = self.random.choice((
            "national", "national", "departement:28", "departement:28", "zone:police", f"unit:{ids['north']}",
            f"unit:{ids['faraway']}", f"post:{ids['shared_post']}", f"employer:{ids['employer']}", "departement:29",
        ))  # fmt: skip
        period = self.random.choice(("2026-Q1", "2026-Q1", "2026-Q1", "2025", "2026", "2026-02", "2026-Q4"))
        what = self.random.choice(("grid?", "grid?", "indicators?", "indicators/share_women?", "publications?"))
        asked = "limit=7" if what == "publications?" else f"period={period}&perimeter={perimeter}"
        return Asked(self._somebody(), "GET", f"/v1/statistics/{what}{asked}", with_etag=self.random.random() < 0.5)

    def reports(self) -> Asked:
        """No report of their unit is frozen: whatever is drafted, or frozen for others, none is there."""
        known = self.secrets.ids["report"]
        one = self.random.choice(known) if known else "00000000-0000-7000-8000-000000000000"
        paths = ("/v1/reports", f"/v1/reports/{one}", f"/v1/reports/{one}/document?format=pdf")
        return Asked(self._somebody(), "GET", self.random.choice(paths))

    def sessions(self) -> Asked:
        """One's own sessions, and one of the worker's: the same as one that never was."""
        known = self.secrets.ids["session"]
        one = self.random.choice(known) if known else "00000000-0000-7000-8000-000000000000"
        method, path = self.random.choice((("GET", ""), ("DELETE", f"/{one}")))
        return Asked(self._somebody(), method, f"/v1/me/sessions{path}")

    def subscriptions(self) -> Asked:
        """One of one's own, and those of the post, which the busy world alone has: refused, the same in both."""
        known = self.secrets.ids["webhook"]
        one = f"/v1/webhooks/{self.random.choice(known) if known else NOWHERE}"
        log = f"{one}/deliveries?limit={self.random.randint(1, 9)}"
        draft = {"url": f"{self.receiver.url}/police", "event_types": ["referral.sent"]}
        return self.random.choice((
            Asked(self._somebody(), "POST", "/v1/webhooks", json=draft),
            Asked(self._somebody(), "POST", "/v1/webhooks", json=draft, headers={"Idempotency-Key": "police-hears"}),
            Asked(self._somebody(), "GET", "/v1/webhooks"),
            Asked(self._somebody(), "GET", "/v1/webhooks/event-types"),
            Asked(self._somebody(), "GET", one),
            Asked(self._somebody(), "GET", log),
            Asked(self._somebody(), "POST", f"{one}/{self.random.choice(('pause', 'resume', 'rotate-secret', 'end'))}"),
        ))  # fmt: skip

    def usage(self) -> Asked:
        return Asked(self._somebody(), "GET", "/v1/me/usage")

    def is_answered(self) -> Asked:
        """The post publishes a code: all that it tells the unit, which reads it and is notified of nothing."""
        by, code = self.random.choice(("worker", "worker_elsewhere")), self.random.choice(PUBLISHED)
        path = f"/v1/referrals/{self._referral()}/feedback"
        return Asked(by, "POST", path, json={"feedback_code": code}, published=True)

    def forbidden(self) -> Asked:
        """A social route, on an object that exists in the busy world only."""
        method, _, template = self.random.choice(FORBIDDEN).partition(" ")
        posts = [str(self.secrets.world.house.ids["shared_post"])]
        known = {
            **self.secrets.ids,
            "post": posts,
            "intervention": self.secrets.ids["act"],
            "referral": [self._referral()],
        }
        for kind, ids in known.items():
            there = self.random.choice(ids) if ids else "00000000-0000-7000-8000-000000000000"
            template = template.replace(f"{{{kind}_id}}", there)
        template = template.replace("{month}", "2025-06")
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
            Asked(by, "GET", "/v1/answers/" + "A" * 43),
            Asked(by, "GET", one, headers={"Authorization": "Bearer no.such.token"}),
            Asked(by, "GET", one, headers={"Accept-Language": "en"}),
        ))  # fmt: skip


async def published(house: House) -> list[str]:
    """Before the worlds part: enough persons met in a quarter that is over for it to be published, and it is."""
    worker, north = await house("worker"), str(house.ids["north"])
    for _ in range(60):
        met = (await house.situation(unit_id=north))["participations"][0]["id"]
        act = interview(met) | {"unit_id": north}
        assert (await worker.post("/v1/interventions", json=act)).status_code == 201
    assert house.settings.statistics_key is not None
    key = base64.b64decode(house.settings.statistics_key.get_secret_value())
    added = await publish_period(house.town.lane_url("worker", house.database), key, "2026-Q1", lambda *_: None)
    assert added > 10
    return []


async def test_the_police_are_answered_the_same_whatever_the_social_worker_does(
    town: Town, keys: dict[str, str], request: pytest.FixtureRequest
) -> None:
    async with (
        receiving() as receiver,
        receiving() as of_the_post,
        two_worlds(town, keys, history=90, before=published) as (quiet, busy, past),
    ):
        secrets = SecretWebhooks(busy, SEED)
        secrets.url = of_the_post.url
        exchanging = [secrets.propose, secrets.follow, secrets.partner_answers, secrets.partner_answers]
        secrets.acts = (*secrets.acts, *exchanging, secrets.follow, secrets.pass_on, secrets.pass_on)
        hearing = Hearing(Observers(receiver), quiet, busy)
        compared = Comparison(quiet, busy, secrets, hearing)
        await compared.of(PoliceWork(past, secrets, receiver, SEED), steps=STEPS, past=120)
        compared.same_acts()
    print(f"{hearing.looks} looks, {len(of_the_post.calls)} notifications to the post, none to a unit")  # noqa: T201
    assert not hearing.told
    assert len(of_the_post.calls) > 50
    request.node.user_properties += [("requests_in_each_world", compared.number), ("pages_followed", compared.pages)]
    print(compared.told())  # noqa: T201
    assert compared.number >= 1_000
    assert compared.pages >= 50
    assert {200, 201, 304, 400, 401, 403, 404, 405, 409, 415, 422} <= set(compared.statuses)
    assert set(secrets.done) == {act.__name__ for act in secrets.acts}
    assert min(secrets.done.values()) >= 5
    assert min(secrets.manners[manner] for manner in ("keyed", "repeated", "rehearsed", "replayed")) > 50
    assert min(len(secrets.ids[kind]) for kind in ("transmission", "requisition", "partner_referral", "answer")) >= 10
    assert secrets.statuses[201] > 300
    assert secrets.statuses[404] > 10
    assert len(secrets.ids["report"]) >= 20
    assert min(len(secrets.ids[kind]) for kind in OF_IDENTITY) >= 5
    assert secrets.summaries > 100
