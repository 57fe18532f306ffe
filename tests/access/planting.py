"""A day of confidential work, with distinctive contents planted everywhere, and a way to read all that one may read."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx

from app.contract.audiences import AUDIENCES
from app.nomenclature.terms import LISTS
from tests.access.documents import text_of
from tests.access.planting_of_exchange import plant_exchange
from tests.access.planting_of_identity import plant_identity
from tests.access.planting_of_statistics import plant_statistics, readings_of_statistics
from tests.access.planting_of_webhooks import plant_webhooks
from tests.access.walking import ACTIVITY, Call, interview
from tests.access.walking import UUID as UUID_IN
from tests.access.ways import WAYS
from tests.house_for_tests import House

# Nowhere else in the program, its lists or its messages.
NAMES = {"last_name": "Quistrebert", "birth_name": "Oyhenart", "first_name": "Maïwenn", "municipality": "Plouguernével"}
VICTIM = {
    **NAMES,
    "sex": "female",
    "phone": "06 39 98 12 34",
    "birth_date": "1983-07-19",
    "birth_date_precision": "day",
}
PERPETRATOR = {"last_name": "Drennec", "first_name": "Goulven", "sex": "male"}
NOTES = ("Elle m'a parlé du phare de Kéréon.", "Complément : la cabane du Menez-Hom.")
SAFE = {
    "phone": "06 39 98 55 66", "address": "12 impasse des Hortensias, chez Azenor",
    "safe_hours": "mardi, pendant le solfège", "precautions": "Ne jamais citer Landévennec.",
}  # fmt: skip
TYPED = {
    "last_name": "Zorvalec", "first_name": "Tudual", "phone": "06 39 98 77 88", "municipality": "Locronan",
    "safe_contact_hint": "par la boulangerie Kerdoncuff", "document_number": "2026/009871",
    "facts": "Coups, rue Bélisama.",
}  # fmt: skip
HOME_VISIT = {
    "intervention_type": "home_visit", "channel": "home", "security_service_informed_at": "2026-02-01T08:00:00Z",
    "security_service_informed_by": "Brigadière Halgouët", "employer_agreement_at": "2026-02-01T09:00:00Z",
    "employer_agreement_given_by": "Mme Trévidic",
}  # fmt: skip
ELSEWHERE = {"last_name": "Vaquerin", "facts": "Autre unité, rue Sarrazine."}
REDIRECTED = "Vers le CIDFF de Rostrenen"


class Planted:
    """What was planted: contents by group (the words of ``never_served.toml``), identifiers by path parameter."""

    def __init__(self) -> None:
        self.values: dict[str, set[str]] = {}
        self.ids: dict[str, list[str]] = {"name": list(LISTS)}
        self.keyed: list[Call] = []

    def put(self, group: str, *values: Any) -> None:
        self.values.setdefault(group, set()).update(str(value) for value in values if value is not None)

    def name(self, parameter: str, value: str, group: str | None = None) -> str:
        self.ids.setdefault(parameter, []).append(value)
        if group:
            self.put(group, value)
        return value


async def _made(planted: Planted, client: httpx.AsyncClient, path: str, draft: Any) -> Any:
    """What a POST makes; under a key, so that its answer is remembered."""
    keyed = Call("POST", path, json=draft, headers={"Idempotency-Key": f"planted-{len(planted.keyed)}"})
    planted.keyed.append(keyed)
    answer = await keyed.by(client)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def plant(house: House) -> Planted:
    """The worker's day: two referrals, a person who came alone with her aggressor, notes, a home visit, all of it."""
    worker, planted = await house("worker"), Planted()
    for parameter, key in (("unit_id", "north"), ("post_id", "shared_post"), ("employer_id", "employer")):
        planted.name(parameter, str(house.ids[key]))
    site = await _made(
        planted,
        await house("administrator"),
        "/v1/sites",
        {"name": "Mairie", "site_type": "town_hall", "municipality": "Dreux"},
    )
    planted.name("site_id", site["id"])

    accepted, redirected = await house.referral(**TYPED), await house.referral(**TYPED)
    elsewhere = await house.referral(by="officer_elsewhere", **ELSEWHERE)
    planted.put("other_unit_referral", *ELSEWHERE.values())
    planted.name("referral_id", elsewhere["id"], "other_unit_ids")
    planted.put("referral_as_typed", *(accepted[name] for name in TYPED))
    for referral in (accepted, redirected):
        planted.name("referral_id", referral["id"], "referral_ids")
    from_unit = await _made(planted, worker, f"/v1/referrals/{accepted['id']}/accept", {})
    draft = {"redirected_to": REDIRECTED}
    handled = [await _made(planted, worker, f"/v1/referrals/{redirected['id']}/redirect", draft)]
    handled.append((await worker.get(f"/v1/referrals/{accepted['id']}")).json())
    planted.put("handling", REDIRECTED, *(one[name] for one in handled for name in ("received_at", "decided_at")))

    joining = {"contact_consent": "given_to_iscg"}
    alone = await house.situation(
        participations=[
            {"person": VICTIM, "person_status": "victim", **joining},
            {"person": PERPETRATOR, "person_status": "alleged_perpetrator", **joining},
        ]
    )
    victim, perpetrator = sorted(alone["participations"], key=lambda one: one["person_status"], reverse=True)
    planted.put("self_referred_identity", *NAMES.values(), "+33639981234", "1983-07-19", "Drennec", "Goulven")
    for situation in (from_unit, alone):
        planted.name("situation_id", situation["id"], "social_ids")
        for participation in situation["participations"]:
            planted.name("participation_id", participation["id"], "social_ids")
            planted.name("person_id", participation["person"]["id"], "social_ids")
    for draft in (interview(victim["id"]), interview(victim["id"]) | HOME_VISIT):
        acted = await _made(planted, worker, "/v1/interventions", draft)
        planted.name("intervention_id", acted["id"], "social_ids")
    planted.put("home_visit", "Brigadière Halgouët", "Mme Trévidic")
    need = await _made(planted, worker, f"/v1/participations/{victim['id']}/needs", {"need_type": "protection_safety"})
    planted.name("need_id", need["id"], "social_ids")
    link = {"other_person_id": perpetrator["person"]["id"], "household_link": "ex_partner"}
    noted = await _made(planted, worker, f"/v1/persons/{victim['person']['id']}/household-links", link)
    planted.name("link_id", noted["id"], "social_ids")
    path = f"/v1/participations/{victim['id']}/safe-contact"
    assert (await worker.put(path, json=SAFE, headers={"If-None-Match": "*"})).status_code == 201
    planted.put("safe_contact", "+33639985566", SAFE["address"], SAFE["safe_hours"], SAFE["precautions"])
    first = await house.note(victim["id"], NOTES[0])
    second = await _made(
        planted, worker, f"/v1/participations/{victim['id']}/notes", {"text": NOTES[1], "amends_note_id": first["id"]}
    )
    planted.put("note_texts", *NOTES)
    for note in (first, second):
        planted.name("note_id", note["id"], "note_ids")
    planted.name("share_id", str(UUID(int=7)))
    activity = await _made(planted, worker, "/v1/collective-activities", ACTIVITY)
    planted.name("collective_activity_id", activity["id"], "social_ids")
    path = f"/v1/posts/{house.ids['shared_post']}/presences/{planted.name('month', '2026-02')}"
    written = await worker.put(path, json={"days_worked": 18.5}, headers={"If-None-Match": "*"})
    # Its instant: a number of days could be anything else's.
    planted.put("presence", written.json()["recorded_at"])
    await plant_exchange(house, planted)
    await plant_statistics(house, planted)
    await plant_identity(house, planted)
    await plant_webhooks(house, planted)
    return planted


