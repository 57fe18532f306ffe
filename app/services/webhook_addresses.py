"""Where a notification may go: a public address, over HTTPS. Never inwards, unless the operator named that network.

What a subscriber gives is an address that our own machine will call: it could name what only our machine can reach
(SSRF). Judged twice: as it is typed, and, at each delivery, on every address that its name then resolves to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from app.access.sources import Network, networks
from app.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST: Final = 500
PORTS: Final = frozenset({443, 8443})
DEFAULT_PORTS: Final = {"https": 443, "http": 80}

# Public by their number, and yet served inside a cloud, to whoever asks from it (Azure, Alibaba, Oracle, AWS).
METADATA: Final = networks(
    "168.63.129.16/32, 100.100.100.200/32, 192.0.0.192/32, 169.254.169.254/32, fd00:ec2::254/128"
)
# Never, however wide the network that the operator named.
NEVER: Final = (*METADATA, *networks("169.254.0.0/16, fe80::/10"))
# What the registries of the IANA keep for other uses; ``is_global`` has not known them all in every Python.
RESERVED: Final = networks(
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24,"
    "192.31.196.0/24, 192.52.193.0/24, 192.88.99.0/24, 192.168.0.0/16, 192.175.48.0/24, 198.18.0.0/15,"
    "198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3, ::/96, 64:ff9b:1::/48, 100::/64, 2001::/23, 2001:db8::/32,"
    "3fff::/20, 5f00::/16, fc00::/7, fe80::/9, ff00::/8"
)
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def _embedded(address: Address) -> Iterator[Address]:
    """The address itself, and those that it carries for a translator to unwrap on the way."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            yield address.ipv4_mapped
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
        if address in NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def is_public(address: Address) -> bool:
    """Is this an address of the open Internet, and everything that it embeds?"""
    mapped = getattr(address, "ipv4_mapped", None)
    return all(
        each.is_global
        and not (each.is_multicast or each.is_reserved or each.is_unspecified)
        and not any(each in network for network in (*METADATA, *RESERVED) if network.version == each.version)
        for each in _embedded(mapped or address)
        # A translator's prefix is not global by itself: what it carries is what is reached.
        if each not in NAT64
    )


@dataclass(frozen=True)
class Reach:
    """How far notifications go: the open Internet, and the networks that the operator named."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def of(cls, said: str) -> Reach:
        """From ``RELAIS_WEBHOOK_NETWORKS`` (CIDR, separated by commas)."""
        return cls(networks(said))

    def names(self, address: Address) -> bool:
        """Did the operator name a network that holds it?"""
        mapped = getattr(address, "ipv4_mapped", None)
        found: Address = mapped or address
        return any(found.version == network.version and found in network for network in self.allowed)

    def admits(self, address: Address, *, scheme: str, port: int) -> bool:
        """May we speak there? In clear, or on another port, in the operator's networks only; to metadata, never."""
        if any(each in network for each in _embedded(address) for network in NEVER if network.version == each.version):
            return False
        return self.names(address) or (scheme == "https" and port in PORTS and is_public(address))

    def admits_all(self, addresses: Sequence[str], *, scheme: str, port: int) -> bool:
        """The same, of every address of a name; one that must not be reached spoils them all."""
        found = [ipaddress.ip_address(each.partition("%")[0]) for each in addresses]
        return bool(found) and all(self.admits(each, scheme=scheme, port=port) for each in found)


def port_of(url: httpx.URL) -> int:
    """The port, said or not."""
    return url.port or DEFAULT_PORTS[url.scheme]


def checked(said: str, reach: Reach) -> str:
    """The address as we will call it; ``Invalid`` for what can be no receiver of ours. No name is looked up here."""
    url = _read(said)
    literal = _literal(url.host)
    if literal is not None:
        fine = reach.admits(literal, scheme=url.scheme, port=port_of(url))
    else:
        # A name of the operator's networks may do more; which it is, the delivery sees.
        fine = bool(reach.allowed) or (url.scheme == "https" and port_of(url) in PORTS)
    if not fine:
        raise Invalid("webhook_url_refused", "/url")
    return str(url)


def _read(said: str) -> httpx.URL:
    try:
        url = httpx.URL(said)
        # Reading the host decodes it: a name that is no name is found out here.
        fine = bool(url.host) and _is_plain(url, said)
    except (httpx.InvalidURL, ValueError):
        fine = False
    if not fine:
        raise Invalid("wrong_webhook_url", "/url")
    return url


def _is_plain(url: httpx.URL, said: str) -> bool:
    return (
        url.scheme in DEFAULT_PORTS
        and b"%" not in url.raw_host
        and "\\" not in said
        # A name before « @ » makes an address look like another's; a secret in an address ends in logs.
        and not url.userinfo
        and not url.fragment
        and len(str(url)) <= LONGEST
        and (url.port is None or 0 < url.port < 65536)
    )


def _literal(host: str) -> Address | None:
    """The address that a host spells, if it spells one; ``localhost`` is one too, and so is ``0x7f.1``."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        pass
    # Without a letter in its last label it is no name of the Internet: a number, in one of the old spellings.
    last = name.rpartition(".")[2]
    return ipaddress.IPv4Address("0.0.0.0") if last.isdigit() or last.startswith("0x") else None  # noqa: S104 — refused
