"""Reports: drafted by the post, commented, validated by the employer, frozen; never computed again after that.

Freezing keeps two contents, each in its own table: the exact one, for internal use, and the rounded one, which the
steering committee and the command read. A later version may follow; it never replaces.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import String, Uuid, select

from app.errors import Conflict, FieldError, Forbidden, Invalid
from app.indicators import figures
from app.indicators.figures import Period
from app.indicators.figures import Report as Content
from app.indicators.periods import is_publishable
from app.indicators.version import nomenclature_version
from app.models.organisation import Employer, Post, PostUnit, Unit
from app.models.statistics import Report, ReportRelease, ReportSnapshot
from app.services import perimeters, statistics
from app.services.clock import now
from app.services.disclosure_control import COMMITTEE_BASE
from app.services.fiction import is_invented
from app.services.me import MY_ACCOUNT
from app.services.posts_in_charge import check_held
from app.services.report_contents import content_of, is_empty
from app.services.report_figures import SERVED, exact, identification_of, posts_of, rounded, subject_of
from app.services.report_sections import SECTION_CODES
from app.statements import NewestFirst, columns, given, newest_first, newest_first_everywhere
from app.transactions import Reading, Writing

EMPLOYER, POST, POST_UNIT, UNIT = columns(Employer), columns(Post), columns(PostUnit), columns(Unit)
REPORT, SNAPSHOT, RELEASE = columns(Report), columns(ReportSnapshot), columns(ReportRelease)

SHOWN = select(*REPORT)
ONE = SHOWN.where(REPORT.id == given("id", Uuid))
# What is validated, then frozen, is what was read: nobody comments in between.
HELD = ONE.with_for_update(key_share=True)
_drafted: dict[str, Any] = {"at": REPORT.drafted_at, "key": REPORT.id}
NEWEST = {
    "social_worker": newest_first(SHOWN, perimeter=REPORT.post_id, mine="my_posts", **_drafted),
    "coordinator": newest_first(SHOWN, perimeter=REPORT.employer_id, mine="my_employers", **_drafted),
    "unit_commander": newest_first_everywhere(SHOWN, **_drafted),
    "observatory": newest_first_everywhere(SHOWN, **_drafted),
}
VERSIONS = (
    select(REPORT.version, REPORT.frozen_at)
    .where(
        REPORT.employer_id == given("employer_id", Uuid),
        REPORT.perimeter_kind == given("kind", String),
        REPORT.perimeter_id == given("place", String),
        REPORT.period == given("period", String),
    )
    .order_by(REPORT.version.desc())
    .limit(1)
)
SNAPSHOT_OF = select(SNAPSHOT.content).where(SNAPSHOT.report_id == given("id", Uuid))
RELEASE_OF = select(RELEASE.content).where(RELEASE.report_id == given("id", Uuid))

CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
TABLE = Report
# Whose report each may open: the post writes its own, the coordinator all those of the employer.
DRAFTED_BY = {
    "social_worker": (figures.POST,),
    "coordinator": (figures.POST, figures.EMPLOYER, figures.DEPARTEMENT),
}


def newest_for(reading: Reading) -> NewestFirst:
    """The reports, newest first, as the caller's role pages them."""
    return NEWEST[reading.actor.role]


async def draft(writing: Writing, *, id: UUID, period: str, perimeter: str) -> UUID:
    """Open a quarterly or annual report. Returns its identifier.

    422 for a month or a perimeter of another kind, 404 for a perimeter that is not mine, 409 while another draft of the
    same report is open.
    """
    when = _quarter_or_year(period)
    where = await perimeters.find(writing, perimeter)
    if where.kind not in DRAFTED_BY[writing.actor.role]:
        raise Invalid("report_perimeter", "/perimeter")
    await statistics.exact_cells(writing, when, where)  # 404 unless mine to count
    posts = await posts_of(writing, where)
    # Whoever replaces counts the post, and does not speak for it.
    if writing.actor.role == "social_worker":
        await check_held(writing, posts[0]["id"])
    employer_id: UUID = posts[0]["employer_id"]
    last = await writing.seek_row(VERSIONS, employer_id=employer_id, kind=where.kind, place=where.id, period=when.code)
    if last is not None and last["frozen_at"] is None:
        raise Conflict("report_already_drafted")
    row = Report(
        id=id,
        employer_id=employer_id,
        post_id=posts[0]["id"] if where.kind == figures.POST else None,
        perimeter_kind=where.kind,
        perimeter_id=where.id,
        period=when.code,
        starts_on=when.starts_on,
        ends_on=when.ends_on,
        version=(last["version"] if last else 0) + 1,
        commentary={},
        unit_ids=[],
        drafted_by=writing.actor.account_id,
        drafted_at=now(),
    )
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def comment(writing: Writing, report_id: UUID, *, commentary: dict[str, str | None] | None) -> None:
    """Write, correct or clear (``null``) the commentary of some sections. A validated report is to be validated again.

    409 once frozen or, for the post, once validated.
    """
    report = await _open(writing, report_id)
    unknown = sorted((commentary or {}).keys() - SECTION_CODES)
    if unknown:
        raise Invalid(FieldError("/commentary", "unknown_section"))
    changed: dict[str, Any] = {}
    if commentary is not None:
        merged = {**json.loads(report["commentary"]), **commentary}
        changed["commentary"] = {code: text for code, text in merged.items() if text is not None}
    if report["validated_at"] is not None:
        if writing.actor.role != "coordinator":
            raise Conflict("report_validated")
        changed |= dict.fromkeys(("validated_by", "validated_as", "validated_at"))
    await writing.change(Report, changed, id=report_id)


