"""French working days: Monday to Friday, without the public holidays of the place. The calendar is a library's.

A day observed in part of an area (Good Friday in Alsace and Moselle, mid-Lent in Guadeloupe) counts as a
holiday in all of it, as in the library: a date limit then falls earlier, never later.
"""

from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import holidays

from app.references.communes import UnknownDepartement, departements

# The name the library gives to the places that have holidays of their own. The others have the national ones.
_CALENDARS: Final = MappingProxyType(
    {
        "57": "57",
        "67": "6AE",
        "68": "6AE",
        "971": "971",
        "972": "972",
        "973": "973",
        "974": "974",
        "975": "PM",
        "976": "976",
        "977": "BL",
        "978": "MF",
        "984": "TF",
        "986": "WF",
        "987": "PF",
        "988": "NC",
    }
)
_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)
LONGEST_SPAN: Final = 3660  # days, ten years: beyond, a date was mistyped


def public_holidays(year: int, departement_code: str | None = None) -> frozenset[date]:
    """The public holidays of a year in a département; the national ones without it. Raises UnknownDepartement."""
    if departement_code is not None and departement_code not in departements():
        raise UnknownDepartement
    return _holidays(year, _CALENDARS.get(departement_code) if departement_code else None)


def departements_with_their_own_holidays() -> tuple[str, ...]:
    """The départements whose public holidays are not the national ones, in order."""
    return tuple(_CALENDARS)


def is_working_day(day: date, departement_code: str) -> bool:
    """True from Monday to Friday, unless it is a public holiday there. Raises UnknownDepartement."""
    off = day in public_holidays(day.year, departement_code)
    return day.weekday() < _SATURDAY and not off


def is_working_nationwide(day: date) -> bool:
    """True from Monday to Friday, unless it is a public holiday of the whole country."""
    return day.weekday() < _SATURDAY and day not in public_holidays(day.year)


def working_days_before(day: date, number: int, departement_code: str) -> date:
    """The working day that lies `number` working days before `day`, which is not counted; `day` itself for 0.

    From that day, included, to `day`, excluded, there are `number` working days. Raises UnknownDepartement, and
    ValueError for a negative number or a result more than ten years away.
    """
    if number < 0:
        raise ValueError("un nombre de jours ouvrés est positif ou nul")
    found = day
    while number:
        found -= _ONE_DAY
        if (day - found).days > LONGEST_SPAN:
            raise ValueError("plus de dix ans")
        number -= is_working_day(found, departement_code)
    return found


def working_days_between(start: date, end: date, departement_code: str) -> int:
    """How many working days from `start`, included, to `end`, excluded; 0 when `end` does not come after `start`.

    Raises UnknownDepartement, and ValueError for more than ten years.
    """
    days = (end - start).days
    if days > LONGEST_SPAN:
        raise ValueError("plus de dix ans")
    return sum(is_working_day(start + timedelta(days=each), departement_code) for each in range(days))


@lru_cache(maxsize=512)
def _holidays(year: int, calendar: str | None) -> frozenset[date]:
    """Frozen: the library's own object fills itself as it is asked, which two threads must not do at once."""
    return frozenset(holidays.country_holidays("FR", subdiv=calendar, years=year, expand=False))
