"""The cells of the grid, counted by the oracle: one function for each thing that is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from app.nomenclature.terms import LISTS, term
from tests.indicators.oracle import Asked, Seen, Work, covered, paris_day, working_days, years_between

FAMILY = {"child_protection_child_abuse", "child_protection_exposed_to_partner_violence"}


class Tally(Counter[str]):
    """Cells, and how many in each."""

    def put(self, code: str, *at: str | None, n: int = 1) -> None:
        """Count in a cell and in all its margins."""
        for names in product(*((name or "none", "*") for name in at)):
            self["|".join((code, *names))] += n


def cells_of(works: Iterable[Work], slice_: str, place: str, start: date, until: date) -> dict[str, int]:
    """Every cell of these posts, for this part of them and these days; ``until`` is the day after the last."""
    tally = Tally()
    for work in works:
        _Post(work, slice_, place, start, until, tally).count()
    return {name: n for name, n in tally.items() if n}


def first_level(problem: str | None) -> str:
    """The problem at the first level of the list."""
    return (term("problem_type", problem).parent_code or problem) if problem else "not_recorded"


def band_of(age: int | None) -> str:
    """The age band, as the official list draws it."""
    for band in LISTS["age_band"].terms:
        least, most = band.facts["min_age"], band.facts["max_age"]
        if age is not None and least is not None and least <= age and (most is None or age <= most):
            return band.code
    return "unknown"


def majority_of(age: int | None, declared_minor: bool | None) -> str:
    """By the age; failing that, by what was declared."""
    if age is None and declared_minor is None:
        return "unknown"
    return "minor" if (declared_minor if age is None else age < 18) else "adult"


class _Post:
    def __init__(self, work: Work, slice_: str, place: str, start: date, until: date, tally: Tally) -> None:
        self.work, self.start, self.until, self.tally = work, start, until, tally
        self.slice = slice_
        self.covers: Callable[..., bool] = lambda *where: covered(slice_, place, *where)
        self.acts = [a for a in work.acts if start <= a.on < until and self.covers(a.unit, a.site, a.zone)]
        self.acts.sort(key=lambda act: (act.at, str(act.participation)))

    def in_period(self, day: date | None) -> bool:
        return day is not None and self.start <= day < self.until

    def count(self) -> None:
        self.persons()
        self.participations()
        self.situations()
        for referral in self.work.referrals:
            if self.in_period(referral.received_on) and self.covers(referral.unit, referral.site, referral.zone):
                self.referral(referral)
        for act in self.acts:
            self.act(act)
        self.orientations()
        self.transmissions()
        self.sessions()
        self.post()

    def persons(self) -> None:
        put, work = self.tally.put, self.work
        by_person: dict[UUID, list[Seen]] = {}
        for act in self.acts:
            if act.person is not None:
                by_person.setdefault(act.person, []).append(act)
        for person_id, acts in by_person.items():
            person, first = work.persons[person_id], acts[0]
            age = years_between(person["birth_date"], first.on)
            majority, sex = majority_of(age, person["declared_minor"]), person["sex"]
            participation = work.participations[first.participation]
            situation = work.situations[participation["situation_id"]]
            known = participation["known_to_social_services"]
            put("T1.persons")
            put("T14.persons|*")
            for unit in {act.unit for act in acts}:
                put(f"T14.persons|{unit or 'none'}")
            if any(act.interview for act in acts):
                put("T1.persons_reached")
            if not any(act.person == person_id and act.on < self.start for act in work.acts):
                put("T1.new_persons")
            put("T2.persons", band_of(age), sex)
            if majority != "unknown":
                put(f"T2.{majority}s", sex)
                put("age_recorded")
            if age is not None and 12 <= age <= 25:
                put("T2.aged_12_25", sex)
            if age is not None and age >= 65:
                put("T2.aged_65_plus", sex)
            put("T8.persons", first_level(situation["main_problem"]), known)
            for cell, said in {
                "women": sex == "female",
                "sex_recorded": sex != "not_recorded",
                "minors": majority == "minor",
                "known_recorded": known != "not_recorded",
                "unknown_to_services": known == "unknown_to_services",
                "unknown_for_this_reason": known in ("unknown_to_services", "known_other_reason"),
            }.items():
                if said:
                    put(cell)

    def participations(self) -> None:
        put, work = self.tally.put, self.work
        first: dict[UUID, Seen] = {}
        for act in self.acts:
            if act.participation is not None:
                first.setdefault(act.participation, act)
        for participation_id, act in first.items():
            participation = work.participations[participation_id]
            person = work.persons[participation["person_id"]]
            situation = work.situations[participation["situation_id"]]
            status, main = participation["person_status"], situation["main_problem"]
            problem, sex = first_level(main), person["sex"]
            age = years_between(person["birth_date"], act.on)
            put("active_participations")
            put("T3.participations", status, sex)
            put("T6.participations", problem, sex)
            put("T6.by_majority", problem, majority_of(age, person["declared_minor"]))
            for mention in {first_level(each) for each in situation["secondary_problems"]}:
                put("T6.secondary", mention)
            both = status == "victim_and_alleged_perpetrator"
            for cell, said in {
                "problem_recorded": main is not None,
                "partner_violence": problem == "partner_violence",
                "family_violence": problem in ("partner_violence", "family_violence_other") or main in FAMILY,
                "status_recorded": status != "unknown",
                "victims": status == "victim" or both,
                "alleged_perpetrators": status == "alleged_perpetrator" or both,
                "oriented": any(
                    each["participation_id"] == participation_id and each["proposed_on"] < self.until and agreed(each)
                    for each in work.orientations
                ),
            }.items():
                if said:
                    put(cell)

    def situations(self) -> None:
        put, work = self.tally.put, self.work
        active = {act.situation for act in self.acts}
        for situation in work.situations.values():
            unit = situation["unit_id"]
            here = self.covers(unit, situation["site_id"], work.zone_of(unit))
            problem, penal = first_level(situation["main_problem"]), situation["penal_context"] or "unknown"
            if here and self.in_period(situation["opened_on"]):
                put("T1.situations_opened")
            if situation["id"] in active:
                put("T1.situations_active")
                put("T7.situations", problem, penal)
                if penal == "non_penal":
                    put("non_penal")
                if penal != "unknown":
                    put("penal_recorded")
            if here and self.in_period(situation["closed_on"]):
                first = work.first_of(situation["id"])
                put("T1.situations_closed")
                put("T12.situations", situation["closure_reason"], first["person_status"] if first else "unknown")
                self.delay("T11.follow_up", (situation["closed_on"] - situation["opened_on"]).days)

    def referral(self, referral: Asked) -> None:
        put, work = self.tally.put, self.work
        situation = work.situations.get(referral.situation) if referral.situation else None
        first = work.first_of(referral.situation) if situation else None
        acts = [act for act in work.acts if situation and act.situation == referral.situation]
        place = None if referral.unit is None else str(referral.unit)
        put("T1.referrals")
        put("T4.referrals", referral.source, "without" if referral.document == "none" else "with")
        put("T4.by_zone", referral.source, referral.zone)
        put("T5.referrals", referral.document, place)
        put("T14.referrals", place)
        due = referral.received_on + timedelta(days=15) <= self.until - timedelta(days=1)
        consents = [referral.consent, *([first["contact_consent"]] if first else [])]
        refused = any(not term("contact_consent", each).says("allows_contact") for each in consents)
        for cell, said in {
            "from_units": referral.source in ("police_unit", "gendarmerie_unit", "iscg_log_reading"),
            "due_for_contact": due,
            "met": due and any(act.interview for act in acts),
            "contact_refused": refused or (situation and situation["closure_reason"] == "declined_by_person"),
            "consent_known": referral.consent != "not_asked",
        }.items():
            if said:
                put(cell)
        for code, those in {
            "T11.first_attempt": [act.on for act in acts if act.attempt],
            "median_first_contact": [act.on for act in acts if act.attempt and act.held],
            "T11.first_interview": [act.on for act in acts if act.interview],
        }.items():
            days = len(working_days(referral.received_on, min(those), work.departement)) if those else None
            self.delay(code, days)

    def delay(self, code: str, days: int | None) -> None:
        put = self.tally.put
        put(f"{code}|{'unknown' if days is None else 'known'}")
        if days is not None:
            put(f"{code}|days|{days}")
            for most in (2, 7):
                if days <= most:
                    put(f"{code}|within_{most}")

    def act(self, act: Seen) -> None:
        put = self.tally.put
        if act.kind == "emergency_sheltering" and act.held:
            put("T13.emergency_sheltering")
        if act.anonymous:
            put("T1.anonymous_contacts")
            return
        put("T1.interventions")
        put("T9.acts", act.kind, "on_site" if act.channel in ("on_site", "home") else "remote")
        put("T9.minutes", act.kind, n=act.minutes or 0)
        if act.site is not None:
            put("T9.by_site", act.kind, str(act.site))
        for cell, said in {
            "T1.interviews": act.interview,
            "remote_interviews": act.interview and act.channel in ("phone", "video"),
            "held_acts": act.held,
            "timed_acts": act.held and act.minutes is not None,
            "on_site_acts": act.channel == "on_site",
            "placed_acts": act.channel == "on_site" and act.site is not None,
        }.items():
            if said:
                put(cell)

    def where(self, participation_id: UUID) -> bool:
        situation = self.work.situations[self.work.participations[participation_id]["situation_id"]]
        return self.covers(situation["unit_id"], situation["site_id"], self.work.zone_of(situation["unit_id"]))

    def orientations(self) -> None:
        put = self.tally.put
        for each in self.work.orientations:
            if not (self.in_period(each["proposed_on"]) and self.where(each["participation_id"])):
                continue
            sent, category = self.work.sent.get(each["id"]), each["partner_category"]
            put("T1.orientations")
            taken_up = sent is not None and sent["taken_up_at"] is not None
            refused = sent is not None and sent["refused_at"] is not None
            waiting = sent is not None and not taken_up and not refused
            for stage, said in {
                "proposed": True, "agreed": agreed(each), "declined": each["status"] == "declined_by_person",
                "alone": each["status"] == "self_referred_by_person", "transmitted": sent is not None,
                "taken_up": taken_up, "refused": refused, "no_feedback": waiting,
            }.items():  # fmt: skip
                if said:
                    put(f"T10.{stage}", category)
            for cell, said in {
                "orientations_sent": sent is not None,
                "orientations_taken_up": taken_up,
                "orientations_unanswered": waiting,
                "named_partner": each["partner_id"] is not None,
            }.items():
                if said:
                    put(cell)

    def transmissions(self) -> None:
        counted = ("concerning_information", "prosecutor_report")
        for each in (row for row in self.work.transmissions if row["transmission_kind"] in counted):
            if self.in_period(paris_day(each["sent_at"])) and self.where(each["participation_id"]):
                self.tally.put(f"T13.{each['transmission_kind']}")

    def sessions(self) -> None:
        put = self.tally.put
        for each in self.work.sessions:
            if self.in_period(each["held_on"]) and self.covers(None, each["site_id"], self.work.zone):
                put("T15.sessions", each["collective_activity_type"])
                put("T15.minutes", each["collective_activity_type"], n=each["duration_minutes"])
                put("T15.participants", each["collective_activity_type"], n=each["participants"])

    def post(self) -> None:
        post, put = self.work.post, self.tally.put

        closes = post["ends_on"] or date.max
        possible = working_days(self.start, self.until, self.work.departement)
        worked = [day for day in possible if post["starts_on"] <= day <= closes]
        if self.slice != "all" or closes < self.start or post["starts_on"] >= self.until:
            return
        half_days = sum(
            int(2 * each["days_worked"]) for each in self.work.presences if self.in_period(each["month_on"])
        )
        put("T16.posts")
        put("T16.half_days", n=half_days)
        put("T16.full_time_thousandths", n=round_half_up(500 * half_days, len(possible)))
        put("T16.working_days", n=len(worked))
        put("T16.vacant_days", n=sum(not self.held(day) for day in worked))
        put("T16.sites", n=len({act.site for act in self.acts} - {None}))

    def held(self, day: date) -> bool:
        return any(each["starts_on"] <= day <= (each["ends_on"] or date.max) for each in self.work.postings)


def agreed(orientation: Any) -> bool:
    """The person said yes to it, or went by herself."""
    return orientation["agreed_on"] is not None or orientation["status"] == "self_referred_by_person"


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest integer; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)
