"""Secrets told once and kept by nobody: links, and the codes that people copy by hand. Only digests are stored."""

from __future__ import annotations

import base64
import hashlib
import secrets

CODE_BYTES = 15
GROUP = 4
LOOK_ALIKE = str.maketrans("018", "OLB")
"""What base32 does not have, and what a person meant who typed it."""


def new_link() -> str:
    """The secret part of a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def link_digest(link: str) -> bytes:
    """What is kept of a link: its SHA-256."""
    return hashlib.sha256(link.encode()).digest()


def new_code() -> str:
    """A code to copy by hand: 120 random bits, as six groups of four (``K7QD-…``)."""
    letters = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def code_digest(code: str) -> bytes:
    """What is kept of a code: the SHA-256 of its letters; case, spaces and dashes do not count."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).translate(LOOK_ALIKE)
    return hashlib.sha256(letters.encode()).digest()
