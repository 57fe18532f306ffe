"""What ``relais audit`` does: recompute the chains, sign their heads, compare both, sum up a day."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.background import worker_transaction
from app.errors import Problem
from app.messages import field_sentence
from app.refusal import CannotRun, reason
from app.services import anchors, traces
from app.services.anchors import FIRST, Anchor, AnchorKey, Unverifiable
from app.services.traces import Chain
from app.transactions import Reading

PATIENCE: Final = 1800
"""Seconds that PostgreSQL may take to recompute every chain."""
AT_ONCE: Final = 5000
"""Links compared with the database in one statement."""


@dataclass(frozen=True)
class Found:
    """What a verification found: what is broken, and what keeps from concluding; both in French."""

    chains: int
    entries: int
    anchors: int
    broken: Sequence[str]
    doubts: Sequence[str]


def read_anchors(path: Path, keys: Mapping[str, Ed25519PublicKey]) -> Sequence[Anchor]:
    """The anchors of a file; ``Unverifiable`` when they are not a file of ours, whole and signed."""
    try:
        lines = path.read_bytes()
    except OSError as error:
        raise Unverifiable(f"Le fichier d'ancres ne se lit pas ({reason(error)}).") from None
    return anchors.verified(lines, keys)


async def verify(url: str, path: Path | None, keys: Mapping[str, Ed25519PublicKey]) -> Found:
    """Recompute every chain, and compare it with the anchors of a file."""
    doubts: list[str] = []
    known: Sequence[Anchor] = ()
    if path is not None:
        try:
            known = read_anchors(path, keys)
            if not known:
                doubts.append("Le fichier d'ancres est vide.")
        except Unverifiable as why:
            doubts.append(str(why))
    async with worker_transaction(url, patience=PATIENCE) as writing:
        chains = await traces.verify(writing)
        broken = [_told(each) for each in chains if each.reason]
        broken += await _compared(writing, known)
        if known and (last := await traces.last_anchor(writing)) != known[-1].n:
            doubts.append(
                f"Les traces connaissent l'ancre {last}, le fichier finit à la {known[-1].n} : il lui manque la fin,"
                " ou la base est plus ancienne que lui."
            )
        await traces.trace_process(
            writing, "audit:verify", row_count=len(chains), outcome="failed" if broken or doubts else "done"
        )
    return Found(len(chains), sum(each.entries for each in chains), len(known), broken, doubts)


async def anchor(url: str, path: Path, key: AnchorKey) -> tuple[int, int]:
    """Sign the heads of every chain at the end of a file. Returns the number of the anchor, and of the heads."""
    with _held(path) as file:
        known = anchors.verified(file.read(), anchors.public_keys(key.public))
        last = known[-1] if known else None
        # Two transactions: the number is traced first, so that the anchor holds the trace of its own number.
        async with worker_transaction(url, patience=PATIENCE) as writing:
            traced = await traces.last_anchor(writing)
            if last is not None and not last.n <= traced <= last.n + 1:
                raise Unverifiable(
                    f"Le fichier finit à l'ancre {last.n}, les traces à la {traced} : la base fut restaurée, ou le"
                    " fichier a perdu sa fin. Comparez-le à sa copie, puis commencez un autre fichier."
                )
            if last is not None and (broken := await _compared(writing, [last])):
                raise Broken(broken)
            await traces.trace_process(writing, "audit:anchor", row_count=traced + 1)
        async with worker_transaction(url, patience=PATIENCE) as reading:
            chains = await traces.verify(reading)
        if broken := [_told(each) for each in chains if each.reason]:
            raise Broken(broken)
        file.write(key.line(n=traced + 1, chains=chains, previous=last.digest if last else FIRST))
        file.flush()
        os.fsync(file.fileno())
    return traced + 1, len(chains)


class Broken(Exception):  # noqa: N818 — read as a sentence
    """Chains do not hold: nothing is signed of them."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


async def summary(url: str, on: date | None) -> Mapping[str, Any]:
    """A day, by account and by act."""
    try:
        async with worker_transaction(url, patience=PATIENCE) as writing:
            said = await traces.day(writing, on)
            await traces.trace_process(writing, "audit:summary", row_count=len(said["items"]))
            return said
    except Problem as problem:
        raise CannotRun(field_sentence(problem.errors[0].code, "fr", {})) from None


async def _compared(reading: Reading, known: Sequence[Anchor]) -> list[str]:
    """What was signed, and that the database no longer says; the first anchor that says so, for each chain."""
    signed = {link: (digest, each.n) for each in reversed(known) for link, digest in each.heads.items()}
    asked = [link for link in signed if link[2] > 0]
    found: dict[Any, str] = {}
    for start in range(0, len(asked), AT_ONCE):
        found |= await traces.links(reading, asked[start : start + AT_ONCE])
    differing = sorted((link for link in asked if found.get(link) != signed[link][0]), key=lambda each: each[2])
    first = {(perimeter, lane): (perimeter, lane, seq) for perimeter, lane, seq in reversed(differing)}
    return [
        f"Chaîne {perimeter} {lane}, maillon {seq} : ce n'est pas ce que l'ancre {signed[perimeter, lane, seq][1]} a"
        f" signé ({'il manque' if (perimeter, lane, seq) not in found else 'la chaîne fut récrite'})."
        for perimeter, lane, seq in first.values()
    ]


def _told(chain: Chain) -> str:
    return f"Chaîne {chain.perimeter_id} {chain.lane}, maillon {chain.broken_at} : {chain.said}."


@contextlib.contextmanager
def _held(path: Path) -> Iterator[Any]:
    """The file, opened to be read then added to, by one process at a time; its folder keeps its name."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise Unverifiable(f"Le fichier d'ancres ne s'ouvre pas ({reason(error)}).") from None
    with os.fdopen(descriptor, "a+b") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        file.seek(0)
        yield file
