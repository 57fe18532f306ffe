"""Collective activities: what can be counted of a session. No text, so that nobody can be named."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import CollectiveActivityType
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day

Duration = Annotated[int, Field(ge=1, le=1440)]
Participants = Annotated[int, Field(ge=0, le=10_000)]


class CollectiveActivityDraft(Draft):
    """One session, on its day; ``participants`` does not count the social worker."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    site_id: UUID | None = None
    collective_activity_type: CollectiveActivityType
    held_on: Day
    duration_minutes: Duration
    participants: Participants


class CollectiveActivityPatch(Patch):
    """A correction; the post does not change."""

    site_id: UUID | None = None
    collective_activity_type: CollectiveActivityType = unset
    held_on: Day = unset
    duration_minutes: Duration = unset
    participants: Participants = unset


class CollectiveActivityShown(Shown):
    """One session."""

    id: UUID
    post_id: UUID
    site_id: UUID | None
    collective_activity_type: CollectiveActivityType
    held_on: date
    duration_minutes: int
    participants: int
    recorded_by: UUID
    recorded_at: datetime


class CollectiveActivityPage(Shown):
    """A page of collective activities, newest first."""

    items: list[CollectiveActivityShown]
    next_cursor: str | None
