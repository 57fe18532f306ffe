"""From a row of our directory to data·inclusion v1. What v1 has no word for is left out; nothing is made up.

A refuge keeps its address to itself: our own key for an identifier, no place, no page of its own, and areas no finer
than a département.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.data_inclusion import vocabulary
from app.data_inclusion.correspondences import published_publics, thematics_of
from app.data_inclusion.rows import OURS

_SHORTEST_NAME, _LONGEST_NAME = 3, 150
_SHORTEST_TEXT, _LONGEST_TEXT = 5, 10_000
_COARSE: Final = ("departement:", "france")
_CUT: Final = "…"

Members = dict[str, Any]


def structure_of(partner: Mapping[str, Any]) -> Members:
    """A row of `directory.partner` as a v1 structure."""
    secret: bool = partner["address_confidential"]
    source, identifier = _identity(partner, secret=secret)
    return {
        "source": source,
        "id": identifier,
        "nom": _name(partner["name"]).rstrip(".").ljust(_SHORTEST_NAME, "."),
        "description": _presentation(partner["description"]),
        "date_maj": partner["updated_on"].isoformat(),
        "lien_source": None if secret else partner["source_url"],
        "siret": None if secret else partner["siret"],
        **_place(partner, secret=secret),
        **_contact(partner),
        "site_web": None if secret else partner["website"],
        "accessibilite_lieu": None if secret else partner["accessibility_url"],
        "reseaux_porteurs": _known(partner["networks"], vocabulary.NETWORKS),
    }


def service_of(service: Mapping[str, Any], partner: Mapping[str, Any]) -> Members:
    """A row of `directory.service` as a v1 service; `partner` has its `id`, `address_confidential` and source."""
    secret: bool = partner["address_confidential"]
    source, identifier = _identity(service, secret=secret)
    return {
        "source": source,
        "id": identifier,
        "structure_id": _identity(partner, secret=secret)[1],
        "nom": _name(service["name"]),
        "description": _presentation(service["description"]) or _name(service["name"]).ljust(_SHORTEST_TEXT, "."),
        "date_maj": service["updated_on"].isoformat(),
        "lien_source": None if secret else service["source_url"],
        "type": _word(service["service_type"], vocabulary.SERVICE_TYPES),
        "thematiques": _known(service["thematics"] or thematics_of(service["needs"]), vocabulary.THEMATICS),
        "frais": _word(service["fees"], vocabulary.FEES),
        "frais_precisions": service["fees_details"],
        "publics": published_publics(service["publics"]) or None,
        "publics_precisions": service["public_details"],
        "conditions_acces": service["conditions"],
        **_place(service, secret=secret),
        **_contact(service),
        "modes_accueil": _known(service["reception_modes"], vocabulary.RECEPTION_MODES),
        "zone_eligibilite": _zones(service["areas"], secret=secret),
        "contact_nom_prenom": service["contact_name"],
        "lien_mobilisation": None if secret else service["reach_url"],
        "modes_mobilisation": _known(service["reach_modes"], vocabulary.REACH_MODES),
        "mobilisable_par": _known(service["reached_by"], vocabulary.REACHED_BY),
        "mobilisation_precisions": service["how_to_reach"],
        "volume_horaire_hebdomadaire": service["weekly_hours"],
        "nombre_semaines": service["duration_weeks"],
    }


def _identity(row: Mapping[str, Any], *, secret: bool) -> tuple[str, str]:
    """Source and identifier: the producer's for an imported row, our own otherwise and for a refuge."""
    if secret or row["source_id"] is None:
        return OURS, f"{OURS}--{row['id']}"
    return row["source"], row["source_id"]


def _place(row: Mapping[str, Any], *, secret: bool) -> Members:
    said = {
        "commune": row["municipality"],
        "code_postal": row["postcode"],
        "code_insee": row["commune_code"],
        "adresse": row["street"],
        "complement_adresse": row["street_extra"],
        "longitude": row["longitude"],
        "latitude": row["latitude"],
    }
    # The database keeps none of it for a refuge; this does not rely on it.
    return dict.fromkeys(said) if secret else said


def _contact(row: Mapping[str, Any]) -> Members:
    return {"telephone": row["phone"], "courriel": row["email"], "horaires_accueil": row["opening_hours"]}


def _zones(areas: Iterable[str], *, secret: bool) -> list[str] | None:
    kept = [area for area in areas if not secret or area.startswith(_COARSE)]
    return [area.partition(":")[2] or area for area in kept] or None


def _known(words: Iterable[str], known: frozenset[str]) -> list[str] | None:
    """The words that v1 publishes, each once; `None` rather than an empty list, which v1 refuses here and there."""
    return list(dict.fromkeys(word for word in words if word in known)) or None


def _word(word: str | None, known: frozenset[str]) -> str | None:
    return word if word in known else None


def _name(name: str) -> str:
    """A name of 3 to 150 characters: points fill one that is too short, a longer one is cut."""
    whole = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + _CUT
    return whole.ljust(_SHORTEST_NAME, ".")


def _presentation(text: str | None) -> str | None:
    if text is None or len(text) < _SHORTEST_TEXT:
        return None
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1].rstrip() + _CUT
