"""A small département for the tests: who works there, and how each of them calls the API."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from app.access.policy import policy
from app.installing import bootstrap, fence_database, migrate
from app.main import create_app
from app.models.columns import new_id
from app.services.sessions import open_session
from app.settings import QuotaSettings, Settings

TEMPLATE = "relais_template"
LANE_PASSWORD = "a password for the lanes of the tests"

# name: (role, unit, post)
PEOPLE: Mapping[str, tuple[str, str | None, str | None]] = {
    "officer": ("police_officer", "north", None),
    "officer_same_unit": ("police_officer", "north", None),
    "officer_elsewhere": ("police_officer", "faraway", None),
    "worker": ("social_worker", None, "shared_post"),
    "colleague": ("social_worker", None, "shared_post"),
    "worker_elsewhere": ("social_worker", None, "other_post"),
    "commander": ("unit_commander", "north", None),
    "partner": ("partner", None, None),
    "partner_elsewhere": ("partner", None, None),
    "coordinator": ("coordinator", None, None),
    "observatory": ("observatory", None, None),
    "administrator": ("administrator", None, None),
    "dpo": ("dpo", None, None),
    "other_administrator": ("administrator", None, None),
}
# The shared post serves two units; the other post serves the one far away.
SERVED = {"shared_post": ("north", "south"), "other_post": ("faraway",)}
UNITS = {"north": "police", "south": "gendarmerie", "faraway": "gendarmerie"}
# One person of the tests asks more in a minute than a whole post in a day; and what is left of one's share says how
# many requests one has sent, for a whole test.
NO_HURRY = QuotaSettings.model_validate(dict.fromkeys(QuotaSettings.model_fields, "1000000/day"))
# Two bodies of the directory, with one service each, and who answers for them.
PARTNERS = {"ccas": "ccas_cias", "association": "violence_specialised"}
ANSWERS_FOR = {"partner": "ccas", "partner_elsewhere": "association"}
ONE_OF_EACH_ROLE = {
    role: next(name for name, (held, _, _) in PEOPLE.items() if held == role)
    for role in (role.name for role in policy().people)
}


@dataclass
class Town:
    """The template database, and where everything in it is."""

    superuser_url: str
    ids: dict[str, UUID] = field(default_factory=dict)
    clones: int = 0

    def lane_url(self, role: str, database: str) -> str:
        """URL of one lane on one database of this server."""
        head, _, rest = self.superuser_url.partition("://")
        _, _, tail = rest.rpartition("@")
        place, _, query = tail.partition("?")
        server = place.partition("/")[0]
        suffix = f"?{query}" if query else ""
        return f"{head}://relais_{role}:{LANE_PASSWORD.replace(' ', '%20')}@{server}/{database}{suffix}"

    async def clone(self) -> str:
        """A fresh copy of the template."""
        self.clones += 1
        name = f"relais_test_{self.clones}"
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute(f"drop database if exists {name} with (force)")
            await connection.execute(f"create database {name} template {TEMPLATE}")
            await fence_database(connection, name)
        finally:
            await connection.close()
        return name

    async def drop(self, name: str) -> None:
        """The copy has served."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute(f"drop database if exists {name} with (force)")
        finally:
            await connection.close()


async def build_template(superuser_url: str) -> Town:
    """Bootstrap, migrate and people the template."""
    town = Town(superuser_url)
    connection = await asyncpg.connect(superuser_url)
    await connection.execute(f"drop database if exists {TEMPLATE} with (force)")
    await connection.close()
    passwords = dict.fromkeys((*policy().roles, "migrator", "backup"), LANE_PASSWORD)
    await bootstrap(superuser_url, TEMPLATE, passwords)
    await _migrate(town.lane_url("migrator", TEMPLATE))
    connection = await asyncpg.connect(superuser_url, database=TEMPLATE)
    try:
        await _people(connection, town.ids)
    finally:
        await connection.close()
    return town


async def _migrate(url: str) -> None:
    import asyncio

    # Alembic drives a loop of its own.
    await asyncio.to_thread(migrate, url)


