"""Accord de l'employeur à une visite à domicile : un jour, une commune, jamais chez qui."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.routers.route import Route
from app.schemas.home_visit_agreements import (
    HomeVisitAgreementDraft,
    HomeVisitAgreementPage,
    HomeVisitAgreementShown,
)
from app.services import home_visit_agreements

router = APIRouter(prefix="/home-visit-agreements", tags=["home-visit-agreements"], route_class=Route)

MayRead = Annotated[Reading, may("home_visit_agreement:read")]


@router.get(
    "",
    operation_id="listHomeVisitAgreements",
    summary="Lister les accords de visite à domicile, les plus récents d'abord",
    response_model=HomeVisitAgreementPage,
)
async def list_agreements(reading: MayRead, asked: AskedPage) -> Response:
    newest = home_visit_agreements.newest_for(reading)
    page = await reading.page(newest, HomeVisitAgreementShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="askHomeVisitAgreement",
    summary="Demander à l'employeur son accord à une visite à domicile",
    status_code=201,
    response_model=HomeVisitAgreementShown,
)
async def ask_agreement(
    draft: HomeVisitAgreementDraft, writing: Annotated[Writing, may("home_visit_agreement:add")]
) -> Response:
    agreement_id = await home_visit_agreements.ask(writing, **draft.model_dump())
    body = await writing.show(home_visit_agreements.ONE, HomeVisitAgreementShown, id=agreement_id)
    return created(body, f"/v1/home-visit-agreements/{agreement_id}")


@router.get(
    "/{agreement_id}",
    operation_id="readHomeVisitAgreement",
    summary="Lire un accord de visite à domicile",
    response_model=HomeVisitAgreementShown,
)
async def read_agreement(agreement_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(home_visit_agreements.ONE, HomeVisitAgreementShown, id=agreement_id), request)


@router.post(
    "/{agreement_id}/approve",
    operation_id="approveHomeVisit",
    summary="Donner l'accord de l'employeur à une visite à domicile",
    response_model=HomeVisitAgreementShown,
)
async def approve_home_visit(
    agreement_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("home_visit_agreement:change", column="approved_at")],
) -> Response:
    await home_visit_agreements.approve(writing, agreement_id)
    return answer(await writing.show(home_visit_agreements.ONE, HomeVisitAgreementShown, id=agreement_id), request)


@router.post(
    "/{agreement_id}/refuse",
    operation_id="refuseHomeVisit",
    summary="Refuser l'accord de l'employeur à une visite à domicile",
    response_model=HomeVisitAgreementShown,
)
async def refuse_home_visit(
    agreement_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("home_visit_agreement:change", column="refused_at")],
) -> Response:
    await home_visit_agreements.refuse(writing, agreement_id)
    return answer(await writing.show(home_visit_agreements.ONE, HomeVisitAgreementShown, id=agreement_id), request)
