"""Remplacements : lire à la place d'un collègue absent, un temps, avec l'accord d'une autre personne."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.routers.route import Route
from app.schemas.replacements import ReplacementDraft, ReplacementPage, ReplacementShown
from app.services import replacements

router = APIRouter(prefix="/replacements", tags=["replacements"], route_class=Route)


@router.get(
    "",
    operation_id="listReplacements",
    summary="Lister les remplacements, les plus récents d'abord",
    response_model=ReplacementPage,
)
async def list_replacements(reading: Annotated[Reading, may("replacement:read")], asked: AskedPage) -> Response:
    newest = replacements.newest_for(reading)
    page = await reading.page(newest, ReplacementShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="proposeReplacement",
    summary="Demander un remplacement : une autre personne l'approuve",
    status_code=201,
    response_model=ReplacementShown,
)
async def propose_replacement(
    draft: ReplacementDraft, writing: Annotated[Writing, may("replacement:add", recent=True)]
) -> Response:
    replacement_id = await replacements.propose(writing, **draft.model_dump())
    body = await writing.show(replacements.ONE, ReplacementShown, id=replacement_id)
    return created(body, f"/v1/replacements/{replacement_id}")


@router.get(
    "/{replacement_id}",
    operation_id="readReplacement",
    summary="Lire un remplacement",
    response_model=ReplacementShown,
)
async def read_replacement(
    replacement_id: UUID, request: Request, reading: Annotated[Reading, may("replacement:read")]
) -> Response:
    return answer(await reading.show(replacements.ONE, ReplacementShown, id=replacement_id), request)


@router.post(
    "/{replacement_id}/approve",
    operation_id="approveReplacement",
    summary="Approuver un remplacement demandé par une autre personne",
    response_model=ReplacementShown,
)
async def approve_replacement(
    replacement_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("replacement:change", column="approved_at", recent=True)],
) -> Response:
    await replacements.approve(writing, replacement_id)
    return answer(await writing.show(replacements.ONE, ReplacementShown, id=replacement_id), request)


@router.post(
    "/{replacement_id}/end",
    operation_id="endReplacement",
    summary="Mettre fin à un remplacement, tout de suite",
    response_model=ReplacementShown,
)
async def end_replacement(
    replacement_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("replacement:change", column="ended_at")],
) -> Response:
    await replacements.end(writing, replacement_id)
    return answer(await writing.show(replacements.ONE, ReplacementShown, id=replacement_id), request)
