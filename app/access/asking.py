"""How a write asks to be done: once, however often it is sent (``Idempotency-Key``), or for trial (``dry-run``).

A request sent again gets the first answer again. What makes it the same: who asks, the key that the client chose (or
the UUIDv7 that it gave to what it creates), the path, and the body as JSON, whatever its spelling.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from app.access.actor import Actor
from app.errors import Malformed
from app.services.remembered_answers import Question

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def rehearses(request: Request) -> bool:
    """Is this write only for trial? ``routers/preferences.py`` has read what the client prefers."""
    return bool(getattr(request.state, "rehearsed", False))


async def questions(request: Request, actor: Actor) -> tuple[Question, ...]:
    """The keys under which this request may have been answered already; none for most."""
    if request.method != "POST":
        return ()
    header = _key_given(request)
    body = await request.body()
    said = _read(body) if header is not None or b'"id"' in body else None
    chosen = _identifier(said)
    if header is None and chosen is None:
        return ()
    server: bytes = request.app.state.cursor_key
    query = request.url.query
    spelt = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() if said is not None else body
    content = hashlib.sha256(spelt).hexdigest()
    asked = _digest(server, "asked", request.url.path, query, content)
    route: str = request.scope["fastapi"]["effective_route_context"].path
    found = []
    for kind, name in (("key", header), ("id", chosen)):
        if name is None:
            continue
        words = (str(actor.account_id), f"{kind}:{name}")
        # What was asked is in it, word for word: whoever holds the database and the key of this process still lacks it.
        sealing = _digest(server, "sealing", *words, content)
        key = _digest(server, "key", *words)
        found.append(Question(key, f"POST {route}", asked, sealing, names_a_row=kind == "id"))
    return tuple(found)


def _key_given(request: Request) -> str | None:
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    # A quoted string of RFC 9651; a bare one, which many libraries send, is read as well.
    key = given[0].strip().removeprefix('"').removesuffix('"')
    if len(given) > 1 or not _KEY.fullmatch(key):
        raise Malformed("bad_idempotency_key")
    return key


def _identifier(said: Any) -> UUID | None:
    """The identifier that the client gives to what it creates, in any spelling that a draft reads."""
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        return None
    try:
        return UUID(said["id"])
    except ValueError:
        return None  # the draft refuses it in a moment


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None  # the framework refuses it in a moment


def _digest(server: bytes, *words: str) -> bytes:
    """A keyed digest of words, none of which can pass for two."""
    return hmac.new(server, json.dumps(["relais/asking", *words]).encode(), hashlib.sha256).digest()
