"""Agreements of the employer to home visits: a day, a municipality, no person."""

from datetime import date, datetime
from uuid import UUID

from app.schemas.base import Draft, Shown
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, ShortText


class HomeVisitAgreementDraft(Draft):
    """Which day, in which municipality; not at whose home."""

    id: ClientMadeId = drawn_here
    post_id: UUID | None = None
    visit_on: Day
    municipality: ShortText


class HomeVisitAgreementShown(Shown):
    """What the employer answered, or has still to answer."""

    id: UUID
    employer_id: UUID
    post_id: UUID
    visit_on: date
    municipality: str
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    refused_at: datetime | None


class HomeVisitAgreementPage(Shown):
    """A page of agreements, newest first."""

    items: list[HomeVisitAgreementShown]
    next_cursor: str | None
