"""The traces as a whole, for the data-protection officer: whether they hold, and a day in numbers."""

from datetime import date
from uuid import UUID

from app.schemas.base import Shown


class ChainShown(Shown):
    """One chain of traces, recomputed."""

    perimeter_id: UUID
    lane: str
    entries: int
    broken_at: int | None
    reason: str | None


class VerificationShown(Shown):
    """Whether every chain holds."""

    intact: bool
    entries: int
    chains: list[ChainShown]


class DaySummaryLine(Shown):
    """What one account did of one act on that day."""

    account_id: UUID | None
    lane: str
    act: str
    outcome: str
    acts: int
    subjects: int
    off_hours: int
    busiest_hour: int


class DaySummaryShown(Shown):
    """A day in Paris, by account and by act."""

    on: date
    items: list[DaySummaryLine]
