"""Passations : un poste change de mains, et rien ne passe que ce que son auteur a choisi."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import AskedPage, answer, created, listed, said
from app.routers.route import Route
from app.schemas.base import Shown
from app.schemas.handovers import (
    HandoverDraft,
    HandoverPage,
    HandoverShown,
    HandoverShownToEmployer,
    HandoverSummaries,
    HandoverSummaryShown,
)
from app.services import handover_summaries, handovers

router = APIRouter(prefix="/handovers", tags=["handovers"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]

# Publishing is an act: what each audience is shown is written here, never inherited from a table.
SHOWN: Mapping[Any, type[Shown]] = {
    handovers.WITH_ITEMS: HandoverShown,
    handovers.WITHOUT_ITEMS: HandoverShownToEmployer,
}


@router.get(
    "",
    operation_id="listHandovers",
    summary="Lister les passations, les plus récentes d'abord",
    response_model=HandoverPage,
)
async def list_handovers(reading: Annotated[Reading, may("handover:read")], asked: AskedPage) -> Response:
    newest = handovers.newest_for(reading)
    page = await reading.page(newest, HandoverShownToEmployer, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="proposeHandover",
    summary="Passer le relais d'un poste : l'employeur l'approuve",
    status_code=201,
    response_model=HandoverShown,
)
async def propose_handover(
    draft: HandoverDraft, writing: Annotated[Writing, may("handover:add", recent=True)], key: Key
) -> Response:
    handover_id = await handovers.propose(writing, key, **draft.model_dump())
    return created(await handovers.show(writing, SHOWN, handover_id), f"/v1/handovers/{handover_id}")


@router.get(
    "/{handover_id}",
    operation_id="readHandover",
    summary="Lire une passation",
    response_model=HandoverShown | HandoverShownToEmployer,
)
async def read_handover(
    handover_id: UUID, request: Request, reading: Annotated[Reading, may("handover:read")]
) -> Response:
    return answer(await handovers.show(reading, SHOWN, handover_id), request)


@router.get(
    "/{handover_id}/summaries",
    operation_id="readHandoverSummaries",
    summary="Lire les résumés que j'ai écrits, ou qu'une passation approuvée me remet",
    response_model=HandoverSummaries,
)
async def read_summaries(
    handover_id: UUID, request: Request, reading: Annotated[Reading, may("handover_summary:read")], key: Key
) -> Response:
    found = await handover_summaries.read(reading, key, handover_id)
    return listed(b"[" + b",".join(said(HandoverSummaryShown(**each)) for each in found) + b"]", request)


@router.post(
    "/{handover_id}/approve",
    operation_id="approveHandover",
    summary="Approuver une passation, pour l'employeur",
    response_model=HandoverShownToEmployer,
)
async def approve_handover(
    handover_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("handover:change", column="approved_at", recent=True)],
) -> Response:
    await handovers.approve(writing, handover_id)
    return answer(await handovers.show(writing, SHOWN, handover_id), request)


@router.post(
    "/{handover_id}/cancel",
    operation_id="cancelHandover",
    summary="Renoncer à une passation, avant qu'elle soit approuvée",
    response_model=HandoverShown,
)
async def cancel_handover(
    handover_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("handover:change", column="cancelled_at")],
) -> Response:
    await handovers.cancel(writing, handover_id)
    return answer(await handovers.show(writing, SHOWN, handover_id), request)
