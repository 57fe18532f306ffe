"""Who enters and who hands over, told with words that exist nowhere else, and the secrets that open an account."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx

from tests.access.canaries import CHOSEN, NAME, NAMED, STRANGE, SUMMARY, VISITED, Story
from tests.access.secret_work_of_identity import followed_on_the_post
from tests.house_for_tests import House
from tests.routers.asking import day
from tests.strong import Telephone, forget_attempts, forget_steps

AUTH = "/v1/auth"


class Identity:
    """A handover with its summary, a visit agreed to, somebody who enters and changes all her proofs, software."""

    def __init__(self, story: Story, superuser: asyncpg.Connection) -> None:
        self.house: House = story.house
        self.story, self.say, self.superuser = story, story.say, superuser
        self.secrets: list[str] = []
        """Told once, never kept: links, codes, secrets of second factors, challenges, tickets, tokens."""
        self.refusals = 0

    @classmethod
    async def told(cls, story: Story, superuser: asyncpg.Connection) -> Identity:
        found = cls(story, superuser)
        await found._hands_over()
        await found._enters()
        await found._proves()
        await found._software()
        await forget_attempts(superuser)
        return found

    async def _made(self, path: str, draft: Any, by: str | httpx.AsyncClient, expect: int = 200) -> Any:
        client = by if isinstance(by, httpx.AsyncClient) else await self.house(by)
        answer = await client.post(path, json=draft)
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def _refused(self, path: str, draft: Any, by: str | httpx.AsyncClient, *expected: int) -> None:
        client = by if isinstance(by, httpx.AsyncClient) else await self.house(by)
        answer = await client.post(path, json=draft)
        assert answer.status_code in expected, f"{path}: {answer.status_code} {answer.text}"
        self.story.answers.append(answer)
        self.refusals += 1
        await forget_attempts(self.superuser)

    async def _hands_over(self) -> None:
        listed = [
            {"participation_id": str(each["id"]), "notes_go_along": False, "summary": f"{SUMMARY} à rappeler."}
            for each in await followed_on_the_post(self.house)
        ]
        said = {"to_account_id": str(self.house.ids["colleague"]), "handover_motive": "mobility", "starts_on": day(0)}
        for wrong in (
            {"participations": [{**listed[0], "summary": SUMMARY * 9_000}]},
            {"participations": [{**listed[0], "summary": f"{SUMMARY}\0"}]},
            {"participations": [{**listed[0], "summary": [SUMMARY], f"{STRANGE} !": 1}]},
            {"participations": SUMMARY},
            {"participations": [*listed, listed[0]]},
            {"participations": listed[1:], "handover_motive": SUMMARY},
        ):
            await self._refused("/v1/handovers", {**said, **wrong}, "worker", 422)
        made = await self.say("POST", "/v1/handovers", {**said, "participations": listed}, expect=201)
        self.handover = f"/v1/handovers/{made.json()['id']}"
        await self._made(f"{self.handover}/approve", None, "coordinator")
        read = await (await self.house("colleague")).get(f"{self.handover}/summaries")
        assert SUMMARY in read.text
        visit = {"visit_on": day(1), "municipality": VISITED}
        await self._refused(
            "/v1/home-visit-agreements", {"visit_on": VISITED, "municipality": [VISITED]}, "worker", 422
        )
        agreed = await self.say("POST", "/v1/home-visit-agreements", visit, expect=201)
        self.agreement = f"/v1/home-visit-agreements/{agreed.json()['id']}"
        for expected in (200, 409):
            await self._answers(f"{self.agreement}/approve", expected)

    async def _answers(self, path: str, expected: int) -> None:
        answer = await (await self.house("coordinator")).post(path)
        assert answer.status_code == expected
        self.story.answers.append(answer)

    async def _invited(self, account_id: str) -> dict[str, str]:
        at = f"/v1/accounts/{account_id}/invitations"
        made = await self._made(at, {"purpose": "welcome"}, "administrator", 201)
        approved = await self._made(f"/v1/invitations/{made['id']}/approve", None, "other_administrator")
        self.secrets += [made["link"], approved["code"], approved["code"].replace("-", "")]
        return {"token": made["link"], "approval_code": approved["code"]}

    async def _enters(self) -> None:
        draft = {"email": f"{NAMED}@exemple.test", "name": NAMED, "role": "social_worker"}
        for wrong in ({"email": [NAMED]}, {"role": NAMED}, {f"{STRANGE} !": NAMED}, {"diploma": NAMED}):
            await self._refused("/v1/accounts", draft | wrong, "administrator", 422)
        account = await self._made("/v1/accounts", draft, "administrator", 201)
        await self._refused("/v1/accounts", draft, "administrator", 409)
        await self._made(f"/v1/accounts/{account['id']}/approve", None, "other_administrator")
        await self._refused(f"/v1/accounts/{account['id']}/approve", None, "other_administrator", 409)
        link, nobody = await self._invited(account["id"]), self.house.caller()
        opened = await self._made(f"{AUTH}/invitations/open", {"token": link["token"]}, nobody)
        self.secrets += [opened["secret"], opened["otpauth_uri"]]
        said = {**link, "password": CHOSEN, "totp_code": Telephone(opened["secret"]).code()}
        for wrong, status in (
            ({"approval_code": link["token"][:60]}, 401), ({"totp_code": link["token"]}, 422),
            ({"password": CHOSEN[:10]}, 422), ({"password": NAMED + NAMED}, 422), ({f"{STRANGE} !": CHOSEN}, 422),
            ({"token": link["approval_code"]}, 404), ({"client_id": CHOSEN}, 422),
        ):  # fmt: skip
            await self._refused(f"{AUTH}/invitations/accept", said | wrong, nobody, status)
        accepted = await self._made(f"{AUTH}/invitations/accept", said, nobody)
        await self._refused(f"{AUTH}/invitations/accept", said, nobody, 404)
        await self._refused(f"{AUTH}/invitations/open", {"token": link["token"]}, nobody, 404)
        self.recovery, self.telephone = accepted["recovery_codes"], Telephone(opened["secret"])
        self.secrets += [*self.recovery, *(accepted["tokens"][name] for name in ("access_token", "refresh_token"))]
        self.guest = self.house.caller(accepted["tokens"]["access_token"])
        at = f"/v1/accounts/{account['id']}/institutions"
        await self._refused(at, {"issuer": NAMED, "siret": NAMED}, "administrator", 422)
        awaited = await self._made(at, {"issuer": "https://identite.exemple.test"}, "administrator", 201)
        bound = "update accounts.federated_identity set subject = $2, bound_at = now() where id = $1::text::uuid"
        await self.superuser.execute(bound, awaited["id"], NAMED)

    async def _proves(self) -> None:
        nobody, email = self.house.caller(), f"{NAMED}@exemple.test"
        signing = {"email": email, "password": CHOSEN}
        for code in (self.recovery[0], self.recovery[0], f"{CHOSEN} "):
            challenge = (await self._made(f"{AUTH}/login", signing, nobody))["challenge"]
            self.secrets.append(challenge)
            proof = {"challenge": challenge, "code": code}
            answer = await nobody.post(f"{AUTH}/mfa", json=proof)
            if answer.status_code != 200:
                self.story.answers.append(answer)
                continue
            self.secrets += [answer.json()["access_token"], answer.json()["refresh_token"]]
        await self._refused(f"{AUTH}/login", signing | {"password": f"{CHOSEN}!"}, nobody, 401)
        await self._refused(f"{AUTH}/mfa", {"challenge": CHOSEN, "code": CHOSEN}, nobody, 401)
        await self._refused(f"{AUTH}/step-up", {"code": CHOSEN}, self.guest, 422)
        await self._refused(f"{AUTH}/step-up", {"password": CHOSEN}, self.guest, 401)
        changing = {"password": CHOSEN, "code": "000000", "new_password": f"{CHOSEN} encore"}
        await self._refused(f"{AUTH}/password", changing, self.guest, 401)
        await self._refused(f"{AUTH}/password", changing | {"new_password": CHOSEN[:9]}, self.guest, 422)
        await forget_steps(self.superuser)
        await self._made(f"{AUTH}/password", changing | {"code": self.telephone.code()}, self.guest, 204)
        await forget_steps(self.superuser)
        announced = await self._made(f"{AUTH}/second-factor", {"code": self.telephone.code()}, self.guest)
        self.secrets += [announced["ticket"], announced["secret"], announced["otpauth_uri"]]
        confirm = {"ticket": announced["ticket"], "code": Telephone(announced["secret"]).code()}
        await self._refused(f"{AUTH}/second-factor/confirm", confirm | {"ticket": CHOSEN}, self.guest, 401)
        await self._refused(f"{AUTH}/second-factor/confirm", confirm | {"code": CHOSEN}, self.guest, 422)
        self.secrets += (await self._made(f"{AUTH}/second-factor/confirm", confirm, self.guest))["recovery_codes"]
        await self._refused(f"{AUTH}/second-factor/confirm", confirm, self.guest, 401)
        for path in (f"callback?state={CHOSEN}&code={CHOSEN}", f"start?provider={CHOSEN}&state={CHOSEN}"):
            answer = await nobody.get(f"{AUTH}/oidc/{path}")
            assert answer.status_code in (401, 422)
            self.story.answers.append(answer)

    async def _software(self) -> None:
        partner = str(self.house.ids["ccas"])
        draft = {"name": NAMED, "partner_id": partner, "scopes": ["orientation:read"]}
        await self._refused("/v1/clients", draft | {"scopes": [NAMED], "partner_id": NAME}, "administrator", 422)
        client = await self._made("/v1/clients", draft, "administrator", 201)
        await self._made(f"/v1/clients/{client['id']}/approve", None, "other_administrator")
        accepted = await self._made(
            f"{AUTH}/invitations/accept", await self._invited(client["id"]), self.house.caller()
        )
        self.secrets.append(accepted["software"]["client_secret"])
        form = {"grant_type": "client_credentials"}
        wrong = f"{accepted['software']['client_secret']}x"
        refused = await self.house.caller().post(f"{AUTH}/token", data=form, auth=(client["client_id"], wrong))
        assert refused.status_code == 401
        self.story.answers.append(refused)

    def may_read(self, name: str, path: str) -> set[str]:
        """The words that this person is meant to read there."""
        entered = {"/v1/accounts": {NAMED}, "/v1/clients": {NAMED}}
        told = {
            "colleague": {f"{self.handover}/summaries": {SUMMARY}, self.agreement: {VISITED}},
            "coordinator": {self.agreement: {VISITED}},
            "administrator": entered, "other_administrator": entered, "dpo": entered,
        }  # fmt: skip
        return told.get(name, {}).get(path, set())

    @property
    def paths(self) -> list[str]:
        """Where all of it may be read."""
        lists = [
            f"/v1/{name}" for name in ("accounts", "clients", "postings", "handovers", "replacements", "me/notices")
        ]
        return [*lists, self.handover, f"{self.handover}/summaries", self.agreement, "/v1/me/sessions"]
