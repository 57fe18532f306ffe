"""Presences: the days that a post was really worked in a month, kept by who holds it and by who employs it."""

import asyncio
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from app.models.columns import new_id
from app.services.clock import today
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, faults, refused

FIRST = {"If-None-Match": "*"}
HIRE = "insert into organisation.employer values ($1, 'Une association', 'association', '28')"
MOVE = "update organisation.post set employer_id = $2 where id = $1"


def of(house: House, post: str = "shared_post") -> str:
    """Where the days of a post are kept."""
    return f"/v1/posts/{house.ids[post]}/presences"


def next_month() -> str:
    """The month after this one, in Paris."""
    return f"{today().replace(day=28) + timedelta(days=4):%Y-%m}"


async def put(
    house: House, address: str, days: Any, headers: dict[str, str] | None = None, by: str = "worker"
) -> httpx.Response:
    """Write the days of a month, the first time unless told otherwise."""
    return await (await house(by)).put(
        address, json={"days_worked": days}, headers=FIRST if headers is None else headers
    )


async def test_the_days_of_a_month_are_written_once_and_read_by_the_post_and_by_its_employer(house: House) -> None:
    address = f"{of(house)}/2026-02"
    refused(await (await house("worker")).get(address), 404, "not_found")

    written = await put(house, address, 18.5)

    shown = written.json()
    assert (written.status_code, written.headers["location"]) == (201, address)
    assert {name: shown[name] for name in ("post_id", "employer_id", "month", "days_worked", "recorded_by")} == {
        "post_id": str(house.ids["shared_post"]),
        "employer_id": str(house.ids["employer"]),
        "month": "2026-02",
        "days_worked": 18.5,
        "recorded_by": str(house.ids["worker"]),
    }
    for who in ("worker", "colleague", "coordinator"):
        read = await (await house(who)).get(address)
        assert (read.json(), read.headers["etag"]) == (shown, written.headers["etag"])


async def test_a_replacement_names_the_version_seen_and_the_last_hand_signs(house: House) -> None:
    address = f"{of(house)}/2026-02"
    refused(await put(house, address, 18, {}), 428, "precondition_required")
    refused(await put(house, address, 18, {"If-Match": '"old"'}), 412, "precondition_failed")
    first = await put(house, address, 18)
    refused(await put(house, address, 17), 412, "precondition_failed")
    refused(await put(house, address, 17, {}), 428, "precondition_required")

    second = await put(house, address, 17.5, {"If-Match": first.headers["etag"]}, by="coordinator")

    assert (second.status_code, second.json()["days_worked"]) == (200, 17.5)
    assert second.json()["recorded_by"] == str(house.ids["coordinator"])
    assert second.json()["recorded_at"] > first.json()["recorded_at"]
    refused(await put(house, address, 16, {"If-Match": first.headers["etag"]}), 412, "precondition_failed")
    third = await put(house, address, 16, {"If-Match": second.headers["etag"]})
    assert (third.json()["days_worked"], third.json()["recorded_by"]) == (16, str(house.ids["worker"]))


async def test_of_two_first_hands_one_writes_and_the_other_is_told_to_read_again(house: House) -> None:
    await house("worker"), await house("coordinator")
    for number in range(1, 11):
        address = f"{of(house)}/2025-{number:02}"
        both = await asyncio.gather(*(put(house, address, 12, by=who) for who in ("worker", "coordinator")))
        assert sorted(answer.status_code for answer in both) == [201, 412]


async def test_of_two_replacements_of_one_version_one_is_told_to_read_again(house: House) -> None:
    await house("worker"), await house("coordinator")
    for number in range(1, 11):
        address = f"{of(house)}/2025-{number:02}"
        seen = {"If-Match": (await put(house, address, 12)).headers["etag"]}
        both = await asyncio.gather(*(put(house, address, 13, seen, by=who) for who in ("worker", "coordinator")))
        assert sorted(answer.status_code for answer in both) == [200, 412]


