"""The grid and the indicators: exact and live for whoever does the work, frozen and rounded for whoever watches it.

Two roads, by role and not by parameter. The social worker and the coordinator count, now, through functions that give
numbers only. The command, the committees, the observatory read what was published, and have no right on anything else:
there is nothing to subtract. See ``statistics.md`` section 5.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final, Literal

from sqlalchemy import Date, String, Text, func, select

from app.errors import Conflict, Invalid, NotFound
from app.indicators.definitions import Indicator, Told
from app.indicators.figures import Figure, FilledTable, Grid, Perimeter, Period
from app.indicators.grid import GRID
from app.indicators.indicators import INDICATORS
from app.indicators.periods import after, before, is_publishable, period_of
from app.indicators.t01_overview import TABLE as OVERVIEW
from app.indicators.version import nomenclature_version
from app.models.organisation import Employer, Post
from app.models.statistics import ExternalCode, Publication
from app.services import municipalities, perimeters
from app.services.clock import now, today
from app.services.counted_cells import ExactCells, PublishedCells
from app.services.external_codes import codes_for
from app.services.fiction import is_invented
from app.services.filling import Filling
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER, POST = columns(Employer), columns(Post)
PUBLICATION, CODE = columns(Publication), columns(ExternalCode)

_where: tuple[Any, ...] = (
    given("kind", Text),
    given("place", Text),
    given("starts_on", Date),
    given("until_on", Date),
)
FIGURES = select(func.statistics.figures(*_where).label("cells"))
LATEST = (
    select(*PUBLICATION)
    .where(
        PUBLICATION.perimeter_kind == given("kind", String),
        PUBLICATION.perimeter_id == given("place", String),
        PUBLICATION.period == given("period", String),
        PUBLICATION.audience == given("audience", String),
    )
    .order_by(PUBLICATION.version.desc())
    .limit(1)
)
EXACT: Final = ("social_worker", "coordinator")
READS_COMMITTEE: Final = ("unit_commander", "observatory")

INTERNAL_NOTES: Final = (
    "Chiffres exacts à usage interne : ils ne se publient pas.",
    "Une personne est comptée une fois par tableau. Une personne vue dans deux lieux ou par deux postes compte dans "
    "chacun : la somme des lieux peut dépasser le total.",
)
INVENTED: Final = "Données inventées : aucun chiffre ne décrit de vraies personnes."
PUBLISHED_NOTES: Final = (
    "Chiffres arrondis au hasard, à {base} près au plus pour les personnes, figés à leur publication. Le vrai zéro "
    "reste zéro.",
    "Les totaux sont arrondis à part : ils ne sont pas la somme des lignes.",
    "Les parts viennent des chiffres arrondis, et ne se disent qu’au-dessus de 20 ; les délais, à partir de 11 "
    "observations.",
    INTERNAL_NOTES[1],
)
WITHHELD: Final = {
    "too_few_persons": "Moins de 50 personnes : ce périmètre n’est publié que dans celui qui le contient.",
}
NOT_PUBLISHED: Final = "Rien n’est publié, qui vous soit accessible, pour ce périmètre et cette période."

INDICATORS_BY_CODE: Final[dict[str, Indicator | Told]] = {
    **{told.code: told for told in OVERVIEW.lines},
    **{each.code.rpartition(".")[2]: each for each in INDICATORS},
}


def asked_period(code: str, parameter: str = "?period") -> Period:
    """The period of a parameter; 422 when it is none, or has not begun."""
    try:
        period = period_of(code, today=today())
    except ValueError:
        raise Invalid("bad_period", parameter) from None
    if period.starts_on > today():
        raise Invalid("period_to_come", parameter)
    return period


async def grid(reading: Reading, *, period: str, perimeter: str) -> Grid:
    """The whole grid of a perimeter and a period, as the caller may read it."""
    when, where = await _asked(reading, period, perimeter)
    of_the_role = exact_grid if reading.actor.role in EXACT else _published_grid
    told = await _marked(reading, await of_the_role(reading, when, where))
    reading.row_count = 1  # one grid: the names of places beside it are nobody's
    return told


async def figures(reading: Reading, *, period: str, perimeter: str) -> tuple[Grid, tuple[Figure, ...]]:
    """Every indicator, and the grid they belong to (without its tables)."""
    when, where = await _asked(reading, period, perimeter)
    filling, head = await _filling(reading, when, where)
    head = await _marked(reading, head)
    reading.row_count = 1
    if filling is None:
        return head, ()
    return head, tuple(filling.figure(each) for each in INDICATORS_BY_CODE.values())


async def figure(reading: Reading, code: str, *, period: str, perimeter: str) -> tuple[Grid, tuple[Figure, ...]]:
    """One indicator. 404 when no indicator bears that code."""
    if code not in INDICATORS_BY_CODE:
        raise NotFound
    head, found = await figures(reading, period=period, perimeter=perimeter)
    return head, tuple(each for each in found if each.code == code)


async def _marked(reading: Reading, grid: Grid) -> Grid:
    """What comes from the demonstration says so, wherever it goes."""
    return replace(grid, notes=(*grid.notes, INVENTED)) if await is_invented(reading) else grid


async def exact_cells(reading: Reading, period: Period, perimeter: Perimeter) -> dict[str, int]:
    """The exact cells; 404 when this perimeter is not the caller's to count."""
    row = await reading.row(
        FIGURES, kind=perimeter.kind, place=perimeter.id, starts_on=period.starts_on, until_on=after(period)
    )
    if row["cells"] is None:
        raise NotFound
    cells: dict[str, int] = json.loads(row["cells"])
    return cells


