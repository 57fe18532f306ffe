"""Worlds drawn at random from a seed: posts, units and employers of every kind, and what is recorded there.

Days cluster where counting goes wrong: the edges of periods, midnight at Paris, the hours that a change of clock adds
or takes away, birthdays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from app.nomenclature.terms import LISTS
from tests.house_for_tests import Town
from tests.indicators.ground import PARIS, Ground

FIRST, LAST = date(2024, 11, 1), date(2026, 2, 28)
EDGES = (
    date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 16), date(2025, 3, 17), date(2025, 3, 30), date(2025, 3, 31),
    date(2025, 4, 1), date(2025, 6, 30), date(2025, 10, 26), date(2025, 12, 31), date(2026, 1, 1),
)  # fmt: skip
HOURS = ("00:00", "00:30", "01:59", "02:30", "03:00", "09:15", "14:00", "22:30", "23:00", "23:59")
STATUSES = ("proposed", "declined_by_person", "agreed", "transmitted", "self_referred_by_person", "no_feedback")


def codes(name: str) -> list[str]:
    """The codes of an official list."""
    return [each.code for each in LISTS[name].terms]


class Draw(Random):
    """A random hand that knows the lists and the days."""

    def day(self) -> date:
        """A day of these sixteen months, often at the edge of a period."""
        if self.random() < 0.3:
            return self.choice(EDGES)
        return FIRST + timedelta(days=self.randrange((LAST - FIRST).days))

    def instant(self) -> datetime:
        """An instant, by the clocks of Paris."""
        return datetime.fromisoformat(f"{self.day()}T{self.choice(HOURS)}").replace(tzinfo=PARIS).astimezone(UTC)

    def code(self, name: str) -> str:
        """A term of a list."""
        return self.choice(codes(name))

    def problem(self) -> str | None:
        """A main problem, or none yet."""
        return None if self.random() < 0.15 else self.code("problem_type")

    def born(self) -> date | None:
        """A birth date; often such that somebody turns 12, 18, 26 or 65 in these months."""
        if self.random() < 0.2:
            return None
        if self.random() < 0.5:
            day = self.day()
            return day.replace(year=day.year - self.choice((6, 12, 18, 26, 65)), day=min(day.day, 28))
        return date(self.randrange(1935, 2025), self.randrange(1, 13), self.randrange(1, 29))


@dataclass
class World:
    """Where everything drawn is."""

    ground: Ground
    draw: Draw
    employers: list[UUID] = field(default_factory=list)
    posts: list[UUID] = field(default_factory=list)
    units: list[UUID] = field(default_factory=list)
    sites: list[UUID] = field(default_factory=list)


async def drawn(superuser: asyncpg.Connection, town: Town, seed: int, *, size: int = 12) -> World:
    """A world: three employers, five posts, four units, and about ``size`` persons for each post."""
    draw, ground = Draw(seed), Ground(superuser, town)
    world = World(ground, draw)
    async with superuser.transaction():
        await _places(world)
        for post in world.posts:
            ground.post = post
            await _people(world, size)
            await _around(world)
        for _ in range(6 * len(world.units)):
            await _sent_by_a_unit(world)
    return world


async def _places(world: World) -> None:
    ground, draw, ids = world.ground, world.draw, world.ground.ids
    world.employers = [ids["employer"], await ground.employer("57"), await ground.employer(draw.choice(("974", "987")))]
    ground.post = ids["shared_post"]
    world.units = [ids["north"], ids["south"], await ground.unit("mixed"), await ground.unit("gendarmerie")]
    world.posts = [ids["shared_post"]]
    for number, employer in enumerate([*world.employers, world.employers[1]]):
        until = date(2025, 9, 30) if number == 3 else None
        since = min(draw.choice((date(2020, 1, 1), draw.day())), until or LAST)
        world.posts.append(await ground.new_post(since, until, employer=employer))
        await ground.posting(draw.day(), draw.choice((None, LAST)))
    # Units are shared, left and taken again; the last post serves none.
    for post in world.posts[1:-1]:
        for unit in draw.sample(world.units, 2):
            since = draw.day()
            await ground.serves(post, unit, date(2020, 1, 1), draw.choice((None, since)))
            if draw.random() < 0.3:
                await ground.serves(post, unit, since)
    world.sites = [await ground.site() for _ in range(3)]


def somewhere(world: World) -> dict[str, Any]:
    """A unit and a site, or not."""
    draw = world.draw
    return {"unit_id": draw.choice((None, *world.units)), "site_id": draw.choice((None, None, *world.sites))}


async def _people(world: World, size: int) -> None:
    ground, draw = world.ground, world.draw
    persons = [
        await ground.person(draw.code("sex"), draw.born(), declared_minor=draw.choice((None, None, True, False)))
        for _ in range(size)
    ]
    for _ in range(size):
        opened_on = draw.day()
        closed: dict[str, Any] = {}
        if draw.random() < 0.4:
            closed = {"closed_on": max(opened_on, draw.day()), "closure_reason": draw.code("closure_reason")}
        situation = await ground.situation(
            opened_on, main_problem=draw.problem(), referral_source=draw.code("referral_source"),
            secondary_problems=draw.sample(codes("problem_type"), draw.randrange(4)),
            penal_context=draw.choice((None, *codes("penal_context"))), **somewhere(world), **closed,
        )  # fmt: skip
        if draw.random() < 0.4:
            sent = await ground.partner_referral(
                draw.instant(), draw.choice(("ccas", "association")), contact_consent=draw.code("contact_consent")
            )
            await ground.partner_taken(sent, draw.choice((situation, situation, None)))
        for person in draw.sample(persons, draw.choice((0, 1, 1, 1, 2))):
            participation = await ground.participation(
                situation, person, person_status=draw.code("person_status"), joined_on=draw.day(),
                contact_consent=draw.code("contact_consent"),
                known_to_social_services=draw.code("known_to_social_services"),
            )  # fmt: skip
            await _done_for(world, participation)


async def _done_for(world: World, participation: UUID) -> None:
    ground, draw = world.ground, world.draw
    for _ in range(draw.choice((0, 1, 2, 4))):
        await act(world, participation)
    if draw.random() < 0.5:
        await orientation(world, participation)
    if draw.random() < 0.2:
        kind = draw.choice(("concerning_information", "prosecutor_report", "professional_sharing"))
        await ground.transmission(participation, draw.instant(), kind)


async def act(world: World, participation: UUID | None) -> UUID:
    """An act of the post, for somebody or for nobody."""
    draw = world.draw
    kinds = [each.code for each in LISTS["intervention_type"].terms if not each.says("may_lack_participation")]
    kind = draw.choice(kinds if participation else (*kinds, "log_reading"))
    return await world.ground.act(
        participation, draw.instant(), kind, channel=draw.code("channel"),
        outcome=draw.choice(("held", "held", draw.code("intervention_outcome"))),
        duration_minutes=draw.choice((None, 0, 45, 90)), **somewhere(world),
    )  # fmt: skip


async def orientation(world: World, participation: UUID) -> UUID:
    """An orientation, in any of its states."""
    draw, status = world.draw, world.draw.choice(STATUSES)
    said: dict[str, Any] = {"partner_category": draw.code("partner_category"), "agreed_on": None}
    if status not in ("proposed", "declined_by_person"):
        said["agreed_on"] = draw.choice((None, draw.day()))
    if status in ("transmitted", "no_feedback"):
        said |= {"sent": True} | draw.choice(({}, {"taken_up_at": draw.instant()}, {"refused_at": draw.instant()}))
    elif draw.random() < 0.5:
        said["partner_id"] = None
    return await world.ground.orientation(participation, draw.day(), status, **said)


async def _around(world: World) -> None:
    ground, draw = world.ground, world.draw
    for _ in range(4):
        await act(world, None)
        minutes, participants = draw.randrange(1, 300), draw.randrange(30)
        where = {"site_id": somewhere(world)["site_id"]}
        await ground.session(draw.day(), draw.code("collective_activity_type"), minutes, participants, **where)
        sent_at = draw.instant()
        await ground.partner_referral(
            sent_at, draw.choice(("ccas", "association")), withdrawn_at=draw.choice((None, sent_at))
        )
    for month in draw.sample(range(1, 13), 8):
        await ground.presence(date(2025, month, 1), draw.randrange(50) / 2)


async def _sent_by_a_unit(world: World) -> None:
    ground, draw, unit = world.ground, world.draw, world.draw.choice(world.units)
    sent_at = draw.instant()
    said = {"document_type": draw.code("referral_document"), "contact_consent": draw.code("contact_consent")}
    sent = await ground.referral(unit, sent_at, **said, withdrawn_at=draw.choice((None, None, sent_at)))
    if draw.random() < 0.6:
        await taken(world, unit, sent)


async def taken(world: World, unit: UUID, sent: UUID) -> None:
    """A post takes a referral, and opens a situation for it, or not."""
    draw, post = world.draw, world.draw.choice(world.posts)
    find = """select s.id from social.situation s where s.post_id = $1
        and not exists (select from social.referral_handling h where h.situation_id = s.id) order by s.id"""
    free = [each["id"] for each in await world.ground.superuser.fetch(find, post)]
    situation = draw.choice((*free, None)) if draw.random() < 0.8 else None
    await world.ground.taken(unit, sent, situation, post)
