"""Saisines, des unités et des partenaires."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic.config import JsonDict

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.routers.bodies import said_by
from app.routers.route import Route
from app.schemas.base import Draft, Nothing, Shown
from app.schemas.partner_referrals import (
    PartnerReferralDraft,
    PartnerReferralPage,
    PartnerReferralPageToPartner,
    PartnerReferralShown,
    PartnerReferralShownToPartner,
)
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
from app.services import referral_desks, situations
from app.services.referral_desks import View

router = APIRouter(prefix="/referrals", tags=["referrals"], route_class=Route)

# Publishing is an act: what each audience is shown is written here, never inherited from a table.
SHOWN: dict[View, type[Shown]] = {
    referral_desks.TO_THE_UNIT: ReferralShownToUnit,
    referral_desks.TO_THE_PARTNER: PartnerReferralShownToPartner,
    referral_desks.OF_UNITS_TO_THE_WORKER: ReferralShown,
    referral_desks.OF_PARTNERS_TO_THE_WORKER: PartnerReferralShown,
}
DraftOfTheSender = Annotated[Draft, said_by({"police_officer": ReferralDraft, "partner": PartnerReferralDraft})]
FOR_THE_WORKER: JsonDict = {"x-shown-to": ["social_worker"]}
MayWithdraw = Annotated[Writing, may("referral:change", column="withdrawn_at")]
MayAnswer = Annotated[Writing, may("referral:change", column="feedback_code")]
MayDecide = Annotated[Writing, may("referral_handling:change")]


@router.get(
    "",
    operation_id="listReferrals",
    summary="Lister les saisines, les plus récentes d'abord",
    response_model=ReferralPage | ReferralPageToUnit | PartnerReferralPage | PartnerReferralPageToPartner,
)
async def list_referrals(
    reading: Annotated[Reading, may("referral:read")],
    asked: AskedPage,
    waiting: Annotated[
        bool | None,
        Query(description="Pour l'intervenant social : en attente de décision.", json_schema_extra=FOR_THE_WORKER),
    ] = None,
    sender: Annotated[
        Literal["units", "partners"] | None,
        Query(
            alias="from",
            description="Pour l'intervenant social : de qui ; des unités, si rien n'est dit.",
            json_schema_extra=FOR_THE_WORKER,
        ),
    ] = None,
) -> Response:
    view = referral_desks.view_asked(reading, sender=sender, waiting=waiting)
    page = await reading.page(view.newest, SHOWN[view], limit=asked.limit, after=asked.after(reading), waiting=waiting)
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="sendReferral",
    summary="Envoyer une saisine",
    status_code=201,
    response_model=ReferralShownToUnit | PartnerReferralShownToPartner,
)
async def send_referral(writing: Annotated[Writing, may("referral:add")], draft: DraftOfTheSender) -> Response:
    referral_id = await referral_desks.send(writing, **draft.model_dump())
    return created(await referral_desks.show(writing, SHOWN, referral_id), f"/v1/referrals/{referral_id}")


@router.get(
    "/{referral_id}",
    operation_id="readReferral",
    summary="Lire une saisine",
    response_model=ReferralShown | ReferralShownToUnit | PartnerReferralShown | PartnerReferralShownToPartner,
)
async def read_referral(
    referral_id: UUID, request: Request, reading: Annotated[Reading, may("referral:read")]
) -> Response:
    return answer(await referral_desks.show(reading, SHOWN, referral_id), request)


@router.post(
    "/{referral_id}/withdraw",
    operation_id="withdrawReferral",
    summary="Retirer une saisine de son unité, ou de son organisme",
    response_model=ReferralShownToUnit | PartnerReferralShownToPartner,
)
async def withdraw_referral(
    referral_id: UUID,
    request: Request,
    writing: MayWithdraw,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await referral_desks.withdraw(writing, referral_id)
    return answer(await referral_desks.show(writing, SHOWN, referral_id), request)


@router.post(
    "/{referral_id}/accept",
    operation_id="acceptReferral",
    status_code=201,
    summary="Accepter une saisine : la situation s'ouvre avec la personne",
    response_model=SituationShown,
)
async def accept_referral(referral_id: UUID, draft: AcceptanceDraft, writing: MayDecide) -> Response:
    situation_id = await situations.open_from_referral(writing, referral_id, **draft.model_dump())
    body = await writing.show(situations.ONE, SituationShown, id=situation_id)
    return created(body, f"/v1/situations/{situation_id}")


@router.post(
    "/{referral_id}/redirect",
    operation_id="redirectReferral",
    summary="Réorienter une saisine",
    response_model=ReferralShown | PartnerReferralShown,
)
async def redirect_referral(
    referral_id: UUID, draft: RedirectionDraft, request: Request, writing: MayDecide
) -> Response:
    await referral_desks.decide(writing, referral_id, decision="redirected", **draft.model_dump())
    return answer(await referral_desks.show(writing, SHOWN, referral_id), request)


@router.post(
    "/{referral_id}/reject",
    operation_id="rejectReferral",
    summary="Écarter une saisine hors champ",
    response_model=ReferralShown | PartnerReferralShown,
)
async def reject_referral(referral_id: UUID, draft: RejectionDraft, request: Request, writing: MayDecide) -> Response:
    await referral_desks.decide(writing, referral_id, decision="rejected_out_of_scope", **draft.model_dump())
    return answer(await referral_desks.show(writing, SHOWN, referral_id), request)


@router.post(
    "/{referral_id}/feedback",
    operation_id="answerReferral",
    summary="Répondre par un code à l'unité, ou au partenaire, qui a saisi",
    response_model=ReferralShown | PartnerReferralShown,
)
async def answer_referral(referral_id: UUID, draft: FeedbackDraft, request: Request, writing: MayAnswer) -> Response:
    await referral_desks.answer(writing, referral_id, **draft.model_dump())
    return answer(await referral_desks.show(writing, SHOWN, referral_id), request)
