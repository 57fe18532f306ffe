"""Referrals by a partner: a person directed to one post, of whom no unit ever knows.

Two rows, two circles, as for those of a unit (``referrals``): what the partner typed (``exchange.referral``) changes
only by an act of the partner or by an explicit feedback; what the social worker does
(``social.partner_referral_handling``) never shows on the partner's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, case, func, literal, or_, select

from app.errors import Conflict, Invalid, NotFound
from app.models.directory import Partner
from app.models.exchange import PartnerReferral
from app.models.organisation import Post
from app.models.social import PartnerReferralHandling
from app.nomenclature.terms import term
from app.services.clock import now, today
from app.services.posts_in_charge import partner_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Reading, Writing

HANDLING = columns(PartnerReferralHandling)
PARTNER = columns(Partner)
POST = columns(Post)
REFERRAL = columns(PartnerReferral)

STATUS = case(
    (REFERRAL.withdrawn_at.is_not(None), literal("withdrawn")),
    (HANDLING.decision.is_not(None), HANDLING.decision),
    (HANDLING.received_at.is_not(None), literal("received")),
    else_=literal("sent"),
)

AS_THE_PARTNER_SEES = select(*REFERRAL)
AS_THE_WORKER_SEES = (
    select(
        *REFERRAL,
        PARTNER.name.label("partner_name"),
        PARTNER.partner_category,
        STATUS.label("status"),
        HANDLING.received_at,
        HANDLING.decision,
        HANDLING.decided_at,
        HANDLING.redirected_to,
        HANDLING.situation_id,
    )
    .join(Partner, PARTNER.id == REFERRAL.partner_id)
    .outerjoin(PartnerReferralHandling, and_(HANDLING.post_id == REFERRAL.post_id, HANDLING.referral_id == REFERRAL.id))
)

THE_PARTNER_SEES = AS_THE_PARTNER_SEES.where(REFERRAL.id == given("id", Uuid))
THE_WORKER_SEES = AS_THE_WORKER_SEES.where(REFERRAL.id == given("id", Uuid))

_SENT: dict[str, Any] = {"at": REFERRAL.sent_at, "key": REFERRAL.id}
NEWEST_OF_THE_PARTNER = newest_first(AS_THE_PARTNER_SEES, perimeter=REFERRAL.partner_id, mine="my_partners", **_SENT)
# ``waiting`` keeps the referrals that wait for a decision; absent, everything.
NEWEST_FOR_THE_WORKER = newest_first(
    AS_THE_WORKER_SEES.where(
        or_(
            given("waiting", Boolean).is_(None),
            given("waiting", Boolean) == (HANDLING.decision.is_(None) & REFERRAL.withdrawn_at.is_(None)),
        )
    ),
    perimeter=REFERRAL.post_id,
    mine="my_posts",
    **_SENT,
)

HELD = select(*HANDLING).where(HANDLING.referral_id == given("id", Uuid)).with_for_update(key_share=True)
HELD_BY_THE_PARTNER = (
    select(REFERRAL.withdrawn_at).where(REFERRAL.id == given("id", Uuid)).with_for_update(key_share=True)
)
POST_IN_SERVICE = select(POST.id).where(
    POST.id == given("id", Uuid),
    POST.starts_on <= func.access.today(),
    or_(POST.ends_on.is_(None), POST.ends_on >= func.access.today()),
)

# Where a situation comes from (list referral_source), by the category of the partner that directs the person (list
# partner_category). The national grid counts sources more coarsely than the directory sorts its partners: a category
# that is not here has no source of its own. Never a unit, even for a partner of the police: no unit sent it.
SOURCES: Mapping[str, str] = {
    "departmental_social_service": "departmental_social_service",
    "child_protection_crip": "departmental_social_service",
    "ccas_cias": "ccas_cias",
    "victim_support": "victim_support_association",
    "womens_rights_cidff": "specialised_association",
    "violence_specialised": "specialised_association",
    "perpetrator_programme": "specialised_association",
    "pmi": "health_service",
    "hospital_emergency_umj": "health_service",
    "mental_health_service": "health_service",
    "addiction_service": "health_service",
    "general_practitioner": "health_service",
    "psychologist": "health_service",
    "school_social_service": "school",
    "access_to_law": "justice",
    "prosecutor": "justice",
    "family_judge_court": "justice",
    "pjj_spip": "justice",
    "other_iscg": "other_iscg",
}
NO_SOURCE_OF_ITS_OWN = "other"


async def send(writing: Writing, *, partner_id: UUID | None, post_id: UUID, **typed: Any) -> UUID:
    """The partner directs a person to a post. Returns the identifier of the referral."""
    partner_id = await partner_in_charge(writing, partner_id=partner_id)
    if await writing.seek_row(POST_IN_SERVICE, id=post_id) is None:
        raise Invalid("post_in_service_expected", "/post_id")
    referral = PartnerReferral(
        partner_id=partner_id,
        post_id=post_id,
        sent_by=writing.actor.account_id,
        sent_at=now(),
        **typed,
    )
    await writing.add(referral)
    writing.about(referral.id)
    return referral.id


async def withdraw(writing: Writing, referral_id: UUID) -> None:
    """The partner takes its referral back. Answered the same whatever the social worker did meanwhile."""
    writing.about(referral_id)
    await writing.row(THE_PARTNER_SEES, id=referral_id)
    # Row rules let nobody take a referral that is withdrawn already: what is done is not undone.
    if await writing.seek_row(HELD_BY_THE_PARTNER, id=referral_id) is None:
        raise Conflict("referral_already_withdrawn")
    await writing.change(PartnerReferral, {"withdrawn_at": now()}, id=referral_id)


async def receive(writing: Writing, referral_id: UUID, *, post_id: UUID | None) -> Any:
    """First act of a social worker on a referral to her post; ``post_id``, if said, is that one. Returns it."""
    writing.about(referral_id)
    referral = await writing.row(THE_WORKER_SEES, id=referral_id)
    if post_id not in (None, referral["post_id"]):
        raise Invalid("post_expected", "/post_id")
    if referral["withdrawn_at"] is not None:
        raise Conflict("referral_withdrawn")
    if referral["received_at"] is None:
        await writing.add_or_keep(
            PartnerReferralHandling(
                referral_id=referral_id,
                post_id=referral["post_id"],
                received_at=now(),
                received_by=writing.actor.account_id,
            )
        )
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
        PartnerReferralHandling,
        {
            "decision": term("referral_decision", decision).code,
            "decided_at": now(),
            "redirected_to": redirected_to,
        },
        referral_id=referral_id,
    )
    return referral


async def answer_the_partner(writing: Writing, referral_id: UUID, *, feedback_code: str, post_id: UUID | None) -> None:
    """Publish a closed code to the partner; nothing else of what the post does goes back."""
    await receive(writing, referral_id, post_id=post_id)
    try:
        await writing.change(PartnerReferral, {"feedback_code": feedback_code, "feedback_on": today()}, id=referral_id)
    except NotFound:
        # Withdrawn meanwhile: the row rule lets nobody answer any more.
        raise Conflict("referral_withdrawn") from None


async def source_of(_: Reading, referral: Any) -> str:
    """Referral source of a partner, by its category."""
    return term("referral_source", SOURCES.get(referral["partner_category"], NO_SOURCE_OF_ITS_OWN)).code
