"""My own sessions."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.schemas.base import Shown

Method = Literal[
    "password", "password_totp", "password_recovery_code", "institution", "client_secret", "client_key"
]  # fmt: skip


class MySessionShown(Shown):
    """One of my living sessions: from which application, proved how, until when."""

    id: UUID
    client_id: str
    method: Method
    shared_workstation: bool
    opened_at: datetime
    authenticated_at: datetime
    idle_until: datetime
    expires_at: datetime
    current: bool


class MySessions(Shown):
    """Every living session of mine."""

    items: list[MySessionShown]
