"""What leaves the post, told with words that exist nowhere else, and the secrets that open it."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from app.registering import add_client
from tests.access.canaries import ADDRESSED, JUDGED, MESSAGE, NAME, NARRATIVE, PHONE, SAFE, STRANGE, Story
from tests.access.walking import REFERRAL, REPORT, REQUISITION, TRANSMITTED

FIELDS = ["last_name", "first_name", "phone", "safe_contact", "message"]
FROM_PARTNER: dict[str, Any] = {
    **{name: said for name, said in REFERRAL.items() if name != "document_type"},
    "last_name": ADDRESSED, "facts": f"{ADDRESSED}, hier soir", "safe_contact_hint": ADDRESSED,
}  # fmt: skip


class Exchange:
    """An orientation, its links, a report, a requisition handed over, a person sent by a partner, its software."""

    def __init__(self, story: Story) -> None:
        self.story, self.say = story, story.say
        self.secrets: list[str] = []
        """Never kept, never written again: tokens of links, the secret of software, the passphrase of an archive."""
        self.paths: list[str] = []
        self.partner: httpx.AsyncClient

    @classmethod
    async def told(cls, story: Story) -> Exchange:
        found = cls(story)
        found.partner = await story.house("partner")
        await found._orientation()
        await found._register()
        await found._software()
        return found

    async def _orientation(self) -> None:
        say, part = self.say, self.story.participation
        draft = {"service_id": str(self.story.house.ids["ccas_service"])}
        made = await say("POST", f"{part}/orientations", draft, expect=201)
        self.orientation = made.headers["location"]
        await say("POST", f"{self.orientation}/agree", {"agreed_fields": FIELDS}, expect=200)
        sent = TRANSMITTED | {"fields": FIELDS, "message": MESSAGE}
        for wrong in (
            {"message": MESSAGE * 300}, {"fields": ["last_name"]}, {"fields": [MESSAGE, "message"]}, {STRANGE + " ": 1},
            {"legal_basis": "minor_l411_3"}, {"person_informed": MESSAGE}, {"fields": ["needs", "message"]},
        ):  # fmt: skip
            await say("POST", f"{self.orientation}/transmit", sent | wrong, expect=422)
        await say("POST", f"{self.orientation}/transmit", sent, expect=200)
        await say("POST", f"{self.orientation}/transmit", sent, expect=409)
        assert MESSAGE in (await self.partner.get(self.orientation)).text
        assert SAFE in (await self.partner.get(self.orientation)).text
        for number in range(3):
            made = await say("POST", f"{self.orientation}/answer-links", {"days": 3 + number}, expect=201)
            path = made.json()["path"]
            self.secrets.append(path.rpartition("/")[2])
        self.links = [f"/v1/answers/{token}" for token in self.secrets]
        self.revoked = f"{made.headers['location']}/{made.json()['id']}"
        anybody = self.story.house.caller()
        refused = [
            await anybody.post(self.links[0], json={"answer": MESSAGE}),
            await anybody.post(self.links[0], json={"answer": "refuse"}),
            await anybody.post(self.links[0], content=f'{{"answer": "{MESSAGE}'.encode()),
            await anybody.get(self.links[0] + "?" + MESSAGE + "%20=1"),
            await anybody.get("/v1/answers/" + STRANGE),
        ]
        assert [answer.status_code for answer in refused] == [422, 422, 415, 422, 422]
        await say("POST", f"{self.revoked}/revoke", expect=200)
        assert (await anybody.post(self.links[1], json={"answer": "take_up"})).status_code == 200
        over = [await anybody.get(self.links[1]), await anybody.get(self.links[2])]
        assert [answer.status_code for answer in over] == [404, 404]
        self.story.answers += refused + over
        self.paths += [self.orientation, f"{self.orientation}/answer-links"]

    async def _register(self) -> None:
        say, participation = self.say, self.story.participation.rpartition("/")[2]
        report = REPORT | {"participation_id": participation, "narrative": NARRATIVE}
        self.report = (await say("POST", "/v1/transmissions", report, expect=201)).headers["location"]
        for wrong in ({"narrative": f"{NARRATIVE}\0"}, {"fields": [NARRATIVE]}, {"transmission_kind": "requisition"}):
            await say("POST", "/v1/transmissions", report | wrong, expect=422)
        asked = REQUISITION | {"requested_scope": JUDGED, "requested_by": JUDGED, "requisition_number": JUDGED}
        self.requisition = (await say("POST", "/v1/requisitions", asked, expect=201)).headers["location"]
        await say("POST", "/v1/requisitions", asked | {"received_on": JUDGED}, expect=422)
        scope = {"decided_fields": ["last_name", "message"]}
        decided = {"decision": "complied", "decision_grounds": JUDGED, **scope}
        handed = {"participation_id": participation, "fields": ["last_name", "message"], "message": MESSAGE}
        handed |= {"person_informed": "informed_after"}
        await say("POST", f"{self.requisition}/hand-over", handed, expect=409)
        await say("POST", f"{self.requisition}/decide", decided, expect=200)
        await say("POST", f"{self.requisition}/decide", decided, expect=409)
        given = (await say("POST", f"{self.requisition}/hand-over", handed, expect=200)).json()
        self.secrets += [given["passphrase"], given["archive_base64"][:60]]
        await say("POST", f"{self.requisition}/hand-over", handed, expect=409)
        said = FROM_PARTNER | {"post_id": str(self.story.house.ids["shared_post"])}
        sent = await self.partner.post("/v1/referrals", json=said)
        assert sent.status_code == 201, sent.text
        self.sent = sent.headers["location"]
        wrong = [
            await self.partner.post("/v1/referrals", json=said | {"post_id": ADDRESSED}),
            await self.partner.post("/v1/referrals", json=said | {"facts": ADDRESSED * 200, "urgency": ADDRESSED}),
        ]
        assert [answer.status_code for answer in wrong] == [422, 422]
        self.story.answers += wrong
        await say("POST", f"{self.sent}/redirect", {"redirected_to": ADDRESSED}, expect=200)
        self.paths += [self.report, f"{self.report}/content", self.requisition, self.sent]
        self.paths += ["/v1/orientations", "/v1/transmissions", "/v1/requisitions", "/v1/referrals?limit=9"]

    async def _software(self) -> None:
        house, nobody = self.story.house, self.story.house.caller()
        client_id, secret = await add_client(
            house.town.superuser_url, database=house.database, name="Logiciel", partner_id=house.ids["ccas"],
            scopes=("orientation:read",),
        )  # fmt: skip
        form = {"grant_type": "client_credentials"}
        let_in = await nobody.post("/v1/auth/token", data=form, auth=(client_id, secret))
        assert let_in.status_code == 200, let_in.text
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        self.secrets += [secret, basic, let_in.json()["access_token"]]
        software = house.caller(let_in.json()["access_token"])
        refused = [
            await nobody.post("/v1/auth/token", data=form | {"scope": "note:read"}, auth=(client_id, secret)),
            await nobody.post("/v1/auth/token", data=form, auth=(client_id, f"{secret}x")),
            await nobody.post("/v1/auth/token", data=form | {"client_secret": secret, "client_id": client_id + " x"}),
            await nobody.post("/v1/auth/token", data=form | {"client_secret": secret, "client_id": client_id},
                              headers={"Authorization": f"Basic {basic}"}),
            await software.post(f"{self.orientation}/acknowledge"),
            await software.get(self.report),
        ]  # fmt: skip
        assert [answer.status_code for answer in refused] == [400, 401, 401, 400, 403, 403]
        assert MESSAGE in (await software.get(self.orientation)).text
        self.story.answers += refused

    def may_read(self, name: str, path: str) -> set[str]:
        """The words that this person is meant to read there."""
        told = {
            "partner": {
                self.orientation: {MESSAGE, SAFE, NAME, PHONE}, self.sent: {ADDRESSED},
                "/v1/referrals?limit=9": {ADDRESSED},
            },
            "coordinator": {self.requisition: {JUDGED}, "/v1/requisitions": {JUDGED}},
            "dpo": {self.requisition: {JUDGED}, "/v1/requisitions": {JUDGED}},
            "colleague": {
                f"{self.report}/content": {NARRATIVE, NAME}, self.requisition: {JUDGED}, "/v1/requisitions": {JUDGED},
                "/v1/transmissions": {JUDGED}, self.sent: {ADDRESSED},
            },
        }  # fmt: skip
        return told.get(name, {}).get(path, set())
