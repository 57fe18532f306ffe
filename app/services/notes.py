"""Confidential notes: written, amended, opened to a named colleague; never edited, never searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select

from app.errors import Invalid, NotFound
from app.models.columns import new_id
from app.models.confidential import Note, NoteShare, PersonKey
from app.services import participations
from app.services.clock import now
from app.services.sealing import Place, SealingKey, new_data_key, seal, unseal
from app.statements import columns, given, newest_first
from app.transactions import Reading, Writing

NOTE = columns(Note)
NOTE_SHARE = columns(NoteShare)
PERSON_KEY = columns(PersonKey)

SEALED: tuple[Any, ...] = (*NOTE, PERSON_KEY.wrapped_key, PERSON_KEY.person_id)
_sealed = select(*SEALED).join(PersonKey, PERSON_KEY.id == NOTE.person_key_id)

ONE = _sealed.where(NOTE.id == given("id", Uuid))
OF_PARTICIPATION = newest_first(
    _sealed.where(NOTE.participation_id == given("participation_id", Uuid)),
    perimeter=NOTE.post_id,
    mine="my_posts",
    at=NOTE.written_at,
    key=NOTE.id,
)
KEY = select(*PERSON_KEY).where(PERSON_KEY.person_id == given("person_id", Uuid))

SHARE_COLUMNS: tuple[Any, ...] = (
    NOTE_SHARE.id,
    NOTE_SHARE.note_id,
    NOTE_SHARE.shared_with,
    NOTE_SHARE.shared_at,
    NOTE_SHARE.handover_id,
)
_shares = select(*SHARE_COLUMNS).where(NOTE_SHARE.note_id == given("note_id", Uuid), NOTE_SHARE.ended_at.is_(None))
SHARES = _shares.order_by(NOTE_SHARE.id)
SHARE = _shares.where(NOTE_SHARE.id == given("id", Uuid))

SHARES_MY_POST = select(func.access.shares_my_post(given("colleague", Uuid), given("post_id", Uuid)).label("does"))

# What a correction locks.
SHARE_TABLE = NoteShare


async def key_of(writing: Writing, sealing_key: SealingKey, *, post_id: UUID, person_id: UUID) -> tuple[UUID, bytes]:
    """The person's data key, opened; made at the first sealed word about her. Returns (key id, key)."""
    known = await writing.seek_row(KEY, person_id=person_id)
    if known is None:
        key_id = new_id()
        wrapped_key = sealing_key.wrap(new_data_key(), bound_to=key_id.bytes + person_id.bytes)
        await writing.add_or_keep(
            PersonKey(
                id=key_id,
                post_id=post_id,
                person_id=person_id,
                sealing_key_id=sealing_key.key_id,
                wrapped_key=wrapped_key,
                created_at=now(),
            )
        )
        # Two first notes at the same time: the key that was kept serves both.
        known = await writing.row(KEY, person_id=person_id)
    return known["id"], sealing_key.unwrap(known["wrapped_key"], bound_to=known["id"].bytes + person_id.bytes)


def _place(row: Any) -> Place:
    return Place(
        table="confidential.note",
        row_id=row["id"],
        post_id=row["post_id"],
        participation_id=row["participation_id"],
        person_key_id=row["person_key_id"],
        author_id=row["author_id"],
        version=1,
    )


def _opened(row: Any, sealing_key: SealingKey) -> dict[str, Any]:
    data_key = sealing_key.unwrap(row["wrapped_key"], bound_to=row["person_key_id"].bytes + row["person_id"].bytes)
    shown = {name: row[name] for name in ("id", "participation_id", "author_id", "amends_note_id", "written_at")}
    return {**shown, "text": unseal(row["sealed"], data_key=data_key, place=_place(row))}


async def write(
    writing: Writing,
    sealing_key: SealingKey,
    participation_id: UUID,
    *,
    id: UUID,
    text: str,
    amends_note_id: UUID | None,
) -> dict[str, Any]:
    """Write a note on a participation of an open situation. Returns it, opened."""
    context = await participations.of_open_situation(writing, participation_id)
    if amends_note_id is not None:
        amended = await writing.seek_row(ONE, id=amends_note_id)
        if amended is None or amended["author_id"] != writing.actor.account_id:
            raise Invalid("amended_note_expected", "/amends_note_id")
        if amended["participation_id"] != participation_id:
            raise Invalid("amended_note_expected", "/amends_note_id")
    post_id: UUID = context["post_id"]
    key_id, data_key = await key_of(writing, sealing_key, post_id=post_id, person_id=context["person_id"])
    note = Note(
        id=id,
        post_id=post_id,
        participation_id=participation_id,
        person_key_id=key_id,
        author_id=writing.actor.account_id,
        amends_note_id=amends_note_id,
        written_at=now(),
        sealed=b"",
    )
    note.sealed = seal(text, data_key=data_key, place=_place(dict(note)))
    await writing.add(note)
    writing.subject = note.id
    names = ("id", "participation_id", "author_id", "amends_note_id", "written_at")
    return {**{name: getattr(note, name) for name in names}, "text": text}


async def find(reading: Reading, note_id: UUID) -> Any:
    """A note that I may read, still sealed; ``NotFound`` otherwise."""
    reading.about(note_id, rows=0)
    return await reading.row(ONE, id=note_id)


async def read(reading: Reading, sealing_key: SealingKey, note_id: UUID) -> dict[str, Any]:
    """Open one note: mine, or opened to me by its author."""
    reading.about(note_id)
    return _opened(await reading.row(ONE, id=note_id), sealing_key)


async def list_of_participation(
    reading: Reading,
    sealing_key: SealingKey,
    participation_id: UUID,
    *,
    limit: int,
    after: tuple[Any, UUID] | None,
) -> tuple[Sequence[dict[str, Any]], tuple[Any, UUID] | None]:
    """The notes I may read on a participation, newest first, and the position of the last when more remain."""
    reading.about(participation_id, rows=0)
    await reading.row(participations.CONTEXT, id=participation_id)
    rows, last = await reading.page_rows(OF_PARTICIPATION, limit=limit, after=after, participation_id=participation_id)
    notes = []
    for row in rows:
        # Should a seal be broken, the trace names that note.
        reading.subject = row["id"]
        notes.append(_opened(row, sealing_key))
    reading.subject = participation_id
    return notes, last


async def share(writing: Writing, note_id: UUID, *, id: UUID, shared_with: UUID) -> UUID:
    """The author opens a note to one colleague who holds the same post. Returns the share."""
    writing.about(note_id)
    note = await writing.row(ONE, id=note_id)
    if note["author_id"] != writing.actor.account_id:
        raise NotFound
    if shared_with == writing.actor.account_id:
        raise Invalid("note_shared_with_self", "/shared_with")
    if not (await writing.row(SHARES_MY_POST, colleague=shared_with, post_id=note["post_id"]))["does"]:
        raise Invalid("colleague_not_of_this_post", "/shared_with")
    row = NoteShare(
        id=id,
        post_id=note["post_id"],
        note_id=note_id,
        shared_by=writing.actor.account_id,
        shared_with=shared_with,
        shared_at=now(),
    )
    await writing.add(row)
    return row.id


async def end_share(writing: Writing, note_id: UUID, share_id: UUID) -> None:
    """The author closes the note again; the colleague loses it at the next request."""
    writing.about(note_id)
    if await writing.seek_row(SHARE, note_id=note_id, id=share_id) is None:
        raise NotFound
    await writing.change(NoteShare, {"ended_at": now()}, id=share_id)
