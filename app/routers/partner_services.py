"""Annuaire : qui peut aider pour ce besoin, ce public, cette commune, maintenant ? Et chaque service."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import IfMatch, answer, said
from app.routers.route import Route
from app.schemas.codes import NeedType, PartnerPublic
from app.schemas.directory_texts import CommuneCode
from app.schemas.partner_services import PartnerServicePatch, PartnerServicesFound, PartnerServiceShown
from app.schemas.texts import Instant
from app.services import partner_services, partners

router = APIRouter(prefix="/partner-services", tags=["partners"], route_class=Route)


@router.get(
    "",
    operation_id="findPartnerServices",
    summary="Qui peut aider pour ce besoin, ce public, cette commune, maintenant ?",
    response_model=PartnerServicesFound,
)
async def find_partner_services(
    request: Request,
    reading: Annotated[Reading, may("partner_service:read")],
    need: Annotated[NeedType, Query(description="Besoin.")],
    commune: Annotated[CommuneCode, Query(description="Code INSEE de la commune, ou de l'arrondissement municipal.")],
    public: Annotated[PartnerPublic | None, Query(description="Public ; absent : tous les services.")] = None,
    at: Annotated[Instant | None, Query(description="Moment de la visite ou de l'appel ; absent : maintenant.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Nombre de services.")] = 20,
) -> Response:
    items = await partner_services.who_can_help(
        reading, need=need, commune_code=commune, public=public, at=at, limit=limit
    )
    return answer(said(PartnerServicesFound.model_validate({"items": items})), request)


@router.get(
    "/{service_id}",
    operation_id="readPartnerService",
    summary="Lire un service",
    response_model=PartnerServiceShown,
)
async def read_partner_service(
    service_id: UUID, request: Request, reading: Annotated[Reading, may("partner_service:read")]
) -> Response:
    return answer(await reading.show(partner_services.ONE, PartnerServiceShown, id=service_id), request)


@router.patch(
    "/{service_id}",
    operation_id="correctPartnerService",
    summary="Corriger un service, ou y mettre fin",
    response_model=PartnerServiceShown,
)
async def correct_partner_service(
    service_id: UUID,
    patch: PartnerServicePatch,
    request: Request,
    writing: Annotated[Writing, may("partner_service:change")],
    seen: IfMatch,
) -> Response:
    held = await partners.hold(writing, partner_services.ONE, PartnerServiceShown, partner_services.TABLE, service_id)
    seen.holds_for(held)
    await partner_services.correct(writing, service_id, **patch.said())
    return answer(await writing.show(partner_services.ONE, PartnerServiceShown, id=service_id), request)
