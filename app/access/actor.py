"""Who asks: identity, role and scopes, read from a verified token. Postings are PostgreSQL's to know."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of one request."""

    account_id: UUID
    session_id: UUID
    role: str
    scopes: frozenset[str]
    software: bool = False
    """Software that holds a key of its own, not a person; its tokens are shorter-lived."""

    @classmethod
    def nobody(cls, role: str) -> Actor:
        """The service itself, on a lane without a person."""
        return cls(NIL, NIL, role, frozenset())
