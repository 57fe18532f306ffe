"""When to try again: at once, then further and further apart, for about three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import Final

GIVES_UP_AFTER: Final = timedelta(days=3)
"""Nothing is tried that should have been three days ago; a subscription that fails for as long is paused."""
DELAYS: Final = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""After the first failure, the second… and after the tenth, no more."""
TRIES: Final = len(DELAYS) + 1
JITTER: Final = 0.1
ASKED_TO_WAIT: Final = frozenset({429, 502, 503, 504})
LONGEST_WAIT: Final = timedelta(hours=24)

_random = SystemRandom()


def next_attempt(
    tries: int, *, at: datetime, status: int | None = None, retry_after: str | None = None
) -> datetime | None:
    """When to try again after so many tries; ``None`` when it is given up."""
    if tries >= TRIES:
        return None
    delay = DELAYS[tries - 1] * _random.uniform(1, 1 + JITTER)
    if status in ASKED_TO_WAIT:
        delay = max(delay, _asked(retry_after, at))
    return at + delay


def _asked(retry_after: str | None, at: datetime) -> timedelta:
    """How long a receiver asks us to wait (RFC 9110): seconds or a date; a day at most, none when it is unreadable."""
    said = (retry_after or "").strip()
    try:
        if said.isascii() and said.isdigit():
            return timedelta(seconds=min(int(said), LONGEST_WAIT.total_seconds()))
        until = parsedate_to_datetime(said)
        asked = until.replace(tzinfo=until.tzinfo or UTC) - at
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return min(max(asked, timedelta(0)), LONGEST_WAIT)
