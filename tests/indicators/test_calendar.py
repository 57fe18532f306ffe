"""Days, as PostgreSQL counts them, are those that Python counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import asyncpg

from app.nomenclature.terms import LISTS
from app.references.working_days import departements_with_their_own_holidays, working_days_between
from tests.indicators.ground import PARIS
from tests.indicators.oracle import years_between
from tests.indicators.oracle_cells import band_of, majority_of

PLACES = ("28", "2A", "57", "67", "971", "974", "976", "987", "988")
WORKING = """select statistics.working_days(asked.start, asked.until, asked.calendar)
    from unnest($1::date[], $2::date[], $3::text[]) with ordinality asked (start, until, calendar, rank)
    order by rank"""
AGES = """select statistics.age_in_years(asked.born, asked.day)
    from unnest($1::date[], $2::date[]) with ordinality asked (born, day, rank) order by rank"""


def days(draw: Random, number: int, first: date = date(2015, 1, 1), last: date = date(2045, 12, 31)) -> list[date]:
    """Days at random."""
    return [first + timedelta(days=draw.randrange((last - first).days)) for _ in range(number)]


async def test_working_days_are_the_same_in_nine_departements_on_two_thousand_spans(
    superuser: asyncpg.Connection,
) -> None:
    draw = Random(2025)
    starts = days(draw, 2000)
    untils = [min(start + timedelta(days=draw.randrange(-30, 800)), date(2045, 12, 31)) for start in starts]
    places = [draw.choice(PLACES) for _ in starts]
    own = departements_with_their_own_holidays()
    calendars = [place if place in own else "" for place in places]

    found = [row[0] for row in await superuser.fetch(WORKING, starts, untils, calendars)]

    spans = zip(starts, untils, places, strict=True)
    assert found == [working_days_between(start, until, place) for start, until, place in spans]


async def test_a_post_follows_the_calendar_of_its_departement(superuser: asyncpg.Connection) -> None:
    found = {}
    for place in PLACES:
        await superuser.execute("update organisation.employer set departement_code = $1", place)
        found[place] = await superuser.fetchval("select calendar from statistics.post limit 1")

    own = departements_with_their_own_holidays()
    assert found == {place: place if place in own else "" for place in PLACES}


async def test_ages_are_the_same_on_two_thousand_birthdays(superuser: asyncpg.Connection) -> None:
    draw = Random(2026)
    born = [*days(draw, 1500, date(1920, 1, 1), date(2030, 1, 1)), *([date(2004, 2, 29)] * 500)]
    seen = [
        *(
            min(date(2045, 1, 1), day + timedelta(days=round(365.25 * draw.randrange(-1, 90)) - 1))
            for day in born[:1500]
        ),
        *days(draw, 500),
    ]

    found = [row[0] for row in await superuser.fetch(AGES, born, seen)]

    assert found == [years_between(*each) for each in zip(born, seen, strict=True)]


async def test_age_bands_and_majority_are_the_same_at_every_age(superuser: asyncpg.Connection) -> None:
    for age in (None, *range(120)):
        assert await superuser.fetchval("select statistics.age_band_of($1)", age) == band_of(age)
        for declared in (None, True, False):
            found = await superuser.fetchval("select statistics.majority_of($1, $2)", age, declared)
            assert found == majority_of(age, declared), (age, declared)
    bands = [(each.number("min_age"), each.number("max_age")) for each in LISTS["age_band"].terms[:-1]]
    assert [low for low, _ in bands] == [0, *(high + 1 for _, high in bands[:-1] if high is not None)]


async def test_a_day_begins_at_midnight_in_paris_all_year_long(superuser: asyncpg.Connection) -> None:
    for day in [date(2025, 1, 1) + timedelta(days=each) for each in range(366)]:
        found = await superuser.fetchval("select statistics.noon($1)", day)
        assert found == datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)
