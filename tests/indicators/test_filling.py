"""What may be said of the same cells: everything where they are exact; where they are published, only what holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.indicators import t02_public, t11_delays, t14_territory, t16_post
from app.indicators.figures import Figure, half_up
from app.indicators.grid import GRID
from app.indicators.indicators import INDICATORS
from app.services.counted_cells import ExactCells, PublishedCells
from app.services.filling import NONE_TO_DIVIDE, TOO_FEW, Filling
from app.services.statistics import INDICATORS_BY_CODE

BASE = 5


def exact(now: Mapping[str, int], earlier: Mapping[str, int] | None = None, **said: Any) -> Filling:
    """Tables of exact figures."""
    return Filling(ExactCells(now), ExactCells(earlier or {}), said.get("places", {}), said.get("codes", {}))


def published(now: Mapping[str, int] | None, earlier: Mapping[str, int] | None = None) -> Filling:
    """Tables of published figures, each rounded to 5."""

    def rounded(cells: Mapping[str, int] | None) -> PublishedCells:
        told = None if cells is None else {name: (value, BASE) for name, value in cells.items()}
        return PublishedCells(told, rounded_to=BASE)

    return Filling(rounded(now), rounded(earlier), {}, {})


def women(filling: Filling) -> Figure:
    """The share of women."""
    return filling.figure(INDICATORS_BY_CODE["share_women"])


def test_a_share_is_told_exactly_however_few_there_are() -> None:
    told = women(exact({"women": 1, "sex_recorded": 3, "T1.persons": 4}, {"women": 1, "sex_recorded": 2}))

    assert (told.value, told.previous, told.change, told.completeness) == (33.3, 50.0, -16.7, 75.0)
    assert (told.reason, told.rounded_to) == (None, None)


@pytest.mark.parametrize(("denominator", "value"), [(0, None), (20, None), (25, 40.0), (1000, 1.0)])
def test_a_published_share_is_told_above_20_and_comes_from_rounded_figures(denominator: int, value: Any) -> None:
    told = women(published({"women": 10, "sex_recorded": denominator}))

    assert told.value == value
    assert told.reason == (None if value else TOO_FEW if denominator else NONE_TO_DIVIDE)
    assert told.rounded_to == BASE


def test_a_published_part_never_passes_its_whole() -> None:
    assert women(published({"women": 30, "sex_recorded": 25})).value == 100.0


def test_a_published_mean_may_pass_one_and_is_told_above_20_too() -> None:
    mean = INDICATORS_BY_CODE["interviews_per_person"]

    assert published({"T1.interviews": 45, "T1.persons_reached": 30}).figure(mean).value == 1.5
    assert published({"T1.interviews": 45, "T1.persons_reached": 20}).figure(mean).value is None


def test_a_change_is_not_told_from_a_small_published_figure() -> None:
    persons = INDICATORS_BY_CODE["persons"]

    assert [
        published({"T1.persons": 40}, {"T1.persons": earlier}).figure(persons).change for earlier in (0, 20, 25)
    ] == [None, None, 60.0]
    assert exact({"T1.persons": 3}, {"T1.persons": 2}).figure(persons).change == 50.0
    assert exact({"T1.persons": 3}).figure(persons).change is None


def test_cells_that_were_not_published_are_told_neither_as_zeros_nor_as_a_change() -> None:
    told = published({"T1.persons": 40}, None).figure(INDICATORS_BY_CODE["persons"])

    assert (told.value, told.previous, told.change) == (40, None, None)
    assert published({}, {}).figure(INDICATORS_BY_CODE["persons"]).value == 0


def test_a_median_is_that_of_the_days_counted_and_p90_the_nearest_rank() -> None:
    # 0, 1, 1, 2, 10: the third is 1; nine tenths of five are 4.5, so the fifth: 10.
    cells = {f"T11.first_attempt|days|{days}": times for days, times in ((0, 1), (1, 2), (2, 1), (10, 1))}
    cells |= {"T11.first_attempt|known": 5, "T11.first_attempt|unknown": 2, "T11.first_attempt|within_2": 4}

    line = exact(cells).table(t11_delays.TABLE).lines[0]

    assert [cell.value for cell in line.cells] == [1, 10, 80.0, 0.0, 5, 2]
    cells |= {"T11.first_attempt|days|11": 1}
    assert exact(cells).table(t11_delays.TABLE).lines[0].cells[0].value == 1.5


def test_a_published_median_is_told_only_where_it_was_published() -> None:
    known = {"T11.first_attempt|known": 15, "T11.first_attempt|unknown": 5}
    withheld = published(known).table(t11_delays.TABLE).lines[0]
    told = published(known | {"T11.first_attempt|median": 2}).table(t11_delays.TABLE).lines[0]

    assert [cell.value for cell in withheld.cells] == [None, None, None, None, 15, 5]
    assert (told.cells[0].value, told.cells[1].value) == (2, None)


def test_no_published_number_goes_without_what_it_was_rounded_to() -> None:
    cells = {"T2.persons|*|*": 60, "T2.persons|25_34|female": 25, "T2.persons|25_34|*": 30, "T2.minors|*": 5}

    table = published(cells).table(t02_public.TABLE)

    share = next(number for number, each in enumerate(table.columns) if each.code == "share")
    for line in table.lines:
        assert all(cell.rounded_to == BASE for number, cell in enumerate(line.cells) if number != share)
    told = {line.code: line.cells[share].value for line in table.lines}
    assert (told["25_34"], told["minors"], told["total"]) == (50.0, 8.3, 100.0)


def test_places_are_lines_by_their_names_and_the_unnamed_ones_are_not() -> None:
    cells = {"T14.persons|b": 2, "T14.persons|a": 1, "T14.persons|none": 4, "T14.persons|*": 6, "T14.referrals|c": 3}

    table = exact(cells, places={"a": "Rambouillet", "b": "Dreux", "c": "Chartres"}).table(t14_territory.TABLE)

    lines = [(line.code, line.label, [cell.value for cell in line.cells]) for line in table.lines]
    assert lines == [
        ("total", "Total", [6, 0]), ("c", "Chartres", [0, 3]), ("b", "Dreux", [2, 0]), ("a", "Rambouillet", [1, 0]),
    ]  # fmt: skip


def test_the_codes_of_the_grid_that_is_asked_for_stand_beside_the_lines() -> None:
    table = exact({}, codes={("T16", "posts"): "A1", ("T2", "posts"): "B1"}).table(t16_post.TABLE)

    assert [line.external_code for line in table.lines] == ["A1", None, None, None, None, None]


def test_halves_and_thousandths_are_told_as_days_and_full_times() -> None:
    cells = {"T16.half_days": 19, "T16.full_time_thousandths": 475}

    told = {line.code: line.cells[0].value for line in exact(cells).table(t16_post.TABLE).lines}

    assert (told["days_worked"], told["full_time"]) == (9.5, 0.48)


def test_every_table_and_indicator_is_filled_from_nothing_without_a_word_too_many() -> None:
    for filling, zero in ((exact({}), 0), (published({}, {}), 0), (published(None, None), None)):
        for table in GRID:
            filled = filling.table(table)
            assert all(len(line.cells) == len(filled.columns) for line in filled.lines)
        for indicator in INDICATORS:
            told = filling.figure(indicator)
            assert told.value is None
            assert told.reason in (NONE_TO_DIVIDE, TOO_FEW)
        assert filling.figure(INDICATORS_BY_CODE["persons"]).value == zero


@pytest.mark.parametrize(
    ("numerator", "denominator", "told"),
    [(1, 16, 6.3), (29, 400, 7.3), (1, 3, 33.3), (2, 3, 66.7), (3, 16, 18.8), (1, 1000, 0.1), (1, 2001, 0.0)],
)
def test_a_half_goes_up_as_by_hand(numerator: int, denominator: int, told: float) -> None:
    assert women(exact({"women": numerator, "sex_recorded": denominator})).value == told
    assert half_up(-6.25, 1) == -6.3
