"""Handovers: a post changes hands; the employer sees that it does, the social workers alone see of whom."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.codes import HandoverMotive
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, LongText


class HandoverItemDraft(Draft):
    """One participation: my notes go along, or I write what the successor must know."""

    participation_id: UUID
    notes_go_along: bool
    summary: LongText | None = None


class HandoverDraft(Draft):
    """To whom, why, since when, and every participation still followed on the post."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    to_account_id: UUID
    handover_motive: HandoverMotive
    starts_on: Day
    ends_on: Day | None = None
    participations: Annotated[list[HandoverItemDraft], Field(max_length=1000)]


class HandoverShownToEmployer(Shown):
    """A handover as the employer and the data-protection officer see it: numbers and dates, no situation."""

    shown_to = ("coordinator", "dpo")
    id: UUID
    employer_id: UUID
    post_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    handover_motive: HandoverMotive
    starts_on: date
    ends_on: date | None
    situations: int
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    cancelled_at: datetime | None


class HandoverPage(Shown):
    """A page of handovers, newest first."""

    items: list[HandoverShownToEmployer]
    next_cursor: str | None


class HandoverItemShown(Shown):
    """One participation that is handed over."""

    participation_id: UUID
    notes_go_along: bool


class HandoverShown(Shown):
    """A handover as the social workers of the post see it."""

    shown_to = ("social_worker",)
    id: UUID
    employer_id: UUID
    post_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    handover_motive: HandoverMotive
    starts_on: date
    ends_on: date | None
    situations: int
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    cancelled_at: datetime | None
    participations: list[HandoverItemShown]


class HandoverSummaryShown(Shown):
    """What the one who leaves wrote for the one who arrives, about one person in one situation."""

    participation_id: UUID
    author_id: UUID
    written_at: datetime
    text: str


class HandoverSummaries(Shown):
    """The summaries of one handover."""

    items: list[HandoverSummaryShown]
