"""Anchors: the heads of the chains of traces, signed with a key that the database does not have.

A superuser of PostgreSQL may rewrite a whole chain, hashes included; not what was signed of it and kept elsewhere.
One anchor is one line of JSON; each names the one before, so that none can be taken away from the middle.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.services.clock import now
from app.services.traces import Chain

FIRST: Final = "0" * 64
"""What the first anchor of a file names as the one before."""
MEMBERS: Final = frozenset({"n", "at", "heads", "previous", "key_id", "signature"})
_SAYING: Final = b"relais/anchor/1\n"
_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)

Link = tuple[UUID, str, int]


class Unverifiable(Exception):  # noqa: N818 — read as a sentence
    """What is said of a file or of a key from which nothing can be concluded; in French, for the operator."""


@dataclass(frozen=True)
class Anchor:
    """One line that holds: its number, and the hash that each chain then ended with."""

    n: int
    at: str
    heads: Mapping[Link, str]
    digest: str


def new_anchor_key() -> str:
    """A fresh Ed25519 private key, PEM."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


class AnchorKey:
    """The private key that signs anchors. Background work alone holds it."""

    def __init__(self, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("la clé des ancres doit être une clé Ed25519")
        self._key = key
        self.key_id = _key_id(key.public_key())

    @property
    def public(self) -> str:
        """Its public part, PEM: what whoever verifies needs."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def line(self, *, n: int, chains: Iterable[Chain], previous: str) -> bytes:
        """One anchor, signed, on one line."""
        said = {
            "n": n,
            "at": now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "heads": [
                {"perimeter": str(each.perimeter_id), "lane": each.lane, "seq": each.seq, "hash": each.hash.hex()}
                for each in chains
            ],
            "previous": previous,
            "key_id": self.key_id,
        }
        signature = base64.b64encode(self._key.sign(_signed(said))).decode()
        return _written({**said, "signature": signature}) + b"\n"


def public_keys(pems: str) -> Mapping[str, Ed25519PublicKey]:
    """The keys of a text that holds one or several public keys, PEM; by their ``key_id``."""
    found: dict[str, Ed25519PublicKey] = {}
    for block in _PEM.finditer(pems):
        try:
            key = load_pem_public_key(block.group().encode())
        except ValueError:
            raise Unverifiable("La clé publique des ancres est illisible.") from None
        if not isinstance(key, Ed25519PublicKey):
            raise Unverifiable("La clé publique des ancres n'est pas une clé Ed25519.")
        found[_key_id(key)] = key
    if not found:
        raise Unverifiable("Il n'y a pas de clé publique des ancres.")
    return found


def verified(lines: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Sequence[Anchor]:
    """The anchors of a file, in order; ``Unverifiable`` at the first line that does not hold."""
    if lines and not lines.endswith(b"\n"):
        raise Unverifiable("La dernière ligne du fichier d'ancres est coupée.")
    anchors: list[Anchor] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        try:
            anchors.append(_verified(line, keys, after=anchors[-1] if anchors else None))
        except Unverifiable as reason:
            raise Unverifiable(f"Fichier d'ancres, ligne {number} : {reason}") from None
    return anchors


def _verified(line: bytes, keys: Mapping[str, Ed25519PublicKey], *, after: Anchor | None) -> Anchor:
    try:
        said = json.loads(line)
        if said.keys() != MEMBERS or _written(said) != line:
            raise ValueError
        signature = base64.b64decode(said["signature"], validate=True)
        heads = {(UUID(each["perimeter"]), each["lane"], each["seq"]): each["hash"] for each in said["heads"]}
        n = said["n"]
        if type(n) is not int or any(type(seq) is not int or type(lane) is not str for _, lane, seq in heads):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Unverifiable("ce n'est pas une ancre.") from None
    key = keys.get(said["key_id"]) if isinstance(said["key_id"], str) else None
    if key is None:
        raise Unverifiable("signée d'une clé inconnue.")
    try:
        key.verify(signature, _signed({name: said[name] for name in said if name != "signature"}))
    except InvalidSignature:
        raise Unverifiable("la signature ne vaut pas.") from None
    if after is None:
        if said["previous"] != FIRST:
            raise Unverifiable("des lignes manquent avant elle.")
    else:
        _follows(said, heads, after)
    return Anchor(n=n, at=said["at"], heads=heads, digest=hashlib.sha256(line).hexdigest())


def _follows(said: Mapping[str, Any], heads: Mapping[Link, str], after: Anchor) -> None:
    # One number may be missing: an anchor whose number was traced, and that a failure kept from being written.
    if said["previous"] != after.digest or not 1 <= said["n"] - after.n <= 2:
        raise Unverifiable("elle ne suit pas celle d'avant : une ligne manque, ou fut déplacée.")
    ranks = {(perimeter, lane): seq for perimeter, lane, seq in heads}
    if any(ranks.get((perimeter, lane), -1) < seq for perimeter, lane, seq in after.heads):
        raise Unverifiable("une chaîne y est plus courte que dans l'ancre d'avant.")


def _written(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _signed(said: Mapping[str, Any]) -> bytes:
    return _SAYING + _written(said)
