"""The grid and the indicators over HTTP: exact and live for who does the work, rounded and frozen for who watches."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import openpyxl
import pytest

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, interview, patch, refused, someone

G = "/v1/statistics/grid"
FIRST = {"If-None-Match": "*"}
YEAR = str(datetime.now(UTC).year)
ROUNDED_ONLY = ("commander", "observatory", "officer", "partner", "administrator", "dpo")


def mine(house: House, post: str = "shared_post") -> dict[str, str]:
    """The grid of this year, of a post."""
    return {"period": YEAR, "perimeter": f"post:{house.ids[post]}"}


async def grid(client: httpx.AsyncClient, asked: dict[str, str]) -> dict[str, Any]:
    """The grid, which is answered."""
    answer = await client.get(G, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def value(told: dict[str, Any], table: str, line: str, column: str) -> Any:
    """One cell, by its names."""
    said = next(each for each in told["tables"] if each["code"] == table)
    at = next(number for number, each in enumerate(said["columns"]) if each["code"] == column)
    return next(each for each in said["lines"] if each["code"] == line)["cells"][at]["value"]


async def test_the_grid_has_its_sixteen_tables_in_order_even_with_nothing_to_count(house: House) -> None:
    told = await grid(await house("worker"), mine(house))

    codes = [each["code"] for each in told["tables"]]
    assert [code for code in codes if code.startswith("T") and "." not in code] == [f"T{n}" for n in range(1, 17)]
    assert codes[-1] == "completeness"
    assert (told["audience"], told["rounded_to"], told["reason"]) == ("internal", None, None)
    assert value(told, "T1", "persons", "value") == 0
    assert all(each["definition"] for each in told["tables"])


async def test_an_interview_recorded_now_is_counted_at_the_next_read(house: House) -> None:
    worker = await house("worker")
    before = await grid(worker, mine(house))
    joined = someone(known_to_social_services="unknown_to_services")
    situation = await house.situation(participations=[joined], main_problem="partner_violence_physical")
    participation = situation["participations"][0]["id"]
    assert (await worker.post("/v1/interventions", json=interview(participation))).status_code == 201

    told = await grid(worker, mine(house))

    assert value(before, "T1", "persons", "value") == 0
    seen = {
        code: value(told, "T1", code, "value") for code in ("persons", "persons_reached", "interviews", "referrals")
    }
    assert seen == {"persons": 1, "persons_reached": 1, "interviews": 1, "referrals": 1}
    assert value(told, "T2", "total", "persons_female") == 1
    assert value(told, "T6", "partner_violence", "total") == 1
    assert value(told, "T8", "total", "persons_unknown_to_services") == 1
    assert value(told, "T9", "phone_interview", "hours") == 0.5


async def test_a_correction_is_counted_at_the_next_read(house: House) -> None:
    worker = await house("worker")
    situation = await house.situation()
    await worker.post("/v1/interventions", json=interview(situation["participations"][0]["id"]))
    assert value(await grid(worker, mine(house)), "T2", "total", "persons_female") == 1
    person = situation["participations"][0]["person"]["id"]

    assert (await patch(worker, f"/v1/persons/{person}", {"sex": "male"})).status_code == 200

    told = await grid(worker, mine(house))
    assert (value(told, "T2", "total", "persons_female"), value(told, "T2", "total", "persons_male")) == (0, 1)


async def test_the_coordinator_counts_every_post_of_her_employer_and_no_name_comes_with_it(house: House) -> None:
    for by in ("worker", "worker_elsewhere"):
        situation = await house.situation(by, participations=[someone("Zqsecret")])
        await (await house(by)).post("/v1/interventions", json=interview(situation["participations"][0]["id"]))
    coordinator = await house("coordinator")

    told = await grid(coordinator, {"period": YEAR, "perimeter": f"employer:{house.ids['employer']}"})
    departement = await grid(coordinator, {"period": YEAR, "perimeter": "departement:28"})
    one = await grid(coordinator, mine(house, "other_post"))

    assert [value(each, "T1", "persons", "value") for each in (told, departement, one)] == [2, 2, 1]
    assert "Zqsecret" not in str(told)


async def test_a_social_worker_counts_her_own_posts_only(house: House) -> None:
    worker = await house("worker")

    refused(await worker.get(G, params=mine(house, "other_post")), 404, "not_found")
    refused(await worker.get(G, params={"period": YEAR, "perimeter": "national"}), 404, "not_found")
    refused(await worker.get(G, params={"period": YEAR, "perimeter": "departement:28"}), 404, "not_found")
    refused(await worker.get(G, params={"period": YEAR, "perimeter": f"unit:{house.ids['faraway']}"}), 404, "not_found")
    unit = await grid(worker, {"period": YEAR, "perimeter": f"unit:{house.ids['north']}"})
    assert unit["perimeter"]["label"] == "Unité north"


@pytest.mark.parametrize("name", ROUNDED_ONLY)
async def test_nobody_else_reads_an_open_period_a_month_or_a_range(house: House, name: str) -> None:
    client = await house(name)
    perimeter = f"unit:{house.ids['north']}"

    refused(await client.get(G, params={"period": YEAR, "perimeter": perimeter}), 409, "period_not_over")
    refused(
        await client.get(G, params={"period": f"{int(YEAR) - 1}-03", "perimeter": perimeter}),
        422, "published_by_quarter_or_year",
    )  # fmt: skip
    refused(
        await client.get(G, params={"period": f"{int(YEAR) - 1}-03-05/{YEAR}", "perimeter": perimeter}),
        422, "invalid_request",
    )  # fmt: skip


@pytest.mark.parametrize("name", ROUNDED_ONLY)
async def test_what_is_not_published_is_an_empty_grid_that_says_why(house: House, name: str) -> None:
    told = await grid(await house(name), {"period": str(int(YEAR) - 1), "perimeter": "national"})

    assert (told["tables"], told["version"]) == ([], None)
    assert "Rien n’est publié" in told["reason"]


BAD = {
    "no period": ({"perimeter": "national"}, 422),
    "no perimeter": ({"period": YEAR}, 422),
    "a thirteenth month": ({"period": f"{YEAR}-13", "perimeter": "national"}, 422),
    "a fifth quarter": ({"period": f"{YEAR}-Q5", "perimeter": "national"}, 422),
    "a year to come": ({"period": "2099", "perimeter": "national"}, 422),
    "an age before": ({"period": "1066", "perimeter": "national"}, 422),
    "a perimeter of no kind": ({"period": YEAR, "perimeter": "planet:earth"}, 422),
    "a post without identifier": ({"period": YEAR, "perimeter": "post:"}, 422),
    "a post that is not one": ({"period": YEAR, "perimeter": "post:" + "-" * 36}, 422),
    "a post of nowhere": ({"period": YEAR, "perimeter": f"post:{UNKNOWN}"}, 404),
    "a département of nowhere": ({"period": YEAR, "perimeter": "departement:99"}, 404),
    "a zone of nowhere": ({"period": YEAR, "perimeter": "zone:lunar"}, 404),
    "a column nobody knows": ({"period": YEAR, "perimeter": "national", "by": "name"}, 422),
}


@pytest.mark.parametrize("asked", BAD.values(), ids=BAD.keys())
async def test_a_grid_badly_asked_is_refused_in_a_sentence(house: House, asked: Any) -> None:
    parameters, status = asked

    answer = await (await house("coordinator")).get(G, params=parameters)

    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), answer.text


async def test_an_indicator_comes_with_what_it_divides_and_the_period_before(house: House) -> None:
    worker = await house("worker")
    for sex in ("female", "female", "male"):
        person = {"last_name": "Petit", "first_name": "Jo", "sex": sex}
        situation = await house.situation(participations=[someone(person=person)])
        await worker.post("/v1/interventions", json=interview(situation["participations"][0]["id"]))

    answer = await worker.get("/v1/statistics/indicators/share_women", params=mine(house))

    assert answer.status_code == 200, answer.text
    (told,) = answer.json()["items"]
    assert (told["value"], told["numerator"]["value"], told["denominator"]["value"]) == (66.7, 2, 3)
    assert (told["completeness"], told["previous"], told["change"]) == (100.0, None, None)
    assert "sexe est noté" in told["definition"]
    refused(await worker.get("/v1/statistics/indicators/nothing", params=mine(house)), 404, "not_found")


async def test_the_sheet_and_the_file_say_what_the_grid_says_in_the_same_order(house: House) -> None:
    worker = await house("worker")
    situation = await house.situation()
    await worker.post("/v1/interventions", json=interview(situation["participations"][0]["id"]))
    told = await grid(worker, mine(house))

    sheet = await worker.get(f"{G}/document", params={**mine(house), "format": "xlsx"})
    file = await worker.get(f"{G}/document", params={**mine(house), "format": "csv"})

    codes = [each["code"] for each in told["tables"]]
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    assert len(book.sheetnames) == 1 + len(codes)
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert list(dict.fromkeys(row[7] for row in rows[1:])) == codes
    assert file.headers["cache-control"] == "no-store"


async def test_the_coordinator_keeps_the_codes_of_the_grid_that_is_asked_for(house: House) -> None:
    coordinator, worker = await house("coordinator"), await house("worker")
    line = "/v1/statistics/external-codes/T3/victim"
    first = await coordinator.put(
        line, json={"external_code": "B12", "external_label": "Victimes"}, headers={"If-None-Match": "*"}
    )
    assert first.status_code == 201, first.text
    refused(await coordinator.put(line, json={"external_code": "B13"}), 428, "precondition_required")
    again = await coordinator.put(line, json={"external_code": "B13"}, headers={"If-Match": first.headers["etag"]})
    assert again.status_code == 200, again.text

    told = await grid(worker, mine(house))

    table = next(each for each in told["tables"] if each["code"] == "T3")
    assert {each["code"]: each["external_code"] for each in table["lines"]}["victim"] == "B13"
    refused(await worker.put(line, json={"external_code": "B1"}), 403, "forbidden")
    refused(
        await coordinator.put("/v1/statistics/external-codes/T3/nobody", json={"external_code": "B1"}), 404, "not_found"
    )


async def test_each_employer_has_codes_of_its_own(house: House, superuser: asyncpg.Connection) -> None:
    other = "01890a5d-ac96-774b-bcce-b302099a8058"
    line = "/v1/statistics/external-codes/T3/victim"
    written = await (await house("coordinator")).put(line, json={"external_code": "B12"}, headers=FIRST)
    assert written.status_code == 201, written.text
    await superuser.execute(
        "insert into organisation.employer values ($1, 'Une autre', 'association', '28')", UUID(other)
    )
    await superuser.execute(
        "insert into statistics.external_code select $1, table_code, line_code, 'Z99', null, changed_by, changed_at"
        " from statistics.external_code", UUID(other),
    )  # fmt: skip

    told = await grid(await house("worker"), mine(house))

    table = next(each for each in told["tables"] if each["code"] == "T3")
    assert {each["code"]: each["external_code"] for each in table["lines"]}["victim"] == "B12"
