"""Registre des réquisitions judiciaires : jamais un accès, toujours une remise d'exacte étendue."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import AskedPage, answer, created, told_once
from app.routers.route import Route
from app.schemas.requisitions import (
    HandOverDraft,
    HandOverShown,
    RequisitionDecisionDraft,
    RequisitionDraft,
    RequisitionPage,
    RequisitionShown,
)
from app.services import requisitions

router = APIRouter(prefix="/requisitions", tags=["requisitions"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]
MayChange = Annotated[Writing, may("requisition:change")]
MayHandOver = Annotated[Writing, may("requisition:change", recent=True, leaves=True)]


@router.get(
    "",
    operation_id="listRequisitions",
    summary="Lire le registre des réquisitions, les plus récentes d'abord",
    response_model=RequisitionPage,
)
async def list_requisitions(reading: Annotated[Reading, may("requisition:read")], asked: AskedPage) -> Response:
    newest = requisitions.newest_for(reading)
    page = await reading.page(newest, RequisitionShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="recordRequisition",
    summary="Inscrire une réquisition reçue",
    status_code=201,
    response_model=RequisitionShown,
)
async def record_requisition(draft: RequisitionDraft, writing: Annotated[Writing, may("requisition:add")]) -> Response:
    requisition_id = await requisitions.record(writing, **draft.model_dump())
    body = await writing.show(requisitions.ONE, RequisitionShown, id=requisition_id)
    return created(body, f"/v1/requisitions/{requisition_id}")


@router.get(
    "/{requisition_id}",
    operation_id="readRequisition",
    summary="Lire une réquisition",
    response_model=RequisitionShown,
)
async def read_requisition(
    requisition_id: UUID, request: Request, reading: Annotated[Reading, may("requisition:read")]
) -> Response:
    return answer(await reading.show(requisitions.ONE, RequisitionShown, id=requisition_id), request)


@router.post(
    "/{requisition_id}/decide",
    operation_id="decideRequisition",
    summary="Décider de la suite donnée à une réquisition",
    response_model=RequisitionShown,
)
async def decide_requisition(
    requisition_id: UUID, draft: RequisitionDecisionDraft, request: Request, writing: MayChange
) -> Response:
    await requisitions.decide(writing, requisition_id, **draft.model_dump())
    return answer(await writing.show(requisitions.ONE, RequisitionShown, id=requisition_id), request)


@router.post(
    "/{requisition_id}/hand-over",
    operation_id="handOver",
    summary="Remettre l'exacte étendue décidée, en archive scellée",
    response_model=HandOverShown,
)
async def hand_over(requisition_id: UUID, draft: HandOverDraft, writing: MayHandOver, key: Key) -> Response:
    handed_over = await requisitions.hand_over(writing, key, requisition_id, **draft.model_dump())
    return told_once(HandOverShown(**handed_over))
