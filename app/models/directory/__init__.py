"""Circle ``directory``: partners and their services, read by every account; nobody who is helped."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Double, Text
from sqlmodel import Field, SQLModel

from app.models.columns import key, text


class Partner(SQLModel, table=True):
    """A body to which people are directed. A refuge keeps its address to itself: there is nowhere to write it."""

    __table_args__ = {"schema": "directory"}

    id: UUID = key()
    name: str = text()
    folded_name: str = text()
    partner_category: str = text()
    description: str | None = text(nullable=True)
    siret: str | None = text(nullable=True)
    phone: str | None = text(nullable=True)
    email: str | None = text(nullable=True)
    website: str | None = text(nullable=True)
    address_confidential: bool
    departement_code: str | None = text(nullable=True)
    commune_code: str | None = text(nullable=True)
    municipality: str | None = text(nullable=True)
    postcode: str | None = text(nullable=True)
    street: str | None = text(nullable=True)
    street_extra: str | None = text(nullable=True)
    longitude: float | None = Field(default=None, sa_type=Double, nullable=True)
    latitude: float | None = Field(default=None, sa_type=Double, nullable=True)
    opening_hours: str | None = text(nullable=True)
    accessibility_url: str | None = text(nullable=True)
    networks: list[str] = Field(sa_type=ARRAY(Text))
    source: str = text()
    source_id: str | None = text(nullable=True)
    source_url: str | None = text(nullable=True)
    updated_on: date
    ended_on: date | None = None


class Service(SQLModel, table=True):
    """What a partner offers: to which needs and publics, where, when, how."""

    __table_args__ = {"schema": "directory"}

    id: UUID = key()
    partner_id: UUID
    address_confidential: bool
    name: str = text()
    description: str = text()
    service_type: str | None = text(nullable=True)
    needs: list[str] = Field(sa_type=ARRAY(Text))
    thematics: list[str] = Field(sa_type=ARRAY(Text))
    publics: list[str] = Field(sa_type=ARRAY(Text))
    public_details: str | None = text(nullable=True)
    conditions: str | None = text(nullable=True)
    areas: list[str] = Field(sa_type=ARRAY(Text))
    fees: str | None = text(nullable=True)
    fees_details: str | None = text(nullable=True)
    reception_modes: list[str] = Field(sa_type=ARRAY(Text))
    reach_modes: list[str] = Field(sa_type=ARRAY(Text))
    reached_by: list[str] = Field(sa_type=ARRAY(Text))
    how_to_reach: str | None = text(nullable=True)
    reach_url: str | None = text(nullable=True)
    contact_name: str | None = text(nullable=True)
    capacity_note: str | None = text(nullable=True)
    capacity_on: date | None = None
    phone: str | None = text(nullable=True)
    email: str | None = text(nullable=True)
    departement_code: str | None = text(nullable=True)
    commune_code: str | None = text(nullable=True)
    municipality: str | None = text(nullable=True)
    postcode: str | None = text(nullable=True)
    street: str | None = text(nullable=True)
    street_extra: str | None = text(nullable=True)
    longitude: float | None = Field(default=None, sa_type=Double, nullable=True)
    latitude: float | None = Field(default=None, sa_type=Double, nullable=True)
    opening_hours: str | None = text(nullable=True)
    weekly_hours: float | None = Field(default=None, sa_type=Double, nullable=True)
    duration_weeks: int | None = None
    source: str = text()
    source_id: str | None = text(nullable=True)
    source_url: str | None = text(nullable=True)
    updated_on: date
    ended_on: date | None = None
