"""Random days of a house whose people change: replacements, handovers, visits, accounts, sign-ins that fail."""

from __future__ import annotations

import asyncpg

from tests.access.secret_exchange import NOWHERE, SecretExchange
from tests.access.worlds import World
from tests.house_for_tests import House
from tests.routers.asking import day
from tests.strong import NEW_PASSWORD, Telephone

FOLLOWED = """
select p.id, exists (select from confidential.note n where n.participation_id = p.id) as noted
  from social.participation p join social.situation s on s.id = p.situation_id
 where p.post_id = $1 and s.status <> 'closed'
"""
TWO = ("administrator", "other_administrator")


async def followed_on_the_post(house: House) -> list[asyncpg.Record]:
    """Every participation that whoever hands the post over must list."""
    connection = await asyncpg.connect(house.town.superuser_url, database=house.database)
    try:
        found: list[asyncpg.Record] = await connection.fetch(FOLLOWED, house.ids["shared_post"])
    finally:
        await connection.close()
    return found


class SecretIdentity(SecretExchange):
    """The same, and who works there: nothing of it is the police's, nor a partner's.

    Nobody is posted to a unit: that, the colleagues of the unit would rightly see.
    """

    def __init__(self, world: World, seed: int, *, partners: tuple[str, ...] = ("ccas", "association")) -> None:
        super().__init__(world, seed, partners=partners)
        for kind in ("replacement", "handover", "agreement", "account", "invitation", "session", "client", "posting"):
            self.ids[kind] = []
        self.accounts = 0
        self.summaries = 0
        self.acts = (
            *self.acts, self.replace, self.replace, self.hand_over, self.home_visit, self.home_visit, self.invite,
            self.suspend, self.software, self.fails_to_sign_in, self.fails_to_sign_in, self.own_sessions,
        )  # fmt: skip

    async def replace(self) -> None:
        """Asked by whoever will replace, or by the employer; approved or not, read for a while, ended."""
        post = {"post_id": str(self.world.house.ids["shared_post"]), "replacement_reason": "sick_leave"}
        draft = post | {"starts_on": day(self.random.choice((0, 0, 3))), "ends_on": day(9)}
        by = self.random.choice(("worker_elsewhere", "coordinator"))
        named = {"account_id": str(self.world.house.ids["worker_elsewhere"])} if by == "coordinator" else {}
        made = await self._say("POST", "/v1/replacements", draft | named, by=by)
        if made.status_code == 201:
            self.ids["replacement"].append(made.json()["id"])
        path = f"/v1/replacements/{self._one('replacement')}"
        if self.random.random() < 0.6:
            await self._say("POST", f"{path}/approve", by="coordinator")
        for read in ("situations", "persons", "referrals", "me/notices"):
            await self._say("GET", f"/v1/{read}?limit=3" if read[0] != "m" else f"/v1/{read}", by="worker_elsewhere")
        if self.random.random() < 0.5:
            await self._say("POST", f"{path}/end", by=self.random.choice(("worker", "worker_elsewhere", "coordinator")))

    async def hand_over(self) -> None:
        """The whole post, to her colleague: notes here, a summary there; approved, or given up."""
        listed = []
        for each in await followed_on_the_post(self.world.house):
            along = self.random.random() < 0.5
            summary = None if along else f"Secret {self.random.random()}"
            self.summaries += summary is not None
            listed.append(
                {"participation_id": str(each["id"]), "notes_go_along": along, "summary": summary}
            )  # fmt: skip
        draft = {"to_account_id": str(self.world.house.ids["colleague"]), "handover_motive": "mobility"}
        draft |= {"starts_on": day(self.random.choice((0, 2)))}
        made = await self._say("POST", "/v1/handovers", {**draft, "participations": listed})
        if made.status_code == 201:
            self.ids["handover"].append(made.json()["id"])
        path = f"/v1/handovers/{self._one('handover')}"
        act, by = self.random.choice((("approve", "coordinator"), ("approve", "coordinator"), ("cancel", "worker")))
        await self._say("POST", f"{path}/{act}", by=by)
        for who in ("colleague", "worker", "worker_elsewhere"):
            await self._say("GET", f"{path}/summaries", by=who)
        await self._say("GET", f"/v1/notes/{self._one('note')}", by="colleague")

    async def home_visit(self) -> None:
        """The employer is asked, and answers."""
        visit = {"visit_on": day(self.random.randint(0, 5)), "municipality": f"Ville {self.random.random()}"}
        made = await self._say("POST", "/v1/home-visit-agreements", visit)
        self.ids["agreement"].append(made.json()["id"])
        act = self.random.choice(("approve", "approve", "refuse"))
        await self._say("POST", f"/v1/home-visit-agreements/{self._one('agreement')}/{act}", by="coordinator")
        await self._say("GET", "/v1/home-visit-agreements?limit=3")

    async def invite(self) -> None:
        """Somebody is asked for, approved, posted to the post itself, invited; the link opened, accepted or revoked."""
        self.accounts += 1
        said = {"email": f"secret.{self.accounts}@exemple.test", "name": f"Secret {self.random.random()}"}
        account = (await self._say("POST", "/v1/accounts", said, by="coordinator")).json()["id"]
        self.ids["account"].append(account)
        first, second = self.random.sample(TWO, 2)
        await self._say("POST", f"/v1/accounts/{account}/approve", by=first)
        posting = {"account_id": account, "post_id": str(self.world.house.ids["other_post"]), "starts_on": day(9)}
        self.ids["posting"].append((await self._say("POST", "/v1/postings", posting, by=first)).json()["id"])
        made = await self._say("POST", f"/v1/accounts/{account}/invitations", {"purpose": "welcome"}, by=first)
        self.ids["invitation"].append(made.json()["id"])
        path = f"/v1/invitations/{made.json()['id']}"
        code = (await self._say("POST", f"{path}/approve", by=second)).json()["code"]
        link = {"token": made.json()["link"]}
        opened = await self._say("POST", "/v1/auth/invitations/open", link, by="anybody")
        if opened.status_code == 200 and self.random.random() < 0.3:
            said = {
                "approval_code": code,
                "password": NEW_PASSWORD,
                "totp_code": Telephone(opened.json()["secret"]).code(),
            }
            await self._say("POST", "/v1/auth/invitations/accept", link | said, by="anybody")
        await self._say("POST", f"{path}/revoke", by=self.random.choice(TWO))

    async def suspend(self) -> None:
        """Somebody is suspended, comes back, or leaves for good."""
        act = self.random.choice(("suspend", "suspend", "resume", "end"))
        await self._say("POST", f"/v1/accounts/{self._one('account')}/{act}", by=self.random.choice(TWO))
        await self._say("GET", "/v1/accounts?limit=3", by=self.random.choice((*TWO, "coordinator", "dpo")))

    async def software(self) -> None:
        """Software of another partner than the one who asks, approved by another, ended."""
        partner = str(self.world.house.ids["association"])
        first, second = self.random.sample(TWO, 2)
        draft = {"name": f"Secret {self.random.random()}", "partner_id": partner, "scopes": ["orientation:read"]}
        made = await self._say("POST", "/v1/clients", draft, by=first)
        self.ids["client"].append(made.json()["id"])
        await self._say("POST", f"/v1/clients/{made.json()['id']}/approve", by=second)
        await self._say("POST", f"/v1/clients/{self._one('client')}/end", by=first)

    async def fails_to_sign_in(self) -> None:
        """Guesses at the worker's proofs, from nowhere and from her own session.

        Never at the police's: whoever is aimed at reads it, rightly, among her own traces.
        """
        draft = {"email": "worker@exemple.test", "password": "pas le bon"}
        await self._say("POST", "/v1/auth/login", draft, by="anybody")
        await self._say("POST", "/v1/auth/mfa", {"challenge": "faux", "code": "123456"}, by="anybody")
        await self._say("POST", "/v1/auth/step-up", {"code": "123456"}, by=self.random.choice(("worker", "colleague")))
        await self._say("POST", "/v1/auth/invitations/open", {"token": "faux"}, by="anybody")

    async def own_sessions(self) -> None:
        """She signs in elsewhere, looks at her sessions, and ends that one."""
        house = self.world.house
        token = (await house.session_of("worker"))["access_token"]
        session = str(house.app.state.verifier.actor(token).session_id)
        self.ids["session"].append(session)
        await self._say("GET", "/v1/me/sessions")
        if self.random.random() < 0.7:
            await self._say("DELETE", f"/v1/me/sessions/{session}")
        await self._say("DELETE", f"/v1/me/sessions/{NOWHERE}")
        await self._say("GET", "/v1/audit/summary", by="dpo")
