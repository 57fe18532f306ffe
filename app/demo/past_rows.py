"""The past of the demonstration as rows: the same tables as the story, filled at once by ``COPY``."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlmodel import SQLModel

from app.demo.counting import counted_before
from app.demo.past_orientations import orientations_of, safeguarded
from app.demo.past_years import PastAct, PastCase, at_work, begins_on, drawn_past
from app.demo.plan import DAY, words
from app.demo.shares import SEED, age, picked
from app.demo.town import PEOPLE, POSTS, UNITS, picked_site
from app.models.columns import new_id
from app.models.shared import Referral
from app.models.social import Intervention, Need, Participation, Person, ReferralHandling, Situation, Transmission
from app.nomenclature.terms import term
from app.operating import copy_rows

HOURS: Final = timedelta(hours=1)

Rows = dict[type[SQLModel], list[dict[str, Any]]]


async def copy_past(connection: asyncpg.Connection, ids: dict[tuple[str, str], UUID], *, today: date) -> None:
    """Two years and this one, in one transaction: invented, closed, without a note."""
    rows = Past(ids, today).written(drawn_past(today))
    async with connection.transaction():
        for table, records in rows.items():
            await copy_rows(connection, table, records)
            # What comes next is checked against it: PostgreSQL must know that it is no longer empty.
            await connection.execute(f"analyze {table.__table__}")  # type: ignore[attr-defined]


class Past:
    """The rows of the past, in the order in which tables may be filled."""

    def __init__(self, ids: dict[tuple[str, str], UUID], today: date) -> None:
        self.ids, self.today = ids, today
        self.rng = Random(f"{SEED} rows")  # noqa: S311 — the same past each time, not a secret
        tables = (Referral, Person, Situation, ReferralHandling, Participation, Intervention, Need)
        self.rows: Rows = {table: [] for table in tables}
        self.reports: list[dict[str, Any]] = []
        self.known: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
        self.officers: dict[str, list[str]] = defaultdict(list)
        for key, someone in PEOPLE.items():
            if someone.role == "police_officer" and someone.unit:
                self.officers[someone.unit].append(key)

    def written(self, cases: list[PastCase]) -> Rows:
        """Everything, table by table."""
        for case in cases:
            self._case(case)
        self._without_a_person()
        self.rows.setdefault(Transmission, []).extend(self.reports)
        for table, row in counted_before(self.ids, begins_on(self.today), today=self.today):
            self.rows.setdefault(table, []).append(row)
        return self.rows

    def _case(self, case: PastCase) -> None:
        post_id, worker_id = self.ids["post", case.post], self.ids["account", case.worker]
        person = self._person(case)
        situation_id, participation_id = new_id(), new_id()
        zone = UNITS[case.unit][1] if case.unit else "police"
        source = case.source or ("gendarmerie_unit" if zone == "gendarmerie" else "police_unit")
        site_id = self.ids["site", picked_site(self.rng, case.post)]
        self.rows[Situation].append(
            {
                "id": situation_id, "post_id": post_id, "status": "closed", "referral_source": source,
                "unit_id": self.ids["unit", case.unit] if case.unit else None, "site_id": site_id,
                "opened_on": case.opened_at.date(), "opened_by": worker_id, "main_problem": case.problem,
                "secondary_problems": case.secondary, "penal_context": case.penal,
                "urgency": picked(self.rng, {"immediate": 12, "urgent": 38, "standard": 50}),
                "closed_on": case.closed_on, "closure_reason": case.reason, "recorded_at": case.opened_at,
            }
        )  # fmt: skip
        if case.source is None and not case.forgotten:
            self._referral(case, person, situation_id)
        consent = "given_to_officer" if case.source is None else "given_to_iscg"
        self._participation(case, participation_id, situation_id, person, case.status, consent)
        for act in case.acts:
            self._act(case, act, situation_id, participation_id, site_id)
        if case.companion:
            self._companion(case, situation_id)
        self._directed(case, participation_id)
        for act in case.acts:
            if act.kind == "safeguarding_report":
                self.reports.append(safeguarded(self.ids, case, participation_id, act.when))

    def _person(self, case: PastCase) -> dict[str, Any]:
        before = self.known[case.post, case.forgotten]
        if case.again and before:
            return self.rng.choice(before)
        person = self._described(case, female=case.female, years=case.years)
        before.append(person)
        return person

    def _described(self, case: PastCase, *, female: bool, years: int) -> dict[str, Any]:
        rng, said = self.rng, words()
        last_name = "-".join(rng.sample(said["last_names"], 2 if rng.random() < 0.7 else 1))
        born = case.received_at.date() - timedelta(days=365 * years + years // 4 + rng.randrange(1, 364))
        day_known = rng.random() < 0.8 and not case.forgotten
        dated = rng.random() < 0.95
        person = {
            "id": new_id(),
            "post_id": self.ids["post", case.post],
            "last_name": None if case.forgotten else last_name,
            "first_name": None if case.forgotten else rng.choice(said["women" if female else "men"]),
            "sex": "not_recorded" if rng.random() < 0.01 else "female" if female else "male",
            "birth_date": (born if day_known else born.replace(month=1, day=1)) if dated else None,
            "birth_date_precision": ("day" if day_known else "year") if dated else None,
            "declared_minor": None if dated else years < 18,
            "municipality": None if case.forgotten else rng.choice(said["municipalities"]),
            "recorded_at": case.opened_at,
        }
        self.rows[Person].append(person)
        return person

    def _referral(self, case: PastCase, person: dict[str, Any], situation_id: UUID) -> None:
        rng, unit = self.rng, case.unit or ""
        reached = case.first_interview_on
        answer = (
            "contact_made" if reached else "declined" if case.reason == "declined_by_person" else "contact_attempted"
        )
        answered_on = reached or (case.acts[0].when.date() if case.acts else case.closed_on)
        answered = rng.random() < 0.85
        kept = ("last_name", "first_name", "birth_date", "birth_date_precision", "sex", "municipality")
        shared = {"unit_id": self.ids["unit", unit]}
        referral_id = new_id()
        self.rows[Referral].append(
            {
                **shared, "id": referral_id, "sent_by": self.ids["account", rng.choice(self.officers[unit])],
                "sent_at": case.received_at, **{name: person[name] for name in kept}, "person_status": case.status,
                "document_type": rng.choice(case.family["documents"]),
                "urgency": picked(rng, {"immediate": 12, "urgent": 38, "standard": 50}),
                "contact_consent": "given_to_officer" if rng.random() < 0.9 else "not_asked",
                "feedback_code": answer if answered else None, "feedback_on": answered_on if answered else None,
            }
        )  # fmt: skip
        self.rows[ReferralHandling].append(
            {
                **shared, "referral_id": referral_id, "post_id": self.ids["post", case.post],
                "received_at": case.opened_at, "received_by": self.ids["account", case.worker],
                "decision": "accepted", "decided_at": case.opened_at, "situation_id": situation_id,
            }
        )  # fmt: skip

    def _participation(
        self,
        case: PastCase,
        participation_id: UUID,
        situation_id: UUID,
        person: dict[str, Any],
        status: str,
        consent: str,
    ) -> None:
        self.rows[Participation].append(
            {
                "id": participation_id, "post_id": person["post_id"], "situation_id": situation_id,
                "person_id": person["id"], "person_status": status, "contact_consent": consent,
                "known_to_social_services": case.known, "joined_on": case.opened_at.date(),
            }
        )  # fmt: skip

    def _act(self, case: PastCase, act: PastAct, situation_id: UUID, participation_id: UUID, site_id: UUID) -> None:
        self.rows[Intervention].append(
            self._row_of(case.post, case.worker, act)
            | {
                "situation_id": situation_id,
                "participation_id": participation_id,
                "unit_id": self.ids["unit", case.unit] if case.unit else None,
                "site_id": site_id if act.channel == "on_site" and self.rng.random() < 0.97 else None,
            }
        )

    def _row_of(self, post: str, worker: str, act: PastAct, *, anonymous: bool = False) -> dict[str, Any]:
        nature = term("intervention_type", act.kind)
        return {
            "id": new_id(), "post_id": self.ids["post", post], "intervention_type": act.kind,
            "counts_as_interview": nature.says("counts_as_interview"),
            "needs_home_visit_clearance": nature.says("needs_home_visit_clearance"),
            "may_lack_participation": nature.says("may_lack_participation"), "anonymous_contact": anonymous,
            "channel": act.channel, "outcome": act.outcome, "occurred_at": act.when, "duration_minutes": act.minutes,
            "recorded_by": self.ids["account", worker], "recorded_at": act.when + HOURS,
        }  # fmt: skip

    def _companion(self, case: PastCase, situation_id: UUID) -> None:
        """Somebody who is helped with her: her child, or a relative."""
        rng, child = self.rng, case.companion == "exposed_child"
        family = {**case.family, "minor": child, "old": False}
        person = self._described(case, female=rng.random() < 0.55, years=age(rng, family))
        participation_id = new_id()
        self._participation(case, participation_id, situation_id, person, case.companion or "", "given_to_iscg")
        if day := case.first_interview_on:
            when = next(each.when for each in case.acts if each.when.date() == day)
            act = PastAct("partner_liaison" if child else "phone_interview", "phone", "held", when + HOURS, 25)
            self._act(case, act, situation_id, participation_id, self.ids["site", POSTS[case.post][3]])

    def _directed(self, case: PastCase, participation_id: UUID) -> None:
        assessed_on = case.first_interview_on
        if assessed_on is None:
            return
        rng, chosen = self.rng, case.family["needs"]
        needs = rng.sample(chosen, k=min(len(chosen), rng.randrange(1, 4)))
        for need in needs:
            met_on = case.closed_on if rng.random() < 0.55 else None
            self.rows[Need].append(
                {
                    "id": new_id(), "post_id": self.ids["post", case.post], "participation_id": participation_id,
                    "need_type": need, "assessed_on": assessed_on, "met_on": met_on,
                }
            )  # fmt: skip
        for table, row in orientations_of(rng, self.ids, case, participation_id, needs, assessed_on, today=self.today):
            self.rows.setdefault(table, []).append(row)

    def _without_a_person(self) -> None:
        """Readings of the log and anonymous contacts: a few a month, for each post, until the story begins."""
        rng = self.rng
        workers = {someone.post: key for key, someone in PEOPLE.items() if someone.post}
        month = begins_on(self.today)
        while month < self.today - 300 * DAY:
            for post in POSTS:
                for number in range(rng.randrange(2, 7)):
                    anonymous = number < 2
                    kind, channel = ("phone_interview", "phone") if anonymous else ("log_reading", "on_site")
                    when = at_work(_instant(month + rng.randrange(27) * DAY), rng)
                    act = PastAct(kind, channel, "held", when, rng.choice((15, 30, 45)))
                    self.rows[Intervention].append(self._row_of(post, workers[post], act, anonymous=anonymous))
            month = (month + 32 * DAY).replace(day=1)


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone()
