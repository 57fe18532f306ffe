"""Registre des transmissions : ce qui est sorti, sur quel fondement, vers qui."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import AskedPage, answer, created, said
from app.routers.route import Route
from app.schemas.codes import TransmissionKind
from app.schemas.transmissions import (
    LegalBases,
    LegalBasisOffered,
    TransmissionContentShown,
    TransmissionDraft,
    TransmissionPage,
    TransmissionShown,
)
from app.services import legal_bases, transmissions

router = APIRouter(prefix="/transmissions", tags=["transmissions"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]


@router.get(
    "",
    operation_id="listTransmissions",
    summary="Lister le registre des transmissions, les plus récentes d'abord",
    response_model=TransmissionPage,
)
async def list_transmissions(reading: Annotated[Reading, may("transmission:read")], asked: AskedPage) -> Response:
    page = await reading.page(transmissions.NEWEST, TransmissionShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="passOn",
    summary="Transmettre : partage entre professionnels, information préoccupante, signalement",
    status_code=201,
    response_model=TransmissionShown,
)
async def pass_on(draft: TransmissionDraft, writing: Annotated[Writing, may("transmission:add")], key: Key) -> Response:
    transmission_id = await transmissions.pass_on(writing, key, **draft.model_dump())
    body = await writing.show(transmissions.ONE, TransmissionShown, id=transmission_id)
    return created(body, f"/v1/transmissions/{transmission_id}")


@router.get(
    "/legal-bases",
    operation_id="listLegalBases",
    summary="Lister les fondements offerts à ce poste pour une nature de transmission",
    response_model=LegalBases,
)
async def list_legal_bases(
    request: Request,
    reading: Annotated[Reading, may("transmission:read")],
    transmission_kind: Annotated[TransmissionKind, Query(description="Nature de la transmission.")],
    post_id: Annotated[UUID | None, Query(description="Poste, s'il en est tenu plusieurs.")] = None,
) -> Response:
    offered = await legal_bases.list_offered(reading, transmission_kind=transmission_kind, post_id=post_id)
    items = [LegalBasisOffered(code=basis.code, label=basis.label) for basis in offered]
    return answer(said(LegalBases(items=items)), request)


@router.get(
    "/{transmission_id}",
    operation_id="readTransmission",
    summary="Lire une ligne du registre",
    response_model=TransmissionShown,
)
async def read_transmission(
    transmission_id: UUID, request: Request, reading: Annotated[Reading, may("transmission:read")]
) -> Response:
    return answer(await reading.show(transmissions.ONE, TransmissionShown, id=transmission_id), request)


@router.get(
    "/{transmission_id}/content",
    operation_id="readTransmissionContent",
    summary="Lire ce qui fut transmis, mot pour mot",
    response_model=TransmissionContentShown,
)
async def read_transmission_content(
    transmission_id: UUID, request: Request, reading: Annotated[Reading, may("transmission:read")], key: Key
) -> Response:
    found = await transmissions.read_content(reading, key, transmission_id)
    return answer(said(TransmissionContentShown(**found)), request)
