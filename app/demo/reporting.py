"""The reports and the publications of the demonstration: by its people and by the same services as any other.

Last year's report of a post is written by its social worker, validated and frozen by the coordinator. That of the last
quarter of another post is still a draft. What is over is published, rounded.
"""

from __future__ import annotations

import asyncio
import base64
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from app.background import worker_transaction
from app.demo.stage import Stage
from app.demo.town import POSTS
from app.indicators.figures import EMPLOYER, NATION, POST, UNIT, Perimeter
from app.indicators.periods import period_of
from app.schemas.reports import ReportDraft, ReportPatch
from app.services import publishing, reports
from app.settings import Settings

WRITTEN: Final = ("claire.vasseline", "aubrelle")
VALIDATED_BY: Final = "bernard.quintrel"
UNFINISHED: Final = ("agathe.lisieul", "lisse")
PATIENCE: Final = 60
"""Seconds that PostgreSQL may take for one perimeter."""


async def report_all(stage: Stage, settings: Settings, *, today: date) -> None:
    """Write, freeze, publish. Without the key that draws the rounding nothing is frozen, nor published."""
    said = tomllib.loads(Path(__file__).with_name("commentary.toml").read_text(encoding="utf-8"))
    await _written(stage, *UNFINISHED, last_quarter(today), said["quarterly"])
    report_id = await _written(stage, *WRITTEN, str(today.year - 1), said["annual"])
    if settings.statistics_key is None:
        return
    key = base64.b64decode(settings.statistics_key.get_secret_value())
    async with stage.act(VALIDATED_BY, "report:change") as writing:
        await reports.validate(writing, report_id)
        await reports.freeze(writing, key, report_id)
    if url := settings.database_url.get("worker"):
        await _published(url.get_secret_value(), key, stage.ids, today)


async def _published(url: str, key: bytes, ids: dict[tuple[str, str], UUID], today: date) -> None:
    """Last year for every perimeter; the other periods, for those of one post and for the nation, beside.

    The first start is waited for: « relais statistics publish » does the rest, for whoever wants it.
    """
    post = WRITTEN[1]
    employer, (unit, *_) = POSTS[post][1], POSTS[post][2]
    owned = {"employer_id": ids["employer", employer]}
    places: list[tuple[Perimeter, dict[str, Any]]] = [
        (Perimeter(POST, str(ids["post", post]), ""), owned),
        (Perimeter(EMPLOYER, str(ids["employer", employer]), ""), owned),
        (Perimeter(UNIT, str(ids["unit", unit]), ""), {"unit_id": ids["unit", unit]}),
        (Perimeter(NATION, "", ""), {}),
    ]

    async def year() -> None:
        async with worker_transaction(url, patience=PATIENCE) as writing:
            await publishing.publish(writing, period_of(str(today.year - 1), today=today), key=key)

    async def others() -> None:
        async with worker_transaction(url, patience=PATIENCE) as writing:
            for code in published_besides(today):
                for perimeter, owners in places:
                    await publishing.publish_one(writing, period_of(code, today=today), perimeter, owners, key=key)

    await asyncio.gather(year(), others())


def last_quarter(today: date) -> str:
    """The last quarter that is over."""
    number = (today.month - 1) // 3
    return f"{today.year}-Q{number}" if number else f"{today.year - 1}-Q4"


def published_besides(today: date) -> list[str]:
    """The year before last, to compare with; the quarters of last year, and the last that is over."""
    quarters = [f"{today.year - 1}-Q{number}" for number in (1, 2, 3, 4)]
    return list(dict.fromkeys((str(today.year - 2), *quarters, last_quarter(today))))


async def _written(stage: Stage, who: str, post: str, period: str, commentary: dict[str, Any]) -> UUID:
    draft = ReportDraft(period=period, perimeter=f"post:{stage.ids['post', post]}")
    async with stage.act(who, "report:add") as writing:
        report_id = await reports.draft(writing, **draft.model_dump())
    patch = ReportPatch(commentary={code: text.strip() for code, text in commentary.items()})
    async with stage.act(who, "report:change") as writing:
        await reports.comment(writing, report_id, **patch.said())
    return report_id
