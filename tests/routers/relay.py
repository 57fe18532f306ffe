"""What the tests of replacements and handovers share: who asks, who approves, and who arrives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.models.columns import new_id
from app.services.clock import today
from app.services.sessions import open_session
from tests.house_for_tests import House
from tests.routers.asking import day

REPLACING = "worker_elsewhere"


async def proposed(house: House, by: str = REPLACING, **said: Any) -> dict[str, Any]:
    """A replacement of the shared post, asked by the worker of the other post."""
    draft = {
        "post_id": str(house.ids["shared_post"]), "replacement_reason": "sick_leave",
        "starts_on": today().isoformat(), "ends_on": day(10), **said,
    }  # fmt: skip
    answer = await (await house(by)).post("/v1/replacements", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def approved(house: House, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The coordinator approves it."""
    answer = await (await house("coordinator")).post(f"/v1/{kind}/{row['id']}/approve")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def replacing(house: House) -> dict[str, Any]:
    """A replacement in course: the worker of the other post reads the shared one."""
    return await approved(house, "replacements", await proposed(house))


async def handing(house: House, items: list[dict[str, Any]], by: str = "worker", **said: Any) -> httpx.Response:
    """The worker asks to hand the shared post over to her colleague."""
    draft = {
        "to_account_id": str(house.ids["colleague"]), "handover_motive": "mobility",
        "starts_on": today().isoformat(), "participations": items, **said,
    }  # fmt: skip
    return await (await house(by)).post("/v1/handovers", json=draft)


async def handed(house: House, items: list[dict[str, Any]], **said: Any) -> dict[str, Any]:
    """A handover just proposed."""
    answer = await handing(house, items, **said)
    assert answer.status_code == 201, answer.text
    return answer.json()


def going(participation_id: str) -> dict[str, Any]:
    """The notes on this participation go along."""
    return {"participation_id": participation_id, "notes_go_along": True}


def staying(participation_id: str, summary: str | None = None) -> dict[str, Any]:
    """They do not; a summary may be written."""
    return {"participation_id": participation_id, "notes_go_along": False, "summary": summary}


async def second_coordinator(house: House, superuser: asyncpg.Connection) -> httpx.AsyncClient:
    """Another coordinator of the same employer, signed in."""
    return await _coordinator_of(house, superuser, "second_coordinator", house.ids["employer"])


async def coordinator_elsewhere(house: House, superuser: asyncpg.Connection) -> httpx.AsyncClient:
    """A coordinator of another employer, signed in."""
    employer = new_id()
    await superuser.execute("insert into organisation.employer values ($1, 'Ailleurs', 'departement', '27')", employer)
    return await _coordinator_of(house, superuser, "coordinator_elsewhere", employer)


async def _coordinator_of(house: House, superuser: asyncpg.Connection, name: str, employer: UUID) -> httpx.AsyncClient:
    account = new_id()
    await superuser.execute(
        "insert into accounts.account (id, email, name, role, created_at, employer_id, approved_at)"
        " values ($1, $2, $3, 'coordinator', now(), $4, now())",
        account, f"{name}@exemple.test", name, employer,
    )  # fmt: skip
    desk = house.app.state.desk
    async with desk.lane.service_transaction() as writing:
        tokens = await open_session(
            writing, desk.keys, account_id=account, role="coordinator", client_id="tests", method="password_totp"
        )
    return house.caller(tokens["access_token"])


async def grown_old(house: House, superuser: asyncpg.Connection, name: str) -> None:
    """The identity of this person was proved more than ten minutes ago."""
    await house(name)
    await superuser.execute(
        "update accounts.session set authenticated_at = now() - interval '11 minutes' where account_id = $1",
        house.ids[name],
    )


async def written_by(superuser: asyncpg.Connection) -> str:
    """Everything that is written, but the traces and the sessions: two equal texts, nothing changed."""
    tables = await superuser.fetch(
        "select schemaname || '.' || tablename as name from pg_tables"
        " where schemaname in ('shared', 'social', 'confidential', 'employer', 'exchange', 'directory', 'organisation',"
        " 'statistics') order by 1"
    )
    said = {
        row["name"]: await superuser.fetchval(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {row['name']} t"
        )
        for row in tables
    }
    return json.dumps(said, indent=0)
