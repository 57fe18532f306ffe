"""The line to one receiver: the very address that was judged is the one that is called; nothing it says is kept.

A name is resolved once, every address it gives is judged, and the connection goes to one of those, never back through
the name: a name that answers otherwise the second time (DNS rebinding) is not asked a second time. No redirect is
followed, no proxy of the environment is used, no octet of a body is read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpcore
import httpx

from app.services.webhook_addresses import Reach, port_of

SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0
MOST_ADDRESSES: Final = 3
"""Of one name, tried in turn."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(Exception):  # noqa: N818 — read as a sentence
    """One of the addresses of this name is not to be reached."""


class NameUnknown(Exception):  # noqa: N818 — read as a sentence
    """This name has no address."""


@dataclass(frozen=True)
class Heard:
    """What came of one call: a status, or why there is none. Never a word of the receiver."""

    duration_ms: int
    status: int | None = None
    failure: str | None = None
    retry_after: str | None = None

    @property
    def well(self) -> bool:
        """Was it taken?"""
        return self.status is not None and 200 <= self.status < 300


# Threads of their own: names whose servers never answer would otherwise hold those that find PostgreSQL.
_names = ThreadPoolExecutor(max_workers=32, thread_name_prefix="names")


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine knows them."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_names, look_up)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class GuardedNetwork(httpcore.AnyIOBackend):
    """Connects to an address that was judged, whatever the name says afterwards."""

    def __init__(self, scheme: str, reach: Reach, resolve: Resolve) -> None:
        self._scheme, self._reach, self._resolve = scheme, reach, resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """One resolution, every address judged, then one of those and no other."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise NameUnknown from None
        if not self._reach.admits_all(addresses, scheme=self._scheme, port=port):
            raise AddressRefused
        for address in addresses[: MOST_ADDRESSES - 1]:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        return await super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


class Line:
    """The line to one receiver, for a few calls in a row."""

    def __init__(
        self, url: str, reach: Reach, *, tls: ssl.SSLContext, resolve: Resolve = resolved, seconds: float = SECONDS
    ) -> None:
        said = httpx.URL(url)
        self._url = httpcore.URL(scheme=said.raw_scheme, host=said.raw_host, port=port_of(said), target=said.raw_path)
        self._host = said.netloc
        self._seconds = seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=GuardedNetwork(said.scheme, reach, resolve)
        )

    async def __aenter__(self) -> Line:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        """Send once; whatever happens is told, nothing is raised."""
        begun = time.monotonic()
        said = [(b"Host", self._host), *((name.encode(), value.encode()) for name, value in headers.items())]
        patience = dict.fromkeys(("read", "write", "pool"), self._seconds) | {"connect": CONNECT_SECONDS}
        found: dict[str, Any] = {}
        try:
            # httpcore counts the seconds of each octet: a receiver that drips is stopped here.
            async with (
                asyncio.timeout(self._seconds),
                self._pool.stream(
                    "POST", self._url, headers=said, content=body, extensions={"timeout": patience}
                ) as told,
            ):
                found = {"status": told.status, "retry_after": _header(told.headers, b"retry-after")}
        except (httpcore.TimeoutException, TimeoutError):
            found = {"failure": "timeout"}
        except AddressRefused:
            found = {"failure": "address_refused"}
        except NameUnknown:
            found = {"failure": "name_unknown"}
        except (httpcore.NetworkError, OSError) as error:
            found = {
                "failure": "tls" if isinstance(error.__cause__ or error.__context__, ssl.SSLError) else "unreachable"
            }
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
            found = {"failure": "not_http"}
        return Heard(duration_ms=round((time.monotonic() - begun) * 1000), **found)


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    found = [value for said, value in headers if said.lower() == name]
    return found[0][:40].decode("latin-1") if found else None
