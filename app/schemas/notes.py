"""Confidential notes, their shares, and safe contacts."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Facts, LineText, LongText, Phone


class NoteDraft(Draft):
    """A note under professional secrecy; ``amends_note_id`` to complete or correct one's own."""

    id: ClientMadeId = drawn_here
    text: LongText
    amends_note_id: UUID | None = None


class NoteShown(Shown):
    """A note, for its author or the colleague she named."""

    id: UUID
    participation_id: UUID
    author_id: UUID
    amends_note_id: UUID | None
    written_at: datetime
    text: str


class NotePage(Shown):
    """A page of notes, newest first."""

    items: list[NoteShown]
    next_cursor: str | None


class NoteShareDraft(Draft):
    """The colleague of the same post to whom the author opens the note."""

    id: ClientMadeId = drawn_here
    shared_with: UUID


class NoteShareShown(Shown):
    """A share in force; one that a handover carries opens nothing before it is approved and begun."""

    id: UUID
    note_id: UUID
    shared_with: UUID
    shared_at: datetime
    handover_id: UUID | None


class NoteShares(Shown):
    """The shares of one note."""

    items: list[NoteShareShown]


class SafeContactDraft(Draft):
    """How to reach the person without danger. Replaces what was there."""

    phone: Phone | None = None
    address: LineText | None = None
    safe_hours: LineText | None = None
    precautions: Facts | None = None


class SafeContactShown(Shown):
    """The safe contact of one participation."""

    participation_id: UUID
    version: int
    changed_by: UUID
    changed_at: datetime
    phone: str | None
    address: str | None
    safe_hours: str | None
    precautions: str | None
