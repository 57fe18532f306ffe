"""The floor: what these answers cost when one function does nothing else.

Bare ASGI on asyncpg. It keeps the promises (token, live session, row rules of the same login, trace in the same
transaction, seal) and drops all the rest: no routing, no validation, no problem details, no ETag, no log.
Writes take the fewest statements that row rules allow.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from app.access.actor import Actor
from app.access.tokens import Verifier
from app.database import LaneConnection
from app.models.columns import new_id
from app.schemas.interventions import InterventionShown
from app.schemas.persons import PersonFound
from app.schemas.situations import SituationShown
from app.services import notes, persons, situations
from app.services.sealing import Place, SealingKey, seal, unseal
from app.settings import Settings
from app.statements import LAST, _wire_columns, all_as_json, compiled, one_as_json, page_as_json

Answer = tuple[int, bytes]

GET_ONE = one_as_json(situations.ONE, SituationShown).sql
LIST = page_as_json(situations.NEWEST, SituationShown).sql
SEARCH = all_as_json(persons.ALIKE, PersonFound).sql
READ_NOTE = compiled(notes.ONE).sql

CREATE = f"""
with context as (
    select p.post_id, p.situation_id, p.id as participation_id, s.unit_id, t.*
      from social.participation p
      join social.situation s on s.id = p.situation_id and s.status = 'active'
      join nomenclature.intervention_type t on t.code = $3
     where p.id = $2
), made as (
    insert into social.intervention
        (id, post_id, situation_id, participation_id, unit_id, intervention_type, counts_as_interview,
         needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome, occurred_at,
         duration_minutes, recorded_by, recorded_at)
    select $1, post_id, situation_id, participation_id, unit_id, code, counts_as_interview,
           needs_home_visit_clearance, may_lack_participation, false, $4, $5, $6, $7, $8, now()
      from context
    returning *
)
select row_to_json(s)::text from (select {_wire_columns(InterventionShown, "made")} from made) s
"""
NOTE_CONTEXT = """
select p.post_id, p.person_id, k.id as person_key_id, k.wrapped_key
  from social.participation p
  join social.situation s on s.id = p.situation_id and s.status <> 'closed'
  join confidential.person_key k on k.person_id = p.person_id
 where p.id = $1
"""
WRITE_NOTE = """
insert into confidential.note (id, post_id, participation_id, person_key_id, author_id, written_at, sealed)
values ($1, $2, $3, $4, $5, $6, $7)
"""


class Floor:
    """The callable."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url["social_worker"].get_secret_value()
        self._size = settings.pool_size
        keys = settings.verification_keys or ""
        self._verifier = Verifier(keys, issuer=settings.issuer, audience=settings.audience)
        self._sealing_key = SealingKey(settings.sealing_key.get_secret_value() if settings.sealing_key else "")
        self._pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        token = next(value for name, value in scope["headers"] if name == b"authorization")[7:].decode()
        actor = self._verifier.actor(token)
        path: str = scope["path"]
        async with self._pool.acquire() as connection:
            if scope["method"] == "GET":
                if path == "/v1/situations":
                    status, body = await self._list(connection, actor)
                elif path.startswith("/v1/situations/"):
                    status, body = await self._get_one(connection, actor, path[15:])
                else:
                    status, body = await self._read_note(connection, actor, path[10:])
            else:
                said = json.loads((await receive())["body"])
                if path == "/v1/persons/search":
                    status, body = await self._search(connection, actor, said)
                elif path == "/v1/interventions":
                    status, body = await self._create(connection, actor, said)
                else:
                    status, body = await self._write_note(connection, actor, path[19:55], said)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            self._url, min_size=1, max_size=self._size, connection_class=LaneConnection
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _get_one(self, connection: Any, actor: Actor, situation: str) -> Answer:
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        body = await connection.fetchval(GET_ONE, situation)
        await connection.execute(f"select access.trace('situation:read', '{UUID(situation)}', 1, 'done'); commit")
        return 200, body.encode()

    async def _list(self, connection: Any, actor: Actor) -> Answer:
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        items, shown, more, at, key = await connection.fetchrow(LIST, None, *LAST, 51, 50)
        await connection.execute(f"select access.trace('situation:read', null, {shown}, 'done'); commit")
        position = f'"{base64.urlsafe_b64encode(key.bytes + at.isoformat().encode()).decode()}"' if more else "null"
        return 200, f'{{"items":{items},"next_cursor":{position}}}'.encode()

    async def _search(self, connection: Any, actor: Actor, said: Any) -> Answer:
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        items, shown = await connection.fetchrow(SEARCH, "18 years", said["name"], None, 20)
        await connection.execute(f"select access.trace('person:read', null, {shown}, 'done'); commit")
        return 200, f'{{"items":{items}}}'.encode()

    async def _create(self, connection: Any, actor: Actor, said: Any) -> Answer:
        made, occurred_at = new_id(), datetime.fromisoformat(said["occurred_at"])
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        body = await connection.fetchval(
            CREATE,
            made,
            said["participation_id"],
            said["intervention_type"],
            said["channel"],
            said["outcome"],
            occurred_at,
            said["duration_minutes"],
            actor.account_id,
        )
        await connection.execute(f"select access.trace('intervention:add', '{made}', 1, 'done'); commit")
        return 201, body.encode()

    async def _write_note(self, connection: Any, actor: Actor, participation: str, said: Any) -> Answer:
        made, now, author, about = new_id(), datetime.now(UTC), actor.account_id, UUID(participation)
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        post, person, key_id, wrapped = await connection.fetchrow(NOTE_CONTEXT, about)
        data_key = self._sealing_key.unwrap(wrapped, bound_to=key_id.bytes + person.bytes)
        place = Place("confidential.note", made, post, about, key_id, author, 1)
        sealed = seal(said["text"], data_key=data_key, place=place)
        await connection.execute(WRITE_NOTE, made, post, about, key_id, author, now, sealed)
        await connection.execute(f"select access.trace('note:add', '{made}', 1, 'done'); commit")
        return 201, _note(made, about, author, now, said["text"])

    async def _read_note(self, connection: Any, actor: Actor, note: str) -> Answer:
        await connection.execute(f"begin; select access.open('{actor.session_id}')")
        row = await connection.fetchrow(READ_NOTE, note)
        await connection.execute(f"select access.trace('note:read', '{UUID(note)}', 1, 'done'); commit")
        key_id, about, author = row["person_key_id"], row["participation_id"], row["author_id"]
        data_key = self._sealing_key.unwrap(row["wrapped_key"], bound_to=key_id.bytes + row["person_id"].bytes)
        place = Place("confidential.note", row["id"], row["post_id"], about, key_id, author, 1)
        text = unseal(row["sealed"], data_key=data_key, place=place)
        return 200, _note(row["id"], about, author, row["written_at"], text)


def _note(note: UUID, participation: UUID, author: UUID, at: datetime, text: str) -> bytes:
    return (
        f'{{"id":"{note}","participation_id":"{participation}","author_id":"{author}","amends_note_id":null,'
        f'"written_at":"{at:%Y-%m-%dT%H:%M:%S.%fZ}","text":{json.dumps(text)}}}'
    ).encode()


def make() -> Any:
    """The callable, from the environment."""
    return Floor(Settings())
