"""Secrets told once and kept by nobody: links, and the codes that people copy by hand. Only digests are stored."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GROUPS, GROUP = 7, 4
LOOK_ALIKE = str.maketrans("018", "OLB")
"""What base32 does not have, and what a person meant who typed it."""


def new_link() -> str:
    """The secret part of a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """What is kept of a token, or of a link, drawn at random: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def new_code() -> str:
    """A code to copy by hand: 140 random bits, as seven groups of four (``K7QD-…``)."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def code_digest(code: str) -> bytes:
    """What is kept of a code: the SHA-256 of its letters; case, spaces and dashes do not count."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).translate(LOOK_ALIKE)
    return hashlib.sha256(letters.encode()).digest()
