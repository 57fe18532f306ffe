"""Referrals (saisines): the unit sends and withdraws; the social worker receives, decides, answers by a code.

Two rows, two circles: what the unit typed (``shared.referral``) changes only by an act of the unit or by an explicit
feedback; what the social worker does (``social.referral_handling``) never shows on the unit's side.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, case, literal, or_, select

from app.errors import Conflict, NotFound
from app.models.shared import Referral
from app.models.social import ReferralHandling
from app.nomenclature.terms import term
from app.services.clock import now, today
from app.services.posts_in_charge import post_in_charge, unit_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Writing

REFERRAL = columns(Referral)
REFERRAL_HANDLING = columns(ReferralHandling)

TYPED: tuple[Any, ...] = tuple(REFERRAL)

STATUS = case(
    (REFERRAL.withdrawn_at.is_not(None), literal("withdrawn")),
    (REFERRAL_HANDLING.decision.is_not(None), REFERRAL_HANDLING.decision),
    (REFERRAL_HANDLING.received_at.is_not(None), literal("received")),
    else_=literal("sent"),
)

AS_THE_UNIT_SEES = select(*TYPED)
AS_THE_WORKER_SEES = select(
    *TYPED,
    STATUS.label("status"),
    REFERRAL_HANDLING.post_id,
    REFERRAL_HANDLING.received_at,
    REFERRAL_HANDLING.decision,
    REFERRAL_HANDLING.decided_at,
    REFERRAL_HANDLING.redirected_to,
    REFERRAL_HANDLING.situation_id,
).outerjoin(ReferralHandling, REFERRAL_HANDLING.referral_id == REFERRAL.id)

THE_UNIT_SEES = AS_THE_UNIT_SEES.where(REFERRAL.id == given("id", Uuid))
THE_WORKER_SEES = AS_THE_WORKER_SEES.where(REFERRAL.id == given("id", Uuid))

IN_UNIT = {"perimeter": REFERRAL.unit_id, "mine": "my_units", "at": REFERRAL.sent_at, "key": REFERRAL.id}
NEWEST_OF_THE_UNIT = newest_first(AS_THE_UNIT_SEES, **IN_UNIT)
# ``waiting`` keeps the referrals that wait for a decision; absent, everything.
NEWEST_FOR_THE_WORKER = newest_first(
    AS_THE_WORKER_SEES.where(
        or_(
            given("waiting", Boolean).is_(None),
            given("waiting", Boolean) == (REFERRAL_HANDLING.decision.is_(None) & REFERRAL.withdrawn_at.is_(None)),
        )
    ),
    **IN_UNIT,
)

HELD = (
    select(*REFERRAL_HANDLING).where(REFERRAL_HANDLING.referral_id == given("id", Uuid)).with_for_update(key_share=True)
)
HELD_BY_THE_UNIT = select(REFERRAL.withdrawn_at).where(REFERRAL.id == given("id", Uuid)).with_for_update(key_share=True)


async def send(writing: Writing, *, unit_id: UUID | None, **typed: Any) -> UUID:
    """The officer sends a person to the social worker. Returns the identifier of the referral."""
    referral = Referral(
        unit_id=await unit_in_charge(writing, unit_id=unit_id),
        sent_by=writing.actor.account_id,
        sent_at=now(),
        **typed,
    )
    await writing.add(referral)
    writing.about(referral.id)
    return referral.id


async def withdraw(writing: Writing, referral_id: UUID) -> None:
    """The unit takes its referral back. Answered the same whatever the social worker did meanwhile."""
    writing.about(referral_id)
    await writing.row(THE_UNIT_SEES, id=referral_id)
    # Row rules let nobody take a referral that is withdrawn already: what is done is not undone.
    if await writing.seek_row(HELD_BY_THE_UNIT, id=referral_id) is None:
        raise Conflict("referral_already_withdrawn")
    await writing.change(Referral, {"withdrawn_at": now()}, id=referral_id)


async def receive(writing: Writing, referral_id: UUID, *, post_id: UUID | None) -> Any:
    """First act of a social worker on a referral: from now on a post has it. Returns the referral."""
    writing.about(referral_id)
    referral = await writing.row(THE_WORKER_SEES, id=referral_id)
    if referral["withdrawn_at"] is not None:
        raise Conflict("referral_withdrawn")
    if referral["received_at"] is None:
        post = await post_in_charge(writing, post_id=post_id, unit_id=referral["unit_id"])
        await writing.add_or_keep(
            ReferralHandling(
                referral_id=referral_id,
                unit_id=referral["unit_id"],
                post_id=post,
                received_at=now(),
                received_by=writing.actor.account_id,
            )
        )
        referral = await writing.row(THE_WORKER_SEES, id=referral_id)
        if referral["received_at"] is None:
            raise Conflict("referral_taken_by_another_post")
    return referral


async def decide(
    writing: Writing,
    referral_id: UUID,
    *,
    decision: str,
    post_id: UUID | None,
    redirected_to: str | None = None,
) -> Any:
    """Accept, redirect or reject, once. Returns the referral as it stood. 409 when it is already decided."""
    referral = await receive(writing, referral_id, post_id=post_id)
    # Locked: of two workers who decide together, the second is told so.
    if (await writing.row(HELD, id=referral_id))["decision"] is not None:
        raise Conflict("referral_already_decided")
    if (await writing.row(THE_WORKER_SEES, id=referral_id))["withdrawn_at"] is not None:
        raise Conflict("referral_withdrawn")
    await writing.change(
        ReferralHandling,
        {
            "decision": term("referral_decision", decision).code,
            "decided_at": now(),
            "redirected_to": redirected_to,
        },
        referral_id=referral_id,
    )
    return referral


async def answer_the_unit(writing: Writing, referral_id: UUID, *, feedback_code: str, post_id: UUID | None) -> None:
    """Publish a closed code to the unit: the only way from the social side to the police side."""
    await receive(writing, referral_id, post_id=post_id)
    try:
        await writing.change(Referral, {"feedback_code": feedback_code, "feedback_on": today()}, id=referral_id)
    except NotFound:
        # Withdrawn meanwhile: the row rule lets nobody answer any more.
        raise Conflict("referral_withdrawn") from None
