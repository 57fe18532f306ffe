"""The opening hours of a place, written as in OpenStreetMap: `Mo-Fr 09:00-12:00,14:00-17:00; PH off`.

Whoever sends somebody to a door relies on the answer, so it is « open » or « closed » only when that is sure.
`None` is the answer for what the text leaves open, or what nothing here can tell:

- a rule marked `unknown`, or open under a comment (`"sur rendez-vous"`): the comment is a condition. A closed rule
  may bear one, it stays closed;
- school holidays (`SH`), the sun (`sunset`) and an end left open (`10:00+`): the library has no school calendar, the
  place has no coordinates here, and the library would answer all the same;
- where the text names public holidays (`PH`), the holidays of one département alone (Good Friday in Strasbourg): the
  library knows the national ones only.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final
from unicodedata import category
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State, validate

from app.references.communes import UnknownDepartement, departements
from app.references.working_days import public_holidays

LONGEST: Final = 500
HORIZON: Final = timedelta(days=92)  # asked further, the library may search for seconds up to the year 9999
MOST_INTERVALS: Final = 1000  # looked at within that horizon: ten a day, more than any door opens and closes

_PARIS: Final = "Europe/Paris"
# One zone a territory: in Polynesia the Marquesas and Gambier islands, 30 and 60 minutes ahead, read as Tahiti.
_OVERSEAS: Final = MappingProxyType(
    {
        "971": "America/Guadeloupe",
        "972": "America/Martinique",
        "973": "America/Cayenne",
        "974": "Indian/Reunion",
        "975": "America/Miquelon",
        "976": "Indian/Mayotte",
        "977": "America/St_Barthelemy",
        "978": "America/Marigot",
        "984": "Indian/Kerguelen",
        "986": "Pacific/Wallis",
        "987": "Pacific/Tahiti",
        "988": "Pacific/Noumea",
    }
)
_COMMENT: Final = re.compile(r'"[^"]*"')
_UNTOLD: Final = re.compile(r"\b(SH|dawn|sunrise|sunset|dusk)\b|\d:\d\d\+")
_HOLIDAYS: Final = re.compile(r"\bPH\b")


class HoursNotUnderstood(ValueError):  # noqa: N818 — read as a sentence where it is raised
    """These hours are not written as in OpenStreetMap, or too long. They are never repeated: they came from outside."""

    def __str__(self) -> str:
        return "Horaires illisibles : les écrire comme dans OpenStreetMap, par exemple « Mo-Fr 09:00-12:00; PH off »."


@dataclass(frozen=True, slots=True)
class _Hours:
    """Hours understood, in the time zone of their place."""

    expression: OpeningHours
    zone: ZoneInfo
    names_holidays: bool
    departement_code: str | None

    def doubtful_on(self, day: date) -> bool:
        """True on a holiday that the library ignores, where the hours say something of holidays."""
        if not self.names_holidays or self.departement_code is None:
            return False
        return day in public_holidays(day.year, self.departement_code) ^ public_holidays(day.year)


def checked_hours(text: str) -> str:
    """The hours as the library rewrites them, at most 500 characters. Raises HoursNotUnderstood.

    The few texts that the library rewrites into something it reads otherwise are refused too.
    """
    trimmed = text.strip()
    if not _readable(trimmed):
        raise HoursNotUnderstood
    written = str(OpeningHours(trimmed))
    if not _readable(written) or str(OpeningHours(written)) != written:
        raise HoursNotUnderstood
    return written


def open_at(hours: str | None, instant: datetime, departement_code: str | None) -> bool | None:
    """Is the place open at this instant? `None` when that is not sure, when `hours` is empty or not understood.

    The time zone is that of the département, Paris without one. Raises UnknownDepartement, and ValueError for an
    instant without time zone.
    """
    asked = _asked(hours, instant, departement_code)
    if asked is None:
        return None
    understood, local = asked
    if understood.doubtful_on(local.date()):
        return None
    state, comment = understood.expression.state(local)
    if state == State.CLOSED:
        return False
    return True if state == State.OPEN and not comment else None


def next_opening(hours: str | None, instant: datetime, departement_code: str | None) -> datetime | None:
    """The next instant, after this one and in UTC, at which the place opens for sure; `None` if not within 92 days.

    While the place is open, it is the opening that follows. Raises as `open_at`.
    """
    asked = _asked(hours, instant, departement_code)
    if asked is None:
        return None
    understood, local = asked
    end = (instant.astimezone(UTC) + HORIZON).astimezone(understood.zone)
    for begins, ends, state, comment in islice(understood.expression.intervals(local, end), MOST_INTERVALS):
        if state != State.OPEN or comment or understood.doubtful_on(begins.date()):
            continue
        opens = begins.astimezone(UTC)  # compared in UTC: within one zone, Python compares clocks, not instants
        if instant < opens < ends.astimezone(UTC):  # what falls in the hour that spring removes has no length
            return opens
    return None


def _asked(hours: str | None, instant: datetime, departement_code: str | None) -> tuple[_Hours, datetime] | None:
    """The hours and the instant as the clock of the place tells it, if both can be read."""
    if instant.tzinfo is None:
        raise ValueError("un instant porte son fuseau horaire")
    if departement_code is not None and departement_code not in departements():
        raise UnknownDepartement
    if not hours or len(hours) > LONGEST:  # before the cache, which would keep them
        return None
    understood = _understood(hours, departement_code)
    # The calendar ends with the years 1 and 9999; no place was ever open there.
    if understood is None or not datetime.min.year < instant.year < datetime.max.year:
        return None
    return understood, instant.astimezone(understood.zone)


@lru_cache(maxsize=1024)
def _understood(hours: str, departement_code: str | None) -> _Hours | None:
    """The hours read once; `None` where nothing sure can be said of them."""
    if not _readable(hours):
        return None
    zone = ZoneInfo(_OVERSEAS.get(departement_code or "", _PARIS))
    expression = OpeningHours(hours, timezone=zone, country="FR")
    rules = _COMMENT.sub("", str(expression))
    if _UNTOLD.search(rules):
        return None
    return _Hours(expression, zone, bool(_HOLIDAYS.search(rules)), departement_code)


def _readable(hours: str) -> bool:
    """True for a text of a bearable length, without control characters, that the library reads."""
    return len(hours) <= LONGEST and not any(_controls(each) for each in hours) and validate(hours)


def _controls(character: str) -> bool:
    """Control, invisible, lone surrogate, line separator: everything that has no place in a line of text."""
    kind = category(character)
    return kind.startswith("C") or kind in {"Zl", "Zp"}
