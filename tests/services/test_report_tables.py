"""The tables of a report are those of the grid, without what says nothing."""

from dataclasses import replace

from app.indicators.figures import Cell, Column, FilledTable, Line
from app.services.report_tables import worth_printing

COLUMNS = (
    Column("women", "Femme"),
    Column("men", "Homme"),
    Column("total", "Total"),
    Column("share", "Part", "percent"),
)


def line(code: str, level: int, *values: float | None) -> Line:
    return Line(code, code.capitalize(), None, level, tuple(Cell(value) for value in values))


TABLE = FilledTable(
    "T3", "Statut", "personnes", "Définition.", COLUMNS,
    (
        line("total", 0, 12, 0, 12, 100.0), line("victim", 1, 12, 0, 12, 100.0), line("witness", 1, 0, 0, 0, 0.0),
        line("unsaid", 1, None, None, None, None), line("also", 2, 0, 0, 0, 0.0),
    ),
    (),
)  # fmt: skip


def test_lines_and_columns_that_are_all_zero_are_not_printed() -> None:
    printed = worth_printing(TABLE)
    assert printed is not None
    assert [each.code for each in printed.lines] == ["total", "victim", "also"]
    assert [each.code for each in printed.columns] == ["women", "total", "share"]
    assert [cell.value for cell in printed.lines[1].cells] == [12, 12, 100.0]


def test_a_table_without_anything_keeps_its_total() -> None:
    empty = replace(TABLE, lines=(line("total", 0, 0, 0, 0, None), line("victim", 1, 0, 0, 0, None)))
    printed = worth_printing(empty)
    assert printed is not None and [each.code for each in printed.lines] == ["total"]
    assert [each.code for each in printed.columns] == ["total", "share"]


def test_a_table_that_has_no_total_says_something_by_its_zeros() -> None:
    listed = replace(TABLE, lines=(line("reports", 1, 0, 0, 0, 0.0),))
    assert worth_printing(listed) is listed


def test_communes_are_printed_when_one_is_named() -> None:
    unnamed = replace(TABLE, code="T14.municipalities", lines=(TABLE.lines[0], line("other", 1, 12, 0, 12, None)))
    assert worth_printing(unnamed) is None
    named = replace(unnamed, lines=(*unnamed.lines, line("Chartres", 1, 1, 0, 1, None)))
    assert worth_printing(named) is not None
