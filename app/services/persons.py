"""Persons: recorded, corrected, searched; each post keeps its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Interval, String, Uuid, case, cast, column, func, literal, select

from app.errors import Invalid, NotFound
from app.models.social import HouseholdLink, Person
from app.services.clock import now
from app.services.posts_in_charge import check_held, post_in_charge
from app.statements import columns, given, newest_first
from app.transactions import Reading, Writing

HOUSEHOLD_LINK = columns(HouseholdLink)
PERSON = columns(Person)

# Minor today: from the birth date when it is known, else as declared, else unknown.
MINOR: Any = case(
    (
        PERSON.birth_date.is_not(None),
        PERSON.birth_date > cast(func.access.today() - cast(literal("18 years"), Interval), Date),
    ),
    else_=PERSON.declared_minor,
)

SHOWN = select(*PERSON, MINOR.label("minor"))
ONE = SHOWN.where(PERSON.id == given("id", Uuid))
NEWEST = newest_first(SHOWN, perimeter=PERSON.post_id, mine="my_posts", at=PERSON.recorded_at, key=PERSON.id)

_found = (
    func.access.search_persons(given("name", String), given("birth_date", Date), given("most", Integer))
    .table_valued(column("id", Uuid), column("likeness"))
    .alias("found")
)
# The function only names rows; the table, under row rules, shows them (settled point 15).
ALIKE = SHOWN.join(_found, _found.c.id == PERSON.id).order_by(_found.c.likeness.desc(), PERSON.id)

LINK_COLUMNS: tuple[Any, ...] = (
    HOUSEHOLD_LINK.id,
    HOUSEHOLD_LINK.person_id,
    HOUSEHOLD_LINK.other_person_id,
    HOUSEHOLD_LINK.household_link,
)
_links = select(*LINK_COLUMNS).where(
    HOUSEHOLD_LINK.person_id == given("person_id", Uuid),
    HOUSEHOLD_LINK.ended_at.is_(None),
)
LINKS = _links.order_by(HOUSEHOLD_LINK.id)
LINK = _links.where(HOUSEHOLD_LINK.id == given("id", Uuid))

# What a correction locks.
TABLE = Person
LINK_TABLE = HouseholdLink


async def record(writing: Writing, *, post_id: UUID | None, **facts: Any) -> UUID:
    """Record a person for a post. Returns her identifier."""
    person = Person(post_id=await post_in_charge(writing, post_id=post_id), recorded_at=now(), **facts)
    await writing.add(person)
    writing.about(person.id)
    return person.id


async def correct(writing: Writing, person_id: UUID, **facts: Any) -> None:
    """Correct the facts of a person; what is not named does not change."""
    await writing.change(Person, facts, id=person_id)


async def find(reading: Reading, person_id: UUID) -> Any:
    """A person of my posts; ``NotFound`` otherwise."""
    reading.about(person_id, rows=0)
    return await reading.row(ONE, id=person_id)


async def link(writing: Writing, person_id: UUID, *, id: UUID, other_person_id: UUID, household_link: str) -> UUID:
    """Note a link in this person's file only: the other file says nothing of it (domain 2.5)."""
    person = await find(writing, person_id)
    await check_held(writing, person["post_id"])
    other = await writing.seek_row(ONE, id=other_person_id)
    if other is None or other["post_id"] != person["post_id"] or person_id == other_person_id:
        raise Invalid("other_person_expected", "/other_person_id")
    row = HouseholdLink(
        id=id,
        post_id=person["post_id"],
        person_id=person_id,
        other_person_id=other_person_id,
        household_link=household_link,
    )
    await writing.add(row)
    return row.id


async def unlink(writing: Writing, person_id: UUID, link_id: UUID) -> None:
    """End a link; nothing is deleted."""
    writing.about(person_id)
    if await writing.seek_row(LINK, person_id=person_id, id=link_id) is None:
        raise NotFound
    await writing.change(HouseholdLink, {"ended_at": now()}, id=link_id)
