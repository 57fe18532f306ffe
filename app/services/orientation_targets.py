"""Where an orientation goes: a service, or a partner, or at least a category of partners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, select

from app.errors import Conflict, FieldError, Invalid
from app.models.directory import Partner, Service
from app.nomenclature.terms import term
from app.statements import columns, given
from app.transactions import Reading

PARTNER = columns(Partner)
SERVICE = columns(Service)

TARGET_SERVICE = (
    select(SERVICE.id.label("service_id"), PARTNER.id.label("partner_id"), PARTNER.partner_category, PARTNER.name)
    .join(Partner, PARTNER.id == SERVICE.partner_id)
    .where(SERVICE.id == given("service_id", Uuid), SERVICE.ended_on.is_(None), PARTNER.ended_on.is_(None))
)
TARGET_PARTNER = select(PARTNER.id.label("partner_id"), PARTNER.partner_category, PARTNER.name).where(
    PARTNER.id == given("partner_id", Uuid), PARTNER.ended_on.is_(None)
)


DESTINATION = ("partner_category", "partner_id", "service_id")


async def target_of(reading: Reading, said: Mapping[str, Any], *, otherwise: str | None = None) -> dict[str, Any]:
    """Where to; what the narrower one implies is filled in. ``otherwise`` is the category when nothing names one."""
    found: Any = None
    if said.get("service_id") is not None:
        found = await reading.seek_row(TARGET_SERVICE, service_id=said["service_id"])
        if found is None or said.get("partner_id") not in (None, found["partner_id"]):
            raise Invalid("partner_service_unknown", "/service_id")
    elif said.get("partner_id") is not None:
        found = await reading.seek_row(TARGET_PARTNER, partner_id=said["partner_id"])
        if found is None:
            raise Invalid("partner_unknown", "/partner_id")
    category = said.get("partner_category") or (found and found["partner_category"]) or otherwise
    if category is None:
        raise Invalid(FieldError("/partner_category", "missing"))
    return {
        "partner_category": category,
        "partner_id": found and found["partner_id"],
        "service_id": said.get("service_id"),
    }


def refuse_mediation(main_problem: str | None, *, need_type: str | None, partner_category: str) -> None:
    """Family mediation is never proposed where the couple is violent (domain 4.7)."""
    if main_problem is None or not term("problem_type", main_problem).says("forbids_family_mediation"):
        return
    met = need_type is not None and term("need_type", need_type).says("mediates_between_parties")
    if met or term("partner_category", partner_category).says("mediates_between_parties"):
        raise Conflict("mediation_forbidden")
