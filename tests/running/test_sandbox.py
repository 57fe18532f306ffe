"""The sandbox of integrators: followed as the guide says, put back as it was, and nothing else ever put back."""

import asyncio
import collections
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any

import asyncpg
import httpx
import pytest

from app.demo.stable import software, stable_ids
from app.embedded import EmbeddedPostgres
from app.running.keeping import new_random_key
from app.services.fiction import LOADED
from tests.house_for_tests import House
from tests.running import guide
from tests.running.relais_for_tests import ROOT, Relais, command, environment, free_port, running

GUIDE = ROOT / "docs" / "integrating.md"
SANDBOX = ROOT / "docs" / "sandbox.md"
STORY = {key: str(said) for (kind, key), said in stable_ids().items() if kind == "story"}
MUNICIPAL = software()[0]


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Relais]:
    """A demonstration just started."""
    # Not `tmp_path`: as root, pytest closes it to the account that runs PostgreSQL.
    place = Path(tempfile.mkdtemp(prefix="relais-sandbox-"))
    place.chmod(0o711)
    try:
        with running(place / "home", free_port(), RELAIS_WEBHOOK_NETWORKS="127.0.0.0/8") as relais:
            relais.ready(guide.PATIENCE)
            yield relais
    finally:
        EmbeddedPostgres(place / "home").stop()
        rmtree(place)


def software_of(relais: Relais) -> httpx.Client:
    """The software of the demonstration, let in by its published secret."""
    answer = httpx.post(
        f"{relais.address}/v1/auth/token",
        data={"grant_type": "client_credentials"},
        auth=(MUNICIPAL.client_id, MUNICIPAL.secret),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return _bearer(relais, answer.json()["access_token"])


def person_of(relais: Relais, email: str) -> httpx.Client:
    """Somebody of the demonstration, let in by a password alone: no second factor is asked there."""
    accounts = json.loads((relais.home / "demo-accounts.json").read_text())
    said = next({"email": each["email"], "password": each["password"]} for each in accounts if each["email"] == email)
    answer = httpx.post(f"{relais.address}/v1/auth/login", json=said, timeout=30)
    assert answer.status_code == 200, answer.text
    return _bearer(relais, answer.json()["access_token"])


def _bearer(relais: Relais, token: str) -> httpx.Client:
    return httpx.Client(base_url=f"{relais.address}/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def seen(relais: Relais) -> dict[str, Any]:
    """What each reads of everything that has a stable identifier, but its days and instants."""
    asked = {
        "software": [f"/orientations/{STORY['orientation']}", f"/referrals/{STORY['partner_referral_answered']}",
                     f"/referrals/{STORY['partner_referral_waiting']}", "/me"],
        "claire.vasseline@demo.relais.example": [
            f"/situations/{STORY['situation']}", f"/persons/{STORY['person']}", f"/orientations/{STORY['orientation']}",
            f"/referrals/{STORY['referral']}", "/posts", "/units", "/sites", "/partners", "/me",
            "/partner-services?need=administrative_help&commune=28085",
        ],
        "thomas.gervinois@demo.relais.example": ["/accounts?limit=200", "/clients", "/employers", "/me"],
    }  # fmt: skip
    found: dict[str, Any] = {}
    for who, paths in asked.items():
        with software_of(relais) if who == "software" else person_of(relais, who) as client:
            for path in paths:
                answer = client.get(path)
                assert answer.status_code == 200, f"{path}: {answer.text}"
                found[f"{who} {path}"] = _without_days(answer.json())
    return found


def _without_days(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _without_days(each) for name, each in said.items() if not name.endswith(("_at", "_on", "_id"))}
    return [_without_days(each) for each in said] if isinstance(said, list) else said


async def databases_of(relais: Relais) -> list[str]:
    postgres = EmbeddedPostgres(relais.home)
    connection = await asyncpg.connect(
        postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
    )
    try:
        names = await connection.fetch("select datname from pg_database where datname like 'relais%' order by 1")
        return [each["datname"] for each in names]
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def at_first(demonstration: Relais) -> dict[str, Any]:
    """What was seen before anyone did anything."""
    return seen(demonstration)


@pytest.mark.skipif(
    bool(guide.missing(("curl", "bash", "python3"))), reason="il faut curl, bash et python3 pour suivre le guide"
)
def test_a_newcomer_follows_the_guide_to_the_letter_and_sees_all_that_it_says(
    demonstration: Relais, at_first: dict[str, Any], tmp_path: Path
) -> None:
    steps = guide.steps_of(GUIDE.read_text(encoding="utf-8"))
    assert len(steps) > 10 and sum(step.shown is not None for step in steps) == len(steps)
    guide.settle(tmp_path, root=ROOT, home=demonstration.home)
    shown = guide.follow(steps, folder=tmp_path, address=demonstration.address, receiver=free_port())
    assert len(shown) == len(steps)
    for step, output in zip(steps, shown, strict=True):
        assert step.is_shown_by(output), f"{GUIDE.name}, ligne {step.line} :\n{output}"
    assert '"status": 500' not in demonstration.said()
    # Its last step has put the demonstration back.
    assert seen(demonstration) == at_first


def test_an_excerpt_that_is_not_shown_is_noticed() -> None:
    (step,) = guide.steps_of("```sh\necho un deux trois\n```\n\n```text\nun … trois\n```\n")
    assert step.is_shown_by("un  deux\ntrois\n") and not step.is_shown_by("un deux") and not step.is_shown_by("")


async def test_a_reset_that_is_killed_changes_nothing_and_the_next_one_puts_everything_back(
    demonstration: Relais, at_first: dict[str, Any]
) -> None:
    accounts = (demonstration.home / "demo-accounts.json").read_text()
    path = f"/orientations/{STORY['orientation']}"
    with software_of(demonstration) as client:
        assert client.post(f"{path}/take-up", json={}).json()["status"] == "taken_up"
        _killed_in_the_middle(demonstration)
        assert "relais_anew" in await databases_of(demonstration)
        assert client.get(path).json()["status"] == "taken_up"

        answered, begun = collections.Counter[tuple[int, str | None]](), time.monotonic()
        over = threading.Event()
        asking = threading.Thread(target=_keep_asking, args=(client, path, answered, over))
        asking.start()
        done = await asyncio.to_thread(_reset, demonstration)
        took = time.monotonic() - begun
        await asyncio.sleep(0.5)
        over.set()
        asking.join()
        assert done.returncode == 0, done.stderr
        assert "comme au premier démarrage" in done.stdout and took < 600
        # Served until the last moment; then the sessions are over, and nothing was ever an error of ours.
        assert answered.keys() <= {(200, None), (401, "session_ended"), (503, "unavailable")}
        assert answered[200, None] > 20 and answered[401, "session_ended"] > 0
        assert answered[503, "unavailable"] < 20
    assert seen(demonstration) == at_first
    assert (demonstration.home / "demo-accounts.json").read_text() == accounts
    assert await databases_of(demonstration) == ["relais"]


def _reset(relais: Relais) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "reset", "--yes"],
        cwd=ROOT, env=environment(relais.home, relais.port), capture_output=True, text=True, check=False,
        timeout=guide.PATIENCE,
    )  # fmt: skip


