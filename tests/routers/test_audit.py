"""The traces: one for each reading of what is traced, chained, verified from outside; without one, no answer."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.access.policy import policy
from app.main import create_app
from app.settings import Settings
from tests.access.walking import ACTIVITY
from tests.access.ways import mounted
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, interview, patch, refused
from tests.routers.relay import handed, proposed, staying

NOBODY = UUID(int=0)


@dataclass
class Scene:
    """One of each thing that is traced, and what the town's worker did to have it."""

    house: House
    superuser: asyncpg.Connection
    ids: dict[str, str]

    async def traces_of(self, asked: Any) -> tuple[httpx.Response, list[tuple[Any, ...]]]:
        """What a request answered, and the traces that it left: act, subject, rows, outcome."""
        before = await self.superuser.fetchval("select count(*) from audit.trace")
        answer = await asked
        rows = await self.superuser.fetch(
            "select act, subject_id, row_count, outcome from audit.trace order by at, seq offset $1", before
        )
        return answer, [tuple(row) for row in rows]


@pytest.fixture
async def scene(house: House, superuser: asyncpg.Connection) -> Scene:
    """A referral accepted, a situation with all that can hang on it."""
    worker = await house("worker")
    referral = await house.referral()
    situation = (await worker.post(f"/v1/referrals/{referral['id']}/accept", json={})).json()
    participation = situation["participations"][0]
    at = f"/v1/participations/{participation['id']}"
    note = await house.note(participation["id"])
    other = (await worker.post("/v1/persons", json={"sex": "female", "last_name": "Bolieu"})).json()
    link = await worker.post(
        f"/v1/persons/{participation['person']['id']}/household-links",
        json={"other_person_id": other["id"], "household_link": "sibling"},
    )
    share = await worker.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": str(house.ids["colleague"])})
    need = await worker.post(f"{at}/needs", json={"need_type": "housing"})
    act = await worker.post("/v1/interventions", json=interview(participation["id"]))
    await worker.put(f"{at}/safe-contact", json={}, headers={"If-None-Match": "*"})
    sent = await house.sent_orientation(participation_id=participation["id"])
    await worker.post(f"/v1/orientations/{sent['id']}/answer-links", json={})
    asked = {"received_on": day(0), "requested_by": "OPJ", "requisition_basis": "cpp_60_1", "requested_scope": "a"}
    requisition = (await worker.post("/v1/requisitions", json=asked)).json()
    activity = (await worker.post("/v1/collective-activities", json=ACTIVITY)).json()
    days = f"/v1/posts/{house.ids['shared_post']}/presences/2025-06"
    await worker.put(days, json={"days_worked": 18.5}, headers={"If-None-Match": "*"})
    directed = {
        "post_id": str(house.ids["shared_post"]), "last_name": "Petit", "person_status": "victim",
        "urgency": "standard", "contact_consent": "not_asked",
    }  # fmt: skip
    by_partner = (await (await house("partner")).post("/v1/referrals", json=directed)).json()
    asked = {"period": "2026-Q1", "perimeter": f"post:{house.ids['shared_post']}"}
    report = (await worker.post("/v1/reports", json=asked)).json()
    handover = await handed(house, [staying(participation["id"], "À rappeler par l'école.")])
    # Her colleague of the same post: whoever replaces reads her own replacement.
    by_colleague = {"account_id": str(house.ids["colleague"])}
    replacement = await proposed(house, by="coordinator", **by_colleague)
    visit = {"visit_on": day(0), "municipality": "Dreux"}
    agreement = (await worker.post("/v1/home-visit-agreements", json=visit)).json()
    hears = {"url": "https://abonne.exemple.test/relais", "event_types": ["referral.sent"]}
    webhook = (await worker.post("/v1/webhooks", json=hears)).json()
    ids = {
        "handover": handover["id"], "replacement": replacement["id"], "agreement": agreement["id"],
        "webhook": webhook["id"],
        "activity_report": report["id"], "orientation": sent["id"],
        "transmission": sent["transmission_id"], "requisition": requisition["id"],
        "partner_referral": by_partner["id"], "collective_activity": activity["id"],
        "post": str(house.ids["shared_post"]),
        "referral": referral["id"], "situation": situation["id"], "participation": participation["id"],
        "person": participation["person"]["id"], "note": note["id"], "need": need.json()["id"],
        "intervention": act.json()["id"], "share": share.json()["id"], "link": link.json()["id"],
    }  # fmt: skip
    return Scene(house, superuser, ids)


