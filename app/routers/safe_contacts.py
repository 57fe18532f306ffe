"""Coordonnées sûres : comment joindre la personne sans la mettre en danger."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import answer, created, replaced, said
from app.routers.route import Route
from app.schemas.notes import SafeContactDraft, SafeContactShown
from app.services import safe_contacts

router = APIRouter(prefix="/participations/{participation_id}/safe-contact", tags=["participations"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]


@router.get(
    "",
    operation_id="readSafeContact",
    summary="Lire les coordonnées sûres d'une personne",
    response_model=SafeContactShown,
)
async def read_safe_contact(
    participation_id: UUID, request: Request, reading: Annotated[Reading, may("safe_contact:read")], key: Key
) -> Response:
    return answer(said(SafeContactShown(**await safe_contacts.read(reading, key, participation_id))), request)


@router.put(
    "",
    operation_id="replaceSafeContact",
    response_model=SafeContactShown,
    summary="Écrire ou remplacer les coordonnées sûres d'une personne",
)
async def replace_safe_contact(
    participation_id: UUID,
    draft: SafeContactDraft,
    request: Request,
    writing: Annotated[Writing, may("safe_contact:add")],
    key: Key,
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    await safe_contacts.hold(writing, participation_id)
    present = await safe_contacts.seek(writing, key, participation_id)
    before = None if present is None else said(SafeContactShown(**present))
    replaced(before, if_match=if_match, if_none_match=if_none_match)
    version = 1 if present is None else present["version"] + 1
    if present is not None:
        writing.trace_as("safe_contact:change")
    now = await safe_contacts.replace(writing, key, participation_id, version=version, **draft.model_dump())
    body = said(SafeContactShown(**now))
    return answer(body, request) if present else created(body, request.url.path)
