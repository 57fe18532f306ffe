"""How to call the routes of figures and of activity reports: of the shared post, which serves the unit « north »."""

from __future__ import annotations

from typing import Any

from tests.access.calling import Way, on, way
from tests.access.walking import Ground

S, R = "/v1/statistics", "/v1/reports"
ONE_R, LINE = f"{R}/{{report_id}}", f"{S}/external-codes/T3/victim"
CODE = {"external_code": "B12", "external_label": "Victimes"}
OVER = "period=2026-Q1"
"""A quarter that is over, of which nothing is published: who reads published figures is told so, in 200."""

drafted, validated, frozen = on("drafted_report"), on("validated_report"), on("frozen_report")


def _figures(path: str, more: str = "") -> Way:
    """Figures of the post: exact for who holds it and for its employer; for the others, what was published of it."""

    async def asked(ground: Ground) -> str:
        return f"{S}/{path}?{OVER}&perimeter=post:{ground.house.ids['shared_post']}{more}"

    return way("statistics:count", asked)


async def _report(ground: Ground) -> Any:
    return ground.activity_report()


async def _written(ground: Ground) -> Any:
    """The code of a line that has one already, whoever walked here first."""
    answer = await (await ground.house("coordinator")).put(LINE, json=CODE, headers={"If-None-Match": "*"})
    assert answer.status_code in (201, 412), answer.text
    return CODE


WAYS_OF_STATISTICS: dict[str, Way] = {
    f"GET {S}/grid": _figures("grid"),
    f"GET {S}/grid/document": _figures("grid/document", "&format=csv"),
    f"GET {S}/indicators": _figures("indicators"),
    f"GET {S}/indicators/{{code}}": _figures("indicators/share_women"),
    f"GET {S}/publications": way("statistics:count", tail=f"{S}/publications"),
    f"GET {S}/external-codes": way("external_code:read", tail=f"{S}/external-codes"),
    f"PUT {S}/external-codes/{{table_code}}/{{line_code}}": way(
        "external_code:add", tail=LINE, json=_written, headers={"If-Match": "*"}
    ),
    f"GET {R}": way("report:read", tail=R),
    f"POST {R}": way("report:add", status=201, tail=R, json=_report, of="report:add"),
    f"GET {ONE_R}": way("report:read", frozen),
    f"GET {ONE_R}/document": way("report:read", frozen, tail="/document?format=pdf"),
    f"PATCH {ONE_R}": way(
        "report:change", drafted, seen=True, column="commentary", json={"commentary": {"highlights": "Un mot."}}
    ),
    f"POST {ONE_R}/validate": way("report:change", drafted, tail="/validate", column="validated_at"),
    f"POST {ONE_R}/freeze": way("report:change", validated, tail="/freeze", column="validated_at"),
}
