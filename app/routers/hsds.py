"""Annuaire au standard Open Referral (HSDS 3.1), en lecture : les mêmes fiches, pour les autres logiciels.

Ids, names of routes and of parameters are those of the standard. What it offers and we do not (``proximity``,
``full_service``, ``top_only``, ``format=ndjson``) is refused, as every parameter that a route does not declare.
"""

from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from app.access.gate import Reading, may
from app.routers.answers import answer
from app.routers.route import Route
from app.schemas.directory_texts import Postcode
from app.schemas.hsds import (
    HsdsAbout,
    HsdsOrganization,
    HsdsOrganizationPage,
    HsdsService,
    HsdsServiceAtLocation,
    HsdsServiceAtLocationPage,
    HsdsServicePage,
    HsdsTaxonomy,
    HsdsTaxonomyPage,
    HsdsTaxonomyTerm,
    HsdsTaxonomyTermPage,
)
from app.schemas.texts import Instant, Str
from app.services import hsds, hsds_terms
from app.services.hsds_pages import Window

VERSION = "3.1"
PROFILE = "https://docs.openreferral.org"

about = APIRouter(tags=["hsds"], route_class=Route)
router = APIRouter(tags=["hsds"], route_class=Route)

ReadingPartners = Annotated[Reading, may("partner:read")]
ReadingServices = Annotated[Reading, may("partner_service:read")]

Search = Annotated[
    Annotated[str, Str(120, min_length=2)] | None,
    Query(description="Une partie du nom, sans égard aux accents ni aux majuscules ; deux caractères au moins."),
]
TermId = Annotated[UUID | None, Query(description="Ne rendre que ce qui porte ce terme.")]
TaxonomyId = Annotated[UUID | None, Query(description="Ne rendre que ce qui porte un terme de cette taxonomie.")]
OrganizationId = Annotated[UUID | None, Query(description="Ne rendre que les services de cet organisme.")]
ModifiedAfter = Annotated[
    Instant | None,
    Query(description="Ne rendre que ce qui a changé ce jour-là ou depuis (l'annuaire garde des jours)."),
]
Full = Annotated[bool, Query(description="Rendre les fiches entières.")]


async def _asked(
    page: Annotated[int, Query(ge=1, le=10_000, description="Numéro de la page.")] = 1,
    per_page: Annotated[int, Query(ge=1, le=200, description="Taille de la page.")] = 50,
    format: Annotated[Literal["json"], Query(description="JSON seulement.")] = "json",  # noqa: ARG001 — the only one
) -> Window:
    return Window(page, per_page)


AskedWindow = Annotated[Window, Depends(_asked)]


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _shown(shape: Any, said: Any, request: Request) -> Response:
    """The answer, having checked that it is what the contract declares: nothing else goes out."""
    adapter = _adapter(shape)
    return answer(adapter.dump_json(adapter.validate_python(said)), request)


@about.get("/", include_in_schema=False, response_model=HsdsAbout)
@about.get("", operation_id="readHsds", summary="Standard suivi et adresse du contrat", response_model=HsdsAbout)
async def read_about(request: Request) -> Response:
    said = {"version": VERSION, "profile": PROFILE, "openapi_url": f"{request.base_url}openapi.json"}
    return _shown(HsdsAbout, said, request)


@router.get(
    "/services", operation_id="listHsdsServices", summary="Lister les services (HSDS)", response_model=HsdsServicePage
)
async def list_services(
    request: Request,
    reading: ReadingServices,
    window: AskedWindow,
    search: Search = None,
    taxonomy_term_id: TermId = None,
    taxonomy_id: TaxonomyId = None,
    organization_id: OrganizationId = None,
    modified_after: ModifiedAfter = None,
    minimal: Annotated[bool, Query(description="Ne rendre que l'identifiant et la date de modification.")] = False,
    full: Full = False,
) -> Response:
    page = await hsds.list_services(
        reading,
        window,
        full=full,
        minimal=minimal,
        search=search,
        taxonomy_term_id=taxonomy_term_id,
        taxonomy_id=taxonomy_id,
        organization_id=organization_id,
        modified_after=modified_after,
    )
    return _shown(HsdsServicePage, page, request)


@router.get(
    "/services/{id}", operation_id="readHsdsService", summary="Lire un service (HSDS)", response_model=HsdsService
)
async def read_service(id: UUID, request: Request, reading: ReadingServices) -> Response:
    return _shown(HsdsService, await hsds.find_service(reading, id), request)


