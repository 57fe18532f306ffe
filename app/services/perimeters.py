"""Whose figures: a post, a unit, a site, an employer, a département, a zone, the nation; how it is said and named."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, select, union_all

from app.errors import Invalid, NotFound
from app.indicators import figures
from app.indicators.figures import DEPARTEMENT, NATION, ZONE, Perimeter
from app.models.organisation import Employer, Post, Site, Unit
from app.nomenclature.terms import LISTS
from app.references.communes import departements
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER, POST, SITE, UNIT = columns(Employer), columns(Post), columns(Site), columns(Unit)
PLACES = (figures.POST, figures.UNIT, figures.SITE, figures.EMPLOYER)
PATTERN = r"^(national|zone:[a-z]{1,20}|departement:[0-9AB]{2,3}|(post|unit|site|employer):[0-9a-fA-F-]{36})$"

_id = given("id", Uuid)
NAMES: dict[str, Select[Any]] = {
    "post": select(POST.name).where(POST.id == _id),
    "unit": select(UNIT.name).where(UNIT.id == _id),
    "site": select(SITE.name).where(SITE.id == _id),
    "employer": select(EMPLOYER.name).where(EMPLOYER.id == _id),
}
PLACE_NAMES = union_all(select(UNIT.id, UNIT.name), select(SITE.id, SITE.name))


def place_of(asked: str) -> UUID | None:
    """The identifier that a parameter names, when it names one. 422 when it is not a perimeter."""
    if not re.fullmatch(PATTERN, asked, re.ASCII):
        raise Invalid("bad_perimeter", "?perimeter")
    kind, _, place = asked.partition(":")
    try:
        return UUID(place) if kind in PLACES else None
    except ValueError:
        raise Invalid("bad_perimeter", "?perimeter") from None


async def find(reading: Reading, asked: str) -> Perimeter:
    """The perimeter of a parameter. 422 when it is not one; 404 when nothing bears that identifier."""
    identifier = place_of(asked)
    kind, _, place = asked.partition(":")
    if identifier is not None:
        name = (await reading.row(NAMES[kind], id=identifier))["name"]
        return Perimeter(kind, str(identifier), name)
    if kind == DEPARTEMENT:
        if place not in departements():
            raise NotFound
        return Perimeter(kind, place, departements()[place])
    if kind == ZONE:
        zone = LISTS["zone"].by_code.get(place)
        if zone is None:
            raise NotFound
        return Perimeter(kind, place, zone.label)
    return Perimeter(NATION, "", "France entière")


async def place_names(reading: Reading) -> dict[str, str]:
    """The names of units and sites, which the cells know by their identifiers."""
    return {str(row["id"]): row["name"] for row in await reading.rows(PLACE_NAMES)}
