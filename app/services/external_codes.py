"""The re-mapping to the grid that is asked for this year: data that a coordinator keeps, line by line of "
"our own grid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, func, select

from app.errors import NotFound
from app.indicators.definitions import CrossTable, DelayTable, Table
from app.indicators.figures import EMPLOYER, Perimeter
from app.indicators.grid import GRID
from app.models.organisation import Post
from app.models.statistics import ExternalCode
from app.services.clock import now
from app.services.me import MY_ACCOUNT
from app.statements import columns, given
from app.transactions import Reading, Writing

CODE, POST = columns(ExternalCode), columns(Post)

ALL = select(*CODE).order_by(CODE.table_code, CODE.line_code, CODE.employer_id)
ONE = select(*CODE).where(CODE.table_code == given("table_code", String), CODE.line_code == given("line_code", String))
CODES = select(CODE.table_code, CODE.line_code, CODE.external_code).where(
    CODE.employer_id == given("employer_id", Uuid)
)
_me = MY_ACCOUNT.subquery("me").c
MY_EMPLOYERS = (
    select(_me.employer_id.label("id"))
    .where(_me.employer_id.is_not(None))
    .union(select(POST.employer_id).where(POST.id == func.any(func.access.my_posts())))
)
READ_BY = ("social_worker", "coordinator")
HELD = ONE.with_for_update(key_share=True)


def lines_of(table: Table) -> frozenset[str]:
    """The lines of a table that a code may be given to; units and sites have none."""
    if isinstance(table, CrossTable):
        own = {value.code for value in table.lines.values}
        return frozenset({"total", *own, *(also.code for also in table.also)})
    if isinstance(table, DelayTable):
        return frozenset(delay.code.rpartition(".")[2] for delay in table.lines)
    return frozenset(told.code for told in table.lines)


LINES = {table.code: lines_of(table) for table in GRID}


async def hold(writing: Writing, table_code: str, line_code: str) -> bool:
    """Is there a code for this line already? Locked if so. 404 when our grid has no such line."""
    if line_code not in LINES.get(table_code, ()):
        raise NotFound
    return await writing.seek_row(HELD, table_code=table_code, line_code=line_code) is not None


async def write(writing: Writing, table_code: str, line_code: str, *, replaces: bool, **said: Any) -> None:
    """Say, or correct, which line of the grid asked for stands for this one."""
    signed: dict[str, Any] = {"changed_by": writing.actor.account_id, "changed_at": now()}
    if replaces:
        await writing.change(ExternalCode, {**said, **signed}, table_code=table_code, line_code=line_code)
        return
    employer_id: UUID = (await writing.row(MY_ACCOUNT))["employer_id"]
    await writing.add(
        ExternalCode(employer_id=employer_id, table_code=table_code, line_code=line_code, **said, **signed)
    )


async def codes_for(reading: Reading, perimeter: Perimeter) -> dict[tuple[str, str], str | None]:
    """Which line of the grid that is asked for stands for each of ours: as the employer of the caller says.

    A worker of two employers reads those of the employer she names, if she names one.
    """
    if reading.actor.role not in READ_BY:
        return {}
    mine = [row["id"] for row in await reading.rows(MY_EMPLOYERS)]
    chosen = [UUID(perimeter.id)] if perimeter.kind == EMPLOYER else mine
    if len(chosen) != 1:
        return {}
    rows = await reading.rows(CODES, employer_id=chosen[0])
    return {(row["table_code"], row["line_code"]): row["external_code"] for row in rows}
