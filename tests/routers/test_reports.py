"""Reports over HTTP: drafted by the post, validated and frozen by the employer, read rounded by those who watch."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pypdf
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, interview, patch, refused, someone

R = "/v1/reports"
LAST_YEAR = str(datetime.now(UTC).year - 1)
YEAR = str(datetime.now(UTC).year)


async def last_year(superuser: asyncpg.Connection) -> None:
    """Everything recorded happened a year ago: a period that is over."""
    for statement in (
        "update social.intervention set occurred_at = occurred_at - interval '1 year'",
        "update social.situation set opened_on = opened_on - 365",
        "update organisation.post set starts_on = starts_on - 365",
    ):
        await superuser.execute(statement)


async def worked(house: House, superuser: asyncpg.Connection, persons: int = 3) -> None:
    """Some persons, met last year."""
    worker = await house("worker")
    for _ in range(persons):
        situation = await house.situation(participations=[someone("Zqsecret")], main_problem="housing")
        await worker.post("/v1/interventions", json=interview(situation["participations"][0]["id"]))
    await last_year(superuser)


async def drafted(house: House, by: str = "worker", period: str = LAST_YEAR, **said: Any) -> dict[str, Any]:
    """A report just opened."""
    draft = {"period": period, "perimeter": f"post:{house.ids['shared_post']}", **said}
    answer = await (await house(by)).post(R, json=draft)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def frozen(house: House, **said: Any) -> dict[str, Any]:
    """A report validated and frozen by the coordinator."""
    report = await drafted(house, **said)
    coordinator = await house("coordinator")
    for act in ("validate", "freeze"):
        answer = await coordinator.post(f"{R}/{report['id']}/{act}")
        assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def printed(client: httpx.AsyncClient, report_id: str, **asked: str) -> httpx.Response:
    """The document, which is answered."""
    answer = await client.get(f"{R}/{report_id}/document", params={"format": "pdf", **asked})
    assert answer.status_code == 200, answer.text
    return answer


def text_of(answer: httpx.Response) -> str:
    """What a PDF says, spaces folded."""
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_a_report_is_drafted_commented_validated_frozen_and_printed(
    house: House, superuser: asyncpg.Connection
) -> None:
    await worked(house, superuser)
    worker, coordinator = await house("worker"), await house("coordinator")
    report = await drafted(house)
    assert (report["version"], report["commentary"], report["frozen_at"]) == (1, {}, None)
    said = {"commentary": {"highlights": "Une année pleine.", "perspectives": "Un second poste."}}
    commented = await patch(worker, f"{R}/{report['id']}", said)
    assert commented.json()["commentary"] == said["commentary"], commented.text

    await coordinator.post(f"{R}/{report['id']}/validate")
    done = await coordinator.post(f"{R}/{report['id']}/freeze")

    assert done.status_code == 200, done.text
    assert (done.json()["validated_as"], bool(done.json()["frozen_at"])) == ("coordinator", True)
    shown = text_of(await printed(worker, report["id"]))
    assert "Une année pleine." in shown
    assert "usage interne" in shown.lower()
    assert "Zqsecret" not in shown


async def test_a_frozen_report_never_moves_and_a_correction_is_a_new_version(
    house: House, superuser: asyncpg.Connection
) -> None:
    await worked(house, superuser)
    report = await frozen(house)
    worker, coordinator = await house("worker"), await house("coordinator")
    before = await printed(worker, report["id"], format="csv")
    await worked(house, superuser, persons=2)

    after = await printed(worker, report["id"], format="csv")

    assert after.content == before.content
    refused(await patch(worker, f"{R}/{report['id']}", {"commentary": {"highlights": "Mieux."}}), 409, "report_frozen")
    refused(await coordinator.post(f"{R}/{report['id']}/freeze"), 409, "report_frozen")
    assert (await drafted(house))["version"] == 2


async def test_what_is_frozen_is_what_was_last_written_even_at_that_very_instant(
    house: House, superuser: asyncpg.Connection
) -> None:
    await worked(house, superuser)
    report, coordinator = await drafted(house), await house("coordinator")
    await coordinator.post(f"{R}/{report['id']}/validate")
    await superuser.execute("begin")
    await superuser.execute('update statistics.report set commentary = \'{"highlights": "Au dernier instant."}\'')
    freezing = asyncio.create_task(coordinator.post(f"{R}/{report['id']}/freeze"))
    await asyncio.sleep(0.3)
    await superuser.execute("commit")

    assert (await freezing).status_code == 200

    assert "Au dernier instant." in text_of(await printed(await house("worker"), report["id"]))


async def test_the_same_frozen_report_prints_the_same_bytes(house: House, superuser: asyncpg.Connection) -> None:
    await worked(house, superuser)
    report = await frozen(house)
    worker = await house("worker")

    for kind in ("pdf", "xlsx", "csv"):
        first, second = [await printed(worker, report["id"], format=kind) for _ in range(2)]
        assert first.content == second.content, kind


@pytest.mark.parametrize("name", ["commander", "observatory"])
async def test_the_command_and_the_committee_read_it_once_frozen_and_rounded(
    house: House, superuser: asyncpg.Connection, name: str
) -> None:
    await worked(house, superuser)
    report = await drafted(house)
    watcher = await house(name)
    refused(await watcher.get(f"{R}/{report['id']}"), 404, "not_found")
    assert (await watcher.get(R)).json()["items"] == []
    coordinator = await house("coordinator")
    for act in ("validate", "freeze"):
        assert (await coordinator.post(f"{R}/{report['id']}/{act}")).status_code == 200

    shown = await watcher.get(f"{R}/{report['id']}")

    assert shown.status_code == 200, shown.text
    assert "drafted_by" not in shown.json()
    told = text_of(await printed(watcher, report["id"]))
    assert "Moins de 50 personnes" in told
    refused(
        await watcher.get(f"{R}/{report['id']}/document", params={"format": "pdf", "audience": "internal"}),
        403, "forbidden",
    )  # fmt: skip


async def test_a_report_is_refused_in_a_sentence_when_it_cannot_be(house: House, superuser: asyncpg.Connection) -> None:
    worker, coordinator = await house("worker"), await house("coordinator")
    post = f"post:{house.ids['shared_post']}"

    async def said(client: httpx.AsyncClient, **draft: str) -> httpx.Response:
        return await client.post(R, json={"period": LAST_YEAR, "perimeter": post, **draft})

    refused(await said(worker, period=f"{YEAR}-01"), 422, "report_by_quarter_or_year", "/period")
    refused(await said(worker, period="2099"), 422, "period_to_come", "/period")
    refused(await said(worker, perimeter="departement:28"), 422, "report_perimeter", "/perimeter")
    refused(await said(worker, perimeter=f"post:{house.ids['other_post']}"), 404, "not_found")
    refused(await said(worker, perimeter=f"post:{UNKNOWN}"), 404, "not_found")
    refused(await said(coordinator, perimeter=f"unit:{house.ids['north']}"), 422, "report_perimeter", "/perimeter")
    report = await drafted(house)
    refused(await said(worker), 409, "report_already_drafted")
    refused(await coordinator.post(f"{R}/{report['id']}/freeze"), 409, "report_not_validated")
    refused(await worker.post(f"{R}/{report['id']}/validate"), 403, "forbidden")
    for text, status in (("\u0007", 422), ("x" * 20_001, 422), (3, 422)):
        wrong = await patch(worker, f"{R}/{report['id']}", {"commentary": {"highlights": text}})
        assert wrong.status_code == status, wrong.text
    wrong = await patch(worker, f"{R}/{report['id']}", {"commentary": {"nothing": "x"}})
    refused(wrong, 422, "invalid_request", "/commentary")
    await coordinator.post(f"{R}/{report['id']}/validate")
    refused(await coordinator.post(f"{R}/{report['id']}/freeze"), 409, "report_without_figures")
    refused(await patch(worker, f"{R}/{report['id']}", {"commentary": {"public": "x"}}), 409, "report_validated")


async def test_an_open_year_is_not_frozen(house: House) -> None:
    report = await drafted(house, period=YEAR)
    assert "PROJET" in text_of(await printed(await house("worker"), report["id"]))
    coordinator = await house("coordinator")
    await coordinator.post(f"{R}/{report['id']}/validate")

    refused(await coordinator.post(f"{R}/{report['id']}/freeze"), 409, "period_not_over")


async def test_the_coordinator_who_corrects_a_validated_report_must_validate_it_again(house: House) -> None:
    report = await drafted(house, by="coordinator")
    coordinator = await house("coordinator")
    await coordinator.post(f"{R}/{report['id']}/validate")

    changed = await patch(coordinator, f"{R}/{report['id']}", {"commentary": {"public": "Relu."}})

    assert (changed.json()["validated_at"], changed.json()["validated_as"]) == (None, None), changed.text


async def test_a_report_leaves_out_what_says_nothing_and_the_grid_keeps_it(
    house: House, superuser: asyncpg.Connection
) -> None:
    await worked(house, superuser)
    worker = await house("worker")
    report = await drafted(house)
    asked = {"period": LAST_YEAR, "perimeter": f"post:{house.ids['shared_post']}"}
    grid = (await worker.get("/v1/statistics/grid", params=asked)).json()
    problems = next(table for table in grid["tables"] if table["code"] == "T6")
    assert len(problems["lines"]) > 15
    flat = (await printed(worker, report["id"], format="csv")).text
    assert ";T6;" in flat and ";housing;" in flat and ";neighbour_conflict;" not in flat
    # Communes are printed when one is named; what nobody has written yet is still asked for, until it is frozen.
    assert ";T14.municipalities;" not in flat
    assert "Illustrations anonymes" in text_of(await printed(worker, report["id"]))
    coordinator = await house("coordinator")
    for act in ("validate", "freeze"):
        assert (await coordinator.post(f"{R}/{report['id']}/{act}")).status_code == 200
    assert "Illustrations anonymes" not in text_of(await printed(worker, report["id"]))
