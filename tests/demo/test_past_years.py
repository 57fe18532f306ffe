"""The past of the demonstration: invented, possible whatever the day, and in the proportions that are published."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import median, quantiles

import pytest

from app.demo.past_years import PastCase, begins_on, drawn_past
from app.references.working_days import public_holidays

TODAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def cases() -> list[PastCase]:
    return drawn_past(TODAY)


def share(found: Iterable[bool]) -> float:
    told = list(found)
    return 100 * sum(told) / len(told)


@pytest.mark.parametrize(
    "today", [date(2026, 1, 1), date(2026, 1, 5), date(2028, 2, 29), date(2026, 8, 16), date(2026, 12, 31), TODAY]
)
def test_whatever_the_day_the_past_is_over_and_in_order(today: date) -> None:
    found = drawn_past(today)
    assert {case.received_at.year for case in found} >= {today.year - 2, today.year - 1}
    for case in found:
        days = [act.when.date() for act in case.acts]
        assert begins_on(today) <= case.received_at.date() <= case.opened_at.date() <= case.closed_on < today
        assert case.opened_at >= case.received_at
        assert all(case.opened_at.date() <= day <= case.closed_on for day in days)
        assert all(act.when >= case.opened_at for act in case.acts)
        assert all(act.when.weekday() < 5 for act in case.acts)


def test_the_same_past_is_drawn_each_time(cases: list[PastCase]) -> None:
    assert drawn_past(TODAY) == cases


def test_who_comes_is_as_published(cases: list[PastCase]) -> None:
    status = Counter(case.status for case in cases)
    whole = len(cases)
    assert share(case.female for case in cases) == pytest.approx(75, abs=4)
    assert share(case.years < 18 for case in cases) == pytest.approx(8, abs=3)
    assert 100 * status["victim"] / whole == pytest.approx(65, abs=4)
    assert 100 * status["alleged_perpetrator"] / whole == pytest.approx(10, abs=3)
    assert 100 * status["person_in_social_distress"] / whole == pytest.approx(17, abs=4)
    assert share(case.known == "unknown_to_services" for case in cases) == pytest.approx(50, abs=4)


def test_what_brings_them_is_as_published(cases: list[PastCase]) -> None:
    assert share(case.problem.startswith("partner_violence") for case in cases) == pytest.approx(40, abs=4)
    assert share(case.problem.startswith("partner_conflict") for case in cases) == pytest.approx(14, abs=3)
    assert share(case.problem.startswith("child_protection") for case in cases) == pytest.approx(9, abs=3)
    assert share(case.penal == "non_penal" for case in cases) == pytest.approx(43, abs=4)
    assert share(case.source is None for case in cases) == pytest.approx(75, abs=4)
    assert share(case.source == "self_referral" for case in cases) == pytest.approx(12, abs=3)


def test_the_work_done_is_as_published(cases: list[PastCase]) -> None:
    held = [sum(act.kind.endswith("_interview") and act.outcome == "held" for act in case.acts) for case in cases]
    kinds = Counter(act.kind for case in cases for act in case.acts if act.outcome == "held")
    interviews = kinds["phone_interview"] + kinds["office_interview"] + kinds["offsite_interview"]
    assert share(count == 0 for count in held) == pytest.approx(20, abs=4)
    assert share(count == 1 for count in held) == pytest.approx(40, abs=5)
    assert share(count >= 4 for count in held) == pytest.approx(12, abs=4)
    assert 100 * kinds["phone_interview"] / interviews == pytest.approx(60, abs=4)


def test_delays_and_follow_up_are_as_published(cases: list[PastCase]) -> None:
    closed = {day for year in (2024, 2025, 2026) for day in public_holidays(year)}
    contacts = [
        sum(
            (case.received_at.date() + timedelta(days=day)).weekday() < 5
            and case.received_at.date() + timedelta(days=day) not in closed
            for day in range((case.first_interview_on - case.received_at.date()).days)
        )
        for case in cases
        if case.first_interview_on
    ]
    lengths = [(case.closed_on - case.opened_at.date()).days for case in cases]
    assert median(contacts) == pytest.approx(2, abs=1) and quantiles(contacts, n=10)[8] == pytest.approx(10, abs=2)
    assert median(lengths) == pytest.approx(21, abs=5) and share(days > 122 for days in lengths) == pytest.approx(
        10, abs=4
    )


def test_beyond_the_retention_no_identity_is_left(cases: list[PastCase]) -> None:
    assert {case.forgotten for case in cases} == {True, False}
    assert all(case.forgotten == (case.closed_on < TODAY - timedelta(days=730)) for case in cases)
