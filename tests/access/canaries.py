"""One person's story, told with words that exist nowhere else, then everything that can go wrong with it."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import asyncpg
import httpx

from tests.access.walking import INTAKE, JOINING, interview
from tests.house_for_tests import House

NOTE, SAFE, NAME, SEARCHED, PASSWORD = "zqnotezq", "zqabrizq", "Zqnomzq", "zqcherchezq", "zqmotdepassezq"
TYPED, TOKEN, STRANGE, PHONE = "zqsaisiezq", "zqjetonzq", "zqintruszq", "+33639987531"
MESSAGE, NARRATIVE, ADDRESSED, JUDGED = "zqmessagezq", "zqrecitzq", "zqadressezq", "zqjugezq"
SUMMARY, NAMED, VISITED, CHOSEN = "zqresumezq", "zqcomptezq", "zqcommunezq", "zqchoisizq lanterne artichaut"
KEY = "zqclefzq"
WORDS = (
    NOTE, SAFE, NAME, SEARCHED, PASSWORD, TYPED, TOKEN, STRANGE, PHONE, MESSAGE, NARRATIVE, ADDRESSED, JUDGED, SUMMARY,
    NAMED, VISITED, CHOSEN, KEY,
)  # fmt: skip
SEALED = (NOTE, SAFE, PHONE, MESSAGE, NARRATIVE, SUMMARY)
DRAFT = {"phone": PHONE, "address": SAFE, "safe_hours": f"{SAFE} le soir", "precautions": f"{SAFE} !"}
PERSON = {"sex": "female", "last_name": NAME, "first_name": NAME, "birth_name": NAME, "municipality": NAME}


def found_in(text: str, *words: str) -> list[str]:
    """The words that a text holds, folded or not."""
    return [word for word in words or WORDS if word.lower() in text.lower()]


class Story:
    """One person's story, planted, then everything that can go wrong with it; every refusal is kept."""

    def __init__(self, house: House, worker: httpx.AsyncClient) -> None:
        self.house, self.worker = house, worker
        self.answers: list[httpx.Response] = []
        self.notes: list[str] = []

    @classmethod
    async def told(cls, house: House) -> Story:
        story = cls(house, await house("worker"))
        referral = await house.referral(last_name=TYPED, facts=TYPED, safe_contact_hint=TYPED)
        story.referral = f"/v1/referrals/{referral['id']}"
        await story.say("POST", f"{story.referral}/accept", {}, expect=201)
        joining = [JOINING | {"person": PERSON}, JOINING | {"person": PERSON | {"sex": "male"}}]
        situation = (await story.say("POST", "/v1/situations", INTAKE | {"participations": joining}, expect=201)).json()
        story.situation = f"/v1/situations/{situation['id']}"
        one, other = situation["participations"]
        story.participation, story.person = f"/v1/participations/{one['id']}", f"/v1/persons/{one['person']['id']}"
        story.act = interview(one["id"])
        for number in range(3):
            path = f"/v1/participations/{(one, other)[number % 2]['id']}/notes"
            # Under a key of the client: the answer is kept for a day, word for word, and must be nowhere in clear.
            keyed = {"Idempotency-Key": f"{KEY}-{number}"}
            await story.say("POST", path, {"text": f"{NOTE} {number}"}, expect=201, Prefer="dry-run", **keyed)
            note = await story.say("POST", path, {"text": f"{NOTE} {number}"}, expect=201, **keyed)
            again = await story.say("POST", path, {"text": f"{NOTE} {number}"}, expect=201, **keyed)
            assert again.headers["idempotency-replayed"] == "true"
            assert again.content == note.content
            await story.say("POST", path, {"text": f"{NOTE} autre"}, expect=422, **keyed)
            story.notes.append(note.headers["location"])
        await story.say("PUT", f"{story.participation}/safe-contact", DRAFT, expect=201, **{"If-None-Match": "*"})
        link = {"other_person_id": other["person"]["id"], "household_link": "partner"}
        await story.say("POST", f"{story.person}/household-links", link, expect=201)
        await story.say("POST", "/v1/interventions", story.act, expect=201)
        await story.say("POST", "/v1/persons/search", {"name": SEARCHED}, expect=200)
        await story.say("POST", "/v1/persons/search", {"name": NAME}, expect=200)
        return story

    referral: str
    situation: str
    participation: str
    person: str
    act: dict[str, Any]

    async def say(self, method: str, path: str, draft: Any = None, *, expect: int, **headers: str) -> httpx.Response:
        """Send, keep the answer, and check its status."""
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        answer = await self.worker.request(method, path, json=draft, headers=headers)
        self.answers.append(answer)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    async def goes_wrong(self) -> None:
        """400, 401, 404, 409, 412, 415, 422, 428: each with words that must not come back."""
        # A member that looks like a name of the contract is named back to its author; anything else is not.
        say, strange = self.say, {f"{STRANGE} !": STRANGE}
        for path, draft in (
            ("/v1/situations", INTAKE | strange),
            ("/v1/situations", INTAKE | {"main_problem": STRANGE, "urgency": [STRANGE]}),
            ("/v1/situations", INTAKE | {"participations": [JOINING | {"person": PERSON | {"phone": STRANGE}}]}),
            ("/v1/persons", PERSON | {"birth_date": STRANGE, "sex": STRANGE, "declared_minor": STRANGE}),
            ("/v1/persons/search", {"name": SEARCHED, "limit": SEARCHED}),
            ("/v1/persons/search", {"name": SEARCHED * 20}),
            (f"{self.participation}/notes", {"text": NOTE * 4000}),
            (f"{self.participation}/notes", {"text": f"{NOTE}\0"}),
            (f"{self.participation}/notes", {"text": NOTE, "amends_note_id": STRANGE}),
            (f"{self.notes[0]}/shares", {"shared_with": STRANGE}),
            ("/v1/interventions", self.act | {"occurred_at": NAME, "intervention_type": NAME}),
            (f"{self.referral}/redirect", {"redirected_to": [STRANGE]}),
        ):
            await say("POST", path, draft, expect=422)
        await say("PUT", f"{self.participation}/safe-contact", DRAFT | {"phone": SAFE}, expect=422, **{"If-Match": "*"})
        for path in (f"/v1/persons/{NAME}", "/v1/persons?name=" + NAME, f"/v1/persons?{NAME}%20=1"):
            await say("GET", path, expect=422)
        await say("GET", f"/v1/nomenclatures/{STRANGE}", expect=404)
        await say("GET", f"/v1/{STRANGE}", expect=404)
        await say("GET", "/v1/persons?cursor=" + base64.urlsafe_b64encode(STRANGE.encode() * 4).decode(), expect=400)
        for headers, status in (({"If-Match": f'"{STRANGE}"'}, 412), ({}, 428)):
            await say("PATCH", self.person, PERSON, expect=status, **headers)
        await say("PUT", f"{self.participation}/safe-contact", DRAFT, expect=412, **{"If-None-Match": "*"})
        json_broken = await self.worker.post(
            f"{self.participation}/notes",
            content=f'{{"text": "{NOTE}'.encode(),
            headers={"Content-Type": "application/json"},
        )
        plain = await self.worker.post(f"{self.participation}/notes", content=NOTE.encode())
        self.answers += [json_broken, plain]
        assert (json_broken.status_code, plain.status_code) == (400, 415)
        await say("POST", f"{self.referral}/redirect", {"redirected_to": STRANGE}, expect=409)
        shared = {"shared_with": str(self.house.ids["colleague"])}
        await say("POST", f"{self.notes[0]}/shares", shared, expect=201)
        await say("POST", f"{self.notes[0]}/shares", shared, expect=409)
        known = JOINING | {"person": None, "person_id": self.person.rpartition("/")[2]}
        await say("POST", f"{self.situation}/participations", known, expect=409)
        nobody = self.house.caller(TOKEN)
        draft = {"email": f"{NAME}@exemple.fr", "password": PASSWORD}
        for path, said in (("/v1/auth/login", draft), ("/v1/auth/login", draft | {"client_id": STRANGE + " "})):
            self.answers.append(await nobody.post(path, json=said))
        form = {"grant_type": "refresh_token", "refresh_token": TOKEN}
        self.answers.append(await nobody.post("/v1/auth/token", data=form))
        self.answers.append(await nobody.post("/v1/auth/revoke", data={"token": TOKEN}))
        self.answers.append(await nobody.get(self.notes[0]))
        assert [answer.status_code for answer in self.answers[-5:]] == [401, 422, 401, 200, 401]

    async def breaks(self, superuser: asyncpg.Connection, other: asyncpg.Connection) -> None:
        """A seal broken by hand, a killed connection, constraints that quote the row, a column that is gone."""
        say, path = self.say, f"{self.participation}/notes"
        first, _, third = (note.rpartition("/")[2] for note in self.notes)
        moved = (
            "update confidential.note set sealed = (select sealed from confidential.note where id = $2) where id = $1"
        )
        await superuser.execute(moved, first, third)
        await say("GET", self.notes[0], expect=500)
        await say("GET", path, expect=500)
        await superuser.execute("update confidential.safe_contact set version = version + 1")
        await say("GET", f"{self.participation}/safe-contact", expect=500)

        async with other.transaction():
            await other.execute("lock table confidential.note in access exclusive mode")
            writing = asyncio.create_task(say("POST", path, {"text": NOTE}, expect=503))
            waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            while not (pids := await superuser.fetch(waiting)):  # noqa: ASYNC110 — PostgreSQL has no event for it
                await asyncio.sleep(0.01)
            for pid in pids:
                await superuser.execute("select pg_terminate_backend($1)", pid["pid"])
            await writing

        # « DETAIL: Failing row contains (…) » carries the whole row.
        await superuser.execute(f"alter table social.person add constraint c check (last_name <> '{NAME}') not valid")
        await say("POST", "/v1/persons", PERSON, expect=409)
        await superuser.execute("alter table social.person drop constraint c")
        # A fault of ours: PostgreSQL knows the column no more.
        await superuser.execute("alter table social.person rename column municipality to town")
        await say("POST", "/v1/persons", PERSON, expect=500)
        await superuser.execute("alter table social.person rename column town to municipality")
        await superuser.execute("revoke insert on confidential.note from relais_social_worker")
        await superuser.execute("revoke insert (id) on confidential.note from relais_social_worker")
        await say("POST", path, {"text": NOTE}, expect=404)
