"""Saisines."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.schemas.base import Nothing, Shown
from app.schemas.referrals import (
    AcceptanceDraft,
    FeedbackDraft,
    RedirectionDraft,
    ReferralDraft,
    ReferralPage,
    ReferralPageToUnit,
    ReferralShown,
    ReferralShownToUnit,
    RejectionDraft,
)
from app.schemas.situations import SituationShown
from app.services import referrals, situations

router = APIRouter(prefix="/referrals", tags=["referrals"])

# Publishing is an act: what each audience is shown is written here, never inherited from a table.
SHOWN_TO: dict[str, type[Shown]] = {"police_officer": ReferralShownToUnit, "social_worker": ReferralShown}


@router.get(
    "",
    operation_id="listReferrals",
    summary="Lister les saisines, les plus récentes d'abord",
    response_model=ReferralPage | ReferralPageToUnit,
)
async def list_referrals(
    reading: Annotated[Reading, may("referral:read")],
    asked: AskedPage,
    waiting: Annotated[bool | None, Query(description="Pour l'intervenant social : en attente de décision.")] = None,
) -> Response:
    _, newest = referrals.statements_for(reading, waiting=waiting)
    page = await reading.page(
        newest, SHOWN_TO[reading.actor.role], limit=asked.limit, after=asked.after(reading), waiting=waiting
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="sendReferral",
    summary="Envoyer une saisine",
    status_code=201,
    response_model=ReferralShownToUnit,
)
async def send_referral(draft: ReferralDraft, writing: Annotated[Writing, may("referral:add")]) -> Response:
    referral_id = await referrals.send(writing, **draft.model_dump())
    body = await writing.show(referrals.THE_UNIT_SEES, ReferralShownToUnit, id=referral_id)
    return created(body, f"/v1/referrals/{referral_id}")


@router.get(
    "/{referral_id}",
    operation_id="readReferral",
    summary="Lire une saisine",
    response_model=ReferralShown | ReferralShownToUnit,
)
async def read_referral(
    referral_id: UUID, request: Request, reading: Annotated[Reading, may("referral:read")]
) -> Response:
    one, _ = referrals.statements_for(reading)
    return answer(await reading.show(one, SHOWN_TO[reading.actor.role], id=referral_id), request)


@router.post(
    "/{referral_id}/withdraw",
    operation_id="withdrawReferral",
    summary="Retirer une saisine de son unité",
    response_model=ReferralShownToUnit,
)
async def withdraw_referral(
    referral_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("referral:change", column="withdrawn_at")],
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await referrals.withdraw(writing, referral_id)
    return answer(await writing.show(referrals.THE_UNIT_SEES, ReferralShownToUnit, id=referral_id), request)


@router.post(
    "/{referral_id}/accept",
    operation_id="acceptReferral",
    status_code=201,
    summary="Accepter une saisine : la situation s'ouvre avec la personne",
    response_model=SituationShown,
)
async def accept_referral(
    referral_id: UUID, draft: AcceptanceDraft, writing: Annotated[Writing, may("referral_handling:change")]
) -> Response:
    situation_id = await situations.open_from_referral(writing, referral_id, **draft.model_dump())
    body = await writing.show(situations.ONE, SituationShown, id=situation_id)
    return created(body, f"/v1/situations/{situation_id}")


@router.post(
    "/{referral_id}/redirect",
    operation_id="redirectReferral",
    summary="Réorienter une saisine",
    response_model=ReferralShown,
)
async def redirect_referral(
    referral_id: UUID,
    draft: RedirectionDraft,
    request: Request,
    writing: Annotated[Writing, may("referral_handling:change")],
) -> Response:
    await referrals.decide(writing, referral_id, decision="redirected", **draft.model_dump())
    return answer(await writing.show(referrals.THE_WORKER_SEES, ReferralShown, id=referral_id), request)


@router.post(
    "/{referral_id}/reject",
    operation_id="rejectReferral",
    summary="Écarter une saisine hors champ",
    response_model=ReferralShown,
)
async def reject_referral(
    referral_id: UUID,
    draft: RejectionDraft,
    request: Request,
    writing: Annotated[Writing, may("referral_handling:change")],
) -> Response:
    await referrals.decide(writing, referral_id, decision="rejected_out_of_scope", **draft.model_dump())
    return answer(await writing.show(referrals.THE_WORKER_SEES, ReferralShown, id=referral_id), request)


@router.post(
    "/{referral_id}/feedback",
    operation_id="answerReferral",
    summary="Répondre à l'unité par un code",
    response_model=ReferralShown,
)
async def answer_referral(
    referral_id: UUID,
    draft: FeedbackDraft,
    request: Request,
    writing: Annotated[Writing, may("referral:change", column="feedback_code")],
) -> Response:
    await referrals.answer_the_unit(writing, referral_id, **draft.model_dump())
    return answer(await writing.show(referrals.THE_WORKER_SEES, ReferralShown, id=referral_id), request)
