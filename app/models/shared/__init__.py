"""Circle ``shared``: all that the police and the gendarmerie may ever read."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text


class Referral(SQLModel, table=True):
    """A referral as the unit typed it, and the closed code it gets back."""

    __table_args__ = {"schema": "shared"}

    id: UUID = key()
    unit_id: UUID
    sent_by: UUID
    sent_at: datetime = instant()
    last_name: str = text(secret=True)
    first_name: str | None = text(nullable=True, secret=True)
    birth_date: date | None = Field(default=None, repr=False)
    birth_date_precision: str | None = text(nullable=True)
    sex: str | None = text(nullable=True)
    phone: str | None = text(nullable=True, secret=True)
    municipality: str | None = text(nullable=True, secret=True)
    person_status: str = text()
    safe_contact_hint: str | None = text(nullable=True, secret=True)
    document_type: str = text()
    document_number: str | None = text(nullable=True, secret=True)
    facts: str | None = text(nullable=True, secret=True)
    urgency: str = text()
    contact_consent: str = text()
    danger_grid_positive: bool | None = None
    withdrawn_at: datetime | None = instant(nullable=True)
    feedback_code: str | None = text(nullable=True)
    feedback_on: date | None = None
