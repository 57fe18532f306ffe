"""The headers that every answer carries, whatever the route."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.requests import Request

ALWAYS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
UNLESS_SAID: Final = (
    (b"cache-control", b"no-store"),
    # An answer is data: nothing in it is to be run, nor framed.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def add_header(request: Request, name: str, value: str) -> None:
    """Have every answer to this request carry a header, whether it is granted or refused."""
    added: list[tuple[bytes, bytes]] = request.scope["state"].setdefault("answer_headers", [])
    added.append((name.lower().encode("latin-1"), value.encode("latin-1")))


def completed(
    headers: Iterable[tuple[bytes, bytes]], request_id: str, state: dict[str, Any]
) -> list[tuple[bytes, bytes]]:
    """These headers, those that the application added, the request's reference, and what protects the reader."""
    found = [(bytes(name), bytes(value)) for name, value in (*headers, *state.get("answer_headers", ()))]
    said = {name.lower() for name, _ in found}
    missing = (each for each in UNLESS_SAID if each[0] not in said)
    return [*found, (b"x-request-id", request_id.encode()), *ALWAYS, *missing]