# The reading, then the scope, the subject and the number of rows of its one trace.
READINGS: Sequence[tuple[str, str, str | None, int]] = [
    ("/v1/referrals", "referral:read", None, 1),
    ("/v1/referrals/{referral}", "referral:read", "referral", 1),
    ("/v1/situations", "situation:read", None, 1),
    ("/v1/situations?status=closed", "situation:read", None, 0),
    ("/v1/situations/{situation}", "situation:read", "situation", 1),
    ("/v1/situations/{situation}/participations", "participation:read", "situation", 1),
    ("/v1/participations/{participation}", "participation:read", "participation", 1),
    ("/v1/participations/{participation}/needs", "need:read", "participation", 1),
    ("/v1/participations/{participation}/notes", "note:read", "participation", 1),
    ("/v1/participations/{participation}/safe-contact", "safe_contact:read", "participation", 1),
    ("/v1/needs/{need}", "need:read", "need", 1),
    ("/v1/notes/{note}", "note:read", "note", 1),
    ("/v1/notes/{note}/shares", "note_share:read", "note", 1),
    ("/v1/notes/{note}/shares/{share}", "note_share:read", "share", 1),
    ("/v1/persons", "person:read", None, 2),
    ("/v1/persons?limit=1", "person:read", None, 1),
    ("/v1/persons/{person}", "person:read", "person", 1),
    ("/v1/persons/{person}/household-links", "household_link:read", "person", 1),
    ("/v1/persons/{person}/household-links/{link}", "household_link:read", "link", 1),
    ("/v1/interventions", "intervention:read", None, 1),
    ("/v1/interventions/{intervention}", "intervention:read", "intervention", 1),
    ("/v1/participations/{participation}/orientations", "participation:read", "participation", 1),
    ("/v1/orientations", "orientation:read", None, 1),
    ("/v1/orientations/{orientation}", "orientation:read", "orientation", 1),
    ("/v1/orientations/{orientation}/answer-links", "answer_link:read", "orientation", 1),
    ("/v1/transmissions", "transmission:read", None, 1),
    ("/v1/transmissions/{transmission}", "transmission:read", "transmission", 1),
    ("/v1/transmissions/{transmission}/content", "transmission:read", "transmission", 1),
    ("/v1/requisitions", "requisition:read", None, 1),
    ("/v1/requisitions/{requisition}", "requisition:read", "requisition", 1),
    ("/v1/collective-activities", "collective_activity:read", None, 1),
    ("/v1/collective-activities/{collective_activity}", "collective_activity:read", "collective_activity", 1),
    ("/v1/posts/{post}/presences?year=2025", "presence:read", "post", 1),
    ("/v1/posts/{post}/presences/2025-06", "presence:read", "post", 1),
    ("/v1/statistics/grid?period=2026-Q1&perimeter=post:{post}", "statistics:count", "post", 1),
    ("/v1/statistics/grid/document?period=2026-Q1&perimeter=post:{post}&format=csv", "statistics:count", "post", 1),
    ("/v1/statistics/indicators?period=2026-Q1&perimeter=post:{post}", "statistics:count", "post", 1),
    ("/v1/statistics/indicators/share_women?period=2026&perimeter=post:{post}", "statistics:count", "post", 1),
    ("/v1/statistics/publications", "statistics:count", None, 0),
    ("/v1/reports", "report:read", None, 1),
    ("/v1/reports/{activity_report}", "report:read", "activity_report", 1),
    ("/v1/reports/{activity_report}/document?format=csv", "report:read", "activity_report", 1),
    ("/v1/referrals?from=partners", "referral:read", None, 1),
    ("/v1/referrals/{partner_referral}", "referral:read", "partner_referral", 1),
    ("/v1/replacements", "replacement:read", None, 1),
    ("/v1/replacements/{replacement}", "replacement:read", "replacement", 1),
    ("/v1/me/notices", "replacement:read", None, 2),
    ("/v1/handovers", "handover:read", None, 1),
    ("/v1/handovers/{handover}", "handover:read", "handover", 1),
    ("/v1/handovers/{handover}/summaries", "handover_summary:read", "handover", 1),
    ("/v1/home-visit-agreements", "home_visit_agreement:read", None, 1),
    ("/v1/home-visit-agreements/{agreement}", "home_visit_agreement:read", "agreement", 1),
    ("/v1/me/sessions", "my_session:read", None, 1),
    ("/v1/webhooks", "webhook:read", None, 1),
    ("/v1/webhooks/event-types", "webhook:read", None, len(policy().heard_by("social_worker"))),
    ("/v1/webhooks/{webhook}", "webhook:read", "webhook", 1),
    ("/v1/webhooks/{webhook}/deliveries", "webhook:read", "webhook", 0),
]


