"""Where a request comes from: the peer, or, when the peer is one of our proxies, the address that this proxy names."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_HOPS = 20
PREFIX_OF_A_SITE = 64
"""An IPv6 site gives its machines as many addresses as they like, all within one /64."""


def networks(said: str) -> tuple[Network, ...]:
    """The networks of a list such as ``10.213.11.0/28, ::1``; ``ValueError`` for anything else."""
    return tuple(ipaddress.ip_network(each.strip()) for each in said.split(",") if each.strip())


def source_asking(request: Request) -> str:
    """Where a request comes from, as far as the proxies of this process are believed."""
    peer = request.client.host if request.client else None
    return source_of(peer, request.headers.getlist("x-forwarded-for"), request.app.state.trusted_proxies)


def source_of(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our proxies. Whoever is not a trusted proxy is believed on nothing."""
    found = _address(peer or "")
    if found is None:
        return peer or "unknown"
    # Each proxy adds its own peer at the end: read from there, and stop at the first that is nobody of ours.
    hops = [hop for header in forwarded for hop in header.split(",")][-MOST_HOPS:]
    while hops and _is_ours(found, trusted):
        before = _address(hops.pop().strip())
        if before is None:
            break
        found = before
    return str(found)


def site_of(source: str) -> str:
    """What may be counted of a source: an IPv4 address, or the /64 of an IPv6 one."""
    address = _address(source)
    if address is None:
        return source
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, PREFIX_OF_A_SITE), strict=False))


def _address(said: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def _is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)
