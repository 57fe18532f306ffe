"""Where an orientation goes: a service, or a partner, or at least a category of partners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, cast, null, select
from sqlalchemy.dialects.postgresql import array

from app.errors import Conflict, FieldError, Invalid
from app.models.directory import Partner, Service
from app.nomenclature.terms import Term, term
from app.services import participations
from app.statements import columns, given
from app.transactions import Reading

PARTNER = columns(Partner)
SERVICE = columns(Service)

TARGET_SERVICE = (
    select(
        SERVICE.id.label("service_id"),
        SERVICE.needs,
        PARTNER.id.label("partner_id"),
        PARTNER.partner_category,
        PARTNER.name,
    )
    .join(Partner, PARTNER.id == SERVICE.partner_id)
    .where(SERVICE.id == given("service_id", Uuid), SERVICE.ended_on.is_(None), PARTNER.ended_on.is_(None))
)
TARGET_PARTNER = select(
    null().label("service_id"),
    cast(array([]), ARRAY(Text)).label("needs"),
    PARTNER.id.label("partner_id"),
    PARTNER.partner_category,
    PARTNER.name,
).where(PARTNER.id == given("partner_id", Uuid), PARTNER.ended_on.is_(None))

DESTINATION = ("partner_category", "partner_id", "service_id")

# A report goes to the authority that the law names (L226-2-1 CASF; 226-14, 1° CP), by the kind of transmission.
AUTHORITIES: Mapping[str, str] = {
    "concerning_information": "child_protection_crip",
    "prosecutor_report": "prosecutor",
}


@dataclass(frozen=True)
class Target:
    """Where to: the category always, the partner and its service when they are named."""

    partner_category: str
    partner_id: UUID | None
    service_id: UUID | None
    needs: tuple[str, ...]

    @property
    def columns(self) -> dict[str, Any]:
        """As an orientation keeps it."""
        return {name: getattr(self, name) for name in DESTINATION}

    @property
    def category(self) -> Term:
        """What the official list says of it."""
        return term("partner_category", self.partner_category)


async def target_of(reading: Reading, said: Mapping[str, Any], *, otherwise: str | None = None) -> Target:
    """Where to. A partner has one category: another one said is refused. ``otherwise``: when nothing is said."""
    found: Any = None
    if said.get("service_id") is not None:
        found = await reading.seek_row(TARGET_SERVICE, service_id=said["service_id"])
        if found is None or said.get("partner_id") not in (None, found["partner_id"]):
            raise Invalid("partner_service_unknown", "/service_id")
    elif said.get("partner_id") is not None:
        found = await reading.seek_row(TARGET_PARTNER, partner_id=said["partner_id"])
        if found is None:
            raise Invalid("partner_unknown", "/partner_id")
    category = said.get("partner_category")
    if found is None:
        if category is None and otherwise is None:
            raise Invalid(FieldError("/partner_category", "missing"))
        return Target(category or otherwise or "", None, None, ())
    if category not in (None, found["partner_category"]):
        raise Invalid("category_of_the_partner_expected", "/partner_category")
    return Target(found["partner_category"], found["partner_id"], found["service_id"], tuple(found["needs"]))


def refuse_mediation(context: Mapping[str, Any], target: Target, *, need_type: str | None) -> None:
    """Family mediation is never proposed where the couple is violent (domain 4.7), under whatever name."""
    needs = [*target.needs, *([need_type] if need_type else [])]
    mediates = target.category.says("mediates_between_parties") or any(
        term("need_type", each).says("mediates_between_parties") for each in needs
    )
    if mediates and participations.forbids_mediation(context):
        raise Conflict("mediation_forbidden")


def check_recipient(target: Target, *, transmission_kind: str, fields: Iterable[str], basis: Term) -> None:
    """May these fields go there, on this basis? (``disclosure.md`` 3 and 4: the police never; secrets between social
    professionals only; a report to its own authority only; a safe address never where the other party is received.)"""
    category, named, authority = target.category, list(fields), AUTHORITIES.get(transmission_kind)
    if authority not in (None, category.code):
        raise Invalid("report_to_its_own_authority", "/partner_id")
    if named and authority is None and not category.says("receives_content"):
        raise Invalid("partner_receives_no_content", "/fields")
    if basis.says("within_social_action") and not category.says("of_social_action"):
        raise Invalid("legal_basis_not_offered", "/legal_basis")
    for number, field in enumerate(named):
        if term("transmissible_field", field).says("tells_where_she_is") and not category.says("may_know_safe_contact"):
            raise Invalid("field_not_transmissible", f"/fields/{number}")