def _paths(template: str, planted: Planted) -> list[str]:
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    return [
        "/".join(filled.get(part, part) for part in template.split("/"))
        for values in itertools.product(*(planted.ids[name] for name in names))
        for filled in [dict(zip((f"{{{name}}}" for name in names), values, strict=True))]
    ]


DOCUMENTS = [f"/openapi/{name}.json" for name in AUDIENCES]
FILTERS = {
    "/v1/interventions": [f"{name}={{{name}}}" for name in ("participation_id", "situation_id")],
    "/v1/collective-activities": ["collective_activity_type=training_for_officers"],
    "/v1/situations": [f"status={code}" for code in ("open", "active", "closed")],
    "/v1/referrals": ["waiting=true", "waiting=false", "from=partners"],
    "/v1/orientations": [f"status={code}" for code in ("transmitted", "acknowledged", "proposed")],
    "/v1/orientations/reminders": ["working_days=1"],
    "/v1/transmissions/legal-bases": ["transmission_kind=prosecutor_report"],
    "/v1/partner-services": ["need=housing&commune=28085"],
}


def readings(planted: Planted) -> list[Call]:
    """Every reading that the routes allow, on every planted object, with every filter."""
    calls = [Call("GET", path) for path in ("/openapi.json", *DOCUMENTS, "/docs", "/metrics")]
    calls += [Call("POST", "/v1/persons/search", {"name": word}) for word in ("Quistrebert", "Drenec", "Zorvalek")]
    for route in WAYS:
        method, _, template = route.partition(" ")
        if method == "GET":
            calls += [Call("GET", path) for path in _paths(template, planted)]
    for template, filters in FILTERS.items():
        for asked in filters:
            name = asked.partition("{")[2].rstrip("}")
            calls += [Call("GET", f"{template}?{asked.format(**{name: v})}") for v in planted.ids.get(name, [""])]
    calls += readings_of_statistics(planted)
    # One's own traces repeat what one has asked for oneself: read before any identifier is asked for.
    return sorted(calls, key=lambda call: UUID_IN.search(call.path) is not None)


