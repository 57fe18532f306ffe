"""What the scene counts, publishes and reports: over HTTP for the shared post, by hand for the employer elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.models.columns import new_id
from tests.access.walking import interview
from tests.house_for_tests import House

QUARTER, NEXT, THIRD = "2026-Q1", "2026-Q2", "2026-Q3"
COMMENTARY = {"highlights": "Un trimestre plein."}


async def _done(client: httpx.AsyncClient, method: str, path: str, draft: Any = None, **headers: str) -> dict[str, Any]:
    answer = await client.request(method, path, json=draft, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def work_of_statistics(house: House, made: dict[str, UUID]) -> dict[str, UUID]:
    """Acts of a quarter that is over; a report frozen, one validated, one still a draft; the code of a line."""
    worker, coordinator = await house("worker"), await house("coordinator")
    for by, participation in ((worker, "participation"), (await house("worker_elsewhere"), "far_participation")):
        await _done(by, "POST", "/v1/interventions", interview(str(made[participation])))
    found = {}
    for name, period in (("frozen_report", QUARTER), ("drafted_report", NEXT), ("validated_report", THIRD)):
        said = {"period": period, "perimeter": f"post:{house.ids['shared_post']}"}
        found[name] = UUID((await _done(worker, "POST", "/v1/reports", said))["id"])
        headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
        await _done(worker, "PATCH", f"/v1/reports/{found[name]}", {"commentary": COMMENTARY}, **headers)
    for act, name in (("validate", "frozen_report"), ("validate", "validated_report"), ("freeze", "frozen_report")):
        await _done(coordinator, "POST", f"/v1/reports/{found[name]}/{act}")
    line = "/v1/statistics/external-codes/T3/victim"
    await _done(coordinator, "PUT", line, {"external_code": "B12"}, **{"If-None-Match": "*"})
    # The grid of both posts has been read: their tallies are there.
    for by, post in (("worker", "shared_post"), ("worker_elsewhere", "other_post")):
        await _done(await house(by), "GET", f"/v1/statistics/grid?period=2026&perimeter=post:{house.ids[post]}")
    return found


REPORT = """
insert into statistics.report (id, employer_id, post_id, perimeter_kind, perimeter_id, period, starts_on, ends_on,
       version, commentary, unit_ids, drafted_by, drafted_at, validated_by, validated_as, validated_at, frozen_by,
       frozen_at)
select $1, $2, $3::uuid, 'post', ($3::uuid)::text, period, starts_on, ends_on,
       version, commentary, array[$4::uuid], $5, drafted_at, $5, validated_as, validated_at, $5, frozen_at
  from statistics.report where id = $6
"""
SNAPSHOT = """
insert into statistics.report_snapshot
select $1, $2, $3::uuid, array[$3::uuid], content, cells, previous_cells, nomenclature_version
  from statistics.report_snapshot where report_id = $4
"""
RELEASE = """
insert into statistics.report_release
select $1, $2, $3, array[$4::uuid], rounded_to, content, released_at from statistics.report_release where report_id = $5
"""
PUBLISH = """
insert into statistics.publication (id, audience, perimeter_kind, perimeter_id, employer_id, unit_id, period, starts_on,
       ends_on, version, rounded_to, nomenclature_version, published_at, cells)
values ($1, $2, $3, $4, $5, $6, '2026-Q1', '2026-01-01', '2026-03-31', 1, case $2 when 'public' then 10 else 5 end,
       'v', now(), '{"T1.persons": [60, 5]}')
"""
# name: (audience, kind, place, employer, unit); places by their names in the scene.
PUBLISHED: dict[str, tuple[str, str, str, str | None, str | None]] = {
    "public_nation": ("public", "national", "", None, None),
    "committee_nation": ("committee", "national", "", None, None),
    "public_departement": ("public", "departement", "28", None, None),
    "committee_departement": ("committee", "departement", "28", None, None),
    "unit_north": ("committee", "unit", "north", None, "north"),
    "unit_faraway": ("committee", "unit", "faraway", None, "faraway"),
    "post": ("committee", "post", "shared_post", "employer", None),
    "employer": ("committee", "employer", "employer", "employer", None),
    "far_post": ("committee", "post", "other_post", "other_employer", None),
    "far_employer": ("committee", "employer", "other_employer", "other_employer", None),
}


async def what_is_published(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """Publications of every level; the report, frozen too, and the code of a line of another employer."""
    await connection.execute("update social.person set municipality = 'chez sa mère, à Dreux'")
    for name, (audience, kind, place, employer, unit) in PUBLISHED.items():
        ids[f"{name}_publication"] = new_id()
        await connection.execute(
            PUBLISH, ids[f"{name}_publication"], audience, kind, str(ids.get(place, place)),
            ids[employer] if employer else None, ids[unit] if unit else None,
        )  # fmt: skip
    far, elsewhere, frozen = new_id(), (ids["other_employer"], ids["far_post"]), ids["frozen_report"]
    ids["far_report"] = far
    await connection.execute(REPORT, far, *elsewhere, ids["faraway"], ids["coordinator_elsewhere"], frozen)
    await connection.execute(SNAPSHOT, far, *elsewhere, frozen)
    await connection.execute(RELEASE, far, *elsewhere, ids["faraway"], frozen)
    await connection.execute(
        "insert into statistics.external_code values ($1, 'T3', 'victim', 'Z9', null, $2, now())",
        ids["other_employer"], ids["coordinator_elsewhere"],
    )  # fmt: skip
