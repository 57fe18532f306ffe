"""``python -m benchmarks.directory``: an invented directory goes in by the API, then by the command, twice each.

5 000 structures and 10 000 services over real communes; then one file of 50 MB. Printed: rows a second, the memory that
the process took at its highest, and how long another request waited meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import uvloop

from benchmarks.data import TINY
from benchmarks.place import Keys, furnish, install, server
from benchmarks.stack import Stack

LARGEST = 50_000_000
CHUNK = 1 << 16
KINDS = (
    ("CCAS", "ccas-cias", "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives"),
    ("CIDFF", "cidff", "famille--surmonter-conflits-separation-violence"),
    ("SIAO", "siao", "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"),
    (
        "Point-justice",
        "points-justice",
        "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
    ),
    ("CSAPA", "csapa", "sante--addictions"),
    ("Maison des solidarités", "maisons-des-solidarites", "famille--soutien-a-la-parentalite-et-a-leducation"),
    ("Épicerie solidaire", None, "equipement-et-alimentation--alimentation"),
)
OFFERS = ("Accueil et orientation", "Permanence sur rendez-vous", "Écoute et soutien", "Aide aux démarches", "Atelier")
HOURS = ("Mo-Fr 09:00-12:00,14:00-17:00; PH closed", "Tu,Th 14:00-18:00", "Mo-Sa 08:30-12:30", None)
TEXT = "Cette fiche est inventée. On y reçoit sans rendez-vous le matin, avec rendez-vous l'après-midi. "


def _communes() -> list[tuple[str, str]]:
    text = files("app.references").joinpath("communes.csv").read_text(encoding="utf-8")
    return [(row["code"], row["name"]) for row in csv.DictReader(text.splitlines()) if row["name"]]


def _siret(drawn: random.Random) -> str:
    """Fourteen digits whose key is right, and that of their first nine too; they belong to nobody we know of."""
    siren = _with_key([drawn.randrange(1, 10), *(drawn.randrange(10) for _ in range(7))])
    return "".join(map(str, _with_key([*siren, *(drawn.randrange(10) for _ in range(4))])))


def _with_key(digits: list[int]) -> list[int]:
    doubled = (each * 2 if place % 2 == 0 else each for place, each in enumerate(reversed(digits)))
    return [*digits, -sum(each - 9 if each > 9 else each for each in doubled) % 10]


def rows(structures: int, services: int, *, source: str, sentences: int = 4) -> Iterator[dict[str, Any]]:
    """Structures, then services spread over them; the same for the same source."""
    drawn = random.Random(source)
    places = _communes()
    for number in range(structures):
        kind, network, _ = KINDS[number % len(KINDS)]
        code, name = drawn.choice(places)
        yield {
            "source": source, "id": f"{source}--{number}", "nom": f"{kind} de {name}"[:150], "date_maj": "2026-01-31",
            "description": TEXT * sentences, "siret": _siret(drawn), "commune": name, "code_insee": code,
            "adresse": f"{drawn.randrange(1, 90)} rue de l'Exemple", "longitude": 2.0 + drawn.random(),
            "latitude": 47.0 + drawn.random(), "telephone": f"06 39 98 {number % 100:02} {number // 100 % 100:02}",
            "courriel": f"accueil{number}@exemple.test", "horaires_accueil": drawn.choice(HOURS),
            "reseaux_porteurs": [network] if network else None,
        }  # fmt: skip
    for number in range(services):
        of = number % structures
        code, _ = drawn.choice(places)
        yield {
            "source": source, "id": f"{source}--s{number}", "structure_id": f"{source}--{of}",
            "nom": OFFERS[number % 5],
            "description": TEXT * sentences, "date_maj": "2026-02-28", "type": "accompagnement", "frais": "gratuit",
            "thematiques": [KINDS[of % len(KINDS)][2]], "publics": ["femmes", "familles"], "code_insee": code,
            "zone_eligibilite": [code], "modes_accueil": ["en-presentiel"], "modes_mobilisation": ["telephoner"],
            "mobilisable_par": ["usagers", "professionnels"], "telephone": "3919",
            "horaires_accueil": drawn.choice(HOURS),
        }  # fmt: skip


def write(path: Path, found: Iterator[dict[str, Any]], *, at_most: int = sys.maxsize) -> int:
    """One row a line, until the file is full; how many."""
    count, size = 0, 0
    with path.open("wb") as file:
        for row in found:
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            if (size := size + len(line)) > at_most:
                break
            file.write(line)
            count += 1
    return count


def _peak(pid: int | str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


COMMAND = """
import sys
from app.cli import main
try:
    main()
