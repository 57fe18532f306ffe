"""Publishing: rounded, frozen, by closed period; told to those who watch, and to nobody more than their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from app.background import worker_transaction
from app.errors import Problem
from app.services import publishing
from app.services.statistics import asked_period
from app.transactions import Writing
from tests.house_for_tests import House

KEY = b"k" * 32
LAST_YEAR = datetime.now(UTC).year - 1
G = "/v1/statistics/grid"

# Persons who came through a unit last year, with one act each: enough for their unit, their post and all above.
MANY = """
with sent as (select n, gen_random_uuid() as person, gen_random_uuid() as situation, gen_random_uuid() as participation
                from generate_series(1, $5::int) n),
person as (insert into social.person (id, post_id, last_name, sex, recorded_at)
    select person, $1, 'Zqsecret', case when n % 4 = 0 then 'male' else 'female' end, now() from sent),
situation as (insert into social.situation
    (id, post_id, unit_id, status, referral_source, opened_on, opened_by, secondary_problems, recorded_at)
    select situation, $1, $2, 'active', 'police_unit', make_date($4, 2, 1 + n % 28), $3, '{}', now()
      from sent),
participation as (insert into social.participation
    (id, post_id, situation_id, person_id, person_status, contact_consent, known_to_social_services, joined_on)
    select participation, $1, situation, person, 'victim', 'given_to_iscg', 'not_recorded', make_date($4, 2, 1)
      from sent)
insert into social.intervention
    (id, post_id, situation_id, participation_id, unit_id, intervention_type, counts_as_interview,
     needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome, occurred_at,
     duration_minutes, recorded_by, recorded_at)
select gen_random_uuid(), $1, situation, participation, $2, 'phone_interview', true, false, false, false, 'phone',
       'held', make_timestamptz($4, 3, 1 + n % 28, 10, 0, 0, 'Europe/Paris'), 30, $3, now() from sent
