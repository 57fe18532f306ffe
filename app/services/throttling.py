"""The brake on attempts, kept in PostgreSQL for all processes: counted before anything is verified; never a lock."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import LargeBinary, func, select

from app.access.sources import site_of
from app.errors import TooMany
from app.services.sessions import Keys, trace
from app.statements import given
from app.transactions import Writing

KEYS = (given("account_key", LargeBinary), given("source_key", LargeBinary))
ATTEMPT = select(func.access.attempt(*KEYS).label("wait"))
SUCCEEDED = select(func.access.attempt_succeeded(*KEYS).label("done"))


class Aim:
    """What an attempt aims at, and where it comes from, as keyed digests."""

    def __init__(self, keys: Keys, source: str, *, account: str) -> None:
        self.account_key = keys.digest("account", account)
        self.source_key = keys.digest("source", site_of(source))

    async def attempt(self, writing: Writing, account_id: UUID | None) -> int:
        """Count one more attempt. Returns the seconds to wait: 0 when it may take place."""
        row = await writing.row(ATTEMPT, account_key=self.account_key, source_key=self.source_key)
        wait: int = row["wait"]
        if wait:
            await trace(writing, account_id, None, "throttled", "refused")
        return wait

    async def succeeded(self, writing: Writing, *, attempts: int = 1) -> None:
        """The identity is proved: the account starts again from nothing, its source is relieved of these attempts.

        Of these and no more: whoever has an account must not wash the failures of the next desk, nor her own guesses.
        """
        for _ in range(attempts):
            await writing.row(SUCCEEDED, account_key=self.account_key, source_key=self.source_key)


def refuse_while(wait: int) -> None:
    """429 while there are seconds to wait; once the transaction that counted is over, never inside it."""
    if wait:
        raise TooMany(retry_after=wait)
