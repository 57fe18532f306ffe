"""Render the declared counts to the SQL that makes them: one function, frozen in a migration.

``python -m app.indicators.render sql`` prints it; ``holidays`` prints the public holidays that delays leave out;
``doc`` prints ``docs/indicators.md``. Tests compare the living database and the committed files with these renderings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

from app.indicators.definitions import EVERYTHING, Count, Delay, DelayTable, Fact, Share
from app.indicators.facts import FACTS
from app.indicators.grid import DECLARED, GRID
from app.indicators.indicators import INDICATORS
from app.references.working_days import departements_with_their_own_holidays, public_holidays

ARGUMENTS = "posts uuid[], slice text, place text, starts_on date, until_on date"
FIRST_YEAR, LAST_YEAR = 2015, 2045


def _kept(condition: str | None, name: str) -> str:
    return f"case when {condition} then {name} end" if condition else name


def _cells_of_count(count: Count) -> Iterator[str]:
    """One SQL pair (name, number) for each margin: every dimension in turn told apart, or taken together."""
    number = f"coalesce({count.summing}, 0)" if count.summing else "1"
    for told in product((True, False), repeat=len(count.by)):
        parts = [f"'{count.code}'"]
        for dimension, apart in zip(count.by, told, strict=True):
            parts.append(f"'|' || coalesce({dimension.column}::text, 'none')" if apart else f"'|{EVERYTHING}'")
        yield f"({_kept(count.keeping, ' || '.join(parts))}, {number})"


def _cells_of_delay(delay: Delay) -> Iterator[str]:
    also = f" and ({delay.keeping})" if delay.keeping else ""
    yield f"({_kept(f'{delay.days} is not null{also}', repr(delay.part('known')))}, 1)"
    yield f"({_kept(f'{delay.days} is null{also}', repr(delay.part('unknown')))}, 1)"
    for days in delay.within:
        yield f"({_kept(f'{delay.days} <= {days}{also}', repr(delay.part(f'within_{days}')))}, 1)"
    each = repr(delay.part("days|")) + f" || {delay.days}"
    yield f"({_kept(f'{delay.days} is not null{also}', each)}, 1)"


def _marks_of(fact: Fact) -> str:
    cells = [cell for count in DECLARED.counts.values() if count.of == fact for cell in _cells_of_count(count)]
    cells += [cell for delay in DECLARED.delays.values() if delay.of == fact for cell in _cells_of_delay(delay)]
    listed = ",\n    ".join(cells)
    # Materialised: each of its columns is said in many cells, and must be computed once.
    return (
        f"(with f as materialized (select * from statistics.{fact.name}(posts, slice, place, starts_on, until_on))\n"  # noqa: S608 — rendered from declarations, frozen
        f"select f.post_id, c.cell, f.contributor, c.n::bigint\n  from f\n"
        f" cross join lateral (values\n    {listed}) c (cell, n)\n where c.cell is not null and c.n <> 0)"
    )


def render_sql() -> str:
    """The function ``statistics.marks``: for each row of each fact, the cells it counts in."""
    body = "\nunion all\n".join(_marks_of(fact) for fact in FACTS)
    return (
        "-- Rendu par « python -m app.indicators.render sql » depuis app/indicators : ne pas corriger à la main.\n\n"
        f"create or replace function statistics.marks({ARGUMENTS})\n"
        "returns table (post_id uuid, cell text, contributor uuid, n bigint)\nlanguage sql stable\nas $$\n"
        f"{body}\n$$;\n"
        "comment on function statistics.marks(uuid[], text, text, date, date) is "
        "'Dans quelles cases compte chaque fait ; produit depuis les définitions des indicateurs.';\n"
    )


def render_holidays() -> str:
    """Public holidays on working days, national ones first, then those of the places that have their own."""
    lines = ["-- Rendu par « python -m app.indicators.render holidays » : jours fériés, du lundi au vendredi."]
    for place in ("", *departements_with_their_own_holidays()):
        days = sorted(
            day
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
            for day in public_holidays(year, place or None)
            if day.weekday() < 5
        )
        listed = ",".join(day.isoformat() for day in days)
        lines.append(
            "insert into statistics.public_holiday (departement_code, day)\n"
            f"select '{place}', unnest('{{{listed}}}'::date[]);"
        )
    return "\n".join(lines) + "\n"


def _described(thing: Count | Share | Delay) -> str:
    return f"- **{thing.label}** (`{thing.code}`) : {thing.sentence}"


def render_document() -> str:
    """``docs/indicators.md``: every table and every indicator, with the sentence printed under its figures."""
    lines = [
        "# Ce que comptent la grille et les rapports",
        "",
        "Document produit par `python -m app.indicators.render doc` depuis `app/indicators/` : les phrases sont celles",
        "qui s'impriment sous les chiffres, et viennent du même objet que le décompte.",
    ]
    for table in GRID:
        lines += ["", f"## {table.code}. {table.label}", "", f"Compte : {table.counted}. {table.sentence}", ""]
        if isinstance(table, DelayTable):
            lines += [_described(delay) for delay in table.lines]
        else:
            lines += [_described(count) for count in dict.fromkeys(table.counts())]
        lines += [f"- *{note}*" for note in table.notes]
    lines += ["", "## Indicateurs", ""]
    for indicator in INDICATORS:
        lines.append(_described(indicator))
        if isinstance(indicator, Share):
            lines.append(f"  {indicator.numerator.label} / {indicator.denominator.label}.")
            lines.append(f"  Numérateur : {indicator.numerator.sentence}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write({"sql": render_sql, "holidays": render_holidays, "doc": render_document}[sys.argv[1]]())
