"""Circle ``confidential``: sealed by the application; PostgreSQL holds bytes only."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, octets, text


class PersonKey(SQLModel, table=True):
    """The wrapped data key of one person; to destroy it is to erase her notes."""

    __tablename__ = "person_key"
    __table_args__ = {"schema": "confidential"}

    id: UUID = key()
    post_id: UUID
    person_id: UUID
    sealing_key_id: str = text()
    wrapped_key: bytes = octets()
    created_at: datetime = instant()


class Note(SQLModel, table=True):
    """A confidential note: added, amended by another, never edited."""

    __table_args__ = {"schema": "confidential"}

    id: UUID = key()
    post_id: UUID
    participation_id: UUID
    person_key_id: UUID
    author_id: UUID
    amends_note_id: UUID | None = None
    written_at: datetime = instant()
    sealed: bytes = octets()


class NoteShare(SQLModel, table=True):
    """One note opened by its author to one named colleague."""

    __tablename__ = "note_share"
    __table_args__ = {"schema": "confidential"}

    id: UUID = key()
    post_id: UUID
    note_id: UUID
    shared_by: UUID
    shared_with: UUID
    shared_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    handover_id: UUID | None = None


class SafeContact(SQLModel, table=True):
    """How to reach the person without putting her in danger."""

    __tablename__ = "safe_contact"
    __table_args__ = {"schema": "confidential"}

    participation_id: UUID = Field(primary_key=True)
    post_id: UUID
    person_key_id: UUID
    version: int
    changed_by: UUID
    changed_at: datetime = instant()
    sealed: bytes = octets()


class TransmissionContent(SQLModel, table=True):
    """What was passed on, word for word."""

    __tablename__ = "transmission_content"
    __table_args__ = {"schema": "confidential"}

    transmission_id: UUID = Field(primary_key=True)
    post_id: UUID = Field(primary_key=True)
    participation_id: UUID
    person_key_id: UUID
    author_id: UUID
    sealed: bytes = octets()


class SealingCanary(SQLModel, table=True):
    """Known bytes under the sealing key: a start-up that cannot open them is refused."""

    __tablename__ = "sealing_canary"
    __table_args__ = {"schema": "confidential"}

    sealing_key_id: str = text(primary_key=True)
    wrapped_key: bytes = octets()
    proved_at: datetime = instant()


class HandoverSummary(SQLModel, table=True):
    """What the one who leaves writes for the one who arrives, when her notes do not go along."""

    __tablename__ = "handover_summary"
    __table_args__ = {"schema": "confidential"}

    handover_id: UUID = Field(primary_key=True)
    post_id: UUID = Field(primary_key=True)
    participation_id: UUID = Field(primary_key=True)
    person_key_id: UUID
    author_id: UUID
    written_at: datetime = instant()
    sealed: bytes = octets()