async def test_every_reading_of_what_is_traced_leaves_exactly_one_trace(scene: Scene) -> None:
    worker = await scene.house("worker")
    for path, scope, subject, count in READINGS:
        answer, left = await scene.traces_of(worker.get(path.format(**scene.ids)))
        assert answer.status_code == 200, path
        assert left == [(scope, UUID(scene.ids[subject]) if subject else None, count, "done")], path
    found, left = await scene.traces_of(worker.post("/v1/persons/search", json={"name": "Bolieu"}))
    assert (len(found.json()["items"]), left) == (2, [("person:read", None, 2, "done")])
    told, left = await scene.traces_of((await scene.house("dpo")).get("/v1/audit/traces?limit=3"))
    assert (len(told.json()["items"]), left) == (3, [("trace:read", None, 3, "done")])


async def test_every_traced_resource_that_a_worker_reads_is_in_the_list_above(settings: Settings) -> None:
    # By stem: twin tables share their scopes.
    traced = {said.stem for said in policy().resources.values() if said.traced and "social_worker" in said.rights}
    asked = {permission.scope for permission in mounted(create_app(settings)).values() if permission}
    read = {scope.partition(":")[0] for scope in asked if scope.endswith((":read", ":count"))}
    # The handling is read within its referral; what no route reads has no trace to leave.
    assert {scope.partition(":")[0] for _, scope, _, _ in READINGS} == traced & read - {"referral_handling"}


async def test_a_reading_that_finds_nothing_leaves_a_trace_with_what_was_looked_for(scene: Scene) -> None:
    elsewhere = await scene.house("worker_elsewhere")
    for path, scope, subject, _ in READINGS:
        if "{" in path:
            answer, left = await scene.traces_of(elsewhere.get(path.format(**scene.ids)))
            refused(answer, 404, "not_found")
            expected = UUID(scene.ids[subject]) if subject else None
            assert left == [(scope, expected, 0, "not_found")], path


async def test_a_refusal_of_the_role_leaves_a_trace(scene: Scene) -> None:
    for who in ("officer", "commander", "dpo", "partner"):
        reader = await scene.house(who)
        answer, left = await scene.traces_of(reader.get(f"/v1/notes/{scene.ids['note']}"))
        refused(answer, 403, "forbidden")
        assert left == [("note:read", None, 0, "refused")]


