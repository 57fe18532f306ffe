"""Browsers on another origin (CORS): the applications that the operator named, to the letter; by default, none.

A front end keeps its token in memory and sends it in ``Authorization``: no cookie, hence no credentials here. Around
the wire, so that its own refusals can be read by the page as well.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.wire_headers import ALWAYS, UNLESS_SAID

# As a browser writes it: no path, no capital, no default port. In clear, only on the very machine.
_ORIGIN: Final = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:(?!443$)[1-9][0-9]{0,4})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:(?!80$)[1-9][0-9]{0,4})?"
)
METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT: Final = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "X-Request-Id",
)  # fmt: skip
"""Request headers that a page may set."""
READ: Final = (
    "Allow", "Content-Disposition", "Deprecation", "ETag", "Idempotency-Replayed", "Link", "Location",
    "Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After", "Sunset", "WWW-Authenticate", "X-Request-Id",
)  # fmt: skip
"""Headers of our answers that a page may read."""
REMEMBERED: Final = 600
"""Seconds for which a browser need not ask again."""


def origins(said: str) -> frozenset[str]:
    """The origins that a setting names, separated by commas; ``ValueError`` when one is not exactly an origin."""
    named = [each.strip() for each in said.split(",") if each.strip()]
    if not all(_ORIGIN.fullmatch(each) for each in named):
        raise ValueError("not an origin")
    return frozenset(named)


class Origins:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, *, allowed: frozenset[str]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        given = asked.getlist("origin")
        origin = given[0] if len(given) == 1 and given[0] in self.allowed else None

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # Even to whoever names no origin: a cache must not give the answer of one to another.
                headers.add_vary_header("Origin")
                if origin is not None:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Expose-Headers"] = ", ".join(READ)
            await send(message)

        if origin is not None and scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            await _preflight()(scope, receive, told)
        else:
            await self.app(scope, receive, told)


def _preflight() -> Response:
    """What a page may ask: the same for every address, so that none is told apart by whoever has no token."""
    said = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": ", ".join(SENT),
        "Access-Control-Max-Age": str(REMEMBERED),
    }
    always = {name.decode(): value.decode() for name, value in (*ALWAYS, *UNLESS_SAID)}
    return Response(status_code=204, headers={**always, **said})