async def test_the_list_is_that_of_a_year_newest_month_first(house: House) -> None:
    worker = await house("worker")
    for month in ("2024-12", "2025-01", "2025-12", "2025-03", "2026-01"):
        assert (await put(house, f"{of(house)}/{month}", 20)).status_code == 201
    await put(house, f"{of(house, 'other_post')}/2025-05", 20, by="worker_elsewhere")

    async def listed(query: str = "", by: str = "worker") -> list[str]:
        answer = await (await house(by)).get(f"{of(house)}{query}")
        assert answer.status_code == 200, answer.text
        return [item["month"] for item in answer.json()["items"]]

    assert await listed("?year=2025") == ["2025-12", "2025-03", "2025-01"]
    assert await listed("?year=2025", by="coordinator") == ["2025-12", "2025-03", "2025-01"]
    assert await listed("?year=2024") == ["2024-12"]
    assert await listed("?year=1900") == []
    assert await listed() == [month for month in ("2026-01",) if month.startswith(str(today().year))]
    for wrong in ("?year=1899", "?year=2200", "?year=deux", "?year="):
        refused(await worker.get(f"{of(house)}{wrong}"), 422, "invalid_request", "year")
    refused(await worker.get(f"{of(house)}?month=2025-01"), 422, "unknown_parameter", "month")


@pytest.mark.parametrize("days", [0, 0.5, 1, 27.5, 28, 28.0])
async def test_half_days_are_counted_up_to_the_length_of_the_month(house: House, days: float) -> None:
    written = await put(house, f"{of(house)}/2026-02", days)
    assert (written.status_code, written.json()["days_worked"]) == (201, days)


@pytest.mark.parametrize(
    ("month", "days", "code"),
    [
        ("2026-02", 28.5, "more_days_than_the_month"),
        ("2024-02", 29.5, "more_days_than_the_month"),
        ("2025-04", 31, "more_days_than_the_month"),
        ("2025-01", 31.5, "at_most"),
        ("2025-01", -0.5, "at_least"),
        ("2025-01", 10.25, "step"),
        ("2025-01", 0.1, "step"),
        ("2025-01", "18", "number_expected"),
        ("2025-01", True, "number_expected"),
        ("2025-01", None, "number_expected"),
        ("2025-01", [18], "number_expected"),
        ("2025-01", 1e300, "at_most"),
    ],
)
async def test_days_that_the_month_does_not_have_are_refused(house: House, month: str, days: Any, code: str) -> None:
    address = f"{of(house)}/{month}"
    answer = await put(house, address, days)
    assert answer.status_code == 422, answer.text
    assert faults(answer) == {"/days_worked": code}
    written = await put(house, address, 3)
    assert faults(await put(house, address, days, {"If-Match": written.headers["etag"]})) == {"/days_worked": code}


async def test_a_month_to_come_is_refused_and_the_present_one_is_not(house: House) -> None:
    answer = await put(house, f"{of(house)}/{next_month()}", 1)
    refused(answer, 422, "invalid_request", "month")
    assert faults(answer) == {"month": "month_in_the_future"}
    assert (await put(house, f"{of(house)}/{today():%Y-%m}", 1)).status_code == 201


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-13", "month_expected"),
        ("2026-00", "month_expected"),
        ("2026-2", "month_expected"),
        ("2026-02-01", "month_expected"),
        ("202602", "month_expected"),
        ("février", "month_expected"),
        ("٢٠٢٦-٠٢", "month_expected"),
        ("1899-12", "out_of_calendar"),
        ("2200-01", "out_of_calendar"),
    ],
)
async def test_what_is_not_a_month_is_refused(house: House, month: str, code: str) -> None:
    address = f"{of(house)}/{month}"
    for answer in (await put(house, address, 1), await (await house("worker")).get(address)):
        refused(answer, 422, "invalid_request", "month")
        assert faults(answer) == {"month": code}


