"""The shapes of HSDS 3.1 that Relais shows (https://docs.openreferral.org), to be read only.

Closed dictionaries, and not ``Shown``: the standard wants an unknown member left out, never ``null``. Here too a field
goes out because someone wrote it.
"""

from datetime import datetime
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]
EmailAddress = Annotated[str, Field(json_schema_extra={"format": "email"})]

closed = with_config(ConfigDict(extra="forbid", hide_input_in_errors=True))


@closed
class HsdsAbout(TypedDict):
    """Which standard this API follows, and where its contract is."""

    version: str
    profile: Uri
    openapi_url: Uri


# ----------------------------------------------------------------------------------------- terms


@closed
class HsdsTaxonomy(TypedDict):
    """A taxonomy: a vocabulary of data·inclusion, or a list of Relais."""

    id: UUID
    name: str
    description: str
    uri: NotRequired[Uri]


@closed
class HsdsTaxonomyTerm(TypedDict):
    """A term of a taxonomy."""

    id: UUID
    code: str
    name: str
    description: str
    taxonomy: str
    taxonomy_id: UUID
    language: str
    parent_id: NotRequired[UUID]


@closed
class HsdsAttribute(TypedDict):
    """A term that an organization or a service carries, or a word without a term (``label`` and ``value``)."""

    id: UUID
    link_id: UUID
    link_entity: Literal["organization", "service"]
    taxonomy_term_id: NotRequired[UUID]
    taxonomy_term: NotRequired[HsdsTaxonomyTerm]
    label: NotRequired[str]
    value: NotRequired[str]


# ----------------------------------------------------------------------------------------- parts


@closed
class HsdsPhone(TypedDict):
    """A telephone."""

    id: UUID
    number: str
    type: Literal["voice"]
    organization_id: NotRequired[UUID]
    service_id: NotRequired[UUID]
    location_id: NotRequired[UUID]


@closed
class HsdsContact(TypedDict):
    """The professional to ask for."""

    id: UUID
    service_id: UUID
    name: str


@closed
class HsdsSchedule(TypedDict):
    """Hours, in the syntax of OpenStreetMap."""

    id: UUID
    description: str
    attending_type: NotRequired[str]
    service_id: NotRequired[UUID]
    location_id: NotRequired[UUID]


@closed
class HsdsServiceArea(TypedDict):
    """An area where a service is offered: the code of a commune, of an EPCI, of a département, or ``france``."""

    id: UUID
    service_id: UUID
    extent: str
    extent_type: Literal["text"]
    name: NotRequired[str]
    uri: NotRequired[Uri]


@closed
class HsdsAddress(TypedDict):
    """An address. What is not known, or not said because it is a refuge's, is an empty text: the standard wants it."""

    id: UUID
    location_id: UUID
    address_1: str
    address_2: NotRequired[str]
    city: str
    state_province: str
    postal_code: str
    country: Literal["FR"]
    address_type: Literal["physical"]


@closed
class HsdsAccessibility(TypedDict):
    """Where the accessibility of a place is told."""

    id: UUID
    location_id: UUID
    url: Uri


@closed
class HsdsLocation(TypedDict):
    """A place; nothing finer than the département (``state_province``) when the address is secret."""

    id: UUID
    organization_id: UUID
    location_type: Literal["physical", "virtual"]
    name: str
    url: NotRequired[Uri]
    latitude: NotRequired[float]
    longitude: NotRequired[float]
    addresses: NotRequired[list[HsdsAddress]]
    accessibility: NotRequired[list[HsdsAccessibility]]
    phones: NotRequired[list[HsdsPhone]]
    schedules: NotRequired[list[HsdsSchedule]]


@closed
class HsdsOrganizationIdentifier(TypedDict):
    """The SIRET of an organization; never of a refuge."""

    id: UUID
    organization_id: UUID
    identifier_scheme: Literal["FR-SIRET"]
    identifier_type: Literal["SIRET"]
    identifier: str


# ---------------------------------------------------------------------------- services, organizations


@closed
class HsdsOrganizationListed(TypedDict):
    """An organization alone: a partner of the directory."""

    id: UUID
    name: str
    description: str
    email: NotRequired[EmailAddress]
    website: NotRequired[Uri]


@closed
class HsdsServiceMinimal(TypedDict):
    """The identifier of a service, and when it changed."""

    id: UUID
    modified_date: datetime


@closed
class HsdsServiceListed(TypedDict):
    """A service alone, with its organization where it is not within it. ``alert`` is the note on its places."""

    id: UUID
    organization_id: UUID
    name: str
    description: str
    status: Literal["active", "inactive"]
    last_modified: datetime
    url: NotRequired[Uri]
    email: NotRequired[EmailAddress]
    application_process: NotRequired[str]
    fees_description: NotRequired[str]
    eligibility_description: NotRequired[str]
    alert: NotRequired[str]
    organization: NotRequired[HsdsOrganizationListed]


@closed
class HsdsServiceAtLocationListed(TypedDict):
    """Which service, at which location."""

    id: UUID
    service_id: UUID
    location_id: UUID


class HsdsServiceAtLocationOfService(HsdsServiceAtLocationListed):
    """The location of a service, within it."""

    location: HsdsLocation


class HsdsServiceAtLocation(HsdsServiceAtLocationOfService):
    """A service at its location, whole."""

    service: HsdsServiceListed
    service_areas: NotRequired[list[HsdsServiceArea]]
    contacts: NotRequired[list[HsdsContact]]
    phones: NotRequired[list[HsdsPhone]]
    schedules: NotRequired[list[HsdsSchedule]]


class HsdsService(HsdsServiceListed):
    """A service, whole."""

    service_at_locations: list[HsdsServiceAtLocationOfService]
    service_areas: NotRequired[list[HsdsServiceArea]]
    contacts: NotRequired[list[HsdsContact]]
    phones: NotRequired[list[HsdsPhone]]
    schedules: NotRequired[list[HsdsSchedule]]
    attributes: NotRequired[list[HsdsAttribute]]


class HsdsOrganization(HsdsOrganizationListed):
    """An organization, whole, with its services alone."""

    locations: list[HsdsLocation]
    organization_identifiers: NotRequired[list[HsdsOrganizationIdentifier]]
    phones: NotRequired[list[HsdsPhone]]
    attributes: NotRequired[list[HsdsAttribute]]
    services: NotRequired[list[HsdsServiceListed]]


# ----------------------------------------------------------------------------------------- pages


@closed
class _Page(TypedDict):
    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool


class HsdsServicePage(_Page):
    """A page of services: whole (``full``), alone, or their identifiers only (``minimal``)."""

    contents: list[HsdsService | HsdsServiceListed | HsdsServiceMinimal]


class HsdsOrganizationPage(_Page):
    """A page of organizations: whole (``full``), or alone."""

    contents: list[HsdsOrganization | HsdsOrganizationListed]


class HsdsServiceAtLocationPage(_Page):
    """A page of services at their locations: whole (``full``), or which is where."""

    contents: list[HsdsServiceAtLocation | HsdsServiceAtLocationListed]


class HsdsTaxonomyPage(_Page):
    """A page of taxonomies."""

    contents: list[HsdsTaxonomy]


class HsdsTaxonomyTermPage(_Page):
    """A page of terms."""

    contents: list[HsdsTaxonomyTerm]
