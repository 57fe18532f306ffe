"""Partners of the directory: added, corrected, ended. The address of a refuge is not kept.

The rules of a place (département of the commune, secrecy of a refuge) hold for a partner and for its services alike:
``placed`` and ``keep_secret`` serve both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import FieldError, Forbidden, Invalid, NotFound
from app.models.directory import Partner, Service
from app.references.communes import FRANCE, commune
from app.services.clock import today
from app.services.organisation import TIMELESS
from app.statements import NewestFirst, columns, given, newest_first_everywhere
from app.transactions import Page, Reading, Writing

PARTNER = columns(Partner)
SERVICE = columns(Service)

TYPED_HERE: Final = "relais"
SHORTEST_FRAGMENT: Final = 2
_WILDCARD: Final = re.compile(r"[%_\\]")
_JOINT: Final = re.compile(r"[\s'’\-\u2010-\u2015]+")

# What would lead to a refuge: the constraints refuge_has_no_address and service_of_a_refuge_has_no_address.
_PLACE: Final = (
    "commune_code", "municipality", "postcode", "street", "street_extra", "longitude", "latitude",
    "source_id", "source_url",
)  # fmt: skip
FINE_ON_A_SERVICE: Final = ("reach_url", *_PLACE)
FINE: Final = ("siret", "accessibility_url", "website", *_PLACE)
COARSE_AREAS: Final = ("departement:", FRANCE)

ONE = select(*PARTNER).where(PARTNER.id == given("id", Uuid))
# Should the flag change before a service is added, its foreign key (partner, flag) refuses it.
FLAG = select(PARTNER.address_confidential).where(PARTNER.id == given("id", Uuid))
ALONE = select(PARTNER.id).where(PARTNER.id == given("id", Uuid)).with_for_update()
PLACES_OF_SERVICES = (
    select(SERVICE.id, SERVICE.areas, SERVICE.departement_code, SERVICE.commune_code)
    .where(SERVICE.partner_id == given("id", Uuid))
    .order_by(SERVICE.id)
    .with_for_update(key_share=True)
)

# Read on its own first: while pages are asked in the order of keys, PostgreSQL may prefer to walk through every name.
_named = select(PARTNER.id).where(PARTNER.folded_name.like(given("name"))).cte("named").prefix_with("MATERIALIZED")
_FILTERS: Final[Mapping[str, Any]] = {
    "partner_category": PARTNER.partner_category == given("partner_category"),
    "departement_code": PARTNER.departement_code == given("departement_code"),
    "name": PARTNER.id.in_(select(_named.c.id)),
    "present": PARTNER.ended_on.is_(None),
}


def _list_of(filters: Iterable[str]) -> NewestFirst:
    statement = select(*PARTNER).where(*(_FILTERS[name] for name in filters))
    return newest_first_everywhere(statement, at=TIMELESS, key=PARTNER.id)


# One statement for each set of filters: « no filter, or this one » in a single one would keep indexes from serving.
LISTS: Final[Mapping[tuple[str, ...], NewestFirst]] = {
    chosen: _list_of(chosen) for size in range(len(_FILTERS) + 1) for chosen in combinations(_FILTERS, size)
}

# What a correction locks.
TABLE = Partner


def folded(name: str) -> str:
    """A name without accent, capital or ligature, a hyphen or an apostrophe as a space, to search with ``like``."""
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
    return _JOINT.sub(" ", bare.replace("œ", "oe").replace("æ", "ae")).strip()


async def list_partners(
    reading: Reading,
    schema: Any,
    *,
    limit: int,
    after: tuple[Any, UUID] | None,
    ended: bool,
    name: str | None = None,
    **exact: str | None,
) -> Page:
    """One page of the directory; ``ended`` also shows the partners that have ceased."""
    said = {key: value for key, value in exact.items() if value is not None}
    if name is not None:
        said["name"] = _anywhere(name)
    chosen = tuple(each for each in _FILTERS if each in said or (each == "present" and not ended))
    return await reading.page(LISTS[chosen], schema, limit=limit, after=after, **said)


def _anywhere(name: str) -> str:
    """The ``like`` pattern of a fragment, whose own wildcards stand for themselves."""
    fragment = folded(name)
    if len(fragment) < SHORTEST_FRAGMENT:
        raise Invalid(FieldError("?name", "text_too_short", (("min_length", SHORTEST_FRAGMENT),)))
    literal = _WILDCARD.sub(r"\\\g<0>", fragment)
    return f"%{literal}%"


async def find(reading: Reading, partner_id: UUID) -> Any:
    """A partner; ``NotFound`` otherwise."""
    reading.about(partner_id, rows=0)
    return await reading.row(ONE, id=partner_id)


async def add(writing: Writing, **said: Any) -> UUID:
    """Add a partner typed here. Returns its identifier."""
    keep_secret(said, FINE, confidential=said["address_confidential"])
    facts = placed(said)
    row = Partner(folded_name=folded(said["name"]), source=TYPED_HERE, updated_on=today(), **facts)
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def hold(writing: Writing, statement: Any, schema: Any, table: Any, row_id: UUID) -> bytes:
    """Lock a row of the directory and show it. 403 for a refuge that only the coordinator corrects (row rules)."""
    try:
        return await writing.hold(statement, schema, table, id=row_id)
    except NotFound:
        if await writing.seek_row(statement, id=row_id) is None:
            raise
        raise Forbidden("refuge_kept_by_the_coordinator") from None


async def correct(writing: Writing, partner_id: UUID, **said: Any) -> None:
    """Correct a partner; when its address becomes secret, what leads to it is erased, of its services too."""
    if not said:
        return
    row = await writing.row(ONE, id=partner_id)
    confidential = said.get("address_confidential", row["address_confidential"])
    keep_secret(said, FINE, confidential=confidential)
    not_to_come(said.get("ended_on"), "/ended_on")
    if confidential and not row["address_confidential"]:
        home = row["departement_code"] or _departement_of(row["commune_code"])
        facts = {"departement_code": home, **said, **dict.fromkeys(FINE)}
        await _erase_places_of_services(writing, partner_id, departement_code=facts["departement_code"])
    else:
        facts = placed(said, row)
    if "name" in facts:
        facts["folded_name"] = folded(facts["name"])
    await writing.change(Partner, facts | {"updated_on": today()}, id=partner_id)


async def _erase_places_of_services(writing: Writing, partner_id: UUID, *, departement_code: str | None) -> None:
    # Alone with the partner first: a service being added would otherwise come after, with its street.
    await writing.row(ALONE, id=partner_id)
    for row in await writing.rows(PLACES_OF_SERVICES, id=partner_id):
        home = row["departement_code"] or _departement_of(row["commune_code"]) or departement_code
        facts = dict.fromkeys(FINE_ON_A_SERVICE) | {
            "areas": coarse_areas(row["areas"], departement_code=home),
            "departement_code": home,
            "updated_on": today(),
        }
        await writing.change(Service, facts, id=row["id"])


def coarse_areas(areas: Iterable[str], *, departement_code: str | None) -> list[str]:
    """The same areas, none finer than a département: a commune becomes its own, an EPCI that of its partner.

    France when nothing else is left: a place too wide misleads nobody to a door.
    """
    wide = []
    for area in areas:
        if area.startswith(COARSE_AREAS):
            wide.append(area)
        elif home := _departement_of(area.removeprefix("commune:")) or departement_code:
            wide.append(f"departement:{home}")
    return list(dict.fromkeys(wide)) or [FRANCE]


def _departement_of(commune_code: str | None) -> str | None:
    try:
        return commune(commune_code).departement_code if commune_code else None
    except KeyError:  # an imported code that the references do not know
        return None


def keep_secret(said: Mapping[str, Any], fine: Iterable[str], *, confidential: bool) -> None:
    """Refuse every fact finer than the département about a refuge (the constraint refuge_has_no_address)."""
    if not confidential:
        return
    told = [f"/{name}" for name in fine if said.get(name) is not None]
    told += [f"/areas/{n}" for n, area in enumerate(said.get("areas") or ()) if not area.startswith(COARSE_AREAS)]
    if told:
        code = "refuge_has_no_address"
        raise Invalid(code, *(FieldError(place, code) for place in told))


def placed(said: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The facts to write: the commune gives its département, and its name unless another is said.

    ``row`` is what a correction changes. A longitude goes with a latitude.
    """
    facts = dict(said)
    before: Mapping[str, Any] = row or {}
    after = {name: said.get(name, before.get(name)) for name in ("commune_code", "longitude", "latitude")}
    home = _departement_of(after["commune_code"])
    if home is not None and {"commune_code", "departement_code"} & said.keys():
        if said.get("departement_code") not in (None, home):
            raise Invalid("departement_of_commune_expected", "/departement_code")
        facts["departement_code"] = home
    if said.get("commune_code") is not None and said.get("municipality") is None:
        facts["municipality"] = commune(said["commune_code"]).name
    for one, other in (("longitude", "latitude"), ("latitude", "longitude")):
        if after[one] is None and after[other] is not None:
            raise Invalid("missing", f"/{one}")
    return facts


def not_to_come(day: date | None, pointer: str) -> None:
    """Refuse a day to come: what ends leaves the directory at once."""
    if day is not None and day > today():
        raise Invalid("day_in_the_future", pointer)
