"""What happens in the demonstration: cases drawn once from a fixed seed, in the proportions of published figures.

The shares come from the study of the trade (domain 1.7): problem types, sources, interviews a person, delays, length
of follow-up. Dates are counted back from today; nothing here touches a database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from app.demo.shares import INTERVIEWS, KNOWN, ON_THE_TELEPHONE, SEED, SOURCES, is_female, picked
from app.demo.town import PEOPLE, POSTS
from app.services.clock import PARIS

SITUATIONS = 66
MONTHS_IN_DAYS = 270
UNIT_SHARES = {"aubrelle": 40, "orlanne": 19, "verchamp": 14, "roquebrane": 10, "hevin": 17}
DAY = timedelta(days=1)
OFFICE = ("office_interview", "on_site")


@cache
def words() -> dict[str, Any]:
    """``words.toml``."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Character:
    """A person of a case."""

    facts: dict[str, Any]
    status: str
    consent: str
    known: str


@dataclass(frozen=True)
class Act:
    """An intervention: what an ``InterventionDraft`` says, without the participation it hangs on."""

    said: dict[str, Any]
    who: int = 0


@dataclass
class Case:
    """One situation from its first day to its last. ``who`` numbers the characters."""

    worker: str
    opened_at: datetime
    characters: list[Character]
    facts: dict[str, Any]
    officer: str | None = None
    source: str | None = None
    referral: dict[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None
    site: str | None = None
    acts: list[Act] = field(default_factory=list)
    needs: list[dict[str, Any]] = field(default_factory=list)
    notes: list[tuple[str, datetime, int]] = field(default_factory=list)
    safe_contact: dict[str, Any] | None = None
    closing: dict[str, Any] | None = None
    suspended_on: date | None = None
    feedback: tuple[str, date] | None = None
    link: str | None = None
    shared_with: str | None = None


@dataclass(frozen=True)
class LooseReferral:
    """A referral that opens no situation: waiting, withdrawn, redirected or out of scope."""

    officer: str
    worker: str
    sent_at: datetime
    said: dict[str, Any]
    end: str | None


@dataclass(frozen=True)
class Plan:
    """The whole demonstration."""

    cases: list[Case]
    loose: list[LooseReferral]
    unattached: list[tuple[str, Act]]


def at(day: date, rng: Random) -> datetime:
    """An instant of a working day, Paris time."""
    while day.weekday() >= 5:
        day -= DAY
    return datetime.combine(day, time(rng.randrange(9, 18), rng.randrange(0, 60, 5)), PARIS)


class Draw:
    """The seeded drawing of cases."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.rng = Random(SEED)  # noqa: S311 — the same story each time, not a secret
        self._phones = iter(range(1, 10_000))
        self._names: list[str] = []
        self._turn = 0

    def name(self) -> str:
        """A last name that has not served for a while."""
        if not self._names:
            self._names = self.rng.sample(words()["last_names"], k=len(words()["last_names"]))
        return self._names.pop()

    def phone(self) -> str:
        """A number that belongs to nobody (06 39 98 is kept for fiction)."""
        return f"+3363998{next(self._phones):04d}"

    def character(self, family: dict[str, Any], *, last_name: str | None = None, **said: Any) -> Character:
        """A person whom this kind of case brings."""
        rng = self.rng
        status = said.get("status") or picked(rng, family["status"])
        female = said.get("female", is_female(rng, family, status))
        youngest, oldest = (12, 17) if family.get("minor") else (70, 90) if family.get("old") else (19, 66)
        born = self.today - timedelta(days=rng.randrange(youngest * 366 + 200, oldest * 365 + 150))
        day_known = rng.random() < 0.8
        facts = {
            "last_name": last_name or self.name(),
            "first_name": rng.choice(words()["women" if female else "men"]),
            "sex": "female" if female else "male",
            "birth_date": born if day_known else born.replace(month=1, day=1),
            "birth_date_precision": "day" if day_known else "year",
            "phone": self.phone() if rng.random() < 0.9 else None,
            "municipality": rng.choice(words()["municipalities"]),
        }
        return Character(
            facts=facts,
            status=status,
            consent=said.get("consent", "given_to_officer"),
            known=picked(rng, KNOWN),
        )

    def case(self, number: int) -> Case:
        """One case, opened the earlier the smaller its number."""
        rng = self.rng
        family = rng.choices(words()["families"], weights=[each["share"] for each in words()["families"]])[0]
        unit, source = picked(rng, UNIT_SHARES), picked(rng, SOURCES)
        worker, post = self.worker_of(unit)
        age = round(MONTHS_IN_DAYS * (1 - number / SITUATIONS)) + rng.randrange(1, 4)
        opened_at = at(self.today - timedelta(days=max(age, 2)), rng)
        person = self.character(family, consent="given_to_officer" if source is None else "given_to_iscg")
        penal = "penal" if rng.random() < family["penal"] else "non_penal"
        problem = rng.choice(family["problems"])
        case = Case(
            worker=worker,
            opened_at=opened_at,
            characters=[person],
            facts={"main_problem": problem, "penal_context": penal, "opened_on": opened_at.date()},
            source=source,
            site=POSTS[post][3],
        )
        if source is None:
            self.referred(case, family, unit, person)
        elif source == "iscg_log_reading":
            case.characters = [Character(person.facts, person.status, "not_asked", person.known)]
            case.facts["unit_key"] = unit
        self.follow(case, family)
        return case

    def worker_of(self, unit: str) -> tuple[str, str]:
        """The social worker who takes the case, in turn when two share the post; and the post."""
        able = [key for key, someone in PEOPLE.items() if someone.post and unit in someone.units]
        self._turn += 1
        worker = able[self._turn % len(able)]
        return worker, PEOPLE[worker].post or ""

    def officer_of(self, unit: str) -> str:
        """An officer of the unit."""
        able = [k for k, someone in PEOPLE.items() if someone.role == "police_officer" and someone.unit == unit]
        return self.rng.choice(able)

    def referred(self, case: Case, family: dict[str, Any], unit: str, person: Character) -> None:
        """The case begins with what an officer typed, a little before the worker opened it."""
        delay = min(self.rng.lognormvariate(0.4, 1.0), 12)
        case.officer = self.officer_of(unit)
        case.sent_at = case.opened_at - timedelta(hours=3 + 20 * delay)
        case.referral = self.typed(family, person)

    def typed(self, family: dict[str, Any], person: Character) -> dict[str, Any]:
        """What the officer types."""
        rng = self.rng
        danger = family["danger"]
        return {
            **person.facts,
            "person_status": person.status,
            "contact_consent": person.consent,
            "document_type": rng.choice(family["documents"]),
            "facts": rng.choice(family["facts"]),
            "urgency": picked(rng, {"immediate": 12, "urgent": 38, "standard": 50}),
            "safe_contact_hint": rng.choice(words()["hints"]) if danger else None,
            "danger_grid_positive": rng.random() < danger if danger and rng.random() < 0.7 else None,
        }

    def follow(self, case: Case, family: dict[str, Any]) -> None:
        """Attempts, interviews, needs, notes, closing: as far as today."""
        rng = self.rng
        interviews = picked(rng, INTERVIEWS)
        first = case.opened_at + timedelta(days=min(rng.lognormvariate(0.5, 1.0), 14))
        length = min(max(rng.lognormvariate(3.04, 1.36), 3), 200)
        end = case.opened_at + timedelta(days=length)
        if interviews == 0:
            self.unreached(case, first, end)
            return
        instants = sorted(self.between(first, end, interviews))
        if rng.random() < 0.4:
            self.act(case, "contact_attempt", "phone", "no_answer", instants[0] - timedelta(hours=5))
        for instant in instants:
            kind, channel = ("phone_interview", "phone") if rng.random() < ON_THE_TELEPHONE else OFFICE
            missed = channel == "on_site" and rng.random() < 0.08
            self.act(case, kind, channel, "missed" if missed else "held", instant, minutes=rng.randrange(20, 80, 5))
        held = [each for each in instants if each.date() < self.today]
        if not held:
            return
        texts = rng.sample(family["notes"], k=min(len(family["notes"]), len(held)))
        written = [(text, held[number] + timedelta(minutes=90), 0) for number, text in enumerate(texts)]
        case.notes = [note for note in written if rng.random() < 0.75]
        self.assess(case, family, held[0].date(), end.date())
        if family["danger"] and rng.random() < 0.6:
            case.safe_contact = {
                "phone": self.phone(),
                "safe_hours": rng.choice(words()["safe_hours"]),
                "precautions": rng.choice(words()["precautions"]),
            }
        if rng.random() < 0.3:
            self.act(case, "partner_liaison", "phone", "held", held[-1] + timedelta(hours=20), minutes=15)
        if end.date() < self.today:
            reasons = {"relay_effective": 45, "need_met": 20, "information_only": 20, "no_further_contact": 15}
            case.closing = {"closure_reason": picked(rng, reasons), "closed_on": max(end, held[-1] + DAY).date()}
            if case.closing["closed_on"] > self.today:
                case.closing = None
        elif rng.random() < 0.12:
            case.suspended_on = held[-1].date() + DAY
        self.answer(case, "closed" if case.closing and rng.random() < 0.5 else "contact_made", held[0].date())

    def unreached(self, case: Case, first: datetime, end: datetime) -> None:
        """Contact never made, or declined: one person in five."""
        declined = self.rng.random() < 0.4
        for attempt in range(1 if declined else self.rng.randrange(1, 4)):
            last = "refused" if declined else "no_answer"
            self.act(case, "contact_attempt", "phone", last, first + attempt * 3 * DAY)
        closed_on = max(end, first + 10 * DAY).date()
        if closed_on < self.today:
            reason = "declined_by_person" if declined else "unreachable"
            case.closing = {"closure_reason": reason, "closed_on": closed_on}
        self.answer(case, "declined" if declined else "contact_attempted", first.date())

    def answer(self, case: Case, code: str, day: date) -> None:
        """Most referrals get a closed code back."""
        if case.officer and day < self.today and self.rng.random() < 0.8:
            closed_on = case.closing["closed_on"] if case.closing and code == "closed" else day
            case.feedback = code, closed_on

    def assess(self, case: Case, family: dict[str, Any], day: date, end: date) -> None:
        """Two or three needs, half of them met at the end."""
        rng = self.rng
        chosen = rng.sample(family["needs"], k=min(len(family["needs"]), rng.randrange(1, 4)))
        met = max(end, day)
        case.needs = [
            {"need_type": need, "assessed_on": day, "met_on": met if met < self.today and rng.random() < 0.5 else None}
            for need in chosen
        ]

    def act(self, case: Case, kind: str, channel: str, outcome: str, when: datetime, **said: Any) -> None:
        """Add an act to the case, unless its day has not come."""
        when = max(when, case.opened_at)
        if when.date() < self.today:
            minutes, who = said.pop("minutes", None), said.pop("who", 0)
            facts = {"intervention_type": kind, "channel": channel, "outcome": outcome, "occurred_at": when}
            lasted = minutes if outcome == "held" else None
            case.acts.append(Act({**facts, "duration_minutes": lasted, **said}, who))

    def between(self, first: datetime, end: datetime, count: int) -> Iterable[datetime]:
        """Instants of working days from ``first`` towards ``end``."""
        span = max((end - first).days, count)
        yield max(at(first.date(), self.rng), first)
        for number in range(1, count):
            yield max(at(first.date() + timedelta(days=span * number // count), self.rng), first)