async def test_every_act_leaves_one_trace_that_names_its_object(scene: Scene) -> None:
    worker, other = await scene.house("worker"), (await scene.house.session_of("worker"))["access_token"]
    ids = scene.ids | {"other_session": str(scene.house.app.state.verifier.actor(other).session_id)}
    at = f"/v1/situations/{ids['situation']}"
    acts: list[tuple[Any, str, str]] = [
        (worker.post(f"/v1/referrals/{ids['referral']}/feedback", json={"feedback_code": "received"}),
         "referral:change", "referral"),
        (worker.post(f"{at}/suspend", json={}), "situation:change", "situation"),
        (worker.post(f"{at}/resume"), "situation:change", "situation"),
        (patch(worker, at, {"urgency": "urgent"}, seen="*"), "situation:change", "situation"),
        (patch(worker, f"/v1/persons/{ids['person']}", {"phone": None}, seen="*"), "person:change", "person"),
        (patch(worker, f"/v1/needs/{ids['need']}", {"met_on": None}, seen="*"), "need:change", "need"),
        (worker.delete(f"/v1/notes/{ids['note']}/shares/{ids['share']}", headers={"If-Match": "*"}),
         "note_share:change", "share"),
        (worker.put(f"/v1/participations/{ids['participation']}/safe-contact", json={}, headers={"If-Match": "*"}),
         "safe_contact:change", "participation"),
        (worker.post(f"/v1/handovers/{ids['handover']}/cancel"), "handover:change", "handover"),
        (worker.post(f"/v1/replacements/{ids['replacement']}/end"), "replacement:change", "replacement"),
        (worker.delete(f"/v1/me/sessions/{ids['other_session']}"), "my_session:change", "other_session"),
    ]  # fmt: skip
    for asked, scope, subject in acts:
        answer, left = await scene.traces_of(asked)
        assert answer.is_success, answer.text
        assert left == [(scope, UUID(ids[subject]), 1, "done")]


async def test_a_request_that_is_malformed_or_out_of_date_leaves_no_trace_of_an_act(scene: Scene) -> None:
    worker, address = await scene.house("worker"), f"/v1/situations/{scene.ids['situation']}"
    for asked in (
        worker.post("/v1/persons", json={"sex": "unknown"}),
        patch(worker, address, {"urgency": "urgent"}, seen='"old"'),
        worker.post(f"{address}/reopen"),
    ):
        answer, left = await scene.traces_of(asked)
        assert answer.status_code in (409, 412, 422)
        assert left == []


async def test_lists_that_are_nobodys_leave_no_trace(scene: Scene) -> None:
    worker = await scene.house("worker")
    for path in ("/v1/units", "/v1/posts", "/v1/nomenclatures/sex", "/v1/me", "/v1/colleagues", "/healthz"):
        answer, left = await scene.traces_of(worker.get(path))
        assert (answer.status_code, left) == (200, [])


async def test_no_trace_holds_a_name_a_text_or_a_searched_word(scene: Scene) -> None:
    await (await scene.house("worker")).post("/v1/persons/search", json={"name": "Beaulieux"})
    everything = await scene.superuser.fetchval("select string_agg(t::text, ' ') from audit.trace t")
    for word in ("Bolieu", "Beaulieux", "Kévin", "confié", "exemple.test"):
        assert word not in everything


