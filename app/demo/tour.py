"""The guided tour: the story over HTTP, what each side gets, PostgreSQL's own refusal. A broken promise fails it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from app.demo.loading import ACCOUNTS_FILE
from app.demo.tour_of_figures import counted
from app.demo.tour_of_partners import directed
from app.embedded import EmbeddedPostgres, EmbeddedPostgresError
from app.refusal import CannotRun
from app.services.clock import now
from app.settings import Settings

CONFIDED = "Elle me confie ne plus dormir chez elle ; sa sœur peut l'héberger. Elle n'en a parlé à personne d'autre."
REFERRAL = {
    "last_name": "Visitandine",
    "first_name": "Rose",
    "sex": "female",
    "phone": "+33639989999",
    "person_status": "victim",
    "document_type": "main_courante",
    "urgency": "urgent",
    "contact_consent": "given_to_officer",
    "facts": "Main courante de ce matin. La personne accepte d'être rappelée.",
}
SEEN_BY_THE_UNIT = frozenset(
    {
        "id", "unit_id", "sent_by", "sent_at", "last_name", "first_name", "birth_date", "birth_date_precision", "sex",
        "phone", "municipality", "person_status", "safe_contact_hint", "document_type", "document_number", "facts",
        "urgency", "contact_consent", "danger_grid_positive", "withdrawn_at", "feedback_code", "feedback_on",
    }
)  # fmt: skip
LANE = "police_officer"


@dataclass
class Visit:
    """What the tour found; each promise is told and counted."""

    console: Console
    address: str
    accounts: list[dict[str, Any]]
    broken: list[str] = field(default_factory=list)

    def promise(self, sentence: str, kept: bool) -> None:
        """Say whether a promise is kept."""
        self.console.print(f"  [green]✓[/] {sentence}" if kept else f"  [bold red]✗ {sentence}[/]")
        if not kept:
            self.broken.append(sentence)

    def someone(self, role: str, *, of: list[str] | None = None, besides: str = "") -> dict[str, Any]:
        """An account of this role, posted to (or serving) these units."""
        for account in self.accounts:
            shares = of is None or set(of) & set(account["units"])
            if account["role"] == role and shares and account["email"] != besides:
                return account
        raise CannotRun(f"Aucun compte de démonstration n'a le rôle {role}.")

    def done(self, what: str, answer: httpx.Response, expected: int = 200) -> dict[str, Any]:
        """Say what was asked, and go on with its answer; the tour stops when it is not the expected one."""
        if answer.status_code != expected:
            raise CannotRun(f"{what} a répondu {answer.status_code} au lieu de {expected} : la visite s'arrête.")
        self.console.print(f"  {what} → {answer.status_code}")
        found: dict[str, Any] = answer.json()
        return found

    def client(self, account: dict[str, Any]) -> httpx.Client:
        """Sign in; the client then speaks for this person."""
        said = {"email": account["email"], "password": account["password"], "client_id": "visite"}
        opened = httpx.post(f"{self.address}/v1/auth/login", json=said, timeout=30)
        if opened.status_code != 200:
            raise CannotRun(
                f"{account['email']} ne peut pas se connecter ({opened.status_code}) : ce Relais n'est pas celui de"
                " demo-accounts.json."
            )
        bearer = {"Authorization": f"Bearer {opened.json()['access_token']}"}
        return httpx.Client(base_url=self.address, headers=bearer, timeout=30)


def visit(settings: Settings, console: Console) -> bool:
    """Tell the story to a running Relais. True when every promise was kept."""
    accounts = _accounts(settings.home)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    tour = Visit(console, f"http://{host}:{settings.port}", accounts)
    try:
        httpx.get(f"{tour.address}/readyz", timeout=5).raise_for_status()
        story = _story(tour)
        _side_by_side(tour, story)
        directed(tour, story)
        counted(tour, story, settings.home)
        _others(tour, story)
    except httpx.HTTPError:
        raise CannotRun(f"Aucun Relais prêt à l'adresse {tour.address} : lancez « make run » à côté.") from None
    _postgresql(tour, settings, story)
    if tour.broken:
        console.print(f"\n[bold red]{len(tour.broken)} promesse(s) non tenue(s).[/]")
    else:
        console.print("\n[bold green]Toutes les promesses sont tenues.[/]")
    return not tour.broken


def _accounts(home: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads((home / ACCOUNTS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CannotRun(f"{home / ACCOUNTS_FILE} manque : la visite demande la démonstration (« make run »).") from None
    return found


@dataclass(frozen=True)
class Story:
    """Who told it, and what came of it."""

    officer: httpx.Client
    worker: httpx.Client
    who: dict[str, dict[str, Any]]
    referral: dict[str, Any]
    situation: dict[str, Any]
    participation_id: str
    note: dict[str, Any]


def _story(tour: Visit) -> Story:
    officer = tour.someone("police_officer")
    worker = tour.someone("social_worker", of=officer["units"])
    with_officer, with_worker = tour.client(officer), tour.client(worker)

    tour.console.print(f"\n[bold]1. {officer['name']} ({officer['units'][0]}) envoie une saisine.[/]")
    referral = tour.done("POST /v1/referrals", with_officer.post("/v1/referrals", json=REFERRAL), 201)

    tour.console.print(f"\n[bold]2. {worker['name']}, intervenant social, prend la personne en charge.[/]")
    waiting = with_worker.get("/v1/referrals", params={"waiting": "true"})
    waiting_ids = [each["id"] for each in tour.done("GET /v1/referrals?waiting=true", waiting, 200)["items"]]
    tour.promise("La saisine l'attend.", referral["id"] in waiting_ids)
    accepted = with_worker.post(f"/v1/referrals/{referral['id']}/accept", json={})
    situation = tour.done("POST /v1/referrals/{id}/accept", accepted, 201)
    participation_id = situation["participations"][0]["id"]

    tour.console.print("\n[bold]3. Un entretien, puis une note sous secret professionnel.[/]")
    interview = {
        "participation_id": participation_id,
        "intervention_type": "phone_interview",
        "channel": "phone",
        "outcome": "held",
        "occurred_at": (now() - timedelta(minutes=10)).isoformat(),
        "duration_minutes": 35,
    }
    tour.done("POST /v1/interventions", with_worker.post("/v1/interventions", json=interview), 201)
    written = with_worker.post(f"/v1/participations/{participation_id}/notes", json={"text": CONFIDED})
    note = tour.done("POST /v1/participations/{id}/notes", written, 201)

    tour.console.print("\n[bold]4. L'intervenant social répond à l'unité : un code d'une liste close.[/]")
    answered = with_worker.post(f"/v1/referrals/{referral['id']}/feedback", json={"feedback_code": "contact_made"})
    tour.done("POST /v1/referrals/{id}/feedback", answered, 200)
    return Story(
        with_officer, with_worker, {"officer": officer, "worker": worker}, referral, situation, participation_id, note
    )


def _side_by_side(tour: Visit, story: Story) -> None:
    """The same addresses, asked by each."""
    tour.console.print("\n[bold]5. Les mêmes adresses, demandées par l'un et par l'autre.[/]\n")
    search = {"name": "Visitandine"}
    asked = [
        ("la saisine", "GET", f"/v1/referrals/{story.referral['id']}", None),
        ("la situation", "GET", f"/v1/situations/{story.situation['id']}", None),
        ("les interventions", "GET", f"/v1/interventions?situation_id={story.situation['id']}", None),
        ("la note", "GET", f"/v1/notes/{story.note['id']}", None),
        ("ses notes", "GET", f"/v1/participations/{story.participation_id}/notes", None),
        ("chercher son nom", "POST", "/v1/persons/search", search),
    ]
    table = Table("", story.who["worker"]["name"], story.who["officer"]["name"], show_lines=True)
    refused, seen = [], {}
    for what, method, path, body in asked:
        theirs = story.worker.request(method, path, json=body)
        police = story.officer.request(method, path, json=body)
        table.add_row(what, _in_short(theirs), _in_short(police))
        if theirs.status_code != 200:
            tour.promise(f"L'intervenant social obtient : {what}.", False)
        if what == "la saisine":
            seen = police.json()
        else:
            refused.append((what, police))
    tour.console.print(table)
    tour.promise(
        "L'intervenant social relit sa note.", CONFIDED in story.worker.get(f"/v1/notes/{story.note['id']}").text
    )
    expected = {**story.referral, "feedback_code": "contact_made", "feedback_on": seen.get("feedback_on")}
    tour.promise(
        "Le policier retrouve ce qu'il a écrit, et le code ; aucun autre champ.",
        seen == expected and set(seen) == SEEN_BY_THE_UNIT,
    )
    for what, answer in refused:
        tour.promise(f"Le policier n'obtient pas : {what} ({answer.status_code}).", answer.status_code == 403)
    everything = "".join(answer.text for _, answer in refused) + json.dumps(seen)
    tour.promise("Rien de ce qu'a reçu le policier ne contient un mot de la note.", CONFIDED[:20] not in everything)


def _others(tour: Visit, story: Story) -> None:
    """A colleague of the same post, and the data-protection officer."""
    tour.console.print("\n[bold]8. Et les autres ?[/]")
    worker = story.who["worker"]
    colleague = tour.someone("social_worker", of=worker["units"], besides=worker["email"])
    answer = tour.client(colleague).get(f"/v1/notes/{story.note['id']}")
    tour.promise(f"{colleague['name']}, du même poste, ne lit pas la note (404).", answer.status_code == 404)
    officer = tour.someone("dpo")
    listed = tour.client(officer).get("/v1/audit/traces", params={"limit": 100}).json().get("items", [])
    mine = [each for each in listed if each["subject_id"] == story.note["id"]]
    tour.promise(
        f"{officer['name']}, déléguée à la protection des données, voit qui a lu la note ou l'a tenté.",
        {"done", "not_found"} <= {each["outcome"] for each in mine},
    )
    tour.promise("… et la trace ne dit rien de ce qui y est écrit.", CONFIDED[:20] not in json.dumps(listed))


def _postgresql(tour: Visit, settings: Settings, story: Story) -> None:
    """PostgreSQL itself: the lane's own login, then the superuser, who finds sealed bytes."""
    tour.console.print("\n[bold]9. Sans l'API : PostgreSQL lui-même.[/]")
    postgres = EmbeddedPostgres(settings.home)
    try:
        if settings.database_url or not postgres.running:
            raise EmbeddedPostgresError
        password = (settings.home / "secrets" / f"lane_{LANE}").read_text(encoding="utf-8").strip()
        lane = postgres.url(role=f"relais_{LANE}", password=password, database="relais")
        operator = postgres.url(role="postgres", password=postgres.superuser_password, database="relais")
    except (OSError, EmbeddedPostgresError):
        tour.console.print("  (le serveur n'est pas celui de RELAIS_HOME : étape sautée)")
        return
    for sql, why in (
        ("select sealed from confidential.note", "permission denied for schema confidential"),
        ("select last_name from social.person", "permission denied for schema social"),
        ("select * from audit.trace", "permission denied for schema audit"),
        ("select last_name from shared.referral", "no live session"),
    ):
        said = asyncio.run(_refusal(lane, sql))
        tour.console.print(f"  relais_{LANE}=> {sql};\n  [yellow]ERROR:  {said}[/]")
        tour.promise("PostgreSQL refuse.", said == why)
    sealed = asyncio.run(_sealed(operator, story.note["id"]))
    tour.console.print(
        f"  postgres=# le contenu de la note, par le superutilisateur\n  [yellow]\\x{sealed[:24].hex()}…[/]"
    )
    tour.promise("L'administrateur de la base ne trouve que des octets scellés.", _unreadable(sealed))


def _unreadable(sealed: bytes) -> bool:
    return len(sealed) > 28 and not any(word.encode() in sealed for word in CONFIDED.split() if len(word) > 3)


async def _refusal(url: str, sql: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    except asyncpg.PostgresError as refused:
        return str(refused)
    finally:
        await connection.close()
    return "aucune : la requête a abouti"


async def _sealed(url: str, note_id: str) -> bytes:
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetchval("select sealed from confidential.note where id = $1::text::uuid", note_id)
        return bytes(found or b"")
    finally:
        await connection.close()


def _in_short(answer: httpx.Response) -> str:
    """What an answer shows, in a few lines."""
    if answer.status_code != 200:
        return f"[yellow]{answer.status_code}[/] {answer.json().get('title', '')}"
    body = answer.json()
    if "items" in body:
        return f"200, {len(body['items'])} ligne(s)"
    told = ("text", "status", "last_name", "feedback_code", "situation_id", "decision")
    return "200\n" + "\n".join(f"{name} : {body[name]}" for name in told if name in body)
