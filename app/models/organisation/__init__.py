"""Circle ``organisation``: who works where. Read by all, written by the administrator."""

from datetime import date
from uuid import UUID

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


class PostUnit(SQLModel, table=True):
    """A unit that a post serves; several make the post *mutualisé*."""

    __tablename__ = "post_unit"
    __table_args__ = {"schema": "organisation"}

    post_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date | None = None
