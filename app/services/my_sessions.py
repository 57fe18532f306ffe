"""My own sessions: where I am signed in, and how to end one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, func, select

from app.errors import Conflict, NotFound
from app.statements import given
from app.transactions import Reading, Writing

FACTS = (
    "id", "client_id", "method", "shared_workstation", "opened_at", "authenticated_at", "idle_until", "expires_at",
    "current",
)  # fmt: skip
_mine = func.access.my_sessions().table_valued(*(column(name) for name in FACTS)).alias("f")
MY_SESSIONS = select(*(_mine.c[name] for name in FACTS)).order_by(_mine.c.opened_at.desc(), _mine.c.id.desc())
END_MY_SESSION = select(func.access.end_my_session(given("id", Uuid)).label("ended"))


async def my_sessions(reading: Reading, schema: Any) -> bytes:
    """My living sessions, the newest first, as JSON."""
    return await reading.show_all(MY_SESSIONS, schema)


async def end_my_session(writing: Writing, session_id: UUID) -> None:
    """End one of my other sessions; ``NotFound`` when it is not mine, or has ended."""
    writing.about(session_id)
    if session_id == writing.actor.session_id:
        raise Conflict("session_is_current")
    if not (await writing.row(END_MY_SESSION, id=session_id))["ended"]:
        raise NotFound
