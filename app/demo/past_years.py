"""The past of the demonstration: two civil years and the current one, of invented work, already closed.

A report needs whole years of hundreds of persons; played through the services, as the story is, they would take
minutes. They are drawn here and copied at once as rows: who came, what was done, when it ended. No note, no text.
What is older than two years has kept no identity, as at the end of the active retention: only what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.demo.plan import DAY, MONTHS_IN_DAYS, UNIT_SHARES, at, words
from app.demo.shares import (
    INTERVIEWS,
    KNOWN,
    ON_THE_TELEPHONE,
    SEED,
    age,
    first_contact_days,
    follow_up_days,
    is_female,
    picked,
)
from app.demo.town import PEOPLE, POSTS

# Persons that each post receives in a year: 200 to 350 for each full-time equivalent of its presences.
A_YEAR: Final = {"aubrelle": 232, "lisse": 212, "hevin": 104}
# The year before last, last year, this one: the scheme grows a little.
GROWTH: Final = (0.91, 1.0, 1.03)
MONTHS: Final = {1: 9, 2: 8, 3: 9, 4: 8, 5: 8, 6: 9, 7: 7, 8: 5, 9: 9, 10: 10, 11: 9, 12: 9}
SATURDAY: Final = 5
LAST_DAYS: Final = 25
"""The story alone tells the last weeks: what it opened is still open."""
STORY_SHARE: Final = 0.13
"""Of what is received since the story begins; the rest is drawn here."""
RETENTION: Final = timedelta(days=730)
OTHER_SOURCES: Final = {
    "self_referral": 12, "departmental_social_service": 4, "ccas_cias": 2, "victim_support_association": 2,
    "iscg_log_reading": 2, "municipality_elected_official": 1, "relative_or_third_party": 2,
}  # fmt: skip
FROM_UNITS: Final = 0.75
BESIDES: Final = {
    "partner_liaison": ("phone", 0.35), "unit_liaison": ("on_site", 0.22), "rights_procedure": ("written", 0.16),
    "message_or_letter": ("written", 0.12), "written_report": ("written", 0.06),
    "emergency_sheltering": ("phone", 0.02),
}  # fmt: skip
REASONS: Final = {
    "relay_effective": 44,
    "need_met": 22,
    "information_only": 19,
    "no_further_contact": 12,
    "moved_away": 3,
}
WITH_HER: Final = {"exposed_child": 55, "relative_of_victim": 45}
SECONDARY: Final = ("harassment_online", "housing_urgent_rehousing", "economic_hardship_debt", "addiction_alcohol")


@dataclass
class PastAct:
    """Something done, on an instant."""

    kind: str
    channel: str
    outcome: str
    when: datetime
    minutes: int | None = None


@dataclass
class PastCase:
    """One person in one situation, from the referral to the closing."""

    post: str
    worker: str
    family: dict[str, Any]
    problem: str
    status: str
    female: bool
    years: int
    known: str
    penal: str
    source: str | None
    unit: str | None
    received_at: datetime
    opened_at: datetime
    closed_on: date
    reason: str
    secondary: list[str] = field(default_factory=list)
    acts: list[PastAct] = field(default_factory=list)
    companion: str | None = None
    again: bool = False
    forgotten: bool = False

    @property
    def first_interview_on(self) -> date | None:
        """The day of the first interview that took place."""
        held = [each.when for each in self.acts if each.kind.endswith("_interview") and each.outcome == "held"]
        return min(held).date() if held else None


def begins_on(today: date) -> date:
    """The first day of the past."""
    return date(today.year - 2, 1, 1)


def story_begins_on(today: date) -> date:
    """From then on, the story is told beside."""
    return today - timedelta(days=MONTHS_IN_DAYS)


def drawn_past(today: date) -> list[PastCase]:
    """The cases, oldest first; the same each time but for the dates."""
    rng = Random(f"{SEED} past")  # noqa: S311 — the same past each time, not a secret
    found = []
    for rank, growth in enumerate(GROWTH):
        year = today.year - 2 + rank
        for post, persons in A_YEAR.items():
            for _ in range(round(persons * growth)):
                month = picked(rng, MONTHS)
                received_at = at(date(year, month, rng.randint(1, 28)), rng)
                day = received_at.date()
                told_elsewhere = day >= story_begins_on(today) and rng.random() < STORY_SHARE
                if day < today - timedelta(days=LAST_DAYS) and not told_elsewhere:
                    found.append(_case(rng, post, max(received_at, at(date(year, 1, 4), rng)), today))
    return sorted(found, key=lambda case: case.received_at)


def _case(rng: Random, post: str, received_at: datetime, today: date) -> PastCase:
    families = words()["families"]
    family = rng.choices(families, weights=[each["share"] for each in families])[0]
    status = picked(rng, family["status"])
    source = None if rng.random() < FROM_UNITS else picked(rng, OTHER_SOURCES)
    units = {unit: UNIT_SHARES[unit] for unit in POSTS[post][2]}
    workers = [key for key, someone in PEOPLE.items() if someone.post == post]
    opened_at = at_work(received_at + rng.choice((0, 0, 1)) * DAY, rng) if source is None else received_at
    case = PastCase(
        post=post,
        worker=rng.choice(workers),
        family=family,
        problem=rng.choice(family["problems"]),
        status=status,
        female=is_female(rng, family, status),
        years=age(rng, family),
        known=picked(rng, KNOWN),
        penal="unknown" if rng.random() < 0.03 else "penal" if rng.random() < family["penal"] else "non_penal",
        source=source,
        unit=picked(rng, units) if source in (None, "iscg_log_reading") else None,
        received_at=received_at,
        opened_at=max(opened_at, received_at),
        closed_on=today,
        reason=picked(rng, REASONS),
        secondary=[rng.choice(SECONDARY)] if rng.random() < 0.15 else [],
        companion=picked(rng, WITH_HER) if status == "victim" and rng.random() < 0.06 else None,
        again=rng.random() < 0.06,
    )
    _follow(rng, case, today)
    case.forgotten = max(case.closed_on, case.received_at.date()) < today - RETENTION
    return case


def _follow(rng: Random, case: PastCase, today: date) -> None:
    """From the first attempt to the last act, all before yesterday."""
    last = today - 2 * DAY
    first = at(_worked(case.received_at.date(), first_contact_days(rng)), rng)
    first = max(case.opened_at + timedelta(minutes=20), min(first, at(last, rng)))
    end = max(first.date(), min(case.opened_at.date() + follow_up_days(rng) * DAY, last))
    interviews = picked(rng, INTERVIEWS)
    if interviews == 0:
        declined = rng.random() < 0.4
        for number in range(1 if declined else rng.randrange(1, 4)):
            when = at_work(first + 3 * number * DAY, rng) if number else first
            if when.date() <= last:
                case.acts.append(PastAct("contact_attempt", "phone", "refused" if declined else "no_answer", when))
        case.reason = "declined_by_person" if declined else "unreachable"
    else:
        if rng.random() < 0.3 and first.date() > case.opened_at.date():
            before = max(case.opened_at, at_work(first - DAY, rng))
            case.acts.append(PastAct("contact_attempt", "phone", "no_answer", before))
        span = max((end - first.date()).days, 0)
        for number in range(interviews):
            _interview(rng, case, first if number == 0 else at_work(first + span * number // interviews * DAY, rng))
        for kind, (channel, share) in BESIDES.items():
            if rng.random() < share:
                when = at_work(first + rng.randint(0, span) * DAY, rng)
                case.acts.append(PastAct(kind, channel, "held", when, rng.randrange(10, 45, 5)))
        if case.family.get("minor") and rng.random() < 0.25:
            case.acts.append(PastAct("safeguarding_report", "written", "held", at_work(first + DAY, rng), 60))
    case.acts = [each for each in case.acts if each.when.date() <= last]
    for each in case.acts:
        each.when = max(each.when, case.opened_at)
    case.closed_on = max(end, *(each.when.date() for each in case.acts), case.opened_at.date())


def _interview(rng: Random, case: PastCase, when: datetime) -> None:
    minutes = rng.randrange(20, 80, 5) if rng.random() < 0.95 else None
    if rng.random() < ON_THE_TELEPHONE:
        case.acts.append(PastAct("phone_interview", "phone", "held", when, minutes))
        return
    if rng.random() < 0.1:
        case.acts.append(
            PastAct("office_interview", "on_site", "missed", max(case.opened_at, at(when.date() - DAY, rng)))
        )
    kind = "offsite_interview" if rng.random() < 0.2 else "office_interview"
    case.acts.append(PastAct(kind, "on_site", "held", when, minutes))


def at_work(instant: datetime, rng: Random) -> datetime:
    """The same day, or the Monday after, at an hour of work."""
    while instant.weekday() >= SATURDAY:
        instant += DAY
    return at(instant.date(), rng)


def _worked(day: date, working_days: int) -> date:
    """So many working days later, holidays aside."""
    while working_days:
        day += DAY
        working_days -= day.weekday() < SATURDAY
    return day
