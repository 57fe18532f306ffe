"""The places of HSDS 3.1: locations, addresses, areas, hours. Of a refuge, nothing finer than the département.

Secrecy is decided here, whatever the row holds: PostgreSQL keeps no address of a refuge, and this would not say it.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from app.references.communes import FRANCE, UnknownArea, area_name, commune, departements
from app.services.hsds_pages import Row, Shape
from app.services.partners import COARSE_AREAS

# As app.services.partner_services: a service without a place of its own is at its partner's.
A_PLACE: Final = ("commune_code", "municipality", "street", "longitude")
ON_SITE: Final = "en-presentiel"
_INSEE: Final = "http://id.insee.fr/geo"
# The départements of INSEE; the other codes are collectivities, whose identifiers have another form.
_OVERSEAS_DEPARTEMENTS: Final = frozenset({"971", "972", "973", "974", "976"})


def part_id(row_id: UUID, *words: str) -> UUID:
    """The stable identifier of a part of a row: a place, a telephone, an area."""
    return uuid5(row_id, ":".join(words))


def filled(**members: Any) -> Shape:
    """What is known: the schemas of the standard admit no ``null``."""
    return {name: value for name, value in members.items() if value is not None and value != []}


def is_secret(*rows: Row) -> bool:
    """True if one of these rows is of a partner whose address is secret."""
    return any(row["address_confidential"] for row in rows)


def may_say(area: str, service: Row, partner: Row) -> bool:
    """False for an area that would say, of a refuge, more than its département."""
    return area.startswith(COARSE_AREAS) or not is_secret(service, partner)


def _is_remote(service: Row) -> bool:
    return bool(service["reception_modes"]) and ON_SITE not in service["reception_modes"]


def _has_a_place(service: Row) -> bool:
    return any(service[name] is not None for name in A_PLACE)


def location_id_of(service: Row, partner: Row) -> UUID:
    """The identifier of the location of a service: its own, or its partner's."""
    own = _has_a_place(service) or _is_remote(service)
    return part_id(service["id"] if own else partner["id"], "location")


def location_of(service: Row, partner: Row) -> Shape:
    """Where a service is: virtual when it receives nobody on site."""
    location_id, remote = location_id_of(service, partner), _is_remote(service)
    secret = is_secret(service, partner)
    if location_id == part_id(partner["id"], "location"):
        return location_of_partner({**partner, "address_confidential": secret})
    place = service if _has_a_place(service) else partner
    home = service["departement_code"] or partner["departement_code"]
    return _placed(
        location_id,
        {**place, "departement_code": home, "address_confidential": secret},
        organization_id=partner["id"],
        name=service["name"],
        location_type="virtual" if remote else "physical",
        url=service["reach_url"] if remote else None,
    )


def location_of_partner(partner: Row) -> Shape:
    """Where a partner is."""
    location_id = part_id(partner["id"], "location")
    url = None if is_secret(partner) else partner["accessibility_url"]
    access = {"id": part_id(partner["id"], "accessibility"), "location_id": location_id, "url": url}
    return _placed(
        location_id,
        partner,
        organization_id=partner["id"],
        name=partner["name"],
        location_type="physical",
        accessibility=[access] if url else [],
        phones=phones(location_id, partner["phone"], location_id=location_id),
        schedules=schedules(location_id, partner["opening_hours"], location_id=location_id),
    )


def _placed(location_id: UUID, place: Row, **said: Any) -> Shape:
    # What the standard requires of an address and we do not know, or do not say, is empty.
    told = {} if is_secret(place) else place
    home = place["departement_code"]
    address = {
        "id": part_id(location_id, "address"),
        "location_id": location_id,
        "address_1": told.get("street") or "",
        "city": told.get("municipality") or "",
        "state_province": departements().get(home, home) if home else "",
        "postal_code": told.get("postcode") or "",
        "country": "FR",
        "address_type": "physical",
    } | filled(address_2=told.get("street_extra"))
    known = home or any(told.get(name) for name in ("street", "street_extra", "municipality", "postcode"))
    return filled(
        id=location_id,
        **said,
        longitude=told.get("longitude"),
        latitude=told.get("latitude"),
        addresses=[address] if known else [],
    )


def area_of(service_id: UUID, area: str) -> Shape:
    """An area of a service: its name, its code, and the identifier that INSEE gives it."""
    code = area.partition(":")[2] or area
    try:
        name: str | None = area_name(area)
    except UnknownArea:
        name = None
    said = {"id": part_id(service_id, "area", area), "service_id": service_id, "extent": code, "extent_type": "text"}
    return said | filled(name=name, uri=_official(area, code) if name else None)


def _official(area: str, code: str) -> str | None:
    """The identifier that INSEE gives to this geography by its code; ``None`` where it gives none by code."""
    if area == FRANCE:
        return f"{_INSEE}/pays/france"
    if area.startswith("departement:") and (len(code) == 2 or code in _OVERSEAS_DEPARTEMENTS):
        return f"{_INSEE}/departement/{code}"
    if area.startswith("commune:") and commune(code).parent_code is None:
        return f"{_INSEE}/commune/{code}"
    return None


def phones(row_id: UUID, number: str | None, **of: UUID) -> list[Shape]:
    """The telephone of a row, and what it belongs to (``of``)."""
    return [{"id": part_id(row_id, "phone"), "number": number, "type": "voice", **of}] if number else []


def schedules(row_id: UUID, hours: str | None, *, attending_type: str | None = None, **of: UUID) -> list[Shape]:
    """The hours as they are written, in the syntax of OpenStreetMap: no rule of recurrence is made out of them."""
    if hours is None:
        return []
    return [{"id": part_id(row_id, "schedule"), "description": hours, **of} | filled(attending_type=attending_type)]
