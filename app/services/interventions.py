"""Interventions: what was done, for whom, for how long; the situation's state follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, or_, select

from app.errors import Conflict, Invalid
from app.models.social import Intervention, Situation
from app.nomenclature.terms import Term, term
from app.services import home_visit_agreements, participations, situations
from app.services.clock import now
from app.services.posts_in_charge import post_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Writing

INTERVENTION = columns(Intervention)

CLEARANCE = (
    "security_service_informed_at",
    "security_service_informed_by",
    "employer_agreement_at",
    "employer_agreement_given_by",
)

EMPLOYERS_PART = ("employer_agreement_at", "employer_agreement_given_by")

SHOWN = select(*INTERVENTION)
ONE = SHOWN.where(INTERVENTION.id == given("id", Uuid))
NEWEST = newest_first(
    SHOWN.where(
        or_(
            given("participation_id", Uuid).is_(None),
            INTERVENTION.participation_id == given("participation_id", Uuid),
        ),
        or_(given("situation_id", Uuid).is_(None), INTERVENTION.situation_id == given("situation_id", Uuid)),
    ),
    perimeter=INTERVENTION.post_id,
    mine="my_posts",
    at=INTERVENTION.occurred_at,
    key=INTERVENTION.id,
)

# What a correction locks.
TABLE = Intervention


async def record(
    writing: Writing,
    *,
    participation_id: UUID | None,
    post_id: UUID | None,
    anonymous_contact: bool,
    intervention_type: str,
    outcome: str,
    occurred_at: datetime,
    home_visit_agreement_id: UUID | None = None,
    **facts: Any,
) -> UUID:
    """Record an act. A home visit needs both guarantees (job description 6.1). Returns its identifier."""
    nature = term("intervention_type", intervention_type)
    _check_instant(occurred_at)
    if home_visit_agreement_id is None:
        _check_home_visit(nature, {"occurred_at": occurred_at, **facts})
    else:
        _check_rests_on_agreement(nature, facts)
    alone = anonymous_contact or nature.says("may_lack_participation")
    if alone == (participation_id is not None):
        raise Invalid("intervention_without_participation", "/participation_id")
    situation_id = None
    if participation_id is not None:
        context = await participations.of_open_situation(writing, participation_id)
        _check_consent(nature, context["contact_consent"])
        post, situation_id = context["post_id"], context["situation_id"]
        facts["unit_id"] = facts.get("unit_id") or context["unit_id"]
        await _move_situation(writing, context, nature, outcome)
    else:
        post = await post_in_charge(writing, post_id=post_id)
    if home_visit_agreement_id is not None:
        facts |= await home_visit_agreements.as_recorded(
            writing, home_visit_agreement_id, post_id=post, occurred_at=occurred_at
        )
        _check_home_visit(nature, {"occurred_at": occurred_at, **facts})
    row = Intervention(
        post_id=post,
        situation_id=situation_id,
        participation_id=participation_id,
        intervention_type=intervention_type,
        counts_as_interview=nature.says("counts_as_interview"),
        needs_home_visit_clearance=nature.says("needs_home_visit_clearance"),
        may_lack_participation=nature.says("may_lack_participation"),
        anonymous_contact=anonymous_contact,
        outcome=outcome,
        occurred_at=occurred_at,
        recorded_by=writing.actor.account_id,
        recorded_at=now(),
        home_visit_agreement_id=home_visit_agreement_id,
        **facts,
    )
    await writing.add(row)
    writing.subject = row.id
    return row.id


async def correct(writing: Writing, intervention_id: UUID, **facts: Any) -> None:
    """Correct an act; its nature and the person it concerns do not change."""
    act = await writing.row(ONE, id=intervention_id)
    nature = term("intervention_type", act["intervention_type"])
    _check_instant(facts.get("occurred_at") or act["occurred_at"])
    if act["home_visit_agreement_id"] is not None:
        await _check_still_rests_on_agreement(writing, act, facts)
    _check_home_visit(nature, {**act, **facts})
    await writing.change(Intervention, facts, id=intervention_id)
    if act["participation_id"] is not None and "outcome" in facts:
        context = await writing.row(participations.CONTEXT, id=act["participation_id"])
        await _move_situation(writing, context, nature, facts["outcome"])


async def _move_situation(writing: Writing, context: Any, nature: Term, outcome: str) -> None:
    if _next_state(context["status"], nature, outcome) is None:
        return
    # Locked and read again: another hand may have moved it meanwhile.
    situation = await writing.row(situations.HELD, id=context["situation_id"])
    if moved := _next_state(situation["status"], nature, outcome):
        await writing.change(Situation, {"status": moved}, id=context["situation_id"])


def _next_state(state: str, nature: Term, outcome: str) -> str | None:
    """First attempt: contact in progress. First held interview: active (settled point 6)."""
    held = nature.says("counts_as_interview") and term("intervention_outcome", outcome).says("was_held")
    if held and state in ("open", "contact_in_progress"):
        return "active"
    return "contact_in_progress" if nature.says("counts_as_contact_attempt") and state == "open" else None


def _check_consent(nature: Term, contact_consent: str) -> None:
    """Nobody is sought out against her will; if she comes of herself, the interview is welcome (domain 2.2)."""
    seeks = nature.says("counts_as_contact_attempt") and not nature.says("counts_as_interview")
    if seeks and not term("contact_consent", contact_consent).says("allows_contact"):
        raise Conflict("contact_refused")


def _check_instant(occurred_at: datetime) -> None:
    if occurred_at > now() + timedelta(minutes=5):
        raise Invalid("instant_in_the_future", "/occurred_at")


def _check_rests_on_agreement(nature: Term, facts: Any) -> None:
    """The employer's agreement is recorded here, or by the worker: not twice, and for a visit only."""
    if not nature.says("needs_home_visit_clearance"):
        raise Invalid("home_visit_expected", "/home_visit_agreement_id")
    if any(facts.get(name) is not None for name in EMPLOYERS_PART):
        raise Invalid("agreement_recorded_once", "/home_visit_agreement_id")


async def _check_still_rests_on_agreement(writing: Writing, act: Any, facts: Any) -> None:
    if any(name in facts for name in EMPLOYERS_PART):
        raise Conflict("home_visit_rests_on_an_agreement")
    await home_visit_agreements.as_recorded(
        writing,
        act["home_visit_agreement_id"],
        post_id=act["post_id"],
        occurred_at=facts.get("occurred_at") or act["occurred_at"],
    )


def _check_home_visit(nature: Term, facts: Any) -> None:
    if not nature.says("needs_home_visit_clearance"):
        return
    if any(facts.get(name) is None for name in CLEARANCE):
        raise Conflict("home_visit_without_clearance")
    if max(facts["security_service_informed_at"], facts["employer_agreement_at"]) > facts["occurred_at"]:
        raise Conflict("home_visit_cleared_too_late")
