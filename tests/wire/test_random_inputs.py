"""Random JSON at every route that writes, sent by who may: whatever it is, never an error of ours."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.gate import permission_of
from app.nomenclature.terms import LISTS
from app.openapi import api_routes
from tests.access.walking import ACTIVITY
from tests.house_for_tests import ONE_OF_EACH_ROLE, House, Town, settings_for
from tests.routers.asking import ago, day, interview, someone
from tests.routers.relay import handed, proposed, staying

CODES = sorted({each.code for said in LISTS.values() for each in said.terms})
KEYS = ["01890a5d-ac96-774b-bcce-b302099a8057", "0" * 32, "", "x"]
TIMES = ["2026-01-01", "1900-01-01", "2199-12-31", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2026-06-31"]

texts = st.text(max_size=40) | st.sampled_from(
    [*CODES, *KEYS, *TIMES, "\x00", "\ud800", "0639980001", "a@exemple.test"]
)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)


@dataclass(frozen=True)
class Route:
    """A route that writes: who may, where, and the members that it knows, each with values that may pass."""

    who: str | None
    method: str
    path: str
    members: dict[str, list[Any]]
    form: bool


@pytest.fixture(scope="session")
async def open_house(town: Town, keys: dict[str, str]) -> AsyncIterator[House]:
    """One house for every example."""
    name = await town.clone()
    async with House.running(town, name, settings_for(town, name, keys)) as running:
        yield running
    await town.drop(name)


def _body_of(dependant: Any) -> list[Any]:
    """What a route reads of the body, itself or by a dependency."""
    return [*dependant.body_params, *(said for each in dependant.dependencies for said in _body_of(each))]


def _members(model: Any, ids: list[str]) -> dict[str, list[Any]]:
    annotated = getattr(model, "__args__", None)  # ``Nothing | None``
    model = annotated[0] if annotated else model
    return {name: _plausible(schema, ids) for name, schema in model.model_json_schema().get("properties", {}).items()}


def _plausible(schema: dict[str, Any], ids: list[str]) -> list[Any]:
    """Values that the schema of a member lets pass, or nearly."""
    if "anyOf" in schema:
        return [value for each in schema["anyOf"] for value in _plausible(each, ids)]
    if "x-nomenclature" in schema:
        return [each.code for each in LISTS[schema["x-nomenclature"]].terms]
    if schema.get("type") == "array":
        return [[], *([value] for value in _plausible(schema["items"], ids)[:6])]
    if "$ref" in schema:
        return [someone() if "Participation" in schema["$ref"] else someone()["person"]]
    by_kind = {"uuid": ids, "date": TIMES[:3], "date-time": [ago(hours=1), ago(hours=30)], "null": [None]}
    by_kind |= {
        "number": [1.5, 0.0, 48.4],
        "boolean": [True, False],
        "object": [{}, {"highlights": "Une année pleine."}, {"highlights": None}, {"nowhere": ""}],
        "integer": [0, 1, 30],
        "string": ["Petit", "28", "é" * 90, "0639980001", "2025-Q3", f"post:{ids[-1]}", "national"],
    }
    return by_kind[schema["format"] if schema.get("format") in by_kind else schema["type"]]


WITHOUT_A_WORD = re.compile(
    "/(withdraw|resume|reopen|acknowledge|take-up|revoke|validate|freeze|approve|suspend|end|cancel|refuse)$"
    "|/orientations/[^/]+/close$|/partners/import$|/webhooks/[^/]+/(pause|rotate-secret)$|/deliveries/[^/]+/replay$"
)


async def _identity(house: House) -> dict[str, str]:
    """One of each thing by which people come in, replace, take over."""
    administrator, worker = await house("administrator"), await house("worker")
    draft = {"email": "neuve@exemple.test", "name": "Neuve", "role": "social_worker"}
    account = (await administrator.post("/v1/accounts", json=draft)).json()
    at = f"/v1/accounts/{account['id']}"
    await (await house("other_administrator")).post(f"{at}/approve")
    draft = {"account_id": account["id"], "post_id": str(house.ids["other_post"]), "starts_on": day(0)}
    posting = await administrator.post("/v1/postings", json=draft)
    invitation = await administrator.post(f"{at}/invitations", json={"purpose": "welcome"})
    identity = await administrator.post(f"{at}/institutions", json={"issuer": "https://institution.exemple.test"})
    draft = {"name": "Logiciel", "partner_id": str(house.ids["ccas"]), "scopes": ["orientation:read"]}
    client = await administrator.post("/v1/clients", json=draft)
    agreement = await worker.post("/v1/home-visit-agreements", json={"visit_on": day(1), "municipality": "Chartres"})
    situations = (await worker.get("/v1/situations?limit=200")).json()["items"]
    items = [staying(each["id"], "Un mot.") for situation in situations for each in situation["participations"]]
    made = {"posting_id": posting, "invitation_id": invitation, "identity_id": identity, "client_id": client}
    return {
        "account_id": account["id"],
        **{name: answer.json()["id"] for name, answer in made.items()},
        "agreement_id": agreement.json()["id"],
        "replacement_id": (await proposed(house))["id"],
        "handover_id": (await handed(house, items))["id"],
    }


@pytest.fixture(scope="session")
async def routes(open_house: House) -> list[Route]:
    """Every POST, PUT and PATCH, on things that exist."""
    house, ids = open_house, {name: str(each) for name, each in open_house.ids.items()}
    worker = await house("worker")
    situation = await house.situation()
    participation = situation["participations"][0]
    note = await house.note(participation["id"])
    act = await worker.post("/v1/interventions", json=interview(participation["id"]))
    need = await worker.post(f"/v1/participations/{participation['id']}/needs", json={"need_type": "other"})
    site = await (await house("administrator")).post(
        "/v1/sites", json={"name": "A", "site_type": "other", "municipality": "B"}
    )
    asked = {"received_on": "2026-01-02", "requested_by": "A", "requisition_basis": "other", "requested_scope": "B"}
    requisition = await worker.post("/v1/requisitions", json=asked)
    activity = await worker.post("/v1/collective-activities", json=ACTIVITY)
    days = f"/v1/posts/{ids['shared_post']}/presences/2025-06"
    await worker.put(days, json={"days_worked": 18.5}, headers={"If-None-Match": "*"})
    told = {"period": "2025", "perimeter": f"post:{ids['shared_post']}"}
    report = (await worker.post("/v1/reports", json=told)).json()
    sent = await house.sent_orientation()
    link = (await worker.post(f"/v1/orientations/{sent['id']}/answer-links", json={})).json()
    hooked = {"url": "https://logiciel.exemple.fr/relais", "event_types": ["referral.sent"]}
    webhook = (await worker.post("/v1/webhooks", json=hooked)).json()
    referral = await house.referral()
    noticed = (await worker.get(f"/v1/webhooks/{webhook['id']}/deliveries")).json()["items"][0]
    known = {
        "webhook_id": webhook["id"], "delivery_id": noticed["id"],
        "orientation_id": sent["id"], "link_id": link["id"], "token": link["path"].rpartition("/")[2],
        "partner_id": ids["ccas"], "service_id": ids["ccas_service"], "transmission_id": sent["transmission_id"],
        "requisition_id": requisition.json()["id"], "collective_activity_id": activity.json()["id"],
        "referral_id": referral["id"], "situation_id": situation["id"], "note_id": note["id"],
        "participation_id": participation["id"], "person_id": participation["person"]["id"],
        "need_id": need.json()["id"], "intervention_id": act.json()["id"], "unit_id": ids["north"],
        "site_id": site.json()["id"], "employer_id": ids["employer"], "post_id": ids["other_post"],
        "report_id": report["id"], "table_code": "T3", "line_code": "victim", **await _identity(house),
    }  # fmt: skip
    # The worker's own post keeps its days; the other one is the administrator's to correct at random.
    addresses = {"/v1/posts/{post_id}/presences/{month}": days}
    found = []
    for route in api_routes(house.app):
        for method in (route.methods or set()) & {"POST", "PUT", "PATCH"}:
            permission, body = permission_of(route), _body_of(route.dependant)
            form = bool(body) and type(body[0].field_info).__name__ == "Form"
            members = {each.alias: ["x"] for each in body} if form else {}
            if body and not form:
                members = _members(body[0].field_info.annotation, list(known.values()))
            found.append(
                Route(
                    ONE_OF_EACH_ROLE[permission.roles[0]] if permission else None,
                    method,
                    addresses.get(route.path_format or "") or (route.path_format or "").format(**known),
                    members,
                    form,
                )
            )
    return sorted(found, key=lambda each: (each.path, each.method))


def body_of(route: Route, drawn: Any, picks: list[int]) -> bytes:
    """A body: now and then whatever was drawn; else what the route knows, where a drawn value takes some places."""
    pool = drawn if isinstance(drawn, list) and drawn else [drawn]
    if picks[0] % 6 and route.members:
        drawn = {}
        for number, (name, passing) in enumerate(route.members.items()):
            pick = picks[number % len(picks)] + number
            if pick % 5:
                drawn[name] = pool[pick % len(pool)] if pick % 11 == 0 else passing[pick % len(passing)]
    if route.form:
        pairs = drawn.items() if isinstance(drawn, dict) else [("token", drawn)]
        return "&".join(f"{name}={json.dumps(value)}" for name, value in pairs).encode()
    return json.dumps(drawn).encode()


EXAMPLES = 200
SENT = {"examples": 0, "requests": 0, "accepted": 0}


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    drawn=st.lists(values, min_size=1, max_size=8) | values, picks=st.lists(st.integers(0, 99), min_size=5, max_size=9)
)
async def test_random_json_is_never_an_error_of_ours(
    open_house: House,
    routes: list[Route],
    record_property: Callable[[str, object], None],
    drawn: Any,
    picks: list[int],
) -> None:
    SENT["examples"] += 1
    for pick in picks:
        route = routes[(pick * 31 + picks[0]) % len(routes)]
        client = await open_house(route.who) if route.who else open_house.caller()
        media = "application/merge-patch+json" if route.method == "PATCH" else "application/json"
        media = "application/x-www-form-urlencoded" if route.form else media
        answer = await client.request(
            route.method,
            route.path,
            content=body_of(route, drawn, picks),
            headers={"Content-Type": media, "If-Match": "*"},
        )
        SENT["requests"] += 1
        SENT["accepted"] += answer.is_success
        assert answer.status_code < 500, (route, drawn, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
    if SENT["examples"] == EXAMPLES:
        record_property("random_requests", SENT["requests"])
        record_property("random_requests_accepted", SENT["accepted"])


async def test_every_route_that_writes_is_there_to_be_tried(routes: list[Route]) -> None:
    assert len(routes) > 30
    assert [route.path for route in routes if not (route.members or WITHOUT_A_WORD.search(route.path))] == []
