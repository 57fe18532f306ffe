"""How every router answers: bytes, strong ETags, pages with authenticated cursors, preconditions."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from app.access.gate import Reading
from app.access.signatures import base64url
from app.errors import Malformed, PreconditionFailed, PreconditionRequired

JSON = "application/json"
NOBODY_KEEPS_IT = "no-store"


def etag_of(body: bytes) -> str:
    """A strong ETag: it changes when, and only when, what this audience sees changes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _listed(header: str) -> set[str]:
    return {tag.strip() for tag in header.split(",")}


def answer(body: bytes, request: Request, *, cache: str = NOBODY_KEEPS_IT) -> Response:
    """200 with an ETag, or 304 when a reader already has it; an act is always answered in full."""
    etag = etag_of(body)
    headers = {"ETag": etag, "Cache-Control": cache}
    known = _listed(request.headers.get("if-none-match", ""))
    if request.method == "GET" and (etag in known or f"W/{etag}" in known or "*" in known):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


def created(body: bytes, location: str, *, told_once: bool = False) -> Response:
    """201 with the new resource, where it lives, and its ETag; ``told_once``: it holds a secret, never told again."""
    headers = {"ETag": etag_of(body), "Location": location, "Cache-Control": NOBODY_KEEPS_IT}
    if told_once:
        headers["Pragma"] = "no-cache"
    return Response(body, status_code=201, media_type=JSON, headers=headers)


# A document takes a core and some memory for a second: the others wait their turn, and the service goes on.
_two_at_once = asyncio.Semaphore(2)


async def printed(make: Callable[[Any], bytes], content: Any, *, media_type: str, name: str) -> Response:
    """A file to keep, made aside; ``name`` holds nothing but codes."""
    async with _two_at_once:
        body = await asyncio.to_thread(make, content)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": NOBODY_KEEPS_IT}
    return Response(body, media_type=media_type, headers=headers)


def documents(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route that gives a file: what the contract says of it, by media type."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "Le document.", "content": dict.fromkeys(media_types, binary)}}


def gone() -> Response:
    """204."""
    return Response(status_code=204, headers={"Cache-Control": NOBODY_KEEPS_IT})


def listed(items: bytes, request: Request) -> Response:
    """A short list, whole."""
    return answer(b'{"items":' + items + b"}", request)


def said(shown: BaseModel) -> bytes:
    """A shape built in Python (opened notes, my account) as JSON."""
    return shown.model_dump_json().encode()


def told_once(shown: BaseModel) -> Response:
    """What opens an access (RFC 6749, section 5.1): nobody keeps it on the way."""
    headers = {"Cache-Control": NOBODY_KEEPS_IT, "Pragma": "no-cache"}
    return Response(said(shown), media_type=JSON, headers=headers)


class Precondition:
    """The ``If-Match`` of a request."""

    def __init__(self, header: str) -> None:
        self._known = _listed(header)

    def holds_for(self, body: bytes) -> None:
        """412 unless the caller has seen the current state."""
        if "*" not in self._known and etag_of(body) not in self._known:
            raise PreconditionFailed


async def _if_match(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> Precondition:
    if not if_match:
        raise PreconditionRequired
    return Precondition(if_match)


IfMatch = Annotated[Precondition, Depends(_if_match)]
"""The version that the caller has seen: 428 when absent, 412 when stale."""


class Asked:
    """Which page is asked. Its cursor is opaque, authenticated, and good for this caller and these filters only."""

    def __init__(self, request: Request, limit: int, cursor: str | None) -> None:
        self.limit = limit
        self._cursor = cursor
        self._request = request
        self._key: bytes = request.app.state.cursor_key

    def _binding(self, reading: Reading) -> bytes:
        given = self._request.query_params.multi_items()
        filters = sorted((name, value) for name, value in given if name not in ("cursor", "limit"))
        return json.dumps([str(reading.actor.account_id), self._request.url.path, filters]).encode()

    def _mac(self, position: bytes, reading: Reading) -> bytes:
        return hmac.new(self._key, position + self._binding(reading), hashlib.sha256).digest()[:16]

    def after(self, reading: Reading) -> tuple[datetime, UUID] | None:
        """The position after which the page begins; 400 for a cursor that is not ours."""
        if self._cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(self._cursor + "=" * (-len(self._cursor) % 4))
            mac, key, instant = raw[:16], raw[16:32], raw[32:]
            if not hmac.compare_digest(mac, self._mac(key + instant, reading)):
                raise Malformed("bad_cursor")
            return datetime.fromisoformat(instant.decode()), UUID(bytes=key)
        except ValueError:
            raise Malformed("bad_cursor") from None

    def answer(self, items: bytes, last: tuple[Any, UUID] | None, reading: Reading) -> Response:
        """A page: its items, the cursor of the next, and the ``Link`` to it."""
        cursor = None
        headers = {"Cache-Control": NOBODY_KEEPS_IT}
        if last is not None:
            position = last[1].bytes + last[0].isoformat().encode()
            cursor = base64url(self._mac(position, reading) + position)
            following = self._request.url.include_query_params(cursor=cursor)
            headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        body = b'{"items":' + items + b',"next_cursor":' + json.dumps(cursor).encode() + b"}"
        return Response(body, media_type=JSON, headers=headers)


async def _asked(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="Taille de la page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=400, description="Curseur rendu par la page précédente.")] = None,
) -> Asked:
    return Asked(request, limit, cursor)


AskedPage = Annotated[Asked, Depends(_asked)]
"""The page that is asked (``limit``, ``cursor``)."""


def replaced(before: bytes | None, *, if_match: str | None, if_none_match: str | None) -> None:
    """May a PUT write here? A first one says ``If-None-Match: *``; a replacement, the version seen (``If-Match``)."""
    if if_none_match == "*":
        if before is not None:
            raise PreconditionFailed
        return
    if not if_match:
        raise PreconditionRequired
    if before is None:
        raise PreconditionFailed
    Precondition(if_match).holds_for(before)