def _killed_in_the_middle(relais: Relais) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "demo", "reset", "--yes"],
        cwd=ROOT, env=environment(relais.home, relais.port), stdout=subprocess.PIPE, text=True,
    ) as reset:  # fmt: skip
        assert reset.stdout is not None
        for line in reset.stdout:
            if "50 %" in line:
                break
        reset.send_signal(signal.SIGKILL)
    assert reset.returncode == -signal.SIGKILL


def _keep_asking(client: httpx.Client, path: str, answered: Any, over: threading.Event) -> None:
    while not over.wait(0.05):
        answer = client.get(path)
        answered[answer.status_code, answer.json().get("code")] += 1


def test_the_demonstration_starts_again_after_a_reset_with_the_keys_it_had(demonstration: Relais) -> None:
    demonstration.stop()
    with running(demonstration.home, demonstration.port) as again:
        again.ready(guide.PATIENCE)
        with software_of(again) as client:
            read = client.get(f"/orientations/{STORY['orientation']}").json()
            assert read["content"]["last_name"] == "Ravelin"


def test_a_reset_that_nobody_confirms_does_nothing(demonstration: Relais) -> None:
    for said in ("", "non\n", "o\n"):
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "demo", "reset"],
            cwd=ROOT, env=environment(demonstration.home, 1), input=said, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 1 and "rien n'a été remis à neuf" in done.stderr, done.stderr


async def _refused(home: Path, **urls: str) -> str:
    done = await asyncio.to_thread(lambda: command(home, 1, "demo", "reset", "--yes", **urls))
    assert done.returncode == 1 and done.stderr.startswith("Erreur : "), done.stdout
    assert not await asyncio.to_thread(home.exists)
    return done.stderr


async def test_nothing_but_a_database_that_proves_to_be_invented_is_put_back(
    house: House, superuser: asyncpg.Connection, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    urls = {
        "RELAIS_BOOTSTRAP_URL": house.town.superuser_url,
        "RELAIS_MIGRATOR_URL": house.town.lane_url("migrator", house.database),
    }
    accounts = "select count(*), min(id::text) from accounts.account"
    before = await superuser.fetchrow(accounts)

    assert "Rien dans cette base ne dit" in await _refused(home, **urls)
    await superuser.execute(f"comment on database {house.database} is 'une base à nous'")
    assert "Rien dans cette base ne dit" in await _refused(home, **urls)
    # Marked, but with accounts that are not of the demonstration: a copy, or a mistake.
    await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    assert "ne sont pas les siens" in await _refused(home, **urls)
    nowhere = urls | {"RELAIS_MIGRATOR_URL": house.town.lane_url("migrator", "relais_nowhere")}
    assert "Rien dans cette base ne dit" in await _refused(home, **nowhere)
    # Keys given from outside, an institution that signs in: a production, whatever its database says.
    assert "RELAIS_SEALING_KEY" in await _refused(home, **urls, RELAIS_SEALING_KEY=new_random_key())
    assert "make run" in await _refused(home)

    assert await superuser.fetchrow(accounts) == before
    assert await superuser.fetchval("select count(*) from pg_database where datname like '%\\_anew'") == 0


def test_every_stable_identifier_is_told_in_the_page_of_the_sandbox_and_serves_once() -> None:
    told = SANDBOX.read_text(encoding="utf-8")
    missing = [f"{kind} {key}" for (kind, key), said in stable_ids().items() if f"`{said}`" not in told]
    assert missing == []
    assert len(set(stable_ids().values())) == len(stable_ids())
    assert all(each.secret in told and each.client_id in told for each in software())
    assert all(each.version == 7 for each in stable_ids().values())
