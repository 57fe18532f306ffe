"""``relais statistics``, as an operator types it: a closed period is published, a frozen report is recounted."""

import asyncio
import base64
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import asyncpg

from tests.house_for_tests import House
from tests.routers.test_reports import LAST_YEAR, YEAR, frozen, worked
from tests.running.relais_for_tests import command

KEY = base64.b64encode(b"k" * 32).decode()


async def relais(house: House, *words: str, **more: str) -> CompletedProcess[str]:
    """A command, with the URL of the lane ``worker`` and the key of the statistics."""
    said: dict[str, Any] = {
        "RELAIS_DATABASE_URL__WORKER": house.town.lane_url("worker", house.database),
        "RELAIS_STATISTICS_KEY": KEY,
        **more,
    }
    return await asyncio.to_thread(lambda: command(Path("unused"), 1, "statistics", *words, **said))


async def test_a_closed_year_is_published_once(house: House) -> None:
    first, second = [await relais(house, "publish", LAST_YEAR) for _ in range(2)]

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "Versions publiées : 0" in second.stdout
    assert "Versions publiées : 0" not in first.stdout


async def test_what_cannot_be_published_is_said_in_french(house: House) -> None:
    for period, sentence in ((YEAR, "pas close"), (f"{LAST_YEAR}-03", "trimestre ou par année"), ("demain", "un mois")):
        done = await relais(house, "publish", period)
        assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr
    done = await relais(house, "publish", LAST_YEAR, RELAIS_STATISTICS_KEY="")
    assert (done.returncode, "RELAIS_STATISTICS_KEY" in done.stderr) == (1, True), done.stderr


async def test_a_frozen_report_is_recounted_and_every_difference_is_named(
    house: House, superuser: asyncpg.Connection
) -> None:
    await worked(house, superuser)
    report = await frozen(house)
    same = await relais(house, "verify", report["id"])
    await superuser.execute("update social.person set sex = 'male' where sex = 'female'")

    different = await relais(house, "verify", report["id"])

    assert (same.returncode, "Le rapport dit ce que disent les fiches." in same.stdout) == (0, True), same.stderr
    assert different.returncode == 1
    assert "T2.persons Personnes (*, female) : 3 figé, 0 aujourd'hui" in different.stdout, different.stdout
    assert "Zqsecret" not in different.stdout


async def test_a_report_that_is_not_frozen_cannot_be_verified(house: House) -> None:
    done = await relais(house, "verify", "01890a5d-ac96-774b-bcce-b302099a8057")

    assert (done.returncode, "Aucun rapport figé" in done.stderr) == (1, True), done.stderr
