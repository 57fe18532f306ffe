"""A guide in Markdown, followed to the letter: its ``sh`` blocks, in one shell; after each, what it must have shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = frozenset({"json", "text", "http"})
ADDRESS = "http://127.0.0.1:8000"
RECEIVER = "8099"
ENDED = "@@@ étape finie @@@"
PATIENCE = 900


@dataclass(frozen=True)
class Step:
    """One block of commands, the line it stands on, and the excerpt that follows it, if any."""

    line: int
    commands: str
    shown: str | None

    def is_shown_by(self, output: str) -> bool:
        """``…`` stands for anything; spaces and line ends count as one space."""
        if self.shown is None:
            return True
        excerpt = " ".join(self.shown.split())
        pattern = ".*?".join(re.escape(each.strip()) for each in excerpt.split("…"))
        return re.search(pattern, " ".join(output.split()), re.DOTALL) is not None


def steps_of(text: str) -> list[Step]:
    """The steps of a guide, in order."""
    found: list[Step] = []
    for block in FENCED.finditer(text):
        language, said = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if language == "sh":
            found.append(Step(line, said, None))
        elif language in SHOWN and found and found[-1].shown is None:
            found[-1] = Step(found[-1].line, found[-1].commands, said)
    return found


def follow(steps: list[Step], *, folder: Path, address: str, receiver: int) -> list[str]:
    """Run every step in one shell, in this folder, against this address; what each has shown.

    ``receiver``: a free port for the one that the guide opens.
    """
    script = "".join(f"{step.commands}\necho '{ENDED}'\n" for step in steps)
    script = script.replace(ADDRESS, address).replace(RECEIVER, str(receiver))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=folder, env=inherited, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.stdout.split(f"{ENDED}\n")[: len(steps)]


def settle(folder: Path, *, root: Path, home: Path, python: str = sys.executable) -> None:
    """Make this folder look like the one where a newcomer has just said ``make run``."""
    for name in ("app", "docs"):
        (folder / name).symlink_to(root / name)
    (folder / ".relais").symlink_to(home)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    (programs / "python").chmod(0o755)


def missing(programs: Iterable[str]) -> list[str]:
    """Those of these programs that are not on this machine."""
    return [name for name in programs if not any((Path(each) / name).exists() for each in os.get_exec_path())]
