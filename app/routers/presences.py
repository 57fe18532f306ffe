"""Présences : les jours vraiment travaillés par un poste, mois par mois."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import answer, created, listed, replaced
from app.routers.route import Route
from app.schemas.presences import PresenceDraft, PresenceList, PresenceShown
from app.schemas.texts import Month
from app.services import presences

router = APIRouter(prefix="/posts/{post_id}/presences", tags=["presences"], route_class=Route)

MonthInPath = Annotated[Month, Path(description="Mois, sous la forme AAAA-MM.")]


@router.get(
    "",
    operation_id="listPresences",
    summary="Lister les jours travaillés par un poste dans l'année, le mois le plus récent d'abord",
    response_model=PresenceList,
)
async def list_presences(
    post_id: UUID,
    request: Request,
    reading: Annotated[Reading, may("presence:read")],
    year: Annotated[int | None, Query(ge=1900, le=2199, description="Année ; absente : celle en cours.")] = None,
) -> Response:
    return listed(await presences.show_year(reading, PresenceShown, post_id=post_id, year=year), request)


@router.get(
    "/{month}",
    operation_id="readPresence",
    summary="Lire les jours travaillés par un poste dans un mois",
    response_model=PresenceShown,
)
async def read_presence(
    post_id: UUID, month: MonthInPath, request: Request, reading: Annotated[Reading, may("presence:read")]
) -> Response:
    return answer(await presences.show(reading, PresenceShown, post_id=post_id, month_on=month), request)


@router.put(
    "/{month}",
    operation_id="replacePresence",
    summary="Écrire ou remplacer les jours travaillés par un poste dans un mois",
    response_model=PresenceShown,
)
async def replace_presence(
    post_id: UUID,
    month: MonthInPath,
    draft: PresenceDraft,
    request: Request,
    writing: Annotated[Writing, may("presence:add")],
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    before = await presences.hold(writing, PresenceShown, post_id=post_id, month_on=month)
    replaced(before, if_match=if_match, if_none_match=if_none_match)
    replaces = before is not None
    await presences.write(writing, post_id=post_id, month_on=month, replaces=replaces, **draft.model_dump())
    body = await presences.show(writing, PresenceShown, post_id=post_id, month_on=month)
    return answer(body, request) if replaces else created(body, request.url.path)
