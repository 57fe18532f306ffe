"""Clients that never give up: they send a creation until it is acknowledged, whatever falls meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.models.columns import new_id

PAUSE = 0.05
"""Seconds between two tries."""


@dataclass
class Acknowledged:
    """One creation that was answered: what it made, under which name, and what it was answered."""

    path: str
    id: str
    marker: str
    body: bytes


@dataclass
class Tally:
    """What was sent, what came back."""

    requests: int = 0
    unanswered: int = 0
    replays: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The figures, for people."""
        return {
            "requests": self.requests, "unanswered": self.unanswered, "acknowledged": len(self.acknowledged),
            "replays": self.replays, "statuses": dict(self.statuses),
        }  # fmt: skip


class Persistent:
    """One client: it opens situations and writes notes in them, under keys, names of its own, or both."""

    def __init__(self, number: int, address: str, token: str, tally: Tally) -> None:
        self.number, self.address, self.token, self.tally = number, address, token, tally
        self.random = random.Random(number)
        self.count = 0

    async def works(self, until: asyncio.Event) -> None:
        """Creation after creation, each to its end, until told to stop."""
        limits, headers = httpx.Limits(max_keepalive_connections=1), {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(base_url=self.address, timeout=5, limits=limits, headers=headers) as client:
            while not until.is_set():
                situation = await self._create(client, "/v1/situations", self._intake)
                path = f"/v1/participations/{situation['participations'][0]['id']}/notes"
                await self._create(client, path, lambda marker: {"text": f"Note {marker}."})
                await self._create(client, "/v1/persons", lambda marker: {"sex": "female", "last_name": marker})

    @staticmethod
    def _intake(marker: str) -> dict[str, Any]:
        person = {"sex": "female", "last_name": marker}
        joined = {"person": person, "person_status": "victim", "contact_consent": "given_to_iscg"}
        return {"referral_source": "self_referral", "participations": [joined]}

    async def _create(self, client: httpx.AsyncClient, path: str, draft: Any) -> dict[str, Any]:
        self.count += 1
        marker = f"Repère {self.number}-{self.count}"
        said, headers = draft(marker), {}
        way = self.count % 3
        if way != 0:
            headers["Idempotency-Key"] = f"client-{self.number}-{self.count}"
        if way != 1:
            said["id"] = str(new_id())
        answer = await self._until_created(client, path, said, headers)
        made: dict[str, Any] = answer.json()
        if "id" in said and made["id"] != said["id"]:
            self.tally.strange.append(f"{path}: another name")
        self.tally.acknowledged.append(Acknowledged(path, made["id"], marker, answer.content))
        if self.random.random() < 0.3:  # the acknowledgement was lost on the way: it asks again
            again = await self._until_created(client, path, said, headers)
            if again.content != answer.content or "idempotency-replayed" not in again.headers:
                self.tally.strange.append(f"{path}: answered otherwise")
        return made

    async def _until_created(
        self, client: httpx.AsyncClient, path: str, said: Any, headers: dict[str, str]
    ) -> httpx.Response:
        while True:
            self.tally.requests += 1
            try:
                answer = await client.post(path, json=said, headers=headers)
            except httpx.HTTPError:
                self.tally.unanswered += 1
                await asyncio.sleep(PAUSE)
                continue
            self.tally.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                self.tally.replays += "idempotency-replayed" in answer.headers
                return answer
            code = answer.json().get("code")
            if answer.status_code != 503 and code != "idempotency_in_flight":
                self.tally.strange.append(f"{path}: {answer.status_code} {code}")
            await asyncio.sleep(PAUSE)
