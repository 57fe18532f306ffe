"""What is shown once Relais answers: where to look, and who to be."""

from __future__ import annotations

import json
from pathlib import Path

from app.access.policy import policy
from app.demo.loading import ACCOUNTS_FILE
from app.running.telling import Told


def welcome(told: Told, address: str, home: Path, *, demo: bool) -> None:
    """Where to look. The passwords of the demonstration stay in their file."""
    lines = [("Documentation", f"{address}/docs"), ("État", f"{address}/v1/status")]
    if demo:
        lines.append(("Comptes", f"{home / ACCOUNTS_FILE} (adresses et mots de passe, tirés au sort ici)"))
        lines += [("", f"{email} — {role}") for role, email in _one_of_each_role(home / ACCOUNTS_FILE)]
        lines.append(("Visite guidée", "make tour, dans un autre terminal"))
    lines.append(("Arrêter", "Ctrl-C"))
    told.say(f"\n[bold]Relais est prêt[/] en {told.elapsed} : {address}\n")
    told.say("\n".join(f"  {what:<15}{where}" for what, where in lines))


def _one_of_each_role(path: Path) -> list[tuple[str, str]]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        found = {each["role"]: str(each["email"]) for each in reversed(listed)}
        return [(policy().roles[role].fr, email) for role, email in reversed(found.items())]
    except (OSError, ValueError, KeyError, TypeError):
        return []
