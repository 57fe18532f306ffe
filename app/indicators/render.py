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
from app.indicators.periods import FIRST_YEAR
from app.references.working_days import departements_with_their_own_holidays, public_holidays

LAST_HOLIDAYS = 2045
ARGUMENTS = "posts uuid[], slice text, place text, starts_on date, until_on date"


def _kept(condition: str, name: str) -> str:
    return f"case when {condition} then {name} end" if condition else name


def _both(*conditions: str | None) -> str | None:
    return " and ".join(f"({each})" for each in conditions if each) or None


def _counts_of(fact: Fact) -> list[Count]:
    return [count for count in DECLARED.counts.values() if count.of == fact]


def _parts_of(fact: Fact) -> Iterator[tuple[str, str]]:
    """The cells of each delay but its days, and which rows each keeps."""
    for delay in (each for each in DECLARED.delays.values() if each.of == fact):
        kept = {"known": f"{delay.days} is not null", "unknown": f"{delay.days} is null"}
        kept |= {f"within_{days}": f"{delay.days} <= {days}" for days in delay.within}
        for part, condition in kept.items():
            yield delay.part(part), _both(condition, delay.keeping) or ""


def _days_of(fact: Fact) -> Iterator[tuple[str, str, str]]:
    """The days of each delay: the beginning of its cells, the column, and which rows are kept."""
    for delay in (each for each in DECLARED.delays.values() if each.of == fact):
        yield delay.part("days|"), delay.days, _both(f"{delay.days} is not null", delay.keeping) or ""


# ------------------------------------------------------------------- how many in each cell: the figures


def _filled(condition: str | None) -> str:
    return f" filter (where {condition})" if condition else ""


def _summed(fact: Fact) -> str:
    """Every count without a dimension, in one reading of the fact."""
    asked = [
        (count.code, f"sum({count.summing})" if count.summing else "count(*)", count.keeping)
        for count in _counts_of(fact)
        if not count.by
    ]
    asked += [(name, "count(*)", kept) for name, kept in _parts_of(fact)]
    if not asked:
        return ""
    numbers = ",\n        ".join(f"{what}{_filled(kept)} as n{at}" for at, (_, what, kept) in enumerate(asked))
    cells = ", ".join(f"('{name}', t.n{at})" for at, (name, _, _) in enumerate(asked))
    return (
        f"select t.post_id, c.cell, c.n::bigint from (\n    select post_id,\n        {numbers}\n"  # noqa: S608
        f"      from f group by post_id) t cross join lateral (values {cells}) c (cell, n)"
    )


def _crossed(count: Count) -> str:
    """One count by its dimensions, with every margin."""
    number = f"sum({count.summing})" if count.summing else "count(*)"
    columns = [dimension.column for dimension in count.by]
    if count.once:
        told_apart = f"grouping({', '.join(columns)}) = 0"
        number = f"case when {told_apart} then {number} else {number} filter (where {count.once}) end"
    told = " || '|' || ".join(
        f"case grouping({each}) when 0 then coalesce({each}::text, 'none') else '{EVERYTHING}' end" for each in columns
    )
    where = f" where {count.keeping}" if count.keeping else ""
    return (
        f"select post_id, '{count.code}|' || {told}, ({number})::bigint\n"  # noqa: S608
        f"  from f{where} group by post_id, cube({', '.join(columns)})"
    )


def _counted_of(fact: Fact) -> str:
    asked = [each for each in (_summed(fact), *(_crossed(count) for count in _counts_of(fact) if count.by)) if each]
    asked += [
        f"select post_id, '{prefix}' || {days}, count(*) from f where {kept} group by post_id, {days}"  # noqa: S608
        for prefix, days, kept in _days_of(fact)
    ]
    return _over(fact, "\nunion all\n".join(asked))


# ------------------------------------------------- who stands in each cell: what publishing must protect


def _cells_of_count(count: Count) -> Iterator[str]:
    """One SQL pair (name, number) for each margin: every dimension in turn told apart, or taken together."""
    number = f"coalesce({count.summing}, 0)" if count.summing else "1"
    for told in product((True, False), repeat=len(count.by)):
        conditions = (count.keeping, None if all(told) else count.once)
        kept = " and ".join(f"({each})" if count.once else each for each in conditions if each)
        parts = [f"'{count.code}'"]
        for dimension, apart in zip(count.by, told, strict=True):
            parts.append(f"'|' || coalesce({dimension.column}::text, 'none')" if apart else f"'|{EVERYTHING}'")
        yield f"({_kept(kept, ' || '.join(parts))}, {number})"


def _marks_of(fact: Fact) -> str:
    cells = [cell for count in _counts_of(fact) for cell in _cells_of_count(count)]
    cells += [f"({_kept(kept, repr(name))}, 1)" for name, kept in _parts_of(fact)]
    cells += [f"({_kept(kept, f'{prefix!r} || {days}')}, 1)" for prefix, days, kept in _days_of(fact)]
    listed = ",\n    ".join(cells)
    return _over(
        fact,
        f"select f.post_id, c.cell, f.contributor, c.n::bigint\n  from f\n"  # noqa: S608
        f" cross join lateral (values\n    {listed}) c (cell, n)\n where c.cell is not null and c.n <> 0",
    )


def _over(fact: Fact, asked: str) -> str:
    # Materialised: each of its columns is said in many cells, and must be computed once.
    rows = f"select * from statistics.{fact.name}(posts, slice, place, starts_on, until_on)"  # noqa: S608
    return f"(with f as materialized ({rows})\n{asked})"


def _function(name: str, columns: str, body: str, comment: str) -> str:
    return (
        f"create or replace function statistics.{name}({ARGUMENTS})\nreturns table ({columns})\n"
        f"language sql stable\nas $$\n{body}\n$$;\n"
        f"comment on function statistics.{name}(uuid[], text, text, date, date) is '{comment}';\n"
    )


def render_sql() -> str:
    """Two functions over the same facts: how many in each cell, and who stands in each."""
    counted, marks = ("\nunion all\n".join(each(fact) for fact in FACTS) for each in (_counted_of, _marks_of))
    return "\n".join(
        (
            "-- Rendu par « python -m app.indicators.render sql » depuis app/indicators : ne pas corriger à la main.\n",
            _function(
                "cells",
                "post_id uuid, cell text, n bigint",
                counted,
                "Combien dans chaque case ; produit depuis les définitions des indicateurs.",
            ),
            _function(
                "marks",
                "post_id uuid, cell text, contributor uuid, n bigint",
                marks,
                "Dans quelles cases compte chaque fait, et pour qui : ce que publier doit protéger ; du même modèle.",
            ),
            "-- Ce qui était tenu d'avance l'était selon d'autres définitions.\ntruncate statistics.tally;\n",
        )
    )


def render_holidays() -> str:
    """Public holidays on working days, national ones first, then those of the places that have their own."""
    lines = ["-- Rendu par « python -m app.indicators.render holidays » : jours fériés, du lundi au vendredi."]
    for place in ("", *departements_with_their_own_holidays()):
        days = sorted(
            day
            for year in range(FIRST_YEAR - 1, LAST_HOLIDAYS + 1)
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
