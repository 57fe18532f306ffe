"""Under a lane's own login, the directory answers from its indexes, however many services it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.models.columns import new_id
from app.nomenclature.terms import codes
from app.references.communes import UnknownCommune, areas_around
from app.schemas.partners import PartnerShown
from app.services import partner_services, partners
from app.statements import LAST, Compiled, compiled, page_as_json
from benchmarks.sql_plans import Plan, plan_of
from tests.house_for_tests import House, Town, settings_for
from tests.routers.asking import session_id

PARTNERS, SERVICES = 3_000, 20_000
HERE = areas_around("28085")
# One service in fifty is for the whole country; a third, for a département.
WIDTHS = {"commune": 40, "epci": 24, "departement": 34, "france": 2}
PARTNER_COLUMNS = [
    "id", "name", "folded_name", "partner_category", "address_confidential", "networks", "source", "updated_on",
]  # fmt: skip
SERVICE_COLUMNS = [
    "id", "partner_id", "address_confidential", "name", "description", "needs", "thematics", "publics", "areas",
    "reception_modes", "reach_modes", "reached_by", "source", "updated_on", "ended_on",
]  # fmt: skip
WHOLE = {"directory.service", "directory.partner"}


@dataclass(frozen=True)
class Directory:
    """A database with a directory of some size, and a social worker's session."""

    name: str
    session: UUID


def _communes(departements: Iterator[str]) -> Iterator[tuple[str, ...]]:
    """The areas around a few thousand communes."""
    for departement in departements:
        for number in range(1, 400, 9):
            try:
                yield areas_around(f"{departement}{number:03}")
            except UnknownCommune:
                continue


def _service(draw: Random, owner: UUID, communes: list[tuple[str, ...]]) -> tuple[Any, ...]:
    width = draw.choices(list(WIDTHS), WIDTHS.values())[0]
    areas = {area for around in draw.sample(communes, 3) for area in around if area.startswith(width)}
    needs = draw.sample(codes("need_type"), draw.randint(1, 3))
    publics = draw.sample(codes("partner_public"), draw.randint(0, 2))
    ended = date(2026, 1, 1) if draw.random() < 0.05 else None
    name = f"{draw.choice(('Accueil', 'Permanence', 'Écoute', 'Atelier'))} {draw.randint(1, SERVICES)}"
    told = (new_id(), owner, False, name, "Description. " * 30, needs, [], publics, sorted(areas) or ["france"])
    return (*told, [], [], [], "relais", date(2026, 1, 1), ended)


@pytest.fixture(scope="module", params=["the whole country", "one département"])
async def directory(town: Town, keys: dict[str, str], request: pytest.FixtureRequest) -> AsyncIterator[Directory]:
    draw = Random(28)
    everywhere = [f"{number:02}" for number in range(1, 96) if number != 20]
    communes = list(_communes(iter(everywhere if request.param == "the whole country" else ["28"])))
    owners = [(new_id(), f"Maison {n}", f"maison {n} {draw.getrandbits(64):x}", draw.choice(codes("partner_category")))
              for n in range(PARTNERS)]  # fmt: skip
    name = await town.clone()
    connection = await asyncpg.connect(town.superuser_url, database=name)
    await connection.copy_records_to_table(
        "partner",
        schema_name="directory",
        columns=PARTNER_COLUMNS,
        records=[(*owner, False, [], "relais", date(2026, 1, 1)) for owner in owners],
    )
    await connection.copy_records_to_table(
        "service",
        schema_name="directory",
        columns=SERVICE_COLUMNS,
        records=[_service(draw, draw.choice(owners)[0], communes) for _ in range(SERVICES)],
    )
    await connection.execute("vacuum (analyze) directory.partner, directory.service")
    await connection.close()
    async with House.running(town, name, settings_for(town, name, keys)) as house:
        yield Directory(name, await session_id(house, "worker"))
    await town.drop(name)


async def _plan(town: Town, of: Directory, said: Compiled, given: Mapping[str, Any], *, generic: bool) -> Plan:
    connection = await asyncpg.connect(town.lane_url("social_worker", of.name))
    try:
        return await plan_of(connection, of.session, said, given, generic=generic)
    finally:
        await connection.close()


def _array(*items: str) -> str:
    """An array as PostgreSQL writes it: ``explain`` takes literals."""
    return "{" + ",".join(f'"{item}"' for item in items) + "}"


# The literals above stand for arrays already.
SEARCH = replace(compiled(partner_services.CAN_HELP), processors={})


@pytest.mark.parametrize("generic", [False, True], ids=["for these values", "for any values"])
@pytest.mark.parametrize("public", [None, "women"])
@pytest.mark.parametrize("need", ["housing", "other"])
async def test_who_can_help_takes_the_index_of_needs_and_areas(
    town: Town, directory: Directory, need: str, public: str | None, generic: bool
) -> None:
    publics = _array("everyone", public) if public else None
    given = {"needs": _array(need), "areas": _array(*HERE), "publics": publics}
    plan = await _plan(town, directory, SEARCH, given, generic=generic)
    assert "service_for_a_need_in_an_area" in plan.indexes, plan
    assert "directory.service" not in plan.whole_tables, plan


@pytest.mark.parametrize("generic", [False, True], ids=["for these values", "for any values"])
async def test_a_part_of_a_name_takes_its_trigrams(town: Town, directory: Directory, generic: bool) -> None:
    said = page_as_json(partners.LISTS[("name", "present")], PartnerShown)
    given = {"name": "%son 271%", "before_at": LAST[0], "before_id": LAST[1], "most": 51, "wanted": 50}
    plan = await _plan(town, directory, said, given, generic=generic)
    assert "partner_by_name" in plan.indexes, plan
    assert not plan.whole_tables & WHOLE, plan
