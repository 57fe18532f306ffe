"""The tour, continued: who can help, what the partner is told, and what the officer sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from rich.table import Table

if TYPE_CHECKING:
    from app.demo.tour import Story, Visit

SEARCH = {"need": "administrative_help", "commune": "28085"}
MESSAGE = "Elle souhaite être aidée pour ses démarches ; appelez-la le matin."
FIELDS = ["last_name", "first_name", "message"]


def directed(tour: Visit, story: Story) -> None:
    """An orientation from the search to the partner's answer; the same address asked by three people."""
    tour.console.print("\n[bold]6. Qui peut aider ? L'orientation, vue de trois côtés.[/]")
    asked = story.worker.get("/v1/partner-services", params=SEARCH)
    found = tour.done("GET /v1/partner-services?need=…&commune=…", asked)
    service = found["items"][0]
    tour.console.print(f"  {service['partner_name']} : {service['name']}, {service['matched_area']['name']}")
    path = f"/v1/participations/{story.participation_id}/orientations"
    proposed = tour.done("POST …/orientations", story.worker.post(path, json={"service_id": service["id"]}), 201)
    one = f"/v1/orientations/{proposed['id']}"
    tour.done("POST …/agree", story.worker.post(f"{one}/agree", json={"agreed_fields": FIELDS}))
    sent = {"legal_basis": "person_agreement", "person_informed": "informed_before", "message": MESSAGE}
    tour.done("POST …/transmit", story.worker.post(f"{one}/transmit", json={**sent, "fields": FIELDS}))

    partner = tour.someone("partner")
    with_partner = tour.client(partner)
    read = with_partner.get(one)
    tour.done("POST …/take-up", with_partner.post(f"{one}/take-up"))
    sides = {
        story.who["worker"]["name"]: story.worker.get(one),
        f"{partner['name']} ({partner['partner']})": with_partner.get(one),
        story.who["officer"]["name"]: story.officer.get(one),
    }
    table = Table(*sides, show_lines=True)
    table.add_row(*(_in_short(answer) for answer in sides.values()))
    tour.console.print(table)

    told = read.json().get("content") or {}
    tour.promise("Le partenaire lit les éléments transmis, et eux seuls.", sorted(told) == sorted(FIELDS))
    seen = story.worker.get(one).json().get("status")
    tour.promise("L'intervenant social apprend que la personne est prise en charge.", seen == "taken_up")
    tour.promise("Le policier n'apprend rien (403).", story.officer.get(one).status_code == 403)
    elsewhere = tour.client(tour.someone("partner", besides=partner["email"]))
    tour.promise("Un autre partenaire ne trouve rien (404).", elsewhere.get(one).status_code == 404)
    address = f"/v1/situations/{story.situation['id']}"
    tour.promise("Le partenaire ne lit pas la situation (403).", with_partner.get(address).status_code == 403)


def _in_short(answer: httpx.Response) -> str:
    body: dict[str, Any] = answer.json()
    if answer.status_code != 200:
        return f"[yellow]{answer.status_code}[/] {body.get('title', '')}"
    told = {name: body[name] for name in ("status", "reference", "partner_category", "need_type") if name in body}
    return "\n".join(f"{name} : {value}" for name, value in (told | (body.get("content") or {})).items())