def clumsy_writes(planted: Planted) -> list[Call]:
    """Every other route on every planted object, with an empty body: refusals must be as silent as readings.

    And the very requests that planted them, under the very same keys: an answer is told again to its author alone.
    """
    return planted.keyed + [
        Call(method, path, json={})
        for route in WAYS
        for method, _, template in [route.partition(" ")]
        if method != "GET" and "/auth/" not in template and not template.endswith("/search")
        for path in _paths(template, planted)
    ]


async def all_answers(client: httpx.AsyncClient, calls: list[Call]) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Send the calls, and follow every page to the end, two lines at a time."""
    for call in calls:
        answer = await call.by(client)
        yield f"{call.method} {call.path}", answer
        if call.method != "GET" or not answer.is_success or '"next_cursor":' not in answer.text[-200:]:
            continue
        here = f"{call.path}{'&' if '?' in call.path else '?'}limit=2"
        while here:
            answer = await client.get(here)
            yield f"GET {here}", answer
            here = answer.links["next"]["url"] if "next" in answer.links else ""


def said_by(answer: httpx.Response) -> str:
    """All that an answer says: headers, body as sent or as printed, body unescaped, and cursors opened."""
    parts = [f"{name}: {value}" for name, value in answer.headers.multi_items()] + [text_of(answer)]
    if "json" in answer.headers.get("content-type", ""):
        body = answer.json()
        parts.append(json.dumps(body, ensure_ascii=False))
        cursor = body.get("next_cursor") if isinstance(body, dict) else None
        if cursor:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            parts += [str(UUID(bytes=raw[16:32])), raw[32:].decode()]
    return "\n".join(parts)


def fields_of(body: Any) -> set[str]:
    """The names of all the members of a JSON value."""
    if isinstance(body, dict):
        return set(body) | {name for value in body.values() for name in fields_of(value)}
    return {name for value in body for name in fields_of(value)} if isinstance(body, list) else set()
