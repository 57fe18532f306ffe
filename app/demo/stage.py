"""How the demonstration acts: real sessions, the lanes' own logins, the same drafts and services as the API."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from app.access.actor import Actor
from app.access.key_rings import SigningRing
from app.access.policy import policy
from app.access.tokens import Signer, Verifier
from app.database import Database
from app.demo.town import PEOPLE
from app.services.sealing import SealingKey
from app.services.sessions import Keys, open_session, revoke_by_any_token
from app.settings import Settings
from app.transactions import Writing


@dataclass
class Stage:
    """The cast, signed in; and what the services dated today that the story dates earlier."""

    database: Database
    sealing_key: SealingKey
    ids: dict[tuple[str, str], UUID]
    actors: dict[str, Actor] = field(default_factory=dict)
    moments: list[tuple[type[SQLModel], dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, settings: Settings, ids: dict[tuple[str, str], UUID]) -> AsyncIterator[Stage]:
        """Connect the lanes, sign in those who act in the story; sign them out at the end."""
        if not (settings.signing_key and settings.refresh_key and settings.identity_key and settings.sealing_key):
            raise ValueError("clés manquantes")
        names: Any = {"issuer": settings.issuer, "audience": settings.audience}
        ring = SigningRing.of(settings.signing_key.get_secret_value())
        secrets = (settings.refresh_key, settings.identity_key)
        keys = Keys(Signer(ring.current.pem, **names), *(base64.b64decode(each.get_secret_value()) for each in secrets))
        verifier = Verifier(ring.key_set(), **names)
        wanted = ("authentication", "social_worker", "police_officer", "partner", "coordinator")
        urls = {role: settings.database_url[role].get_secret_value() for role in wanted}
        database = await Database.connect(urls, size=2)
        try:
            stage = cls(database, SealingKey(settings.sealing_key.get_secret_value()), ids)
            desk, tokens = database.lanes["authentication"], []
            for key, someone in PEOPLE.items():
                if someone.role in wanted:
                    async with desk.service_transaction() as writing:
                        opened = await open_session(
                            writing,
                            keys,
                            account_id=ids["account", key],
                            role=someone.role,
                            client_id="demonstration",
                            method="password",
                        )
                    tokens.append(opened["access_token"])
                    stage.actors[key] = verifier.actor(tokens[-1])
            yield stage
            for token in tokens:
                await revoke_by_any_token(desk, verifier, token=token)
        finally:
            await database.close()

    @contextlib.asynccontextmanager
    async def act(self, who: str, scope: str) -> AsyncIterator[Writing]:
        """One transaction of this person under this permission, traced as any request would be."""
        actor = self.actors[who]
        traced = policy().resources[scope.partition(":")[0]].traced
        async with self.database.lane(actor.role).transaction(actor, scope, traced=traced) as writing:
            yield writing

    def dated(self, table: type[SQLModel], keys: dict[str, Any], **instants: datetime | Any) -> None:
        """Remember when this happened in the story; the services only know now."""
        self.moments.append((table, instants, keys))
