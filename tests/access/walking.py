"""Real objects to walk on, and one request whoever sends it (``ways.py`` says how each route is called)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import httpx

from app.models.columns import new_id
from app.services.passwords import hashed
from tests.house_for_tests import House

EMAIL, PASSWORD = "intervenante@exemple.fr", "un mot de passe pour se promener"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Call:
    """One request, whoever sends it."""

    method: str
    path: str
    json: Any = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def by(self, client: httpx.AsyncClient, *, request_id: str | None = None) -> httpx.Response:
        """Send it; ``request_id`` makes two refusals comparable byte for byte."""
        headers = self.headers | ({"X-Request-Id": request_id} if request_id else {})
        if self.method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        return await client.request(self.method, self.path, json=self.json, data=self.form, headers=headers)

    def on_nothing(self) -> Call:
        """The same call on objects that never existed."""
        unknown = str(new_id())
        if UUID.search(self.path):
            return replace(self, path=UUID.sub(unknown, self.path))
        if self.json is not None:
            return replace(self, json=json.loads(UUID.sub(unknown, json.dumps(self.json))))
        return replace(self, path=self.path.rpartition("/")[0] + "/no_such_thing")


class Ground:
    """Real objects to walk on, made over HTTP by those whose job it is."""

    def __init__(self, house: House, superuser: asyncpg.Connection) -> None:
        self.house, self.superuser = house, superuser
        # Of each quarter, one report may be open at a time: a fresh quarter each time.
        self.quarters = (f"{year}-Q{number}" for year in range(2016, 2026) for number in range(1, 5))
        self._frozen: str | None = None

    @classmethod
    async def of(cls, house: House, superuser: asyncpg.Connection) -> Ground:
        """A ground whose worker also has a password (and an address: ``.test`` is no domain to sign in from)."""
        worker = house.ids["worker"]
        await superuser.execute("update accounts.account set email = $2 where id = $1", worker, EMAIL)
        await superuser.execute("insert into accounts.credential values ($1, $2, now())", worker, hashed(PASSWORD))
        return cls(house, superuser)

    async def made(self, path: str, draft: Any, by: str = "worker") -> dict[str, Any]:
        """What a POST has just created."""
        answer = await (await self.house(by)).post(path, json=draft)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def seen(self, path: str, by: str = "worker") -> dict[str, str]:
        """The ``If-Match`` of somebody who has just read the object."""
        answer = await (await self.house(by)).get(path)
        assert answer.status_code == 200, answer.text
        return {"If-Match": answer.headers["etag"]}

    async def referral(self) -> str:
        return f"/v1/referrals/{(await self.house.referral())['id']}"

    async def situation(self, *acts: tuple[str, Any]) -> str:
        path = f"/v1/situations/{(await self.house.situation())['id']}"
        for act, draft in acts:
            if act == "interview":
                shown = (await (await self.house("worker")).get(path)).json()
                await self.made("/v1/interventions", interview(shown["participations"][0]["id"]))
            else:
                assert (await (await self.house("worker")).post(f"{path}/{act}", json=draft)).status_code == 200
        return path

    async def participation(self) -> str:
        return (await self.house.situation())["participations"][0]["id"]

    async def note(self) -> str:
        return f"/v1/notes/{(await self.house.note(await self.participation()))['id']}"

    async def share(self) -> str:
        note = await self.note()
        share = await self.made(f"{note}/shares", {"shared_with": str(self.house.ids["colleague"])})
        return f"{note}/shares/{share['id']}"

    async def need(self) -> str:
        path = f"/v1/participations/{await self.participation()}/needs"
        return f"/v1/needs/{(await self.made(path, {'need_type': 'housing'}))['id']}"

    async def safe_contact(self) -> str:
        path = f"/v1/participations/{await self.participation()}/safe-contact"
        draft, first = {"safe_hours": "le matin"}, {"If-None-Match": "*"}
        assert (await (await self.house("worker")).put(path, json=draft, headers=first)).status_code == 201
        return path

    async def intervention(self) -> str:
        return (
            f"/v1/interventions/{(await self.made('/v1/interventions', interview(await self.participation())))['id']}"
        )

    async def person(self) -> str:
        return f"/v1/persons/{(await self.made('/v1/persons', {'sex': 'female', 'last_name': 'Petit'}))['id']}"

    async def other_person(self) -> dict[str, str]:
        return {"other_person_id": (await self.person()).rpartition("/")[2], "household_link": "partner"}

    async def link(self) -> str:
        path = f"{await self.person()}/household-links"
        return f"{path}/{(await self.made(path, await self.other_person()))['id']}"

    async def orientation(self) -> str:
        return f"/v1/orientations/{(await self.house.orientation())['id']}"

    async def agreed_orientation(self) -> str:
        return f"/v1/orientations/{(await self.house.orientation(agreed=TRANSMITTED['fields']))['id']}"

    async def sent_orientation(self, *acts: tuple[str, Any]) -> str:
        """Transmitted to the CCAS, and answered by it with ``acts``."""
        path = f"/v1/orientations/{(await self.house.sent_orientation())['id']}"
        for act, draft in acts:
            assert (await (await self.house("partner")).post(f"{path}/{act}", json=draft)).status_code == 200
        return path

    async def answer_link(self) -> str:
        path = f"{await self.sent_orientation()}/answer-links"
        return f"{path}/{(await self.made(path, {}))['id']}"

    async def open_link(self) -> str:
        """The address that a partner without an account is sent."""
        return str((await self.made(f"{await self.sent_orientation()}/answer-links", {}))["path"])

    async def report(self) -> dict[str, Any]:
        return REPORT | {"participation_id": await self.participation()}

    async def transmission(self) -> str:
        return f"/v1/transmissions/{(await self.made('/v1/transmissions', await self.report()))['id']}"

    def activity_report(self) -> dict[str, str]:
        """What to say to open a report of the post."""
        return {"period": next(self.quarters), "perimeter": f"post:{self.house.ids['shared_post']}"}

    async def drafted_report(self) -> str:
        return f"/v1/reports/{(await self.made('/v1/reports', self.activity_report()))['id']}"

    async def validated_report(self) -> str:
        """Validated, of a quarter in which somebody was met."""
        said = self.activity_report()
        year, number = said["period"].split("-Q")
        met = interview(await self.participation())
        await self.made("/v1/interventions", met | {"occurred_at": f"{year}-{3 * int(number):02}-02T10:00:00Z"})
        path = f"/v1/reports/{(await self.made('/v1/reports', said))['id']}"
        answer = await (await self.house("coordinator")).post(f"{path}/validate")
        assert answer.status_code == 200, answer.text
        return path

    async def frozen_report(self) -> str:
        """Frozen: whoever may read it finds it as it was, so that one is enough."""
        if self._frozen is None:
            self._frozen = await self.validated_report()
            answer = await (await self.house("coordinator")).post(f"{self._frozen}/freeze")
            assert answer.status_code == 200, answer.text
        return self._frozen

    async def kept(self, name: str) -> str:
        """Something that the administrator keeps: units, sites, employers, posts."""
        draft = KEPT[name] | (self.post_facts() if name == "posts" else {})
        return f"/v1/{name}/{(await self.made(f'/v1/{name}', draft, by='administrator'))['id']}"

    def post_facts(self) -> dict[str, Any]:
        return {"employer_id": str(self.house.ids["employer"]), "unit_ids": [str(self.house.ids["south"])]}

    async def refresh_token(self) -> str:
        return (await self.house.session_of("worker"))["refresh_token"]


def interview(participation_id: str | None) -> dict[str, Any]:
    """A telephone interview that was held."""
    return {
        "participation_id": participation_id, "intervention_type": "phone_interview", "channel": "phone",
        "outcome": "held", "occurred_at": "2026-02-02T10:00:00Z", "duration_minutes": 30,
    }  # fmt: skip


KEPT: dict[str, dict[str, Any]] = {
    "units": {"name": "Brigade", "zone": "gendarmerie", "departement_code": "28", "municipality": "Dreux"},
    "sites": {"name": "Mairie", "site_type": "town_hall", "municipality": "Dreux"},
    "employers": {"name": "CCAS", "employer_type": "commune_ccas", "departement_code": "28"},
    "posts": {"name": "Poste", "starts_on": "2026-02-01"},
}
REFERRAL = {
    "last_name": "Bolieu", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
    "contact_consent": "given_to_officer",
}  # fmt: skip
JOINING = {"person": {"sex": "female"}, "person_status": "victim", "contact_consent": "given_to_iscg"}
INTAKE = {"referral_source": "self_referral", "participations": [JOINING]}
TAKE_UP = ("take-up", None)
TRANSMITTED: dict[str, Any] = {
    "legal_basis": "person_agreement", "fields": ["last_name", "message"], "person_informed": "informed_before",
}  # fmt: skip
REPORT = {
    "transmission_kind": "concerning_information", "legal_basis": "concerning_information_l226_2_1",
    "recipient": "CRIP du département", "fields": ["last_name"], "narrative": "L'enfant a peur de rentrer.",
    "person_informed": "not_informed_child_interest",
}  # fmt: skip
REQUISITION = {
    "received_on": "2026-02-02", "requested_by": "OPJ, brigade de Dreux", "requisition_basis": "cpp_77_1_1",
    "requested_scope": "Les dates des entretiens.",
}  # fmt: skip
ACTIVITY = {
    "collective_activity_type": "training_for_officers", "held_on": "2026-02-02", "duration_minutes": 90,
    "participants": 12,
}  # fmt: skip
