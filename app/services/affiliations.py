"""What each role may be posted to, and who has an employer: said once, for the API and for the operator alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, cast, select
from sqlalchemy.dialects.postgresql import array

from app.errors import FieldError, Invalid
from app.models.directory import Partner
from app.nomenclature.terms import LISTS
from app.statements import columns, given
from app.transactions import Reading

PARTNER = columns(Partner)

PLACES: Final[Mapping[str, str]] = {
    "social_worker": "post_id",
    "police_officer": "unit_id",
    "unit_commander": "unit_id",
    "partner": "partner_id",
}
"""Where a role is posted; the others are posted nowhere."""
KINDS_OF_PLACE: Final = ("unit_id", "post_id", "partner_id")
EMPLOYED: Final = frozenset({"social_worker", "coordinator", "observatory"})
ALWAYS_EMPLOYED: Final = frozenset({"coordinator"})
"""A coordinator is that of an employer; an observatory without one follows them all."""
PROFESSIONAL: Final = frozenset({"social_worker"})
"""Who has a diploma of social work, and a secrecy that rests on it or on the mission."""

# Who answers for a partner reads what is transmitted to it: never the police, the prosecutor, a judge.
RECEIVING: Final = [each.code for each in LISTS["partner_category"].terms if each.says("receives_content")]
RECEIVING_PARTNER = select(PARTNER.name).where(
    PARTNER.id == given("id", Uuid), PARTNER.partner_category == any_(cast(array(RECEIVING), ARRAY(Text)))
)


def check_employer(role: str, employer_id: UUID | None) -> None:
    """``Invalid`` unless an account of this role may have this employer, or none."""
    if employer_id is not None and role not in EMPLOYED:
        raise Invalid("employer_not_of_this_role", "/employer_id")
    if employer_id is None and role in ALWAYS_EMPLOYED:
        raise Invalid("employer_of_coordinator_expected", "/employer_id")


def check_profession(role: str, **said: str | None) -> None:
    """``Invalid`` for a diploma, or a basis of secrecy, of someone who is no social worker."""
    if role not in PROFESSIONAL and (told := [name for name, code in said.items() if code is not None]):
        raise Invalid(*(FieldError(f"/{name}", "not_of_this_role") for name in told))


def check_kind_of_place(role: str, kind: str, *, at: str = "") -> None:
    """``Invalid`` unless this role is posted to this kind of place (``unit_id``, ``post_id``, ``partner_id``)."""
    if PLACES.get(role) != kind:
        raise Invalid("place_not_of_this_role", f"{at}/{kind}")


def place_named(places: Mapping[str, UUID | None], *, at: str = "") -> str:
    """The one kind of place that is named; ``Invalid`` when there is none, or several."""
    named = [kind for kind in KINDS_OF_PLACE if places.get(kind) is not None]
    if len(named) != 1:
        raise Invalid("one_place_expected", at or "/account_id")
    return named[0]


async def check_place(reading: Reading, role: str, places: Mapping[str, UUID | None], *, at: str = "") -> None:
    """``Invalid`` unless the one place named suits the role, and, if a partner, may be transmitted something."""
    kind = place_named(places, at=at)
    check_kind_of_place(role, kind, at=at)
    if kind == "partner_id":
        await check_partner(reading, places[kind], at=at)


async def check_partner(reading: Reading, partner_id: Any, *, at: str = "") -> None:
    """``Invalid`` unless this partner of the directory may be transmitted what is said of persons."""
    if await reading.seek_row(RECEIVING_PARTNER, id=partner_id) is None:
        raise Invalid("receiving_partner_expected", f"{at}/partner_id")
