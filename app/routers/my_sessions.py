"""Mes sessions : où je suis connecté, et comment y mettre fin."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import gone, listed
from app.routers.route import Route
from app.schemas.my_sessions import MySessions, MySessionShown
from app.services import my_sessions

router = APIRouter(prefix="/me/sessions", tags=["me"], route_class=Route)


@router.get("", operation_id="listMySessions", summary="Mes sessions ouvertes", response_model=MySessions)
async def list_my_sessions(request: Request, reading: Annotated[Reading, may("my_session:read")]) -> Response:
    return listed(await my_sessions.my_sessions(reading, MySessionShown), request)


# No If-Match here: a session has nothing that another person could have rewritten, its end is the same whatever one
# has read, and whoever has just lost a device must not be told to read again first.
# A recent proof, though: whoever holds a stolen token must not shut its owner out.
@router.delete(
    "/{session_id}",
    operation_id="endMySession",
    summary="Mettre fin à une autre de mes sessions",
    status_code=204,
    response_class=Response,
)
async def end_my_session(
    session_id: UUID, writing: Annotated[Writing, may("my_session:change", recent=True)]
) -> Response:
    await my_sessions.end_my_session(writing, session_id)
    return gone()
