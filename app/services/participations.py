"""Participations: one person in one situation, with one status; her needs hang here and nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, literal_column, select

from app.errors import Conflict, FieldError, Forbidden, Invalid
from app.models.organisation import Unit
from app.models.social import Need, Participation, Person, Situation
from app.nomenclature.terms import LISTS, term
from app.services import persons
from app.services.clock import now, today
from app.services.posts_in_charge import check_held
from app.statements import columns, given
from app.transactions import Reading, Writing

NEED = columns(Need)
PARTICIPATION = columns(Participation)
PERSON = columns(Person)
SITUATION = columns(Situation)
UNIT = columns(Unit)

PERSON_LINE = ("id", "last_name", "first_name", "sex", "birth_date", "birth_date_precision")


def _named(cells: Any, *names: str) -> list[Any]:
    pairs: list[Any] = []
    for name in names:
        pairs += [literal_column(f"'{name}'"), cells[name]]
    return pairs


LINE: tuple[Any, ...] = (
    PARTICIPATION.id,
    PARTICIPATION.person_status,
    PARTICIPATION.contact_consent,
    PARTICIPATION.known_to_social_services,
    PARTICIPATION.joined_on,
    func.json_build_object(*_named(PERSON, *PERSON_LINE)).label("person"),
)
NEED_COLUMNS: tuple[Any, ...] = (
    NEED.id,
    NEED.participation_id,
    NEED.need_type,
    NEED.assessed_on,
    NEED.met_on,
)

_needs = (
    select(*NEED_COLUMNS)
    .where(NEED.participation_id == PARTICIPATION.id, NEED.ended_at.is_(None))
    .order_by(NEED.id)
    .correlate(Participation)
    .subquery("n")
)
_line = select(*LINE).join(Person, PERSON.id == PARTICIPATION.person_id)

ONE = _line.add_columns(
    PARTICIPATION.situation_id,
    select(func.coalesce(func.json_agg(func.row_to_json(literal_column("n"))), literal_column("'[]'::json")))
    .select_from(_needs)
    .scalar_subquery()
    .label("needs"),
).where(PARTICIPATION.id == given("id", Uuid))
OF_SITUATION = _line.where(PARTICIPATION.situation_id == given("situation_id", Uuid)).order_by(PARTICIPATION.id)

# What the acts on a participation need to know of it and of its situation.
CONTEXT = (
    select(
        PARTICIPATION.id,
        PARTICIPATION.post_id,
        PARTICIPATION.situation_id,
        PARTICIPATION.person_id,
        PARTICIPATION.contact_consent,
        SITUATION.status,
        SITUATION.main_problem,
        SITUATION.secondary_problems,
        SITUATION.unit_id,
        # Whoever replaces reads, and says nothing there.
        (PARTICIPATION.post_id == func.any(func.access.held_posts(type_=ARRAY(Uuid())))).label("held"),
    )
    .join(Situation, SITUATION.id == PARTICIPATION.situation_id)
    .where(PARTICIPATION.id == given("id", Uuid))
)
ITS_SITUATION = select(SITUATION.post_id, SITUATION.status).where(SITUATION.id == given("id", Uuid))

NEEDS = (
    select(*NEED_COLUMNS)
    .where(NEED.participation_id == given("participation_id", Uuid), NEED.ended_at.is_(None))
    .order_by(NEED.id)
)
ONE_NEED = select(*NEED_COLUMNS).where(NEED.id == given("id", Uuid), NEED.ended_at.is_(None))

ZONE = select(UNIT.zone).where(UNIT.id == given("unit_id", Uuid))

# What a correction locks.
TABLE = Participation
NEED_TABLE = Need


async def find(reading: Reading, participation_id: UUID) -> Any:
    """A participation of my posts and what acts need to know of its situation; ``NotFound`` otherwise."""
    reading.about(participation_id, rows=0)
    return await reading.row(CONTEXT, id=participation_id)


async def find_situation(reading: Reading, situation_id: UUID) -> Any:
    """The situation of my posts; ``NotFound`` otherwise."""
    reading.about(situation_id, rows=0)
    return await reading.row(ITS_SITUATION, id=situation_id)


async def of_open_situation(reading: Reading, participation_id: UUID) -> Any:
    """A participation to write about, whose situation follows its course; 404, 403 of a post I replace, 409 closed."""
    reading.about(participation_id)
    context = await reading.row(CONTEXT, id=participation_id)
    if not context["held"]:
        raise Forbidden("replacement_reads_only")
    if context["status"] == "closed":
        raise Conflict("situation_closed")
    return context


async def join(
    writing: Writing,
    post_id: UUID,
    situation_id: UUID,
    *,
    id: UUID,
    joined_on: date,
    pointer: str,
    person_status: str,
    contact_consent: str,
    known_to_social_services: str,
    person_id: UUID | None = None,
    person: dict[str, Any] | None = None,
) -> UUID:
    """A person, known already or met today, joins a situation. Returns the participation."""
    if (person_id is None) == (person is None):
        raise Invalid(FieldError(f"{pointer}/person", "person_or_person_id"))
    if person_id is not None:
        known = await writing.seek_row(persons.ONE, id=person_id)
        if known is None or known["post_id"] != post_id:
            raise Invalid(FieldError(f"{pointer}/person_id", "person_expected"))
    row = Participation(
        id=id,
        post_id=post_id,
        situation_id=situation_id,
        person_id=person_id or await persons.record(writing, post_id=post_id, **(person or {})),
        person_status=person_status,
        contact_consent=contact_consent,
        known_to_social_services=known_to_social_services,
        joined_on=joined_on,
    )
    await writing.add(row)
    return row.id


async def add_to(writing: Writing, situation_id: UUID, **said: Any) -> UUID:
    """A person joins a situation already open; 409 when it is closed."""
    situation = await find_situation(writing, situation_id)
    await check_held(writing, situation["post_id"])
    if situation["status"] == "closed":
        raise Conflict("situation_closed")
    participation_id = await join(writing, situation["post_id"], situation_id, joined_on=today(), pointer="", **said)
    writing.subject = participation_id
    return participation_id


async def correct(writing: Writing, participation_id: UUID, **facts: Any) -> None:
    """Correct a person's place in a situation."""
    if facts.get("joined_on", today()) > today():
        raise Invalid("day_in_the_future", "/joined_on")
    await writing.change(Participation, facts, id=participation_id)


