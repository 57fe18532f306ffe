"""Rapports d'activité : ouverts par le poste, validés et figés par l'employeur, lus arrondis par le comité."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.gate import Reading, StatisticsKey, Writing, may, statistics_key
from app.printing.pdf import report_pdf
from app.printing.tabular import report_csv
from app.printing.xlsx import report_xlsx
from app.routers.answers import AskedPage, IfMatch, answer, created, documents, printed
from app.routers.route import Route
from app.schemas.base import Nothing, Shown
from app.schemas.reports import (
    ReportDraft,
    ReportPage,
    ReportPageToCommittee,
    ReportPatch,
    ReportShown,
    ReportShownToCommittee,
)
from app.services import reports

router = APIRouter(prefix="/reports", tags=["reports"], route_class=Route)

MayRead = Annotated[Reading, may("report:read")]
MayComment = Annotated[Writing, may("report:change", column="commentary")]
MayValidate = Annotated[Writing, may("report:change", column="validated_at")]
Key = Annotated[StatisticsKey, Depends(statistics_key)]

# Publishing is an act: what each audience is shown is written here, never inherited from a table.
SHOWN_TO: dict[str, type[Shown]] = {
    "social_worker": ReportShown,
    "coordinator": ReportShown,
    "unit_commander": ReportShownToCommittee,
    "observatory": ReportShownToCommittee,
}
PRINTED: dict[str, tuple[Any, str]] = {
    "pdf": (report_pdf, "application/pdf"),
    "xlsx": (report_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (report_csv, "text/csv; charset=utf-8"),
}


@router.get(
    "",
    operation_id="listReports",
    summary="Lister les rapports, les plus récents d'abord",
    response_model=ReportPage | ReportPageToCommittee,
)
async def list_reports(reading: MayRead, asked: AskedPage) -> Response:
    shown = SHOWN_TO[reading.actor.role]
    page = await reading.page(reports.newest_for(reading), shown, limit=asked.limit, after=asked.after(reading))
    return asked.answer(page.items, page.last, reading)


@router.post(
    "",
    operation_id="draftReport",
    summary="Ouvrir un rapport trimestriel ou annuel",
    status_code=201,
    response_model=ReportShown,
)
async def draft_report(draft: ReportDraft, writing: Annotated[Writing, may("report:add")]) -> Response:
    report_id = await reports.draft(writing, **draft.model_dump())
    return created(await writing.show(reports.ONE, ReportShown, id=report_id), f"/v1/reports/{report_id}")


@router.get(
    "/{report_id}",
    operation_id="readReport",
    summary="Lire un rapport",
    response_model=ReportShown | ReportShownToCommittee,
)
async def read_report(report_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(reports.ONE, SHOWN_TO[reading.actor.role], id=report_id), request)


@router.patch(
    "/{report_id}", operation_id="commentReport", summary="Commenter les sections", response_model=ReportShown
)
async def comment_report(
    report_id: UUID, patch: ReportPatch, request: Request, writing: MayComment, seen: IfMatch
) -> Response:
    seen.holds_for(await writing.hold(reports.ONE, ReportShown, reports.TABLE, id=report_id))
    await reports.comment(writing, report_id, **({"commentary": None} | patch.said()))
    return answer(await writing.show(reports.ONE, ReportShown, id=report_id), request)


@router.post(
    "/{report_id}/validate", operation_id="validateReport", summary="Valider un rapport", response_model=ReportShown
)
async def validate_report(
    report_id: UUID,
    request: Request,
    writing: MayValidate,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await reports.validate(writing, report_id)
    return answer(await writing.show(reports.ONE, ReportShown, id=report_id), request)


@router.post(
    "/{report_id}/freeze",
    operation_id="freezeReport",
    summary="Figer un rapport validé : ses chiffres ne bougent plus",
    response_model=ReportShown,
)
async def freeze_report(
    report_id: UUID,
    request: Request,
    writing: MayValidate,
    key: Key,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await reports.freeze(writing, key, report_id)
    return answer(await writing.show(reports.ONE, ReportShown, id=report_id), request)


@router.get(
    "/{report_id}/document",
    operation_id="printReport",
    summary="Télécharger un rapport en PDF, en classeur ou en CSV",
    response_class=Response,
    responses=documents(*(media_type.partition(";")[0] for _, media_type in PRINTED.values())),
)
async def print_report(
    report_id: UUID,
    reading: MayRead,
    format_: Annotated[Literal["pdf", "xlsx", "csv"], Query(alias="format", description="Format du document.")],
    audience: Annotated[
        Literal["internal", "committee"] | None,
        Query(
            description="Chiffres exacts (usage interne) ou arrondis (comité) ; selon la fonction si rien n'est dit."
        ),
    ] = None,
) -> Response:
    found = await reports.content(reading, report_id, audience=audience)
    make, media_type = PRINTED[format_]
    name = f"rapport-{found.period.code}-v{found.version}-{found.audience}.{format_}"
    return await printed(make, found, media_type=media_type, name=name)
