"""Situations et personnes qui y prennent part."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created, listed
from app.routers.route import Route
from app.schemas.base import Nothing
from app.schemas.codes import SituationStatus
from app.schemas.situations import (
    ClosureDraft,
    ParticipationDraft,
    ParticipationInSituation,
    Participations,
    ParticipationShown,
    SituationDraft,
    SituationPage,
    SituationPatch,
    SituationShown,
    SuspensionDraft,
)
from app.services import participations, situations

router = APIRouter(prefix="/situations", tags=["situations"], route_class=Route)

MayChange = Annotated[Writing, may("situation:change")]


@router.get(
    "",
    operation_id="listSituations",
    summary="Lister les situations, les plus récentes d'abord",
    response_model=SituationPage,
)
async def list_situations(
    reading: Annotated[Reading, may("situation:read")],
    asked: AskedPage,
    status: Annotated[SituationStatus | None, Query(description="État.")] = None,
) -> Response:
    page = await reading.page(
        situations.NEWEST, SituationShown, limit=asked.limit, after=asked.after(reading), status=status
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="openSituation",
    status_code=201,
    response_model=SituationShown,
    summary="Ouvrir une situation avec ses personnes, ou depuis une saisine",
)
async def open_situation(draft: SituationDraft, writing: Annotated[Writing, may("situation:add")]) -> Response:
    said = draft.model_dump()
    situation_id = await situations.open_situation(writing, participations_said=said.pop("participations"), **said)
    body = await writing.show(situations.ONE, SituationShown, id=situation_id)
    return created(body, f"/v1/situations/{situation_id}")


@router.get(
    "/{situation_id}",
    operation_id="readSituation",
    summary="Lire une situation",
    response_model=SituationShown,
)
async def read_situation(
    situation_id: UUID, request: Request, reading: Annotated[Reading, may("situation:read")]
) -> Response:
    return answer(await reading.show(situations.ONE, SituationShown, id=situation_id), request)


@router.patch(
    "/{situation_id}",
    operation_id="correctSituation",
    summary="Corriger une situation",
    response_model=SituationShown,
)
async def correct_situation(
    situation_id: UUID, patch: SituationPatch, request: Request, writing: MayChange, seen: IfMatch
) -> Response:
    seen.holds_for(await writing.hold(situations.ONE, SituationShown, situations.TABLE, id=situation_id))
    await situations.correct(writing, situation_id, **patch.said())
    return answer(await writing.show(situations.ONE, SituationShown, id=situation_id), request)


@router.post(
    "/{situation_id}/suspend",
    operation_id="suspendSituation",
    summary="Suspendre une situation active",
    response_model=SituationShown,
)
async def suspend_situation(
    situation_id: UUID, draft: SuspensionDraft, request: Request, writing: MayChange
) -> Response:
    await situations.suspend(writing, situation_id, **draft.model_dump())
    return answer(await writing.show(situations.ONE, SituationShown, id=situation_id), request)


@router.post(
    "/{situation_id}/resume",
    operation_id="resumeSituation",
    summary="Reprendre une situation suspendue",
    response_model=SituationShown,
)
async def resume_situation(
    situation_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await situations.resume(writing, situation_id)
    return answer(await writing.show(situations.ONE, SituationShown, id=situation_id), request)


@router.post(
    "/{situation_id}/close",
    operation_id="closeSituation",
    summary="Clore une situation",
    response_model=SituationShown,
)
async def close_situation(situation_id: UUID, draft: ClosureDraft, request: Request, writing: MayChange) -> Response:
    await situations.close(writing, situation_id, **draft.model_dump())
    return answer(await writing.show(situations.ONE, SituationShown, id=situation_id), request)


@router.post(
    "/{situation_id}/reopen",
    operation_id="reopenSituation",
    summary="Rouvrir une situation close",
    response_model=SituationShown,
)
async def reopen_situation(
    situation_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — same
) -> Response:
    await situations.reopen(writing, situation_id)
    return answer(await writing.show(situations.ONE, SituationShown, id=situation_id), request)


@router.get(
    "/{situation_id}/participations",
    operation_id="listParticipations",
    summary="Lister les personnes d'une situation",
    response_model=Participations,
)
async def list_participations(
    situation_id: UUID, request: Request, reading: Annotated[Reading, may("participation:read")]
) -> Response:
    await participations.find_situation(reading, situation_id)
    items = await reading.show_all(participations.OF_SITUATION, ParticipationInSituation, situation_id=situation_id)
    return listed(items, request)


@router.post(
    "/{situation_id}/participations",
    operation_id="addParticipation",
    status_code=201,
    summary="Ajouter une personne à une situation",
    response_model=ParticipationShown,
)
async def add_participation(
    situation_id: UUID, draft: ParticipationDraft, writing: Annotated[Writing, may("participation:add")]
) -> Response:
    participation_id = await participations.add_to(writing, situation_id, **draft.model_dump())
    body = await writing.show(participations.ONE, ParticipationShown, id=participation_id)
    return created(body, f"/v1/participations/{participation_id}")
