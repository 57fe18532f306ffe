"""Employeurs, unités, lieux, postes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created
from app.routers.route import Route
from app.schemas.organisation import (
    EmployerDraft,
    EmployerPage,
    EmployerPatch,
    EmployerShown,
    PostDraft,
    PostPage,
    PostPatch,
    PostShown,
    SiteDraft,
    SitePage,
    SitePatch,
    SiteShown,
    UnitDraft,
    UnitPage,
    UnitPatch,
    UnitShown,
)
from app.services import organisation, posts

router = APIRouter(tags=["organisation"], route_class=Route)


@router.get("/units", operation_id="listUnits", summary="Lister les unités", response_model=UnitPage)
async def list_units(reading: Annotated[Reading, may("unit:read")], asked: AskedPage) -> Response:
    page = await reading.page(organisation.UNITS, UnitShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post("/units", operation_id="addUnit", summary="Ajouter une unité", status_code=201, response_model=UnitShown)
async def add_unit(draft: UnitDraft, writing: Annotated[Writing, may("unit:add")]) -> Response:
    unit_id = await organisation.add(writing, organisation.UNIT_TABLE, **draft.model_dump())
    return created(await writing.show(organisation.ONE_UNIT, UnitShown, id=unit_id), f"/v1/units/{unit_id}")


@router.get("/units/{unit_id}", operation_id="readUnit", summary="Lire une unité", response_model=UnitShown)
async def read_unit(unit_id: UUID, request: Request, reading: Annotated[Reading, may("unit:read")]) -> Response:
    return answer(await reading.show(organisation.ONE_UNIT, UnitShown, id=unit_id), request)


@router.patch(
    "/units/{unit_id}",
    operation_id="correctUnit",
    summary="Corriger ou fermer une unité",
    response_model=UnitShown,
)
async def correct_unit(
    unit_id: UUID,
    patch: UnitPatch,
    request: Request,
    writing: Annotated[Writing, may("unit:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await writing.hold(organisation.ONE_UNIT, UnitShown, organisation.UNIT_TABLE, id=unit_id))
    await organisation.correct(writing, organisation.UNIT_TABLE, unit_id, **patch.said())
    return answer(await writing.show(organisation.ONE_UNIT, UnitShown, id=unit_id), request)


@router.get("/sites", operation_id="listSites", summary="Lister les lieux de réception", response_model=SitePage)
async def list_sites(reading: Annotated[Reading, may("site:read")], asked: AskedPage) -> Response:
    page = await reading.page(organisation.SITES, SiteShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "/sites",
    operation_id="addSite",
    summary="Ajouter un lieu de réception",
    status_code=201,
    response_model=SiteShown,
)
async def add_site(draft: SiteDraft, writing: Annotated[Writing, may("site:add")]) -> Response:
    site_id = await organisation.add(writing, organisation.SITE_TABLE, **draft.model_dump())
    return created(await writing.show(organisation.ONE_SITE, SiteShown, id=site_id), f"/v1/sites/{site_id}")


@router.get("/sites/{site_id}", operation_id="readSite", summary="Lire un lieu de réception", response_model=SiteShown)
async def read_site(site_id: UUID, request: Request, reading: Annotated[Reading, may("site:read")]) -> Response:
    return answer(await reading.show(organisation.ONE_SITE, SiteShown, id=site_id), request)


@router.patch(
    "/sites/{site_id}",
    operation_id="correctSite",
    summary="Corriger ou fermer un lieu de réception",
    response_model=SiteShown,
)
async def correct_site(
    site_id: UUID,
    patch: SitePatch,
    request: Request,
    writing: Annotated[Writing, may("site:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await writing.hold(organisation.ONE_SITE, SiteShown, organisation.SITE_TABLE, id=site_id))
    await organisation.correct(writing, organisation.SITE_TABLE, site_id, **patch.said())
    return answer(await writing.show(organisation.ONE_SITE, SiteShown, id=site_id), request)


@router.get("/employers", operation_id="listEmployers", summary="Lister les employeurs", response_model=EmployerPage)
async def list_employers(reading: Annotated[Reading, may("employer:read")], asked: AskedPage) -> Response:
    page = await reading.page(organisation.EMPLOYERS, EmployerShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "/employers",
    operation_id="addEmployer",
    summary="Ajouter un employeur",
    status_code=201,
    response_model=EmployerShown,
)
async def add_employer(draft: EmployerDraft, writing: Annotated[Writing, may("employer:add")]) -> Response:
    employer_id = await organisation.add(writing, organisation.EMPLOYER_TABLE, **draft.model_dump())
    return created(
        await writing.show(organisation.ONE_EMPLOYER, EmployerShown, id=employer_id),
        f"/v1/employers/{employer_id}",
    )


@router.get(
    "/employers/{employer_id}",
    operation_id="readEmployer",
    summary="Lire un employeur",
    response_model=EmployerShown,
)
async def read_employer(
    employer_id: UUID, request: Request, reading: Annotated[Reading, may("employer:read")]
) -> Response:
    return answer(await reading.show(organisation.ONE_EMPLOYER, EmployerShown, id=employer_id), request)


@router.patch(
    "/employers/{employer_id}",
    operation_id="correctEmployer",
    summary="Corriger un employeur",
    response_model=EmployerShown,
)
async def correct_employer(
    employer_id: UUID,
    patch: EmployerPatch,
    request: Request,
    writing: Annotated[Writing, may("employer:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(
        await writing.hold(organisation.ONE_EMPLOYER, EmployerShown, organisation.EMPLOYER_TABLE, id=employer_id)
    )
    await organisation.correct(writing, organisation.EMPLOYER_TABLE, employer_id, **patch.said())
    return answer(await writing.show(organisation.ONE_EMPLOYER, EmployerShown, id=employer_id), request)


@router.get("/posts", operation_id="listPosts", summary="Lister les postes", response_model=PostPage)
async def list_posts(reading: Annotated[Reading, may("post:read")], asked: AskedPage) -> Response:
    page = await reading.page(posts.NEWEST, PostShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "/posts",
    operation_id="addPost",
    summary="Créer un poste : sa convention, les unités qu’il dessert, ses lieux, ses financeurs",
    status_code=201,
    response_model=PostShown,
)
async def add_post(draft: PostDraft, writing: Annotated[Writing, may("post:add")]) -> Response:
    post_id = await posts.create(writing, **draft.model_dump())
    return created(await writing.show(posts.ONE, PostShown, id=post_id), f"/v1/posts/{post_id}")


@router.get("/posts/{post_id}", operation_id="readPost", summary="Lire un poste", response_model=PostShown)
async def read_post(post_id: UUID, request: Request, reading: Annotated[Reading, may("post:read")]) -> Response:
    return answer(await reading.show(posts.ONE, PostShown, id=post_id), request)


@router.patch(
    "/posts/{post_id}",
    operation_id="correctPost",
    summary="Corriger un poste, ou ses unités, ses lieux, ses financeurs",
    response_model=PostShown,
)
async def correct_post(
    post_id: UUID,
    patch: PostPatch,
    request: Request,
    writing: Annotated[Writing, may("post:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await writing.hold(posts.ONE, PostShown, posts.TABLE, id=post_id))
    await posts.correct(writing, post_id, **patch.said())
    return answer(await writing.show(posts.ONE, PostShown, id=post_id), request)
