"""Annuaire : les partenaires, et les services de chacun."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created
from app.routers.route import Route
from app.schemas.codes import PartnerCategory
from app.schemas.directory_texts import DepartementCode
from app.schemas.partner_services import PartnerServiceDraft, PartnerServicePage, PartnerServiceShown
from app.schemas.partners import PartnerDraft, PartnerPage, PartnerPatch, PartnerShown
from app.schemas.texts import Str
from app.services import partner_services, partners

router = APIRouter(prefix="/partners", tags=["partners"], route_class=Route)


@router.get("", operation_id="listPartners", summary="Lister les partenaires", response_model=PartnerPage)
async def list_partners(
    reading: Annotated[Reading, may("partner:read")],
    asked: AskedPage,
    partner_category: Annotated[PartnerCategory | None, Query(description="Catégorie.")] = None,
    departement_code: Annotated[DepartementCode | None, Query(description="Département.")] = None,
    name: Annotated[
        Annotated[str, Str(120, min_length=2)] | None,
        Query(description="Une partie du nom, sans égard aux accents ni aux majuscules ; deux caractères au moins."),
    ] = None,
    ended: Annotated[bool, Query(description="Montrer aussi les partenaires qui ont cessé de recevoir.")] = False,
) -> Response:
    page = await partners.list_partners(
        reading,
        PartnerShown,
        limit=asked.limit,
        after=asked.after(reading),
        ended=ended,
        name=name,
        partner_category=partner_category,
        departement_code=departement_code,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "", operation_id="addPartner", summary="Ajouter un partenaire", status_code=201, response_model=PartnerShown
)
async def add_partner(draft: PartnerDraft, writing: Annotated[Writing, may("partner:add")]) -> Response:
    partner_id = await partners.add(writing, **draft.model_dump())
    return created(await writing.show(partners.ONE, PartnerShown, id=partner_id), f"/v1/partners/{partner_id}")


@router.get("/{partner_id}", operation_id="readPartner", summary="Lire un partenaire", response_model=PartnerShown)
async def read_partner(
    partner_id: UUID, request: Request, reading: Annotated[Reading, may("partner:read")]
) -> Response:
    return answer(await reading.show(partners.ONE, PartnerShown, id=partner_id), request)


@router.patch(
    "/{partner_id}",
    operation_id="correctPartner",
    summary="Corriger un partenaire, y mettre fin, ou tenir son adresse secrète",
    response_model=PartnerShown,
)
async def correct_partner(
    partner_id: UUID,
    patch: PartnerPatch,
    request: Request,
    writing: Annotated[Writing, may("partner:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await partners.hold(writing, partners.ONE, PartnerShown, partners.TABLE, partner_id))
    await partners.correct(writing, partner_id, **patch.said())
    return answer(await writing.show(partners.ONE, PartnerShown, id=partner_id), request)


@router.get(
    "/{partner_id}/services",
    operation_id="listPartnerServices",
    summary="Lister les services d'un partenaire",
    response_model=PartnerServicePage,
)
async def list_partner_services(
    partner_id: UUID,
    reading: Annotated[Reading, may("partner_service:read")],
    asked: AskedPage,
    ended: Annotated[bool, Query(description="Montrer aussi les services qui ont cessé.")] = False,
) -> Response:
    page = await partner_services.list_services_of(
        reading,
        PartnerServiceShown,
        partner_id=partner_id,
        limit=asked.limit,
        after=asked.after(reading),
        ended=ended,
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "/{partner_id}/services",
    operation_id="addPartnerService",
    summary="Ajouter un service à un partenaire",
    status_code=201,
    response_model=PartnerServiceShown,
)
async def add_partner_service(
    partner_id: UUID, draft: PartnerServiceDraft, writing: Annotated[Writing, may("partner_service:add")]
) -> Response:
    service_id = await partner_services.add(writing, partner_id, **draft.model_dump())
    body = await writing.show(partner_services.ONE, PartnerServiceShown, id=service_id)
    return created(body, f"/v1/partner-services/{service_id}")
