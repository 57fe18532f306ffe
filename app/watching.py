"""What a process notices of itself: counters for the operator, alarms for whoever watches. Numbers, never a name.

Labels are templates of routes, names of lanes and kinds of alarms: a closed list each. An alarm is told once a window
for an account, in the log, by the account's identifier; the counters do not say whose it is.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from app.references.working_days import is_working_nationwide

_log = structlog.get_logger("relais.watching")

PARIS: Final = ZoneInfo("Europe/Paris")
HOUR, TEN_MINUTES, NIGHT = 3600.0, 600.0, 12 * 3600.0
OPENS, CLOSES = 7, 20
AT_ANY_HOUR: Final = frozenset({"police_officer", "unit_commander"})
"""Their units never close: reading at night says nothing."""
MOST_ACCOUNTS: Final = 2000
"""Accounts remembered by one window; beyond, the one seen longest ago is forgotten."""
SPRAYED: Final = 50
"""Wrong passwords in ten minutes, all accounts together."""
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
KINDS: Final = (
    "many_subjects", "off_hours", "repeated_refusals", "database_refusal", "no_live_session", "broken_seal",
    "sign_in_throttled", "sign_in_spray", "webhook_failing", "webhook_gone",
)  # fmt: skip
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Window:
    """How many distinct things each account met lately; bounded, whatever comes."""

    def __init__(self, *, seconds: float, threshold: int, clock: Callable[[], float]) -> None:
        self._seconds, self._threshold, self._clock = seconds, threshold, clock
        self._met: OrderedDict[object, OrderedDict[object, float]] = OrderedDict()
        self._told: dict[object, float] = {}

    def __len__(self) -> int:
        return sum(len(each) for each in self._met.values())

    def meets(self, account: object, thing: object) -> bool:
        """One more; true when the threshold is reached, once a window."""
        moment = self._clock()
        met = self._met.pop(account, None) or OrderedDict()
        self._met[account] = met
        met.pop(thing, None)
        met[thing] = moment
        while len(met) > self._threshold or moment - next(iter(met.values())) >= self._seconds:
            met.popitem(last=False)
        if len(self._met) > MOST_ACCOUNTS:
            forgotten, _ = self._met.popitem(last=False)
            self._told.pop(forgotten, None)
        if len(met) < self._threshold or moment - self._told.get(account, float("-inf")) < self._seconds:
            return False
        self._told[account] = moment
        return True


class Watch:
    """The counters and windows of one process."""

    def __init__(
        self,
        *,
        most_subjects: int = 60,
        most_refusals: int = 10,
        clock: Callable[[], float] = time.monotonic,
        local_time: Callable[[], datetime] = lambda: datetime.now(PARIS),
    ) -> None:
        self._local_time = local_time
        self._subjects = Window(seconds=HOUR, threshold=most_subjects, clock=clock)
        self._refusals = Window(seconds=TEN_MINUTES, threshold=most_refusals, clock=clock)
        self._off_hours = Window(seconds=NIGHT, threshold=1, clock=clock)
        self._wrong: deque[float] = deque(maxlen=SPRAYED)
        self._nobodys = Window(seconds=TEN_MINUTES, threshold=1, clock=clock)
        self._clock = clock
        # A registry of its own: the default one describes the machine.
        self._registry = registry = CollectorRegistry()
        self._alarms = Counter("relais_alarms", "Alarmes, par sorte.", ["kind"], registry=registry)
        for kind in KINDS:
            self._alarms.labels(kind)
        self._requests = Counter(
            "relais_requests", "Réponses, par route.", ["route", "method", "status"], registry=registry
        )
        self._durations = Histogram(
            "relais_request_seconds", "Durée des réponses.", ["route"], registry=registry, buckets=SECONDS
        )
        self._waits = Histogram(
            "relais_pool_wait_seconds", "Attente d'une connexion.", ["lane"], registry=registry, buckets=SECONDS
        )

    def page(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)

    def gauge(self, name: str, said: str, read: Callable[[], float]) -> None:
        """One more figure, read when asked."""
        Gauge(name, said, registry=self._registry).set_function(read)

    def answered(self, route: str | None, method: str, status: int | None, seconds: float) -> None:
        """A request has had its answer, or none."""
        said = route or "unmatched"
        family = f"{status // 100}xx" if status else "none"
        self._requests.labels(said, method if method in METHODS else "other", family).inc()
        self._durations.labels(said).observe(seconds)

    def waited(self, lane: str, seconds: float) -> None:
        """A request has waited for a connection of its lane."""
        self._waits.labels(lane).observe(seconds)

    def read(self, account: UUID, role: str, subject: UUID | None) -> None:
        """An account has read what is traced."""
        if subject is not None and self._subjects.meets(account, subject):
            self.alarm("many_subjects", account=account)
        if role not in AT_ANY_HOUR and self._closed() and self._off_hours.meets(account, None):
            self.alarm("off_hours", account=account)

    def refused(self, account: UUID) -> None:
        """An account was refused, or looked for what it may not see."""
        if self._refusals.meets(account, object()):
            self.alarm("repeated_refusals", account=account)

    def wrong_password(self) -> None:
        """Somebody gave a wrong password; many, on any accounts, are a spray."""
        moment = self._clock()
        self._wrong.append(moment)
        if len(self._wrong) == SPRAYED and moment - self._wrong[0] < TEN_MINUTES:
            self._wrong.clear()
            self.alarm("sign_in_spray")

    def alarm(self, kind: str, *, account: UUID | None = None) -> None:
        """Count an alarm, and tell it; one that is nobody's, once in ten minutes."""
        self.count(kind)
        if account is not None:
            _log.warning("alarm", alarm=True, kind=kind, account=str(account))
        elif self._nobodys.meets(kind, None):
            _log.warning("alarm", alarm=True, kind=kind)

    def count(self, kind: str) -> None:
        """Count an alarm that is told elsewhere."""
        self._alarms.labels(kind).inc()

    def _closed(self) -> bool:
        moment = self._local_time()
        return not (OPENS <= moment.hour < CLOSES and is_working_nationwide(moment.date()))
