"""On that day too: who replaces and takes over, a visit agreed to, accounts opened, and the secrets that open them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg

from tests.access.ways_of_handovers import replacement_draft
from tests.house_for_tests import House
from tests.routers.asking import day
from tests.strong import Telephone

if TYPE_CHECKING:
    from tests.access.planting import Planted

HANDED, WAITING = "Rappeler l'école de Lanvénégen.", "Ne pas appeler au moulin de Rosporden."
VISITED = "Plounéour-Ménez"
ASKED = {"email": "gwenola.pichavant@exemple.test", "name": "Gwenola Pichavant"}
PROPOSED = {"email": "erwan.tromelin@exemple.test", "name": "Erwan Tromelin", "role": "police_officer"}
SOFTWARE, ISSUER, SUBJECT = "Logiciel de Kergrist", "https://identite.exemple.test", "sub-penmarch-7714"
CHOSEN = "goémon sablier citadelle brouette"


class _Identity:
    """What is planted, step by step."""

    def __init__(self, house: House, planted: Planted) -> None:
        self.house, self.planted = house, planted

    async def made(self, path: str, draft: Any = None, by: str = "worker") -> Any:
        client = self.house.caller() if by == "anybody" else await self.house(by)
        answer = await client.post(path, json=draft)
        assert answer.status_code in (200, 201), f"{path}: {answer.text}"
        return answer.json()

    async def handovers(self, connection: asyncpg.Connection) -> None:
        """One approved, one that waits; notes stay, so that what arrives is what was written for it."""
        planted = self.planted
        followed = await connection.fetch(
            "select p.id from social.participation p join social.situation s on s.id = p.situation_id"
            " where p.post_id = $1 and s.status <> 'closed'", self.house.ids["shared_post"],
        )  # fmt: skip
        for group, text, acts in (("handed_summary", HANDED, ["approve"]), ("waiting_summary", WAITING, [])):
            listed = [
                {"participation_id": str(each["id"]), "notes_go_along": False, "summary": text} for each in followed
            ]
            draft = {"to_account_id": str(self.house.ids["colleague"]), "handover_motive": "mobility"}
            made = await self.made("/v1/handovers", draft | {"starts_on": day(0), "participations": listed})
            planted.name("handover_id", made["id"], "handover_ids")
            planted.put(group, text)
            for act in acts:
                await self.made(f"/v1/handovers/{made['id']}/{act}", by="coordinator")
        # Days to come: whoever replaces reads nothing yet.
        asked = await self.made("/v1/replacements", replacement_draft(self.house), by="worker_elsewhere")
        planted.name("replacement_id", asked["id"], "replacement_ids")
        await self.made(f"/v1/replacements/{asked['id']}/approve", by="coordinator")
        visit = {"visit_on": day(1), "municipality": VISITED}
        agreement = await self.made("/v1/home-visit-agreements", visit)
        planted.name("agreement_id", agreement["id"], "agreement_ids")
        planted.put("visited", VISITED)
        await self.made(f"/v1/home-visit-agreements/{agreement['id']}/approve", by="coordinator")

    async def enters(self, account_id: str, **said: Any) -> dict[str, Any]:
        """Invited by one, approved by the other, and in: every secret of it is planted."""
        secret = self.planted.put
        invited = await self.made(f"/v1/accounts/{account_id}/invitations", {"purpose": "welcome"}, "administrator")
        self.planted.name("invitation_id", invited["id"], "invitation_ids")
        approved = await self.made(f"/v1/invitations/{invited['id']}/approve", by="other_administrator")
        opened = await self.made("/v1/auth/invitations/open", {"token": invited["link"]}, "anybody")
        draft = {"token": invited["link"], "approval_code": approved["code"], **said}
        if opened["secret"]:
            draft["totp_code"] = Telephone(opened["secret"]).code()
        accepted: dict[str, Any] = await self.made("/v1/auth/invitations/accept", draft, "anybody")
        secret("account_secrets", invited["link"], approved["code"], opened["secret"])
        secret("account_secrets", *(accepted["recovery_codes"] or ()), said.get("password"))
        return accepted

    async def accounts(self, connection: asyncpg.Connection) -> None:
        """Of the employer, and not; proposed, approved, invited; a posting, an institution, software."""
        planted = self.planted
        for group, by, draft in (
            ("employer_account", "coordinator", ASKED),
            ("other_account", "administrator", PROPOSED),
        ):
            account = await self.made("/v1/accounts", draft, by)
            planted.name("account_id", account["id"], group)
            planted.put(group, draft["email"], draft["name"])
            await self.made(f"/v1/accounts/{account['id']}/approve", by="other_administrator")
        guest = planted.ids["account_id"][0]
        accepted = await self.enters(guest, password=CHOSEN)
        planted.put("account_secrets", accepted["tokens"]["access_token"], accepted["tokens"]["refresh_token"])
        posting = {"account_id": guest, "post_id": str(self.house.ids["other_post"]), "starts_on": day(30)}
        planted.name("posting_id", (await self.made("/v1/postings", posting, "administrator"))["id"], "posting_ids")
        at = f"/v1/accounts/{guest}/institutions"
        awaited = await self.made(at, {"issuer": ISSUER}, "administrator")
        planted.name("identity_id", awaited["id"], "identity_ids")
        await self.made(f"{at}/{awaited['id']}/approve", by="other_administrator")
        bound = "update accounts.federated_identity set subject = $2, bound_at = now() where id = $1::text::uuid"
        await connection.execute(bound, awaited["id"], SUBJECT)
        planted.put("account_secrets", SUBJECT)
        draft = {"name": SOFTWARE, "partner_id": str(self.house.ids["ccas"]), "scopes": ["orientation:read"]}
        client = await self.made("/v1/clients", draft, "administrator")
        planted.name("client_id", client["id"], "software")
        planted.put("software", SOFTWARE, client["client_id"])
        await self.made(f"/v1/clients/{client['id']}/approve", by="other_administrator")
        planted.put("account_secrets", (await self.enters(client["id"]))["software"]["client_secret"])
        token = (await self.house.session_of("worker"))["access_token"]
        session = self.house.app.state.verifier.actor(token).session_id
        planted.name("session_id", str(session), "session_ids")


async def plant_identity(house: House, planted: Planted) -> None:
    """Over HTTP, by those whose job it is; what an institution calls somebody, as if she had come by it."""
    identity = _Identity(house, planted)
    connection = await asyncpg.connect(house.town.superuser_url, database=house.database)
    try:
        await identity.handovers(connection)
        await identity.accounts(connection)
    finally:
        await connection.close()
