"""``make bench``: six requests, three stacks, one table.

Everything on loopback, on a database of its own. Windows are short, shuffled, and repeated; each round compares the
stacks within the same minute. The application has one core, PostgreSQL and the load the others, where there are two.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import tempfile
from dataclasses import asdict
from pathlib import Path

import uvloop

from benchmarks import parity
from benchmarks.cases import CASES, STACKS, Asked, Case, on_the_wire
from benchmarks.data import LARGE, SMALL, TINY, Size, Worker
from benchmarks.load import run_window
from benchmarks.place import Keys, furnish, install, server
from benchmarks.report import TITLES, Measure, Report
from benchmarks.stack import Stack

WARMING = 0.4
"""Seconds of load before a stack is first timed on a case."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Mesure Relais, à côté d'un plancher et d'un tutoriel."
    )
    parser.add_argument("--large", action="store_true", help="300 000 situations, un million d'interventions")
    parser.add_argument("--tiny", action="store_true", help="quelques centaines de lignes, pour essayer")
    parser.add_argument("--seconds", type=float, default=2.0, help="durée d'une fenêtre")
    parser.add_argument("--repeats", type=int, default=3, help="fenêtres par cas")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[16], help="clients à la fois (1 16 64)")
    parser.add_argument("--cases", nargs="+", choices=[case.name for case in CASES], help="ces cas seulement")
    parser.add_argument("--stacks", nargs="+", choices=STACKS, default=list(STACKS), help="ces piles seulement")
    parser.add_argument("--json", type=Path, help="fichier où ajouter les mesures, une par ligne")
    return parser.parse_args()


def _cores() -> tuple[int | None, set[int]]:
    """The core of the application, and those of PostgreSQL and the load."""
    if not hasattr(os, "sched_setaffinity"):
        return None, set()
    ours = sorted(os.sched_getaffinity(0))
    return (ours[0], set(ours[1:])) if len(ours) > 1 else (None, set())


class Run:
    """The stacks, what is asked of them, and what was measured."""

    def __init__(self, said: argparse.Namespace, stacks: dict[str, Stack], keys: Keys, workers: list[Worker]) -> None:
        self._said = said
        self._stacks = stacks
        self._keys = keys
        self._workers = workers
        self._cases = [case for case in CASES if not said.cases or case.name in said.cases]
        self._asked = {case.name: case.asked(workers) for case in self._cases}

    async def agree(self) -> int:
        """All the stacks must say the same before any is timed."""
        tokens = self._keys.tokens(self._workers)

        async def call(stack: str, asked: Asked) -> tuple[int, bytes]:
            return await self._stacks[stack].ask(on_the_wire(asked, tokens[asked.worker]))

        return await parity.check(call, self._workers, stacks=tuple(self._stacks))

    async def measure(self) -> list[Measure]:
        """Every window, in a shuffled order within each round."""
        order = random.Random(7)
        windows = [
            (case, stack, at)
            for case in self._cases
            for stack in self._stacks.values()
            for at in self._said.concurrency
        ]
        measures = []
        for repeat in range(self._said.repeats):
            order.shuffle(windows)
            # An access token lives ten minutes: fresh ones for each round.
            tokens = self._keys.tokens(self._workers)
            for case, stack, concurrency in windows:
                if repeat == 0:
                    await self._window(case, stack, tokens, concurrency, WARMING, start=1000)
                window = await self._window(case, stack, tokens, concurrency, self._said.seconds, start=repeat * 311)
                measures.append(Measure(case.name, stack.name, concurrency, repeat, window))
            print(f"Tour {repeat + 1} sur {self._said.repeats} fait.", flush=True)
        return measures

    async def _window(
        self, case: Case, stack: Stack, tokens: list[str], concurrency: int, seconds: float, *, start: int
    ):
        requests = [on_the_wire(asked, tokens[asked.worker]) for asked in self._asked[case.name]]
        return await run_window(
            stack.port, requests, concurrency=concurrency, seconds=seconds, start=start, pid=stack.pid
        )

    @property
    def longest(self) -> float:
        """Seconds that the measures may take; beyond, something is stuck."""
        count = len(self._cases) * len(self._stacks) * len(self._said.concurrency)
        return 60 + 1.5 * count * (WARMING + self._said.repeats * (self._said.seconds + 1))


async def _measure(said: argparse.Namespace, environment: dict[str, str], keys: Keys, workers: list[Worker]) -> Report:
    core, _ = _cores_at_start
    async with contextlib.AsyncExitStack() as house:
        logs = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="relais-bench-logs-")))
        stacks = {}
        for name in said.stacks:
            running = Stack.running(name, environment, logs / name, core=core)
            stacks[name] = await house.enter_async_context(running)
        run = Run(said, stacks, keys, workers)
        async with asyncio.timeout(run.longest):
            print(f"{await run.agree()} réponses comparées : toutes pareilles.", flush=True)
            return Report(await run.measure())


_cores_at_start = _cores()


def _size(said: argparse.Namespace) -> Size:
    return LARGE if said.large else TINY if said.tiny else SMALL


def main() -> None:
    """Install, fill, compare, measure, tell."""
    said = _arguments()
    size, keys = _size(said), Keys.drawn()
    _, others = _cores_at_start
    if others:
        os.sched_setaffinity(0, others)
    with server() as postgres:
        logins = install(postgres)
        print(f"PostgreSQL {postgres.version}. Données fictives : {size.situations} situations…", flush=True)
        workers = asyncio.run(furnish(postgres, size, keys, logins.password))
        named = ", ".join(TITLES[stack] for stack in said.stacks)
        print(f"Mesure de {named}. Le test de parité d'abord.", flush=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report = runner.run(_measure(said, keys.environment(logins), keys, workers))
    print(report.table())
    if said.json:
        report.write(said.json, **asdict(size), postgres=postgres.version, cores=os.cpu_count())


if __name__ == "__main__":
    main()
