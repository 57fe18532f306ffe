"""The figures counted a second time, in plain Python, from the sentences that define them and never from their SQL.

It reads every row of the base from above, gathers what each post did, then counts. Slow, short, and wrong in other
ways than SQL would be: where the two agree, both read the definition alike.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from app.nomenclature.terms import term
from app.references.working_days import is_working_day
from app.services.partner_referrals import NO_SOURCE_OF_ITS_OWN, SOURCES

PARIS = ZoneInfo("Europe/Paris")
TABLES = (
    "organisation.employer", "organisation.unit", "organisation.post", "organisation.post_unit", "accounts.posting",
    "social.person", "social.situation", "social.participation", "social.intervention", "social.orientation",
    "social.transmission", "social.collective_activity", "social.referral_handling",
    "social.partner_referral_handling", "shared.referral", "exchange.referral", "exchange.orientation",
    "directory.partner", "employer.presence",
)  # fmt: skip

Row = Any


async def rows_of(superuser: asyncpg.Connection) -> dict[str, list[Row]]:
    """Every row of every table that is counted."""
    return {table: await superuser.fetch(f"select * from {table}") for table in TABLES}


@dataclass(frozen=True)
class Seen:
    """One act: what it was, when and where; ``person`` for who it was about, when it was about somebody."""

    participation: UUID | None
    situation: UUID | None
    person: UUID | None
    unit: UUID | None
    site: UUID | None
    zone: str
    at: datetime
    on: date
    kind: str
    channel: str
    held: bool
    interview: bool
    attempt: bool
    anonymous: bool
    minutes: int | None


@dataclass(frozen=True)
class Asked:
    """One referral, from a unit, from a partner, or the coming of the person herself."""

    received_on: date
    source: str
    document: str
    consent: str
    unit: UUID | None
    site: UUID | None
    zone: str
    situation: UUID | None


@dataclass
class Work:
    """What one post did, since ever."""

    post: Row
    departement: str
    zone: str
    acts: list[Seen]
    referrals: list[Asked]
    persons: dict[UUID, Row]
    situations: dict[UUID, Row]
    participations: dict[UUID, Row]
    orientations: list[Row]
    transmissions: list[Row]
    sessions: list[Row]
    presences: list[Row]
    postings: list[Row]
    sent: dict[UUID, Row]
    zones: dict[UUID, str]

    def first_of(self, situation: UUID | None) -> Row | None:
        """The first person of a situation: who joined first."""
        those = [each for each in self.participations.values() if each["situation_id"] == situation]
        return min(those, key=lambda each: (each["joined_on"], each["id"]), default=None)

    def zone_of(self, unit: UUID | None) -> str:
        """The zone of the unit; for who came without one, that of the post."""
        return self.zone if unit is None else self.zones[unit]


def paris_day(instant: datetime) -> date:
    """The day of an instant, at Paris."""
    return instant.astimezone(PARIS).date()


def works_of(rows: dict[str, list[Row]]) -> dict[UUID, Work]:
    """What each post did."""
    departements = {each["id"]: each["departement_code"] for each in rows["organisation.employer"]}
    zones = {each["id"]: each["zone"] for each in rows["organisation.unit"]}
    works = {
        post["id"]: _work(post, departements[post["employer_id"]], zones, rows) for post in rows["organisation.post"]
    }
    for work in works.values():
        work.acts = [_act(work, each) for each in rows["social.intervention"] if each["post_id"] == work.post["id"]]
    _of_units(works, rows)
    _of_partners(works, rows)
    _without_writing(works, rows)
    return works


def _work(post: Row, departement: str, zones: dict[UUID, str], rows: dict[str, list[Row]]) -> Work:
    def mine(table: str) -> list[Row]:
        return [each for each in rows[table] if each["post_id"] == post["id"]]

    def by_id(table: str) -> dict[UUID, Row]:
        return {each["id"]: each for each in mine(table)}

    served = {zones[each["unit_id"]] for each in mine("organisation.post_unit")}
    return Work(
        post, departement, served.pop() if len(served) == 1 else "mixed", [], [],
        by_id("social.person"), by_id("social.situation"), by_id("social.participation"),
        mine("social.orientation"), mine("social.transmission"), mine("social.collective_activity"),
        mine("employer.presence"), mine("accounts.posting"), by_id("exchange.orientation"), zones,
    )  # fmt: skip


def _act(work: Work, row: Row) -> Seen:
    kind = term("intervention_type", row["intervention_type"])
    held = term("intervention_outcome", row["outcome"]).says("was_held")
    participation = work.participations.get(row["participation_id"])
    return Seen(
        participation=row["participation_id"], situation=row["situation_id"],
        person=participation and participation["person_id"], unit=row["unit_id"], site=row["site_id"],
        zone=work.zone_of(row["unit_id"]), at=row["occurred_at"], on=paris_day(row["occurred_at"]), kind=kind.code,
        channel=row["channel"], held=held, interview=held and kind.says("counts_as_interview"),
        attempt=kind.says("counts_as_contact_attempt"), anonymous=row["anonymous_contact"],
        minutes=row["duration_minutes"] if held else None,
    )  # fmt: skip


def _asked(work: Work, received_on: date, source: str, row: Row, *, unit: UUID | None, situation: UUID | None) -> None:
    opened = work.situations.get(situation) if situation else None
    work.referrals.append(
        Asked(
            received_on, source, row.get("document_type", "none"), row["contact_consent"], unit,
            opened and opened["site_id"], work.zone_of(unit), situation,
        )
    )  # fmt: skip


def _of_units(works: dict[UUID, Work], rows: dict[str, list[Row]]) -> None:
    """Sent by a unit: to the post that took it; until then, unless withdrawn, to the first that serves the unit."""
    taken = {(each["unit_id"], each["referral_id"]): each for each in rows["social.referral_handling"]}
    for row in rows["shared.referral"]:
        unit, day = row["unit_id"], paris_day(row["sent_at"])
        handling = taken.get((unit, row["id"]))
        if handling is None:
            serving = [
                each["post_id"]
                for each in rows["organisation.post_unit"]
                if each["unit_id"] == unit and each["starts_on"] <= day <= (each["ends_on"] or date.max)
            ]
            if row["withdrawn_at"] is not None or not serving:
                continue
        work = works[handling["post_id"] if handling else min(serving)]
        gendarmes = term("zone", work.zones[unit]).says("held_by_gendarmerie")
        source = "gendarmerie_unit" if gendarmes else "police_unit"
        _asked(work, day, source, row, unit=unit, situation=handling and handling["situation_id"])


def _of_partners(works: dict[UUID, Work], rows: dict[str, list[Row]]) -> None:
    """Sent by a partner: counted unless it was withdrawn untaken; of its category until a situation says more."""
    taken = {(each["post_id"], each["referral_id"]): each for each in rows["social.partner_referral_handling"]}
    categories = {each["id"]: each["partner_category"] for each in rows["directory.partner"]}
    for row in rows["exchange.referral"]:
        work, handling = works[row["post_id"]], taken.get((row["post_id"], row["id"]))
        if handling is None and row["withdrawn_at"] is not None:
            continue
        situation = handling and handling["situation_id"]
        source = SOURCES.get(categories[row["partner_id"]], NO_SOURCE_OF_ITS_OWN)
        if situation:
            source = work.situations[situation]["referral_source"]
        _asked(work, paris_day(row["sent_at"]), source, row, unit=None, situation=situation)


def _without_writing(works: dict[UUID, Work], rows: dict[str, list[Row]]) -> None:
    """A situation that no written referral opened is worth one, on the day it was opened."""
    written: dict[UUID, set[UUID]] = defaultdict(set)
    for table in ("social.referral_handling", "social.partner_referral_handling"):
        for each in rows[table]:
            written[each["post_id"]].add(each["situation_id"])
    for post, work in works.items():
        for situation in work.situations.values():
            if situation["id"] not in written[post]:
                first = work.first_of(situation["id"])
                row = {"contact_consent": first["contact_consent"] if first else "not_asked"}
                _asked(
                    work, situation["opened_on"], situation["referral_source"], row,
                    unit=situation["unit_id"], situation=situation["id"],
                )  # fmt: skip


def covered(slice_: str, place: str, unit: UUID | None, site: UUID | None, zone: str) -> bool:
    """Is this in that part of the post?"""
    return {"all": True, "unit": str(unit) == place, "site": str(site) == place, "zone": zone == place}[slice_]


def years_between(birth: date | None, day: date) -> int | None:
    """Age in full years; nobody was born later."""
    if birth is None or birth > day:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@cache
def working_days(start: date, until: date, departement: str) -> tuple[date, ...]:
    """Each working day from one day to another, which is excluded."""
    days = (start + timedelta(days=each) for each in range((until - start).days))
    return tuple(day for day in days if is_working_day(day, departement))
