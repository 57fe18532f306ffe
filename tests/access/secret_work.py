"""A social worker's random days: every confidential act there is, except the code published to the unit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.access.walking import ACTIVITY, JOINING, interview
from tests.access.worlds import World

CODES = ("need_met", "information_only", "unreachable")


class SecretWork:
    """Seeded confidential work in one world; ``ids`` are what it made, for the police to guess at."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random, self.manner = random.Random(seed), random.Random(seed + 1)
        self.manners: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.dealt: list[Callable[[], Awaitable[None]]] = []
        kinds = ("situation", "participation", "person", "note", "act", "collective_activity", "report")
        self.ids: dict[str, list[str]] = {kind: [] for kind in kinds}
        self.shares: list[tuple[str, str]] = []
        self.acts = (
            self.intake, self.intake, self.note, self.note, self.share, self.end_share, self.decide, self.decide,
            self.interview, self.move, self.safe_contact, self.need, self.person, self.look_around, self.fail,
            self.audit, self.colleague_at_work, self.collective_activity, self.presence, self.count, self.report,
            self.freeze, self.external_code,
        )  # fmt: skip

    async def some(self, most: int) -> None:
        """Up to ``most`` acts, dealt like cards: over many days each kind comes as often as it stands in ``acts``."""
        for _ in range(self.random.randint(0, most)):
            if not self.dealt:
                self.dealt = self.random.sample(self.acts, len(self.acts))
            act = self.dealt.pop()
            self.done[act.__name__] += 1
            await act()

    async def _say(
        self, method: str, path: str, draft: Any = None, by: str = "worker", **headers: str
    ) -> httpx.Response:
        sent = {"If-Match": "*", "X-Request-Id": f"secret-work-{self.random.randrange(10**9):09}", **headers}
        if method == "PATCH":
            sent["Content-Type"] = "application/merge-patch+json"
        client, manner = self.world.clients["stranger" if by == "anybody" else by], "plain"
        if method == "POST" and not path.startswith(("/v1/auth", "/v1/answers", "/v1/me")):
            manner = self.manner.choice(("plain", "plain", "plain", "plain", "plain", "keyed", "repeated", "rehearsed"))
        self.manners[manner] += 1
        if manner == "rehearsed":
            tried = await client.request(method, path, json=draft, headers={**sent, "Prefer": "dry-run"})
            assert tried.status_code < 500, f"{method} {path}: {tried.text}"
        elif manner != "plain":
            sent["Idempotency-Key"] = f"secret-{self.manner.randrange(10**12)}"
        answer = await client.request(method, path, json=draft, headers=sent)
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
        self.statuses[answer.status_code] += 1
        if manner == "repeated":
            again = await client.request(method, path, json=draft, headers=sent)
            assert again.status_code < 500, f"{method} {path}: {again.text}"
            self.manners["replayed"] += again.headers.get("idempotency-replayed") == "true"
        return answer

    def _one(self, kind: str) -> str:
        return self.random.choice(self.ids[kind]) if self.ids[kind] else "00000000-0000-7000-8000-000000000000"

    def _keep(self, situation: dict[str, Any]) -> None:
        self.ids["situation"].append(situation["id"])
        for one in situation["participations"]:
            self.ids["participation"].append(one["id"])
            self.ids["person"].append(one["person"]["id"])

    async def intake(self) -> None:
        """Somebody came alone."""
        persons = [
            {"person": {"sex": "female", "last_name": f"Secret {self.random.random()}"}, "person_status": status}
            for status in ("victim", "alleged_perpetrator")[: self.random.randint(1, 2)]
        ]
        said = [{**one, "contact_consent": "given_to_iscg"} for one in persons]
        draft = {"referral_source": "self_referral", "participations": said}
        if self.random.random() < 0.5:
            draft["unit_id"] = str(self.world.house.ids["north"])
        self._keep((await self._say("POST", "/v1/situations", draft)).json())

    async def decide(self) -> None:
        """Accept, redirect or reject a referral of the unit, whatever its state."""
        listed = (
            await self._say("GET", f"/v1/referrals?limit=20&waiting={self.random.choice(('true', 'false'))}")
        ).json()
        if not listed["items"]:
            return
        act, draft = self.random.choice(
            (("accept", {}), ("accept", {}), ("redirect", {"redirected_to": "CIDFF"}), ("reject", {}))
        )
        answer = await self._say("POST", f"/v1/referrals/{self.random.choice(listed['items'])['id']}/{act}", draft)
        if answer.status_code == 201:
            self._keep(answer.json())

    async def note(self) -> None:
        path = f"/v1/participations/{self._one('participation')}/notes"
        answer = await self._say("POST", path, {"text": f"Note {self.random.random()} " * self.random.randint(1, 40)})
        if answer.status_code == 201:
            self.ids["note"].append(answer.json()["id"])
            await self._say("GET", f"/v1/notes/{answer.json()['id']}")

    async def share(self) -> None:
        note = self._one("note")
        draft = {"shared_with": str(self.world.house.ids["colleague"])}
        answer = await self._say("POST", f"/v1/notes/{note}/shares", draft)
        if answer.status_code == 201:
            self.shares.append((note, answer.json()["id"]))

    async def end_share(self) -> None:
        if self.shares:
            note, share = self.shares.pop()
            await self._say("DELETE", f"/v1/notes/{note}/shares/{share}")

    async def interview(self) -> None:
        kind = self.random.choice(("contact_attempt", "phone_interview", "unit_liaison"))
        draft = interview(self._one("participation")) | {"intervention_type": kind}
        answer = await self._say("POST", "/v1/interventions", draft)
        if answer.status_code == 201:
            self.ids["act"].append(answer.json()["id"])

    async def move(self) -> None:
        """Suspend, resume, close, reopen or correct a situation."""
        path = f"/v1/situations/{self._one('situation')}"
        act, draft = self.random.choice(
            (
                ("suspend", {}),
                ("resume", None),
                ("close", {"closure_reason": self.random.choice(CODES)}),
                ("reopen", None),
            )
        )
        await self._say("POST", f"{path}/{act}", draft)
        await self._say("PATCH", path, {"urgency": self.random.choice(("urgent", None))})

    async def safe_contact(self) -> None:
        path = f"/v1/participations/{self._one('participation')}/safe-contact"
        answer = await self._say("PUT", path, {"address": f"Abri {self.random.random()}"}, **{"If-None-Match": "*"})
        if answer.status_code == 412:
            await self._say(
                "PUT", path, {"safe_hours": "le soir"}, **{"If-Match": (await self._say("GET", path)).headers["etag"]}
            )

    async def need(self) -> None:
        path = f"/v1/participations/{self._one('participation')}/needs"
        answer = await self._say(
            "POST", path, {"need_type": self.random.choice(("housing", "food_aid", "medical_care"))}
        )
        if answer.status_code == 201:
            await self._say("DELETE", f"/v1/needs/{answer.json()['id']}")

    async def person(self) -> None:
        await self._say(
            "PATCH", f"/v1/persons/{self._one('person')}", {"municipality": f"Ville {self.random.random()}"}
        )
        draft = {"other_person_id": self._one("person"), "household_link": "partner"}
        await self._say("POST", f"/v1/persons/{self._one('person')}/household-links", draft)

    async def look_around(self) -> None:
        for path in ("/v1/situations", "/v1/persons", "/v1/interventions", "/v1/referrals", "/v1/me/traces"):
            await self._say("GET", f"{path}?limit=3")
        await self._say("POST", "/v1/persons/search", {"name": "Secret"})

    async def fail(self) -> None:
        """Attempts that are refused, by the worker and by one of another post."""
        by = self.random.choice(("worker", "worker_elsewhere"))
        await self._say("POST", f"/v1/participations/{self._one('participation')}/notes", {"text": ""}, by=by)
        await self._say("POST", "/v1/situations", {"referral_source": "nowhere"}, by=by)
        await self._say("GET", f"/v1/notes/{self._one('note')}", by="worker_elsewhere")
        await self._say("POST", f"/v1/referrals/{self._one('situation')}/accept", {}, by=by)
        if self.done["fail"] % 20 == 1:
            draft = {"email": "intervenante@exemple.fr", "password": "pas le bon"}
            await self._say("POST", "/v1/auth/login", draft)

    async def audit(self) -> None:
        await self._say("GET", "/v1/audit/traces?limit=5", by="dpo")

    async def colleague_at_work(self) -> None:
        """The other holder of the post writes and reads too."""
        participation = self._one("participation")
        await self._say("POST", f"/v1/participations/{participation}/notes", {"text": "De ma main."}, by="colleague")
        await self._say("GET", f"/v1/participations/{participation}/notes", by="colleague")

    async def collective_activity(self) -> None:
        """A training for these very officers, counted; then corrected."""
        said = ACTIVITY | {"participants": self.random.randrange(30)}
        answer = await self._say("POST", "/v1/collective-activities", said)
        self.ids["collective_activity"].append(answer.json()["id"])
        path = f"/v1/collective-activities/{self._one('collective_activity')}"
        await self._say("PATCH", path, {"duration_minutes": self.random.randint(1, 1440)})
        await self._say("GET", "/v1/collective-activities?limit=3")

    async def presence(self) -> None:
        """The days of a month, by who holds the post or by her employer; written again when they are there."""
        path = f"/v1/posts/{self.world.house.ids['shared_post']}/presences"
        month = f"{path}/2025-{self.random.randint(1, 12):02}"
        by, said = self.random.choice(("worker", "coordinator")), {"days_worked": self.random.randrange(57) / 2}
        answer = await self._say("PUT", month, said, by=by, **{"If-None-Match": "*"})
        if answer.status_code == 412:
            seen = (await self._say("GET", month, by=by)).headers["etag"]
            await self._say("PUT", month, said, by=by, **{"If-Match": seen})
        await self._say("GET", f"{path}?year=2025", by=by)

    async def count(self) -> None:
        """Everything is counted again, live: by the post, by its employer, for a month, a quarter, a year."""
        ids = self.world.house.ids
        by, perimeters = self.random.choice((
            ("worker", (f"post:{ids['shared_post']}", f"unit:{ids['north']}")),
            ("coordinator", (f"employer:{ids['employer']}", "departement:28", "zone:police", f"unit:{ids['faraway']}")),
        ))  # fmt: skip
        asked = (
            f"period={self.random.choice(('2026', '2026-Q1', '2026-02'))}&perimeter={self.random.choice(perimeters)}"
        )
        await self._say("GET", f"/v1/statistics/grid?{asked}", by=by)
        what = self.random.choice(("indicators?", "indicators/share_women?", "grid/document?format=csv&"))
        await self._say("GET", f"/v1/statistics/{what}{asked}", by=by)

    async def report(self) -> None:
        """A report of the post, of the employer or of the département: opened, commented, validated, printed."""
        ids = self.world.house.ids
        by, perimeter = self.random.choice((
            ("worker", f"post:{ids['shared_post']}"), ("coordinator", f"employer:{ids['employer']}"),
            ("coordinator", "departement:28"),
        ))  # fmt: skip
        period = f"{self.random.randint(2016, 2025)}-Q{self.random.randint(1, 4)}"
        made = await self._say("POST", "/v1/reports", {"period": period, "perimeter": perimeter}, by=by)
        if made.status_code == 201:
            self.ids["report"].append(made.json()["id"])
        path = f"/v1/reports/{self._one('report')}"
        said = {"commentary": {"highlights": f"Secret {self.random.random()}"}}
        await self._say("PATCH", path, said, by=by)
        if self.random.random() < 0.3:
            await self._say("POST", f"{path}/validate", by="coordinator")
        await self._say("GET", f"{path}/document?format={self.random.choice(('csv', 'xlsx'))}", by=by)
        await self._say("GET", "/v1/reports?limit=3", by=by)

    async def freeze(self) -> None:
        """Elsewhere: a report frozen is told to the units of its post, and to nobody else's."""
        other = f"post:{self.world.house.ids['other_post']}"
        draft = {"referral_source": "self_referral", "participations": [JOINING]}
        met = (await self._say("POST", "/v1/situations", draft, by="worker_elsewhere")).json()["participations"][0]
        await self._say("POST", "/v1/interventions", interview(met["id"]), by="worker_elsewhere")
        said = {"period": self.random.choice(("2026-Q1", "2026-Q2")), "perimeter": other}
        made = await self._say("POST", "/v1/reports", said, by="worker_elsewhere")
        if made.status_code == 201:
            path = f"/v1/reports/{made.json()['id']}"
            self.ids["report"].append(made.json()["id"])
            for act in ("validate", "freeze"):
                await self._say("POST", f"{path}/{act}", by="coordinator")
            await self._say("GET", f"{path}/document?format=csv", by="worker_elsewhere")

    async def external_code(self) -> None:
        """Which line of the grid that is asked for is ours."""
        line = self.random.choice(("victim", "witness", "alleged_perpetrator", "total"))
        path, said = f"/v1/statistics/external-codes/T3/{line}", {"external_code": f"B{self.random.randrange(99)}"}
        answer = await self._say("PUT", path, said, by="coordinator", **{"If-None-Match": "*"})
        if answer.status_code == 412:
            await self._say("PUT", path, said, by="coordinator", **{"If-Match": "*"})
        await self._say("GET", "/v1/statistics/external-codes", by="worker")
