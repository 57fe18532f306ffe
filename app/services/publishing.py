"""Publishing: the figures of a closed period, rounded and frozen, for those who may not see them exact.

One road for everything that leaves: each cell with how many persons stand behind it and the sum of their keys, then
``disclosure_control``. What is published is never computed again; a correction is a new version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Date, LargeBinary, String, Text, Uuid, cast, column, func, literal, null, select, union_all

from app.errors import Conflict, Invalid
from app.indicators.figures import DEPARTEMENT, NATION, UNIT, ZONE, Perimeter, Period
from app.indicators.grid import DECLARED
from app.indicators.periods import after, is_publishable
from app.indicators.version import nomenclature_version
from app.models.organisation import Employer, Post, PostUnit
from app.models.statistics import Publication
from app.nomenclature.terms import LISTS
from app.services.clock import now
from app.services.counted_cells import histograms
from app.services.disclosure_control import (
    COMMITTEE_BASE,
    MEDIAN,
    P90,
    PUBLIC_BASE,
    Contribution,
    Rounded,
    pads,
    protected,
    protected_quantile,
    stands_alone,
)
from app.statements import columns, given
from app.transactions import Reading, Writing

EMPLOYER, POST, POST_UNIT = columns(Employer), columns(Post), columns(PostUnit)
PUBLICATION = columns(Publication)

CONTRIBUTIONS = select(
    *(
        func.statistics.contributions(
            given("kind", Text),
            given("place", Text),
            given("starts_on", Date),
            given("until_on", Date),
            given("inner_pad", LargeBinary),
            given("outer_pad", LargeBinary),
        )
        .table_valued(*(column(name) for name in ("cell", "events", "persons", "key_sum", "largest")))
        .alias("c")
        .c
    )
)
PLACES = union_all(
    select(literal("post").label("kind"), POST.id.label("place"), POST.employer_id),
    select(literal("employer"), EMPLOYER.id, EMPLOYER.id).where(EMPLOYER.id.in_(select(POST.employer_id))),
    select(literal("unit"), POST_UNIT.unit_id, cast(null(), Uuid)).distinct(),
)
DEPARTEMENTS = (
    select(EMPLOYER.departement_code)
    .distinct()
    .join(Post, POST.employer_id == EMPLOYER.id)
    .order_by("departement_code")
)
LATEST = (
    select(PUBLICATION.version, PUBLICATION.cells, PUBLICATION.withheld_because)
    .where(
        PUBLICATION.perimeter_kind == given("kind", String),
        PUBLICATION.perimeter_id == given("place", String),
        PUBLICATION.period == given("period", String),
        PUBLICATION.audience == given("audience", String),
    )
    .order_by(PUBLICATION.version.desc())
    .limit(1)
)

Cells = dict[str, tuple[int, int]]
PERSONS: Final = "T1.persons"
BASES: Final = {"committee": COMMITTEE_BASE, "public": PUBLIC_BASE}
# What is too small a place for everybody stays with those who watch it.
FOR_EVERYBODY: Final = (DEPARTEMENT, ZONE, NATION)


@dataclass(frozen=True)
class Behind:
    """What stands behind the cells of a perimeter and a period, exact; it goes no further than this "
    "module's callers."""

    cells: Mapping[str, Contribution]
    alone: Mapping[str, int]
    """Cells that nobody stands behind (meetings, days worked): told as they are."""

    def rounded(self, *, key: bytes, base: int) -> Cells:
        """Every cell, protected; ``(value, rounded to)``, rounded to 0 for what concerns nobody."""
        found: Cells = {name: (value, 0) for name, value in self.alone.items()}
        for name, contribution in self.cells.items():
            if "|days|" not in name:
                said = protected(contribution, key=key, base=base)
                found[name] = (said.value, said.rounded_to)
        days = histograms({name: each.events for name, each in self.cells.items()})
        for code in DECLARED.delays:
            persons = Rounded(*found.get(f"{code}|known", (0, base)))
            for part, quantile in (("median", MEDIAN), ("p90", P90)):
                told = protected_quantile(days.get(code, {}), quantile, persons=persons, base=base)
                if told is not None:
                    found[f"{code}|{part}"] = (told.value, told.rounded_to)
        return found

    def stands_alone(self, *, key: bytes) -> bool:
        """Are there enough persons for this perimeter to be published for itself?"""
        persons = self.cells.get(PERSONS)
        return persons is not None and stands_alone(protected(persons, key=key, base=COMMITTEE_BASE))


