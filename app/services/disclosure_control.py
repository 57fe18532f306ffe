"""Statistical disclosure control: what a figure becomes before it leaves the people who may see it exact.

Cell-key random rounding. Each record has a key, a cell has the sum of its records' keys, and that sum alone draws
which of the two nearest multiples is published. The same records always give the same figure, so that asking again
teaches nothing; other records give another draw, so that subtracting two figures teaches little. Suppression with
exact margins, which this replaces, is undone by one subtraction.

Pure functions. The method is that of the *Handbook on Statistical Disclosure Control* (Eurostat, cell key and random
rounding); the thresholds of 11 follow the rule of the Insee for tax data on individuals. Reasons, measures and limits:
``docs/decisions/0024-published-figures-are-rounded.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle
from uuid import UUID

COMMITTEE_BASE = 5  # unit commander, steering committee, observatory
PUBLIC_BASE = 10  # everybody. Twice the other: that is what makes the two nest, see ``rounded``
SHARE_ABOVE = 20
QUANTILE_ABOVE = 10
PERIMETER_ABOVE = 50
MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)

KEY_BYTES = 32
BLOCK = 64  # of SHA-256, RFC 2104
MODULUS = 1 << 32

# ``record_key`` as PostgreSQL 15 to 18 computes it for the uuid named in its place: a bigint, 0 to 2**32 - 1. HMAC is
# by hand, only sha256 being built in. ``ipad`` and ``opad`` are worth the key itself: bound parameters, never text.
RECORD_KEY_SQL = (
    "cast(cast('x' || left(encode(sha256(cast(:opad as bytea) || sha256(cast(:ipad as bytea) || uuid_send({record})))"
    ", 'hex'), 8) as bit(32)) as bigint)"
)


@dataclass(frozen=True)
class Contribution:
    """What stands behind one cell, exact.

    ``events`` is what the cell counts (interviews, referrals, minutes); ``persons``, the distinct persons they are
    about; ``key_sum``, the sum of the keys of those persons, each once (reduced modulo 2**32 here, or before);
    ``largest``, what the person with most of them has. An event about nobody known (an anonymous contact) stands
    for its own person. One event may be about several persons: there may be fewer events than persons.
    """

    events: int
    persons: int
    key_sum: int
    largest: int

    def __post_init__(self) -> None:
        if not (self.persons >= 0 and 0 <= self.largest <= self.events <= self.largest * self.persons):
            raise ValueError("une cellule dont les actes, les personnes et le plus grand apport se contredisent")

    @classmethod
    def of_persons(cls, persons: int, key_sum: int) -> Contribution:
        """A cell that counts persons: each weighs one."""
        return cls(events=persons, persons=persons, key_sum=key_sum, largest=min(persons, 1))


@dataclass(frozen=True)
class Rounded:
    """A figure fit to leave: ``value`` is less than one ``rounded_to`` away from the truth, on either side.

    Thresholds and shares take this type and never a bare number, so that none of them looks at an exact count. A zero
    alone may hide more: it is said rounded to the base, since its step would tell that it is not a true zero.
    """

    value: int
    rounded_to: int


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The two blocks of HMAC-SHA256 (``ipad``, ``opad``: 64 bytes each, RFC 2104), for ``RECORD_KEY_SQL``."""
    block = (hashlib.sha256(key).digest() if len(_checked(key)) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def record_key(key: bytes, record: UUID) -> int:
    """The key of one record, 0 to 2**32 - 1: the first 32 bits of HMAC-SHA256(``key``, the 16 bytes of ``record``)."""
    return _first_32_bits(key, record.bytes)


def protected(contribution: Contribution, *, key: bytes, base: int) -> Rounded:
    """The figure this cell publishes: an unbiased random rounding, drawn by the persons behind it. Zero stays zero.

    A cell of persons is rounded to ``base``. A cell of events is rounded to ``base`` times what one person weighs in it
    (see ``_weight``), because it is a person that must not show, not an event: rounded to 5, the interviews of a post
    would betray the coming of anyone who had nine. So fewer than ``base`` persons never publish more than one step,
    and with the draw shared, a cell whose persons round to zero publishes no event either. That costs no bias, where
    erasing the events of the cells whose persons round to zero loses most of what lone persons did.

    The draw depends on the persons only: neither on the base, nor on what is counted, nor on the table, nor on the
    period. Had each its own, near-equal counts (persons, participations) would be as many independent readings of one
    number, and could be averaged.
    """
    step = base * _weight(contribution)
    draw = _first_32_bits(key, b"cell" + (contribution.key_sum % MODULUS).to_bytes(4, "big"))
    value = rounded(contribution.events, step=step, draw=draw)
    return Rounded(value, step if value else base)


def rounded(count: int, *, step: int, draw: int) -> int:
    """``count`` rounded up with a probability of (``count`` mod ``step``) / ``step``, down otherwise.

    ``draw`` is uniform on 0 to 2**32 - 1. The same draw at twice the step nests: knowing the finer value, the coarser
    one is a coin tossed whatever the count was. Who reads what both audiences read knows nothing more than the finer.
    """
    remainder = count % step
    return count - remainder + (step if draw * step < remainder * MODULUS else 0)


def share(numerator: Rounded, denominator: Rounded) -> float | None:
    """A share, 0 to 1, of two published figures; ``None`` unless the denominator is above 20.

    Each was rounded on its own, so a whole may come out below its part: the share stops at 1.
    """
    if denominator.value <= SHARE_ABOVE:
        return None
    return min(numerator.value / denominator.value, 1.0)


def stands_alone(persons: Rounded) -> bool:
    """Whether a perimeter is published for itself: above 50 persons. Otherwise, within its parent only.

    Read on the rounded figure: an exact threshold would tell who crosses it. Fewer than 50 never pass.
    """
    return persons.value > PERIMETER_ABOVE


def quantile(histogram: Mapping[int, int], q: Fraction | float) -> int | float | None:
    """The exact quantile of ``{value: how many times}``; ``None`` of nothing.

    A median is the mean of the two middle values when they are two (as ``statistics.median``). Any other is the nearest
    rank: the smallest value that at least a share ``q`` of the observations do not exceed. Values are zero or more, and
    ``q`` is taken to the hundredth.
    """
    wanted = Fraction(q).limit_denominator(100)
    total = sum(histogram.values())
    if not 0 < wanted <= 1 or min(histogram, default=0) < 0 or min(histogram.values(), default=0) < 0:
        raise ValueError("un quantile entre 0 et 1, de durées et d'effectifs positifs")
    if not total:
        return None
    low = _ranked(histogram, math.ceil(total * wanted))
    if wanted != MEDIAN or total % 2:
        return low
    high = _ranked(histogram, total // 2 + 1)
    return low if low == high else (low + high) / 2


def protected_quantile(
    histogram: Mapping[int, int], q: Fraction | float, *, persons: Rounded, base: int
) -> Rounded | None:
    """The quantile to publish: the middle of the narrowest class that holds it and at least ``base`` observations.

    An exact median is the value of one or two persons, and moves when anybody comes: of eleven durations, subtracting
    sees her 99 times in 100. Classes are 1, 5, 10, 50, 100… wide, each inside the next, so that what the committee and
    the public read never narrow each other. ``rounded_to`` is the width: most delays of a year keep their day.

    ``None`` under 11 observations, or unless ``persons``, the published number of people behind them, is above 10.
    """
    exact, total = quantile(histogram, q), sum(histogram.values())
    if exact is None or total <= QUANTILE_ABOVE or persons.value <= QUANTILE_ABOVE:
        return None
    width, wider = 1, cycle((5, 2))
    while sum(times for value, times in histogram.items() if value // width == exact // width) < min(base, total):
        width *= next(wider)
    return Rounded(int(exact // width) * width + width // 2, width)


def _weight(contribution: Contribution) -> int:
    """What one person weighs in this cell: 1, or the mean, or a fifth of the largest, whichever is most.

    The fifth of the largest makes a committee step no smaller than what anyone has: nobody can be subtracted alone, nor
    read in a cell she dominates. Taken up to 1, 2, 5, 10, 20, 50… because the step is seen: of a lone person, the
    mean would be her own count. The same for both audiences, whose steps must stay in a ratio of two.
    """
    if not contribution.persons:
        return 1
    least = max(1, -(-contribution.events // contribution.persons), -(-contribution.largest // COMMITTEE_BASE))
    power = int("1" + "0" * (len(str(least)) - 1))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least)


def _ranked(histogram: Mapping[int, int], rank: int) -> int:
    """The value at this rank, from 1, in increasing order."""
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= rank:
            return value
    raise ValueError("un rang au-delà des observations")


def _first_32_bits(key: bytes, message: bytes) -> int:
    return int.from_bytes(hmac.digest(_checked(key), message, "sha256")[:4], "big")


def _checked(key: bytes) -> bytes:
    """An empty key would let anybody compute every draw."""
    if len(key) < KEY_BYTES:
        raise ValueError("la clé des statistiques doit faire au moins 32 octets")
    return key
