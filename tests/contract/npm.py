"""The npm packages that read the contract: installed once in a folder that git ignores, or the test is skipped."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "linters"
OLDEST_NODE = 20
INSTALLS_WITHIN = 300
LINTS_WITHIN = 600


def installed() -> None:
    """Have both linters, at the versions of ``linters/package.json``; skip where they cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node et npm ne sont pas installés : Spectral et Redocly ne peuvent pas relire le contrat")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    if int(version.strip().removeprefix("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node {version.strip()} est trop ancien : {OLDEST_NODE} au moins")
    with (Path(tempfile.gettempdir()) / f"relais-npm-contract-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
        if all(_version(name) == version for name, version in wanted.items()):
            return
        words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(words, cwd=HERE, capture_output=True, check=False, timeout=INSTALLS_WITHIN)
        except subprocess.TimeoutExpired:
            pytest.skip("npm n'a pas répondu à temps : Spectral et Redocly ne sont pas installés")
        if done.returncode != 0:
            pytest.skip("npm n'a pas pu installer Spectral et Redocly (pas de registre ?)")


def _version(package: str) -> str | None:
    said = HERE / "node_modules" / package / "package.json"
    return json.loads(said.read_text(encoding="utf-8"))["version"] if said.exists() else None


def run(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one of them; it sends no statistics and asks for no newer version."""
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    program = str(HERE / "node_modules" / ".bin" / tool)
    return subprocess.run(
        [program, *words], cwd=HERE, env=quiet, capture_output=True, text=True, check=False, timeout=LINTS_WITHIN
    )
