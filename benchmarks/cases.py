"""The six requests that are measured, and what each promises (performance targets, soft)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.data import TEXT, Worker, intervention_draft, misspelt

STACKS = ("ours", "floor", "plain")
DISTINCT = 2000
"""Requests of one case that differ; the load goes round them."""


@dataclass(frozen=True)
class Asked:
    """One request, before a token is put on it."""

    worker: int
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True)
class Case:
    """One kind of request; ``to_floor`` and ``to_plain``: the least that our rate should be of theirs."""

    name: str
    title: str
    make: Callable[[Worker, Random], tuple[str, str, object]]
    to_floor: float
    to_plain: float | None
    same_body: bool
    """Do the three stacks answer the same JSON? (A created row has its own identifier and instant.)"""

    def asked(self, workers: list[Worker], seed: int = 0) -> list[Asked]:
        """The requests, the same for every stack."""
        random = Random(f"{self.name} {seed}")
        found = []
        for number in range(DISTINCT):
            at = number % len(workers)
            method, path, body = self.make(workers[at], random)
            found.append(Asked(at, method, path, json.dumps(body).encode() if body is not None else b""))
        random.shuffle(found)
        return found


CASES = (
    Case(
        "get_one",
        "Lire une situation et sa personne",
        lambda who, random: ("GET", f"/v1/situations/{random.choice(who.situations)}", None),
        to_floor=0.5,
        to_plain=9,
        same_body=True,
    ),
    Case(
        "list",
        "Lister les 50 situations les plus récentes",
        lambda _who, _random: ("GET", "/v1/situations?limit=50", None),
        to_floor=0.93,
        to_plain=7.5,
        same_body=True,
    ),
    Case(
        "search",
        "Chercher un nom mal écrit",
        lambda who, random: ("POST", "/v1/persons/search", {"name": misspelt(random.choice(who.names), random)}),
        to_floor=0.9,
        to_plain=None,
        same_body=False,
    ),
    Case(
        "create",
        "Enregistrer une intervention, tracée",
        lambda who, random: ("POST", "/v1/interventions", intervention_draft(random.choice(who.participations))),
        to_floor=0.5,
        to_plain=5,
        same_body=False,
    ),
    Case(
        "write_note",
        "Écrire une note scellée",
        lambda who, random: (
            "POST",
            f"/v1/participations/{random.choice(who.participations)}/notes",
            {"text": TEXT},
        ),
        to_floor=0.5,
        to_plain=None,
        same_body=False,
    ),
    Case(
        "read_note",
        "Lire une note scellée",
        lambda who, random: ("GET", f"/v1/notes/{random.choice(who.notes)}", None),
        to_floor=0.5,
        to_plain=None,
        same_body=True,
    ),
)
SLOWEST_TO_MEDIAN = 2.5
"""p99 should stay under this many times p50."""


def on_the_wire(asked: Asked, token: str) -> bytes:
    """The bytes of a request, ready to send."""
    head = f"{asked.method} {asked.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    if asked.body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(asked.body)}\r\n"
    return head.encode() + b"\r\n" + asked.body
