"""The proportions of the demonstration: those of the study of the trade (domain 1.7), or inferred where it has none.

Everything that is drawn here is invented. The test of these proportions counts what was loaded.
"""

from __future__ import annotations

from math import log
from random import Random
from typing import Any, Final

SEED: Final = 103

# Where people come from: 75 % units, 12 % themselves, 8 % social partners, 5 % others. ``None`` is a unit.
SOURCES: Final[dict[str | None, int]] = {
    None: 75, "self_referral": 12, "departmental_social_service": 5, "ccas_cias": 3, "iscg_log_reading": 5,
}  # fmt: skip
INTERVIEWS: Final = {0: 20, 1: 40, 2: 18, 3: 10, 4: 7, 6: 5}
KNOWN: Final = {
    "unknown_to_services": 50, "known_other_reason": 19, "known_same_reason": 11, "currently_followed": 16,
    "not_recorded": 4,
}  # fmt: skip
ON_THE_TELEPHONE: Final = 0.6
"""Of interviews."""
WOMEN_AMONG_THE_ACCUSED: Final = 0.12
# Nothing is published on the ages of adults: a pyramid that looks like one.
AGES: Final = {(18, 24): 14, (25, 34): 27, (35, 44): 27, (45, 54): 17, (55, 64): 9, (65, 74): 4, (75, 88): 2}
MINORS: Final = {(3, 11): 30, (12, 14): 30, (15, 17): 40}
THE_OLD: Final = {(65, 74): 40, (75, 92): 60}


def lognormal(rng: Random, *, median: float, tenth: float) -> float:
    """A duration of this median, which one in ten exceeds ``tenth``."""
    return rng.lognormvariate(log(median), log(tenth / median) / 1.2816)


def first_contact_days(rng: Random) -> int:
    """Working days to the first contact: median 2, ninth decile 10."""
    return min(round(lognormal(rng, median=2, tenth=10)), 45)


def follow_up_days(rng: Random) -> int:
    """From opening to closing: median three weeks, one in ten above four months."""
    return min(max(round(lognormal(rng, median=21, tenth=122)), 1), 300)


def picked(rng: Random, shares: dict[Any, Any]) -> Any:
    """One key, by its share."""
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def is_female(rng: Random, family: dict[str, Any], status: str) -> bool:
    """Women are three persons in four; those accused are mostly men."""
    return rng.random() < (WOMEN_AMONG_THE_ACCUSED if "alleged_perpetrator" in status else family["women"])


def age(rng: Random, family: dict[str, Any]) -> int:
    """Years, of a person whom this kind of case brings."""
    bands = MINORS if family.get("minor") else THE_OLD if family.get("old") else AGES
    return rng.randint(*picked(rng, bands))
