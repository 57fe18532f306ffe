"""Under a lane's own login, lists and keyed reads take an index, whatever row rules add to the statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.schemas.interventions import InterventionShown
from app.schemas.persons import PersonShown
from app.schemas.referrals import ReferralShown, ReferralShownToUnit
from app.schemas.situations import SituationShown
from app.services import interventions, notes, participations, persons, referrals, situations
from app.statements import LAST, Compiled, compiled, one_as_json, page_as_json
from benchmarks.sql_plans import plan_of, plans_inside
from tests.benchmarks.conftest import Furnished
from tests.house_for_tests import Town

PAGE: Mapping[str, Any] = {"before_at": LAST[0], "before_id": LAST[1], "most": 51, "wanted": 50}
LARGE_TABLES = {
    "shared.referral",
    "social.referral_handling",
    "social.situation",
    "social.participation",
    "social.person",
    "social.intervention",
    "confidential.note",
    "confidential.person_key",
}


@dataclass(frozen=True)
class Read:
    """A statement, who asks it, and an index that must serve it."""

    said: Compiled
    index: str
    given: Mapping[str, Any] = field(default_factory=dict)
    role: str = "social_worker"


# A parameter in capitals names something of the caller (see ``_values``).
READS = {
    "list of situations": Read(
        page_as_json(situations.NEWEST, SituationShown), "situation_newest_first", {**PAGE, "status": None}
    ),
    "list of open situations": Read(
        page_as_json(situations.NEWEST, SituationShown), "situation_newest_first", {**PAGE, "status": "active"}
    ),
    "one situation": Read(one_as_json(situations.ONE, SituationShown), "situation_pkey", {"id": "SITUATION"}),
    "list of interventions": Read(
        page_as_json(interventions.NEWEST, InterventionShown),
        "intervention_newest_first",
        {**PAGE, "participation_id": None, "situation_id": None},
    ),
    "list of persons": Read(page_as_json(persons.NEWEST, PersonShown), "person_newest_first", PAGE),
    "list of referrals, for the worker": Read(
        page_as_json(referrals.NEWEST_FOR_THE_WORKER, ReferralShown),
        "referral_newest_first",
        {**PAGE, "waiting": None},
    ),
    "list of referrals, for the unit": Read(
        page_as_json(referrals.NEWEST_OF_THE_UNIT, ReferralShownToUnit),
        "referral_newest_first",
        PAGE,
        role="police_officer",
    ),
    "one note": Read(compiled(notes.ONE), "note_pkey", {"id": "NOTE"}),
    "a participation and its situation": Read(
        compiled(participations.CONTEXT), "participation_pkey", {"id": "PARTICIPATION"}
    ),
    "the key of a person": Read(compiled(notes.KEY), "person_has_one_key", {"person_id": "SITUATION"}),
}


def _values(given: Mapping[str, Any], furnished: Furnished) -> dict[str, Any]:
    worker = furnished.workers[0]
    rows = {"SITUATION": worker.situations[3], "NOTE": worker.notes[3], "PARTICIPATION": worker.participations[3]}
    return {name: rows.get(value, value) if isinstance(value, str) else value for name, value in given.items()}


async def _session(town: Town, furnished: Furnished, role: str) -> UUID:
    connection = await asyncpg.connect(town.superuser_url, database=furnished.name)
    found: UUID = await connection.fetchval(
        "select id from accounts.session where role = $1 and client_id = 'benchmarks' order by id limit 1", role
    )
    await connection.close()
    return found


@pytest.mark.parametrize("generic", [False, True], ids=["for these values", "for any values"])
@pytest.mark.parametrize("name", READS)
async def test_a_read_takes_its_index(town: Town, furnished: Furnished, name: str, generic: bool) -> None:
    read = READS[name]
    session = await _session(town, furnished, read.role)
    connection = await asyncpg.connect(town.lane_url(read.role, furnished.name))
    plan = await plan_of(connection, session, read.said, _values(read.given, furnished), generic=generic)
    await connection.close()
    assert read.index in plan.indexes, plan
    assert not plan.whole_tables & LARGE_TABLES, plan


@pytest.mark.parametrize("name", [name for name in READS if name.startswith("list of")])
async def test_a_list_does_not_sort_the_history(town: Town, furnished: Furnished, name: str) -> None:
    read = READS[name]
    session = await _session(town, furnished, read.role)
    connection = await asyncpg.connect(town.lane_url(read.role, furnished.name))
    plan = await plan_of(connection, session, read.said, _values(read.given, furnished), generic=False)
    await connection.close()
    # A page for each of the perimeters, of which PostgreSQL supposes that there are about ten.
    assert plan.rows_sorted <= 10 * PAGE["most"], plan


async def test_the_search_keeps_to_the_caller_s_posts_and_takes_the_sounds(town: Town, furnished: Furnished) -> None:
    session = await _session(town, furnished, "social_worker")
    asked = f"select * from access.search_persons('{furnished.workers[0].names[0]}', null, 20)"
    plans = await plans_inside(town.superuser_url, furnished.name, "relais_social_worker", session, asked)
    assert plans
    assert not any(plan.whole_tables & LARGE_TABLES for plan in plans), plans
    # On a post of ordinary size PostgreSQL rightly prefers the post's own rows to the trigrams of everybody.
    sounds = {"person_by_last_name_sound", "person_by_birth_name_sound", "person_by_first_name_sound"}
    assert any(sounds <= plan.indexes for plan in plans), plans