@pytest.mark.parametrize("name", ["full_time_share", "comment", "recorded_by", "employer_id", "month"])
async def test_nothing_else_is_said_of_a_month(house: House, name: str) -> None:
    worker = await house("worker")
    said = {"days_worked": 1, name: "Congé de Mme Petit"}
    answer = await worker.put(f"{of(house)}/2026-02", json=said, headers=FIRST)
    refused(answer, 422, "invalid_request", f"/{name}")
    assert "Petit" not in answer.text
    assert faults(await worker.put(f"{of(house)}/2026-02", json={}, headers=FIRST)) == {"/days_worked": "missing"}


async def test_neither_another_post_nor_another_employer_reads_or_writes_the_days(
    house: House, superuser: asyncpg.Connection
) -> None:
    other_employer = new_id()
    await superuser.execute(HIRE, other_employer)
    await superuser.execute(MOVE, house.ids["other_post"], other_employer)
    mine, theirs = of(house), of(house, "other_post")
    for address, by in ((f"{mine}/2026-02", "worker"), (f"{theirs}/2026-02", "worker_elsewhere")):
        assert (await put(house, address, 10, by=by)).status_code == 201
    nowhere = mine.replace(str(house.ids["shared_post"]), UNKNOWN)
    for by, path in (
        ("worker", theirs), ("coordinator", theirs), ("worker_elsewhere", mine), ("worker", nowhere),
        ("coordinator", nowhere),
    ):  # fmt: skip
        client = await house(by)
        refused(await client.get(path), 404, "not_found")
        refused(await client.get(f"{path}/2026-02"), 404, "not_found")
        refused(await put(house, f"{path}/2026-02", 3, {"If-Match": "*"}, by=by), 404, "not_found")
        refused(await put(house, f"{path}/2026-01", 3, by=by), 404, "not_found")
    assert await superuser.fetchval("select count(*) from employer.presence where days_worked = 10") == 2


async def test_the_coordinator_writes_for_every_post_of_the_employer(house: House) -> None:
    for post in ("shared_post", "other_post"):
        written = await put(house, f"{of(house, post)}/2026-02", 9.5, by="coordinator")
        assert (written.status_code, written.json()["recorded_by"]) == (201, str(house.ids["coordinator"]))


async def test_no_other_role_may_ask(house: House) -> None:
    address = f"{of(house)}/2026-02"
    await put(house, address, 10)
    for who in ("officer", "commander", "partner", "observatory", "administrator", "dpo"):
        client = await house(who)
        for answer in (await client.get(of(house)), await client.get(address), await put(house, address, 1, by=who)):
            refused(answer, 403, "forbidden")


async def test_each_reading_and_each_writing_leaves_a_trace_that_names_the_post(house: House) -> None:
    coordinator, address = await house("coordinator"), f"{of(house)}/2026-02"
    first = await put(house, address, 10, by="coordinator")
    await put(house, address, 11, {"If-Match": first.headers["etag"]}, by="coordinator")
    await coordinator.get(of(house))
    await coordinator.get(address)
    traces = [each for each in (await coordinator.get("/v1/me/traces")).json()["items"] if "presence" in each["act"]]
    assert [each["act"].partition(":")[2] for each in traces] == ["read", "read", "change", "add"]
    assert {each["subject_id"] for each in traces} == {str(house.ids["shared_post"])}


@pytest.mark.parametrize(
    ("change", "value", "broken"),
    [
        ("month_on", date(2026, 2, 2), "presence_month_is_its_first_day"),
        ("days_worked", 10.2, "presence_counts_half_days"),
        ("days_worked", -1, "presence_counts_half_days"),
        ("days_worked", 28.5, "presence_fits_in_its_month"),
    ],
)
async def test_postgresql_itself_refuses_what_a_month_cannot_hold(
    house: House, superuser: asyncpg.Connection, change: str, value: Any, broken: str
) -> None:
    await put(house, f"{of(house)}/2026-02", 1)
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await superuser.execute(f"update employer.presence set {change} = $1", value)
    assert refusal.value.constraint_name == broken
