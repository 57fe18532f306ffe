"""The headers that every answer carries, whatever the route."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ALWAYS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
UNLESS_SAID: Final = (
    (b"cache-control", b"no-store"),
    # An answer is data: nothing in it is to be run, nor framed.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def completed(headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """These headers, the reference of the request, and what protects whoever reads the answer."""
    found = [(bytes(name), bytes(value)) for name, value in headers]
    said = {name.lower() for name, _ in found}
    missing = (each for each in UNLESS_SAID if each[0] not in said)
    return [*found, (b"x-request-id", request_id.encode()), *ALWAYS, *missing]
