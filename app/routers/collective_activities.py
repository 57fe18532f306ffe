"""Activités collectives : instances, formations, réseau ; des séances et des nombres, aucun nom."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created
from app.routers.route import Route
from app.schemas.codes import CollectiveActivityType
from app.schemas.collective_activities import (
    CollectiveActivityDraft,
    CollectiveActivityPage,
    CollectiveActivityPatch,
    CollectiveActivityShown,
)
from app.services import collective_activities

router = APIRouter(prefix="/collective-activities", tags=["collective-activities"], route_class=Route)


@router.get(
    "",
    operation_id="listCollectiveActivities",
    summary="Lister les activités collectives, les plus récentes d'abord",
    response_model=CollectiveActivityPage,
)
async def list_collective_activities(
    reading: Annotated[Reading, may("collective_activity:read")],
    asked: AskedPage,
    collective_activity_type: Annotated[CollectiveActivityType | None, Query(description="D'une seule nature.")] = None,
) -> Response:
    page = await reading.page(
        collective_activities.NEWEST,
        CollectiveActivityShown,
        limit=asked.limit,
        after=asked.after(reading),
        collective_activity_type=collective_activity_type,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="recordCollectiveActivity",
    summary="Enregistrer une séance d'activité collective",
    status_code=201,
    response_model=CollectiveActivityShown,
)
async def record_collective_activity(
    draft: CollectiveActivityDraft, writing: Annotated[Writing, may("collective_activity:add")]
) -> Response:
    activity_id = await collective_activities.record(writing, **draft.model_dump())
    body = await writing.show(collective_activities.ONE, CollectiveActivityShown, id=activity_id)
    return created(body, f"/v1/collective-activities/{activity_id}")


@router.get(
    "/{collective_activity_id}",
    operation_id="readCollectiveActivity",
    summary="Lire une séance d'activité collective",
    response_model=CollectiveActivityShown,
)
async def read_collective_activity(
    collective_activity_id: UUID, request: Request, reading: Annotated[Reading, may("collective_activity:read")]
) -> Response:
    one = collective_activities.ONE
    return answer(await reading.show(one, CollectiveActivityShown, id=collective_activity_id), request)


@router.patch(
    "/{collective_activity_id}",
    operation_id="correctCollectiveActivity",
    summary="Corriger une séance d'activité collective",
    response_model=CollectiveActivityShown,
)
async def correct_collective_activity(
    collective_activity_id: UUID,
    patch: CollectiveActivityPatch,
    request: Request,
    writing: Annotated[Writing, may("collective_activity:change")],
    seen: IfMatch,
) -> Response:
    one, table = collective_activities.ONE, collective_activities.TABLE
    seen.holds_for(await writing.hold(one, CollectiveActivityShown, table, id=collective_activity_id))
    await collective_activities.correct(writing, collective_activity_id, **patch.said())
    return answer(await writing.show(one, CollectiveActivityShown, id=collective_activity_id), request)
