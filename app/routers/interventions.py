"""Interventions : entretiens, démarches, liaisons."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created
from app.routers.route import Route
from app.schemas.interventions import (
    InterventionDraft,
    InterventionPage,
    InterventionPatch,
    InterventionShown,
)
from app.services import interventions

router = APIRouter(prefix="/interventions", tags=["interventions"], route_class=Route)


@router.get(
    "",
    operation_id="listInterventions",
    summary="Lister les interventions, les plus récentes d'abord",
    response_model=InterventionPage,
)
async def list_interventions(
    reading: Annotated[Reading, may("intervention:read")],
    asked: AskedPage,
    participation_id: Annotated[UUID | None, Query(description="D'une seule personne dans une situation.")] = None,
    situation_id: Annotated[UUID | None, Query(description="D'une seule situation.")] = None,
) -> Response:
    page = await reading.page(
        interventions.NEWEST,
        InterventionShown,
        limit=asked.limit,
        after=asked.after(reading),
        participation_id=participation_id,
        situation_id=situation_id,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="recordIntervention",
    summary="Enregistrer une intervention",
    status_code=201,
    response_model=InterventionShown,
)
async def record_intervention(
    draft: InterventionDraft, writing: Annotated[Writing, may("intervention:add")]
) -> Response:
    intervention_id = await interventions.record(writing, **draft.model_dump())
    body = await writing.show(interventions.ONE, InterventionShown, id=intervention_id)
    return created(body, f"/v1/interventions/{intervention_id}")


@router.get(
    "/{intervention_id}",
    operation_id="readIntervention",
    summary="Lire une intervention",
    response_model=InterventionShown,
)
async def read_intervention(
    intervention_id: UUID, request: Request, reading: Annotated[Reading, may("intervention:read")]
) -> Response:
    return answer(await reading.show(interventions.ONE, InterventionShown, id=intervention_id), request)


@router.patch(
    "/{intervention_id}",
    operation_id="correctIntervention",
    summary="Corriger une intervention",
    response_model=InterventionShown,
)
async def correct_intervention(
    intervention_id: UUID,
    patch: InterventionPatch,
    request: Request,
    writing: Annotated[Writing, may("intervention:change")],
    seen: IfMatch,
) -> Response:
    table = interventions.TABLE
    seen.holds_for(await writing.hold(interventions.ONE, InterventionShown, table, id=intervention_id))
    await interventions.correct(writing, intervention_id, **patch.said())
    return answer(await writing.show(interventions.ONE, InterventionShown, id=intervention_id), request)
