"""Persons, worked by hand: the overview, the public, statuses, problems, what services knew, territory."""

from __future__ import annotations

from tests.indicators.ground import at, on
from tests.indicators.reading import Figures

MARCH = at("2025-03-04")


async def test_t1_two_persons_one_reached_one_new_three_acts_one_interview(figures: Figures) -> None:
    ground = figures.ground
    known, new = await ground.met(opened_on=on("2024-11-04")), await ground.met(opened_on=on("2025-03-03"))
    await ground.act(known, at("2024-12-02"))  # before the year: she is not new in 2025
    await ground.act(known, MARCH, outcome="missed")  # an act, and no interview
    await ground.act(known, at("2025-03-05"), "partner_liaison")
    await ground.act(new, MARCH)  # the interview
    await ground.act(None, MARCH)  # anonymous: neither a person, nor an intervention, nor an interview

    codes = ("persons", "persons_reached", "new_persons", "interventions", "interviews", "anonymous_contacts")
    assert await figures.overview(*codes) == (2, 1, 1, 3, 1, 1)
    # One was opened in 2025; both had an act; each came by herself, on the day it was opened.
    assert await figures.overview("situations_opened", "situations_active", "situations_closed") == (1, 2, 0)
    assert await figures.overview("referrals", "orientations") == (1, 0)
    # In 2024 one person was there: from 1 to 2, plus 100 percent.
    assert (await figures.table("T1"))["persons"] == {"value": 2, "previous": 1, "change": 100.0}


async def test_t2_a_woman_of_30_a_man_of_70_a_girl_of_14_and_somebody_of_no_known_age(figures: Figures) -> None:
    ground = figures.ground
    for sex, born in (("female", "1995-01-01"), ("male", "1955-01-01"), ("female", "2011-01-01")):
        await ground.act(await ground.met(await ground.person(sex, on(born))), MARCH)
    await ground.act(await ground.met(await ground.person("not_recorded")), MARCH)

    table = await figures.table("T2")

    assert {line: cells["total"] for line, cells in table.items() if cells["total"]} == {
        "total": 4, "25_34": 1, "65_74": 1, "12_14": 1, "unknown": 1,
        "minors": 1, "adults": 2, "aged_12_25": 1, "aged_65_plus": 1,
    }  # fmt: skip
    assert table["total"] == {
        "persons_female": 2, "persons_male": 1, "persons_not_recorded": 1, "total": 4, "share": 100.0,
    }  # fmt: skip
    assert table["minors"]["persons_female"] == 1
    assert table["minors"]["share"] == 25.0  # 1 of 4


async def test_t3_a_person_in_two_situations_is_one_person_and_two_participations(figures: Figures) -> None:
    ground, person = figures.ground, await figures.ground.person("female")
    for status in ("victim", "alleged_perpetrator"):
        await ground.act(await ground.met(person, person_status=status), MARCH)
    await ground.act(await ground.met(person_status="victim"), MARCH)

    assert await figures.overview("persons", "situations_active") == (2, 3)
    assert await figures.lines("T3", "total") == {"total": 3, "victim": 2, "alleged_perpetrator": 1}
    assert await figures.lines("T3", "share") == {"total": 100.0, "victim": 66.7, "alleged_perpetrator": 33.3}


async def test_t6_a_mother_and_her_son_in_one_situation_and_secondary_mentions_apart(figures: Figures) -> None:
    ground = figures.ground
    situation = await ground.situation(
        on("2025-01-06"), main_problem="partner_violence_physical",
        secondary_problems=["housing_eviction", "housing_homelessness", "addiction"],
    )  # fmt: skip
    for person in (await ground.person("female", on("1990-01-01")), await ground.person("male", declared_minor=True)):
        await ground.act(await ground.participation(situation, person), MARCH)
    await ground.act(await ground.met(), MARCH)

    violence = await figures.line("T6", "partner_violence")
    assert violence == {
        "participations_female": 1, "participations_male": 1, "by_majority_minor": 1, "by_majority_adult": 1,
        "total": 2, "share": 66.7,
    }  # fmt: skip
    assert (await figures.line("T6", "not_recorded"))["total"] == 1
    # Two of the three mentions are of one first level: each person has it once.
    assert await figures.lines("T6", "secondary") == {"total": 4, "housing": 2, "addiction": 2}