@router.get(
    "/organizations",
    operation_id="listHsdsOrganizations",
    summary="Lister les organismes (HSDS)",
    response_model=HsdsOrganizationPage,
)
async def list_organizations(
    request: Request,
    reading: ReadingPartners,
    window: AskedWindow,
    search: Search = None,
    taxonomy_term_id: TermId = None,
    taxonomy_id: TaxonomyId = None,
    full: Full = False,
) -> Response:
    page = await hsds.list_organizations(
        reading, window, full=full, search=search, taxonomy_term_id=taxonomy_term_id, taxonomy_id=taxonomy_id
    )
    return _shown(HsdsOrganizationPage, page, request)


@router.get(
    "/organizations/{id}",
    operation_id="readHsdsOrganization",
    summary="Lire un organisme (HSDS)",
    response_model=HsdsOrganization,
)
async def read_organization(id: UUID, request: Request, reading: ReadingPartners) -> Response:
    return _shown(HsdsOrganization, await hsds.find_organization(reading, id), request)


@router.get(
    "/service_at_locations",
    operation_id="listHsdsServiceAtLocations",
    summary="Lister les services et leurs lieux (HSDS)",
    response_model=HsdsServiceAtLocationPage,
)
async def list_service_at_locations(
    request: Request,
    reading: ReadingServices,
    window: AskedWindow,
    search: Search = None,
    taxonomy_term_id: TermId = None,
    taxonomy_id: TaxonomyId = None,
    organization_id: OrganizationId = None,
    modified_after: ModifiedAfter = None,
    postcode: Annotated[Postcode | None, Query(description="Code postal du lieu.")] = None,
    full: Full = False,
) -> Response:
    page = await hsds.list_service_at_locations(
        reading,
        window,
        full=full,
        search=search,
        taxonomy_term_id=taxonomy_term_id,
        taxonomy_id=taxonomy_id,
        organization_id=organization_id,
        modified_after=modified_after,
        postcode=postcode,
    )
    return _shown(HsdsServiceAtLocationPage, page, request)


@router.get(
    "/service_at_locations/{id}",
    operation_id="readHsdsServiceAtLocation",
    summary="Lire un service et son lieu (HSDS)",
    response_model=HsdsServiceAtLocation,
)
async def read_service_at_location(id: UUID, request: Request, reading: ReadingServices) -> Response:
    return _shown(HsdsServiceAtLocation, await hsds.find_service_at_location(reading, id), request)


# The permission, though nothing is read: these are the words of the directory.


@router.get(
    "/taxonomies",
    operation_id="listHsdsTaxonomies",
    summary="Lister les taxonomies (HSDS)",
    response_model=HsdsTaxonomyPage,
)
async def list_taxonomies(
    request: Request,
    reading: ReadingServices,  # noqa: ARG001
    window: AskedWindow,
    search: Search = None,
) -> Response:
    return _shown(HsdsTaxonomyPage, hsds_terms.list_taxonomies(window, search=search), request)


@router.get(
    "/taxonomies/{id}",
    operation_id="readHsdsTaxonomy",
    summary="Lire une taxonomie (HSDS)",
    response_model=HsdsTaxonomy,
)
async def read_taxonomy(id: UUID, request: Request, reading: ReadingServices) -> Response:  # noqa: ARG001
    return _shown(HsdsTaxonomy, hsds_terms.find_taxonomy(id), request)


@router.get(
    "/taxonomy_terms",
    operation_id="listHsdsTaxonomyTerms",
    summary="Lister les termes des taxonomies (HSDS)",
    response_model=HsdsTaxonomyTermPage,
)
async def list_terms(
    request: Request,
    reading: ReadingServices,  # noqa: ARG001
    window: AskedWindow,
    search: Search = None,
    taxonomy_id: Annotated[UUID | None, Query(description="Ne rendre que les termes de cette taxonomie.")] = None,
    parent_id: Annotated[UUID | None, Query(description="Ne rendre que les termes rangés sous celui-ci.")] = None,
) -> Response:
    page = hsds_terms.list_terms(window, search=search, taxonomy_id=taxonomy_id, parent_id=parent_id)
    return _shown(HsdsTaxonomyTermPage, page, request)


@router.get(
    "/taxonomy_terms/{id}",
    operation_id="readHsdsTaxonomyTerm",
    summary="Lire un terme (HSDS)",
    response_model=HsdsTaxonomyTerm,
)
async def read_term(id: UUID, request: Request, reading: ReadingServices) -> Response:  # noqa: ARG001
    return _shown(HsdsTaxonomyTerm, hsds_terms.find_term(id), request)
