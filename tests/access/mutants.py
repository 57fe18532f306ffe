"""Knock the fence down, one piece at a time, and see who notices: ``python -m tests.access.mutants``.

Each mutant is applied to a fresh clone of a database in which people have worked. The golden snapshot says whether the
fence looks different; the probes say whether it behaves differently. A mutant that neither notices has survived, and
the program ends with 1. (The third proof, two worlds, runs with the tests.)
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import asyncpg
import structlog

from app.installing import fence_database
from tests.access.mutant_kinds import Mutant
from tests.access.mutant_list import MUTANTS
from tests.access.probes import Probe, Scene, all_probes
from tests.access.scene import prepare
from tests.access.scratch import fresh_keys, own_town
from tests.access.snapshot import compare
from tests.house_for_tests import Town


class Verdict(NamedTuple):
    """Who noticed one mutant: the snapshot, and the first probe that failed."""

    mutant: str
    by_snapshot: bool
    by_probe: str | None


class Unfit(Exception):  # noqa: N818 — read as a sentence
    """The trial itself is wrong: the unharmed fence fails, or a mutant changes nothing."""


async def _copy(town: Town, source: str, name: str) -> None:
    connection = await asyncpg.connect(town.superuser_url)
    try:
        await connection.execute(f"create database {name} template {source}")
        await fence_database(connection, name)
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection, mutant: Mutant, database: str) -> None:
    if mutant.sql:
        await connection.execute(mutant.sql.replace("{database}", database))
        return
    definition = await connection.fetchval("select pg_get_functiondef($1::text::regprocedure)", mutant.function)
    if mutant.piece not in definition:
        raise Unfit(f"{mutant.name} : « {mutant.piece} » n'est plus dans {mutant.function}")
    await connection.execute(definition.replace(mutant.piece, mutant.instead))


async def _first_failure(
    scene: Scene, probes: dict[str, Probe], lasted: dict[str, float] | None = None
) -> tuple[str, Exception] | None:
    for name, probe in probes.items():
        began = time.monotonic()
        try:
            await probe(scene)
        except (AssertionError, asyncpg.PostgresError, TypeError, IndexError) as failure:
            return name, failure
        if lasted is not None:
            lasted[name] = time.monotonic() - began
    return None


@contextlib.asynccontextmanager
async def _clone(scene: Scene, name: str) -> AsyncIterator[Scene]:
    await _copy(scene.town, scene.database, name)
    copy = dataclasses.replace(scene, database=name, _free={})
    try:
        await copy.renew()
        yield copy
    finally:
        await copy.close()
        await scene.town.drop(name)


async def _unharmed(scene: Scene, probes: dict[str, Probe]) -> dict[str, Probe]:
    """The fence as it is passes; the same probes, the quickest first."""
    lasted: dict[str, float] = {}
    async with _clone(scene, f"{scene.database}_unharmed") as copy:
        async with copy.from_above() as above:
            changes = await compare(above)
        failed = await _first_failure(copy, probes, lasted)
    if changes or failed:
        raise Unfit("\n".join(["la clôture intacte ne passe pas :", *changes[:20], repr(failed)]))
    return {name: probes[name] for name in sorted(probes, key=lasted.__getitem__)}


async def _try(scene: Scene, mutant: Mutant, probes: dict[str, Probe], name: str) -> Verdict:
    async with _clone(scene, name) as copy, copy.from_above() as above:
        try:
            await _apply(above, mutant, name)
            changes = await compare(above)
            failed = await _first_failure(copy, probes)
        finally:
            if mutant.undo:
                await above.execute(mutant.undo)
    return Verdict(mutant.name, bool(changes), failed[0] if failed else None)


async def _share(mutants: list[Mutant]) -> list[Verdict]:
    async with own_town() as town:
        database = await town.clone()
        scene = await prepare(town, database, fresh_keys())
        probes = await _unharmed(scene, all_probes())
        return [await _try(scene, each, probes, f"{database}_mutant_{number}") for number, each in enumerate(mutants)]


def run_share(mutants: list[Mutant]) -> list[Verdict]:
    """Try these mutants on a server of one's own, without the log of the requests that prepare it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(_share(mutants))


def main(wanted: list[str]) -> int:
    """Try every mutant, or those whose name contains one of ``wanted``; 1 if any survives."""
    began = time.monotonic()
    mutants = [each for each in MUTANTS if not wanted or any(word in each.name for word in wanted)]
    # Roles belong to a whole cluster: two at a time need two clusters.
    hands = 1 if os.environ.get("RELAIS_TEST_SUPERUSER_URL") or len(mutants) < 6 else 2
    with ProcessPoolExecutor(hands, mp_context=get_context("spawn")) as pool:
        shares = list(pool.map(run_share, [mutants[hand::hands] for hand in range(hands)]))
    verdicts = {verdict.mutant: verdict for share in shares for verdict in share}
    survivors = 0
    width = max(len(each.name) for each in mutants)
    sys.stdout.write(f"{'mutant':{width}}  snapshot  probes\n")
    for each in mutants:
        verdict = verdicts[each.name]
        noticed = verdict.by_probe is not None or each.silent
        alive = not (verdict.by_snapshot and noticed)
        survivors += alive
        seen = "seen" if verdict.by_snapshot else "-"
        by = verdict.by_probe or ("- (nothing answers differently)" if each.silent else "NOT SEEN")
        sys.stdout.write(f"{each.name:{width}}  {seen:8}  {by}{'   SURVIVES' if alive else ''}\n")
    by_probes = sum(verdict.by_probe is not None for verdict in verdicts.values())
    by_snapshot = sum(verdict.by_snapshot for verdict in verdicts.values())
    sys.stdout.write(
        f"\n{len(mutants)} mutants, {by_snapshot} seen by the snapshot, {by_probes} by a probe alone,"
        f" in {time.monotonic() - began:.0f} s\n{len(mutants) - survivors} passed, {survivors} failed\n"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
