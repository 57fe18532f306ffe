"""How the tests of this folder ask, and what they expect of a refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from jose import jwt

from tests.house_for_tests import House

MERGE = {"Content-Type": "application/merge-patch+json"}
UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"


async def patch(client: httpx.AsyncClient, address: str, said: Any, *, seen: str | None = None) -> httpx.Response:
    """A correction of the version seen: the present one unless told otherwise."""
    seen = seen or (await client.get(address)).headers["etag"]
    return await client.patch(address, content=json.dumps(said), headers={**MERGE, "If-Match": seen})


async def delete(client: httpx.AsyncClient, address: str) -> httpx.Response:
    """The end of a thing, in its present version."""
    return await client.delete(address, headers={"If-Match": (await client.get(address)).headers["etag"]})


def refused(answer: httpx.Response, status: int, code: str, *places: str) -> None:
    """A problem with this status and this code, pointing at these places (all of them, when any is named)."""
    said = answer.json()
    assert (answer.status_code, said.get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["detail"]
    assert said["type"] == f"/problems/{code}"
    if places:
        assert {fault.get("pointer", fault.get("parameter")) for fault in said["errors"]} == set(places), answer.text


def faults(answer: httpx.Response) -> dict[str, str]:
    """The code of each fault, by its place."""
    return {fault.get("pointer", fault.get("parameter")): fault["code"] for fault in answer.json()["errors"]}


def ago(**delay: float) -> str:
    """An instant in the past."""
    return (datetime.now(UTC) - timedelta(**delay)).isoformat()


def day(days: int) -> str:
    """A day, so many days from today (UTC)."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def interview(participation_id: str | None, **said: Any) -> dict[str, Any]:
    """A telephone interview that was held an hour ago."""
    return {
        "participation_id": participation_id, "intervention_type": "phone_interview", "channel": "phone",
        "outcome": "held", "occurred_at": ago(hours=1), "duration_minutes": 30, **said,
    }  # fmt: skip


def someone(last_name: str = "Petit", **said: Any) -> dict[str, Any]:
    """A person met today, as one of an intake."""
    person = {"last_name": last_name, "first_name": "Anne", "sex": "female"}
    return {"person": person, "person_status": "victim", "contact_consent": "given_to_iscg", **said}


async def session_id(house: House, name: str) -> UUID:
    """The session behind the token of a person."""
    await house(name)
    return UUID(jwt.get_unverified_claims(house.tokens[name]["access_token"])["sid"])
