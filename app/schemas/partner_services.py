"""Services of the partners: what they offer, to whom, where, when; and who can help now."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import NeedType, PartnerCategory, PartnerPublic
from app.schemas.directory_texts import (
    Areas,
    CommuneCode,
    DepartementCode,
    Description,
    Details,
    Fees,
    Latitude,
    Longitude,
    OnceEach,
    OpeningHours,
    Phone,
    Postcode,
    ReachedBy,
    ReachMode,
    ReceptionMode,
    ServiceType,
    Thematic,
    Url,
)
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, Email, LineText, ShortText

Needs = Annotated[list[NeedType], Field(min_length=1, max_length=40), OnceEach]
Publics = Annotated[list[PartnerPublic], Field(max_length=40), OnceEach]
Thematics = Annotated[list[Thematic], Field(max_length=100), OnceEach]
ReceptionModes = Annotated[list[ReceptionMode], Field(max_length=10), OnceEach]
ReachModes = Annotated[list[ReachMode], Field(max_length=10), OnceEach]
ReachedByThem = Annotated[list[ReachedBy], Field(max_length=10), OnceEach]
WeeklyHours = Annotated[float, Field(ge=0, le=168)]
Weeks = Annotated[int, Field(ge=1, le=1_000)]


class PartnerServiceDraft(Draft):
    """A service of a partner; without ``publics``, for everyone. The note on places is of today unless dated."""

    id: ClientMadeId = drawn_here
    name: LineText
    description: Description
    service_type: ServiceType | None = None
    needs: Needs
    thematics: Thematics = Field(default_factory=list)
    publics: Publics = Field(default_factory=list)
    public_details: Details | None = None
    conditions: Details | None = None
    areas: Areas
    fees: Fees | None = None
    fees_details: Details | None = None
    reception_modes: ReceptionModes = Field(default_factory=list)
    reach_modes: ReachModes = Field(default_factory=list)
    reached_by: ReachedByThem = Field(default_factory=list)
    how_to_reach: Details | None = None
    reach_url: Url | None = None
    contact_name: ShortText | None = None
    capacity_note: LineText | None = None
    capacity_on: Day | None = None
    phone: Phone | None = None
    email: Email | None = None
    departement_code: DepartementCode | None = None
    commune_code: CommuneCode | None = None
    municipality: ShortText | None = None
    postcode: Postcode | None = None
    street: LineText | None = None
    street_extra: LineText | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    opening_hours: OpeningHours | None = None
    weekly_hours: WeeklyHours | None = None
    duration_weeks: Weeks | None = None


class PartnerServicePatch(Patch):
    """A correction of a service, or its end."""

    name: LineText = unset
    description: Description = unset
    service_type: ServiceType | None = None
    needs: Needs = unset
    thematics: Thematics = unset
    publics: Publics = unset
    public_details: Details | None = None
    conditions: Details | None = None
    areas: Areas = unset
    fees: Fees | None = None
    fees_details: Details | None = None
    reception_modes: ReceptionModes = unset
    reach_modes: ReachModes = unset
    reached_by: ReachedByThem = unset
    how_to_reach: Details | None = None
    reach_url: Url | None = None
    contact_name: ShortText | None = None
    capacity_note: LineText | None = None
    capacity_on: Day | None = None
    phone: Phone | None = None
    email: Email | None = None
    departement_code: DepartementCode | None = None
    commune_code: CommuneCode | None = None
    municipality: ShortText | None = None
    postcode: Postcode | None = None
    street: LineText | None = None
    street_extra: LineText | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    opening_hours: OpeningHours | None = None
    weekly_hours: WeeklyHours | None = None
    duration_weeks: Weeks | None = None
    ended_on: Day | None = None


class PartnerServiceShown(Shown):
    """A service of a partner; nothing finer than the département when the partner's address is secret."""

    id: UUID
    partner_id: UUID
    partner_name: str
    address_confidential: bool
    name: str
    description: str
    service_type: str | None
    needs: list[NeedType]
    thematics: list[str]
    publics: list[PartnerPublic]
    public_details: str | None
    conditions: str | None
    areas: list[str]
    fees: str | None
    fees_details: str | None
    reception_modes: list[str]
    reach_modes: list[str]
    reached_by: list[str]
    how_to_reach: str | None
    reach_url: str | None
    contact_name: str | None
    capacity_note: str | None
    capacity_on: date | None
    phone: str | None
    email: str | None
    departement_code: str | None
    commune_code: str | None
    municipality: str | None
    postcode: str | None
    street: str | None
    street_extra: str | None
    longitude: float | None
    latitude: float | None
    opening_hours: str | None
    weekly_hours: float | None
    duration_weeks: int | None
    source: str
    source_id: str | None
    source_url: str | None
    updated_on: date
    ended_on: date | None


class PartnerServicePage(Shown):
    """A page of services."""

    items: list[PartnerServiceShown]
    next_cursor: str | None


class MatchedArea(Shown):
    """The narrowest area of the service that holds the commune, with its name."""

    area: str
    name: str


class PartnerServiceFound(Shown):
    """A service that can help: whose, where, how to reach it, and whether it is open.

    The place, ``opening_hours``, ``phone`` and ``email`` are the service's or, failing these, its partner's.
    ``open_now`` is ``null`` when that cannot be told; ``next_opening_at`` is the opening that follows.
    """

    id: UUID
    name: str
    description: str
    partner_id: UUID
    partner_name: str
    partner_category: PartnerCategory
    address_confidential: bool
    matched_area: MatchedArea
    open_now: bool | None
    next_opening_at: datetime | None
    opening_hours: str | None
    phone: str | None
    email: str | None
    how_to_reach: str | None
    reach_url: str | None
    reach_modes: list[str]
    reached_by: list[str]
    contact_name: str | None
    capacity_note: str | None
    capacity_on: date | None
    service_type: str | None
    needs: list[NeedType]
    publics: list[PartnerPublic]
    public_details: str | None
    conditions: str | None
    fees: str | None
    fees_details: str | None
    reception_modes: list[str]
    departement_code: str | None
    commune_code: str | None
    municipality: str | None
    postcode: str | None
    street: str | None
    street_extra: str | None
    longitude: float | None
    latitude: float | None
    updated_on: date


class PartnerServicesFound(Shown):
    """Who can help, the nearest and the open first."""

    items: list[PartnerServiceFound]
