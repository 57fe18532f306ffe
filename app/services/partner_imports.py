"""Rows of data·inclusion into the directory: as many as one likes, in one transaction, each with its outcome.

Structures go first; the services met on the way wait in a temporary file. Reading and checking are done aside from the
event loop, a batch at a time. What was said here by hand is kept: the secrecy of an address, an end, the number of
places, a category that the networks do not tell, and a row corrected after the day that its producer says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Select, Uuid, literal_column, select
from sqlmodel import SQLModel

from app.data_inclusion import rows as v1
from app.data_inclusion.mapping import key_of
from app.data_inclusion.reading import Kind, RawRow, Rows, Unreadable
from app.data_inclusion.rows import Refused, ServiceRow
from app.errors import Invalid, Unavailable, problem_from_database
from app.models.directory import Partner, Service
from app.services.import_reports import Happened, Outcome, Report, faults
from app.services.imported_facts import Known, keeping, partner_facts, service_facts
from app.statements import columns, given
from app.transactions import Writing

BATCH: Final = 500
READING: Final = 0.25
"""Seconds of reading before the event loop, then PostgreSQL, have their say: services put aside are read too."""
SPOOL_IN_MEMORY: Final = 1 << 20

# What an import never writes on a row that is already here.
_KEPT_ON_A_PARTNER: Final = {"id", "address_confidential", "ended_on"}
_KEPT_ON_A_SERVICE: Final = {*_KEPT_ON_A_PARTNER, "partner_id", "capacity_note", "capacity_on"}
_ids = given("ids", ARRAY(Uuid))
STILL_HERE: Final[Select[Any]] = select(literal_column("true").label("here"))


class _Kind(NamedTuple):
    """What is written, and which of its columns. PostgreSQL holds only what the caller may change: a row that is known
    and not held is not theirs to correct."""

    table: type[SQLModel]
    replaced: tuple[str, ...]
    held: Any
    known: Any

    @classmethod
    def of(cls, table: type[SQLModel], kept: set[str]) -> _Kind:
        """All of a table but the columns that are decided here."""
        cells = columns(table)
        held = select(cells.id).where(cells.id == _ids.any_()).order_by(cells.id).with_for_update(key_share=True)
        replaced = tuple(each.name for each in cells if each.name not in kept)
        return cls(table, replaced, held, select(*cells).where(cells.id == _ids.any_()))


PARTNERS: Final = _Kind.of(Partner, _KEPT_ON_A_PARTNER)
SERVICES: Final = _Kind.of(Service, _KEPT_ON_A_SERVICE)

Progress = Callable[[int, int], None]


class _Read(NamedTuple):
    """A row that was read: its facts, or the service whose structure is still to be found, or why it is refused."""

    number: int
    kind: Kind
    source_id: str | None
    told: Any


FactsOf = Callable[[_Read, Known], dict[str, Any]]
_ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One import at a time in this process: it holds one of the few connections of its lane for a while."""
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise Unavailable("import_under_way", retry_after=30)
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


async def import_rows(
    writing: Writing, rows: Rows, *, progress: Progress | None = None, only_refused: bool = False
) -> Report:
    """Import the rows of a file. Raises ``Invalid`` where it cannot be read on: nothing is written then.

    ``progress`` is told how much is done, and of how much. With ``only_refused``, the report keeps no other row.
    """
    with _alone(), tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY) as aside:
        work = _Import(writing, rows, aside, progress=progress or (lambda _done, _total: None), whole=not only_refused)
        await work.run()
        work.report.rows.sort(key=lambda each: each.number)
        if work.broken is not None:
            raise Invalid(work.broken.code, *faults(work.broken, work.report.rows))
        writing.row_count = work.report.created + work.report.updated
        return work.report


