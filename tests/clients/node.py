"""Node's side: the tools installed once, types made from a document, programs compiled strictly and run."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.clients.serving import ENDS_WITHIN, SAMPLES

HERE = Path(__file__).parent / "typescript"
INSTALLS_WITHIN = 180
OLDEST = 20


def installed() -> Path:
    """``node_modules`` with the exact versions, in a folder that git ignores; the test is skipped without them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node et npm ne sont pas installés : les clients TypeScript ne peuvent pas être produits")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    if int(version.strip().removeprefix("v").split(".")[0]) < OLDEST:
        pytest.skip(f"Node {version.strip()} est trop ancien : {OLDEST} au moins")
    with (Path(tempfile.gettempdir()) / f"relais-npm-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _there():
            _install(npm)
    return HERE / "node_modules"


def _there() -> bool:
    wanted: dict[str, str] = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    found = {name: HERE / "node_modules" / name / "package.json" for name in wanted}
    return all(
        path.exists() and json.loads(path.read_text(encoding="utf-8"))["version"] == wanted[name]
        for name, path in found.items()
    )


def _install(npm: str) -> None:
    words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(words, cwd=HERE, capture_output=True, check=False, timeout=INSTALLS_WITHIN)
    except subprocess.TimeoutExpired:
        pytest.skip("npm n'a pas répondu à temps : les outils TypeScript ne sont pas installés")
    if done.returncode != 0:
        pytest.skip("npm n'a pas pu installer les outils TypeScript (pas de registre ?)")


class Workshop:
    """A folder where TypeScript is compiled: a copy of some sources, beside the tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "node_modules").symlink_to(installed())
        shutil.copy(HERE / "package.json", folder)
        shutil.copy(SAMPLES / "typescript" / "tsconfig.json", folder)

    def receive(self, *sources: Path) -> None:
        """Copy sources here."""
        for source in sources:
            shutil.copy(source, self.folder)

    def types(self, document: Path, name: str = "relais.d.ts") -> str:
        """The types that the generator makes from a document; what it said."""
        return self._tool("openapi-typescript", str(document), "-o", name)

    def compile(self) -> list[tuple[str, int, str]]:
        """Compile strictly all that is here: file, line and code of every error."""
        said = self._tool("tsc", "--project", ".", "--pretty", "false", expected=(0, 1, 2))
        found = re.findall(r"^(\S+?)\((\d+),\d+\): error (TS\d+)", said, re.MULTILINE)
        return [(file, int(line), code) for file, line, code in found]

    def _tool(self, name: str, *words: str, expected: tuple[int, ...] = (0,)) -> str:
        program = self.folder / "node_modules" / ".bin" / name
        done = subprocess.run(
            [str(program), *words], cwd=self.folder, capture_output=True, text=True, timeout=ENDS_WITHIN, check=False
        )
        assert done.returncode in expected, done.stdout + done.stderr
        return done.stdout + done.stderr
