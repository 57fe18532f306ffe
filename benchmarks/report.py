"""What was measured, as a table in French and as lines of JSON. Targets are read, never enforced: machines differ."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import CASES, SLOWEST_TO_MEDIAN, STACKS, Case
from benchmarks.load import Window

TITLES = {"ours": "Relais", "floor": "plancher", "plain": "tutoriel"}


@dataclass(frozen=True)
class Measure:
    """One window of one stack, in one round."""

    case: str
    stack: str
    concurrency: int
    repeat: int
    window: Window

    def line(self) -> dict[str, Any]:
        """As written to the file of results."""
        window = self.window
        return {
            "case": self.case,
            "stack": self.stack,
            "concurrency": self.concurrency,
            "repeat": self.repeat,
            "requests": len(window.latencies),
            "rps": round(window.rate, 1),
            "p50_ms": round(window.quantile(0.5) * 1000, 3),
            "p99_ms": round(window.quantile(0.99) * 1000, 3),
            "app_cpu_us": round(window.cpu_each * 1e6, 1) if window.cpu_each is not None else None,
        }


class Report:
    """All the measures of a run."""

    def __init__(self, measures: list[Measure]) -> None:
        self._of: dict[tuple[str, int, str], list[Measure]] = defaultdict(list)
        self.measures = measures
        for each in sorted(measures, key=lambda measure: measure.repeat):
            self._of[each.case, each.concurrency, each.stack].append(each)

    def ratio(self, case: str, concurrency: int, other: str, stack: str = "ours") -> float | None:
        """Our rate over theirs: the median of the rounds, each compared with itself."""
        one, two = self._of.get((case, concurrency, stack)), self._of.get((case, concurrency, other))
        if not one or not two:
            return None
        return median(a.window.rate / b.window.rate for a, b in zip(one, two, strict=False))

    def table(self) -> str:
        """A block for each case and concurrency."""
        lines: list[str] = []
        for case in CASES:
            for concurrency in sorted({at for name, at, _ in self._of if name == case.name}):
                lines += ["", f"{case.title} ({concurrency} à la fois)"]
                lines.append(f"  {'':9}{'par seconde':>23}{'p50':>10}{'p99':>10}{'processeur':>12}{'p99 / p50':>11}")
                lines += [
                    self._row(case, concurrency, stack)
                    for stack in STACKS
                    if self._of.get(_key(case, concurrency, stack))
                ]
                lines += self._verdict(case, concurrency)
        return "\n".join(lines)

    def _row(self, case: Case, concurrency: int, stack: str) -> str:
        windows = [each.window for each in self._of[_key(case, concurrency, stack)]]
        rates = [window.rate for window in windows]
        p50, p99 = (median(window.quantile(share) for window in windows) * 1000 for share in (0.5, 0.99))
        cpus = [window.cpu_each for window in windows if window.cpu_each is not None]
        rate = f"{median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})"
        cpu = f"{median(cpus) * 1e6:.0f} µs" if cpus else ""
        return f"  {TITLES[stack]:9}{rate:>23}{p50:7.2f} ms{p99:7.2f} ms{cpu:>12}{p99 / p50:11.1f}"

    def _verdict(self, case: Case, concurrency: int) -> list[str]:
        lines = []
        for other, aim in (("floor", case.to_floor), ("plain", case.to_plain)):
            found = self.ratio(case.name, concurrency, other)
            if found is not None:
                aimed = "" if aim is None else f" (visé : {aim}){' ✓' if found >= aim else ''}"
                lines.append(f"  Relais / {TITLES[other]} : {found:.2f}{aimed}")
        ours = self._of.get(_key(case, concurrency, "ours"))
        if ours:
            spread = median(each.window.quantile(0.99) / each.window.quantile(0.5) for each in ours)
            mark = " ✓" if spread <= SLOWEST_TO_MEDIAN else ""
            lines.append(f"  p99 / p50 de Relais : {spread:.1f} (visé : au plus {SLOWEST_TO_MEDIAN}){mark}")
        return lines

    def write(self, path: Path, **context: Any) -> None:
        """One line of JSON a window, each with what the run was."""
        with path.open("a", encoding="utf-8") as file:
            for each in self.measures:
                file.write(json.dumps({**context, **each.line()}) + "\n")


def _key(case: Case, concurrency: int, stack: str) -> tuple[str, int, str]:
    return (case.name, concurrency, stack)
