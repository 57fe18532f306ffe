"""``clients/README.md``, held to what it says: its links, its versions, its codes, its commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from app.messages import PROBLEMS
from app.wire_origins import READ
from tests.clients.node import HERE
from tests.clients.serving import ENDS_WITHIN, ROOT, SAMPLES

SAID = (SAMPLES / "README.md").read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", SAID)
    assert len(links) > 6
    assert [link for link in links if not (SAMPLES / link).exists()] == []


def test_the_versions_are_those_that_the_tests_install() -> None:
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    named = dict(re.findall(r"\b(openapi-typescript|typescript)@([\d.]+)", SAID))
    assert named == {name: wanted[name] for name in ("openapi-typescript", "typescript")}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_every_code_that_it_names_is_a_problem_of_relais() -> None:
    named = set(re.findall(r"`(?:\d{3} )?((?:proof|idempotency|precondition)_\w+)`", SAID))
    assert named == {"proof_too_old", "idempotency_in_flight", "idempotency_key_reused"}
    assert named <= PROBLEMS.keys()


def test_the_headers_that_a_page_is_told_it_may_read_are_exposed() -> None:
    sentence = SAID.partition("les en-têtes `ETag`")[2].partition(".")[0]
    named = {"ETag", *re.findall(r"`([\w-]+)`", sentence)}
    assert len(named) == 8
    assert named <= set(READ)


def test_the_command_that_makes_the_python_client_makes_it(tmp_path: Path) -> None:
    [command] = re.findall(r"^PATH=\$PWD/\.venv/bin.*openapi-python-client generate.*$", SAID, re.MULTILINE)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (tmp_path / "clients" / "python").mkdir(parents=True)
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=ENDS_WITHIN, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "clients" / "python" / "relais_client" / "client.py").exists()
