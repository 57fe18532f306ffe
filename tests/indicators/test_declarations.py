"""What is declared is what is counted: one object for the sentence, the SQL, the table and the document."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import asyncpg
import pytest

from app.indicators.definitions import Count, CrossTable, Declared, Delay, Dimension, Share, Told
from app.indicators.facts import FACTS, PERSONS
from app.indicators.grid import DECLARED, GRID
from app.indicators.indicators import INDICATORS
from app.indicators.render import LAST_HOLIDAYS, render_document, render_holidays, render_sql
from app.nomenclature.terms import LISTS
from app.services.partner_referrals import NO_SOURCE_OF_ITS_OWN, SOURCES
from app.services.statistics import INDICATORS_BY_CODE
from tests.indicators.ground import on

ROOT = Path(__file__).resolve().parents[2]
BODY = "select prosrc from pg_proc where pronamespace = 'statistics'::regnamespace and proname = $1"
COLUMNS = """select proargnames[6:] from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'statistics' and proname = $1"""
TEXT = re.compile(r"'[^']*'")
WORD = re.compile(r"[a-z_]+")
OF_SQL = {"and", "or", "not", "in", "is", "null", "between"}


async def test_postgresql_counts_by_the_very_sql_that_the_declarations_render(superuser: asyncpg.Connection) -> None:
    rendered = render_sql()
    for name in ("cells", "marks"):
        assert f"as $${await superuser.fetchval(BODY, name)}$$;" in rendered


async def test_postgresql_knows_the_very_holidays_that_the_calendar_renders(superuser: asyncpg.Connection) -> None:
    rendered = re.findall(r"^select '(\w*)', unnest\('\{(.*)\}'", render_holidays(), re.MULTILINE)
    known = await superuser.fetch("select departement_code, day from statistics.public_holiday order by 1, 2")
    assert [(place, on(day)) for place, days in sorted(rendered) for day in days.split(",")] == [*map(tuple, known)]


def test_the_document_is_what_the_declarations_render() -> None:
    assert (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8") == render_document()


def test_public_holidays_are_known_for_years_to_come() -> None:
    assert on(f"{LAST_HOLIDAYS}-01-01").year > on("2040-01-01").year


async def test_postgresql_counts_every_cell_declared_and_no_other(superuser: asyncpg.Connection) -> None:
    body = "".join([await superuser.fetchval(BODY, name) for name in ("cells", "marks")])
    for name in (*DECLARED.counts, *DECLARED.delays):
        assert len(re.findall(rf"'{re.escape(name)}(?=['|])", body)) >= 2, name
    told = {name.rstrip("|") for name in re.findall(r"'((?:T\d+\.)?[a-z_0-9]+)\|?'(?=[, |])", body)}
    assert {name for name in told if name.startswith("T")} <= {*DECLARED.counts, *DECLARED.delays}


async def test_a_definition_names_only_columns_that_its_fact_has(superuser: asyncpg.Connection) -> None:
    has = {fact.name: set(await superuser.fetchval(COLUMNS, fact.name)) for fact in FACTS}
    for said in (*DECLARED.counts.values(), *DECLARED.delays.values()):
        named = {*WORD.findall(TEXT.sub(" ", said.keeping or ""))} - OF_SQL
        if isinstance(said, Count):
            named |= {dimension.column for dimension in said.by} | ({said.summing, said.once} - {None})
        else:
            named.add(said.days)
        assert named <= has[said.of.name], said.code


def test_two_counts_or_two_delays_never_bear_one_code() -> None:
    found = Declared()
    found.count(Count("one", "Un", PERSONS, "Un."))
    found.count(Count("one", "Un", PERSONS, "Un."))
    with pytest.raises(ValueError, match="deux décomptes"):
        found.count(Count("one", "Un autre", PERSONS, "Autre."))
    found.delay(Delay("two", "Deux", PERSONS, "age", "Deux."))
    with pytest.raises(ValueError, match="deux délais"):
        found.delay(Delay("two", "Deux", PERSONS, "other", "Deux."))
    assert not {*DECLARED.counts} & {*DECLARED.delays}


def test_no_two_tables_indicators_lines_or_columns_bear_one_code() -> None:
    assert len({table.code for table in GRID}) == len(GRID) == 16
    told = [each.code.rpartition(".")[2] for each in INDICATORS]
    overview = [told for told, each in INDICATORS_BY_CODE.items() if isinstance(each, Told)]
    assert len({*told, *overview}) == len(told) + len(overview) == len(INDICATORS_BY_CODE)
    for table in GRID:
        lines = [each.code for each in (table.lines.values if isinstance(table, CrossTable) else table.lines)]
        if isinstance(table, CrossTable):
            lines += ["total", *(each.code for each in table.also)]
            columns = [each.code for each in table.columns if not hasattr(each, "dimension")]
            assert len({*columns}) == len(columns), table.code
        assert len({*lines}) == len(lines), table.code


def test_every_value_that_a_column_tells_apart_is_one_of_its_dimension() -> None:
    for table in GRID:
        columns = table.columns if isinstance(table, CrossTable) else ()
        for told in (each for each in columns if isinstance(each, Told)):
            by: dict[str, Dimension] = {dimension.column: dimension for dimension in told.count.by}
            for name, value in told.at:
                assert value in {each.code for each in by[name].values}, (table.code, told.code)


def test_every_code_that_a_definition_compares_with_is_in_a_list_or_given() -> None:
    known = {each.code for said in LISTS.values() for each in said.terms}
    known |= {value.code for count in DECLARED.counts.values() for dimension in count.by for value in dimension.given}
    for said in DECLARED.counts.values():
        assert set(re.findall(r"'([^']*)'", said.keeping or "")) <= known, said.code


def test_every_figure_has_a_label_and_a_sentence_that_ends() -> None:
    said = [*DECLARED.counts.values(), *DECLARED.delays.values(), *INDICATORS, *GRID]
    assert [each.code for each in said if not each.label or not each.sentence.endswith(".")] == []
    shares = (each for each in INDICATORS if isinstance(each, Share))
    assert [each.code for each in shares if (each.recorded is None) != (each.expected is None)] == []


def test_the_name_of_a_cell_says_where_it_is() -> None:
    count = DECLARED.counts["T2.persons"]
    names = {count.cell(**at) for at in ({}, {"sex": "male"}, {"age_band": "0_5"}, {"sex": "male", "age_band": "0_5"})}
    assert names == {"|".join(("T2.persons", *each)) for each in product(("0_5", "*"), ("male", "*"))}


async def test_postgresql_knows_the_source_of_a_partner_as_the_situation_that_opens_does(
    superuser: asyncpg.Connection,
) -> None:
    for category in (each.code for each in LISTS["partner_category"].terms):
        found = await superuser.fetchval("select statistics.source_of_partner($1)", category)
        assert found == SOURCES.get(category, NO_SOURCE_OF_ITS_OWN)
