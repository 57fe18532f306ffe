"""The figures of a report, exact or rounded, and who it is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, or_, select

from app.errors import NotFound
from app.indicators import figures
from app.indicators.figures import Perimeter, Period
from app.indicators.periods import before
from app.models.organisation import Employer, Post, PostUnit, Unit
from app.printing.wording import day
from app.services import municipalities, perimeters, statistics
from app.services.clock import today
from app.services.counted_cells import ExactCells, PublishedCells
from app.services.disclosure_control import COMMITTEE_BASE
from app.services.me import MY_ACCOUNT
from app.services.publishing import behind
from app.services.report_contents import Figures, quarters_of
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER, POST, POST_UNIT, UNIT = columns(Employer), columns(Post), columns(PostUnit), columns(Unit)

COUNTED_POSTS = (
    select(POST.id, POST.name, POST.employer_id, POST.starts_on, POST.ends_on, EMPLOYER.name.label("employer"))
    .join(Employer, EMPLOYER.id == POST.employer_id)
    .where(
        or_(
            POST.id == given("post_id", Uuid),
            (given("post_id", Uuid).is_(None)) & (POST.employer_id == given("employer_id", Uuid)),
        )
    )
    .order_by(POST.name, POST.id)
)
SERVED = (
    select(POST_UNIT.unit_id, UNIT.name)
    .distinct()
    .join(Unit, UNIT.id == POST_UNIT.unit_id)
    .where(POST_UNIT.post_id == func.any(given("post_ids", ARRAY(Uuid))))
    .order_by(UNIT.name)
)


async def subject_of(reading: Reading, report: Any) -> tuple[Period, Perimeter]:
    """The period and the perimeter that a report is about."""
    asked = report["perimeter_kind"], report["perimeter_id"]
    return statistics.asked_period(report["period"]), await perimeters.find(reading, ":".join(asked))


async def posts_of(reading: Reading, perimeter: Perimeter) -> list[Any]:
    """The posts that a report counts; for a département, those of the coordinator's employer."""
    post_id = UUID(perimeter.id) if perimeter.kind == figures.POST else None
    employer_id = UUID(perimeter.id) if perimeter.kind == figures.EMPLOYER else None
    if perimeter.kind == figures.DEPARTEMENT:
        employer_id = (await reading.row(MY_ACCOUNT))["employer_id"]
    found = await reading.rows(COUNTED_POSTS, post_id=post_id, employer_id=employer_id)
    if not found:
        raise NotFound
    return list(found)


async def exact(reading: Reading, period: Period, perimeter: Perimeter) -> Figures:
    """Exact figures, live; 404 when the perimeter is not mine to count."""
    filling = await statistics.exact_filling(reading, period, perimeter)
    quarters = [
        ExactCells(await statistics.exact_cells(reading, quarter, perimeter)) for quarter in quarters_of(period)
    ]
    residence = await municipalities.by_residence(reading, period, perimeter)
    return Figures(filling, tuple(quarters), (residence,))


async def rounded(reading: Reading, key: bytes, period: Period, perimeter: Perimeter) -> Figures:
    """The same figures as they may leave: rounded, or withheld when too few persons stand behind them."""

    async def protected(when: Period) -> PublishedCells:
        known = await behind(reading, when, perimeter, key=key)
        cells = known.rounded(key=key, base=COMMITTEE_BASE) if known.stands_alone(key=key) else None
        return PublishedCells(cells, rounded_to=COMMITTEE_BASE)

    now_, earlier = await protected(period), await protected(before(period, today=today()))
    filling = await statistics.filled_with(reading, now_, earlier, perimeter)
    return Figures(filling, tuple([await protected(quarter) for quarter in quarters_of(period)]))


async def identification_of(reading: Reading, perimeter: Perimeter) -> tuple[tuple[str, str], ...]:
    """What the cover says: employer, posts, units served, shared post or not, territory."""
    posts = await posts_of(reading, perimeter)
    units = [row["name"] for row in await reading.rows(SERVED, post_ids=[post["id"] for post in posts])]
    said = [("Employeur", posts[0]["employer"])]
    said.append(("Poste" if len(posts) == 1 else "Postes", ", ".join(post["name"] for post in posts)))
    said.append(("Unités desservies", ", ".join(units) or "aucune"))
    if perimeter.kind == figures.POST:
        said.append(("Poste mutualisé", "oui" if len(units) > 1 else "non"))
        since, until = f"depuis le {day(posts[0]['starts_on'])}", posts[0]["ends_on"]
        said.append(("Convention", f"{since}, jusqu’au {day(until)}" if until else since))
    elif perimeter.kind == figures.DEPARTEMENT:
        said.append(("Territoire", perimeter.label))
    return tuple(said)
