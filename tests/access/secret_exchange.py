"""A social worker's random days, with all that leaves the post: orientations, answers, transmissions, requisitions."""

from __future__ import annotations

from typing import Any

from tests.access.secret_work import SecretWork
from tests.access.walking import REFERRAL, REPORT, REQUISITION, TRANSMITTED
from tests.access.worlds import World

NOWHERE = "00000000-0000-7000-8000-000000000000"
FROM_PARTNER = {name: said for name, said in REFERRAL.items() if name != "document_type"}


class SecretExchange(SecretWork):
    """The same, and what passes between the post, its partners, its employer and a judge.

    ``partners`` are those to whom something may be transmitted, and who answer.
    """

    def __init__(self, world: World, seed: int, *, partners: tuple[str, ...] = ("ccas", "association")) -> None:
        super().__init__(world, seed)
        self.partners = partners
        self.people = {"ccas": "partner", "association": "partner_elsewhere"}
        for kind in ("orientation", "transmission", "requisition", "partner_referral", "answer"):
            self.ids[kind] = []
        self.sent: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self.acts = (
            *self.acts, self.propose, self.propose, self.follow, self.follow, self.follow, self.partner_answers,
            self.partner_answers, self.partner_answers, self.link, self.pass_on, self.requisition,
            self.partner_sends, self.receive,
        )  # fmt: skip

    async def propose(self) -> None:
        """To a partner, whichever; what is transmitted goes to ``partners`` only."""
        target = self.random.choice((*self.partners, *self.people))
        draft = self.random.choice(
            (
                {"service_id": str(self.world.house.ids[f"{target}_service"])},
                {"partner_id": str(self.world.house.ids[target]), "need_type": "housing"},
                {"partner_category": "ccas_cias"},
            )
        )
        answer = await self._say("POST", f"/v1/participations/{self._one('participation')}/orientations", draft)
        if answer.status_code == 201:
            self.ids["orientation"].append(answer.json()["id"])

    async def follow(self) -> None:
        """Agree, decline, transmit, close, or only look."""
        path = f"/v1/orientations/{self._one('orientation')}"
        found = await self._say("GET", path)
        await self._say("POST", f"{path}/agree", {"agreed_fields": TRANSMITTED["fields"]})
        act, draft = self.random.choice((
            *[("transmit", TRANSMITTED | {"message": f"Secret {self.random.random()}"})] * 4,
            ("close", None), ("decline", {}), ("self-refer", {}), ("acknowledge", None),
        ))  # fmt: skip
        allowed = {str(self.world.house.ids[partner]) for partner in self.partners}
        if act == "transmit" and (found.status_code != 200 or found.json()["partner_id"] not in allowed):
            return
        if act == "close" and self.random.random() < 0.5:
            return
        answer = await self._say("POST", f"{path}/{act}", draft)
        if act == "transmit" and answer.status_code == 200:
            self.sent.append(answer.json()["id"])
        for where in ("", "/reminders?working_days=1", f"/{NOWHERE}"):
            await self._say("GET", f"/v1/orientations{where}")

    async def partner_answers(self) -> None:
        """The partners concerned read what they were sent, and answer; a stranger to it tries too."""
        path = f"/v1/orientations/{self.random.choice(self.sent) if self.sent else NOWHERE}"
        act, draft = self.random.choice((
            ("acknowledge", None), ("take-up", None), ("refuse", {"refusal_reason": "no_capacity"}),
            ("outcome", {"outcome_code": "support_started"}), ("outcome", {"outcome_code": "need_met"}),
        ))  # fmt: skip
        for partner in self.partners:
            await self._say("GET", path, by=self.people[partner])
            await self._say("GET", "/v1/orientations?limit=5", by=self.people[partner])
            answer = await self._say("POST", f"{path}/{act}", draft, by=self.people[partner])
            if answer.status_code == 200:
                self.ids["answer"].append(answer.json()["id"])

    async def link(self) -> None:
        """Make a link; its holder reads and answers, or the worker revokes it."""
        path = f"/v1/orientations/{self.random.choice(self.sent) if self.sent else NOWHERE}/answer-links"
        made = await self._say("POST", path, {"days": 3})
        if made.status_code != 201:
            return
        address = made.json()["path"]
        await self._say("GET", address, by="anybody")
        if self.random.random() < 0.3:
            await self._say("POST", f"{path}/{made.json()['id']}/revoke")
        await self._say("POST", address, {"answer": self.random.choice(("acknowledge", "take_up"))}, by="anybody")
        await self._say("GET", path)

    async def pass_on(self) -> None:
        """An information préoccupante, a report to the prosecutor, a sharing between professionals."""
        kind, basis = self.random.choice((
            ("concerning_information", "concerning_information_l226_2_1"), ("prosecutor_report", "peril_or_necessity"),
            ("professional_sharing", "social_professionals_l121_6_2"),
        ))  # fmt: skip
        said = REPORT | {"transmission_kind": kind, "legal_basis": basis}
        if kind == "professional_sharing":
            said |= {"narrative": None}
        answer = await self._say("POST", "/v1/transmissions", said | {"participation_id": self._one("participation")})
        if answer.status_code == 201:
            self.ids["transmission"].append(answer.json()["id"])
        await self._say("GET", f"/v1/transmissions/{self._one('transmission')}/content")
        await self._say("GET", "/v1/transmissions?limit=3")

    async def requisition(self) -> None:
        """A judge asks; the worker enters it, decides, hands over; her employer and the delegate read the register."""
        scope = {"requested_scope": f"Secret {self.random.random()}"}
        entered = await self._say("POST", "/v1/requisitions", REQUISITION | scope)
        self.ids["requisition"].append(entered.json()["id"])
        path = f"/v1/requisitions/{self._one('requisition')}"
        decision = self.random.choice(("complied", "complied", "refused"))
        fields = ["last_name", "interventions"]
        decided = {} if decision == "refused" else {"decided_fields": fields}
        await self._say("POST", f"{path}/decide", {"decision": decision, **decided})
        said = {"fields": fields, "person_informed": "informed_after"}
        await self._say("POST", f"{path}/hand-over", said | {"participation_id": self._one("participation")})
        for by in ("coordinator", "dpo"):
            await self._say("GET", "/v1/requisitions?limit=3", by=by)

    async def partner_sends(self) -> None:
        """A partner directs a person to the post, and sometimes takes her back."""
        said: dict[str, Any] = FROM_PARTNER | {"post_id": str(self.world.house.ids["shared_post"])}
        by = self.people[self.random.choice(self.partners)]
        answer = await self._say("POST", "/v1/referrals", said | {"facts": f"Secret {self.random.random()}"}, by=by)
        if answer.status_code == 201:
            self.ids["partner_referral"].append(answer.json()["id"])
        if self.random.random() < 0.2:
            await self._say("POST", f"/v1/referrals/{self._one('partner_referral')}/withdraw", by=by)

    async def receive(self) -> None:
        """The worker decides of a person whom a partner sent; ``answered`` ones are told a code."""
        await self._say("GET", "/v1/referrals?from=partners&limit=5")
        path = f"/v1/referrals/{self._one('partner_referral')}"
        await self._say("GET", path)
        act, draft = self.random.choice((("accept", {}), ("redirect", {"redirected_to": "CIDFF"}), ("reject", {})))
        answer = await self._say("POST", f"{path}/{act}", draft)
        if answer.status_code == 201:
            self._keep(answer.json())
        await self._say("POST", f"{path}/feedback", {"feedback_code": "received"})
