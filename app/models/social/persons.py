"""Persons and their household links."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Computed, Text
from sqlmodel import Field, SQLModel

from app.models.columns import instant, key, text


class Person(SQLModel, table=True):
    """A person as one post knows her."""

    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    last_name: str | None = text(nullable=True, secret=True)
    birth_name: str | None = text(nullable=True, secret=True)
    first_name: str | None = text(nullable=True, secret=True)
    sex: str = text()
    birth_date: date | None = Field(default=None, repr=False)
    birth_date_precision: str | None = text(nullable=True)
    declared_minor: bool | None = None
    phone: str | None = text(nullable=True, secret=True)
    municipality: str | None = text(nullable=True, secret=True)
    household_type: str | None = text(nullable=True)
    housing_status: str | None = text(nullable=True)
    employment_status: str | None = text(nullable=True)
    recorded_at: datetime = instant()
    # PostgreSQL computes these four (alembic/sql/0005); Python never writes them.
    folded_name: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed("social.folded(…)")], repr=False
    )
    last_name_sound: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed("social.sounding(…)")], repr=False
    )
    birth_name_sound: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed("social.sounding(…)")], repr=False
    )
    first_name_sound: str | None = Field(
        default=None, sa_type=Text, sa_column_args=[Computed("social.sounding(…)")], repr=False
    )


class HouseholdLink(SQLModel, table=True):
    """A link noted in one person's file; it does not appear in the other's."""

    __tablename__ = "household_link"
    __table_args__ = {"schema": "social"}

    id: UUID = key()
    post_id: UUID
    person_id: UUID
    other_person_id: UUID
    household_link: str = text()
    ended_at: datetime | None = instant(nullable=True)
