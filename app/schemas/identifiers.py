"""The identifier that a client may give to what it creates: offline, it names the row before it can send it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.identifiers import drawn_at, new_id

_FIRST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(hours=24)
"""How far a client's clock may be fast."""


def _client_made(value: UUID) -> UUID:
    try:
        drawn = drawn_at(value)
    except (ValueError, OverflowError, OSError):
        drawn = None
    if drawn is None or not _FIRST <= drawn <= datetime.now(UTC) + _AHEAD:
        raise PydanticCustomError("client_made_id_expected", "client_made_id_expected")
    return value


ClientMadeId = Annotated[
    UUID,
    AfterValidator(_client_made),
    Field(
        description="Identifiant de ce qui est créé, si le client le choisit (UUIDv7) ; tiré ici sinon.",
        json_schema_extra={
            "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
        },
    ),
]
"""An identifier that the client drew (UUIDv7), since 2020, a day ahead of our clock at most."""

drawn_here: Any = Field(default_factory=new_id)
"""``id: ClientMadeId = drawn_here`` in a draft: of what the client does not name, the identifier is drawn here."""
