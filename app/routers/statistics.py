"""La grille statistique et les indicateurs : exacts pour qui fait le travail, figés et arrondis pour qui le suit."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import TypeAdapter

from app.access.gate import Reading, Writing, may
from app.indicators.figures import Figure, Grid
from app.printing.tabular import grid_csv
from app.printing.xlsx import grid_xlsx
from app.routers.answers import AskedPage, answer, created, documents, listed, printed, replaced
from app.routers.route import Route
from app.schemas.statistics import (
    ExternalCodeDraft,
    ExternalCodes,
    ExternalCodeShown,
    FiguresShown,
    GridShown,
    PublicationPage,
    PublicationShown,
)
from app.services import external_codes, publications, statistics

router = APIRouter(prefix="/statistics", tags=["statistics"], route_class=Route)

Counting = Annotated[Reading, may("statistics:count")]
PeriodAsked = Annotated[
    str, Query(alias="period", max_length=7, description="Mois (2026-09), trimestre (2026-Q3) ou année (2026).")
]
PerimeterAsked = Annotated[
    str,
    Query(
        alias="perimeter",
        max_length=60,
        description="post:…, unit:…, site:…, employer:… (identifiant), departement:28, zone:police, national.",
    ),
]
GRID: TypeAdapter[Grid] = TypeAdapter(Grid)
FIGURES: TypeAdapter[tuple[Figure, ...]] = TypeAdapter(tuple[Figure, ...])
PRINTED: dict[str, tuple[Any, str]] = {
    "csv": (grid_csv, "text/csv; charset=utf-8"),
    "xlsx": (grid_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@router.get("/grid", operation_id="readGrid", summary="Lire la grille statistique", response_model=GridShown)
async def read_grid(request: Request, reading: Counting, period: PeriodAsked, perimeter: PerimeterAsked) -> Response:
    found = await statistics.grid(reading, period=period, perimeter=perimeter)
    return answer(GRID.dump_json(found), request)


@router.get(
    "/grid/document",
    operation_id="printGrid",
    summary="Télécharger la grille, en CSV ou en classeur, dans le même ordre",
    response_class=Response,
    responses=documents(*(media_type.partition(";")[0] for _, media_type in PRINTED.values())),
)
async def print_grid(
    reading: Counting,
    period: PeriodAsked,
    perimeter: PerimeterAsked,
    format_: Annotated[Literal["csv", "xlsx"], Query(alias="format", description="Format du document.")],
) -> Response:
    found = await statistics.grid(reading, period=period, perimeter=perimeter)
    make, media_type = PRINTED[format_]
    return await printed(make, found, media_type=media_type, name=f"grille-{found.period.code}.{format_}")


@router.get(
    "/indicators",
    operation_id="listIndicators",
    summary="Lire les indicateurs, avec leurs numérateurs et dénominateurs",
    response_model=FiguresShown,
)
async def list_indicators(
    request: Request, reading: Counting, period: PeriodAsked, perimeter: PerimeterAsked
) -> Response:
    return answer(_told(*await statistics.figures(reading, period=period, perimeter=perimeter)), request)


@router.get(
    "/indicators/{code}",
    operation_id="readIndicator",
    summary="Lire un indicateur, sa définition, sa complétude et la période précédente",
    response_model=FiguresShown,
)
async def read_indicator(
    code: Annotated[str, Path(max_length=60)],
    request: Request,
    reading: Counting,
    period: PeriodAsked,
    perimeter: PerimeterAsked,
) -> Response:
    return answer(_told(*await statistics.figure(reading, code, period=period, perimeter=perimeter)), request)


@router.get(
    "/publications",
    operation_id="listPublications",
    summary="Lister ce qui est publié, le plus récent d'abord",
    response_model=PublicationPage,
)
async def list_publications(reading: Counting, asked: AskedPage) -> Response:
    page = await reading.page(publications.NEWEST, PublicationShown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.get(
    "/external-codes",
    operation_id="listExternalCodes",
    summary="Lister les correspondances avec la grille demandée",
    response_model=ExternalCodes,
)
async def list_external_codes(request: Request, reading: Annotated[Reading, may("external_code:read")]) -> Response:
    return listed(await reading.show_all(external_codes.ALL, ExternalCodeShown), request)


@router.put(
    "/external-codes/{table_code}/{line_code}",
    operation_id="writeExternalCode",
    summary="Écrire ou remplacer la correspondance d'une ligne",
    response_model=ExternalCodeShown,
)
async def write_external_code(
    table_code: Annotated[str, Path(max_length=20)],
    line_code: Annotated[str, Path(max_length=60)],
    draft: ExternalCodeDraft,
    request: Request,
    writing: Annotated[Writing, may("external_code:add")],
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    line = {"table_code": table_code, "line_code": line_code}
    present = await external_codes.hold(writing, **line)
    before = await writing.show(external_codes.ONE, ExternalCodeShown, **line) if present else None
    replaced(before, if_match=if_match, if_none_match=if_none_match)
    await external_codes.write(writing, **line, replaces=present, **draft.model_dump())
    body = await writing.show(external_codes.ONE, ExternalCodeShown, **line)
    return answer(body, request) if present else created(body, request.url.path)


def _told(head: Grid, items: tuple[Figure, ...]) -> bytes:
    shown = GRID.dump_json(head, exclude={"tables"})
    return shown[:-1] + b',"items":' + FIGURES.dump_json(items) + b"}"
