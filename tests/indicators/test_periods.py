"""Periods: months, quarters and years that follow each other without a gap, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.indicators.figures import Period
from app.indicators.periods import FIRST_YEAR, LAST_YEAR, after, before, is_annual, period_of

TODAY = date(2026, 9, 15)
CALM = settings(deadline=None, derandomize=True, database=None)
YEARS = st.integers(FIRST_YEAR, LAST_YEAR - 1)
CODES = YEARS.flatmap(
    lambda year: st.sampled_from(
        [f"{year}", *(f"{year}-Q{n}" for n in range(1, 5)), *(f"{year}-{n:02d}" for n in range(1, 13))]
    )
)


def of(code: str) -> Period:
    """A period, seen from a day of September 2026."""
    return period_of(code, today=TODAY)


def test_a_month_a_quarter_and_a_year_have_their_days_and_their_french_name() -> None:
    told = {code: of(code) for code in ("2026-09", "2026-Q1", "2026-Q4", "2026", "2024-02")}

    assert {code: (each.starts_on, each.ends_on, each.label) for code, each in told.items()} == {
        "2026-09": (date(2026, 9, 1), date(2026, 9, 30), "septembre 2026"),
        "2026-Q1": (date(2026, 1, 1), date(2026, 3, 31), "1er trimestre 2026"),
        "2026-Q4": (date(2026, 10, 1), date(2026, 12, 31), "4e trimestre 2026"),
        "2026": (date(2026, 1, 1), date(2026, 12, 31), "année 2026"),
        "2024-02": (date(2024, 2, 1), date(2024, 2, 29), "février 2024"),
    }
    assert [is_annual(each) for each in told.values()] == [False, False, False, True, False]


def test_a_period_is_closed_the_day_after_its_last() -> None:
    assert not period_of("2026-Q2", today=date(2026, 6, 30)).closed
    assert period_of("2026-Q2", today=date(2026, 7, 1)).closed


@pytest.mark.parametrize(
    "code",
    [
        "", "26", "2026-Q0", "2026-Q5", "2026-00", "2026-13", "2026-9", "2026-1Q", " 2026", "2026\n", "２０２６",
        "2026-01-01", "2026-01/2026-03", str(FIRST_YEAR - 1), f"{FIRST_YEAR - 1}-12", str(LAST_YEAR), "0000", "9999",
    ],
)  # fmt: skip
def test_anything_else_is_no_period(code: str) -> None:
    with pytest.raises(ValueError, match="période"):
        of(code)


@CALM
@given(CODES)
def test_the_period_before_ends_the_day_before_and_has_the_same_length(code: str) -> None:
    period = of(code)
    earlier = before(period, today=TODAY)

    assert earlier.ends_on + timedelta(days=1) == period.starts_on
    assert after(earlier) == period.starts_on
    assert len(earlier.code) == len(code)
    assert ("Q" in earlier.code) == ("Q" in code)


@CALM
@given(YEARS)
def test_the_quarters_of_a_year_and_its_months_cover_it_exactly(year: int) -> None:
    whole = of(f"{year}")
    for parts in ([f"{year}-Q{n}" for n in range(1, 5)], [f"{year}-{n:02d}" for n in range(1, 13)]):
        periods = [of(code) for code in parts]
        assert periods[0].starts_on == whole.starts_on
        assert [after(each) for each in periods] == [*(each.starts_on for each in periods[1:]), after(whole)]
