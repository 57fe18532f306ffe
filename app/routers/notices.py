"""Avis : ce qu'il faut savoir tout de suite des remplacements et des passations."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, may
from app.routers.answers import listed, said
from app.routers.route import Route
from app.schemas.notices import Notices, NoticeShown
from app.services import notices

router = APIRouter(prefix="/me/notices", tags=["me"], route_class=Route)


@router.get(
    "",
    operation_id="listMyNotices",
    summary="Mes avis : remplacements et passations qui me concernent, les plus récents d'abord",
    response_model=Notices,
)
async def list_my_notices(request: Request, reading: Annotated[Reading, may("replacement:read")]) -> Response:
    found = await notices.list_mine(reading)
    return listed(b"[" + b",".join(said(NoticeShown(**each)) for each in found) + b"]", request)
