"""Employers, units, sites, posts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import EmployerType, FunctionalAuthority, FundingSource, SiteType, Zone
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Day, ShortText

Departement = Annotated[str, Field(pattern=r"^(\d{2}|2[AB]|97[1-8]|98[678])$")]


class EmployerDraft(Draft):
    """An employer."""

    id: ClientMadeId = drawn_here
    name: ShortText
    employer_type: EmployerType
    departement_code: Departement


class EmployerPatch(Patch):
    """A correction of an employer."""

    name: ShortText = unset
    employer_type: EmployerType = unset
    departement_code: Departement = unset


class EmployerShown(Shown):
    """An employer."""

    id: UUID
    name: str
    employer_type: EmployerType
    departement_code: str


class EmployerPage(Shown):
    """A page of employers."""

    items: list[EmployerShown]
    next_cursor: str | None


class UnitDraft(Draft):
    """A police station or a gendarmerie unit."""

    id: ClientMadeId = drawn_here
    name: ShortText
    zone: Zone
    departement_code: Departement
    municipality: ShortText


class UnitPatch(Patch):
    """A correction of a unit, or its closing."""

    name: ShortText = unset
    zone: Zone = unset
    departement_code: Departement = unset
    municipality: ShortText = unset
    closed_on: Day | None = None


class UnitShown(Shown):
    """A unit."""

    id: UUID
    name: str
    zone: Zone
    departement_code: str
    municipality: str
    closed_on: date | None


class UnitPage(Shown):
    """A page of units."""

    items: list[UnitShown]
    next_cursor: str | None


class SiteDraft(Draft):
    """A place where persons are received."""

    id: ClientMadeId = drawn_here
    name: ShortText
    site_type: SiteType
    municipality: ShortText


class SitePatch(Patch):
    """A correction of a site, or its closing."""

    name: ShortText = unset
    site_type: SiteType = unset
    municipality: ShortText = unset
    closed_on: Day | None = None


class SiteShown(Shown):
    """A site."""

    id: UUID
    name: str
    site_type: SiteType
    municipality: str
    closed_on: date | None


class SitePage(Shown):
    """A page of sites."""

    items: list[SiteShown]
    next_cursor: str | None


Units = Annotated[list[UUID], Field(min_length=1, max_length=50)]
Sites = Annotated[list[UUID], Field(max_length=50)]


class FundingDraft(Draft):
    """Who pays for a post, and for which share, in per cent."""

    funding_source: FundingSource
    share_percent: Annotated[float, Field(gt=0, le=100, multiple_of=0.01)]


class FundingShown(Shown):
    """Who pays for a post, and for which share, in per cent."""

    funding_source: FundingSource
    share_percent: float


Funding = Annotated[list[FundingDraft], Field(max_length=20)]


class PostDraft(Draft):
    """A post, for the days of its convention, and the units it serves; several make it *mutualisé*."""

    id: ClientMadeId = drawn_here
    name: ShortText
    employer_id: UUID
    starts_on: Day
    ends_on: Day | None = None
    functional_authority: FunctionalAuthority | None = None
    functional_authority_name: ShortText | None = None
    unit_ids: Units
    site_ids: Sites = Field(default_factory=list)
    funding: Funding = Field(default_factory=list)


class PostPatch(Patch):
    """A correction of a post, or of what it has from today on: its units, its sites, its funding."""

    name: ShortText = unset
    starts_on: Day = unset
    ends_on: Day | None = None
    functional_authority: FunctionalAuthority | None = None
    functional_authority_name: ShortText | None = None
    unit_ids: Units = unset
    site_ids: Sites = unset
    funding: Funding = unset


class PostShown(Shown):
    """A post and what it has today; ``shared`` (*mutualisé*) when it serves several units."""

    id: UUID
    name: str
    employer_id: UUID
    starts_on: date
    ends_on: date | None
    functional_authority: FunctionalAuthority | None
    functional_authority_name: str | None
    unit_ids: list[UUID]
    shared: bool
    site_ids: list[UUID]
    funding: list[FundingShown]


class PostPage(Shown):
    """A page of posts."""

    items: list[PostShown]
    next_cursor: str | None
