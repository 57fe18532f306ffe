"""Where people of the past were directed: towards what sort of partner, and how far it went.

A partner of the demonstration received a reference and nothing else: no field was sent, so there is nothing to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlmodel import SQLModel

from app.demo.directing import ANSWERING, OUTCOMES
from app.demo.directory import BODIES
from app.demo.past_years import PastCase, at_work
from app.demo.plan import DAY
from app.demo.shares import picked
from app.models.columns import new_id
from app.models.exchange import SentOrientation
from app.models.social import Orientation, Transmission
from app.services.orientations import REFERENCE_ALPHABET

# Of partners of the directory, then of those known by their category alone, to which nothing is transmitted.
ENDS: Final = {"proposed": 4, "declined": 12, "alone": 14, "agreed": 5, "transmitted": 65}
ENDS_ALONE: Final = {"declined": 20, "alone": 60, "agreed": 20}
ANSWERS: Final = {"taken_up": 52, "refused": 11, None: 37}
REFUSALS: Final = {"no_capacity": 45, "criteria_not_met": 25, "wrong_service": 15, "already_followed": 15}
# A need that the directory of the demonstration does not answer, and who does.
ELSEWHERE: Final = {
    "information_rights": "womens_rights_cidff", "legal_support": "access_to_law", "housing": "social_landlord",
    "emergency_accommodation": "siao_115", "psychological_support": "psychologist", "parenting_support": "pmi",
    "family_mediation": "family_mediation_space", "medical_care": "general_practitioner",
    "employment_training": "mission_locale_employment", "protection_safety": "police_gendarmerie",
    "adult_protection": "adult_protection_service", "listening_support": "violence_specialised",
    "financial_aid": "caf_msa",
}  # fmt: skip

Row = tuple[type[SQLModel], dict[str, Any]]


def orientations_of(
    rng: Random,
    ids: dict[tuple[str, str], UUID],
    case: PastCase,
    participation_id: UUID,
    needs: list[str],
    day: date,
    *,
    today: date,
) -> Iterator[Row]:
    """The rows of what was proposed for these needs on that day, in the order in which tables may be filled."""
    for need in needs:
        if rng.random() < 0.45:
            continue
        offers = [
            (key, f"{key}/{number}")
            for key, body in BODIES.items()
            for number, offer in enumerate(body.offers)
            if need in offer.needs
        ]
        if offers and (need not in ELSEWHERE or rng.random() < 0.7):
            yield from _to_a_partner(rng, ids, case, participation_id, need, day, *rng.choice(offers), today=today)
        elif need in ELSEWHERE:
            yield (
                Orientation,
                _proposed(ids, case, participation_id, need, ELSEWHERE[need], day)
                | _ended(picked(rng, ENDS_ALONE), day),
            )


def safeguarded(
    ids: dict[tuple[str, str], UUID], case: PastCase, participation_id: UUID, sent_at: datetime
) -> dict[str, Any]:
    """The line of the register for a child in danger: told to the body that collects such information."""
    return {
        "id": new_id(), "post_id": ids["post", case.post], "participation_id": participation_id,
        "transmission_kind": "concerning_information", "legal_basis": "concerning_information_l226_2_1",
        "partner_id": ids["partner", "minors"], "recipient": BODIES["minors"].name, "fields": [],
        "person_informed": "informed_before", "sent_at": sent_at, "sent_by": ids["account", case.worker],
    }  # fmt: skip


def _proposed(
    ids: dict[tuple[str, str], UUID], case: PastCase, participation_id: UUID, need: str, category: str, day: date
) -> dict[str, Any]:
    return {
        "id": new_id(), "post_id": ids["post", case.post], "participation_id": participation_id, "need_type": need,
        "partner_category": category, "proposed_on": day, "proposed_by": ids["account", case.worker],
        "recorded_at": case.opened_at, "agreed_fields": [],
    }  # fmt: skip


def _ended(end: str, day: date) -> dict[str, Any]:
    if end == "declined":
        return {"status": "declined_by_person", "declined_on": day}
    if end == "alone":
        return {"status": "self_referred_by_person", "self_referred_on": day}
    return {"status": end, "agreed_on": None if end == "proposed" else day}


def _to_a_partner(
    rng: Random,
    ids: dict[tuple[str, str], UUID],
    case: PastCase,
    participation_id: UUID,
    need: str,
    day: date,
    key: str,
    service: str,
    *,
    today: date,
) -> Iterator[Row]:
    end = picked(rng, ENDS)
    orientation = _proposed(ids, case, participation_id, need, BODIES[key].category, day) | _ended(end, day)
    orientation |= {"partner_id": ids["partner", key], "service_id": ids["service", service]}
    if end != "transmitted":
        yield Orientation, orientation
        return
    answer, sent_at = picked(rng, ANSWERS), at_work(case.opened_at + (day - case.opened_at.date()), rng)
    answered_at = at_work(sent_at + rng.randrange(1, 9) * DAY, rng)
    if answered_at.date() >= today:
        answer = None
    closed_at = max(answered_at, sent_at) + timedelta(hours=2)
    if answer is None:
        orientation |= {"status": "no_feedback", "closed_on": min(closed_at.date(), today)}
    yield Orientation, orientation
    shared = {
        "post_id": orientation["post_id"], "partner_id": orientation["partner_id"], "legal_basis": "person_agreement",
        "fields": [], "person_informed": "informed_before", "sent_at": sent_at, "sent_by": orientation["proposed_by"],
    }  # fmt: skip
    answered: dict[str, Any] = {"closed_at": closed_at} if answered_at.date() < today else {}
    if answer:
        answered |= {"acknowledged_at": answered_at, f"{answer}_at": answered_at}
        answered["answered_by"] = ids["account", ANSWERING[key]] if key in ANSWERING else None
    if answer == "refused":
        answered["refusal_reason"] = picked(rng, REFUSALS)
    elif answer and rng.random() < 0.6:
        answered |= {"outcome_code": picked(rng, OUTCOMES), "outcome_on": answered_at.date()}
    reference = "".join(rng.choices(REFERENCE_ALPHABET, k=8))
    yield (
        SentOrientation,
        {
            **shared,
            **answered,
            "id": orientation["id"],
            "service_id": orientation["service_id"],
            "reference": f"OR-{reference[:4]}-{reference[4:]}",
        },
    )
    yield Transmission, {
        **shared, "id": new_id(), "participation_id": participation_id, "transmission_kind": "orientation",
        "orientation_id": orientation["id"], "recipient": BODIES[key].name, "agreed_on": day,
    }  # fmt: skip
