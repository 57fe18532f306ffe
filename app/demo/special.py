"""The cases that a demonstration must hold, whatever chance draws; and what opens no situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.demo.plan import DAY, MONTHS_IN_DAYS, SITUATIONS, Act, Case, Character, Draw, LooseReferral, Plan, at, words
from app.demo.town import PEOPLE


def drawn(today: date) -> Plan:
    """The plan of the demonstration, the same each time but for the dates, which follow today."""
    draw = Draw(today)
    cases = [draw.case(number) for number in range(SITUATIONS)]
    cases += [_both_parties(draw), _runaway(draw), _home_visit(draw), _shared_note(draw)]
    cases.sort(key=lambda case: case.opened_at)
    return Plan(cases, _loose(draw), _unattached(draw))


def _family(code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in words()["families"] if code in each["problems"])
    return found


def _begun(draw: Draw, problem: str, days_ago: int, unit: str, worker: str, *people: Character) -> Case:
    family, opened_at = _family(problem), at(draw.today - timedelta(days=days_ago), draw.rng)
    case = Case(
        worker=worker,
        opened_at=opened_at,
        characters=list(people),
        facts={"main_problem": problem, "penal_context": "penal", "opened_on": opened_at.date()},
        officer=draw.officer_of(unit),
        sent_at=opened_at - timedelta(hours=7),
        referral=draw.typed(family, people[0]),
        feedback=("contact_made", opened_at.date() + 2 * DAY),
    )
    draw.act(case, "phone_interview", "phone", "held", opened_at + DAY, minutes=40)
    case.notes = [(family["notes"][0], opened_at + DAY + timedelta(hours=2), 0)]
    return case


def _both_parties(draw: Draw) -> Case:
    """Victim and alleged perpetrator in one situation: two files that know nothing of each other (domain 2.5)."""
    family = _family("partner_violence_physical")
    victim = draw.character(family, female=True, status="victim")
    accused = draw.character(family, female=False, status="alleged_perpetrator", consent="given_to_iscg")
    case = _begun(draw, "partner_violence_physical", 38, "aubrelle", "claire.vasseline", victim, accused)
    draw.act(case, "office_interview", "on_site", "held", case.opened_at + 9 * DAY, minutes=50, who=1)
    case.notes.append(
        (
            "Reçu à sa demande, après sa garde à vue. Il reconnaît « des gestes » et demande de l'aide pour ne plus"
            " recommencer. Stage et consultation spécialisée expliqués. Rien n'a été dit de l'autre partie.",
            case.opened_at + 9 * DAY + timedelta(hours=2),
            1,
        )
    )
    case.safe_contact = {"phone": draw.phone(), "safe_hours": words()["safe_hours"][0]}
    return case


def _runaway(draw: Draw) -> Case:
    """A minor, and the mother who comes with him; the link is noted in his file only."""
    family = _family("child_protection_runaway")
    minor = draw.character(family, female=False, status="victim", consent="given_to_iscg")
    adults = {**family, "minor": False}
    mother = draw.character(adults, female=True, status="relative_of_victim", last_name=minor.facts["last_name"])
    mother = replace(mother, facts={**mother.facts, "birth_date": draw.today.replace(month=5, day=12, year=1984)})
    case = _begun(draw, "child_protection_runaway", 24, "verchamp", "agathe.lisieul", minor, mother)
    draw.act(case, "office_interview", "on_site", "held", case.opened_at + 3 * DAY, minutes=45)
    draw.act(case, "safeguarding_report", "written", "held", case.opened_at + 5 * DAY, minutes=60)
    case.needs = [{"need_type": "child_protection", "assessed_on": case.opened_at.date() + 3 * DAY, "met_on": None}]
    case.link = "parent"
    return case


def _home_visit(draw: Draw) -> Case:
    """A home visit, with both guarantees recorded: the security service informed, the employer agreed."""
    person = draw.character(_family("vulnerable_adult_isolation"), female=True, status="person_in_social_distress")
    case = _begun(draw, "vulnerable_adult_isolation", 17, "hevin", "maud.kerbrizan", person)
    visit = case.opened_at + 6 * DAY
    draw.act(
        case,
        "home_visit",
        "home",
        "held",
        visit,
        minutes=70,
        security_service_informed_at=visit - timedelta(hours=26),
        security_service_informed_by="Maud Kerbrizan, auprès de la brigade de Port-Hévin",
        employer_agreement_at=visit - timedelta(hours=22),
        employer_agreement_given_by="Chef de service de l'association",
    )
    return case


def _shared_note(draw: Draw) -> Case:
    """Two workers hold one post: the author opens one note to her colleague, by name."""
    person = draw.character(_family("sexual_violence"), female=True, status="victim")
    case = _begun(draw, "sexual_violence", 11, "aubrelle", "claire.vasseline", person)
    case.shared_with = "samir.oudrane"
    return case


def _loose(draw: Draw) -> list[LooseReferral]:
    ends = [("withdrawn", 61), ("redirected", 45), ("rejected", 83), ("received", 3), (None, 2), (None, 1), (None, 1)]
    found = []
    for end, days_ago in ends:
        family = draw.rng.choice(words()["families"][:4])
        unit = draw.rng.choice(["aubrelle", "orlanne", "verchamp"])
        said = draw.typed(family, draw.character(family))
        sent_at = at(draw.today - timedelta(days=days_ago), draw.rng)
        found.append(LooseReferral(draw.officer_of(unit), draw.worker_of(unit)[0], sent_at, said, end))
    return found


def _unattached(draw: Draw) -> list[tuple[str, Act]]:
    """Anonymous contacts and readings of the log: acts that name nobody."""
    rng, found = draw.rng, []
    workers = [key for key, someone in PEOPLE.items() if someone.post]
    for number in range(30):
        anonymous = number % 5 == 0
        act = Act(
            {
                "intervention_type": "phone_interview" if anonymous else "log_reading",
                "channel": "phone" if anonymous else "on_site",
                "outcome": "held",
                "occurred_at": at(draw.today - timedelta(days=rng.randrange(1, MONTHS_IN_DAYS)), rng),
                "duration_minutes": rng.choice(words()["log_reading"]["minutes"]),
                "anonymous_contact": anonymous,
            }
        )
        found.append((rng.choice(workers), act))
    return sorted(found, key=lambda each: each[1].said["occurred_at"])
