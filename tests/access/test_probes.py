"""Every probe of the fence, on PostgreSQL itself, with the real login of each lane; and the reviewed snapshot."""

from __future__ import annotations

import asyncpg
import pytest

from app.access.policy import policy
from app.models import COLUMNS
from tests.access.probes import Scene, all_probes
from tests.access.probes_of_reading import KINDS, SAID, SERVICES, tables
from tests.access.snapshot import compare

PROBES = all_probes()


@pytest.mark.parametrize("sentence", PROBES)
async def test_it_is_proved_that(scene: Scene, sentence: str) -> None:
    await PROBES[sentence](scene)


async def test_the_fence_is_the_one_that_was_reviewed(superuser: asyncpg.Connection) -> None:
    changes = await compare(superuser)

    assert not changes, "à relire, puis « python -m tests.access.snapshot --write » :\n" + "\n".join(changes)


@pytest.mark.parametrize("person", [*SAID, *SERVICES])
def test_every_table_is_judged_once_for(person: str) -> None:
    said = SAID.get(person) or SERVICES[person]

    judged = sorted(table for kind in KINDS for table in tables(said.get(kind, [])))

    assert judged == sorted(COLUMNS)


def test_every_role_has_someone_who_tries() -> None:
    tried = set(SAID) | set(SERVICES)

    assert {"officer", "commander", "worker", "partner", "coordinator", "observatory", "administrator", "dpo"} <= tried
    assert set(SERVICES) == {role.name for role in policy().roles.values() if not role.has_people}
