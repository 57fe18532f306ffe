"""Replacing the sealing key: every data key is wrapped again, batch by batch; no note is touched, none is closed.

By the operator, who alone may see every row, with the sealing keys at hand. Cut short anywhere, it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, LargeBinary, String, Uuid, delete, func, select, update

from app.models.confidential import PersonKey, SealingCanary
from app.models.exchange import OrientationContent
from app.refusal import CannotRun
from app.services.proving import opens
from app.services.sealing import BrokenSeal, SealingKey
from app.statements import columns, compiled, given

BATCH: Final = 500
LOWEST: Final = UUID(int=0)


@dataclass(frozen=True)
class Wrapping:
    """A table whose rows hold a wrapped key: its key, and the other identifier to which the wrapping is bound."""

    table: Any
    key: str
    bound: str

    def place(self, row: Mapping[str, Any]) -> bytes:
        """To what the wrapping of this row is bound."""
        both: bytes = row[self.key].bytes + row[self.bound].bytes
        return both


WRAPPINGS: Final = (
    Wrapping(PersonKey, "id", "person_id"),
    Wrapping(OrientationContent, "orientation_id", "partner_id"),
)
"""Every table that holds wrapped keys; a test compares them with the columns of the database."""


def _left(said: Wrapping) -> Any:
    cells = columns(said.table)
    return select(func.count().label("left")).where(cells.sealing_key_id != given("key_id", String))


def _batch(said: Wrapping) -> Any:
    cells = columns(said.table)
    key = cells[said.key]
    return (
        select(key, cells[said.bound], cells.wrapped_key)
        .where(cells.sealing_key_id != given("key_id", String), key > given("after", Uuid))
        .order_by(key)
        .limit(given("most", Integer))
        .with_for_update()
    )


def _rewrap(said: Wrapping) -> Any:
    cells = columns(said.table)
    return (
        update(said.table)
        .values(sealing_key_id=given("key_id", String), wrapped_key=given("wrapped", LargeBinary))
        .where(cells[said.key] == given("row_id", Uuid))
    )


LEFT = {said: compiled(_left(said)) for said in WRAPPINGS}
BATCHES = {said: compiled(_batch(said)) for said in WRAPPINGS}
REWRAP = {said: compiled(_rewrap(said)) for said in WRAPPINGS}
CANARY = columns(SealingCanary)
CANARIES = compiled(select(CANARY.sealing_key_id, CANARY.wrapped_key))
FORGET = compiled(delete(SealingCanary).where(CANARY.sealing_key_id != given("key_id", String)))


async def canaries(connection: asyncpg.Connection) -> dict[str, bytes]:
    """What each key sealed the first day, by the name of the key."""
    return {row["sealing_key_id"]: row["wrapped_key"] for row in await connection.fetch(CANARIES.sql)}


async def refuse_another_ring(connection: asyncpg.Connection, ring: SealingKey) -> None:
    """``CannotRun`` when none of these keys sealed here, or one does not open what bears its name."""
    known = await canaries(connection)
    if known and not any(each.key_id in known for each in ring.ring):
        raise CannotRun("Ce fichier n'est pas celui de la clé qui a scellé les notes de cette base : rien n'a changé.")
    for each in ring.ring:
        if each.key_id in known and not opens(ring.alone(each.key_id), known[each.key_id]):
            raise CannotRun("Une des clés n'ouvre pas son témoin : rien n'a changé.")


async def left(connection: asyncpg.Connection, key_id: str) -> int:
    """How many data keys another key than this one wraps."""
    return sum([await connection.fetchval(said.sql, *said.values({"key_id": key_id})) for said in LEFT.values()])


async def rewrap(connection: asyncpg.Connection, ring: SealingKey, advance: Callable[[int, int], None]) -> int:
    """Wrap again, with the first key, all that another wraps. Returns how many do not open, by any key of the ring."""
    total, done, closed = await left(connection, ring.key_id), 0, 0
    for said in WRAPPINGS:
        after: UUID | None = LOWEST
        while after is not None:
            async with connection.transaction():
                batch = BATCHES[said]
                asked = {"key_id": ring.key_id, "after": after, "most": BATCH}
                rows = await connection.fetch(batch.sql, *batch.values(asked))
                written = [each for row in rows if (each := _rewrapped(said, row, ring)) is not None]
                await connection.executemany(REWRAP[said].sql, [REWRAP[said].values(each) for each in written])
            closed += len(rows) - len(written)
            done += len(rows)
            advance(done, max(total, done, 1))
            after = rows[-1][said.key] if rows else None
    return closed


def _rewrapped(said: Wrapping, row: Mapping[str, Any], ring: SealingKey) -> dict[str, Any] | None:
    try:
        data_key = ring.unwrap(row["wrapped_key"], bound_to=said.place(row))
    except BrokenSeal:
        return None
    wrapped = ring.wrap(data_key, bound_to=said.place(row))
    return {"key_id": ring.key_id, "wrapped": wrapped, "row_id": row[said.key]}


async def forget_the_others(connection: asyncpg.Connection, key_id: str) -> None:
    """The canaries of the keys that seal no more: whoever brings one back is refused at start-up."""
    await connection.execute(FORGET.sql, *FORGET.values({"key_id": key_id}))
