"""Presences: the days that a post was really worked, month by month."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown


class PresenceDraft(Draft):
    """Days worked in the month, to the half-day, by all those who hold the post together."""

    days_worked: Annotated[float, Field(ge=0, le=31, multiple_of=0.5)]


class PresenceShown(Shown):
    """The days of one month, and who last wrote them."""

    post_id: UUID
    employer_id: UUID
    month: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    days_worked: float
    recorded_by: UUID
    recorded_at: datetime


class PresenceList(Shown):
    """The months of one year, newest first."""

    items: list[PresenceShown]
