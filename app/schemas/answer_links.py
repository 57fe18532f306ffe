"""Answer links: made by the worker, held by a partner without an account."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.codes import OrientationOutcome, OrientationStatus, RefusalReason
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day


class AnswerLinkDraft(Draft):
    """How many days the link lives."""

    id: ClientMadeId = drawn_here
    days: Annotated[int, Field(ge=1, le=60)] = 15


class AnswerLinkShown(Shown):
    """A link, without its token."""

    id: UUID
    orientation_id: UUID
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class AnswerLinkMade(AnswerLinkShown):
    """A link just made: its path holds the token, told this once."""

    path: str


class AnswerLinks(Shown):
    """The links of one orientation."""

    items: list[AnswerLinkShown]


class LinkedOrientation(Shown):
    """What the holder of a link sees: a reference, no name."""

    reference: str
    sent_at: datetime
    status: OrientationStatus


class LinkAnswerDraft(Draft):
    """One answer; it spends the link."""

    answer: Literal["acknowledge", "take_up", "refuse", "report_outcome"]
    refusal_reason: RefusalReason | None = None
    outcome_code: OrientationOutcome | None = None
    outcome_on: Day | None = None
