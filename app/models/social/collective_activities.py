"""Collective activities: dated, counted, without anybody's name."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import SQLModel

from app.models.columns import instant, key, text


class CollectiveActivity(SQLModel, table=True):
    """One session: a body, a training, the network. No text: there is nowhere to write a name."""

    __tablename__ = "collective_activity"
    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    site_id: UUID | None = None
    collective_activity_type: str = text()
    held_on: date
    duration_minutes: int
    participants: int
    recorded_by: UUID
    recorded_at: datetime = instant()
