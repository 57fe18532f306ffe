"""Une personne dans une situation : son statut, ses besoins, ses coordonnées sûres."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import IfMatch, answer, created, gone, listed
from app.routers.route import Route
from app.schemas.situations import (
    NeedDraft,
    NeedPatch,
    Needs,
    NeedShown,
    ParticipationPatch,
    ParticipationShown,
)
from app.services import participations

router = APIRouter(tags=["participations"], route_class=Route)


@router.get(
    "/participations/{participation_id}",
    operation_id="readParticipation",
    response_model=ParticipationShown,
    summary="Lire une personne dans une situation",
)
async def read_participation(
    participation_id: UUID, request: Request, reading: Annotated[Reading, may("participation:read")]
) -> Response:
    return answer(await reading.show(participations.ONE, ParticipationShown, id=participation_id), request)


@router.patch(
    "/participations/{participation_id}",
    operation_id="correctParticipation",
    summary="Corriger le statut d'une personne",
    response_model=ParticipationShown,
)
async def correct_participation(
    participation_id: UUID,
    patch: ParticipationPatch,
    request: Request,
    writing: Annotated[Writing, may("participation:change")],
    seen: IfMatch,
) -> Response:
    table = participations.TABLE
    seen.holds_for(await writing.hold(participations.ONE, ParticipationShown, table, id=participation_id))
    await participations.correct(writing, participation_id, **patch.said())
    return answer(await writing.show(participations.ONE, ParticipationShown, id=participation_id), request)


@router.get(
    "/participations/{participation_id}/needs",
    operation_id="listNeeds",
    summary="Lister les besoins d'une personne",
    response_model=Needs,
)
async def list_needs(
    participation_id: UUID, request: Request, reading: Annotated[Reading, may("need:read")]
) -> Response:
    await participations.find(reading, participation_id)
    return listed(await reading.show_all(participations.NEEDS, NeedShown, participation_id=participation_id), request)


@router.post(
    "/participations/{participation_id}/needs",
    operation_id="assessNeed",
    status_code=201,
    summary="Évaluer un besoin",
    response_model=NeedShown,
)
async def assess_need(
    participation_id: UUID, draft: NeedDraft, writing: Annotated[Writing, may("need:add")]
) -> Response:
    need_id = await participations.assess(writing, participation_id, **draft.model_dump())
    return created(await writing.show(participations.ONE_NEED, NeedShown, id=need_id), f"/v1/needs/{need_id}")


@router.get("/needs/{need_id}", operation_id="readNeed", summary="Lire un besoin", response_model=NeedShown)
async def read_need(need_id: UUID, request: Request, reading: Annotated[Reading, may("need:read")]) -> Response:
    return answer(await reading.show(participations.ONE_NEED, NeedShown, id=need_id), request)


@router.patch(
    "/needs/{need_id}",
    operation_id="answerNeed",
    summary="Dire qu'un besoin a reçu sa réponse",
    response_model=NeedShown,
)
async def answer_need(
    need_id: UUID,
    patch: NeedPatch,
    request: Request,
    writing: Annotated[Writing, may("need:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await writing.hold(participations.ONE_NEED, NeedShown, participations.NEED_TABLE, id=need_id))
    await participations.answer_need(writing, need_id, **patch.said())
    return answer(await writing.show(participations.ONE_NEED, NeedShown, id=need_id), request)


@router.delete(
    "/needs/{need_id}",
    operation_id="withdrawNeed",
    summary="Retirer un besoin noté par erreur",
    status_code=204,
    response_class=Response,
)
async def withdraw_need(need_id: UUID, writing: Annotated[Writing, may("need:change")], seen: IfMatch) -> Response:
    seen.holds_for(await writing.hold(participations.ONE_NEED, NeedShown, participations.NEED_TABLE, id=need_id))
    await participations.withdraw_need(writing, need_id)
    return gone()
