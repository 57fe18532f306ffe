"""Sealing of notes and safe contacts: AES-256-GCM, one data key a person, wrapped by the sealing key.

The sealing key exists in the social process only. Associated data bind a ciphertext to its row: moved to another
row, another person or an older version, it no longer opens, and that is a security event, never an empty text.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Invalid, Problem

FORMAT = b"\x01"
NONCE = 12
# The length of a text is itself a hint: rounded up to one of these sizes (bytes), which include a 4-byte true length.
BUCKETS = (256, 1024, 4096, 16384, 65536, 131072)


class BrokenSeal(Problem):
    """500: a sealed content does not open. Someone moved or changed it, or the key is not the right one."""

    status, code, alarm = 500, "note_cannot_be_read", True


@dataclass(frozen=True)
class Place:
    """Where a sealed content belongs; every member is bound to the seal."""

    table: str
    row_id: UUID
    post_id: UUID
    participation_id: UUID
    person_key_id: UUID
    author_id: UUID
    version: int

    def as_bytes(self) -> bytes:
        """Unambiguous bytes: fixed-size members after a length-prefixed table name."""
        name = self.table.encode()
        ids = (self.row_id, self.post_id, self.participation_id, self.person_key_id, self.author_id)
        return (
            b"relais/1" + bytes([len(name)]) + name + b"".join(i.bytes for i in ids) + self.version.to_bytes(4, "big")
        )


def _pad(text: bytes) -> bytes:
    size = next((bucket for bucket in BUCKETS if len(text) + 4 <= bucket), None)
    if size is None:
        raise Invalid("too_long_to_seal")
    return len(text).to_bytes(4, "big") + text + bytes(size - 4 - len(text))


class OneKey:
    """One key of the ring, and its name: what may be said of it."""

    def __init__(self, key_base64: str) -> None:
        key = base64.b64decode(key_base64, validate=True)
        if len(key) != 32:
            raise ValueError("la clé de scellement doit faire 32 octets, en base64")
        self.box = AESGCM(key)
        self.key_id = hashlib.sha256(b"relais sealing key id" + key).hexdigest()[:16]


class SealingKey:
    """The key-encryption key. ``wrap``, ``unwrap`` and ``key_id``: a vault may take its place behind these three.

    A ring: while keys are being replaced the setting holds several, separated by blanks. The first seals, all open.
    """

    def __init__(self, keys_base64: str) -> None:
        self.ring = tuple(OneKey(each) for each in keys_base64.split())
        if not self.ring:
            raise ValueError("la clé de scellement manque")
        self.key_id = self.ring[0].key_id
        if len({each.key_id for each in self.ring}) != len(self.ring):
            raise ValueError("la même clé de scellement est donnée deux fois")

    def wrap(self, data_key: bytes, *, bound_to: bytes) -> bytes:
        """Seal a data key: nonce, ciphertext, tag (60 bytes)."""
        nonce = os.urandom(NONCE)
        return nonce + self.ring[0].box.encrypt(nonce, data_key, b"relais/key" + bound_to)

    def unwrap(self, wrapped: bytes, *, bound_to: bytes) -> bytes:
        """Open a data key; ``BrokenSeal`` when it is not the one that was wrapped there, by any key of the ring."""
        for key in self.ring:
            try:
                return key.box.decrypt(wrapped[:NONCE], wrapped[NONCE:], b"relais/key" + bound_to)
            except InvalidTag:
                continue
        raise BrokenSeal

    def alone(self, key_id: str) -> SealingKey:
        """The same, reduced to one of its keys."""
        reduced = object.__new__(SealingKey)
        reduced.ring = tuple(each for each in self.ring if each.key_id == key_id)
        reduced.key_id = key_id
        return reduced


def new_data_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(256)


def seal(text: str, *, data_key: bytes, place: Place) -> bytes:
    """Seal a text at its place: format (1), nonce (12), ciphertext, tag (16). 422 beyond the largest size."""
    nonce = os.urandom(NONCE)
    return FORMAT + nonce + AESGCM(data_key).encrypt(nonce, _pad(text.encode()), FORMAT + place.as_bytes())


def unseal(sealed: bytes, *, data_key: bytes, place: Place) -> str:
    """Open a sealed text; ``BrokenSeal`` when bytes, key or place differ."""
    head, nonce, body = sealed[:1], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    try:
        padded = AESGCM(data_key).decrypt(nonce, body, head + place.as_bytes())
    except (InvalidTag, ValueError):
        raise BrokenSeal from None
    length = int.from_bytes(padded[:4], "big")
    return padded[4 : 4 + length].decode()
