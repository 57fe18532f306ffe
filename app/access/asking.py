"""How a write asks to be done: once, however often it is sent (``Idempotency-Key``), or for trial (``dry-run``).

A request sent again gets the first answer again. What makes it the same: who asks, the key that the client chose (or
the UUIDv7 that it gave to what it creates), the path, and the body as JSON, whatever its spelling.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from app.access.actor import Actor
from app.errors import Malformed
from app.services.remembered_answers import Question

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


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
    names = [f"key:{header}"] if header is not None else []
    if isinstance(said, dict) and isinstance(said.get("id"), str) and _UUID.fullmatch(said["id"]):
        names.append(f"id:{UUID(said['id'])}")
    if not names:
        return ()
    server: bytes = request.app.state.cursor_key
    query = request.url.query
    spelt = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() if said is not None else body
    asked = _digest(server, "asked", request.url.path, query, hashlib.sha256(spelt).hexdigest())
    route: str = request.scope["fastapi"]["effective_route_context"].path
    return tuple(_questions(server, actor, route, names, asked))


def _questions(server: bytes, actor: Actor, route: str, names: list[str], asked: bytes) -> Iterator[Question]:
    for name in names:
        key = _digest(server, "key", str(actor.account_id), name)
        # Neither the database, which holds digests, nor this process alone can open it: the client's key is in it.
        yield Question(key, f"POST {route}", asked, _digest(server, "sealing", str(actor.account_id), name))


def _key_given(request: Request) -> str | None:
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    # A quoted string of RFC 9651; a bare one, which many libraries send, is read as well.
    key = given[0].strip().removeprefix('"').removesuffix('"')
    if len(given) > 1 or not _KEY.fullmatch(key):
        raise Malformed("bad_idempotency_key")
    return key


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None  # the framework refuses it in a moment


def _digest(server: bytes, *words: str) -> bytes:
    """A keyed digest of words, none of which can pass for two."""
    return hmac.new(server, json.dumps(["relais/asking", *words]).encode(), hashlib.sha256).digest()
