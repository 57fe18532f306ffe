"""What the person at the keyboard sees: steps that take time, then where to look. On stdout."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Advance = Callable[[int, int], None]


class Told:
    """Steps that take time: a spinner and a bar on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.started = time.monotonic()

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[Advance]:
        """Show that ``what`` is being done, then how long it took. Yields ``advance(done, total)``."""
        begun = time.monotonic()
        if self.console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            with Progress(*columns, console=self.console, transient=True) as progress:
                task = progress.add_task(what, total=None)
                yield lambda done, total: progress.update(task, completed=done, total=total)
            self.console.print(f"[green]✓[/] {what} [dim]({_seconds(begun)})[/]")
        else:
            self.console.print(f"{what}…")
            yield self._quarters(what)
            self.console.print(f"{what} : fait ({_seconds(begun)})")

    def _quarters(self, what: str) -> Advance:
        told = 0

        def advance(done: int, total: int) -> None:
            nonlocal told
            quarter = 4 * done // total
            if told < quarter < 4:
                told = quarter
                self.console.print(f"{what} : {25 * quarter} %")

        return advance

    def say(self, text: str) -> None:
        """One line, or several."""
        self.console.print(text)

    @property
    def elapsed(self) -> str:
        """Time since the beginning."""
        return _seconds(self.started)


def _seconds(begun: float) -> str:
    return f"{time.monotonic() - begun:.1f} s".replace(".", ",")
