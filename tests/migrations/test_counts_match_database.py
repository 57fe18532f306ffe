"""What counts in the living database is what ``app/indicators`` declares: the marks, the cells, the holidays."""

from __future__ import annotations

import re
from datetime import date

import asyncpg
import holidays
import pytest

from app.indicators.periods import FIRST_YEAR
from app.indicators.render import LAST_HOLIDAYS, render_holidays, render_sql
from app.references.working_days import departements_with_their_own_holidays

COUNTING = """
select proname, prosrc, provolatile, prosecdef, pg_get_userbyid(proowner) as owner
  from pg_proc where pronamespace = 'statistics'::regnamespace and proname = any ($1)
"""


async def test_what_counts_in_the_database_is_what_the_declarations_render_today(
    superuser: asyncpg.Connection,
) -> None:
    said = dict(re.findall(r"replace function statistics\.(\w+)\(.*?\$\$(.*?)\$\$", render_sql(), re.DOTALL))

    living = await superuser.fetch(COUNTING, list(said))

    # « marks » says who stands in a cell, « cells » how many.
    assert set(said) == {"marks", "cells"}
    assert sorted((row["proname"], row["prosrc"]) for row in living) == sorted(said.items())
    for row in living:
        assert (row["provolatile"], row["prosecdef"], row["owner"]) == (b"s", False, "relais_migrator"), row["proname"]


async def test_the_holidays_of_the_database_are_those_that_are_rendered_today(superuser: asyncpg.Connection) -> None:
    living = [tuple(row) for row in await superuser.fetch("select * from statistics.public_holiday order by 1, 2")]
    await superuser.execute("truncate statistics.public_holiday")

    await superuser.execute(render_holidays())

    assert living == [
        tuple(row) for row in await superuser.fetch("select * from statistics.public_holiday order by 1, 2")
    ]


@pytest.mark.parametrize(
    ("place", "subdivision"), [("", None), ("57", "57"), ("67", "6AE"), ("974", "974"), ("988", "NC")]
)
async def test_the_holidays_are_those_of_the_library_from_monday_to_friday(
    superuser: asyncpg.Connection, place: str, subdivision: str | None
) -> None:
    rows = await superuser.fetch("select day from statistics.public_holiday where departement_code = $1", place)
    living = {row["day"] for row in rows}

    years = range(FIRST_YEAR - 1, LAST_HOLIDAYS + 1)
    library = holidays.country_holidays("FR", subdiv=subdivision, years=years)

    assert living == {day for day in library if day.weekday() < 5}
    assert date(2026, 5, 14) in living
    everywhere = await superuser.fetch("select distinct departement_code from statistics.public_holiday")
    assert {row[0] for row in everywhere} == {"", *departements_with_their_own_holidays()}