def forbids_mediation(context: Any) -> bool:
    """Is the couple violent, whether that is the main problem of the situation or another one?"""
    problems = [context["main_problem"], *context["secondary_problems"]]
    return any(term("problem_type", each).says("forbids_family_mediation") for each in problems if each is not None)


async def assess(
    writing: Writing, participation_id: UUID, *, id: UUID, need_type: str, assessed_on: date | None
) -> UUID:
    """Assess a need. Family mediation is never proposed where the couple is violent (domain 4.7)."""
    context = await of_open_situation(writing, participation_id)
    if term("need_type", need_type).says("mediates_between_parties") and forbids_mediation(context):
        raise Conflict("mediation_forbidden")
    if assessed_on is not None and assessed_on > today():
        raise Invalid("day_in_the_future", "/assessed_on")
    need = Need(
        id=id,
        post_id=context["post_id"],
        participation_id=participation_id,
        need_type=need_type,
        assessed_on=assessed_on or today(),
    )
    await writing.add(need)
    return need.id


async def answer_need(writing: Writing, need_id: UUID, *, met_on: date | None) -> None:
    """The need was met on a day, or was not after all."""
    if met_on is not None and met_on > today():
        raise Invalid("day_in_the_future", "/met_on")
    await writing.change(Need, {"met_on": met_on}, id=need_id)


async def withdraw_need(writing: Writing, need_id: UUID) -> None:
    """Take back a need noted by mistake; nothing is deleted."""
    await writing.change(Need, {"ended_at": now()}, id=need_id)


def person_as_typed(referral: Any) -> dict[str, Any]:
    """The person's facts as the unit typed them, to start her file."""
    names = ("last_name", "first_name", "birth_date", "birth_date_precision", "phone", "municipality")
    return {name: referral[name] for name in names} | {"sex": referral["sex"] or "not_recorded"}


async def source_of(reading: Reading, unit_id: UUID) -> str:
    """Referral source of a unit, police or gendarmerie, by what the lists say of its zone."""
    gendarmerie = term("zone", (await reading.row(ZONE, unit_id=unit_id))["zone"]).says("held_by_gendarmerie")
    return next(
        source.code
        for source in LISTS["referral_source"].terms
        if source.says("comes_from_unit") and source.says("comes_from_gendarmerie") == gendarmerie
    )
