"""Periods of the grid: months, quarters and years, by their codes. Never a free range of days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app.indicators.figures import Period

FIRST_YEAR = 2016
LAST_YEAR = 2100
"""The first has a year before it whose public holidays PostgreSQL knows (``render holidays``); the last is too late."""
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
PATTERN = r"^\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?$"


def period_of(code: str, *, today: date) -> Period:
    """The period of a code: ``2026``, ``2026-Q3``, ``2026-09``. ``ValueError`` for anything else, or another age."""
    if not re.fullmatch(PATTERN, code, re.ASCII):
        raise ValueError("période")
    year = int(code[:4])
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise ValueError("période")
    return _period(code, today)


def _period(code: str, today: date) -> Period:
    year, part = int(code[:4]), code[5:]
    if not part:
        first, months, label = 1, 12, f"année {year}"
    elif part.startswith("Q"):
        quarter = int(part[1])
        rank = "1er" if quarter == 1 else f"{quarter}e"
        first, months, label = 3 * quarter - 2, 3, f"{rank} trimestre {year}"
    else:
        first, months, label = int(part), 1, f"{MONTHS[int(part) - 1]} {year}"
    starts_on = date(year, first, 1)
    after = date(year + 1, 1, 1) if first + months > 12 else date(year, first + months, 1)
    ends_on = after - timedelta(days=1)
    return Period(code, label, starts_on, ends_on, closed=ends_on < today)


def before(period: Period, *, today: date) -> Period:
    """The period of the same length that comes just before: for the first of all, one that may not be asked for."""
    last = period.starts_on - timedelta(days=1)
    if len(period.code) == 4:
        return _period(f"{last.year:04d}", today)
    if "Q" in period.code:
        return _period(f"{last.year:04d}-Q{(last.month + 2) // 3}", today)
    return _period(f"{last.year:04d}-{last.month:02d}", today)


def after(period: Period) -> date:
    """The day that follows the last."""
    return period.ends_on + timedelta(days=1)


def is_annual(period: Period) -> bool:
    """A year, or else a quarter or a month."""
    return len(period.code) == 4


def is_publishable(period: Period) -> bool:
    """A quarter or a year: nothing is published, nor reported, by the month."""
    return is_annual(period) or "Q" in period.code
