"""From a data·inclusion row to the facts of our directory: names of columns, our codes, keys that never change.

The facts leave out what v1 does not know (whether an address is secret, the day of an end, the number of places): an
import never writes it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from app.data_inclusion.correspondences import category_of, needs_of, publics_of
from app.data_inclusion.rows import Refused, ServiceRow, StructureRow
from app.references.communes import UnknownArea, commune, current_area, departement_of

NAMESPACE: Final = UUID("6f0e9a52-5d0b-4f7e-9a43-0c1d2b7e8f11")
"""The namespace of imported rows (docs/decisions/0021). It never changes: the keys of every directory hang on it."""

FRANCE: Final = "france"
_FRANCE_AS_A_COUNTRY: Final = "99100"
_COUNTRY_PREFIX: Final = "99"
_KIND_BY_LENGTH: Final[Mapping[int, str]] = {2: "departement", 3: "departement", 5: "commune", 9: "epci"}


def key_of(source: str, identifier: str) -> UUID:
    """The key of an imported row: the same each time it comes, so that an import done again adds nothing."""
    return uuid5(NAMESPACE, f"{source}\0{identifier}")


def structure_facts(row: StructureRow) -> dict[str, Any]:
    """The columns of `directory.partner` that a structure tells."""
    networks = row.reseaux_porteurs or []
    return {
        "id": key_of(row.source, row.id),
        "name": row.nom,
        "partner_category": category_of(networks),
        "description": row.description,
        "siret": row.siret,
        "website": row.site_web,
        "accessibility_url": row.accessibilite_lieu,
        "networks": networks,
        **_shared(row),
    }


def service_facts(row: ServiceRow, *, partner_departement: str | None) -> dict[str, Any]:
    """The columns of `directory.service` that a service tells; `partner_departement` is that of its structure.

    Raises Refused when its areas cannot be told.
    """
    facts = _shared(row)
    return {
        "id": key_of(row.source, row.id),
        "partner_id": key_of(row.source, row.structure_id),
        "name": row.nom,
        "description": row.description,
        "service_type": row.type,
        "needs": needs_of(row.thematiques or ()),
        "thematics": row.thematiques or [],
        "publics": publics_of(row.publics or ()),
        "public_details": row.publics_precisions,
        "conditions": row.conditions_acces,
        "areas": _areas(row.zone_eligibilite, facts["departement_code"] or partner_departement),
        "fees": row.frais,
        "fees_details": row.frais_precisions,
        "reception_modes": row.modes_accueil or [],
        "reach_modes": row.modes_mobilisation or [],
        "reached_by": row.mobilisable_par or [],
        "how_to_reach": row.mobilisation_precisions,
        "reach_url": row.lien_mobilisation,
        "contact_name": row.contact_nom_prenom,
        "weekly_hours": row.volume_horaire_hebdomadaire,
        "duration_weeks": row.nombre_semaines,
        **facts,
    }


def _shared(row: StructureRow | ServiceRow) -> dict[str, Any]:
    """Where, when, how to call, who says so."""
    place = commune(row.code_insee) if row.code_insee else None
    return {
        "phone": row.telephone,
        "email": row.courriel,
        "departement_code": departement_of(place.code) if place else None,
        "commune_code": place.code if place else None,
        "municipality": row.commune or (place.name if place else None),
        "postcode": row.code_postal,
        "street": row.adresse,
        "street_extra": row.complement_adresse,
        "longitude": row.longitude,
        "latitude": row.latitude,
        "opening_hours": row.horaires_accueil,
        "source": row.source,
        "source_id": row.id,
        "source_url": row.lien_source,
        "updated_on": row.date_maj,
    }


def _areas(zones: Iterable[str] | None, departement: str | None) -> list[str]:
    """Our areas for `zone_eligibilite`; without it, the département where the service or its structure is."""
    if zones is None:
        if departement is None:
            raise Refused("import_area_missing", "zone_eligibilite")
        return [f"departement:{departement}"]
    return list(dict.fromkeys(_area(zone) for zone in zones))


def _area(zone: str) -> str:
    if zone in (FRANCE, _FRANCE_AS_A_COUNTRY):
        return FRANCE
    kind = _KIND_BY_LENGTH.get(len(zone))
    if kind == "commune" and zone.startswith(_COUNTRY_PREFIX):
        raise Refused("import_area_abroad", "zone_eligibilite")
    try:
        return current_area(f"{kind}:{zone}")
    except UnknownArea:
        raise Refused("import_area_unknown", "zone_eligibilite") from None
