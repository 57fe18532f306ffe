"""A client that ``openapi-python-client`` makes from the committed document, and a whole story told through it."""

from __future__ import annotations

import re
import sys

from tests.clients.generating import Generated
from tests.clients.serving import ROOT, SAMPLES, Served, operations, run, run_asked, written

# What the generator may leave out, and why.
EXCEPTIONS = {
    "POST /v1/partners/import": "its second media type, application/x-ndjson: a client sends the JSON one, or a stream",
}


def test_the_generator_leaves_out_nothing_but_what_is_written_here_with_its_reason(generated: Generated) -> None:
    warned = re.findall(r"WARNING parsing ([A-Z]+ \S+) within", generated.said)
    assert {*warned} == EXCEPTIONS.keys(), generated.said
    assert "Unable to parse" not in generated.said
    assert "Cannot parse" not in generated.said
    assert generated.said.count("Unsupported content type") == len(EXCEPTIONS)


def test_every_operation_of_the_contract_has_its_function(generated: Generated) -> None:
    made = {path.stem for path in (generated.folder / "relais_client" / "api").rglob("*.py")} - {"__init__"}
    expected = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in operations().values()}
    assert made == expected
    assert len(made) == len(operations()) > 200


async def test_every_module_of_the_client_can_be_imported(generated: Generated) -> None:
    every = (
        "import importlib, pkgutil, relais_client\n"
        "names = [each.name for each in pkgutil.walk_packages(relais_client.__path__, 'relais_client.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names))"
    )
    done = await run([sys.executable, "-W", "error", "-c", every], cwd=generated.folder)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500


async def test_the_whole_story_is_told_through_the_generated_client(generated: Generated, served: Served) -> None:
    accounts = written(served.accounts, generated.folder)
    words = [sys.executable, "-W", "error", "story.py", "--server", served.address, "--accounts", accounts]

    done = await run_asked(words, served, cwd=generated.folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert done.stdout.count("✓") == 15
    assert "Toutes les promesses sont tenues." in done.stdout
    assert len(served.calls) > 30
    assert served.calls.count("POST /v1/auth/mfa") == 3
    assert not any(secret in done.stdout + done.stderr for secret in ("eyJ", "ne plus dormir"))


async def test_a_broken_promise_makes_the_sample_fail(generated: Generated, served: Served) -> None:
    strangers = [{**each, "password": "pas le bon mot de passe"} for each in served.accounts]
    words = [sys.executable, "story.py", "--server", served.address, "--accounts", written(strangers, generated.folder)]
    done = await run(words, cwd=generated.folder)
    assert done.returncode == 1
    assert "401 wrong_credentials" in done.stderr


def test_the_sample_is_short_enough_to_be_read(generated: Generated) -> None:
    for sample in (SAMPLES / "python").glob("*.py"):
        assert len(sample.read_text(encoding="utf-8").splitlines()) <= 300, sample.relative_to(ROOT)