async def test_t6_secondary_mentions_of_a_person_in_two_situations_count_for_each(figures: Figures) -> None:
    ground, person = figures.ground, await figures.ground.person()
    for _ in range(2):
        await ground.act(await ground.met(person, secondary_problems=["housing"]), MARCH)

    assert await figures.lines("T6", "secondary") == {"total": 2, "housing": 2}


async def test_t8_says_what_is_noted_in_the_situation_of_the_first_act_of_the_period(figures: Figures) -> None:
    ground, person = figures.ground, await figures.ground.person()
    first = await ground.met(person, known_to_social_services="unknown_to_services", main_problem="housing")
    later = await ground.met(person, known_to_social_services="currently_followed", main_problem="addiction")
    await ground.act(later, at("2025-09-02"))
    await ground.act(first, MARCH)

    assert await figures.lines("T8", "persons_unknown_to_services") == {"total": 1, "housing": 1}
    assert await figures.lines("T8", "persons_unknown_to_services", "2025-Q3") == {}
    assert await figures.lines("T8", "persons_currently_followed", "2025-Q3") == {"total": 1, "addiction": 1}


async def test_t14_a_person_seen_for_two_units_counts_in_each_and_once_in_the_total(figures: Figures) -> None:
    ground = figures.ground
    one, other = await ground.unit(), await ground.unit()
    both, alone = await ground.met(), await ground.met()
    await ground.act(both, MARCH, unit_id=one)
    await ground.act(both, at("2025-03-05"), unit_id=other)
    await ground.act(alone, MARCH)  # came by herself: in the total only
    await ground.referral(one, MARCH)

    table = await figures.table("T14")

    assert [table[line]["persons"] for line in ("total", str(one), str(other))] == [2, 1, 1]
    # One from the unit; the other two came by themselves.
    assert [table[line]["referrals"] for line in ("total", str(one))] == [3, 1]
    assert await figures.overview("persons", perimeter=f"unit:{other}") == (1,)


async def test_a_person_seen_at_two_sites_counts_in_each_and_once_for_the_post(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    sites = [await ground.site(name) for name in ("Commissariat", "Mairie")]
    for site in sites:
        await ground.act(participation, MARCH, "office_interview", channel="on_site", site_id=site)

    of_sites = [await figures.overview("persons", perimeter=f"site:{site}") for site in sites]

    assert of_sites == [(1,), (1,)]
    assert await figures.overview("persons") == (1,)


async def test_share_women_is_of_those_whose_sex_is_noted(figures: Figures) -> None:
    for sex in ("female", "female", "male", "not_recorded"):
        await figures.ground.act(await figures.ground.met(await figures.ground.person(sex)), MARCH)

    assert await figures.share("share_women") == (66.7, 2, 3)
    assert (await figures.indicator("share_women"))["completeness"] == 75.0


async def test_share_minors_takes_a_declared_minor_without_birth_date(figures: Figures) -> None:
    ground = figures.ground
    for said in ({"declared_minor": True}, {"declared_minor": False}, {"birth_date": on("1980-01-01")}, {}):
        await ground.act(await ground.met(await ground.person(**said)), MARCH)

    assert await figures.share("share_minors") == (33.3, 1, 3)


async def test_shares_of_statuses_count_who_is_both_in_each(figures: Figures) -> None:
    for status in ("victim", "victim", "victim_and_alleged_perpetrator", "alleged_perpetrator", "witness", "unknown"):
        await figures.ground.act(await figures.ground.met(person_status=status), MARCH)

    assert await figures.share("share_victims") == (60.0, 3, 5)
    assert await figures.share("share_alleged_perpetrators") == (40.0, 2, 5)


async def test_shares_of_violence_are_of_those_whose_problem_is_noted(figures: Figures) -> None:
    problems = (
        "partner_violence_sexual", "family_violence_other", "child_protection_child_abuse",
        "child_protection_exposed_to_partner_violence", "child_protection_runaway", "housing", None,
    )  # fmt: skip
    for problem in problems:
        await figures.ground.act(await figures.ground.met(main_problem=problem), MARCH)

    assert await figures.share("share_partner_violence") == (16.7, 1, 6)
    assert await figures.share("share_family_violence") == (66.7, 4, 6)


async def test_unknown_to_services_and_unknown_for_this_reason(figures: Figures) -> None:
    for known in ("unknown_to_services", "known_other_reason", "known_same_reason", "not_recorded"):
        await figures.ground.act(await figures.ground.met(known_to_social_services=known), MARCH)

    assert await figures.share("share_unknown_to_services") == (33.3, 1, 3)
    assert await figures.share("share_unknown_for_this_reason") == (66.7, 2, 3)
