"""Liens de réponse : le poste les fait, un partenaire sans compte répond une fois, sans voir de nom."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import AnsweringByLink, Reading, ReadingByLink, Writing, may
from app.routers.answers import answer, created, listed, said
from app.routers.route import Route
from app.schemas.answer_links import (
    AnswerLinkDraft,
    AnswerLinkMade,
    AnswerLinks,
    AnswerLinkShown,
    LinkAnswerDraft,
    LinkedOrientation,
)
from app.schemas.base import Nothing
from app.services import answer_links

router = APIRouter(prefix="/orientations/{orientation_id}/answer-links", tags=["orientations"], route_class=Route)
# Nobody signs in here: the link is the permission, and its lane sees one row.
by_link = APIRouter(prefix="/answers", tags=["orientations"], route_class=Route)


@router.get(
    "",
    operation_id="listAnswerLinks",
    summary="Lister les liens de réponse d'une orientation",
    response_model=AnswerLinks,
)
async def list_answer_links(
    orientation_id: UUID, request: Request, reading: Annotated[Reading, may("answer_link:read")]
) -> Response:
    items = await answer_links.list_of_orientation(reading, orientation_id, AnswerLinkShown)
    return listed(items, request)


@router.post(
    "",
    operation_id="makeAnswerLink",
    summary="Faire un lien de réponse ; son adresse n'est dite qu'une fois",
    status_code=201,
    response_model=AnswerLinkMade,
)
async def make_answer_link(
    orientation_id: UUID, draft: AnswerLinkDraft, writing: Annotated[Writing, may("answer_link:add")]
) -> Response:
    made = await answer_links.make(writing, orientation_id, **draft.model_dump())
    return created(said(AnswerLinkMade(**made)), f"/v1/orientations/{orientation_id}/answer-links", told_once=True)


@router.post(
    "/{link_id}/revoke",
    operation_id="revokeAnswerLink",
    summary="Révoquer un lien de réponse",
    response_model=AnswerLinkShown,
)
async def revoke_answer_link(
    orientation_id: UUID,
    link_id: UUID,
    request: Request,
    writing: Annotated[Writing, may("answer_link:change")],
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await answer_links.revoke(writing, orientation_id, link_id)
    body = await writing.show(answer_links.ONE_LINK, AnswerLinkShown, orientation_id=orientation_id, id=link_id)
    return answer(body, request)


@by_link.get(
    "/{token}",
    operation_id="readByLink",
    summary="Lire la référence d'un lien de réponse ; aucun nom",
    response_model=LinkedOrientation,
)
async def read_by_link(request: Request, reading: ReadingByLink) -> Response:
    return answer(said(LinkedOrientation(**await answer_links.read(reading))), request)


@by_link.post(
    "/{token}",
    operation_id="answerByLink",
    summary="Répondre une fois par un lien",
    response_model=LinkedOrientation,
)
async def answer_by_link(draft: LinkAnswerDraft, request: Request, writing: AnsweringByLink) -> Response:
    answered = await answer_links.answer(writing, **draft.model_dump())
    return answer(said(LinkedOrientation(**answered)), request)
