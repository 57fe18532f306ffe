"""Annuaire : import et export au schéma data·inclusion v1."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.access.gate import Reading, Writing, may
from app.data_inclusion.reading import Rows
from app.errors import Unavailable
from app.messages import preferred_language
from app.routers.answers import JSON, NOBODY_KEEPS_IT
from app.routers.route import Route
from app.schemas.directory_texts import DepartementCode
from app.schemas.partner_imports import ExportShown, ImportReport
from app.services import partner_exports, partner_imports

router = APIRouter(prefix="/partners", tags=["partners"], route_class=Route)

LARGEST_IMPORT: Final = 50_000_000
STREAMED: Final = {"/v1/partners/import": LARGEST_IMPORT}
"""The paths whose body the wire passes through as it comes, and its size at most."""

EXPORTING: Final = asyncio.Lock()
IN_MEMORY: Final = 1 << 20
CHUNK: Final = 1 << 16
_SHAPE: Final = {"type": "object", "description": "Fiches data·inclusion v1 : structures et services."}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "Fiches au schéma data·inclusion v1, 50 Mo au plus : un objet {structures, services}, une liste"
        " mêlée, une page de l'API data·inclusion ({items}), ou une fiche par ligne (application/x-ndjson).",
        "content": {
            "application/json": {
                "schema": {"oneOf": [_SHAPE, {"type": "array", "items": {"type": "object"}}]},
                "example": {
                    "structures": [
                        {
                            "source": "exemple",
                            "id": "exemple--ccas",
                            "nom": "CCAS de Chartres",
                            "date_maj": "2026-01-31",
                            "code_insee": "28085",
                            "reseaux_porteurs": ["ccas-cias"],
                        }
                    ],
                    "services": [],
                },
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[None]:
    """The body, received to its end in a temporary file, before any transaction opens."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        async for chunk in request.stream():
            try:
                file.write(chunk)
            except OSError:
                raise Unavailable("import_no_room", retry_after=300) from None
        request.state.spooled = file
        yield


@router.post(
    "/import",
    operation_id="importPartners",
    summary="Importer des fiches data·inclusion : chacune est créée, mise à jour, inchangée ou refusée",
    description="Chaque fiche est reconnue à sa source et à son identifiant : refaire un import n'ajoute rien. Une"
    " fiche refusée n'empêche pas les autres. 422 si le fichier ne se lit pas jusqu'au bout : rien n'est alors écrit,"
    " et `errors` dit à quelle fiche la lecture s'est arrêtée, puis quelles fiches lues avant sont à corriger.",
    response_model=ImportReport,
    openapi_extra=BODY,
)
async def import_partners(request: Request, writing: Annotated[Writing, may("partner:add", first=spooled)]) -> Response:
    report = await partner_imports.import_rows(writing, Rows(request.state.spooled))
    shown = report.as_json(preferred_language(request.headers.get("accept-language")))
    return Response(shown, media_type=JSON, headers={"Cache-Control": NOBODY_KEEPS_IT})


@router.get(
    "/export",
    operation_id="exportPartners",
    summary="Exporter l'annuaire au schéma data·inclusion v1",
    description="Les fiches en cours. L'adresse d'un refuge n'y est pas, ni rien qui y mène.",
    response_model=ExportShown,
)
async def export_partners(
    reading: Annotated[Reading, may("partner:read")],
    departement_code: Annotated[
        DepartementCode | None, Query(description="Les structures de ce département, et tous leurs services.")
    ] = None,
) -> Response:
    # Written here, while the transaction is open; sent after, from the file. One at a time: a lane has few connections,
    # and whoever exports must not keep the others from theirs.
    if EXPORTING.locked():
        raise Unavailable("export_under_way", retry_after=5)
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — closed once it is sent
    try:
        async with EXPORTING:
            await partner_exports.write_export(reading, file, departement_code=departement_code)
    except BaseException:
        file.close()
        raise
    headers = {"Cache-Control": NOBODY_KEEPS_IT, "Content-Length": str(file.tell())}
    return StreamingResponse(_sent(file), media_type=JSON, headers=headers)


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
