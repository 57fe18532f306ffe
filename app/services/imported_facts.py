"""The columns that an imported row writes: what its producer says, less what was decided here by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.data_inclusion import mapping
from app.data_inclusion.correspondences import tells_a_category
from app.data_inclusion.rows import Refused, ServiceRow, StructureRow
from app.services.partners import FINE, FINE_ON_A_SERVICE, coarse_areas, folded

Known = dict[UUID, dict[str, Any]]
"""Rows that are here, by their key."""


def partner_facts(row: StructureRow) -> dict[str, Any]:
    """The facts of a structure that nobody has yet corrected here."""
    facts = mapping.structure_facts(row)
    return {**facts, "folded_name": folded(facts["name"]), "address_confidential": False}


def keeping(facts: dict[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The facts of a structure, less what was decided here: a secret address, a category."""
    if before is None:
        return facts
    kept = {"address_confidential": before["address_confidential"]}
    if not tells_a_category(facts["networks"]):
        kept["partner_category"] = before["partner_category"]
    if before["address_confidential"]:
        home = facts["departement_code"] or before["departement_code"]
        kept |= {**dict.fromkeys(FINE), "departement_code": home}
    return facts | kept


def service_facts(row: ServiceRow, partners: Known, known: Known) -> dict[str, Any]:
    """The facts of a service whose structure is here. Raises Refused."""
    partner = partners.get(mapping.key_of(row.source, row.structure_id))
    if partner is None:
        raise Refused("import_structure_unknown", "structure_id")
    facts = mapping.service_facts(row, partner_departement=partner["departement_code"])
    if facts["id"] in known and known[facts["id"]]["partner_id"] != facts["partner_id"]:
        raise Refused("import_structure_changed", "structure_id")
    facts["address_confidential"] = partner["address_confidential"]
    if partner["address_confidential"]:
        home = facts["departement_code"] or partner["departement_code"]
        facts |= dict.fromkeys(FINE_ON_A_SERVICE)
        facts |= {"departement_code": home, "areas": coarse_areas(facts["areas"], departement_code=home)}
    return facts
