"""Two linters that others keep, Spectral and Redocly, read every committed document and find nothing to say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.contract.audiences import AUDIENCES
from tests.contract.npm import installed, run
from tests.contract.reading import DOCS

PLACES = [str(DOCS / "openapi.json"), *(str(DOCS / "openapi" / f"{name}.json") for name in AUDIENCES)]


@pytest.fixture(scope="module", autouse=True)
def linters() -> None:
    """Both, or none of these tests."""
    installed()


def findings(*places: str) -> list[tuple[str, str]]:
    """What Spectral finds in some documents: the rule and where."""
    words = ("lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", "--format", "json", "--quiet", *places)
    done = run("spectral", *words)
    assert done.stdout.strip(), done.stderr
    return [(each["code"], "/".join(map(str, each["path"]))) for each in json.loads(done.stdout)]


def test_spectral_has_nothing_to_say_of_any_document() -> None:
    assert findings(*PLACES) == []


def test_redocly_has_nothing_to_say_of_any_document() -> None:
    done = run("redocly", "lint", "--config", "redocly.yaml", "--format", "json", *PLACES)
    told, rest = [], done.stdout.strip()
    while rest:  # one report for each document, one after the other
        report, end = json.JSONDecoder().raw_decode(rest)
        told.append(report)
        rest = rest[end:].strip()
    assert len(told) == len(PLACES)
    for report in told:
        assert report["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, report["problems"]
    assert done.returncode == 0


def test_spectral_sees_each_promise_that_our_own_rules_make(tmp_path: Path) -> None:
    broken: dict[str, Any] = json.loads(Path(PLACES[0]).read_text(encoding="utf-8"))
    # A small part is enough, and quicker to read.
    kept = {"/v1/persons/{person_id}", "/v1/persons/search"}
    broken["paths"] = {path: item for path, item in broken["paths"].items() if path in kept}
    operation = broken["paths"]["/v1/persons/{person_id}"]["patch"]
    operation["requestBody"]["content"]["application/json"] = {"schema": {"type": "object"}}
    operation["x-roles"] = []
    operation["parameters"][0]["name"] = "last_name"
    broken["components"]["responses"]["problem_404"]["content"]["application/json"] = {}
    del broken["components"]["schemas"]["PersonShown"]["properties"]["minor"]["description"]
    del broken["components"]["schemas"]["PersonSearch"]["examples"]
    place = tmp_path / "broken.json"
    place.write_text(json.dumps(broken), encoding="utf-8")
    ours = set(
        re.findall(r"^  ([a-z-]+):$", (Path(__file__).parent / "linters" / "spectral.yaml").read_text(), re.MULTILINE)
    )
    assert len(ours) == 6
    assert ours <= {code for code, _ in findings(str(place))}
