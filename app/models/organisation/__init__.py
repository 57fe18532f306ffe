"""Circle ``organisation``: who works where. Read by all, written by the administrator."""

from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from app.models.columns import key, text


class Employer(SQLModel, table=True):
    """Employer of the social worker."""

    __table_args__ = {"schema": "organisation"}

    id: UUID = key()
    name: str = text()
    employer_type: str = text()
    departement_code: str = text()


class Unit(SQLModel, table=True):
    """Police station or gendarmerie unit."""

    __table_args__ = {"schema": "organisation"}

    id: UUID = key()
    name: str = text()
    zone: str = text()
    departement_code: str = text()
    municipality: str = text()
    closed_on: date | None = None


class Site(SQLModel, table=True):
    """Place where persons are received."""

    __table_args__ = {"schema": "organisation"}

    id: UUID = key()
    name: str = text()
    site_type: str = text()
    municipality: str = text()
    closed_on: date | None = None


class Post(SQLModel, table=True):
    """Post of a social worker."""

    __table_args__ = {"schema": "organisation"}

    id: UUID = key()
    name: str = text()
    employer_id: UUID
    starts_on: date
    ends_on: date | None = None
    functional_authority: str | None = text(nullable=True)
    functional_authority_name: str | None = text(nullable=True)


class PostUnit(SQLModel, table=True):
    """A unit that a post serves; several make the post *mutualisé*."""

    __tablename__ = "post_unit"
    __table_args__ = {"schema": "organisation"}

    post_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date | None = None


class PostSite(SQLModel, table=True):
    """A place where a post receives."""

    __tablename__ = "post_site"
    __table_args__ = {"schema": "organisation"}

    post_id: UUID = Field(primary_key=True)
    site_id: UUID = Field(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date | None = None


class PostFunding(SQLModel, table=True):
    """Who pays for a post, and for which share, in per cent."""

    __tablename__ = "post_funding"
    __table_args__ = {"schema": "organisation"}

    post_id: UUID = Field(primary_key=True)
    funding_source: str = text(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date | None = None
    share_percent: Decimal = Field(sa_type=cast(Any, Numeric(5, 2)))
