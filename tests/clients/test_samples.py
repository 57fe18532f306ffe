"""The samples of ``clients/``, run to the end as their first lines say, against the demonstration."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import PAGE
from tests.clients.generating import Generated
from tests.clients.node import Workshop
from tests.clients.serving import ROOT, SAMPLES, Served, run, run_asked, written
from tests.running.relais_for_tests import Relais
from tests.strong import forget_steps

ALL_KEPT = "Toutes les promesses sont tenues."
TYPESCRIPT = SAMPLES / "typescript"


def accounts(demonstration: Relais) -> Path:
    """The people of the demonstration."""
    return demonstration.home / "demo-accounts.json"


async def test_the_python_sample_runs_to_its_end(generated: Generated, demonstration: Relais) -> None:
    words = [sys.executable, "story.py", "--server", demonstration.address, "--accounts", accounts(demonstration)]
    done = await run(words, cwd=generated.folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("✓") == 15
    assert done.stdout.endswith(f"{ALL_KEPT}\n")


async def test_the_curl_sample_runs_to_its_end(demonstration: Relais) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl ou bash n'est pas installé")
    words = ["bash", SAMPLES / "curl" / "story.sh", demonstration.address, accounts(demonstration)]
    done = await run(words, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("✓") == 23
    assert done.stdout.endswith(f"{ALL_KEPT}\n")


async def test_the_typescript_sample_runs_to_its_end(page: Workshop, demonstration: Relais) -> None:
    words = ["node", "tell.mjs", demonstration.address, accounts(demonstration)]
    done = await run(words, cwd=page.folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("✓") == 14
    assert done.stdout.endswith(f"{ALL_KEPT}\n")


def test_the_compiled_page_needs_nothing_but_itself(page: Workshop) -> None:
    built = {path.name: path.read_text(encoding="utf-8") for path in (page.folder / "built").glob("*.js")}
    assert built.keys() == {"app.js", "outbox.js", "session.js", "story.js"}
    imported = {name for text in built.values() for name in re.findall(r'from "([^"]+)"', text)}
    assert imported == {"./outbox.js", "./session.js"}
    assert 'src="built/app.js"' in (page.folder / "index.html").read_text(encoding="utf-8")


def test_no_sample_keeps_a_token_where_it_outlives_the_page_nor_writes_html() -> None:
    for path in TYPESCRIPT.glob("*.ts"):
        code = re.sub(r"^\s*(//|\*|/\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found = re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|console\.|eval\(", code)
        assert found == [], path.name


def test_the_page_finds_in_its_html_every_element_that_it_names() -> None:
    app = (TYPESCRIPT / "app.ts").read_text(encoding="utf-8")
    html = (TYPESCRIPT / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:element(?:<\w+>)?|onSubmit)\("([\w-]+)"', app))
    assert named == set(re.findall(r' id="([\w-]+)"', html))
    fields = set(re.findall(r'(?:field|said\.get)\("(\w+)"\)', app))
    assert fields == set(re.findall(r'<input name="(\w+)"', html))
    assert re.findall(r'SERVER = "([^"]+)"', app) == re.findall(r"connect-src ([^;]+);", html)


async def test_the_samples_ask_for_the_code_that_a_real_person_reads_on_her_telephone(
    page: Workshop, served: Served
) -> None:
    people = written(served.accounts, page.folder)
    for words in (["node", "tell.mjs"], ["bash", SAMPLES / "curl" / "story.sh"]):
        await forget_steps(served.superuser)
        done = await run_asked([*words, served.address, people], served, cwd=page.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith(f"{ALL_KEPT}\n")
    assert served.calls.count("POST /v1/auth/mfa") == 6


async def test_the_page_of_a_developer_is_let_in_by_the_demonstration_that_names_it(demonstration: Relais) -> None:
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with httpx.AsyncClient(base_url=demonstration.address) as browser:
        asked = await browser.options("/v1/auth/login", headers=headers)
        elsewhere = await browser.options("/v1/auth/login", headers={**headers, "Origin": "http://localhost:5174"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, PAGE)
    assert "access-control-allow-origin" not in elsewhere.headers