async def _people(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    since = date(2026, 1, 1)
    for name in ("employer", *UNITS, *SERVED, *PEOPLE, *PARTNERS, *(f"{each}_service" for each in PARTNERS)):
        ids[name] = new_id()
    await connection.execute(
        "insert into organisation.employer values ($1, 'Département', 'departement', '28')", ids["employer"]
    )
    for name, zone in UNITS.items():
        await connection.execute(
            "insert into organisation.unit values ($1, $2, $3, '28', 'Chartres')",
            ids[name],
            f"Unité {name}",
            zone,
        )
    for post, units in SERVED.items():
        await connection.execute(
            "insert into organisation.post values ($1, $2, $3, $4)", ids[post], post, ids["employer"], since
        )
        for unit in units:
            await connection.execute(
                "insert into organisation.post_unit values ($1, $2, $3)", ids[post], ids[unit], since
            )
    for name, category in PARTNERS.items():
        await connection.execute(
            "insert into directory.partner (id, name, folded_name, partner_category, address_confidential,"
            " departement_code, networks, source, updated_on) values ($1, $2, $2, $3, false, '28', '{}', 'relais', $4)",
            ids[name], name, category, since,
        )  # fmt: skip
        await connection.execute(
            "insert into directory.service (id, partner_id, address_confidential, name, description, needs, thematics,"
            " publics, areas, reception_modes, reach_modes, reached_by, departement_code, source, updated_on)"
            " values ($1, $2, false, $3, $3, '{housing}', '{}', '{}', '{departement:28}', '{}', '{}', '{}', '28',"
            " 'relais', $4)",
            ids[f"{name}_service"], ids[name], f"Accueil {name}", since,
        )  # fmt: skip
    for name, (role, unit, post) in PEOPLE.items():
        await connection.execute(
            "insert into accounts.account (id, email, name, role, created_at, employer_id, approved_at)"
            " values ($1, $2, $3, $4, now(), $5, now())",
            ids[name], f"{name}@exemple.test", name, role, ids["employer"] if role == "coordinator" else None,
        )  # fmt: skip
        if name in ANSWERS_FOR:
            await connection.execute(
                "insert into accounts.posting (id, account_id, partner_id, starts_on, approved_at)"
                " values ($1, $2, $3, $4, now())",
                new_id(), ids[name], ids[ANSWERS_FOR[name]], since,
            )  # fmt: skip
        if unit or post:
            await connection.execute(
                "insert into accounts.posting (id, account_id, unit_id, post_id, starts_on, approved_at)"
                " values ($1, $2, $3, $4, $5, now())",
                new_id(), ids[name], ids.get(unit or ""), ids.get(post or ""), since,
            )  # fmt: skip


def settings_for(town: Town, database: str, keys: Mapping[str, str], *, roles: Any = None) -> Settings:
    """Settings of a process that serves these roles (all of them by default)."""
    served = policy().roles if roles is None else roles
    urls: Any = {role: town.lane_url(role, database) for role in served}
    return Settings(database_url=urls, quota=NO_HURRY, **keys)


class House:
    """The running application."""

    def __init__(self, town: Town, database: str, settings: Settings, app: FastAPI) -> None:
        self.town = town
        self.ids = town.ids
        self.database = database
        self.settings = settings
        self.app = app
        self.clients: dict[str, httpx.AsyncClient] = {}
        self.tokens: dict[str, dict[str, Any]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def running(cls, town: Town, database: str, settings: Settings) -> AsyncIterator[House]:
        """Start the application as a server would, and stop it."""
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            house = cls(town, database, settings, app)
            yield house
            for client in house.clients.values():
                await client.aclose()

    def caller(self, token: str | None = None, *, source: str = "127.0.0.1") -> httpx.AsyncClient:
        """An HTTP client, with a bearer token or none, at some address."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(source, 123))
        return httpx.AsyncClient(transport=transport, base_url="http://relais.test", headers=headers)

    async def session_of(self, name: str) -> dict[str, Any]:
        """A real session and real tokens for a person whose identity has been proved (no password hashing)."""
        desk = self.app.state.desk
        async with desk.lane.service_transaction() as writing:
            return await open_session(
                writing,
                desk.keys,
                account_id=self.ids[name],
                role=PEOPLE[name][0],
                client_id="tests",
                method="password_totp",
            )

    async def __call__(self, name: str) -> httpx.AsyncClient:
        """The client of one person, signed in once."""
        if name not in self.clients:
            self.tokens[name] = await self.session_of(name)
            self.clients[name] = self.caller(self.tokens[name]["access_token"])
        return self.clients[name]

    async def referral(self, by: str = "officer", **said: Any) -> dict[str, Any]:
        """A referral just sent."""
        draft = {
            "last_name": "Bolieu", "first_name": "Kévin", "person_status": "victim", "document_type": "complaint",
            "urgency": "urgent", "contact_consent": "given_to_officer", **said,
        }  # fmt: skip
        answer = await (await self(by)).post("/v1/referrals", json=draft)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def situation(self, by: str = "worker", **said: Any) -> dict[str, Any]:
        """A situation just opened for a person who came alone."""
        draft = {
            "referral_source": "self_referral",
            "participations": [
                {
                    "person": {"last_name": "Petit", "first_name": "Anne", "sex": "female"},
                    "person_status": "victim",
                    "contact_consent": "given_to_iscg",
                }
            ],
            **said,
        }
        answer = await (await self(by)).post("/v1/situations", json=draft)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def orientation(self, by: str = "worker", *, agreed: list[str] | None = None, **said: Any) -> dict[str, Any]:
        """An orientation just proposed to the CCAS, and agreed when ``agreed`` names the fields that may go."""
        participation_id = said.pop("participation_id", None)
        if participation_id is None:
            participation_id = (await self.situation(by))["participations"][0]["id"]
        draft = {"service_id": str(self.ids["ccas_service"]), "need_type": "housing", **said}
        answer = await (await self(by)).post(f"/v1/participations/{participation_id}/orientations", json=draft)
        assert answer.status_code == 201, answer.text
        if agreed is not None:
            path = f"/v1/orientations/{answer.json()['id']}/agree"
            answer = await (await self(by)).post(path, json={"agreed_fields": agreed})
            assert answer.status_code == 200, answer.text
        return answer.json()

    async def sent_orientation(self, by: str = "worker", **said: Any) -> dict[str, Any]:
        """An orientation transmitted to the CCAS with the person's agreement: her name and a message."""
        fields = ["last_name", "first_name", "message"]
        orientation = await self.orientation(by, agreed=fields, **said)
        draft = {
            "legal_basis": "person_agreement", "fields": fields, "message": "Relogement à prévoir.",
            "person_informed": "informed_before",
        }  # fmt: skip
        answer = await (await self(by)).post(f"/v1/orientations/{orientation['id']}/transmit", json=draft)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def note(
        self, participation_id: str, text: str = "Ce qu'elle m'a confié.", by: str = "worker"
    ) -> dict[str, Any]:
        """A note just written."""
        answer = await (await self(by)).post(f"/v1/participations/{participation_id}/notes", json={"text": text})
        assert answer.status_code == 201, answer.text
        return answer.json()
