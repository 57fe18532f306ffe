"""What is counted and reported of that day: a report frozen, a draft, the code of a line; nothing is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.access.walking import Call
from tests.house_for_tests import House

if TYPE_CHECKING:
    from tests.access.planting import Planted

DRAFTED = "Brouillon relu au café de Kergloff."
TOLD = "Trois permanences tenues à Trévarez."
CODE = "KODENN-7"
EXACT = ("exacts à usage interne", "exacts, à usage interne")
"""Said of every exact figure, on the wire and in print."""
FORMATS = ("csv", "xlsx", "pdf")


async def plant_statistics(house: House, planted: Planted) -> None:
    """The worker opens both reports; the coordinator freezes one, and keeps the codes."""
    worker, coordinator = await house("worker"), await house("coordinator")

    async def done(client: Any, method: str, path: str, draft: Any = None, **headers: str) -> Any:
        answer = await client.request(method, path, json=draft, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    for period, group, words in (("2026-Q1", "frozen_report", TOLD), ("2026-Q2", "draft", DRAFTED)):
        said = {"period": period, "perimeter": f"post:{house.ids['shared_post']}"}
        report = (await done(worker, "POST", "/v1/reports", said))["id"]
        path = f"/v1/reports/{planted.name('report_id', report, f'{group}_ids')}"
        headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
        await done(worker, "PATCH", path, {"commentary": {"highlights": words}}, **headers)
        planted.put(group, words)
        if group == "frozen_report":
            await done(coordinator, "POST", f"{path}/validate")
            await done(coordinator, "POST", f"{path}/freeze")
    line = ("T3", "victim")
    for name, code in zip(("table_code", "line_code"), line, strict=True):
        planted.name(name, code)
    planted.name("code", "share_women")
    path = f"/v1/statistics/external-codes/{'/'.join(line)}"
    await done(coordinator, "PUT", path, {"external_code": CODE}, **{"If-None-Match": "*"})
    planted.put("external_code", CODE)
    planted.put("exact", *EXACT)


def readings_of_statistics(planted: Planted) -> list[Call]:
    """Every figure that may be asked, exact or published, on the wire and in print; every document of every report."""
    perimeters = [f"post:{planted.ids['post_id'][0]}", f"unit:{planted.ids['unit_id'][0]}"]
    perimeters += [f"employer:{planted.ids['employer_id'][0]}", "departement:28", "zone:police", "national"]
    calls = []
    for perimeter in perimeters:
        for period in ("2026-Q1", "2026-02", "2026"):
            asked = f"period={period}&perimeter={perimeter}"
            calls += [Call("GET", f"/v1/statistics/{what}?{asked}") for what in ("grid", "indicators")]
        calls.append(Call("GET", f"/v1/statistics/indicators/share_women?{asked}"))
        calls += [Call("GET", f"/v1/statistics/grid/document?{asked}&format={kind}") for kind in FORMATS[:2]]
    for report in planted.ids["report_id"]:
        path = f"/v1/reports/{report}/document"
        calls += [Call("GET", f"{path}?format={kind}") for kind in FORMATS]
        calls += [Call("GET", f"{path}?format=csv&audience={audience}") for audience in ("internal", "committee")]
    return calls
