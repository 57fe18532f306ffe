"""Before anything is timed: do the three stacks say the same thing?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from benchmarks.cases import CASES, STACKS, Asked, Case
from benchmarks.data import Worker

Call = Callable[[str, Asked], Awaitable[tuple[int, bytes]]]
SAMPLE = 5
# Its own in each stack: what the row just made was called, and when. A cursor is opaque, but there is one or not.
OWN = {"id", "recorded_at", "written_at"}


class Disparity(AssertionError):  # noqa: N818 — read as a sentence
    """Two stacks do not answer alike: their times could not be compared."""


def comparable(case: Case, body: Any) -> Any:
    """What should be equal in an answer."""
    if "next_cursor" in body:
        return {**body, "next_cursor": body["next_cursor"] is not None}
    return body if case.same_body else {name: value for name, value in body.items() if name not in OWN}


async def check(call: Call, workers: Sequence[Worker], *, stacks: Sequence[str] = STACKS) -> int:
    """Compare a few answers of each case; returns how many. ``Disparity`` at the first difference."""
    compared = 0
    for case in CASES:
        # The plain search knows no sounds: it finds other persons.
        alike = [stack for stack in stacks if case.name != "search" or stack != "plain"]
        for asked in case.asked(list(workers))[:SAMPLE]:
            answers = {}
            for stack in alike:
                status, body = await call(stack, asked)
                if not 200 <= status < 300:
                    raise Disparity(f"{stack}, {case.name}: {status} {body[:400]!r}")
                answers[stack] = (status, comparable(case, json.loads(body)))
            first = alike[0]
            for stack in alike[1:]:
                if answers[stack] != answers[first]:
                    raise Disparity(f"{case.name}: {stack} says {answers[stack]}\n{first} says {answers[first]}")
                compared += 1
    return compared