async def behind(reading: Reading, period: Period, perimeter: Perimeter, *, key: bytes) -> Behind:
    """What stands behind each cell; only those whose figures are exact anyway may ask."""
    inner_pad, outer_pad = pads(key)
    rows = await reading.rows(
        CONTRIBUTIONS,
        kind=perimeter.kind,
        place=perimeter.id,
        starts_on=period.starts_on,
        until_on=after(period),
        inner_pad=inner_pad,
        outer_pad=outer_pad,
    )
    cells = {
        row["cell"]: Contribution(row["events"], row["persons"], row["key_sum"], row["largest"])
        for row in rows
        if row["persons"]
    }
    return Behind(cells, {row["cell"]: row["events"] for row in rows if not row["persons"]})


async def publish(
    writing: Writing, period: Period, *, key: bytes, advance: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Publish every perimeter of a closed quarter or year. Returns how many versions were added.

    A perimeter whose figures have not changed since its last version gets no other. 422 for a month, 409 for a period
    that is not over.
    """
    if not is_publishable(period):
        raise Invalid("published_by_quarter_or_year", "?period")
    if not period.closed:
        raise Conflict("period_not_over")
    places, added = await _perimeters(writing), 0
    for number, (perimeter, owners) in enumerate(places, 1):
        added += await publish_one(writing, period, perimeter, owners, key=key)
        advance(number, len(places))
    return added


async def publish_one(
    writing: Writing, period: Period, perimeter: Perimeter, owners: Mapping[str, Any], *, key: bytes
) -> int:
    """Publish one perimeter for each of its audiences. Returns how many versions were added; ``owners`` says whose."""
    known = await behind(writing, period, perimeter, key=key)
    withheld = None if known.stands_alone(key=key) else "too_few_persons"
    added = 0
    for audience in _audiences(perimeter):
        base = BASES[audience]
        cells: Cells = {} if withheld else known.rounded(key=key, base=base)
        last = await writing.seek_row(
            LATEST, kind=perimeter.kind, place=perimeter.id, period=period.code, audience=audience
        )
        if last is not None and last["withheld_because"] == withheld and _read(last["cells"]) == cells:
            continue
        await writing.add(
            Publication(
                audience=audience,
                perimeter_kind=perimeter.kind,
                perimeter_id=perimeter.id,
                employer_id=owners.get("employer_id"),
                unit_id=owners.get("unit_id"),
                period=period.code,
                starts_on=period.starts_on,
                ends_on=period.ends_on,
                version=(last["version"] if last else 0) + 1,
                rounded_to=base,
                nomenclature_version=nomenclature_version(),
                published_at=now(),
                withheld_because=withheld,
                cells=cells,
            )
        )
        added += 1
    return added


def _audiences(perimeter: Perimeter) -> Iterable[str]:
    return BASES if perimeter.kind in FOR_EVERYBODY else ("committee",)


def _read(cells: str) -> Cells:
    return {name: (value, step) for name, (value, step) in json.loads(cells).items()}


async def _perimeters(reading: Reading) -> list[tuple[Perimeter, dict[str, Any]]]:
    """The nation first, then smaller and smaller."""
    found: list[tuple[Perimeter, dict[str, Any]]] = [(Perimeter(NATION, "", ""), {})]
    found += [(Perimeter(ZONE, zone.code, ""), {}) for zone in LISTS["zone"].terms]
    for row in await reading.rows(DEPARTEMENTS):
        found.append((Perimeter(DEPARTEMENT, row["departement_code"], ""), {}))
    for row in await reading.rows(PLACES):
        owner = {"unit_id": row["place"]} if row["kind"] == UNIT else {"employer_id": row["employer_id"]}
        found.append((Perimeter(row["kind"], str(row["place"]), ""), owner))
    return found