finally:
    print("VmHWM", next(l.split()[1] for l in open("/proc/self/status") if l.startswith("VmHWM:")), file=sys.stderr)
"""


def _by_command(path: Path, url: str) -> tuple[float, int, str]:
    """Seconds, memory at its highest, and the last line of the command."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "partners", "import", str(path)],
        env={**os.environ, "RELAIS_DATABASE_URL__WORKER": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(done.stderr + done.stdout[-2000:])
    return took, int(done.stderr.split()[-1]) * 1024, done.stdout.splitlines()[-1]


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


async def _longest_wait(client: httpx.AsyncClient, until: asyncio.Event) -> float:
    longest = 0.0
    while not until.is_set():
        began = time.perf_counter()
        (await client.get("/v1/nomenclatures/sex")).raise_for_status()
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.005)
    return longest


async def _by_api(stack: Stack, path: Path, token: str) -> tuple[float, int, str, float]:
    """Seconds, memory at its highest, totals, and the longest wait of another caller."""
    _forget_peak(stack.pid)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    address, done = f"http://127.0.0.1:{stack.port}", asyncio.Event()
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=300) as client:
        waiting = asyncio.create_task(_longest_wait(client, done))
        began = time.perf_counter()
        answer = await client.post("/v1/partners/import", content=_pieces(path))
        took = time.perf_counter() - began
        done.set()
        longest = await waiting
    answer.raise_for_status()
    said = answer.json()
    if said["refused"]:
        raise RuntimeError(str(next(row for row in said["rows"] if row["code"])))
    totals = " · ".join(f"{name} : {said[name]}" for name in ("created", "updated", "unchanged", "refused"))
    return took, _peak(stack.pid), totals, longest


def _tell(what: str, count: int, took: float, peak: int, totals: str, longest: float | None = None) -> None:
    waited = "" if longest is None else f" · autre requête : {1000 * longest:.0f} ms au plus"
    print(
        f"{what:<34} {count / took:>7.0f} fiches/s  {took:6.1f} s  {peak / 1e6:5.0f} Mo  [{totals}]{waited}", flush=True
    )


async def _main(said: argparse.Namespace) -> None:
    keys = Keys.drawn()
    with server() as postgres, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        logins = await asyncio.to_thread(install, postgres)
        token = keys.tokens(await furnish(postgres, TINY, keys, logins.password))[0]
        small = {name: folder / f"{name}.ndjson" for name in ("api", "command")}
        counts = {name: write(path, rows(said.structures, said.services, source=name)) for name, path in small.items()}
        full = {name: folder / f"{name}-50.ndjson" for name in ("api", "command")}
        many = {
            name: write(path, rows(8_000, 60_000, source=f"{name}-50", sentences=8), at_most=LARGEST)
            for name, path in full.items()
        }
        print(f"{said.structures} structures, {said.services} services : {small['api'].stat().st_size / 1e6:.1f} Mo")
        print(f"Grand fichier : {many['api']} fiches, {full['api'].stat().st_size / 1e6:.1f} Mo")
        environment = keys.environment(logins)
        async with Stack.running("ours", environment, folder / "log", core=None) as stack:
            print(f"Processus de l'API, au repos : {_peak(stack.pid) / 1e6:.0f} Mo")
            for time_ in ("première fois", "seconde fois"):
                _tell(f"API, {time_}", counts["api"], *await _by_api(stack, small["api"], token))
            for time_ in ("première fois", "seconde fois"):
                _tell(f"API, 50 Mo, {time_}", many["api"], *await _by_api(stack, full["api"], token))
        empty = folder / "empty.ndjson"
        empty.write_text("[]")
        _tell("commande, fichier vide", 0, *await asyncio.to_thread(_by_command, empty, logins.lanes["worker"]))
        for path, count, what in (
            (small["command"], counts["command"], ""),
            (full["command"], many["command"], "50 Mo, "),
        ):
            for time_ in ("première fois", "seconde fois"):
                done = await asyncio.to_thread(_by_command, path, logins.lanes["worker"])
                _tell(f"commande, {what}{time_}", count, *done)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.directory", description="Mesure l'import de l'annuaire."
    )
    parser.add_argument("--structures", type=int, default=5_000)
    parser.add_argument("--services", type=int, default=10_000)
    uvloop.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
