"""Does one greedy caller slow the others down? ``python -m benchmarks.fairness [--seconds 4] [--rounds 3]``.

Three polite callers ask for a situation, wait a little, ask again; a fourth, or nobody, searches over 64 connections
without a pause and without heeding any refusal. Without turns, with turns, and with the quotas that are the default.
Windows alternate within a round, so that what else the machine does weighs on all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import CASES, on_the_wire
from benchmarks.data import Size
from benchmarks.load import length_of
from benchmarks.place import Keys, furnish, install, server
from benchmarks.stack import Stack

SIZE = Size(posts=4, persons=20_000, situations=20_000, interventions=40_000, notes=40)
GREEDY_CONNECTIONS, POLITE_PAUSE = 64, 0.02
BY_DEFAULT = {"RELAIS_QUOTA__PERSON": "600/minute"}
HOUSES = {"sans tours": ("unfair", {}), "avec tours": ("ours", {}), "tours et quotas": ("ours", BY_DEFAULT)}


class Caller:
    """One connection, which asks again and again; ``statuses`` and ``seconds`` of its answers."""

    def __init__(self, port: int, requests: Sequence[bytes], *, pause: float) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self._port, self._pause = port, pause
        self._requests = itertools.cycle(requests)

    async def ask_until(self, end: float) -> None:
        """Ask, read, pause."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while time.perf_counter() < end:
                begun = time.perf_counter()
                writer.write(next(self._requests))
                received = b""
                while (size := length_of(received)) is None or len(received) < size:
                    more = await reader.read(1 << 16)
                    if not more:
                        raise ConnectionResetError("the stack hung up")
                    received += more
                self.seconds.append(time.perf_counter() - begun)
                self.statuses[int(received[9:12])] += 1
                await asyncio.sleep(self._pause)
        finally:
            writer.close()


async def _window(stack: Stack, wires: Sequence[Sequence[bytes]], seconds: float, *, greedy: bool) -> list[Caller]:
    polite = [Caller(stack.port, wire, pause=POLITE_PAUSE) for wire in wires[1:]]
    crowd = [Caller(stack.port, wires[0], pause=0) for _ in range(GREEDY_CONNECTIONS if greedy else 0)]
    end = time.perf_counter() + seconds
    async with asyncio.timeout(seconds + 30):
        await asyncio.gather(*(each.ask_until(end) for each in (*polite, *crowd)))
    for each in polite:
        assert set(each.statuses) == {200}, each.statuses
    return polite


async def _measure(said: argparse.Namespace, environment: dict[str, str], keys: Keys, workers: list) -> dict:
    search, one = (next(case for case in CASES if case.name == name) for name in ("search", "get_one"))
    found: dict[tuple[str, bool], list[float]] = defaultdict(list)
    async with contextlib.AsyncExitStack() as house:
        logs = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="relais-fairness-")))
        stacks = {
            title: await house.enter_async_context(
                Stack.running(name, environment | more, logs / title.replace(" ", "-"), core=None)
            )
            for title, (name, more) in HOUSES.items()
        }
        for _ in range(said.rounds):
            tokens = keys.tokens(workers)
            wires = [
                [on_the_wire(each, tokens[at]) for each in (one if at else search).asked(workers) if each.worker == at]
                for at in range(len(workers))
            ]
            for greedy in (False, True):
                for title, stack in stacks.items():
                    polite = await _window(stack, wires, said.seconds, greedy=greedy)
                    found[title, greedy] += [seconds for each in polite for seconds in each.seconds]
    return found


def main() -> None:
    """Install, fill, measure, tell."""
    parser = argparse.ArgumentParser(description="Mesure ce qu'un appelant avide coûte aux autres.")
    parser.add_argument("--seconds", type=float, default=4.0, help="durée d'une fenêtre")
    parser.add_argument("--rounds", type=int, default=3, help="tours")
    said, keys = parser.parse_args(), Keys.drawn()
    with server() as postgres:
        logins = install(postgres)
        workers = asyncio.run(furnish(postgres, SIZE, keys, logins.password))
        found = asyncio.run(_measure(said, keys.environment(logins), keys, workers))
    print("Médiane (et 95e centile) des réponses aux trois appelants polis, en millisecondes.")
    for title in HOUSES:
        alone, beside = (sorted(1000 * each for each in found[title, greedy]) for greedy in (False, True))
        middle = [statistics.median(each) for each in (alone, beside)]
        slow = [each[int(len(each) * 0.95)] for each in (alone, beside)]
        print(
            f"{title:16} seuls {middle[0]:6.1f} ({slow[0]:6.1f})   à côté de l'avide {middle[1]:6.1f} ({slow[1]:6.1f})"
            f"   rapport des médianes {middle[1] / middle[0]:.1f}"
        )


if __name__ == "__main__":
    main()
