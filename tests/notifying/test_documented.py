"""What docs/notifications.md tells an integrator to write, run as it is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from app.access.policy import policy
from app.notifying import calendar, letters
from app.services.webhook_secrets import Secret

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")


def written(language: str, holding: str) -> str:
    """The sample in this language that holds these words."""
    return next(each for each in re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL) if holding in each)


@pytest.fixture
def sent() -> tuple[Secret, bytes, dict[str, str]]:
    """A notification as it leaves, and the secret of its subscriber."""
    secret, at = Secret.drawn(), datetime.now(UTC)
    happened: dict[str, Any] = {
        "id": uuid4(), "event_type": "orientation.transmitted", "subject_id": uuid4(), "happened_at": at,
    }  # fmt: skip
    body = letters.written(happened)
    return secret, body, letters.signed(happened, body, [Secret.drawn(), secret], at=at)


def test_the_sample_in_python_takes_ours_and_refuses_another(sent: tuple[Secret, bytes, dict[str, str]]) -> None:
    secret, body, headers = sent
    taken: list[tuple[str, ...]] = []
    known: dict[str, Any] = {"SECRET": secret.told(), "enqueue": lambda *said: taken.append(said)}
    exec(compile(written("python", "def receive"), "notifications.md", "exec"), known)
    assert known["receive"](body, headers) == 204
    assert [said[:2] for said in taken] == [(headers["webhook-id"], "orientation.transmitted")]
    assert known["receive"](body + b" ", headers) == 400
    assert known["receive"](body, {**headers, "webhook-id": "autre"}) == 400


def test_the_sample_in_node_takes_ours_and_refuses_another(
    sent: tuple[Secret, bytes, dict[str, str]], tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node n'est pas installé ici ; l'exemple en JavaScript n'a pas été essayé")
    secret, body, headers = sent
    (tmp_path / "verify.mjs").write_text(written("js", "verified"), encoding="utf-8")
    script = (
        "import { verified } from './verify.mjs'; const [body, headers, secret] = JSON.parse(process.argv[1]);"
        "console.log(verified(body, headers, secret), verified(body + ' ', headers, secret))"
    )
    import json

    done = subprocess.run(
        [node, "--input-type=module", "-e", script, json.dumps([body.decode(), headers, secret.told()])],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "true false"


def test_the_sample_by_hand_finds_our_signature(sent: tuple[Secret, bytes, dict[str, str]]) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl n'est pas installé ici ; l'exemple à la main n'a pas été essayé")
    secret, body, headers = sent
    known = {
        "SECRET": secret.told(), "WEBHOOK_ID": headers["webhook-id"], "WEBHOOK_TIMESTAMP": headers["webhook-timestamp"],
        "BODY": body.decode(),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", written("sh", "hexkey")],
        env={**os.environ, **known}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert f"v1,{done.stdout.strip()}" in headers["webhook-signature"].split(" ")


def test_the_document_names_every_event_beside_who_may_hear_it() -> None:
    lines = {"intervenant": "social_worker", "service partenaire": "partner"}
    assert set(lines.values()) == {role for event in policy().events.values() for role in event.hears}
    assert not re.search(r"^\| (policier|gendarme|unité)", DOCUMENT, re.MULTILINE)
    for words, role in lines.items():
        (line,) = [each for each in DOCUMENT.splitlines() if each.startswith(f"| {words}")]
        assert set(re.findall(r"`([a-z_]+\.[a-z]+)`", line)) == {event.name for event in policy().heard_by(role)}


def test_the_document_says_the_calendar_that_is_kept() -> None:
    said = ["5 s", "5 min", "30 min", "2 h", "5 h", "10 h", "14 h", "20 h", "24 h"]
    assert f"tout de suite, puis après {', '.join(said)}" in DOCUMENT
    unit = {"s": 1, "min": 60, "h": 3600}
    assert [int(each.split()[0]) * unit[each.split()[1]] for each in said] == [
        delay.total_seconds() for delay in calendar.DELAYS
    ]


def test_a_letter_is_short_and_is_what_the_library_of_the_standard_reads(
    sent: tuple[Secret, bytes, dict[str, str]],
) -> None:
    secret, body, headers = sent
    assert len(body) < 300
    assert Webhook(secret.told()).verify(body, headers).keys() == {"type", "timestamp", "data"}
