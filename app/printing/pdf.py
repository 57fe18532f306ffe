"""A report as a PDF that can be printed, archived and read aloud: tagged (PDF/UA-1), the same bytes each time."""

import json
from datetime import UTC
from pathlib import Path
from typing import Final

import typst

from app.indicators.figures import Report
from app.printing.payload import report_payload

_TEMPLATE: Final = Path(__file__).parent / "report" / "report.typ"


def report_pdf(report: Report) -> bytes:
    """The report, ready to send; some tenths of a second of one processor, away from the loop if there is one.

    What people wrote goes in as JSON and is only ever text: nothing of it is read as a command of the template. The
    fonts are those of the engine and the date is that of the report, so that two prints are the same bytes.
    """
    instant = (report.frozen_at or report.as_of).astimezone(UTC).replace(microsecond=0)
    return typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"report": json.dumps(report_payload(report), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=instant,
    )
