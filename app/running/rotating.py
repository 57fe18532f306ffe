"""``relais keys``: what changes in the files of keys, and in what order. Each step may be cut short and done again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from app import rewrapping
from app.access.key_rings import SigningRing
from app.operating import superuser, trace_command
from app.refusal import CannotRun
from app.running.keeping import new_random_key
from app.running.key_files import copy_key, key_file, one_at_a_time, read_key, replace_key
from app.services.clock import now
from app.services.sealing import SealingKey

VERIFYING: Final = "relais_verification_keys"


@dataclass(frozen=True)
class Operator:
    """Where the database is, for whoever may see all of it; ``None`` when nobody said."""

    url: str | None
    database: str

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A superuser connection, without which this cannot be done."""
        if self.url is None:
            raise CannotRun("Il faut RELAIS_BOOTSTRAP_URL, l'URL d'un superutilisateur de PostgreSQL.")
        async with superuser(self.url, database=self.database) as connection:
            yield connection

    async def trace(self, act: str, row_count: int = 1) -> bool:
        """Trace an act upon keys, where the database can be reached; was it?"""
        if self.url is None:
            return False
        async with self.connection() as connection:
            return await trace_command(connection, act, row_count=row_count)


def signing_ring(path: Path) -> SigningRing:
    """The ring that a file holds."""
    try:
        return SigningRing.of(read_key(path))
    except ValueError:
        raise CannotRun(f"Le fichier {path} ne tient pas de clé de signature P-256 (PEM, ou trousseau).") from None


def sealing_ring(path: Path) -> SealingKey:
    """The ring that a file holds."""
    try:
        return SealingKey(read_key(path))
    except ValueError:
        raise CannotRun(f"Le fichier {path} ne tient pas de clé de scellement (32 octets en base64).") from None


def rotate_signing(home: Path, folder: Path | None, *, stolen: bool) -> tuple[SigningRing, SigningRing]:
    """Move the ring on, and the public keys beside it. Returns what it was and what it is."""
    path = key_file(home, "signing_key", folder)
    with one_at_a_time(path):
        before = signing_ring(path)
        public = path.with_name(VERIFYING)
        # A command cut short between the two files: the others must know the next key before it signs.
        unpublished = public.exists() and not stolen and not _published(before, public)
        after = before if unpublished else before.rotated(now(), stolen=stolen)
        replace_key(path, after.written())
        if public.exists():
            replace_key(public, after.key_set())
    return before, after


def _published(ring: SigningRing, public: Path) -> bool:
    try:
        told = {each["kid"] for each in json.loads(read_key(public))["keys"]}
    except (ValueError, KeyError, TypeError):
        raise CannotRun(f"Le fichier {public} ne tient pas de clés publiques (JWKS).") from None
    return told >= {each.kid for each in ring.keys}


async def begin_sealing(operator: Operator, path: Path) -> Path:
    """First step: a new key, before the one in service. Returns where the file as it was is kept."""
    with one_at_a_time(path):
        ring, moment = sealing_ring(path), now()
        async with operator.connection() as connection:
            await rewrapping.refuse_another_ring(connection, ring)
            if await rewrapping.left(connection, ring.key_id):
                raise CannotRun(
                    "Des clés de données sont scellées par une autre clé que celle de ce fichier : rien n'a changé."
                )
        kept = copy_key(path, moment)
        replace_key(path, f"{new_random_key()}\n{read_key(path)}")
    await operator.trace("key:add")
    return kept


async def go_on_sealing(operator: Operator, path: Path, advance: Callable[[int, int], None]) -> tuple[int, int]:
    """Second step: wrap again all that the older keys wrap. Returns how many were left, and how many do not open."""
    with one_at_a_time(path):
        ring = sealing_ring(path)
        async with operator.connection() as connection:
            await rewrapping.refuse_another_ring(connection, ring)
            if ring.key_id not in await rewrapping.canaries(connection):
                raise CannotRun(
                    "Aucun processus social n'a encore pris la nouvelle clé : redémarrez-les tous, puis recommencez."
                )
            before = await rewrapping.left(connection, ring.key_id)
            closed = await rewrapping.rewrap(connection, ring, advance) if before else 0
            if before:
                await trace_command(connection, "key:rewrap", row_count=before - closed)
    return before, closed


async def end_sealing(operator: Operator, path: Path) -> None:
    """Third step: the older keys leave the file; nothing refers to them any more."""
    with one_at_a_time(path):
        ring = sealing_ring(path)
        async with operator.connection() as connection:
            if await rewrapping.left(connection, ring.key_id):
                raise CannotRun("Des clés de données sont encore scellées par l'ancienne clé : rien n'a changé.")
            replace_key(path, read_key(path).split()[0])
            await rewrapping.forget_the_others(connection, ring.key_id)
            await trace_command(connection, "key:retire", row_count=len(ring.ring) - 1)


async def sealing_left(operator: Operator, ring: SealingKey) -> int | None:
    """How many data keys another key wraps; ``None`` when the database is out of reach."""
    if operator.url is None:
        return None
    async with operator.connection() as connection:
        return await rewrapping.left(connection, ring.key_id)
