"""The post itself, worked by hand: open days, public holidays of the place, vacancies, full-time equivalents."""

from __future__ import annotations

import pytest

from tests.indicators.ground import at, on
from tests.indicators.reading import Figures


@pytest.fixture
async def post(figures_alone: Figures) -> Figures:
    """A post held since January 2025, as its coordinator counts it."""
    figures_alone.perimeter = f"post:{await figures_alone.ground.new_post(on('2025-01-01'))}"
    figures_alone.by = "coordinator"
    return figures_alone


async def test_t16_in_november_2025_a_post_left_on_the_21st_is_vacant_five_of_its_nineteen_days(post: Figures) -> None:
    # November 2025 has 20 days from Monday to Friday; Tuesday the 11th is off. From Monday 24 to Friday 28: five.
    await post.ground.posting(on("2025-01-01"), on("2025-11-21"))
    await post.ground.presence(on("2025-11-01"), 9.5)
    await post.ground.act(await post.ground.met(), at("2025-11-04"), site_id=await post.ground.site())

    assert await post.lines("T16", "value", "2025-11") == {
        "posts": 1, "full_time": 0.5, "days_worked": 9.5, "working_days": 19, "vacant_days": 5, "sites": 1,
    }  # fmt: skip


async def test_t16_two_postings_that_overlap_leave_only_what_neither_covers(post: Figures) -> None:
    # March 2025: 21 working days, from Monday 3. Held from the 3rd to the 14th, and from the 12th to the 20th.
    await post.ground.posting(on("2025-03-03"), on("2025-03-14"))
    await post.ground.posting(on("2025-03-12"), on("2025-03-20"))

    found = await post.lines("T16", "value", "2025-03")

    assert (found["working_days"], found["vacant_days"]) == (21, 7)  # the 21st, and 24 to 28, and the 31st


async def test_t16_a_posting_that_nobody_has_approved_yet_leaves_the_post_vacant(post: Figures) -> None:
    await post.ground.posting(on("2025-03-03"), on("2025-03-14"))
    await post.ground.posting(on("2025-03-12"), on("2025-03-20"), approved=False)

    found = await post.lines("T16", "value", "2025-03")

    assert (found["working_days"], found["vacant_days"]) == (21, 11)  # from the 17th to the 31st


async def test_t16_a_post_opened_in_the_month_has_the_days_left_of_it_and_none_before(post: Figures) -> None:
    opened = f"post:{await post.ground.new_post(on('2025-11-17'), on('2025-12-02'))}"

    assert (await post.lines("T16", "value", "2025-11", opened))["working_days"] == 10
    assert (await post.lines("T16", "value", "2025-12", opened))["working_days"] == 2
    assert await post.lines("T16", "value", "2025-10", opened) == {}
    assert await post.lines("T16", "value", "2026-01", opened) == {}


async def test_t16_working_days_are_those_of_the_departement_of_the_employer(post: Figures) -> None:
    await post.ground.superuser.execute("update organisation.post set starts_on = '2020-01-01'")
    for departement, period, days in (
        # April 2025: 22 days from Monday to Friday. Easter Monday is off everywhere, Good Friday in Moselle too.
        ("28", "2025-04", 21),
        ("57", "2025-04", 20),
        # December 2024: 22 days. Christmas is off everywhere, Thursday 26 in Moselle too, and Friday 20 (abolition of
        # slavery) in La Réunion.
        ("57", "2024-12", 20),
        ("28", "2024-12", 21),
        ("974", "2024-12", 20),
        # March 2025: 21 days. Wednesday 5 (arrival of the Gospel) is off in French Polynesia.
        ("987", "2025-03", 20),
    ):
        await post.ground.superuser.execute("update organisation.employer set departement_code = $1", departement)
        assert (await post.lines("T16", "value", period))["working_days"] == days, (departement, period)


async def test_t16_is_of_the_whole_post_only(post: Figures) -> None:
    await post.ground.presence(on("2025-11-01"), 9.5)

    assert await post.lines("T16", "value", "2025-11", "zone:mixed") == {}


async def test_persons_per_fte_divides_persons_by_the_full_time_that_was_there(post: Figures) -> None:
    # January 2025: 23 days from Monday to Friday, less the 1st: 22. Eleven days worked are half of a full time.
    await post.ground.presence(on("2025-01-01"), 11)
    for _ in range(3):
        await post.ground.act(await post.ground.met(), at("2025-01-07"))

    assert await post.share("persons_per_fte", "2025-01") == (6.0, 3, 0.5)
    # Over the year of 251 working days, the same eleven days are 44 thousandths: 3 / 0.044 = 68.2.
    assert await post.share("persons_per_fte", "2025") == (68.2, 3, 0.044)


async def test_nothing_is_divided_by_a_full_time_that_was_not_there(post: Figures) -> None:
    await post.ground.act(await post.ground.met(), at("2025-01-07"))

    told = await post.indicator("persons_per_fte", "2025-01")

    assert (told["value"], told["reason"]) == (None, "Rien à rapporter dans la période.")
