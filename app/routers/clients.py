"""Logiciels des partenaires : enregistrés à deux, avec des portées qui ne changent plus."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import AskedPage, answer, created
from app.routers.route import Route
from app.schemas.base import Nothing
from app.schemas.clients import ClientDraft, ClientPage, ClientShown
from app.services import registered_clients

router = APIRouter(prefix="/clients", tags=["accounts"], route_class=Route)

# The partner that software works for is its posting: whoever reads one reads the other.
MayRead = Annotated[Reading, may("posting:read")]
MayChange = Annotated[Writing, may("account:change", recent=True)]


@router.get(
    "",
    operation_id="listClients",
    summary="Lister les logiciels des partenaires, les plus récents d'abord",
    response_model=ClientPage,
)
async def list_clients(reading: MayRead, asked: AskedPage) -> Response:
    page = await reading.page(registered_clients.NEWEST, ClientShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="proposeClient",
    summary="Enregistrer le logiciel d'un partenaire, qu'un autre approuvera",
    status_code=201,
    response_model=ClientShown,
)
async def propose_client(
    draft: ClientDraft, writing: Annotated[Writing, may("account:add", column="client_id", recent=True)]
) -> Response:
    client_id = await registered_clients.propose(writing, **draft.model_dump())
    return created(await writing.show(registered_clients.ONE, ClientShown, id=client_id), f"/v1/clients/{client_id}")


@router.get("/{client_id}", operation_id="readClient", summary="Lire un logiciel", response_model=ClientShown)
async def read_client(client_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(registered_clients.ONE, ClientShown, id=client_id), request)


@router.post(
    "/{client_id}/approve",
    operation_id="approveClient",
    summary="Approuver le logiciel qu'un autre a enregistré",
    response_model=ClientShown,
)
async def approve_client(
    client_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await registered_clients.approve(writing, client_id)
    return answer(await writing.show(registered_clients.ONE, ClientShown, id=client_id), request)


@router.post(
    "/{client_id}/end",
    operation_id="endClient",
    summary="Fermer l'accès d'un logiciel, dès sa requête suivante",
    response_model=ClientShown,
)
async def end_client(
    client_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await registered_clients.end(writing, client_id)
    return answer(await writing.show(registered_clients.ONE, ClientShown, id=client_id), request)
