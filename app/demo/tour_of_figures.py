"""The tour, continued: last year's figures, exact for who does the work, rounded for who commands; the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
from rich.table import Table

from app.services.clock import today

if TYPE_CHECKING:
    from pathlib import Path

    from app.demo.tour import Story, Visit

SIDE_BY_SIDE: Final = ("persons", "persons_reached", "referrals", "interviews", "orientations", "anonymous_contacts")
GRID: Final = "/v1/statistics/grid"
REPORT_FILE: Final = "rapport-d-activite.pdf"
STEP: Final = 5


def counted(tour: Visit, story: Story, home: Path) -> None:
    """The same unit and the same year, asked by three people; then the report, as it is printed."""
    tour.console.print("\n[bold]7. Les chiffres de l'an dernier, vus de trois côtés.[/]")
    unit = tour.done("GET /v1/referrals/{id}", story.officer.get(f"/v1/referrals/{story.referral['id']}"))["unit_id"]
    asked = {"period": str(today().year - 1), "perimeter": f"unit:{unit}"}
    commander = tour.someone("unit_commander", of=story.who["officer"]["units"])
    with_commander = tour.client(commander)
    exactly = tour.done(f"GET {GRID}?period=…&perimeter=unit:…", story.worker.get(GRID, params=asked))
    roughly = tour.done(f"GET {GRID}, par {commander['name']}", with_commander.get(GRID, params=asked))
    if not (exactly["tables"][0]["lines"][0]["cells"][0]["value"] and roughly["tables"]):
        tour.console.print("  (cette démonstration est d'avant les chiffres, ou rien n'y est publié : étape sautée)")
        return
    _side_by_side(
        tour, (story.who["worker"]["name"], commander["name"]), *(_overview(each) for each in (exactly, roughly))
    )
    nothing = tour.done(f"GET {GRID}, par {story.who['officer']['name']}", story.officer.get(GRID, params=asked))
    tour.promise("Le policier n'en lit rien : le public n'a que le département et au-delà.", not nothing["tables"])
    asked["period"] = f"{today():%Y-%m}"
    refused = with_commander.get(GRID, params=asked)
    tour.promise("Le commandement n'obtient ni mois, ni période en cours (422).", refused.status_code == 422)
    elsewhere = tour.client(tour.someone("unit_commander", besides=commander["email"]))
    _report(tour, story, (with_commander, elsewhere), home)


def _overview(grid: dict[str, Any]) -> dict[str, dict[str, Any]]:
    table: dict[str, Any] = next((each for each in grid["tables"] if each["code"] == "T1"), {"lines": []})
    return {line["code"]: {"label": line["label"], **line["cells"][0]} for line in table["lines"]}


def _side_by_side(
    tour: Visit, names: tuple[str, str], exactly: dict[str, dict[str, Any]], roughly: dict[str, dict[str, Any]]
) -> None:
    table = Table("", f"{names[0]} (exact)", f"{names[1]} (arrondi)")
    for code in SIDE_BY_SIDE:
        if code in exactly and code in roughly:
            table.add_row(exactly[code]["label"], *(str(cells[code]["value"]) for cells in (exactly, roughly)))
    tour.console.print(table)
    rounded = all(told["rounded_to"] % STEP == 0 == told["value"] % told["rounded_to"] for told in roughly.values())
    tour.promise("L'autorité de l'unité ne lit que des nombres arrondis, à 5 ou davantage.", rounded)
    near = abs(exactly["persons"]["value"] - roughly["persons"]["value"]) < STEP
    tour.promise("Les personnes y sont à moins de 5 près.", near)


def _report(tour: Visit, story: Story, commanders: tuple[httpx.Client, httpx.Client], home: Path) -> None:
    """The frozen report: a PDF for the committee, saved where it can be opened. The second commands another unit."""
    commander, elsewhere = commanders
    listed = tour.done("GET /v1/reports, par le commandement", commander.get("/v1/reports"))["items"]
    tour.promise("Le commandement lit le rapport figé de son unité.", len(listed) > 0)
    if not listed:
        return
    one = f"/v1/reports/{listed[0]['id']}"
    printed = commander.get(f"{one}/document", params={"format": "pdf"})
    tour.console.print(f"  GET /v1/reports/{{id}}/document?format=pdf → {printed.status_code}")
    tour.promise("Le rapport s'imprime.", printed.content.startswith(b"%PDF-"))
    path = home / REPORT_FILE
    path.write_bytes(printed.content)
    tour.console.print(f"  [bold]À ouvrir : {path}[/] (données inventées)")
    inside = commander.get(f"{one}/document", params={"format": "pdf", "audience": "internal"})
    tour.promise("Il n'en obtient pas les chiffres exacts (403).", inside.status_code == 403)
    tour.promise("Le policier n'obtient aucun rapport (403).", story.officer.get(one).status_code == 403)
    tour.promise("Le commandement d'une autre unité ne le trouve pas (404).", elsewhere.get(one).status_code == 404)
