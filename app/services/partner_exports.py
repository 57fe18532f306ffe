"""The directory as data·inclusion v1, a page at a time: structures, then services; what has ended stays out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import Uuid, select

from app.data_inclusion.exporting import service_of, structure_of
from app.models.directory import Partner, Service
from app.statements import columns, given
from app.transactions import Reading

PARTNER = columns(Partner)
SERVICE = columns(Service)
PAGE: Final = 500
BEFORE_ALL: Final = UUID(int=0)

_structures = (
    select(*PARTNER)
    .where(PARTNER.ended_on.is_(None), PARTNER.id > given("after", Uuid))
    .order_by(PARTNER.id)
    .limit(PAGE)
)
_services = (
    select(*SERVICE, PARTNER.source.label("partner_source"), PARTNER.source_id.label("partner_source_id"))
    .join(Partner, PARTNER.id == SERVICE.partner_id)
    .where(SERVICE.ended_on.is_(None), PARTNER.ended_on.is_(None), SERVICE.id > given("after", Uuid))
    .order_by(SERVICE.id)
    .limit(PAGE)
)
_in_departement = PARTNER.departement_code == given("departement_code")
STRUCTURES: Final = {False: _structures, True: _structures.where(_in_departement)}
SERVICES: Final = {False: _services, True: _services.where(_in_departement)}


def _service(row: Mapping[str, Any]) -> dict[str, Any]:
    partner = {
        "id": row["partner_id"],
        "address_confidential": row["address_confidential"],
        "source": row["partner_source"],
        "source_id": row["partner_source_id"],
    }
    return service_of(row, partner)


async def write_export(reading: Reading, file: IO[bytes], *, departement_code: str | None = None) -> int:
    """Write `{"structures": […], "services": […]}` to a file, and return how many rows. ``departement_code`` keeps the
    structures of one département, with all their services."""
    chosen = {} if departement_code is None else {"departement_code": departement_code}
    count = 0
    for opening, statement, shape in (
        (b'{"structures":[', STRUCTURES[bool(chosen)], structure_of),
        (b'],"services":[', SERVICES[bool(chosen)], _service),
    ):
        file.write(opening)
        comma = b""
        async for members in _shaped(reading, statement, shape, chosen):
            file.write(comma + json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode())
            comma = b",\n"
            count += 1
    file.write(b"]}")
    return count


async def _shaped(
    reading: Reading, statement: Any, shape: Callable[[Any], dict[str, Any]], chosen: Mapping[str, str]
) -> AsyncIterator[dict[str, Any]]:
    after = BEFORE_ALL
    while page := await reading.rows(statement, after=after, **chosen):
        for row in page:
            yield shape(row)
        after = page[-1]["id"]
