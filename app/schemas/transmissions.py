"""The register of transmissions."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.codes import PersonInformed, SharingLegalBasis, TransmissibleField, TransmissionKind
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Facts, LineText, LongText


class TransmissionDraft(Draft):
    """What is passed on to a professional, to the CRIP or to the prosecutor; ``agreed_on`` when on her agreement."""

    id: ClientMadeId = drawn_here
    participation_id: UUID
    transmission_kind: TransmissionKind
    legal_basis: SharingLegalBasis
    recipient: LineText
    partner_id: UUID | None = None
    fields: Annotated[list[TransmissibleField], Field(max_length=40)]
    message: Facts | None = None
    narrative: LongText | None = None
    person_informed: PersonInformed
    agreed_on: Day | None = None


class TransmissionShown(Shown):
    """One line of the register; its content is read apart."""

    id: UUID
    post_id: UUID
    participation_id: UUID
    transmission_kind: TransmissionKind
    orientation_id: UUID | None
    requisition_id: UUID | None
    legal_basis: SharingLegalBasis
    partner_id: UUID | None
    recipient: str
    fields: list[TransmissibleField]
    person_informed: PersonInformed
    agreed_on: date | None
    sent_at: datetime
    sent_by: UUID


class TransmissionPage(Shown):
    """A page of the register, newest first."""

    items: list[TransmissionShown]
    next_cursor: str | None


class TransmissionContentShown(Shown):
    """What was passed on, word for word."""

    transmission_id: UUID
    fields: dict[str, Any]
    narrative: str | None


class LegalBasisOffered(Shown):
    """A basis that this worker may give, in this post, to this kind of transmission."""

    code: SharingLegalBasis
    label: str


class LegalBases(Shown):
    """The bases offered, in the order of the list."""

    items: list[LegalBasisOffered]
