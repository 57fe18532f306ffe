"""Employers, units, sites: read by all, kept by the administrator. Posts are in ``posts``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, cast, literal, select

from app.models.organisation import Employer, Site, Unit
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Writing

EMPLOYER = columns(Employer)
SITE = columns(Site)
UNIT = columns(Unit)

# Reference data have no date of their own: their UUIDv7 keys already follow time.
TIMELESS = cast(literal(datetime(2000, 1, 1, tzinfo=UTC)), DateTime(timezone=True))


def _one_and_newest(statement: Any, key: Any) -> tuple[Any, Any]:
    return statement.where(key == given("id", Uuid)), newest_first_everywhere(statement, at=TIMELESS, key=key)


ONE_EMPLOYER, EMPLOYERS = _one_and_newest(select(*EMPLOYER), EMPLOYER.id)
ONE_UNIT, UNITS = _one_and_newest(select(*UNIT), UNIT.id)
ONE_SITE, SITES = _one_and_newest(select(*SITE), SITE.id)

# What an addition or a correction writes.
EMPLOYER_TABLE, UNIT_TABLE, SITE_TABLE = Employer, Unit, Site


async def add(writing: Writing, table: type[Employer | Unit | Site], **facts: Any) -> UUID:
    """Add an employer, a unit or a site. Returns its identifier."""
    row = table(**facts)
    await writing.add(row)
    return row.id


async def correct(writing: Writing, table: type[Employer | Unit | Site], row_id: UUID, **facts: Any) -> None:
    """Correct an employer, a unit or a site; what is not named does not change."""
    await writing.change(table, facts, id=row_id)
