"""The share of each caller: so many requests a minute, counted by ``limits``; in this process, or for several at once.

A person and a piece of software are counted by account, whoever gives no token by where they come from.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog
from limits import RateLimitItem
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from pydantic import SecretStr
from sqlalchemy import Integer, LargeBinary, column, func, select

from app.database import Lane
from app.settings import QuotaSettings
from app.statements import given

_log = structlog.get_logger("relais.quotas")

POLICY: Final = "default"
"""The name of the one policy that applies to a caller (draft-ietf-httpapi-ratelimit-headers)."""
MOST_CALLERS: Final = 10_000
"""Callers counted at once; beyond, the one seen longest ago is forgotten."""
MEMORY, POSTGRESQL = "memory", "postgresql"
PUBLIC_LANES: Final = ("authentication", "answering")
"""Those that serve whoever gives no token."""

_spent = func.access.spend_quota(
    given("key", LargeBinary), given("cost", Integer), given("seconds", Integer)
).table_valued(column("spent"), column("resets_at"))
SPEND = select(_spent.c.spent, _spent.c.resets_at)


class Ledger(Storage):
    """What each caller has spent, in the memory of this process.

    The store of the library looks at every caller at each request: 3 ms when there are ten thousand.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._accounts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the store itself may raise: nothing of its own."""
        return StorageError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count requests in the window of a caller, which opens with the first."""
        spent = await self.get(key)
        self.enter(key, spent + amount, self._accounts[key][1] if spent else time.time() + expiry)
        return spent + amount

    async def get(self, key: str) -> int:
        """What was counted in the present window."""
        spent, until = self._accounts.get(key, (0, 0.0))
        return spent if time.time() < until else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._accounts.get(key, (0, time.time()))[1]

    def enter(self, key: str, spent: int, until: float) -> None:
        """Write down what a caller has spent, and until when."""
        self._accounts[key] = (spent, until)
        self._accounts.move_to_end(key)
        if len(self._accounts) > MOST_CALLERS:
            self._accounts.popitem(last=False)

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int:
        """Forget everything; how many callers that was."""
        forgotten = len(self._accounts)
        self._accounts.clear()
        return forgotten

    async def clear(self, key: str) -> None:
        """Forget one caller."""
        self._accounts.pop(key, None)


class SharedLedger(Ledger):
    """What each caller has spent in every process, counted by PostgreSQL in one round trip; last known here."""

    STORAGE_SCHEME = None

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._lane = lane

    def serving(self, account: Hashable) -> SharedLedger:
        """The same ledger, asked in the turns of this caller."""
        ledger = copy.copy(self)
        ledger._lane = self._lane.serving(account)
        return ledger

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count requests where every process does."""
        digest = hashlib.sha256(key.encode()).digest()
        found = await self._lane.alone(SPEND, key=digest, cost=amount, seconds=expiry)
        self.enter(key, found["spent"], found["resets_at"].timestamp())
        return int(found["spent"])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is counted: an account, or a source; and the lane that serves it, if it has one of its own."""

    kind: Literal["person", "software", "anonymous"]
    account: Hashable
    lane: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """What a caller has left."""

    granted: bool
    most: int
    window: int
    remaining: int
    resets_in: int

    @property
    def headers(self) -> Mapping[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes it."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.most};w={self.window}',
            "RateLimit": f'"{POLICY}";r={self.remaining};t={self.resets_in}',
        }


class Quotas:
    """The counts of one process: in its memory, or in the store that it shares with others."""

    def __init__(self, most: QuotaSettings, *, store: SecretStr, secret: bytes | None) -> None:
        said = store.get_secret_value()
        self._most = most
        self._secret = secret or b""
        self._here = FixedWindowRateLimiter(Ledger())
        self._elsewhere = None if said in (MEMORY, POSTGRESQL) else FixedWindowRateLimiter(_reached(said))
        self._ledgers: dict[str, SharedLedger] = {}
        self._shares = said == POSTGRESQL
        if said != MEMORY and secret is None:
            raise RuntimeError("RELAIS_QUOTA_STORE demande RELAIS_CURSOR_KEY, ou RELAIS_REFRESH_KEY")

    def connect(self, lanes: Mapping[str, Lane]) -> None:
        """Where PostgreSQL counts for several processes: each caller by the lane that serves it."""
        if self._shares:
            self._ledgers = {name: SharedLedger(lane) for name, lane in lanes.items()}

    async def spend(self, caller: Caller) -> Share:
        """Count one request of a caller."""
        try:
            return await self._spend(self._limiter(caller), caller)
        except StorageError:
            # A store beside PostgreSQL is away: nobody is turned away for it, nor left uncounted.
            _log.warning("quota_store_away", consequence="compté par ce processus seul")
            return await self._spend(self._here, caller)

    def _limiter(self, caller: Caller) -> FixedWindowRateLimiter:
        if self._elsewhere is not None:
            return self._elsewhere
        # Without a token where nothing is public, a request meets a 401: no connection is taken to count it.
        lanes = (caller.lane, *PUBLIC_LANES)
        ledger = next((self._ledgers[lane] for lane in lanes if lane in self._ledgers), None)
        return FixedWindowRateLimiter(ledger.serving(caller.account)) if ledger else self._here

    async def _spend(self, limiter: FixedWindowRateLimiter, caller: Caller) -> Share:
        item: RateLimitItem = getattr(self._most, caller.kind)
        # A store holds digests: it cannot tell who came, nor from where.
        name = hmac.digest(self._secret, f"relais/quota/{caller.account}".encode(), hashlib.sha256).hex()
        # What is known to be spent is not asked again: a flood stops here.
        granted = await limiter.test(item, name) and await limiter.hit(item, name)
        resets_at, remaining = await limiter.get_window_stats(item, name)
        window = item.get_expiry()
        resets_in = min(max(math.ceil(resets_at - time.time()), 1), window)
        return Share(granted, item.amount, window, remaining, resets_in)


def _reached(store: str) -> Any:
    try:
        return storage_from_string(f"async+{store}", wrap_exceptions=True)
    except ConfigurationError:
        # What the library says may hold the address, hence a password.
        raise RuntimeError(
            "RELAIS_QUOTA_STORE attend memory, postgresql, ou redis://… si le pilote que demande la bibliothèque limits"
            " est installé (coredis)"
        ) from None
