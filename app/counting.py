"""What ``relais statistics`` does: publish a closed period, recount a frozen report from its records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from app.background import worker_transaction
from app.errors import NotFound, Problem
from app.messages import field_sentence, problem_sentence
from app.refusal import CannotRun
from app.services import publishing, verifying
from app.services.statistics import asked_period

PATIENCE: Final = 1800
"""Seconds that PostgreSQL may count for one perimeter: a whole nation, for a year."""


async def publish_period(url: str, key: bytes, period: str, advance: Callable[[int, int], None]) -> int:
    """Publish every perimeter of a closed quarter or year. Returns how many versions were added."""
    try:
        async with worker_transaction(url, patience=PATIENCE) as writing:
            return await publishing.publish(writing, asked_period(period), key=key, advance=advance)
    except Problem as problem:
        raise CannotRun(_told(problem)) from None


async def verify_report(url: str, report_id: UUID) -> list[str]:
    """Every cell of a frozen report that its records no longer give, one sentence each."""
    try:
        async with worker_transaction(url, patience=PATIENCE) as reading:
            return [each.said() for each in await verifying.differences(reading, report_id)]
    except NotFound:
        raise CannotRun("Aucun rapport figé ne porte cet identifiant.") from None


def _told(problem: Problem) -> str:
    said = [problem_sentence(problem.code, "fr")] if not problem.errors else []
    return "\n".join([*said, *(field_sentence(each.code, "fr", dict(each.limits)) for each in problem.errors)])
