"""The Python client, made from the committed document without any network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.clients.serving import DOCUMENT, ENDS_WITHIN, SAMPLES


@dataclass(frozen=True)
class Generated:
    """A client just made, beside the samples that use it, and what the generator said."""

    folder: Path
    said: str


def generate(folder: Path) -> Generated:
    """Run ``openapi-python-client`` there."""
    tool = Path(sys.executable).with_name("openapi-python-client")
    words = [tool, "generate", "--path", DOCUMENT, "--meta", "none", "--output-path", folder / "relais_client"]
    # The tool tidies what it writes with ruff, which stands beside it.
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env={"PATH": path, "NO_COLOR": "1", "COLUMNS": "300", "HOME": str(folder)},
        capture_output=True, text=True, timeout=ENDS_WITHIN, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for sample in (SAMPLES / "python").glob("*.py"):
        shutil.copy(sample, folder)
    return Generated(folder, done.stdout + done.stderr)
