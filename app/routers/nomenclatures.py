"""Listes officielles."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.access.gate import Reading, may
from app.routers.answers import answer, said
from app.routers.route import Route
from app.schemas.nomenclatures import Lists, Terms, TermShown
from app.services import nomenclatures

router = APIRouter(prefix="/nomenclatures", tags=["nomenclatures"], route_class=Route)

MayRead = Annotated[Reading, may("nomenclature:read")]
AN_HOUR = "private, max-age=3600"


@router.get("", operation_id="listNomenclatures", summary="Lister les listes officielles", response_model=Lists)
async def list_nomenclatures(request: Request, reading: MayRead) -> Response:  # noqa: ARG001 — the permission
    return answer(said(Lists(items=nomenclatures.titles())), request, cache=AN_HOUR)


@router.get("/{name}", operation_id="readNomenclature", summary="Lire une liste officielle", response_model=Terms)
async def read_nomenclature(
    name: Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")], request: Request, reading: MayRead
) -> Response:
    items = await reading.show_all(nomenclatures.terms_of(name), TermShown)
    return answer(b'{"items":' + items + b"}", request, cache=AN_HOUR)
