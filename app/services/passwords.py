"""Passwords: argon2id, exactly two at once (each takes 64 MiB), the same work for an unknown account."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn

from app.errors import Invalid, Unavailable

# RFC 9106, second recommended profile: 64 MiB, three passes.
HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
AT_ONCE = 2
WAITING_AT_MOST = 20
"""Those being computed included: whoever comes next is told to come back."""

SHORTEST, LONGEST = 14, 256
LOOKED_AT = 72
"""The estimate takes a time that grows fast with the length; what follows can only strengthen."""
STRONG_ENOUGH = 3
LEAST_OF_ONE_S_OWN = 8
"""Characters that remain once the words of the house and of the person are taken away."""
WORDS_OF_THE_HOUSE = (
    "relais", "iscg", "commissariat", "gendarmerie", "gendarme", "police", "brigade", "intervenant", "intervenante",
    "social", "sociale", "departement", "victime", "motdepasse", "mot de passe", "passe", "azerty", "azertyuiop",
    "qsdfghjklm", "wxcvbn", "bonjour", "soleil", "doudou", "chouchou", "jetaime", "marseille", "france", "republique",
)  # fmt: skip

_Result = TypeVar("_Result")

# Threads of their own, as many as may compute: a caller who goes away leaves hers busy, and none other starts.
_computing = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2id")
_counting = threading.Lock()
_waiting = 0
_NOBODY = HASHER.hash(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """The argon2id digest of a password; for commands, which nobody else waits for."""
    return HASHER.hash(password)


def generated() -> str:
    """A password that nobody chose: 144 random bits."""
    return secrets.token_urlsafe(18)


async def digest_of(password: str) -> str:
    """The argon2id digest of a password, in its turn. 503 when too many wait."""
    return await _in_turn(lambda: HASHER.hash(password))


def waiting() -> int:
    """How many passwords are being checked, or wait to be."""
    return _waiting


async def matches(password: str, digest: str | None) -> bool:
    """Does the password match? ``None``, for an unknown account, costs as much. 503 when too many wait."""
    return await _in_turn(lambda: _verify(password, digest or _NOBODY)) and digest is not None


async def renewed_digest(password: str, digest: str) -> str | None:
    """A digest with the parameters of today for a password that has just matched, or ``None``: it has them already."""
    return await digest_of(password) if HASHER.check_needs_rehash(digest) else None


async def check_choice(password: str, *, about: Iterable[str], pointer: str = "/password") -> None:
    """``Invalid`` unless a new password is long enough, and hard to guess for who knows its owner and the house."""
    if len(password) < SHORTEST:
        raise Invalid("password_too_short", pointer)
    words = sorted({*WORDS_OF_THE_HOUSE, *(word for said in about for word in _words(said))})
    score = await asyncio.to_thread(_score, password[:LOOKED_AT], words)
    if score < STRONG_ENOUGH or len(_without(password, words)) < LEAST_OF_ONE_S_OWN:
        raise Invalid("password_easy_to_guess", pointer)


def _without(password: str, words: Iterable[str]) -> str:
    # The estimate gives much credit to words put end to end, even to those that anyone would try first.
    found = password.lower()
    for word in sorted((each for each in words if len(each) > 3), key=len, reverse=True):
        found = found.replace(word, "")
    return found


def _words(said: str) -> Iterable[str]:
    whole = said.lower().strip()
    return {whole, *(part for part in re.split(r"[\W_\d]+", whole) if len(part) > 2)} - {""}


def _score(password: str, words: list[str]) -> int:
    score: int = zxcvbn(password, user_inputs=words)["score"]
    return score


async def _in_turn(work: Callable[[], _Result]) -> _Result:
    global _waiting  # noqa: PLW0603 — one bound for the whole process, that is its point
    with _counting:
        if _waiting >= WAITING_AT_MOST:
            raise Unavailable(retry_after=5)
        _waiting += 1
    turn = _computing.submit(work)
    # When the computation ends, not when its caller leaves.
    turn.add_done_callback(_given_back)
    return await asyncio.wrap_future(turn)


def _given_back(_: Future[_Result]) -> None:
    global _waiting  # noqa: PLW0603 — as above
    with _counting:
        _waiting -= 1


def _verify(password: str, digest: str) -> bool:
    try:
        return HASHER.verify(digest, password)
    except (Argon2Error, InvalidHashError):
        return False
