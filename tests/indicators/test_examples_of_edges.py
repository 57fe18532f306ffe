"""Where counting goes wrong, worked by hand: birthdays, midnight, changes of clock, the last day of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.indicators.ground import at, on
from tests.indicators.reading import Figures
from tests.routers.asking import interview, patch, someone


async def test_a_girl_who_turns_eighteen_in_the_quarter_is_a_minor_until_then_and_counted_once(
    figures: Figures,
) -> None:
    ground = figures.ground
    participation = await ground.met(await ground.person("female", on("2007-03-10")))
    for day in ("2025-03-09", "2025-03-11", "2025-04-01"):
        await ground.act(participation, at(day))

    minors = {period: (await figures.share("share_minors", period))[1:] for period in ("2025", "2025-Q1", "2025-Q2")}

    assert minors == {"2025": (1, 1), "2025-Q1": (1, 1), "2025-Q2": (0, 1)}


async def test_who_is_born_on_a_29_february_turns_eighteen_on_the_1_march(figures: Figures) -> None:
    ground = figures.ground
    participation = await ground.met(await ground.person("male", on("2004-02-29")))
    await ground.act(participation, at("2022-02-28", "23:59"))
    await ground.act(participation, at("2022-03-01", "00:00"))

    assert [(await figures.share("share_minors", month))[1] for month in ("2022-02", "2022-03")] == [1, 0]


async def test_a_birth_date_known_to_the_year_is_the_first_of_january(figures: Figures) -> None:
    ground = figures.ground
    person = await ground.person("female", on("2007-01-01"), birth_date_precision="year")
    await ground.act(await ground.met(person), at("2024-12-31"))
    await ground.act(await ground.met(person), at("2025-01-02"))

    assert [(await figures.share("share_minors", year))[1] for year in ("2024", "2025")] == [1, 0]


async def test_an_act_belongs_to_its_day_at_paris(figures: Figures) -> None:
    participation = await figures.ground.met()
    for month, day, hour, minute in (
        (3, 31, 21, 59),  # at Paris 23:59, in summer
        (3, 31, 22, 0),  # midnight: April
        (10, 31, 22, 59),  # 23:59, in winter
        (10, 31, 23, 0),  # midnight: November
        (12, 31, 22, 59),
        (12, 31, 23, 0),  # still 2025 at Greenwich
    ):
        await figures.ground.act(participation, datetime(2025, month, day, hour, minute, tzinfo=UTC))

    for period in ("2025-03", "2025-04", "2025-10", "2025-11", "2025-12", "2026-01"):
        assert await figures.overview("interviews", period=period) == (1,), period
    assert await figures.overview("interviews") == (5,)


async def test_the_hour_that_comes_twice_and_the_hour_that_never_comes_are_of_their_day(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    # On 26 October 2025 it is 02:30 at Paris twice; a referral of the 25th, 23:30, is one day older.
    for hour in (0, 1):
        await ground.act(participation, datetime(2025, 10, 26, hour, 30, tzinfo=UTC))
    # On 30 March it is never 02:30: 01:30 at Greenwich is 03:30.
    await ground.act(participation, datetime(2025, 3, 30, 1, 30, tzinfo=UTC))

    assert await figures.overview("interviews", period="2025-10") == (2,)
    assert await figures.overview("interviews", period="2025-03") == (1,)
    assert await figures.overview("interviews", period="2025") == (3,)


async def test_a_situation_opened_and_closed_on_31_december_is_of_that_year(figures: Figures) -> None:
    await figures.ground.met(opened_on=on("2025-12-31"), closed_on=on("2025-12-31"))

    codes = ("situations_opened", "situations_closed", "referrals")
    assert await figures.overview(*codes) == (1, 1, 1)
    assert await figures.overview(*codes, period="2026") == (0, 0, 0)
    assert (await figures.indicator("follow_up"))["value"] == 0


async def test_who_came_before_is_new_no_more_even_when_it_is_learnt_late(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    await ground.act(participation, at("2025-03-04"))
    assert await figures.overview("persons", "new_persons") == (1, 1)

    await ground.act(participation, at("2024-12-31", "23:59"))

    assert await figures.overview("persons", "new_persons") == (1, 0)
    assert await figures.overview("persons", "new_persons", period="2024") == (1, 1)


async def entered(figures: Figures, occurred_at: str) -> Any:
    """A situation and an interview, entered through the API for a day long gone."""
    worker = await figures.house("worker")
    situation = await figures.house.situation(participations=[someone()], opened_on=occurred_at[:10])
    said = interview(situation["participations"][0]["id"], occurred_at=occurred_at)
    answer = await worker.post("/v1/interventions", json=said)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_a_late_entry_is_counted_at_the_next_read_and_moves_when_it_is_corrected(figures_alone: Figures) -> None:
    assert await figures_alone.overview("interviews") == (0,)
    act = await entered(figures_alone, "2025-03-04T10:00:00+01:00")
    assert await figures_alone.overview("interviews", "persons", "situations_opened") == (1, 1, 1)

    said = {"occurred_at": "2025-11-04T10:00:00+01:00"}
    assert (await patch(await figures_alone.house("worker"), f"/v1/interventions/{act}", said)).status_code == 200

    quarters = [
        await figures_alone.overview("interviews", "persons", period=f"2025-Q{number}") for number in (1, 2, 3, 4)
    ]
    assert quarters == [(0, 0), (0, 0), (0, 0), (1, 1)]


async def test_the_first_year_that_may_be_asked_for_is_read_with_the_one_before(figures: Figures) -> None:
    for period in ("2016", "2016-Q1", "2016-01"):
        assert await figures.overview("persons", period=period) == (0,)
