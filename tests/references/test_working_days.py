"""Working days, as a deadline counts them: the days that are off here, and only here."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.references.communes import UnknownDepartement, departements
from app.references.working_days import (
    LONGEST_SPAN,
    is_working_day,
    public_holidays,
    working_days_before,
    working_days_between,
)

CALM = settings(deadline=None, derandomize=True, database=None)
DAYS = st.dates(date(2010, 1, 1), date(2050, 12, 31))
DEPARTEMENTS = st.sampled_from(sorted(departements()))


def test_two_working_days_before_the_15th_of_july_2026_leave_out_the_14th() -> None:
    assert working_days_before(date(2026, 7, 15), 1, "35") == date(2026, 7, 13)
    assert working_days_before(date(2026, 7, 15), 2, "35") == date(2026, 7, 10)


def test_a_weekend_is_not_made_of_working_days() -> None:
    assert working_days_before(date(2026, 9, 14), 1, "35") == date(2026, 9, 11)
    assert working_days_before(date(2026, 9, 13), 5, "35") == date(2026, 9, 7)


@pytest.mark.parametrize("departement", ["57", "67", "68"])
def test_good_friday_and_saint_stephen_are_off_in_alsace_and_moselle(departement: str) -> None:
    assert not is_working_day(date(2026, 4, 3), departement)
    assert not is_working_day(date(2025, 12, 26), departement)


@pytest.mark.parametrize("departement", ["35", "54", "75", "88", "974"])
def test_good_friday_and_saint_stephen_are_worked_elsewhere(departement: str) -> None:
    assert is_working_day(date(2026, 4, 3), departement)
    assert is_working_day(date(2025, 12, 26), departement)


def test_the_week_before_easter_monday_starts_a_day_earlier_in_strasbourg() -> None:
    assert working_days_before(date(2026, 4, 7), 3, "35") == date(2026, 4, 1)
    assert working_days_before(date(2026, 4, 7), 3, "67") == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("departement", "abolition"),
    [
        ("971", date(2026, 5, 27)),
        ("972", date(2026, 5, 22)),
        ("973", date(2026, 6, 10)),
        ("974", date(2027, 12, 20)),
        ("976", date(2026, 4, 27)),
    ],
)
def test_the_abolition_of_slavery_is_off_on_the_day_of_each_place_and_worked_in_rennes(
    departement: str, abolition: date
) -> None:
    assert not is_working_day(abolition, departement)
    assert is_working_day(abolition, "35")


def test_the_27th_of_may_is_off_in_guadeloupe_and_worked_in_martinique() -> None:
    assert not is_working_day(date(2026, 5, 27), "971")
    assert is_working_day(date(2026, 5, 27), "972")


@pytest.mark.parametrize(
    ("departement", "day"),
    [
        ("977", date(2026, 10, 9)),
        ("978", date(2026, 5, 28)),
        ("986", date(2026, 7, 29)),
        ("987", date(2026, 11, 20)),
        ("988", date(2026, 9, 24)),
    ],
)
def test_each_overseas_territory_has_a_day_of_its_own(departement: str, day: date) -> None:
    assert not is_working_day(day, departement)
    assert is_working_day(day, "75")


def test_a_french_year_has_eleven_public_holidays() -> None:
    assert len(public_holidays(2026)) == 11
    assert public_holidays(2026, "2A") == public_holidays(2026)


def test_no_working_day_before_is_the_day_itself_even_a_sunday() -> None:
    assert working_days_before(date(2026, 9, 13), 0, "35") == date(2026, 9, 13)


def test_nothing_is_left_between_a_day_and_an_earlier_one() -> None:
    assert working_days_between(date(2026, 9, 14), date(2026, 9, 14), "35") == 0
    assert working_days_between(date(2026, 9, 18), date(2026, 9, 14), "35") == 0


def test_a_day_counts_where_it_starts_and_not_where_it_ends() -> None:
    assert working_days_between(date(2026, 9, 14), date(2026, 9, 18), "35") == 4
    assert working_days_between(date(2026, 7, 13), date(2026, 7, 18), "35") == 4


@CALM
@given(DAYS, st.integers(0, 120), DEPARTEMENTS)
def test_the_days_counted_back_are_the_days_found_between(day: date, number: int, departement: str) -> None:
    found = working_days_before(day, number, departement)
    assert working_days_between(found, day, departement) == number
    assert number == 0 or is_working_day(found, departement)


@CALM
@given(DAYS, st.integers(0, 200), st.integers(0, 200), DEPARTEMENTS)
def test_two_stretches_end_to_end_count_as_one(start: date, first: int, second: int, departement: str) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    parts = working_days_between(start, middle, departement) + working_days_between(middle, end, departement)
    assert parts == working_days_between(start, end, departement)


@CALM
@given(DAYS, DEPARTEMENTS)
def test_no_week_has_more_than_five_working_days_and_no_fortnight_has_none(day: date, departement: str) -> None:
    assert working_days_between(day, day + timedelta(days=7), departement) <= 5
    assert working_days_between(day, day + timedelta(days=14), departement) > 0


def test_a_departement_that_does_not_exist_is_refused_and_never_repeated() -> None:
    with pytest.raises(UnknownDepartement) as refusal:
        working_days_before(date(2026, 9, 14), 1, "99")
    assert str(refusal.value) == "Code de département inconnu."
    with pytest.raises(UnknownDepartement):
        working_days_between(date(2026, 9, 14), date(2026, 9, 15), "20")


def test_a_mistyped_year_is_refused_rather_than_counted_for_long() -> None:
    with pytest.raises(ValueError, match="dix ans"):
        working_days_between(date(2026, 1, 1), date(9999, 12, 31), "35")
    with pytest.raises(ValueError, match="dix ans"):
        working_days_before(date(2026, 1, 1), LONGEST_SPAN, "35")
    with pytest.raises(ValueError, match="positif"):
        working_days_before(date(2026, 1, 1), -1, "35")
