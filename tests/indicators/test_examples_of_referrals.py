"""Referrals and delays, worked by hand: where they come from, what became of them, how soon the person was met."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from tests.indicators.ground import Ground, at, on
from tests.indicators.reading import Figures

MARCH = at("2025-03-04")


@pytest.fixture
async def north(figures: Figures) -> UUID:
    """A police unit, served by the post alone."""
    return await figures.ground.unit("police")


async def sent_and_taken(ground: Ground, unit: UUID, sent_at: datetime, **said: Any) -> UUID:
    """A unit sends somebody, for whom the post opens a situation that day: the participation."""
    joined = {"contact_consent": said.pop("theirs", "given_to_iscg")}
    closed = {name: said.pop(name) for name in ("closed_on", "closure_reason") if name in said}
    referral = await ground.referral(unit, sent_at, **said)
    situation = await ground.situation(sent_at.date(), unit_id=unit, referral_source="police_unit", **closed)
    await ground.taken(unit, referral, situation)
    return await ground.participation(situation, **joined)


async def test_t4_tells_who_made_the_situation_known_with_a_document_or_not_and_in_which_zone(
    figures: Figures, north: UUID
) -> None:
    ground, south = figures.ground, await figures.ground.unit("gendarmerie")
    await sent_and_taken(ground, north, MARCH)  # police, a complaint
    await ground.referral(north, MARCH, document_type="none")  # police, not taken yet
    await ground.taken(south, await ground.referral(south, MARCH), None)  # gendarmerie, redirected
    await ground.met(opened_on=on("2025-03-03"))  # herself: the post serves both zones
    partner = await ground.partner_referral(MARCH)
    await ground.partner_taken(partner, await ground.situation(on("2025-03-05"), referral_source="school"))
    await ground.partner_taken(await ground.partner_referral(MARCH), None)  # a CCAS, redirected

    table = await figures.table("T4")

    assert {line: cells["total"] for line, cells in table.items() if cells["total"]} == {
        "total": 6, "police_unit": 2, "gendarmerie_unit": 1, "self_referral": 1, "school": 1, "ccas_cias": 1,
    }  # fmt: skip
    assert [table["total"][column] for column in ("referrals_with", "referrals_without")] == [2, 4]
    zones = ("by_zone_police", "by_zone_gendarmerie", "by_zone_mixed")
    assert [table["total"][column] for column in zones] == [2, 1, 3]
    assert table["police_unit"]["share"] == 33.3


async def test_t5_tells_the_documents_of_each_unit(figures: Figures, north: UUID) -> None:
    ground = figures.ground
    for document in ("complaint", "complaint", "danger_grid"):
        await ground.referral(north, MARCH, document_type=document)
    await ground.met(opened_on=on("2025-03-03"))

    assert await figures.lines("T5", f"unit_{north}") == {"total": 3, "complaint": 2, "danger_grid": 1}
    assert await figures.lines("T5", "total") == {"total": 4, "complaint": 2, "danger_grid": 1, "none": 1}


async def test_t11_counts_working_days_without_easter_and_never_imputes_what_has_not_happened(
    figures: Figures, north: UUID
) -> None:
    ground = figures.ground
    # Sent on Friday 18 April 2025. Monday 21 is off: Tuesday 22 comes 1 working day later, Thursday 24 comes 3,
    # Monday 28 comes 5.
    slow = await sent_and_taken(ground, north, at("2025-04-18"))
    await ground.act(slow, at("2025-04-22"), "contact_attempt", outcome="no_answer")
    await ground.act(slow, at("2025-04-24"), "contact_attempt")
    await ground.act(slow, at("2025-04-28"))
    # The same day: 0. Closed 10 days later.
    quick = await sent_and_taken(ground, north, at("2025-06-02"), closed_on=on("2025-06-12"))
    await ground.act(quick, at("2025-06-02", "16:00"))
    # Neither called nor met.
    await ground.referral(north, at("2025-07-01"))

    table = await figures.table("T11")

    assert table["first_attempt"] == {
        "median": 0.5, "p90": 1, "within_2": 100.0, "within_7": 100.0, "known": 2, "unknown": 1,
    }  # fmt: skip
    assert table["first_interview"] == {
        "median": 2.5, "p90": 5, "within_2": 50.0, "within_7": 100.0, "known": 2, "unknown": 1,
    }  # fmt: skip
    assert table["follow_up"] == {
        "median": 10, "p90": 10, "within_2": 0.0, "within_7": 0.0, "known": 1, "unknown": 0,
    }  # fmt: skip
    contact = await figures.indicator("median_first_contact")
    assert (contact["value"], contact["numerator"]["value"], contact["denominator"]["value"]) == (1.5, 2, 1)


async def test_t11_leaves_out_good_friday_where_it_is_off(figures_alone: Figures) -> None:
    ground, figures = figures_alone.ground, figures_alone
    north = await ground.unit()
    # From Friday 18 April 2025 to Thursday 24: in Chartres, 18, 22 and 23; in Metz, 22 and 23 only.
    await ground.act(await sent_and_taken(ground, north, at("2025-04-18")), at("2025-04-24"))
    assert (await figures.table("T11"))["first_interview"]["median"] == 3

    await ground.superuser.execute("update organisation.employer set departement_code = '57'")

    assert (await figures.table("T11"))["first_interview"]["median"] == 2


async def test_median_duration_is_of_the_situations_closed_in_the_period(figures: Figures) -> None:
    for opened, closed in (("2025-01-06", "2025-01-16"), ("2025-02-01", "2025-02-21"), ("2024-12-01", "2025-03-01")):
        await figures.ground.situation(on(opened), closed_on=on(closed))
    await figures.ground.situation(on("2025-01-06"), closed_on=on("2026-01-06"))

    # 10, 20 and 90 days.
    assert (await figures.indicator("follow_up"))["value"] == 20
    assert (await figures.indicator("follow_up"))["previous"] is None


async def test_contact_rate_is_of_referrals_received_at_least_15_days_before_the_end(
    figures: Figures, north: UUID
) -> None:
    ground = figures.ground
    # The quarter ends on 31 March: the 16th is 15 days before, the 17th is not.
    await ground.act(await sent_and_taken(ground, north, at("2025-03-03")), at("2025-04-10"))
    await sent_and_taken(ground, north, at("2025-03-16", "23:59"))
    await ground.act(await sent_and_taken(ground, north, at("2025-03-17", "00:00")), at("2025-03-18"))

    assert await figures.share("contact_rate", "2025-Q1") == (50.0, 1, 2)
    assert await figures.share("contact_rate") == (66.7, 2, 3)


async def test_a_missed_appointment_is_no_contact(figures: Figures, north: UUID) -> None:
    participation = await sent_and_taken(figures.ground, north, at("2025-03-03"))
    await figures.ground.act(participation, at("2025-03-05"), "office_interview", outcome="missed")

    assert await figures.share("contact_rate") == (0.0, 0, 1)
    assert (await figures.table("T11"))["first_attempt"]["median"] == 2


async def test_refusal_rate_takes_who_refused_who_withdrew_and_who_declined(figures: Figures, north: UUID) -> None:
    ground = figures.ground
    await ground.referral(north, MARCH, contact_consent="refused")
    await sent_and_taken(ground, north, MARCH, theirs="withdrawn")
    await sent_and_taken(ground, north, MARCH, closed_on=on("2025-04-01"), closure_reason="declined_by_person")
    await sent_and_taken(ground, north, MARCH)

    assert await figures.share("refusal_rate") == (75.0, 3, 4)


async def test_share_unit_referrals_takes_the_log_that_the_worker_reads(figures: Figures, north: UUID) -> None:
    ground = figures.ground
    await ground.referral(north, MARCH)
    for source in ("iscg_log_reading", "self_referral", "ccas_cias"):
        await ground.met(opened_on=on("2025-03-03"), referral_source=source)

    assert await figures.share("share_unit_referrals") == (50.0, 2, 4)


async def test_a_referral_withdrawn_before_it_is_taken_is_not_counted_and_after_it_is(
    figures: Figures, north: UUID
) -> None:
    ground = figures.ground
    await ground.referral(north, MARCH, withdrawn_at=MARCH)
    await ground.partner_referral(MARCH, withdrawn_at=MARCH)
    assert await figures.overview("referrals") == (0,)

    await ground.taken(north, await ground.referral(north, MARCH, withdrawn_at=MARCH), None)
    await ground.partner_taken(await ground.partner_referral(MARCH, withdrawn_at=MARCH), None)

    assert await figures.overview("referrals") == (2,)


async def test_a_situation_opened_from_a_referral_is_no_second_referral(figures: Figures, north: UUID) -> None:
    await sent_and_taken(figures.ground, north, at("2024-12-31", "23:30"))
    participation = await figures.ground.met(opened_on=on("2025-03-03"))
    await figures.ground.act(participation, MARCH)

    # Of the two situations, the second alone stands for a referral in 2025; the first was sent in 2024.
    assert await figures.overview("referrals") == (1,)
    assert await figures.overview("referrals", period="2024") == (1,)


async def test_of_two_posts_that_serve_a_unit_the_one_that_takes_the_referral_counts_it(
    figures: Figures, north: UUID
) -> None:
    ground, first = figures.ground, figures.ground.post
    figures.by = "coordinator"
    second = await ground.new_post()
    await ground.serves(second, north)
    referral = await ground.referral(north, MARCH)

    # Until somebody takes it, it waits at the first of the two, and nowhere else.
    assert await figures.overview("referrals", perimeter=f"post:{first}") == (1,)
    assert await figures.overview("referrals", perimeter=f"post:{second}") == (0,)

    await ground.taken(north, referral, None, post=second)

    assert await figures.overview("referrals", perimeter=f"post:{first}") == (0,)
    assert await figures.overview("referrals", perimeter=f"post:{second}") == (1,)
    assert await figures.overview("referrals", perimeter=f"unit:{north}") == (1,)