async def validate(writing: Writing, report_id: UUID) -> None:
    """The employer validates; who did is recorded, and printed. 409 once frozen."""
    await _open(writing, report_id)
    me = await writing.row(MY_ACCOUNT)
    said = {"validated_by": writing.actor.account_id, "validated_as": me["name"], "validated_at": now()}
    await writing.change(Report, said, id=report_id)


async def freeze(writing: Writing, key: bytes, report_id: UUID) -> None:
    """Freeze: the exact content and the rounded one, computed now and never again.

    409 unless validated, when its period is not over, and when there is nothing to tell.
    """
    report = await _open(writing, report_id)
    if report["validated_at"] is None:
        raise Conflict("report_not_validated")
    period, perimeter = await subject_of(writing, report)
    if not period.closed:
        raise Conflict("period_not_over")
    exactly = await exact(writing, period, perimeter)
    if is_empty(exactly.filling):
        raise Conflict("report_without_figures")
    posts = await posts_of(writing, perimeter)
    post_ids = [post["id"] for post in posts]
    unit_ids = [row["unit_id"] for row in await writing.rows(SERVED, post_ids=post_ids)]
    frozen_at = now()
    told: dict[str, Any] = {
        "period": period,
        "perimeter": perimeter,
        "identification": await identification_of(writing, perimeter),
        "invented": await is_invented(writing),
        "frozen_at": frozen_at,
    }
    facts = _facts(report)
    roughly = await rounded(writing, key, period, perimeter)
    shared = {"report_id": report_id, "employer_id": report["employer_id"], "post_id": report["post_id"]}
    await writing.change(
        Report, {"frozen_by": writing.actor.account_id, "frozen_at": frozen_at, "unit_ids": unit_ids}, id=report_id
    )
    await writing.add(
        ReportSnapshot(
            **shared,
            post_ids=post_ids,
            content=CONTENT.dump_python(content_of(facts, exactly, **told), mode="json"),
            cells=_cells(exactly.filling.now),
            previous_cells=_cells(exactly.filling.earlier),
            nomenclature_version=nomenclature_version(),
        ),
        ReportRelease(
            **shared,
            unit_ids=unit_ids,
            rounded_to=COMMITTEE_BASE,
            content=CONTENT.dump_python(content_of(facts, roughly, **told), mode="json"),
            released_at=frozen_at,
        ),
    )


async def content(reading: Reading, report_id: UUID, *, audience: str | None) -> Content:
    """What the document prints: frozen as it was, live while it is a draft. The rounded one exists once frozen only.

    403 when a role that reads rounded figures asks for the exact ones.
    """
    may_count = reading.actor.role in statistics.EXACT
    wanted = audience or ("internal" if may_count else "committee")
    if wanted == "internal" and not may_count:
        raise Forbidden
    reading.about(report_id)
    report = await reading.row(ONE, id=report_id)
    if report["frozen_at"] is not None:
        kept = await reading.row(SNAPSHOT_OF if wanted == "internal" else RELEASE_OF, id=report_id)
        return CONTENT.validate_json(kept["content"])
    if wanted != "internal":
        raise Conflict("report_not_frozen")
    period, perimeter = await subject_of(reading, report)
    told = content_of(
        _facts(report),
        await exact(reading, period, perimeter),
        period=period,
        perimeter=perimeter,
        identification=await identification_of(reading, perimeter),
        invented=await is_invented(reading),
    )
    reading.row_count = 1  # one report: the names of places beside it are nobody's
    return told


async def _open(writing: Writing, report_id: UUID) -> Any:
    writing.about(report_id)
    report = await writing.row(HELD, id=report_id)
    if report["frozen_at"] is not None:
        raise Conflict("report_frozen")
    return report


def _facts(report: Any) -> dict[str, Any]:
    return {**report, "commentary": json.loads(report["commentary"])}


def _cells(counted: Any) -> dict[str, int]:
    return dict(counted.cells)


def _quarter_or_year(code: str) -> Period:
    period = statistics.asked_period(code, "/period")
    if not is_publishable(period):
        raise Invalid("report_by_quarter_or_year", "/period")
    return period
