"""T14 by municipality of residence, for exact audiences only. A free text is repeated only when it names a commune."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Date, Text, column, func, or_, select

from app.indicators.figures import Cell, Column, FilledTable, Line, Perimeter, Period
from app.indicators.periods import after
from app.models.organisation import Employer, Post
from app.references.communes import communes_of, departements
from app.services.me import MY_ACCOUNT
from app.services.partners import folded
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER, POST = columns(Employer), columns(Post)

_where: tuple[Any, ...] = (given("kind", Text), given("place", Text), given("starts_on", Date), given("until_on", Date))
MUNICIPALITIES = select(
    *(
        func.statistics.municipalities(*_where, given("folded_names", ARRAY(Text)), given("names", ARRAY(Text)))
        .table_valued(column("municipality"), column("persons"))
        .alias("m")
        .c
    )
)
_me = MY_ACCOUNT.subquery("me").c
MY_DEPARTEMENTS = (
    select(EMPLOYER.departement_code)
    .distinct()
    .where(
        or_(
            EMPLOYER.id.in_(select(_me.employer_id)),
            EMPLOYER.id.in_(select(POST.employer_id).where(POST.id == func.any(func.access.my_posts()))),
        )
    )
)


async def by_residence(reading: Reading, period: Period, perimeter: Perimeter) -> FilledTable:
    """T14, by municipality of residence: exact audiences only. A text that names no municipality is not repeated."""
    rows = await reading.rows(
        MUNICIPALITIES,
        kind=perimeter.kind,
        place=perimeter.id,
        starts_on=period.starts_on,
        until_on=after(period),
        **await _communes(reading),
    )
    named = sorted((row for row in rows if row["municipality"]), key=lambda row: (-row["persons"], row["municipality"]))
    lines = [Line(row["municipality"], row["municipality"], None, 1, (Cell(row["persons"]),)) for row in named]
    others = sum(row["persons"] for row in rows if not row["municipality"])
    total = sum(row["persons"] for row in rows)
    return FilledTable(
        "T14.municipalities",
        "Territoire : communes de résidence",
        "personnes",
        "Personnes de la période, une fois chacune, selon leur commune. Seules les communes du "
        "département sont nommées.",
        (Column("persons", "Personnes"),),
        (
            Line("total", "Total", None, 0, (Cell(total),)),
            *lines,
            Line("other", "Autre commune, ou non renseignée", None, 1, (Cell(others),)),
        ),
    )


async def _communes(reading: Reading) -> dict[str, list[str]]:
    """The communes of my départements, by their folded names: those that the function may name."""
    codes = [row["departement_code"] for row in await reading.rows(MY_DEPARTEMENTS)]
    found = {key: name for code in codes if code in departements() for key, name in _folded_communes(code).items()}
    return {"folded_names": list(found), "names": list(found.values())}


@cache
def _folded_communes(departement_code: str) -> dict[str, str]:
    return {folded(name): name for name in communes_of(departement_code)}
