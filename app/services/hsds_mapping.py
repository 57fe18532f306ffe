"""From the rows of the directory to HSDS 3.1. Pure functions: a row, or several, and the shape that is shown.

What is not known is left out: the schemas of the standard admit no ``null``. Of a partner whose address is secret,
nothing finer than the département, whatever the row holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from app.data_inclusion.correspondences import published_publics
from app.nomenclature.terms import term
from app.services.hsds_pages import Row, Shape
from app.services.hsds_places import (
    area_of,
    filled,
    is_secret,
    location_id_of,
    location_of,
    location_of_partner,
    may_say,
    part_id,
    phones,
    schedules,
)
from app.services.hsds_terms import labels, term_of
from app.services.partners import TYPED_HERE

_RECEPTION_MODES: Final = labels("modes-accueil")
_FEES: Final = labels("frais")


def place_of_service_id(service_id: UUID) -> UUID:
    """The identifier of ``service_at_location``: each service has one, which is found again by the service's own."""
    return service_id


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


# ------------------------------------------------------------------------------------ organizations


def organization_listed(partner: Row) -> Shape:
    """The organization alone. A description is required: failing one, the category of the partner."""
    return filled(
        id=partner["id"],
        name=partner["name"],
        description=partner["description"] or term("partner_category", partner["partner_category"]).label,
        email=partner["email"],
        website=partner["website"],
    )


def organization(partner: Row, services: Iterable[Row]) -> Shape:
    """The organization with its place, its identifiers, its networks and its services."""
    siret = None if is_secret(partner) else partner["siret"]
    identifier = {
        "id": part_id(partner["id"], "identifier", "FR-SIRET"),
        "organization_id": partner["id"],
        "identifier_scheme": "FR-SIRET",
        "identifier_type": "SIRET",
        "identifier": siret,
    }
    words = [("partner_category", partner["partner_category"]), *(("networks", each) for each in partner["networks"])]
    return organization_listed(partner) | filled(
        phones=phones(partner["id"], partner["phone"], organization_id=partner["id"]),
        locations=[location_of_partner(partner)],
        organization_identifiers=[identifier] if siret else [],
        attributes=_attributes(partner, words, entity="organization"),
        services=[service_listed(each, partner) for each in services],
    )


# ----------------------------------------------------------------------------------------- services


def service_minimal(service: Row, partner: Row) -> Shape:
    """The identifier of a service, and when it changed."""
    return {"id": service["id"], "modified_date": _modified(service, partner)}


def _modified(service: Row, partner: Row) -> datetime:
    return _midnight(max(service["updated_on"], partner["updated_on"]))


def service_listed(service: Row, partner: Row) -> Shape:
    """The service alone."""
    fees = [_FEES.get(service["fees"] or ""), service["fees_details"]]
    note = service["capacity_note"]
    return filled(
        id=service["id"],
        organization_id=partner["id"],
        name=service["name"],
        description=service["description"],
        url=service["reach_url"],
        email=service["email"] or partner["email"],
        status="inactive" if service["ended_on"] or partner["ended_on"] else "active",
        application_process=service["how_to_reach"],
        fees_description=_lines(fees),
        eligibility_description=_lines([service["conditions"], service["public_details"]]),
        # Not ``capacities``: the standard requires there a number of places, and we hold a sentence.
        alert=f"{note} ({service['capacity_on']:%d/%m/%Y})" if note else None,
        last_modified=_modified(service, partner),
    )


def service_with_organization(service: Row, partner: Row) -> Shape:
    """The service and, alone, the organization that offers it."""
    return service_listed(service, partner) | {"organization": organization_listed(partner)}


def service(service: Row, partner: Row) -> Shape:
    """The service with everything that goes with it."""
    words = [
        *(("thematics", each) for each in service["thematics"]),
        *(("publics", each) for each in published_publics(service["publics"])),
        *(("service_type", each) for each in [service["service_type"]] if each),
        *(("needs", each) for each in service["needs"]),
    ]
    at_location = service_at_location_listed(service, partner)
    return service_with_organization(service, partner) | filled(
        **_around(service, partner),
        attributes=_attributes(service, words, entity="service"),
        service_at_locations=[at_location | {"location": location_of(service, partner)}],
    )


def service_at_location_listed(service: Row, partner: Row) -> Shape:
    """Which service, at which location."""
    at = place_of_service_id(service["id"])
    return {"id": at, "service_id": service["id"], "location_id": location_id_of(service, partner)}


def service_at_location(service: Row, partner: Row) -> Shape:
    """The service and its location, whole."""
    return service_at_location_listed(service, partner) | filled(
        **_around(service, partner),
        location=location_of(service, partner),
        service=service_with_organization(service, partner),
    )


def _around(service: Row, partner: Row) -> Shape:
    """What a service and its ``service_at_location`` both say: the service's or, failing these, its partner's."""
    name, of = service["contact_name"], {"service_id": service["id"]}
    modes = [_RECEPTION_MODES.get(each, each) for each in service["reception_modes"]]
    hours = service["opening_hours"] or partner["opening_hours"]
    return {
        "phones": phones(service["id"], service["phone"] or partner["phone"], **of),
        "contacts": [{"id": part_id(service["id"], "contact"), "name": name, **of}] if name else [],
        "schedules": schedules(service["id"], hours, attending_type=", ".join(modes) or None, **of),
        "service_areas": [area_of(service["id"], each) for each in service["areas"] if may_say(each, service, partner)],
    }


def _lines(texts: Iterable[str | None]) -> str | None:
    return "\n".join(each for each in texts if each) or None


def _attributes(row: Row, words: Iterable[tuple[str, str]], *, entity: str) -> list[Shape]:
    """The terms that a row carries; a word that its taxonomy does not have is said as it is, and so is the producer."""
    found = []
    for kind, code in words:
        said = {"id": part_id(row["id"], "attribute", kind, code), "link_id": row["id"], "link_entity": entity}
        known = term_of(kind, code)
        if known is None:
            found.append(said | {"label": kind, "value": code})
        else:
            found.append(said | {"taxonomy_term_id": known["id"], "taxonomy_term": known})
    if row["source"] != TYPED_HERE:
        said = {"id": part_id(row["id"], "attribute", "source"), "link_id": row["id"], "link_entity": entity}
        found.append(said | {"label": "source", "value": row["source"]})
    return found
