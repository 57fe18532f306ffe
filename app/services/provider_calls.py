"""Calling an institution: its answers are material to judge. Bounded in time and in size, never redirected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import httpx

from app.institutions import Provider

LARGEST: Final = 256 * 1024
"""Octets of an answer; what is longer is cut, and refused."""
CONNECTIONS: Final = 16
JSON: Final = frozenset({"application/json", "application/jwk-set+json"})
JWT: Final = frozenset({"application/jwt"})


class ProviderAway(Exception):  # noqa: N818 — read as a sentence
    """The institution does not answer, or not in a way that can be read: later, perhaps."""


class ProviderRefused(Exception):  # noqa: N818 — read as a sentence
    """What the institution says lets nobody in; ``because`` is a word of ours for the operator, never one of its."""

    def __init__(self, because: str) -> None:
        self.because = because
        super().__init__(because)


class ProviderCalls:
    """The line to one institution."""

    def __init__(self, provider: Provider) -> None:
        seconds = httpx.Timeout(provider.answer_seconds, connect=provider.connect_seconds)
        self._client = httpx.AsyncClient(
            timeout=seconds,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=4),
            # What comes compressed may be a thousand times longer than it looks.
            headers={"Accept-Encoding": "identity", "User-Agent": "Relais"},
        )
        self._seconds = provider.answer_seconds

    async def get(self, url: str, *, kind: frozenset[str], token: str | None = None) -> str:
        """The text at this address, of this media type."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return await self._call("GET", url, kind, headers=headers)

    async def post(self, url: str, form: Mapping[str, str], *, auth: tuple[str, str] | None = None) -> str:
        """What a form is answered, in JSON; ``auth`` goes in the header."""
        return await self._call("POST", url, JSON, data=dict(form), auth=auth)

    async def _call(self, method: str, url: str, kind: frozenset[str], **said: Any) -> str:
        said.setdefault("headers", {})["Accept"] = ", ".join(sorted(kind))
        try:
            # httpx counts the seconds of each octet: an answer that drips is stopped here.
            async with asyncio.timeout(self._seconds), self._client.stream(method, url, **said) as answer:
                return await _read(answer, kind)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):  # a name that cannot be one
            raise ProviderAway from None

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


async def _read(answer: httpx.Response, kind: frozenset[str]) -> str:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ProviderAway
    if answer.status_code != 200:
        raise ProviderRefused("status")
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in kind or answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProviderRefused("media_type")
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > LARGEST:
            raise ProviderRefused("too_long")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise ProviderRefused("not_text") from None
