"""Does a frozen report still say what its records say? A difference is no fault: a late entry makes one. "
"It is named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, func, select

from app.indicators.grid import DECLARED
from app.indicators.periods import after, period_of
from app.models.statistics import Report, ReportSnapshot
from app.services.clock import today
from app.statements import columns, given
from app.transactions import Reading

REPORT, SNAPSHOT = columns(Report), columns(ReportSnapshot)

FROZEN = (
    select(
        REPORT.perimeter_kind,
        REPORT.perimeter_id,
        REPORT.period,
        SNAPSHOT.post_ids,
        SNAPSHOT.cells,
        SNAPSHOT.nomenclature_version,
    )
    .join(ReportSnapshot, SNAPSHOT.report_id == REPORT.id)
    .where(REPORT.id == given("id", Uuid))
)
RECOUNTED = select(
    func.statistics.recounted(
        given("posts", ARRAY(Uuid)),
        given("kind", Text),
        given("place", Text),
        given("starts_on", Date),
        given("until_on", Date),
    ).label("cells")
)


@dataclass(frozen=True)
class Difference:
    """One cell: what was frozen, and what the records give now."""

    cell: str
    frozen: int
    now: int

    def said(self) -> str:
        """In French, with the name of the count."""
        code, *at = self.cell.split("|")
        named: Any = DECLARED.counts.get(code) or DECLARED.delays.get(code)
        label = named.label if named else code
        where = f" ({', '.join(at)})" if at else ""
        return f"{code} {label}{where} : {self.frozen} figé, {self.now} aujourd'hui"


async def differences(reading: Reading, report_id: UUID) -> list[Difference]:
    """Every cell that differs, in the order of their names. ``NotFound`` when no frozen report bears the identifier."""
    report = await reading.row(FROZEN, id=report_id)
    period = period_of(report["period"], today=today())
    row = await reading.row(
        RECOUNTED,
        posts=report["post_ids"],
        kind=report["perimeter_kind"],
        place=report["perimeter_id"],
        starts_on=period.starts_on,
        until_on=after(period),
    )
    frozen, counted = json.loads(report["cells"]), json.loads(row["cells"])
    return [
        Difference(cell, frozen.get(cell, 0), counted.get(cell, 0))
        for cell in sorted({*frozen, *counted})
        if frozen.get(cell, 0) != counted.get(cell, 0)
    ]
