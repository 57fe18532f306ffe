"""PostgreSQL writes the JSON, pydantic declares it: every answer of every route is what the contract says."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import httpx
from pydantic import TypeAdapter

from app.counting import publish_period
from app.openapi import api_routes
from tests.data_inclusion import saying
from tests.house_for_tests import House
from tests.routers.asking import ago, day, delete, interview, patch
from tests.routers.relay import REPLACING, approved, handed, proposed, replacing, staying
from tests.strong import NEW_PASSWORD, PASSWORD, Telephone, enrolled, invited, prove

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SUCCESS = range(200, 300)
DOCUMENTS = {
    "pdf": "application/pdf", "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip

PERSON = {
    "last_name": "Petit \"l'aînée\"\\", "birth_name": "Grand\u2028", "first_name": "Zoë 👩‍👧", "sex": "female",
    "birth_date": "1999-02-01", "birth_date_precision": "month", "declared_minor": False, "phone": "+33639980001",
    "municipality": "L'Haÿ-les-Roses", "household_type": "single_with_children", "housing_status": "hosted",
    "employment_status": "student",
}  # fmt: skip
REFERRAL = {
    **{name: PERSON[name] for name in ("first_name", "birth_date", "birth_date_precision", "sex", "phone")},
    "municipality": "Dreux", "safe_contact_hint": "le matin", "document_number": "1", "facts": "a\n\t\"b\" \\ é",
    "danger_grid_positive": False,
}  # fmt: skip
VISIT = {
    "intervention_type": "home_visit", "channel": "home", "security_service_informed_at": ago(hours=9),
    "security_service_informed_by": "A", "employer_agreement_at": ago(hours=9), "employer_agreement_given_by": "B",
}  # fmt: skip

PLACE = {
    "commune_code": "28085", "postcode": "28000", "street": "1 rue \"Haute\"", "street_extra": "b", "longitude": 1,
    "latitude": 48.5, "opening_hours": "Mo-Fr 09:00-17:00; PH off", "phone": "0639980001", "email": "a@exemple.test",
}  # fmt: skip


class Reader:
    """Reads every answer that passes, and keeps which operations have been answered as declared."""

    def __init__(self, house: House) -> None:
        self.declared: dict[tuple[str, str], Any] = {
            (method, route.path_format or ""): route.response_model
            for route in api_routes(house.app)
            for method in route.methods or ()
        }
        self.patterns = {
            path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))) for _, path in self.declared
        }
        self.adapters: dict[tuple[str, str], TypeAdapter[Any]] = {
            key: TypeAdapter(model) for key, model in self.declared.items() if model is not None
        }
        self.answered: dict[tuple[str, str], int] = {}

    def operation(self, request: httpx.Request) -> tuple[str, str]:
        """The route of a request; an address without a parameter comes before one with."""
        found = [
            path
            for path, pattern in self.patterns.items()
            if (request.method, path) in self.declared and pattern.fullmatch(request.url.path)
        ]
        return request.method, min(found, key=lambda path: path.count("{"))

    async def __call__(self, answer: httpx.Response) -> None:
        await answer.aread()
        operation = self.operation(answer.request)
        assert answer.status_code in SUCCESS, f"{operation}: {answer.text}"
        self.answered[operation] = self.answered.get(operation, 0) + 1
        if operation in self.adapters:
            assert answer.headers["content-type"] == "application/json"
            # Strict: a number is not a text, and no member is missing or added.
            self.adapters[operation].validate_json(answer.content, strict=True)
            _check_times(json.loads(answer.content))
        elif operation[1].endswith("/document"):
            assert answer.headers["content-type"] == DOCUMENTS[answer.request.url.params["format"]]
            assert answer.headers["content-disposition"].startswith("attachment; filename=")
            assert len(answer.content) > 300
        else:
            assert operation[0] == "DELETE" or operation[1] in BODYLESS


# They answer by sending elsewhere: tests/identity follows them.
SENT_ELSEWHERE = {("GET", "/v1/auth/oidc/start"), ("GET", "/v1/auth/oidc/callback")}
BODYLESS = ("/v1/auth/revoke", "/v1/auth/password", "/.well-known/jwks.json")


def _check_times(node: Any) -> None:
    """Instants are RFC 3339 in UTC, days are days, wherever they are."""
    if isinstance(node, list):
        for each in node:
            _check_times(each)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if isinstance(value, str) and (name.endswith("_at") or name == "at"):
                assert INSTANT.fullmatch(value), (name, value)
            elif isinstance(value, str) and (name.endswith("_on") or name == "birth_date"):
                assert DAY.fullmatch(value), (name, value)
            _check_times(value)


async def referrals(house: House) -> None:
    """Referrals, bare and full, and what becomes of them."""
    officer, worker = await house("officer"), await house("worker")
    for said in ({}, REFERRAL):
        one, two, three, four = [(await house.referral(**said))["id"] for _ in range(4)]
        await worker.post(f"/v1/referrals/{one}/accept", json={})
        await worker.post(f"/v1/referrals/{two}/redirect", json={"redirected_to": "CCAS"})
        await worker.post(f"/v1/referrals/{three}/reject", json={})
        await worker.post(f"/v1/referrals/{one}/feedback", json={"feedback_code": "contact_made"})
        await officer.post(f"/v1/referrals/{four}/withdraw")
        for client in (officer, worker):
            await client.get("/v1/referrals?limit=2")
            for each in (one, two, three, four):
                await client.get(f"/v1/referrals/{each}")


async def partner_referrals(house: House) -> None:
    """Persons whom a partner directs to the post, and what becomes of them."""
    partner, worker = await house("partner"), await house("worker")
    bare = {
        "post_id": str(house.ids["shared_post"]), "last_name": "Petit", "person_status": "victim", "urgency": "urgent",
        "contact_consent": "not_asked",
    }  # fmt: skip
    full = {name: said for name, said in REFERRAL.items() if name not in ("document_number", "danger_grid_positive")}
    for said in (bare, bare | full):
        sent = [(await partner.post("/v1/referrals", json=said)).headers["location"] for _ in range(4)]
        await worker.post(f"{sent[0]}/accept", json={})
        await worker.post(f"{sent[1]}/redirect", json={"redirected_to": "CCAS"})
        await worker.post(f"{sent[2]}/reject", json={})
        await worker.post(f"{sent[0]}/feedback", json={"feedback_code": "contact_made"})
        await partner.post(f"{sent[3]}/withdraw")
        await partner.get("/v1/referrals?limit=2")
        await worker.get("/v1/referrals?from=partners&limit=2")
        for client in (partner, worker):
            for each in sent:
                await client.get(each)


async def requisitions(house: House, participation: str, *, full: bool) -> None:
    """The register of requisitions, from the arrival to the handing over."""
    worker = await house("worker")
    said = {"received_on": day(-3), "requested_by": 'L\'"OPJ"', "requisition_basis": "cpp_60_1", "requested_scope": "a"}
    more = {"requisition_number": "2026/1", "requested_scope": 'a\n\t"b" \\ é'}
    address = (await worker.post("/v1/requisitions", json=said | (more if full else {}))).headers["location"]
    decided = {"decision": "complied", "decided_fields": ["last_name", "needs"]} | (
        {"decided_on": day(-1), "decision_grounds": "c"} if full else {}
    )
    await worker.post(f"{address}/decide", json=decided)
    handed = {"participation_id": participation, "fields": ["last_name", "needs"], "person_informed": "informed_after"}
    await worker.post(f"{address}/hand-over", json=handed)
    for client in (worker, await house("dpo")):
        await client.get("/v1/requisitions?limit=1")
        await client.get(address)


async def relays(house: House, superuser: asyncpg.Connection) -> None:
    """Replacements, handovers, agreements to a home visit, and the notices of them."""
    worker, coordinator = await house("worker"), await house("coordinator")
    await proposed(house, "coordinator", account_id=str(house.ids[REPLACING]))
    replacement = await replacing(house)
    await worker.post(f"/v1/replacements/{replacement['id']}/end")
    rows = await superuser.fetch(
        "select p.id from social.participation p join social.situation s on s.id = p.situation_id"
        " where p.post_id = $1 and s.status <> 'closed'",
        house.ids["shared_post"],
    )
    items = [staying(str(row["id"]), 'Un "mot"\n\\ é') for row in rows]
    given_up = await handed(house, items)
    await worker.post(f"/v1/handovers/{given_up['id']}/cancel")
    handover = await approved(house, "handovers", await handed(house, items, ends_on=day(40)))
    await worker.get(f"/v1/handovers/{handover['id']}/summaries")
    for act in ("approve", "refuse"):
        said = {"visit_on": day(2), "municipality": 'Dreux "la"'}
        agreement = (await worker.post("/v1/home-visit-agreements", json=said)).json()
        await coordinator.post(f"/v1/home-visit-agreements/{agreement['id']}/{act}")
        await worker.get(f"/v1/home-visit-agreements/{agreement['id']}")
    for client in (worker, coordinator, await house("dpo")):
        for path in (f"/v1/replacements/{replacement['id']}", f"/v1/handovers/{handover['id']}"):
            await client.get(path)
            await client.get(f"{path.rpartition('/')[0]}?limit=1")
        await client.get("/v1/me/notices")
    for client in (worker, coordinator):
        await client.get("/v1/home-visit-agreements?limit=1")


async def activity(house: House, *, full: bool) -> None:
    """What is counted without anybody: a collective activity, the days worked by the post."""
    worker, admin = await house("worker"), await house("administrator")
    place = {"name": "Mairie", "site_type": "town_hall", "municipality": "Dreux"}
    said = {
        "collective_activity_type": "supervision", "held_on": day(0), "duration_minutes": 1, "participants": 0,
        "site_id": (await admin.post("/v1/sites", json=place)).json()["id"] if full else None,
    }  # fmt: skip
    address = (await worker.post("/v1/collective-activities", json=said)).headers["location"]
    await patch(worker, address, {"participants": 1})
    await worker.get(address)
    await worker.get("/v1/collective-activities?limit=1")
    days = f"/v1/posts/{house.ids['shared_post']}/presences"
    month, number = f"{days}/2025-{11 + full}", {"days_worked": 0.5 if full else 20}
    first = await worker.put(month, json=number, headers={"If-None-Match": "*"})
    await worker.put(month, json=number, headers={"If-Match": first.headers["etag"]})
    await worker.get(month)
    await worker.get(f"{days}?year=2025")


async def situation(house: House, *, full: bool) -> str:
    """A situation, its life, and a participation in it."""
    worker = await house("worker")
    said = {
        "referral_source": "self_referral", "main_problem": "housing", "secondary_problems": ["addiction", "other"],
        "penal_context": "penal", "urgency": "urgent", "unit_id": str(house.ids["north"]), "opened_on": day(-9),
    }  # fmt: skip
    opened = await house.situation(**(said if full else {}))
    address = f"/v1/situations/{opened['id']}"
    participation: str = opened["participations"][0]["id"]
    joined = {"person": PERSON if full else {"sex": "not_recorded"}, "person_status": "witness"}
    await worker.post(f"{address}/participations", json={**joined, "contact_consent": "not_asked"})
    await worker.post("/v1/interventions", json=interview(participation))
    await worker.post(f"{address}/suspend", json={})
    await worker.post(f"{address}/resume")
    await patch(worker, address, {"urgency": None})
    await worker.get(f"{address}/participations")
    await worker.post(f"{address}/close", json={"closure_reason": "need_met"})
    await worker.get(address)
    await worker.post(f"{address}/reopen")
    await worker.get("/v1/situations?limit=1")
    return participation


async def around_a_participation(house: House, participation: str, *, full: bool) -> None:
    """Needs, notes, safe contact, interventions."""
    worker, at = await house("worker"), f"/v1/participations/{participation}"
    need = (await worker.post(f"{at}/needs", json={"need_type": "housing"})).headers["location"]
    await patch(worker, need, {"met_on": day(0) if full else None})
    await worker.get(f"{at}/needs")
    await worker.get(at)
    await patch(worker, at, {"person_status": "exposed_child"})
    await delete(worker, need)
    note = await house.note(participation, REFERRAL["facts"] if full else "a")  # type: ignore[arg-type]
    await worker.post(f"{at}/notes", json={"text": "b", "amends_note_id": note["id"]})
    await worker.get(f"{at}/notes?limit=1")
    await worker.get(f"/v1/notes/{note['id']}")
    said = {"shared_with": str(house.ids["colleague"])}
    share = (await worker.post(f"/v1/notes/{note['id']}/shares", json=said)).headers["location"]
    await worker.get(f"/v1/notes/{note['id']}/shares")
    await delete(worker, share)
    safe = {"phone": "0639980001", "address": "a", "safe_hours": "b", "precautions": "c\nd"} if full else {}
    first = await worker.put(f"{at}/safe-contact", json=safe, headers={"If-None-Match": "*"})
    await worker.put(f"{at}/safe-contact", json=safe, headers={"If-Match": first.headers["etag"]})
    await worker.get(f"{at}/safe-contact")
    act = interview(participation, **VISIT) if full else interview(participation, duration_minutes=None)
    act = (await worker.post("/v1/interventions", json=act)).headers["location"]
    await patch(worker, act, {"outcome": "missed"})
    await worker.get("/v1/interventions?limit=1")


async def orientations(house: House, participation: str, *, full: bool) -> None:
    """An orientation from both sides and by a link, the reminders, the register of transmissions."""
    worker, partner = await house("worker"), await house("partner")
    bare = await house.orientation(participation_id=participation, service_id=None, partner_category="other")
    await patch(worker, f"/v1/orientations/{bare['id']}", {"need_type": "other" if full else None})
    await worker.post(f"/v1/orientations/{bare['id']}/{'decline' if full else 'self-refer'}", json={})
    for end in ("refuse", "outcome", "close"):
        sent = await house.sent_orientation(participation_id=participation)
        at = f"/v1/orientations/{sent['id']}"
        links = [(await worker.post(f"{at}/answer-links", json={"days": 2})).json() for _ in range(2)]
        await worker.post(f"{at}/answer-links/{links[0]['id']}/revoke")
        async with house.caller() as anyone:
            anyone.event_hooks = worker.event_hooks
            await anyone.get(links[1]["path"])
            await anyone.post(links[1]["path"], json={"answer": "acknowledge"})
        await worker.get(f"{at}/answer-links")
        if end == "refuse":
            await partner.post(f"{at}/refuse", json={"refusal_reason": "other"})
        elif end == "outcome":
            await partner.post(f"{at}/take-up")
            await partner.post(f"{at}/outcome", json={"outcome_code": "need_met"})
        else:
            await worker.post(f"{at}/close")
        for client in (worker, partner):
            await client.get(at)
            await client.get("/v1/orientations?limit=2")
    waiting = await house.sent_orientation(participation_id=participation)
    connection = await asyncpg.connect(house.town.superuser_url, database=house.database)
    long_ago = "update exchange.orientation set sent_at = now() - interval '40 days' where id = $1"
    await connection.execute(long_ago, waiting["id"])
    await connection.close()
    await worker.get("/v1/orientations/reminders")
    await partner.post(f"/v1/orientations/{waiting['id']}/acknowledge")
    await worker.get(f"/v1/participations/{participation}/orientations")
    report = {
        "participation_id": participation, "transmission_kind": "concerning_information", "recipient": "CRIP",
        "legal_basis": "concerning_information_l226_2_1", "fields": ["last_name", "needs", "safe_contact"],
        "narrative": REFERRAL["facts"], "person_informed": "informed_before",
    }  # fmt: skip
    line = (await worker.post("/v1/transmissions", json=report)).headers["location"]
    for path in (line, f"{line}/content", "/v1/transmissions?limit=1"):
        await worker.get(path)
    await worker.get("/v1/transmissions/legal-bases?transmission_kind=orientation")


async def persons(house: House, *, full: bool) -> None:
    """Persons, found and linked."""
    worker = await house("worker")
    one, two = [
        (await worker.post("/v1/persons", json=PERSON if full else {"sex": "male"})).headers["location"]
        for _ in range(2)
    ]
    await patch(worker, one, {"last_name": "Bolieu"})
    await worker.get("/v1/persons?limit=1")
    await worker.post("/v1/persons/search", json={"name": "Beaulieux"})
    said = {"other_person_id": two.rpartition("/")[2], "household_link": "parent"}
    link = (await worker.post(f"{one}/household-links", json=said)).headers["location"]
    await worker.get(f"{one}/household-links")
    await delete(worker, link)


async def organisation(house: House) -> None:
    """What the administrator keeps."""
    admin, north = await house("administrator"), str(house.ids["north"])
    place = {"name": "N", "municipality": "Dreux"}
    for kind, draft in {
        "units": {**place, "zone": "mixed", "departement_code": "28"},
        "sites": {**place, "site_type": "other"},
        "employers": {"name": "N", "employer_type": "epci", "departement_code": "971"},
        "posts": {"name": "N", "employer_id": str(house.ids["employer"]), "starts_on": day(-9), "unit_ids": [north]},
    }.items():
        address = (await admin.post(f"/v1/{kind}", json=draft)).headers["location"]
        await admin.get(f"/v1/{kind}?limit=1")
        await admin.get(f"/v1/{kind}")
        await patch(admin, address, {"name": "M"})
        if kind != "employers":
            await patch(admin, address, {"ends_on" if kind == "posts" else "closed_on": day(30)})


async def accounts(house: House, *, full: bool) -> None:
    """Accounts and software, postings and invitations: proposed, approved, closed."""
    admin, other, unit = await house("administrator"), await house("other_administrator"), str(house.ids["north"])
    place = {"name": "N", "site_type": "other", "municipality": "Dreux"}
    convention = {
        "functional_authority": "other", "functional_authority_name": "\"A\"", "ends_on": day(30),
        "site_ids": [(await admin.post("/v1/sites", json=place)).json()["id"]],
        "funding": [{"funding_source": "epci", "share_percent": share} for share in (12.5,)],
    }  # fmt: skip
    post = {"name": "N", "employer_id": str(house.ids["employer"]), "starts_on": day(-9), "unit_ids": [unit]}
    post_id = (await admin.post("/v1/posts", json=post | (convention if full else {}))).json()["id"]
    posting = {"post_id": post_id, "starts_on": day(-9), "ends_on": day(30) if full else None}
    said = {"email": f"a{full}@exemple.test", "name": 'N "l\'aînée"', "role": "social_worker"}
    more = {
        "employer_id": str(house.ids["employer"]), "diploma": "ass", "secrecy_basis": "by_profession",
        "postings": [posting], "institution": {"issuer": "https://idp.exemple.test", "siret": "13002526500013"},
    }  # fmt: skip
    at = (await admin.post("/v1/accounts", json=said | (more if full else {}))).headers["location"]
    account_id = at.rpartition("/")[2]
    await admin.get(at)
    await patch(admin, at, {"name": "M"})
    for act in ("approve", "suspend", "resume"):
        await other.post(f"{at}/{act}")
    one = {"issuer": "https://b.exemple.test"} | ({"siret": "13002526500013"} if full else {})
    identity = (await admin.post(f"{at}/institutions", json=one)).json()["id"]
    for act in ("approve", "end"):
        await other.post(f"{at}/institutions/{identity}/{act}")
        await admin.get(f"{at}/institutions")
    posted = (await admin.post("/v1/postings", json={**posting, "account_id": account_id})).headers["location"]
    await admin.get(posted)
    await other.post(f"{posted}/approve")
    for purpose in ("password", "welcome"):
        made = (await admin.post(f"{at}/invitations", json={"purpose": purpose})).json()
    await other.post(f"/v1/invitations/{made['id']}/approve")
    await other.post(f"/v1/invitations/{made['id']}/revoke")
    await admin.get(f"{at}/invitations")
    await other.post(f"{posted}/end", json={"ends_on": day(0)} if full else None)
    await other.post(f"{at}/end")
    client = {"name": "L", "partner_id": str(house.ids["ccas"]), "scopes": ["orientation:read"]}
    at = (await admin.post("/v1/clients", json=client)).headers["location"]
    for act in ("approve", "end"):
        await other.post(f"{at}/{act}")
        await admin.get(at)
    await admin.get(f"{at.replace('clients', 'accounts')}/invitations")
    asked = {"email": f"c{full}@exemple.test", "name": "C"}
    await (await house("coordinator")).post("/v1/accounts", json=asked | ({"diploma": "cesf"} if full else {}))
    for reader in (admin, await house("dpo")):
        for kind in ("accounts", "postings", "clients"):
            await reader.get(f"/v1/{kind}?limit=3")


async def directory(house: House, *, full: bool) -> None:
    """Partners and their services, and who can help."""
    worker = await house("worker")
    partner = {"name": 'L\'"Abri"', "partner_category": "emergency_shelter", "address_confidential": not full}
    service = {"name": "Accueil", "description": "a", "needs": ["housing"], "areas": ["departement:28"]}
    if full:
        partner |= {**PLACE, "siret": "356 000 000 00048", "networks": ["ccas-cias"], "website": "https://exemple.test"}
        service |= {
            **PLACE, "service_type": "accompagnement", "thematics": ["logement-hebergement--louer-un-logement"],
            "publics": ["women"], "areas": ["commune:28085", "france"], "fees": "gratuit", "capacity_note": "2 places",
            "reception_modes": ["a-distance"], "reach_modes": ["telephoner"], "reached_by": ["usagers"],
            "weekly_hours": 2, "duration_weeks": 6,
        }  # fmt: skip
    address = (await worker.post("/v1/partners", json=partner)).headers["location"]
    at = (await worker.post(f"{address}/services", json=service)).headers["location"]
    await worker.post("/v1/partners/import", json=[saying.structure(), saying.service(), {}])
    for client in (worker, await house("officer")):
        await client.get("/v1/partners/export")
        for path in (address, f"{address}/services", at, "/v1/partners?limit=1", "/v1/partners?name=abri&ended=true"):
            await client.get(path)
        await client.get("/v1/partner-services?need=housing&commune=28085&public=women&at=2026-02-02T10:00:00Z")
        for name in ("organizations", "services", "service_at_locations", "taxonomies", "taxonomy_terms"):
            listed = await client.get(f"/hsds/{name}?per_page=200")
            await client.get(f"/hsds/{name}/{listed.json()['contents'][-1]['id']}")
        for name in ("organizations?full", "services?full", "services?minimal", "service_at_locations?full"):
            await client.get(f"/hsds/{name}=true")
    # A refuge is the coordinator's to correct.
    keeper = worker if full else await house("coordinator")
    await patch(keeper, at, {"description": "b", "ended_on": day(0) if full else None})
    await patch(keeper, address, {"address_confidential": True, "ended_on": day(0) if full else None})


async def figures(house: House) -> None:
    """The grid and the indicators, exact, then published: with figures, withheld, not at all; the codes of lines."""
    worker, coordinator, ids = await house("worker"), await house("coordinator"), house.ids
    for _ in range(55):
        met = (await house.situation(unit_id=str(ids["north"]), main_problem="housing"))["participations"][0]["id"]
        await worker.post("/v1/interventions", json=interview(met, occurred_at="2026-02-02T10:00:00Z"))
    line, said = "/v1/statistics/external-codes/T3/victim", {"external_code": "B12", "external_label": 'L\'"aide"'}
    first = await coordinator.put(line, json=said, headers={"If-None-Match": "*"})
    await coordinator.put(line, json={"external_code": None}, headers={"If-Match": first.headers["etag"]})
    await worker.get("/v1/statistics/external-codes")
    post, unit, employer = f"post:{ids['shared_post']}", f"unit:{ids['north']}", f"employer:{ids['employer']}"
    assert house.settings.statistics_key is not None
    key = base64.b64decode(house.settings.statistics_key.get_secret_value())
    await publish_period(house.town.lane_url("worker", house.database), key, "2026-Q1", lambda *_: None)
    for who, perimeters, periods in (
        ("worker", (post, unit), ("2026", "2026-Q1", "2026-02", "2025")),
        ("coordinator", (post, unit, employer, "departement:28", "zone:police"), ("2026", "2026-Q1", "2026-02")),
        ("commander", (unit, "national", "zone:police", f"unit:{ids['south']}"), ("2026-Q1", "2025")),
        ("observatory", (post, employer, "departement:28", f"unit:{ids['faraway']}"), ("2026-Q1",)),
        ("officer", ("national", "departement:29"), ("2026-Q1",)),
    ):  # fmt: skip
        client = await house(who)
        await client.get("/v1/statistics/publications?limit=1")
        for perimeter in perimeters:
            for period in periods:
                asked = f"period={period}&perimeter={perimeter}"
                for what in ("grid", "indicators", "indicators/share_women", "indicators/median_first_contact"):
                    await client.get(f"/v1/statistics/{what}?{asked}")
                for kind in ("csv", "xlsx"):
                    await client.get(f"/v1/statistics/grid/document?{asked}&format={kind}")


async def reports(house: House) -> None:
    """A report from its opening to its reading by the committee, in every format."""
    worker, coordinator, ids = await house("worker"), await house("coordinator"), house.ids
    post, employer = f"post:{ids['shared_post']}", f"employer:{ids['employer']}"
    for client, period, perimeter in (
        (worker, "2026-Q1", post), (coordinator, "2026-Q1", employer), (coordinator, "2026", "departement:28"),
    ):  # fmt: skip
        at = (await client.post("/v1/reports", json={"period": period, "perimeter": perimeter})).headers["location"]
        await patch(client, at, {"commentary": {"highlights": REFERRAL["facts"], "public": None}})
        await client.get(f"{at}/document?format=pdf")
        await coordinator.post(f"{at}/validate")
        if period == "2026":  # not over
            continue
        await coordinator.post(f"{at}/freeze")
        for reader in (client, await house("commander"), await house("observatory")):
            await reader.get(at)
            await reader.get("/v1/reports?limit=1")
            for kind in DOCUMENTS:
                await reader.get(f"{at}/document?format={kind}")
        await client.get(f"{at}/document?format=csv&audience=committee")


async def webhooks(house: House, superuser: asyncpg.Connection) -> None:
    """Subscriptions, what they were told, and what is sent again."""
    for who, event in (
        ("worker", "referral.sent"),
        ("partner", "orientation.closed"),
    ):
        client = await house(who)
        await client.get("/v1/webhooks/event-types")
        said = {"url": "https://logiciel.exemple.fr/é", "event_types": [event]}
        at = (await client.post("/v1/webhooks", json=said)).headers["location"]
        await client.get("/v1/webhooks")
        await patch(client, at, {"url": "https://logiciel.exemple.fr/relais"})
        for act in ("rotate-secret", "pause", "resume"):
            await client.post(f"{at}/{act}")
            await client.get(at)
        if who == "worker":
            for _ in range(2):
                await house.referral()
            attempts = [
                {"at": "2026-11-28T08:00:00.000000Z", "status": 500, "failure": None, "duration_ms": 12},
                {"at": "2026-11-28T08:00:05.000000Z", "status": None, "failure": "timeout", "duration_ms": 15000},
            ]
            told = "update outbox.delivery set attempts = $1, state = 'failed', next_attempt_at = null"
            await superuser.execute(told, json.dumps(attempts))
            log = (await client.get(f"{at}/deliveries?limit=1")).json()["items"]
            await client.post(f"{at}/deliveries/{log[0]['id']}/replay")
            await client.post(f"{at}/replay", json={"since": "2026-01-01T00:00:00Z"})
        await client.get(f"{at}/deliveries")
        await client.post(f"{at}/end")


async def everyone(house: House, superuser: asyncpg.Connection, reader: Reader) -> None:
    """Oneself, the lists, the traces, the state of the service, the sessions."""
    for who in ("worker", "officer", "partner"):
        client = await house(who)
        for path in ("me", "me/traces", "me/usage", "colleagues", "nomenclatures", "nomenclatures/sex"):
            await client.get(f"/v1/{path}")
    dpo = await house("dpo")
    await dpo.get("/v1/audit/traces?limit=3")
    await dpo.get("/v1/audit/traces?limit=200")
    await dpo.get("/v1/audit/verification")
    await dpo.get("/v1/audit/summary")
    telephone = await enrolled(house, superuser, "dpo")
    for client in (await house("worker"), await house("officer"), dpo):
        await client.get("/v1/me/sessions")
    await house.session_of("worker")
    mine = (await (await house("worker")).get("/v1/me/sessions")).json()["items"]
    other = next(each["id"] for each in mine if not each["current"])
    await (await house("worker")).delete(f"/v1/me/sessions/{other}")
    link, code = await invited(superuser, house.ids["observatory"], "welcome")
    holder = house.caller((await house.session_of("dpo"))["access_token"])
    holder.event_hooks = {"response": [reader]}
    async with house.caller() as anyone:
        anyone.event_hooks = {"response": [reader]}
        for path in ("/healthz", "/readyz", "/v1/status", "/.well-known/jwks.json", "/hsds",
                     "/problems/not_found", "/v1/auth/oidc/providers"):  # fmt: skip
            await anyone.get(path)
        said = {"email": "dpo@exemple.test", "password": PASSWORD}
        challenge = (await anyone.post("/v1/auth/login", json=said)).json()["challenge"]
        signed = await prove(anyone, challenge, telephone.code(-1))
        renewal = {"grant_type": "refresh_token", "refresh_token": signed.json()["refresh_token"]}
        signed = await anyone.post("/v1/auth/token", data=renewal)
        opened = (await anyone.post("/v1/auth/invitations/open", json={"token": link})).json()
        accepting = {"token": link, "approval_code": code, "password": PASSWORD}
        accepting["totp_code"] = Telephone(opened["secret"]).code()
        await anyone.post("/v1/auth/invitations/accept", json=accepting)
        await holder.post("/v1/auth/step-up", json={"code": telephone.code()})
        announced = (await holder.post("/v1/auth/second-factor", json={"code": telephone.code(1)})).json()
        first = {"ticket": announced["ticket"], "code": Telephone(announced["secret"]).code(-1)}
        await holder.post("/v1/auth/second-factor/confirm", json=first)
        change = {"password": PASSWORD, "code": Telephone(announced["secret"]).code(), "new_password": NEW_PASSWORD}
        await holder.post("/v1/auth/password", json=change)
        await anyone.post("/v1/auth/revoke", data={"token": signed.json()["refresh_token"]})


async def test_every_answer_of_every_route_is_what_the_contract_declares(
    house: House, superuser: asyncpg.Connection
) -> None:
    reader = Reader(house)
    people = ("worker", "officer", "administrator", "dpo", "partner", "commander", "coordinator", "observatory")
    for who in (*people, "other_administrator"):
        (await house(who)).event_hooks = {"response": [reader]}

    await referrals(house)
    await partner_referrals(house)
    for full in (False, True):
        participation = await situation(house, full=full)
        await around_a_participation(house, participation, full=full)
        await orientations(house, participation, full=full)
        await requisitions(house, participation, full=full)
        await activity(house, full=full)
        await persons(house, full=full)
        await directory(house, full=full)
        await accounts(house, full=full)
    await relays(house, superuser)
    await organisation(house)
    await figures(house)
    await reports(house)
    await webhooks(house, superuser)
    await everyone(house, superuser, reader)

    assert reader.declared.keys() - reader.answered.keys() == SENT_ELSEWHERE
