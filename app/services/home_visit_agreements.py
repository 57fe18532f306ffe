"""The employer's agreement to a home visit: asked by the worker, given by the coordinator, without a person's name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import Conflict, Invalid
from app.models.employer import HomeVisitAgreement
from app.services.clock import PARIS, now, today
from app.services.legal_bases import EMPLOYER_OF_POST
from app.services.posts_in_charge import post_in_charge
from app.statements import NewestFirst, columns, given, newest_first
from app.transactions import Reading, Writing

AGREEMENT = columns(HomeVisitAgreement)

# Who gave it: the social lanes read no account, and the agreement itself says whose it is.
GIVEN_HERE = "Accord enregistré par l’employeur"

SHOWN = select(*AGREEMENT)
ONE = SHOWN.where(AGREEMENT.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)
_asked: dict[str, Any] = {"at": AGREEMENT.proposed_at, "key": AGREEMENT.id}
NEWEST = {
    "social_worker": newest_first(SHOWN, perimeter=AGREEMENT.post_id, mine="my_posts", **_asked),
    "coordinator": newest_first(SHOWN, perimeter=AGREEMENT.employer_id, mine="my_employers", **_asked),
}


def newest_for(reading: Reading) -> NewestFirst:
    """The agreements, newest first, as the caller's role pages them."""
    return NEWEST[reading.actor.role]


async def ask(writing: Writing, *, id: UUID, post_id: UUID | None, visit_on: date, municipality: str) -> UUID:
    """Ask the employer for a visit to come. Returns the identifier of the agreement."""
    if visit_on < today():
        raise Invalid("day_today_or_later_expected", "/visit_on")
    post = await post_in_charge(writing, post_id=post_id)
    row = HomeVisitAgreement(
        id=id,
        employer_id=(await writing.row(EMPLOYER_OF_POST, post_id=post))["id"],
        post_id=post,
        visit_on=visit_on,
        municipality=municipality,
        proposed_by=writing.actor.account_id,
        proposed_at=now(),
    )
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def approve(writing: Writing, agreement_id: UUID) -> None:
    """The employer agrees, once, and before the day is over."""
    agreement = await _waiting(writing, agreement_id)
    if agreement["visit_on"] < today():
        raise Conflict("home_visit_day_is_over")
    said = {"approved_by": writing.actor.account_id, "approved_at": now()}
    await writing.change(HomeVisitAgreement, said, id=agreement_id)


async def refuse(writing: Writing, agreement_id: UUID) -> None:
    """The employer does not agree."""
    await _waiting(writing, agreement_id)
    await writing.change(HomeVisitAgreement, {"refused_at": now()}, id=agreement_id)


async def _waiting(writing: Writing, agreement_id: UUID) -> Any:
    writing.about(agreement_id)
    agreement = await writing.row(HELD, id=agreement_id)
    if agreement["approved_at"] is not None or agreement["refused_at"] is not None:
        raise Conflict("home_visit_already_answered")
    return agreement


async def as_recorded(
    reading: Reading, agreement_id: UUID, *, post_id: UUID, occurred_at: datetime
) -> dict[str, datetime | str]:
    """What a visit of that post, at that instant, records of the employer's agreement when it rests on this one."""
    agreement = await reading.seek_row(ONE, id=agreement_id)
    if agreement is None or agreement["post_id"] != post_id:
        raise Invalid("home_visit_agreement_expected", "/home_visit_agreement_id")
    if agreement["approved_at"] is None:
        raise Conflict("home_visit_not_agreed")
    if occurred_at.astimezone(PARIS).date() != agreement["visit_on"]:
        raise Invalid("home_visit_on_another_day", "/occurred_at")
    return {"employer_agreement_at": agreement["approved_at"], "employer_agreement_given_by": GIVEN_HERE}
