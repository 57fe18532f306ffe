"""Replacements: a colleague reads in place of an absent one."""

from datetime import date, datetime
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.codes import ReplacementReason
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day


class ReplacementDraft(Draft):
    """Which post, why, from when to when; whom, when the employer proposes."""

    id: ClientMadeId = drawn_here
    post_id: UUID
    account_id: UUID | None = None
    replacement_reason: ReplacementReason
    starts_on: Day
    ends_on: Day


class ReplacementShown(Shown):
    """A replacement: it opens reading once approved, within its days, until it is ended."""

    id: UUID
    employer_id: UUID
    post_id: UUID
    account_id: UUID
    replacement_reason: ReplacementReason
    starts_on: date
    ends_on: date
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None


class ReplacementPage(Shown):
    """A page of replacements, newest first."""

    items: list[ReplacementShown]
    next_cursor: str | None