async def exact_filling(reading: Reading, period: Period, perimeter: Perimeter) -> Filling:
    """The tables of exact figures, ready to be filled."""
    cells = await exact_cells(reading, period, perimeter)
    earlier = await exact_cells(reading, before(period, today=today()), perimeter)
    return await filled_with(reading, ExactCells(cells), ExactCells(earlier), perimeter)


async def filled_with(reading: Reading, now_: Any, earlier: Any, perimeter: Perimeter) -> Filling:
    """The same tables, from any cells."""
    names, codes = await perimeters.place_names(reading), await codes_for(reading, perimeter)
    return Filling(now_, earlier, names, codes)


async def exact_grid(reading: Reading, period: Period, perimeter: Perimeter) -> Grid:
    """The grid to fill in and sign: exact, live, for internal use."""
    filling = await exact_filling(reading, period, perimeter)
    tables = [filling.table(table) for table in GRID]
    tables.insert(-2, await municipalities.by_residence(reading, period, perimeter))
    return _head(period, perimeter, tables=(*tables, filling.completeness()), notes=INTERNAL_NOTES)


async def _asked(reading: Reading, period: str, perimeter: str) -> tuple[Period, Perimeter]:
    when = asked_period(period)
    # The trace names the place that was asked for, found or not; a département or the nation has no identifier.
    if (place := perimeters.place_of(perimeter)) is not None:
        reading.about(place)
    return when, await perimeters.find(reading, perimeter)


async def _filling(reading: Reading, period: Period, perimeter: Perimeter) -> tuple[Filling | None, Grid]:
    if reading.actor.role in EXACT:
        return await exact_filling(reading, period, perimeter), _head(period, perimeter, notes=INTERNAL_NOTES)
    return await _published_filling(reading, period, perimeter)


async def _published_grid(reading: Reading, period: Period, perimeter: Perimeter) -> Grid:
    filling, head = await _published_filling(reading, period, perimeter)
    if filling is None:
        return head
    tables = tuple(filling.table(table) for table in GRID)
    return replace(head, tables=tables)


async def _published_filling(reading: Reading, period: Period, perimeter: Perimeter) -> tuple[Filling | None, Grid]:
    if not is_publishable(period):
        raise Invalid("published_by_quarter_or_year", "?period")
    if not period.closed:
        raise Conflict("period_not_over")
    audience: Literal["committee", "public"] = "committee" if reading.actor.role in READS_COMMITTEE else "public"
    found = await _latest(reading, period, perimeter, audience)
    if found is None:
        return None, _head(period, perimeter, audience=audience, reason=NOT_PUBLISHED)
    base = found["rounded_to"]
    head = _head(
        period,
        perimeter,
        audience=audience,
        rounded_to=base,
        version=found["version"],
        as_of=found["published_at"],
        nomenclature_version=found["nomenclature_version"],
        notes=tuple(note.format(base=base) for note in PUBLISHED_NOTES),
        reason=WITHHELD.get(found["withheld_because"] or ""),
    )
    if found["withheld_because"]:
        return None, head
    earlier = await _latest(reading, before(period, today=today()), perimeter, audience)
    then = earlier and not earlier["withheld_because"]
    now_, before_ = json.loads(found["cells"]), json.loads(earlier["cells"]) if then else None
    cells = [PublishedCells(each, rounded_to=base) for each in (now_, before_)]
    return await filled_with(reading, cells[0], cells[1], perimeter), head


async def _latest(reading: Reading, period: Period, perimeter: Perimeter, audience: str) -> Any:
    return await reading.seek_row(
        LATEST, kind=perimeter.kind, place=perimeter.id, period=period.code, audience=audience
    )


def _head(
    period: Period,
    perimeter: Perimeter,
    *,
    audience: Literal["internal", "committee", "public"] = "internal",
    tables: tuple[FilledTable, ...] = (),
    **said: Any,
) -> Grid:
    facts: dict[str, Any] = {
        "rounded_to": None,
        "version": None,
        "as_of": now(),
        "nomenclature_version": nomenclature_version(),
        "notes": (),
        "reason": None,
    }
    return Grid(period=period, perimeter=perimeter, audience=audience, tables=tables, **(facts | said))
