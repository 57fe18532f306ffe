"""Probes of the directory: everybody reads it, those who hold a post keep it, and a refuge is the coordinator's."""

from __future__ import annotations

from uuid import UUID

from app.models.columns import new_id
from tests.access.probes import DONE, NO_SESSION, REFUSED, Scene, probe

LIST = (
    "insert into directory.partner (id, name, folded_name, partner_category, address_confidential, departement_code,"
    " networks, source, updated_on) values ($1, 'Essai', 'essai', 'ccas_cias', $2, '28', '{}', 'relais', current_date)"
)
OFFER = (
    "insert into directory.service (id, partner_id, address_confidential, name, description, needs, thematics, publics,"
    " areas, reception_modes, reach_modes, reached_by, source, updated_on) values ($1, $2, $3, 'Essai', 'Essai',"
    " '{housing}', '{}', '{}', '{departement:28}', '{}', '{}', '{}', 'relais', current_date)"
)
CHANGED = {
    "directory.partner": "description = 'Essai'",
    "directory.service": "capacity_note = 'x', capacity_on = updated_on",
}
VIOLATES = "23514"


async def _refuge(scene: Scene) -> tuple[UUID, UUID]:
    """A refuge and its service, listed from above and taken away by the caller of this."""
    refuge, service = new_id(), new_id()
    async with scene.from_above() as above:
        await above.execute(LIST, refuge, True)
        await above.execute(OFFER, service, refuge, True)
    return refuge, service


@probe
async def the_directory_is_kept_by_those_who_hold_a_post_by_coordinators_and_by_nobody_else(scene: Scene) -> None:
    ccas = scene.ids["ccas"]
    for person in ("worker", "worker_elsewhere", "coordinator"):
        async with scene.as_(person) as caller:
            assert (await caller.tries(LIST, new_id(), False)).code == DONE, person
            assert (await caller.tries(OFFER, new_id(), ccas, False)).code == DONE, person
            for table, change in CHANGED.items():
                assert await caller.tag_of(f"update {table} set {change}") == "UPDATE 3", f"{person}: {table}"
    for person in ("former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            await caller.is_refused(LIST, new_id(), False)
            await caller.is_refused(OFFER, new_id(), ccas, False)
            for table, change in CHANGED.items():
                assert await caller.tag_of(f"update {table} set {change}") == "UPDATE 0", f"{person}: {table}"
    for person in ("officer", "commander", "partner", "software", "observatory", "administrator", "dpo"):
        async with scene.as_(person) as caller:
            await caller.is_refused(LIST, new_id(), False)
            await caller.is_refused(OFFER, new_id(), ccas, False)
            for table, change in CHANGED.items():
                assert await caller.tag_of(f"update {table} set {change}") == REFUSED, f"{person}: {table}"
    for role in ("social_worker", "coordinator"):
        async with scene.lane(role) as caller:
            await caller.is_refused(LIST, new_id(), False, code=NO_SESSION)


@probe
async def a_refuge_is_corrected_by_the_coordinator_and_has_no_address_whoever_writes(scene: Scene) -> None:
    refuge, service = await _refuge(scene)
    try:
        async with scene.as_("worker") as caller:
            for table, change in CHANGED.items():
                assert await caller.tag_of(f"update {table} set {change} where address_confidential") == "UPDATE 0"
        async with scene.as_("coordinator") as caller:
            for table, change in CHANGED.items():
                assert await caller.tag_of(f"update {table} set {change} where address_confidential") == "UPDATE 1"
            for address in ("street = '1 rue Secrète'", "siret = repeat('1', 14)", "municipality = 'Dreux'"):
                await caller.is_refused(f"update directory.partner set {address} where id = '{refuge}'", code=VIOLATES)
            await caller.is_refused(
                f"update directory.service set street = '1 rue Secrète' where id = '{service}'", code=VIOLATES
            )
    finally:
        async with scene.from_above() as above:
            await above.execute("delete from directory.service where id = $1", service)
            await above.execute("delete from directory.partner where id = $1", refuge)
