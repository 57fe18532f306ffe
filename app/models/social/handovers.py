"""Circle ``social``: what a handover hands over."""

from uuid import UUID

from sqlmodel import Field, SQLModel


class HandoverItem(SQLModel, table=True):
    """One participation of a handover, and whether the author's notes go along."""

    __tablename__ = "handover_item"
    __table_args__ = {"schema": "social"}

    handover_id: UUID = Field(primary_key=True)
    post_id: UUID = Field(primary_key=True)
    participation_id: UUID = Field(primary_key=True)
    notes_go_along: bool
