"""The work done, worked by hand: interventions, situations, closures, safeguarding, orientations, sessions."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.indicators.ground import at, on
from tests.indicators.reading import Figures

MARCH = at("2025-03-04")
ANSWERED = datetime(2025, 4, 1, tzinfo=UTC)


async def test_t7_tells_the_active_situations_in_or_out_of_criminal_law(figures: Figures) -> None:
    for penal in ("penal", "non_penal", "non_penal", None):
        await figures.ground.act(await figures.ground.met(penal_context=penal, main_problem="housing"), MARCH)
    await figures.ground.situation(on("2025-03-03"), penal_context="penal")  # nobody did anything: not active

    assert await figures.line("T7", "housing") == {
        "situations_penal": 1, "situations_non_penal": 2, "situations_unknown": 1, "total": 4, "share": 100.0,
    }  # fmt: skip
    assert await figures.share("share_non_penal") == (66.7, 2, 3)


async def test_t9_tells_acts_their_hours_on_site_or_not_and_by_place(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    site = await ground.site()
    face_to_face = {"channel": "on_site", "site_id": site, "duration_minutes": 60}
    await ground.act(participation, MARCH, "office_interview", **face_to_face)
    await ground.act(participation, MARCH, "office_interview", outcome="missed", **face_to_face)  # an act of no length
    await ground.act(participation, MARCH, "home_visit", channel="home", duration_minutes=90)
    await ground.act(participation, MARCH, duration_minutes=15)
    await ground.act(participation, MARCH)  # nobody noted how long
    await ground.act(None, MARCH, duration_minutes=45)  # anonymous: counted apart
    await ground.act(None, MARCH, "log_reading", channel="written", duration_minutes=30)

    table = await figures.table("T9")

    place = f"site_{site}"
    assert table["total"] == {
        "acts_on_site": 3,
        "acts_remote": 3,
        "total": 6,
        "share": 100.0,
        "hours": 3.3,
        place: 2,
    }  # fmt: skip  — 60 + 90 + 15 + 30 = 195 minutes = 3.25 hours
    assert table["office_interview"] == {
        "acts_on_site": 2, "acts_remote": 0, "total": 2, "share": 33.3, "hours": 1.0, place: 2,
    }  # fmt: skip
    assert table["log_reading"]["total"] == 1


async def test_t12_tells_why_situations_ended_by_the_status_of_their_first_person(figures: Figures) -> None:
    ground = figures.ground
    closed = {"closed_on": on("2025-05-02"), "closure_reason": "relay_effective"}
    situation = await ground.situation(on("2025-01-06"), **closed)
    await ground.participation(situation, person_status="witness", joined_on=on("2025-02-01"))
    await ground.participation(situation, person_status="victim", joined_on=on("2025-01-06"))
    await ground.met(closed_on=on("2025-05-02"), closure_reason="unreachable")
    await ground.met(closed_on=on("2026-01-02"), closure_reason="unreachable", opened_on=on("2025-01-06"))

    assert await figures.line("T12", "relay_effective") == {"situations_victim": 1, "total": 1, "share": 50.0}
    assert await figures.lines("T12", "total") == {"total": 2, "relay_effective": 1, "unreachable": 1}
    assert await figures.overview("situations_closed") == (2,)


async def test_a_situation_reopened_is_no_longer_closed(figures_alone: Figures) -> None:
    worker = await figures_alone.house("worker")
    situation = (await figures_alone.house.situation())["id"]
    year = str(datetime.now(UTC).year)
    closing = {"closure_reason": "need_met"}
    assert (await worker.post(f"/v1/situations/{situation}/close", json=closing)).status_code == 200
    assert await figures_alone.overview("situations_closed", period=year) == (1,)

    assert (await worker.post(f"/v1/situations/{situation}/reopen")).status_code == 200

    assert await figures_alone.overview("situations_opened", "situations_closed", period=year) == (1, 0)


async def test_t13_counts_what_was_sent_and_who_was_sheltered(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    await ground.transmission(participation, MARCH, "concerning_information")
    await ground.transmission(participation, MARCH, "prosecutor_report")
    await ground.transmission(participation, MARCH, "prosecutor_report")
    await ground.transmission(participation, MARCH, "professional_sharing")  # no safeguarding
    await ground.act(participation, MARCH, "emergency_sheltering")
    await ground.act(participation, MARCH, "emergency_sheltering", outcome="cancelled")  # nobody was sheltered

    assert await figures.lines("T13", "value") == {
        "concerning_information": 1, "prosecutor_report": 2, "emergency_sheltering": 1,
    }  # fmt: skip


async def test_t10_an_orientation_counts_at_each_stage_that_it_passed(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    march = on("2025-03-04")
    await ground.orientation(participation, march)
    await ground.orientation(participation, march, "declined_by_person")
    await ground.orientation(participation, march, "self_referred_by_person")
    await ground.orientation(participation, march, "agreed")
    await ground.orientation(participation, march, "transmitted", sent=True)  # she waits for an answer
    await ground.orientation(participation, march, "transmitted", taken_up_at=ANSWERED)
    await ground.orientation(participation, march, "transmitted", refused_at=ANSWERED)
    await ground.orientation(participation, march, "no_feedback", sent=True)
    # Sent under the law, without asking her: she agreed to nothing.
    await ground.orientation(participation, march, "transmitted", sent=True, agreed_on=None)
    await ground.orientation(participation, march, partner_category="social_landlord")

    assert await figures.line("T10", "ccas_cias") == {
        "proposed": 9, "agreed": 6, "declined": 1, "alone": 1, "transmitted": 5, "taken_up": 1, "refused": 1,
        "no_feedback": 3, "share": 90.0,
    }  # fmt: skip
    assert await figures.overview("orientations") == (10,)
    assert await figures.share("take_up_rate") == (20.0, 1, 5)
    assert await figures.share("no_feedback_share") == (60.0, 3, 5)


async def test_orientation_rate_is_of_persons_in_an_active_situation(figures: Figures) -> None:
    ground = figures.ground
    for statuses in (("agreed", "self_referred_by_person"), ("proposed",), ("declined_by_person",), ()):
        participation = await ground.met()
        await ground.act(participation, MARCH)
        for status in statuses:
            await ground.orientation(participation, on("2025-03-05"), status)
    # She agreed to one, and nothing was done for her in the year.
    await ground.orientation(await ground.met(), on("2025-03-05"), "agreed")

    assert await figures.share("orientation_rate") == (25.0, 1, 4)
    # At the end of February nothing had been proposed yet.
    assert (await figures.share("orientation_rate", "2025-02"))[0] is None


async def test_interviews_per_person_is_of_those_who_were_met(figures: Figures) -> None:
    ground = figures.ground
    one, two, none = [await ground.met() for _ in range(3)]
    for participation in (one, two, two):
        await ground.act(participation, MARCH)
    await ground.act(none, MARCH, "contact_attempt", outcome="no_answer")
    await ground.act(one, MARCH, outcome="missed")

    assert await figures.share("interviews_per_person") == (1.5, 3, 2)


async def test_remote_share_takes_the_telephone_and_the_screen(figures: Figures) -> None:
    ground, participation = figures.ground, await figures.ground.met()
    await ground.act(participation, MARCH)
    await ground.act(participation, MARCH, "video_interview", channel="video")
    await ground.act(participation, MARCH, "office_interview", channel="on_site")
    await ground.act(participation, MARCH, "partner_liaison", channel="phone")  # no interview

    assert await figures.share("remote_share") == (66.7, 2, 3)


async def test_t15_tells_sessions_hours_and_who_came(figures: Figures) -> None:
    ground = figures.ground
    await ground.session(on("2025-03-04"), "training_for_officers", 90, 12)
    await ground.session(on("2025-06-03"), "training_for_officers", 60, 12)
    await ground.session(on("2025-12-31"), "technical_body", 120, 5)
    await ground.session(on("2026-01-01"), "technical_body", 120, 5)

    assert await figures.line("T15", "training_for_officers") == {"sessions": 2, "hours": 2.5, "participants": 24}
    assert await figures.line("T15", "total") == {"sessions": 3, "hours": 4.5, "participants": 29}


async def test_completeness_tells_what_was_filled_of_each_field(figures: Figures) -> None:
    ground = figures.ground
    full = await ground.met(
        await ground.person("female", on("1990-01-01")), known_to_social_services="known_same_reason",
        main_problem="housing", penal_context="penal",
    )  # fmt: skip
    bare = await ground.met(await ground.person("not_recorded"), person_status="unknown", contact_consent="not_asked")
    await ground.act(
        full, MARCH, "office_interview", channel="on_site", site_id=await ground.site(), duration_minutes=5
    )
    await ground.act(bare, MARCH, "office_interview", channel="on_site")
    await ground.orientation(full, on("2025-03-05"))
    await ground.orientation(full, on("2025-03-05"), partner_id=None)

    table = await figures.table("completeness")

    fields = {"sex", "age", "known", "status", "problem", "penal", "consent", "duration", "site", "partner"}
    assert set(table) == fields
    assert {code: cells["share"] for code, cells in table.items()} == dict.fromkeys(fields, 50.0)
    assert table["sex"] == {"filled": 1, "expected": 2, "share": 50.0}
