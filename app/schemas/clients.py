"""The software of partners, as administrators register it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.accounts import AccountState
from app.schemas.base import Draft, Shown
from app.schemas.directory_texts import OnceEach
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import ShortText

Scope = Annotated[str, Field(max_length=40, pattern="^[a-z_]+:[a-z]+$")]


class ClientDraft(Draft):
    """Software to register: the partner it works for, and the only scopes it will ever have."""

    id: ClientMadeId = drawn_here
    name: ShortText
    partner_id: UUID
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20), OnceEach]


class ClientShown(Shown):
    """Software of a partner."""

    id: UUID
    client_id: str
    name: str
    partner_id: UUID
    client_scopes: list[str]
    state: AccountState
    created_at: datetime
    proposed_by: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None


class ClientPage(Shown):
    """A page of software."""

    items: list[ClientShown]
    next_cursor: str | None
