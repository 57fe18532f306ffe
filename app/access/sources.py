"""Where a request comes from: the peer, or, when the peer is one of our proxies, the address that this proxy names."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_HOPS = 20


def networks(said: str) -> tuple[Network, ...]:
    """The networks of a list such as ``10.213.11.0/28, ::1``; ``ValueError`` for anything else."""
    return tuple(ipaddress.ip_network(each.strip()) for each in said.split(",") if each.strip())


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


def _address(said: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def _is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)
