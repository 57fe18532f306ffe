"""Situations: opened in one call with their persons, followed, suspended, closed, reopened."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, func, literal_column, or_, select

from app.errors import Conflict, FieldError, Invalid
from app.models.columns import new_id
from app.models.social import Participation, PartnerReferralHandling, Person, ReferralHandling, Situation
from app.services import participations, referral_desks
from app.services.clock import now, today
from app.services.posts_in_charge import post_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Writing

PARTICIPATION = columns(Participation)
PERSON = columns(Person)
SITUATION = columns(Situation)

_participations = (
    select(*participations.LINE)
    .join(Person, PERSON.id == PARTICIPATION.person_id)
    .where(PARTICIPATION.situation_id == SITUATION.id)
    .order_by(PARTICIPATION.id)
    .correlate(Situation)
    .subquery("p")
)


def _handled_in(table: Any) -> Any:
    handling = columns(table)
    return (
        select(handling.referral_id)
        .where(handling.post_id == SITUATION.post_id, handling.situation_id == SITUATION.id)
        .correlate(Situation)
        .scalar_subquery()
    )


SHOWN = select(
    *SITUATION,
    func.coalesce(_handled_in(ReferralHandling), _handled_in(PartnerReferralHandling)).label("referral_id"),
    select(func.coalesce(func.json_agg(func.row_to_json(literal_column("p"))), literal_column("'[]'::json")))
    .select_from(_participations)
    .scalar_subquery()
    .label("participations"),
)
ONE = SHOWN.where(SITUATION.id == given("id", Uuid))
NEWEST = newest_first(
    SHOWN.where(or_(given("status", String).is_(None), SITUATION.status == given("status", String))),
    perimeter=SITUATION.post_id,
    mine="my_posts",
    at=SITUATION.opened_on,
    key=SITUATION.id,
)
HELD = select(*SITUATION).where(SITUATION.id == given("id", Uuid)).with_for_update(key_share=True)

# What a correction locks.
TABLE = Situation


async def open_situation(
    writing: Writing,
    *,
    post_id: UUID | None,
    referral_id: UUID | None,
    referral_source: str | None,
    participations_said: list[dict[str, Any]],
    **facts: Any,
) -> UUID:
    """Open a situation with its persons, or from a referral that it thereby accepts. Returns its identifier."""
    if referral_id is not None:
        return await open_from_referral(
            writing,
            referral_id,
            post_id=post_id,
            person_id=None,
            participations_said=participations_said,
            referral_source=referral_source,
            **facts,
        )
    if referral_source is None or not participations_said:
        needed = {"/referral_source": referral_source, "/participations": participations_said}
        raise Invalid(*(FieldError(place, "missing") for place, said in needed.items() if not said))
    post = await post_in_charge(writing, post_id=post_id)
    return await _open(writing, post, referral_source=referral_source, participations_said=participations_said, **facts)


async def open_from_referral(
    writing: Writing,
    referral_id: UUID,
    *,
    post_id: UUID | None,
    person_id: UUID | None,
    participations_said: list[dict[str, Any]] | None = None,
    referral_source: str | None = None,
    **facts: Any,
) -> UUID:
    """Accept a referral and open its situation; the person comes from what was typed, unless said otherwise."""
    desk = await referral_desks.desk_of(writing, referral_id)
    referral = await desk.decide(writing, referral_id, decision="accepted", post_id=post_id)
    pointer = "/participations/{number}" if participations_said else ""
    if not participations_said:
        known = {"person_id": person_id} if person_id else {"person": participations.person_as_typed(referral)}
        said = {name: referral[name] for name in ("person_status", "contact_consent")}
        participations_said = [{"id": new_id(), **known, **said, "known_to_social_services": "not_recorded"}]
    # No unit where a partner sent the person: none knows of her.
    facts["unit_id"] = referral.get("unit_id")
    facts["urgency"] = facts.get("urgency") or referral["urgency"]
    source = referral_source or await desk.source_of(writing, referral)
    situation_id = await _open(
        writing,
        referral["post_id"],
        referral_source=source,
        participations_said=participations_said,
        pointer=pointer,
        **facts,
    )
    await writing.change(desk.handling, {"situation_id": situation_id}, referral_id=referral_id)
    return situation_id


async def _open(
    writing: Writing,
    post: UUID,
    *,
    referral_source: str,
    participations_said: list[dict[str, Any]],
    pointer: str = "/participations/{number}",
    opened_on: date | None = None,
    **facts: Any,
) -> UUID:
    opened = _not_in_the_future(opened_on, "/opened_on")
    situation = Situation(
        post_id=post,
        status="open",
        referral_source=referral_source,
        opened_on=opened,
        opened_by=writing.actor.account_id,
        recorded_at=now(),
        **{"secondary_problems": [], **facts},
    )
    await writing.add(situation)
    writing.about(situation.id)
    for number, said in enumerate(participations_said):
        await participations.join(
            writing, post, situation.id, joined_on=opened, pointer=pointer.format(number=number), **said
        )
    return situation.id


async def correct(writing: Writing, situation_id: UUID, **facts: Any) -> None:
    """Correct the facts of a situation; what is not named does not change."""
    if "opened_on" in facts:
        _not_in_the_future(facts["opened_on"], "/opened_on")
    await writing.change(Situation, facts, id=situation_id)


async def suspend(writing: Writing, situation_id: UUID, *, suspended_on: date | None) -> None:
    """Suspend an active situation: the person asked for time, or is away."""
    situation = await _held(writing, situation_id)
    if situation["status"] == "suspended":
        raise Conflict("situation_already_suspended")
    if situation["status"] != "active":
        raise Conflict("situation_not_active")
    day = _not_in_the_future(suspended_on, "/suspended_on")
    await writing.change(Situation, {"status": "suspended", "suspended_on": day}, id=situation_id)


async def resume(writing: Writing, situation_id: UUID) -> None:
    """Resume a suspended situation."""
    situation = await _held(writing, situation_id)
    if situation["status"] != "suspended":
        raise Conflict("situation_not_suspended")
    await writing.change(Situation, {"status": "active", "suspended_on": None}, id=situation_id)


async def close(writing: Writing, situation_id: UUID, *, closure_reason: str, closed_on: date | None) -> None:
    """Close, with a reason and a day."""
    situation = await _held(writing, situation_id)
    if situation["status"] == "closed":
        raise Conflict("situation_closed")
    day = _not_in_the_future(closed_on, "/closed_on")
    if day < situation["opened_on"]:
        raise Invalid("situation_closes_before_it_opens", "/closed_on")
    await writing.change(
        Situation,
        {"status": "closed", "closed_on": day, "closure_reason": closure_reason, "suspended_on": None},
        id=situation_id,
    )


async def reopen(writing: Writing, situation_id: UUID) -> None:
    """Reopen a closed situation: it is active again (settled point 6)."""
    situation = await _held(writing, situation_id)
    if situation["status"] != "closed":
        raise Conflict("situation_not_closed")
    await writing.change(Situation, {"status": "active", "closed_on": None, "closure_reason": None}, id=situation_id)


async def _held(writing: Writing, situation_id: UUID) -> Any:
    writing.about(situation_id)
    return await writing.row(HELD, id=situation_id)


def _not_in_the_future(day: date | None, pointer: str) -> date:
    if day is not None and day > today():
        raise Invalid("day_in_the_future", pointer)
    return day or today()
