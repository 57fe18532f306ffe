"""Ground to write worlds on: an insert that fills in what a table insists on and what no figure depends on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from app.models.columns import new_id
from app.nomenclature.terms import term
from tests.house_for_tests import Town

PARIS = ZoneInfo("Europe/Paris")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(day: str | date, hour: str = "10:00") -> datetime:
    """An instant, by the clocks of Paris: ``at("2025-03-04", "23:59")``."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=PARIS)


def on(day: str) -> date:
    """A day."""
    return date.fromisoformat(day)


class Ground:
    """A connection from above, and one method for each thing that can be recorded. Each returns its identifier."""

    def __init__(self, superuser: asyncpg.Connection, town: Town) -> None:
        self.superuser, self.ids = superuser, town.ids
        self.post: UUID = self.ids["shared_post"]
        """The post that records, unless another is named."""

    async def row(self, table: str, **said: Any) -> UUID:
        """One row; an ``id`` is drawn unless given, and ``id=None`` when the table has none."""
        said = {"id": new_id()} | said
        row = {name: value for name, value in said.items() if name != "id" or value is not None}
        holes = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        statement = f"insert into {table} ({', '.join(row)}) values ({holes})"
        await self.superuser.execute(statement, *row.values())
        found: UUID = said["id"]
        return found

    async def employer(self, departement_code: str = "28") -> UUID:
        """An employer."""
        said = {"name": "Employeur", "employer_type": "departement", "departement_code": departement_code}
        return await self.row("organisation.employer", **said)

    async def unit(self, zone: str = "police", *, name: str = "Unité", served_by: UUID | None = None) -> UUID:
        """A unit, served by the post since long ago."""
        said = {"name": name, "zone": zone, "departement_code": "28", "municipality": "Dreux"}
        unit = await self.row("organisation.unit", **said)
        await self.serves(served_by or self.post, unit)
        return unit

    async def serves(self, post: UUID, unit: UUID, since: date = date(2020, 1, 1), until: date | None = None) -> None:
        """A post serves a unit."""
        await self.row("organisation.post_unit", id=None, post_id=post, unit_id=unit, starts_on=since, ends_on=until)

    async def site(self, name: str = "Mairie") -> UUID:
        """A place where people are received."""
        return await self.row("organisation.site", name=name, site_type="town_hall", municipality="Dreux")

    async def new_post(
        self, since: date = date(2020, 1, 1), until: date | None = None, *, employer: UUID | None = None
    ) -> UUID:
        """A post, which records from now on."""
        said = {"name": "Poste", "employer_id": employer or self.ids["employer"], "starts_on": since, "ends_on": until}
        self.post = await self.row("organisation.post", **said)
        return self.post

    async def posting(
        self, since: date, until: date | None = None, *, account: str = "colleague", approved: bool = True
    ) -> UUID:
        """A social worker holds the post, from a day to another, once another person has approved it."""
        said = {"post_id": self.post, "account_id": self.ids[account]}
        said["approved_at"] = datetime.now(UTC) if approved else None
        return await self.row("accounts.posting", **said, starts_on=since, ends_on=until)

    async def person(self, sex: str = "female", birth_date: date | None = None, **said: Any) -> UUID:
        """Somebody."""
        precision = said.pop("birth_date_precision", "day" if birth_date else None)
        born = {"birth_date": birth_date, "birth_date_precision": precision}
        facts = {"post_id": self.post, "sex": sex, "recorded_at": LONG_AGO} | born | said
        return await self.row("social.person", **facts)

    async def situation(self, opened_on: date, **said: Any) -> UUID:
        """A situation, without anybody yet; closed when ``closed_on`` is said."""
        facts = {"post_id": self.post, "referral_source": "self_referral", "secondary_problems": []}
        if said.get("closed_on"):
            facts |= {"closure_reason": "need_met"}
        facts |= {"status": "closed" if said.get("closed_on") else "active", "opened_on": opened_on} | said
        return await self.row("social.situation", **facts, opened_by=self.ids["worker"], recorded_at=LONG_AGO)

    async def participation(self, situation: UUID, person: UUID | None = None, **said: Any) -> UUID:
        """Somebody in a situation."""
        facts = {
            "post_id": self.post, "person_status": "victim", "contact_consent": "given_to_iscg",
            "known_to_social_services": "not_recorded", "joined_on": date(2020, 1, 1),
        }  # fmt: skip
        said = facts | {"situation_id": situation, "person_id": person or await self.person()} | said
        return await self.row("social.participation", **said)

    async def met(self, person: UUID | None = None, opened_on: date | None = None, **said: Any) -> UUID:
        """Somebody in a situation of her own: its participation."""
        names = ("person_status", "contact_consent", "known_to_social_services", "joined_on")
        joined = {name: said.pop(name) for name in names if name in said}
        situation = await self.situation(opened_on or date(2025, 1, 6), **said)
        return await self.participation(situation, person, **joined)

    async def act(
        self, participation: UUID | None, occurred_at: datetime, kind: str = "phone_interview", **said: Any
    ) -> UUID:
        """Something done, and held unless ``outcome`` says otherwise."""
        nature = term("intervention_type", kind)
        copied = ("counts_as_interview", "needs_home_visit_clearance", "may_lack_participation")
        situation = None
        if participation is not None:
            find = "select situation_id from social.participation where id = $1"
            situation = await self.superuser.fetchval(find, participation)
        facts = {
            "post_id": self.post, "situation_id": situation, "participation_id": participation,
            "intervention_type": kind, "channel": "phone", "outcome": "held", "occurred_at": occurred_at,
            "anonymous_contact": participation is None and not nature.says("may_lack_participation"),
            **{name: nature.says(name) for name in copied},
        }  # fmt: skip
        if nature.says("needs_home_visit_clearance"):
            facts |= {"security_service_informed_at": LONG_AGO, "security_service_informed_by": "Major"}
            facts |= {"employer_agreement_at": LONG_AGO, "employer_agreement_given_by": "Cadre"}
        return await self.row(
            "social.intervention", **facts | said, recorded_by=self.ids["worker"], recorded_at=LONG_AGO
        )

    async def referral(self, unit: UUID, sent_at: datetime, **said: Any) -> UUID:
        """A unit sends somebody."""
        facts = {
            "unit_id": unit, "sent_by": self.ids["officer"], "sent_at": sent_at, "last_name": "Bolieu",
            "person_status": "victim", "document_type": "complaint", "urgency": "standard",
            "contact_consent": "given_to_officer",
        }  # fmt: skip
        return await self.row("shared.referral", **facts | said)

    async def taken(
        self, unit: UUID, referral: UUID, situation: UUID | None, post: UUID | None = None, **said: Any
    ) -> None:
        """A post takes what a unit sent, and opens a situation for it, or redirects it."""
        facts = {"id": None, "unit_id": unit, "referral_id": referral, "post_id": post or self.post}
        await self.row("social.referral_handling", **facts, **self._decided(situation), **said)

    async def partner_referral(self, sent_at: datetime, partner: str = "ccas", **said: Any) -> UUID:
        """A partner sends somebody."""
        facts = {
            "partner_id": self.ids[partner], "post_id": self.post, "sent_by": self.ids["partner"], "sent_at": sent_at,
            "last_name": "Bolieu", "person_status": "victim", "urgency": "standard", "contact_consent": "not_asked",
        }  # fmt: skip
        return await self.row("exchange.referral", **facts | said)

    async def partner_taken(self, referral: UUID, situation: UUID | None) -> None:
        """The post takes what a partner sent."""
        facts = {"id": None, "post_id": self.post, "referral_id": referral}
        await self.row("social.partner_referral_handling", **facts, **self._decided(situation))

    def _decided(self, situation: UUID | None) -> dict[str, Any]:
        return {
            "received_at": LONG_AGO, "received_by": self.ids["worker"], "situation_id": situation,
            "decision": "accepted" if situation else "redirected", "decided_at": LONG_AGO,
        }  # fmt: skip

    async def orientation(self, participation: UUID, proposed_on: date, status: str = "proposed", **said: Any) -> UUID:
        """An orientation; ``sent=True`` when the partner was written to, and what she answered."""
        answer = {name: said.pop(name) for name in ("taken_up_at", "refused_at") if name in said}
        sent = said.pop("sent", bool(answer))
        agreed_on = proposed_on if status in ("agreed", "transmitted", "no_feedback") else None
        facts = {
            "post_id": self.post, "participation_id": participation, "partner_category": "ccas_cias",
            "partner_id": self.ids["ccas"], "status": "transmitted" if sent and status == "proposed" else status,
            "proposed_on": proposed_on, "agreed_on": agreed_on, "agreed_fields": [],
            "declined_on": proposed_on if status == "declined_by_person" else None,
            "self_referred_on": proposed_on if status == "self_referred_by_person" else None,
            "closed_on": proposed_on if status == "no_feedback" else None,
        }  # fmt: skip
        facts |= {"proposed_by": self.ids["worker"], "recorded_at": LONG_AGO} | said
        orientation = await self.row("social.orientation", **facts)
        if sent:
            await self.sent(orientation, **answer)
        return orientation

    async def sent(self, orientation: UUID, **answer: Any) -> None:
        """What the partner sees of it, and what she answered."""
        if answer:
            answer = {"acknowledged_at": next(iter(answer.values()))} | answer
        if answer.get("refused_at"):
            answer |= {"refusal_reason": "no_capacity"}
        post = await self.superuser.fetchval("select post_id from social.orientation where id = $1", orientation)
        said = {
            "post_id": post, "partner_id": self.ids["ccas"], "reference": str(orientation), "fields": [],
            "legal_basis": "person_agreement", "person_informed": "informed_before", "sent_at": LONG_AGO,
            "sent_by": self.ids["worker"],
        }  # fmt: skip
        await self.row("exchange.orientation", id=orientation, **said, **answer)

    async def transmission(self, participation: UUID, sent_at: datetime, kind: str) -> UUID:
        """Something left the post under the law."""
        said = {
            "post_id": self.post, "participation_id": participation, "transmission_kind": kind, "fields": [],
            "legal_basis": "peril_or_necessity", "recipient": "CRIP", "person_informed": "informed_before",
            "sent_at": sent_at, "sent_by": self.ids["worker"],
        }  # fmt: skip
        return await self.row("social.transmission", **said)

    async def session(self, held_on: date, kind: str, minutes: int, participants: int, **said: Any) -> UUID:
        """A collective session."""
        facts = {"post_id": self.post, "collective_activity_type": kind, "held_on": held_on}
        facts |= {"duration_minutes": minutes, "participants": participants, "recorded_at": LONG_AGO}
        return await self.row("social.collective_activity", **facts, recorded_by=self.ids["worker"], **said)

    async def presence(self, month_on: date, days_worked: float) -> None:
        """Days worked by the post in a month."""
        find = "select employer_id from organisation.post where id = $1"
        said = {"id": None, "post_id": self.post, "employer_id": await self.superuser.fetchval(find, self.post)}
        said |= {"month_on": month_on, "days_worked": days_worked, "recorded_at": LONG_AGO}
        await self.row("employer.presence", **said, recorded_by=self.ids["worker"])
