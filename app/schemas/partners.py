"""Partners of the directory: what may be said of them, what everyone is shown."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import PartnerCategory
from app.schemas.directory_texts import (
    CommuneCode,
    DepartementCode,
    Description,
    Latitude,
    Longitude,
    Network,
    OnceEach,
    OpeningHours,
    Phone,
    Postcode,
    Siret,
    Url,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Email, LineText, ShortText

Networks = Annotated[list[Network], Field(max_length=20), OnceEach]


class PartnerDraft(Draft):
    """A partner. Whether its address is secret is always said; the département follows the commune."""

    id: ClientMadeId = drawn_here
    name: LineText
    partner_category: PartnerCategory
    description: Description | None = None
    siret: Siret | None = None
    phone: Phone | None = None
    email: Email | None = None
    website: Url | None = None
    address_confidential: bool
    departement_code: DepartementCode | None = None
    commune_code: CommuneCode | None = None
    municipality: ShortText | None = None
    postcode: Postcode | None = None
    street: LineText | None = None
    street_extra: LineText | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    opening_hours: OpeningHours | None = None
    accessibility_url: Url | None = None
    networks: Networks = Field(default_factory=list)


class PartnerPatch(Patch):
    """A correction of a partner, its end, or the secrecy of its address, which erases that address."""

    name: LineText = unset
    partner_category: PartnerCategory = unset
    description: Description | None = None
    siret: Siret | None = None
    phone: Phone | None = None
    email: Email | None = None
    website: Url | None = None
    address_confidential: bool = unset
    departement_code: DepartementCode | None = None
    commune_code: CommuneCode | None = None
    municipality: ShortText | None = None
    postcode: Postcode | None = None
    street: LineText | None = None
    street_extra: LineText | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    opening_hours: OpeningHours | None = None
    accessibility_url: Url | None = None
    networks: Networks = unset
    ended_on: Day | None = None


class PartnerShown(Shown):
    """A partner; nothing finer than the département when its address is secret."""

    id: UUID
    name: str
    partner_category: PartnerCategory
    description: str | None
    siret: str | None
    phone: str | None
    email: str | None
    website: str | None
    address_confidential: bool
    departement_code: str | None
    commune_code: str | None
    municipality: str | None
    postcode: str | None
    street: str | None
    street_extra: str | None
    longitude: float | None
    latitude: float | None
    opening_hours: str | None
    accessibility_url: str | None
    networks: list[str]
    source: str
    source_id: str | None
    source_url: str | None
    updated_on: date
    ended_on: date | None


class PartnerPage(Shown):
    """A page of partners."""

    items: list[PartnerShown]
    next_cursor: str | None
