"""Types that ``openapi-typescript`` makes from the committed document: a whole story compiled strictly, and told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.node import HERE, Workshop
from tests.clients.serving import Served, operations, run
from tests.house_for_tests import Town, settings_for

POLICE = ("police_officer", "unit_commander")


@pytest.fixture(scope="module")
def workshop(types: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The scenario, compiled strictly beside the types of the committed document."""
    shop = Workshop(tmp_path_factory.mktemp("typescript-client"))
    shop.receive(types, HERE / "scenario.ts", HERE / "run.mjs")
    assert '"strict": true' in (shop.folder / "tsconfig.json").read_text(encoding="utf-8")
    assert shop.compile() == []
    return shop


@pytest.fixture(scope="module")
def police_document(town: Town, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a process that serves the police lanes alone says of itself; nothing is connected."""
    from app.main import create_app

    document: dict[str, Any] = create_app(settings_for(town, "nowhere", keys, roles=POLICE)).openapi()
    path = tmp_path_factory.mktemp("police") / "police.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_every_operation_of_the_contract_has_its_type(types: Path) -> None:
    whole = types.read_text(encoding="utf-8").partition("export interface operations {")[2]
    made = set(re.findall(r"^    (\w+): \{$", whole, re.MULTILINE))
    assert made == {*operations().values()}


async def test_the_whole_story_is_told_through_the_typed_client(workshop: Workshop, served: Served) -> None:
    people = [
        {"email": each["email"], "password": each["password"], "code": code}
        for each, code in zip(served.accounts, served.codes(), strict=True)
    ]
    client_id, client_secret = served.software
    said = {
        "server": served.address, "people": people[:2],
        "software": {"client_id": client_id, "client_secret": client_secret},
    }  # fmt: skip

    done = await run(["node", "run.mjs"], cwd=workshop.folder, said=json.dumps(said))

    assert done.returncode == 0, done.stdout + done.stderr
    kept: dict[str, bool] = json.loads(done.stdout)
    assert [promise for promise, is_kept in kept.items() if not is_kept] == []
    assert len(kept) == 15
    assert len(served.calls) > 30
    assert served.calls.count("POST /v1/auth/mfa") == 2


def test_misuse_does_not_compile_and_the_compiler_says_where(
    types: Path, tmp_path: Path, police_document: Path
) -> None:
    shop = Workshop(tmp_path)
    shop.receive(types, HERE / "misuse.ts")
    shop.types(police_document, "police.d.ts")
    lines = (HERE / "misuse.ts").read_text(encoding="utf-8").splitlines()
    expected = {
        ("misuse.ts", number, owed[1])
        for number, line in enumerate(lines, start=1)
        if (owed := re.search(r"// (TS\d+)$", line)) is not None
    }

    assert {*shop.compile()} == expected
    assert len(expected) == 13