"""


async def received(house: House, superuser: asyncpg.Connection, persons: int, *, unit: str = "north") -> None:
    """So many persons, last year, by the shared post, from one unit."""
    ids = house.ids
    await superuser.execute(MANY, ids["shared_post"], ids[unit], ids["worker"], LAST_YEAR, persons)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[Writing]:
    """The lane of background work."""
    async with worker_transaction(house.town.lane_url("worker", house.database), patience=60) as writing:
        yield writing


async def published(house: House, period: str = str(LAST_YEAR)) -> int:
    """Publish a period; how many versions were added."""
    async with working(house) as writing:
        return await publishing.publish(writing, asked_period(period), key=KEY)


async def shown(client: httpx.AsyncClient, perimeter: str) -> dict[str, Any]:
    """The grid of last year, which is answered."""
    answer = await client.get(G, params={"period": str(LAST_YEAR), "perimeter": perimeter})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def persons(told: dict[str, Any]) -> dict[str, Any]:
    """The cell of persons."""
    table = next(each for each in told["tables"] if each["code"] == "T1")
    cell: dict[str, Any] = next(each for each in table["lines"] if each["code"] == "persons")["cells"][0]
    return cell


async def test_the_command_reads_its_unit_rounded_to_five(house: House, superuser: asyncpg.Connection) -> None:
    await received(house, superuser, 83)
    await published(house)

    told = await shown(await house("commander"), f"unit:{house.ids['north']}")

    cell = persons(told)
    assert cell["rounded_to"] == 5
    assert cell["value"] in (80, 85)
    assert (told["audience"], told["rounded_to"], told["version"], told["reason"]) == ("committee", 5, 1, None)
    assert all(
        each["value"] is None or each["rounded_to"] or each["value"] == 0 or column["unit"] == "percent"
        for table in told["tables"]
        if table["code"] not in ("T15", "T16")
        for line in table["lines"]
        for each, column in zip(line["cells"], table["columns"], strict=True)
    ), told


async def test_another_unit_another_post_and_the_nation_are_not_the_commanders(
    house: House, superuser: asyncpg.Connection
) -> None:
    await received(house, superuser, 83)
    await published(house)
    commander = await house("commander")

    for perimeter in (f"unit:{house.ids['faraway']}", f"post:{house.ids['shared_post']}", "departement:28"):
        told = await shown(commander, perimeter)
        assert (told["tables"], told["version"]) == ([], None), perimeter


async def test_the_observatory_reads_the_nation_to_five_and_everybody_to_ten(
    house: House, superuser: asyncpg.Connection
) -> None:
    await received(house, superuser, 137)
    await published(house)

    watched = persons(await shown(await house("observatory"), "national"))
    for_all = persons(await shown(await house("partner"), "national"))

    assert (watched["rounded_to"], for_all["rounded_to"]) == (5, 10)
    assert watched["value"] in (135, 140)
    assert for_all["value"] in (130, 140)


async def test_under_fifty_persons_nothing_is_told_at_that_level(house: House, superuser: asyncpg.Connection) -> None:
    await received(house, superuser, 40, unit="south")
    await received(house, superuser, 60)
    await published(house)
    observatory = await house("observatory")

    small = await shown(observatory, f"unit:{house.ids['south']}")
    parent = await shown(observatory, f"post:{house.ids['shared_post']}")

    assert (small["tables"], "Moins de 50" in small["reason"]) == ([], True)
    assert persons(parent)["value"] == 100
    kept = await superuser.fetchval(
        "select cells from statistics.publication where unit_id = $1 and audience = 'committee'", house.ids["south"]
    )
    assert kept == "{}"


async def test_what_has_not_changed_gets_no_other_version_and_a_correction_gets_one(
    house: House, superuser: asyncpg.Connection
) -> None:
    await received(house, superuser, 60)
    first, again = await published(house), await published(house)
    before = await shown(await house("observatory"), "national")
    await received(house, superuser, 20)

    corrected = await published(house)

    after = await shown(await house("observatory"), "national")
    assert (first > 0, again) == (True, 0)
    assert corrected > 0
    assert (before["version"], after["version"]) == (1, 2)
    assert persons(before)["value"] == 60
    kept = await superuser.fetch("select version, cells from statistics.publication where perimeter_kind = 'national'")
    assert {json.loads(row["cells"])["T1.persons"][0] for row in kept if row["version"] == 1} <= {60}


async def test_two_towns_that_differ_by_one_person_differ_only_in_cells_that_hold_her(
    house: House, superuser: asyncpg.Connection
) -> None:
    await received(house, superuser, 90)
    await published(house)
    before = await superuser.fetchval(
        "select cells from statistics.publication where perimeter_kind = 'national' and audience = 'committee'"
    )
    await superuser.execute(
        "update social.person set sex = 'male'"
        " where id = (select min(id::text)::uuid from social.person where sex = 'female')"
    )
    await published(house)
    after = await superuser.fetchval(
        "select cells from statistics.publication where perimeter_kind = 'national' and audience = 'committee'"
        " order by version desc limit 1"
    )

    changed = {name for name, cell in json.loads(after).items() if json.loads(before).get(name) != cell}

    assert all("male" in name or name in ("women",) for name in changed), changed


@pytest.mark.parametrize("period", [f"{LAST_YEAR}-03", str(LAST_YEAR + 1)])
async def test_a_month_or_a_period_that_is_not_over_is_not_published(house: House, period: str) -> None:
    with pytest.raises(Problem) as refused:
        await published(house, period)

    assert refused.value.code in ("published_by_quarter_or_year", "period_not_over")


async def test_a_committee_that_follows_one_employer_reads_no_other(
    house: House, superuser: asyncpg.Connection
) -> None:
    await received(house, superuser, 60)
    await published(house)
    other = await superuser.fetchval(
        "insert into organisation.employer values (gen_random_uuid(), 'Autre', 'departement', '29') returning id"
    )
    await superuser.execute(
        "update accounts.account set employer_id = $1 where id = $2", other, house.ids["observatory"]
    )
    committee = await house("observatory")

    told = await shown(committee, f"post:{house.ids['shared_post']}")

    assert told["tables"] == []
    assert persons(await shown(committee, "national"))["value"] == 60
