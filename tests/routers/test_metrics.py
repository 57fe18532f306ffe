"""The counters and the alarms: for this machine or a token; what they say of people is a number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from app.settings import Settings
from app.watching import KINDS
from tests.house_for_tests import House, Town
from tests.routers.asking import UNKNOWN, refused

TOKEN = "a token of thirty-two characters, or more"
ROOT = Path(__file__).resolve().parents[2]


def counted(page: str, name: str, **labels: str) -> float:
    """One figure of the page; 0 when it is not there."""
    for line in page.splitlines():
        if line.startswith(f"{name}{{") and all(f'{key}="{value}"' for key, value in labels.items()):
            said = dict(re.findall(r'(\w+)="([^"]*)"', line))
            if said == labels:
                return float(line.rpartition(" ")[2])
    return 0.0


async def page_of(house: House) -> str:
    """What this machine reads."""
    answer = await house.caller().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def told(logs: Any) -> list[tuple[str, str | None]]:
    """The alarms of a log: kind, account. Reading outside working hours depends on when the test runs."""
    return [(each["kind"], each.get("account")) for each in logs if each["event"] == "alarm"
            and each["kind"] != "off_hours"]  # fmt: skip


@pytest.fixture
async def strict(town: Town, database: str, settings: Settings) -> Any:
    """A house that is quick to tell, and has a token for its metrics."""
    said = {"alarm_subjects": 5, "alarm_refusals": 3, "metrics_token": SecretStr(TOKEN)}
    async with House.running(town, database, settings.model_copy(update=said)) as house:
        yield house


async def test_the_page_is_for_this_machine_or_for_whoever_has_the_token(strict: House) -> None:
    def caller(client: tuple[str, int], **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(strict.app, raise_app_exceptions=False, client=client)
        return httpx.AsyncClient(transport=transport, base_url="http://relais.test", headers=headers)

    here, elsewhere = ("127.0.0.1", 1), ("10.213.13.3", 1)
    for client in (here, ("::1", 1)):
        assert (await caller(client).get("/metrics")).status_code == 200
    assert (await caller(elsewhere, authorization=f"Bearer {TOKEN}").get("/metrics")).status_code == 200
    for client, headers in (
        (elsewhere, {}),
        (elsewhere, {"authorization": "Bearer x"}),
        (elsewhere, {"authorization": f"Bearer {TOKEN} "}),
        (elsewhere, {"x-forwarded-for": "127.0.0.1"}),
        (("not an address", 1), {}),
        # A proxy on this machine: the caller is somewhere else.
        (here, {"x-forwarded-for": "127.0.0.1"}),
        (here, {"forwarded": "for=127.0.0.1"}),
        (here, {"x-real-ip": "127.0.0.1"}),
    ):
        refused(await caller(client, **headers).get("/metrics"), 404, "not_found")


async def test_without_a_token_no_token_opens_it(house: House) -> None:
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False, client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://relais.test") as away:
        for said in ("Bearer ", "Bearer None", "Bearer"):
            refused(await away.get("/metrics", headers={"authorization": said}), 404, "not_found")


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(metrics_token=SecretStr("court"))


def test_the_proxy_gives_nobody_the_page() -> None:
    said = "".join((ROOT / "deploy" / "proxy" / name).read_text() for name in ("nginx.conf", "common.conf"))
    passed = re.findall(r"location\s+(=|~\*?|\^~)?\s*(\S+)\s*\{[^}]*proxy_pass", said)
    assert ("", "/v1/") in passed
    assert not [path for _, path in passed if "/metrics".startswith(path)]
    assert re.search(r"location /\s+\{ return 404; \}", said)


async def test_no_label_carries_data_and_their_values_are_few(house: House) -> None:
    referral = await house.referral()
    worker = await house("worker")
    await worker.get(f"/v1/referrals/{referral['id']}")
    await worker.get(f"/v1/referrals/{UNKNOWN}")
    await worker.post("/v1/persons/search", json={"name": "Bolieu"})
    await worker.request("BOLIEU", "/v1/Bolieu?name=Bolieu")
    await worker.get("/Bolieu/Bolieu")

    page = await page_of(house)

    for word in ("Bolieu", "Kévin", referral["id"], UNKNOWN, str(house.ids["worker"]), "worker@", "exemple"):
        assert word not in page
    labels = {pair for line in page.splitlines() if not line.startswith("#") for pair in re.findall(r'(\w+)="', line)}
    assert labels <= {"kind", "route", "method", "status", "lane", "le"}
    assert set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)) >= {
        "relais_alarms_total", "relais_requests_total", "relais_request_seconds", "relais_pool_wait_seconds",
        "relais_password_checks_waiting",
    }  # fmt: skip
    assert "process_" not in page and "python_" not in page
    route = "/v1/referrals/{referral_id}"
    assert counted(page, "relais_requests_total", route=route, method="GET", status="2xx") == 1
    assert counted(page, "relais_requests_total", route=route, method="GET", status="4xx") == 1
    assert counted(page, "relais_requests_total", route="unmatched", method="other", status="4xx") >= 1
    assert counted(page, "relais_pool_wait_seconds_count", lane="social_worker") > 0
    assert set(re.findall(r'relais_alarms_total\{kind="(\w+)"', page)) == set(KINDS)


async def test_an_account_that_reads_many_files_is_told_once_by_its_identifier(strict: House) -> None:
    worker, ids = await strict("worker"), [(await strict.referral())["id"] for _ in range(7)]
    with capture_logs() as logs:
        for each in (*ids[:4], *ids[:4]):
            await worker.get(f"/v1/referrals/{each}")
        assert told(logs) == [], "the same four, twice"
        for each in ids[4:]:
            await worker.get(f"/v1/referrals/{each}")
    assert told(logs) == [("many_subjects", str(strict.ids["worker"]))]
    assert counted(await page_of(strict), "relais_alarms_total", kind="many_subjects") == 1


async def test_an_account_that_is_refused_again_and_again_is_told_once(strict: House) -> None:
    officer, note = await strict("officer"), UNKNOWN
    with capture_logs() as logs:
        for path in (f"/v1/notes/{note}", f"/v1/referrals/{note}", "/v1/situations", f"/v1/notes/{note}"):
            assert (await officer.get(path)).status_code in (403, 404)
    assert told(logs) == [("repeated_refusals", str(strict.ids["officer"]))]
    assert counted(await page_of(strict), "relais_alarms_total", kind="repeated_refusals") == 1


async def test_what_the_database_refuses_and_a_broken_seal_are_counted(
    strict: House, superuser: asyncpg.Connection
) -> None:
    situation = await strict.situation()
    note = await strict.note(situation["participations"][0]["id"])
    worker = await strict("worker")
    await superuser.execute("update confidential.note set sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))")
    refused(await worker.get(f"/v1/notes/{note['id']}"), 500, "note_cannot_be_read")
    await superuser.execute("revoke select on shared.referral from relais_social_worker")
    await superuser.execute("revoke select (id) on shared.referral from relais_social_worker")
    with capture_logs() as logs:
        refused(await worker.get(f"/v1/referrals/{UNKNOWN}"), 404, "not_found")
        await superuser.execute("update accounts.session set revoked_at = now(), revoked_because = 'logout'")
        for _ in range(3):
            refused(await worker.get("/v1/me"), 401, "session_ended")
    page = await page_of(strict)
    assert counted(page, "relais_alarms_total", kind="broken_seal") == 1
    assert counted(page, "relais_alarms_total", kind="database_refusal") == 1
    assert counted(page, "relais_alarms_total", kind="no_live_session") == 3
    assert told(logs) == [("no_live_session", None)]