def broken_links(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The links of every chain that are not what they were, recomputed from outside PostgreSQL."""
    broken, heads = [], dict[tuple[UUID, str], tuple[int, bytes]]()
    for row in rows:
        chain = row["perimeter_id"], row["lane"]
        last, prev = heads.get(chain, (0, b"\0"))
        at = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        said = [str(chain[0]), chain[1], row["seq"], at]
        said += [str(row[name]) if row[name] else None for name in ("account_id", "session_id")]
        said += [row["act"], str(row["subject_id"]) if row["subject_id"] else None, row["row_count"], row["outcome"]]
        digest = hashlib.sha256(prev + json.dumps(said).encode()).digest()
        if (row["seq"], row["prev_hash"], row["hash"]) != (last + 1, prev, digest):
            broken.append((*chain, row["seq"]))
        heads[chain] = row["seq"], row["hash"]
    return broken


async def chain(superuser: asyncpg.Connection) -> list[Any]:
    """Every trace, chain after chain."""
    rows: list[Any] = await superuser.fetch("select * from audit.trace order by perimeter_id, lane, seq")
    return rows


async def test_the_chains_recomputed_in_python_hold(scene: Scene) -> None:
    for who in ("officer", "worker_elsewhere", "dpo", "partner"):
        await (await scene.house(who)).get(f"/v1/referrals/{scene.ids['referral']}")
    rows = await chain(scene.superuser)
    assert len(rows) > 15
    assert {row["lane"] for row in rows} >= {"relais_social_worker", "relais_police_officer", "relais_authentication"}
    assert {row["perimeter_id"] for row in rows} >= {NOBODY, scene.house.ids["shared_post"], scene.house.ids["north"]}
    assert broken_links(rows) == []
    heads = await scene.superuser.fetch("select * from audit.head")
    last = {(row["perimeter_id"], row["lane"]): (row["seq"], row["hash"]) for row in rows}
    assert {(head["perimeter_id"], head["lane"]): (head["seq"], head["hash"]) for head in heads} == last


EDITS = {
    "another author": "account_id = gen_random_uuid()",
    "another object": "subject_id = null",
    "fewer rows": "row_count = 0",
    "another act": "act = 'unit:read'",
    "another outcome": "outcome = 'refused'",
    "another hour": "at = at - interval '1 hour'",
    "another session": "session_id = null",
}


@pytest.mark.parametrize("how", EDITS)
async def test_an_edited_trace_is_found(scene: Scene, how: str) -> None:
    edit = f"update audit.trace set {EDITS[how]} where perimeter_id = $1 and seq = 3 and act <> 'unit:read'"
    assert await scene.superuser.execute(edit, scene.house.ids["shared_post"]) == "UPDATE 1"
    assert [seq for *_, seq in broken_links(await chain(scene.superuser))] == [3]


async def test_a_deleted_trace_is_found_even_the_last_one(scene: Scene) -> None:
    post = scene.house.ids["shared_post"]
    await scene.superuser.execute("delete from audit.trace where perimeter_id = $1 and seq = 3", post)
    assert [seq for *_, seq in broken_links(await chain(scene.superuser))] == [4]
    last = await scene.superuser.fetchval("select max(seq) from audit.trace where perimeter_id = $1", post)
    await scene.superuser.execute("delete from audit.trace where perimeter_id = $1 and seq = $2", post, last)
    head = await scene.superuser.fetchval("select seq from audit.head where perimeter_id = $1", post)
    assert head == last  # the head remembers


FAILURES = {
    "the function is gone": "drop function access.trace",
    "the right is gone": "revoke execute on function access.trace from relais_social_worker",
    "the table refuses": "alter table audit.trace add constraint no_room check (false) not valid",
    "the disk is full": "create function audit.no_room() returns trigger language plpgsql as"
    " $$ begin raise exception using errcode = '53100'; end $$;"
    " create trigger no_room before insert on audit.trace execute function audit.no_room()",
}


@pytest.mark.parametrize("how", FAILURES)
async def test_without_a_trace_there_is_no_answer(scene: Scene, how: str) -> None:
    worker, note = await scene.house("worker"), scene.ids["note"]
    persons = await scene.superuser.fetchval("select count(*) from social.person")
    await scene.superuser.execute(FAILURES[how])
    for path, *_ in READINGS:
        answer = await worker.get(path.format(**scene.ids))
        assert answer.status_code >= 400, path
        assert "Bolieu" not in answer.text
        assert "confié" not in answer.text
    assert (await worker.get(f"/v1/notes/{note}")).headers["content-type"] == "application/problem+json"
    assert (await worker.post("/v1/persons", json={"sex": "female"})).status_code >= 400
    assert await scene.superuser.fetchval("select count(*) from social.person") == persons


async def test_the_officer_of_data_protection_reads_the_traces_and_nobody_else_does(scene: Scene) -> None:
    dpo = await scene.house("dpo")
    first = (await dpo.get("/v1/audit/traces?limit=5")).json()
    assert len(first["items"]) == 5
    assert "hash" not in first["items"][0]
    seen = [each["id"] for each in first["items"]]
    following = await dpo.get("/v1/audit/traces", params={"limit": 5, "cursor": first["next_cursor"]})
    assert not set(seen) & {each["id"] for each in following.json()["items"]}
    for who in ("worker", "officer", "commander", "administrator", "coordinator", "partner", "observatory"):
        refused(await (await scene.house(who)).get("/v1/audit/traces"), 403, "forbidden")


async def test_a_list_over_several_posts_is_traced_outside_any_of_them(
    house: House, superuser: asyncpg.Connection
) -> None:
    await superuser.execute(
        "insert into accounts.posting (id, account_id, post_id, starts_on, approved_at)"
        " values ($1, $2, $3, '2026-01-01', now())",
        UUID(UNKNOWN), house.ids["worker"], house.ids["other_post"],
    )  # fmt: skip
    await (await house("worker")).get("/v1/situations")
    row = await superuser.fetchrow("select perimeter_id, at from audit.trace where act = 'situation:read'")
    assert row["perimeter_id"] == NOBODY
    now = await superuser.fetchval("select now()")
    assert now - row["at"] < timedelta(minutes=1)


async def test_the_delegate_asks_whether_the_chains_hold_and_is_traced(scene: Scene) -> None:
    dpo = await scene.house("dpo")
    answer, left = await scene.traces_of(dpo.get("/v1/audit/verification"))
    said = answer.json()
    assert (answer.status_code, said["intact"]) == (200, True)
    assert said["entries"] == sum(each["entries"] for each in said["chains"]) > 15
    assert left == [("trace:read", None, len(said["chains"]), "done")]

    await scene.superuser.execute(
        "update audit.trace set row_count = 7 where perimeter_id = $1 and seq = 3", scene.house.ids["shared_post"]
    )

    said = (await dpo.get("/v1/audit/verification")).json()
    broken = [each for each in said["chains"] if each["reason"]]
    assert said["intact"] is False
    assert [(each["perimeter_id"], each["broken_at"], each["reason"]) for each in broken] == [
        (str(scene.house.ids["shared_post"]), 3, "ce maillon n'est plus ce qu'il était")
    ]


async def test_the_delegate_reads_a_day_in_numbers_and_nobody_else_does(scene: Scene) -> None:
    dpo, worker = await scene.house("dpo"), str(scene.house.ids["worker"])
    said = (await dpo.get("/v1/audit/summary")).json()
    lines = {(each["account_id"], each["act"], each["outcome"]): each for each in said["items"]}
    assert lines[worker, "note:add", "done"]["acts"] == 1
    assert lines[worker, "note:add", "done"]["subjects"] == 1
    # A Wednesday at noon, a Sunday at noon, a public holiday at noon, a Wednesday at five: in Paris, whatever the zone.
    for day_, hour, outside in (
        ("2026-06-10", "12:00", 0), ("2026-06-14", "12:00", 1), ("2026-07-14", "12:00", 1), ("2026-06-10", "05:30", 1),
        ("2026-06-10", "19:59", 0), ("2026-06-10", "20:00", 1),
    ):  # fmt: skip
        await scene.superuser.execute("set timezone = 'Pacific/Auckland'")
        await scene.superuser.execute(
            "update audit.trace set at = ($1::text::timestamp at time zone 'Europe/Paris') where act = 'note:add'",
            f"{day_} {hour}",
        )
        (line,) = (await dpo.get("/v1/audit/summary", params={"on": day_})).json()["items"]
        assert (line["act"], line["acts"], line["off_hours"]) == ("note:add", 1, outside), (day_, hour)
    refused(await dpo.get("/v1/audit/summary?on=9999-12-31"), 422, "invalid_request")
    for who in ("worker", "officer", "commander", "administrator", "coordinator", "partner", "observatory"):
        for path in ("/v1/audit/summary", "/v1/audit/verification"):
            refused(await (await scene.house(who)).get(path), 403, "forbidden")
