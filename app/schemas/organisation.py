"""Employers, units, sites, posts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.codes import EmployerType, SiteType, Zone
from app.schemas.texts import Day, ShortText

Departement = Annotated[str, Field(pattern=r"^(\d{2}|2[AB]|97[1-8]|98[678])$")]


class EmployerDraft(Draft):
    """An employer."""

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


class PostDraft(Draft):
    """A post and the units it serves; several make it *mutualisé*."""

    name: ShortText
    employer_id: UUID
    starts_on: Day
    ends_on: Day | None = None
    unit_ids: list[UUID] = Field(min_length=1, max_length=50)


class PostPatch(Patch):
    """A correction of a post, or of the units it serves from today on."""

    name: ShortText = unset
    starts_on: Day = unset
    ends_on: Day | None = None
    unit_ids: list[UUID] = Field(default=unset, min_length=1, max_length=50)


class PostShown(Shown):
    """A post; ``shared`` (*mutualisé*) when it serves several units today."""

    id: UUID
    name: str
    employer_id: UUID
    starts_on: date
    ends_on: date | None
    unit_ids: list[UUID]
    shared: bool


class PostPage(Shown):
    """A page of posts."""

    items: list[PostShown]
    next_cursor: str | None
