"""Personnes. Aucune donnée personnelle dans une URL : la recherche est un POST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, IfMatch, answer, created, gone, listed
from app.routers.route import Route
from app.schemas.persons import (
    HouseholdLinkDraft,
    HouseholdLinks,
    HouseholdLinkShown,
    NewPersonDraft,
    PersonFound,
    PersonPage,
    PersonPatch,
    PersonSearch,
    PersonsFound,
    PersonShown,
)
from app.services import persons

router = APIRouter(prefix="/persons", tags=["persons"], route_class=Route)

MayRead = Annotated[Reading, may("person:read")]


@router.get(
    "",
    operation_id="listPersons",
    summary="Lister les personnes, les plus récentes d'abord",
    response_model=PersonPage,
)
async def list_persons(reading: MayRead, asked: AskedPage) -> Response:
    page = await reading.page(persons.NEWEST, PersonShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="recordPerson",
    summary="Enregistrer une personne",
    status_code=201,
    response_model=PersonShown,
)
async def record_person(draft: NewPersonDraft, writing: Annotated[Writing, may("person:add")]) -> Response:
    person_id = await persons.record(writing, **draft.model_dump())
    return created(await writing.show(persons.ONE, PersonShown, id=person_id), f"/v1/persons/{person_id}")


@router.post(
    "/search",
    operation_id="searchPersons",
    response_model=PersonsFound,
    summary="Chercher une personne, quelle que soit l'orthographe de son nom",
)
async def search_persons(search: PersonSearch, request: Request, reading: MayRead) -> Response:
    asked = {"name": search.name, "birth_date": search.birth_date, "most": search.limit}
    return listed(await reading.show_all(persons.ALIKE, PersonFound, **asked), request)


@router.get("/{person_id}", operation_id="readPerson", summary="Lire une personne", response_model=PersonShown)
async def read_person(person_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(persons.ONE, PersonShown, id=person_id), request)


@router.patch("/{person_id}", operation_id="correctPerson", summary="Corriger une personne", response_model=PersonShown)
async def correct_person(
    person_id: UUID,
    patch: PersonPatch,
    request: Request,
    writing: Annotated[Writing, may("person:change")],
    seen: IfMatch,
) -> Response:
    seen.holds_for(await writing.hold(persons.ONE, PersonShown, persons.TABLE, id=person_id))
    await persons.correct(writing, person_id, **patch.said())
    return answer(await writing.show(persons.ONE, PersonShown, id=person_id), request)


@router.get(
    "/{person_id}/household-links",
    operation_id="listHouseholdLinks",
    summary="Lister les liens notés dans la fiche d'une personne",
    response_model=HouseholdLinks,
)
async def list_household_links(
    person_id: UUID, request: Request, reading: Annotated[Reading, may("household_link:read")]
) -> Response:
    await persons.find(reading, person_id)
    return listed(await reading.show_all(persons.LINKS, HouseholdLinkShown, person_id=person_id), request)


@router.post(
    "/{person_id}/household-links",
    operation_id="addHouseholdLink",
    status_code=201,
    summary="Noter un lien de ménage dans la fiche d'une personne",
    response_model=HouseholdLinkShown,
)
async def add_household_link(
    person_id: UUID, draft: HouseholdLinkDraft, writing: Annotated[Writing, may("household_link:add")]
) -> Response:
    link_id = await persons.link(writing, person_id, **draft.model_dump())
    body = await writing.show(persons.LINK, HouseholdLinkShown, person_id=person_id, id=link_id)
    return created(body, f"/v1/persons/{person_id}/household-links/{link_id}")


@router.get(
    "/{person_id}/household-links/{link_id}",
    operation_id="readHouseholdLink",
    summary="Lire un lien de ménage",
    response_model=HouseholdLinkShown,
)
async def read_household_link(
    person_id: UUID, link_id: UUID, request: Request, reading: Annotated[Reading, may("household_link:read")]
) -> Response:
    body = await reading.show(persons.LINK, HouseholdLinkShown, person_id=person_id, id=link_id)
    return answer(body, request)


@router.delete(
    "/{person_id}/household-links/{link_id}",
    operation_id="endHouseholdLink",
    status_code=204,
    summary="Mettre fin à un lien de ménage",
    response_class=Response,
)
async def end_household_link(
    person_id: UUID, link_id: UUID, writing: Annotated[Writing, may("household_link:change")], seen: IfMatch
) -> Response:
    keys = {"person_id": person_id, "id": link_id}
    seen.holds_for(await writing.hold(persons.LINK, HouseholdLinkShown, persons.LINK_TABLE, **keys))
    await persons.unlink(writing, person_id, link_id)
    return gone()
