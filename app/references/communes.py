"""The communes of France and the areas they belong to, read from the CSV files that stand beside this module.

An area is a text: `commune:35238`, `epci:243500139`, `departement:35`, `france`. Where the files come from is
told in `SOURCES.md`; once a year they are rebuilt by `build_communes.py`.
"""

import csv
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

FRANCE: Final = "france"
CODE_LENGTH: Final = 5


class UnknownCommune(KeyError):  # noqa: N818 — read as a sentence where it is raised
    """No commune bears this code, today or in the past. The code is never repeated: it came from outside."""

    def __str__(self) -> str:
        return "Code de commune inconnu."


class UnknownDepartement(KeyError):  # noqa: N818 — same
    """No département, and no overseas territory, bears this code. It is never repeated."""

    def __str__(self) -> str:
        return "Code de département inconnu."


class UnknownArea(KeyError):  # noqa: N818 — same
    """This text names no commune, no EPCI, no département, nor France. It is never repeated."""

    def __str__(self) -> str:
        return "Territoire inconnu."


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today, or a municipal arrondissement (Paris, Lyon, Marseille), which alone has a `parent_code`.

    Codes are those of INSEE. `departement_code` also covers overseas territories (975 to 989). A few islands and
    most overseas territories have no EPCI.
    """

    code: str
    name: str
    departement_code: str
    epci_code: str | None
    parent_code: str | None


def commune(code: str) -> Commune:
    """The commune that bears this INSEE code. Raises UnknownCommune.

    The code of a commune that merged, or changed its code, gives the current commune that holds its land.
    """
    found, name, departement_code, epci_code, parent_code = _row(code)
    if not name:
        return commune(parent_code)
    return Commune(found, name, departement_code, epci_code or None, parent_code or None)


def departement_of(commune_code: str) -> str:
    """The code of the département, or overseas territory, of a commune. Raises UnknownCommune."""
    return commune(commune_code).departement_code


def areas_around(commune_code: str) -> tuple[str, ...]:
    """Every area that holds this commune, from the narrowest to `france`. Raises UnknownCommune.

    A municipal arrondissement comes before its commune: `commune:75108`, `commune:75056`, the EPCI, and so on.
    """
    place = commune(commune_code)
    around = (
        ("commune", place.code),
        ("commune", place.parent_code),
        ("epci", place.epci_code),
        ("departement", place.departement_code),
    )
    return (*(f"{kind}:{code}" for kind, code in around if code), FRANCE)


def known_area(area: str) -> bool:
    """True for an area that `areas_around` may give. A code no longer used is not: see `current_area`."""
    try:
        return current_area(area) == area
    except UnknownArea:
        return False


def current_area(area: str) -> str:
    """The area as it is named today: a commune that merged becomes the current one. Raises UnknownArea."""
    return _read(area)[0]


def area_name(area: str) -> str:
    """The French name of an area: « Rennes », « Rennes Métropole », « Ille-et-Vilaine », « France ».

    Raises UnknownArea. A commune that merged bears the name of the current one.
    """
    return _read(area)[1]


def departements() -> Mapping[str, str]:
    """The name of every département and overseas territory, by code, in order."""
    return _names("departements.csv")


@cache
def communes_of(departement_code: str) -> tuple[str, ...]:
    """The names of the communes of a département, in the order of their codes. Raises UnknownDepartement."""
    if departement_code not in departements():
        raise UnknownDepartement
    rows = csv.reader((line for line in _lines() if f",{departement_code}," in line), strict=True)
    return tuple(row[1] for row in rows if row[2] == departement_code)


def _read(area: str) -> tuple[str, str]:
    """The area as it is named today, and its French name. Raises UnknownArea."""
    kind, _, code = area.partition(":")
    if area == FRANCE:
        return FRANCE, "France"
    if kind == "commune":
        try:
            place = commune(code)
        except UnknownCommune:
            raise UnknownArea from None
        return f"commune:{place.code}", place.name
    names = {"epci": "epcis.csv", "departement": "departements.csv"}
    if kind not in names or code not in _names(names[kind]):
        raise UnknownArea
    return area, _names(names[kind])[code]


def _row(code: str) -> list[str]:
    """One line of the file, found by halves: 39 000 texts weigh far less than as many objects."""
    lines = _lines()
    at = bisect_left(lines, code)
    if at == len(lines) or lines[at][:CODE_LENGTH] != code:
        raise UnknownCommune
    return next(csv.reader([lines[at]], strict=True))


@cache
def _lines() -> tuple[str, ...]:
    return tuple(_text("communes.csv").splitlines()[1:])


@cache
def _names(name: str) -> Mapping[str, str]:
    rows = csv.DictReader(_text(name).splitlines(), strict=True)
    return MappingProxyType({row["code"]: row["name"] for row in rows})


def _text(name: str) -> str:
    return files(__package__ or "app.references").joinpath(name).read_text(encoding="utf-8")