class _Import:
    def __init__(self, writing: Writing, rows: Rows, aside: IO[bytes], *, progress: Progress, whole: bool) -> None:
        self.report = Report()
        self.broken: Unreadable | None = None
        self._writing = writing
        self._rows = rows
        self._incoming = iter(rows)
        self._aside = aside
        self._progress = progress
        self._whole = whole

    async def run(self) -> None:
        """Structures as they come, then the services that were put aside.

        A file that breaks off is judged all the same as far as it goes, for the report: nothing of it will stay.
        """
        going_on = True
        while going_on:
            read, going_on = await asyncio.to_thread(self._next_structures)
            await self._take(read, self._place_structures)
            self._progress(self._rows.position, self._rows.size + self._aside.tell())
        size = self._aside.tell()
        self._aside.seek(0)
        while services := await asyncio.to_thread(self._next_services):
            await self._take(services, self._place_services)
            self._progress(self._rows.size + self._aside.tell(), self._rows.size + size)

    def _next_structures(self) -> tuple[list[_Read], bool]:
        found: list[_Read] = []
        until = time.monotonic() + READING
        try:
            for raw in self._incoming:
                if raw.kind == "structure":
                    found.append(self._checked(raw, lambda members: partner_facts(v1.read_structure(members))))
                else:
                    self._put_aside(raw)
                if len(found) == BATCH or time.monotonic() > until:
                    return found, True
        except Unreadable as broken:
            self.broken = broken
        return found, False

    def _put_aside(self, raw: RawRow) -> None:
        try:
            self._aside.write(json.dumps([raw.number, raw.members]).encode() + b"\n")
        except OSError:
            raise Unavailable("import_no_room", retry_after=300) from None

    def _next_services(self) -> list[_Read]:
        lines = islice(self._aside, BATCH)
        raws = (RawRow(number, "service", members) for number, members in map(json.loads, lines))
        return [self._checked(raw, v1.read_service) for raw in raws]

    def _checked(self, raw: RawRow, read: Callable[[Any], Any]) -> _Read:
        try:
            told = read(raw.members)
            self.report.ignored_members += v1.ignored_members(raw.kind, raw.members)
        except Refused as refused:
            told = refused
        return _Read(raw.number, raw.kind, v1.shown_id(raw.members), told)

    async def _take(self, read: Sequence[_Read], place: Callable[[list[_Read]], Any]) -> None:
        """Write a batch, whatever its rows are worth, and note what became of each."""
        good = []
        for each in read:
            if isinstance(each.told, Refused):
                self._refuse(each, each.told)
            else:
                good.append(each)
        if good:
            await place(good)
        else:
            # Services put aside, or refusals alone: PostgreSQL ends a transaction that says nothing for too long.
            await self._writing.seek_row(STILL_HERE)

    async def _place_structures(self, batch: list[_Read]) -> None:
        keys = {each.told["id"] for each in batch}
        await self._place(batch, PARTNERS, keys, lambda each, known: keeping(each.told, known.get(each.told["id"])))

    async def _place_services(self, batch: list[_Read]) -> None:
        services: list[ServiceRow] = [each.told for each in batch]
        # Should one of these partners become a refuge meanwhile, the key of its services refuses them.
        partners = await self._known(PARTNERS, {key_of(row.source, row.structure_id) for row in services})
        keys = {key_of(row.source, row.id) for row in services}
        await self._place(batch, SERVICES, keys, lambda each, known: service_facts(each.told, partners, known))

    async def _place(self, batch: list[_Read], kind: _Kind, keys: set[UUID], facts_of: FactsOf) -> None:
        held = await self._writing.rows(kind.held, ids=sorted(keys))
        changes = _Changes(kind, await self._known(kind, keys), {row["id"] for row in held})
        await asyncio.to_thread(self._weigh, changes, batch, facts_of)
        await self._write(changes)

    async def _known(self, kind: _Kind, keys: set[UUID]) -> Known:
        return {row["id"]: dict(row) for row in await self._writing.rows(kind.known, ids=sorted(keys))}

    def _weigh(self, changes: _Changes, batch: list[_Read], facts_of: FactsOf) -> None:
        for each in batch:
            try:
                changes.weigh(each, facts_of(each, changes.known))
            except Refused as refused:
                self._refuse(each, refused)

    async def _write(self, changes: _Changes) -> None:
        """All at once or, when PostgreSQL refuses one of them, one at a time: a bad row never loses the others."""
        try:
            async with self._writing.savepoint():
                await self._writing.add_or_replace([row for _, _, row in changes.rows], replaced=changes.kind.replaced)
            for each, happened, _ in changes.rows:
                self._note(each, happened)
        except asyncpg.PostgresError as error:
            _raise_unless_of_a_row(error)
            for each, happened, row in changes.rows:
                await self._write_one(each, happened, row, changes.kind.replaced)
        for each in changes.unchanged:
            self._note(each, "unchanged")

    async def _write_one(self, each: _Read, happened: Happened, row: SQLModel, replaced: tuple[str, ...]) -> None:
        try:
            async with self._writing.savepoint():
                await self._writing.add_or_replace([row], replaced=replaced)
            self._note(each, happened)
        except asyncpg.PostgresError as error:
            _raise_unless_of_a_row(error)
            self._refuse(each, Refused(problem_from_database(error).code))

    def _note(self, each: _Read, happened: Happened) -> None:
        self.report.note(Outcome(each.number, each.kind, each.source_id, happened), keep=self._whole)

    def _refuse(self, each: _Read, why: Refused) -> None:
        refused = Outcome(each.number, each.kind, each.source_id, "refused", why.code, why.member, why.limits)
        self.report.note(refused, keep=True)


class _Changes:
    """The rows of a batch to be written, and those that are as they were."""

    def __init__(self, kind: _Kind, known: Known, held: set[UUID]) -> None:
        self.kind = kind
        self.known = known
        self.rows: list[tuple[_Read, Happened, SQLModel]] = []
        self.unchanged: list[_Read] = []
        self._not_ours = known.keys() - held

    def weigh(self, each: _Read, facts: dict[str, Any]) -> None:
        """Created, updated or unchanged, compared with what is here or came earlier in the same batch.

        Raises Refused for a row that the caller may not correct.
        """
        before = self.known.get(facts["id"])
        if before is not None and (
            before["updated_on"] > facts["updated_on"]
            or all(before[name] == facts[name] for name in self.kind.replaced)
        ):
            self.unchanged.append(each)
            return
        if facts["id"] in self._not_ours:
            raise Refused("refuge_kept_by_the_coordinator")
        self.known[facts["id"]] = whole = {**(before or {}), **facts}
        self.rows.append((each, "created" if before is None else "updated", self.kind.table(**whole)))


def _raise_unless_of_a_row(error: asyncpg.PostgresError) -> None:
    """A row that PostgreSQL refuses is a refusal; a lock, a right, a time-out is the matter of the whole import."""
    if problem_from_database(error).status not in (409, 422):
        raise error
