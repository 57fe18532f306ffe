"""Les traces dans leur ensemble, pour le délégué : tiennent-elles, et qu'a-t-on fait tel jour ?"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, may
from app.routers.answers import answer, said
from app.routers.route import Route
from app.schemas.traces import DaySummaryShown, VerificationShown
from app.services import traces

router = APIRouter(prefix="/audit", tags=["audit"], route_class=Route)

MayRead = Annotated[Reading, may("trace:read")]


@router.get(
    "/verification",
    operation_id="verifyTraces",
    summary="Recalculer toutes les chaînes de traces",
    description="Vingt-cinq secondes au plus. Au-delà de ce que cela permet, et pour les ancres signées : la commande "
    "`relais audit verify`.",
    response_model=VerificationShown,
)
async def verify_traces(request: Request, reading: MayRead) -> Response:
    return answer(said(VerificationShown(**await traces.verification(reading))), request)


@router.get(
    "/summary",
    operation_id="summariseTraces",
    summary="Une journée, par compte et par acte : des nombres",
    response_model=DaySummaryShown,
)
async def summarise_traces(
    request: Request,
    reading: MayRead,
    on: Annotated[date | None, Query(description="Jour, à Paris ; aujourd'hui par défaut.")] = None,
) -> Response:
    return answer(said(DaySummaryShown(**await traces.day(reading, on))), request)
