"""A request sent again is answered again and not done again; a rehearsed one is answered, then undone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from structlog.testing import capture_logs

from app.models.columns import new_id
from tests.house_for_tests import House
from tests.routers.asking import day, refused

PERSON = {"sex": "female", "last_name": "Bolieu"}


async def told(house: House, query: str, *given: Any) -> Any:
    """One value, as the superuser sees it."""
    connection = await asyncpg.connect(house.town.superuser_url, database=house.database)
    try:
        return await connection.fetchval(query, *given)
    finally:
        await connection.close()


async def _send(house: House, key: str | None, draft: dict[str, Any] = PERSON, by: str = "worker") -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await (await house(by)).post("/v1/persons", json=draft, headers=headers)


async def test_a_request_sent_again_under_its_key_gets_the_first_answer_and_adds_nothing(house: House) -> None:
    before = await told(house, "select count(*) from social.person")
    first = await _send(house, '"a-key-of-mine"')
    again = await (await house("worker")).post(
        "/v1/persons",
        content=b'{ "last_name":"Bolieu","sex":"female"}',
        headers={"Idempotency-Key": "a-key-of-mine", "Content-Type": "application/json"},
    )
    assert first.status_code == again.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    for name in ("etag", "location", "content-type", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert await told(house, "select count(*) from social.person") == before + 1
    assert await told(house, "select count(*) from audit.trace where act = 'person:add' and outcome = 'replayed'") == 1


async def test_a_key_that_served_for_another_request_is_refused(house: House) -> None:
    await _send(house, "k1")
    refused(await _send(house, "k1", {**PERSON, "last_name": "Autre"}), 422, "idempotency_key_reused")
    situation = await (await house("worker")).post("/v1/situations", json=PERSON, headers={"Idempotency-Key": "k1"})
    refused(situation, 422, "idempotency_key_reused")


async def test_a_key_belongs_to_whoever_chose_it(house: House) -> None:
    first = await _send(house, "shared-key")
    other = await _send(house, "shared-key", by="colleague")
    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other.headers
    assert other.json()["id"] != first.json()["id"]


async def test_a_refused_request_is_not_remembered(house: House) -> None:
    refused(await _send(house, "k2", {"last_name": "Sans sexe", "unknown": 1}), 422, "invalid_request")
    assert (await _send(house, "k2")).status_code == 201


async def test_of_eight_same_requests_at_once_one_is_done_and_the_others_learn_it(house: House) -> None:
    before = await told(house, "select count(*) from social.person")
    answers = await asyncio.gather(*(_send(house, "at-once") for _ in range(8)))
    assert {each.status_code for each in answers} <= {201, 409}
    for each in answers:
        if each.status_code == 409:
            refused(each, 409, "idempotency_in_flight")
            assert each.headers["Retry-After"] == "1"
    assert len({each.json()["id"] for each in answers if each.status_code == 201}) == 1
    assert await told(house, "select count(*) from social.person") == before + 1


async def test_the_answer_that_is_kept_is_sealed_and_its_key_is_kept_as_a_digest(house: House) -> None:
    await _send(house, "clear-key")
    kept = await told(
        house, "select row_to_json(r)::text || encode(sealed, 'escape') from accounts.remembered_answer r"
    )
    assert "Bolieu" not in kept
    assert "clear-key" not in kept


async def test_after_a_day_the_key_is_free_again(house: House) -> None:
    first = await _send(house, "old")
    await told(house, "update accounts.remembered_answer set answered_at = now() - interval '25 hours' returning 1")
    again = await _send(house, "old")
    assert again.status_code == 201
    assert again.json()["id"] != first.json()["id"]
    assert await told(house, "select count(*) from accounts.remembered_answer") == 1


async def test_when_postings_have_changed_the_answer_is_not_told_again_and_nothing_is_done_twice(house: House) -> None:
    await _send(house, "moved")
    before = await told(house, "select count(*) from social.person")
    posting = (
        "insert into accounts.posting (id, account_id, post_id, starts_on, approved_at)"
        " values ($1, $2, $3, '2026-01-01', now()) returning 1"
    )
    await told(house, posting, new_id(), house.ids["worker"], house.ids["other_post"])
    refused(await _send(house, "moved"), 409, "idempotency_outdated")
    assert await told(house, "select count(*) from social.person") == before


async def test_a_key_that_cannot_be_read_is_refused(house: House) -> None:
    for bad in ("", " ", "a b", "x" * 256, "é".encode().decode("latin-1")):
        answer = await (await house("worker")).post(
            "/v1/persons", json=PERSON, headers=[("Idempotency-Key", bad.encode("latin-1"))]
        )
        refused(answer, 400, "bad_idempotency_key")
    twice = await (await house("worker")).post(
        "/v1/persons", json=PERSON, headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    )
    refused(twice, 400, "bad_idempotency_key")


async def test_an_act_sent_again_is_answered_again_where_it_would_now_be_refused(house: House) -> None:
    situation = await house.situation()
    close = {"closure_reason": "need_met"}
    path, worker = f"/v1/situations/{situation['id']}/close", await house("worker")
    first = await worker.post(path, json=close, headers={"Idempotency-Key": "close-it"})
    again = await worker.post(path, json=close, headers={"Idempotency-Key": "close-it"})
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    refused(await worker.post(path, json=close), 409, "situation_closed")


async def test_a_secret_told_once_is_not_told_again_under_its_key(house: House) -> None:
    orientation = await house.sent_orientation()
    path, worker = f"/v1/orientations/{orientation['id']}/answer-links", await house("worker")
    first = await worker.post(path, json={}, headers={"Idempotency-Key": "link"})
    assert first.status_code == 201, first.text
    refused(await worker.post(path, json={}, headers={"Idempotency-Key": "link"}), 409, "idempotency_told_once")


async def test_a_rehearsed_write_answers_as_it_would_and_leaves_nothing_but_its_trace(house: House) -> None:
    worker = await house("worker")
    before = await told(house, "select count(*) from social.person")
    tried = await worker.post("/v1/persons", json=PERSON, headers={"Prefer": "handling=strict, dry-run"})
    assert tried.status_code == 201
    assert tried.headers["Preference-Applied"] == "dry-run"
    assert tried.json()["last_name"] == "Bolieu"
    assert (await worker.get(tried.headers["location"])).status_code == 404
    assert await told(house, "select count(*) from social.person") == before
    assert await told(house, "select count(*) from audit.trace where act = 'person:add' and outcome = 'rehearsed'") == 1
    wrong = await worker.post("/v1/persons", json={"sex": "?"}, headers={"Prefer": "dry-run"})
    refused(wrong, 422, "invalid_request")


async def test_a_write_that_cannot_be_rehearsed_is_refused_rather_than_done(house: House) -> None:
    caller = house.caller()
    said = {"email": "worker@exemple.test", "password": "whatever it was"}
    refused(await caller.post("/v1/auth/login", json=said, headers={"Prefer": "dry-run"}), 400, "dry_run_not_possible")


async def test_strict_handling_refuses_a_preference_that_nobody_knows(house: House) -> None:
    worker = await house("worker")
    asked = {"Prefer": "handling=strict, return=minimal"}
    refused(await worker.post("/v1/persons", json=PERSON, headers=asked), 400, "unknown_preference")
    assert (await worker.post("/v1/persons", json=PERSON, headers={"Prefer": "return=minimal"})).status_code == 201


async def test_a_key_added_to_a_request_already_answered_under_its_name_leads_to_the_same_answer(house: House) -> None:
    draft = {**PERSON, "id": str(new_id())}
    first = await _send(house, None, draft)
    keyed = [await _send(house, "late", draft) for _ in range(2)]
    assert first.status_code == 201
    for each in keyed:
        assert each.headers["idempotency-replayed"] == "true"
        assert each.content == first.content


async def test_told_again_an_answer_leaves_a_trace_that_says_of_what(house: House) -> None:
    first = await _send(house, "traced")
    await _send(house, "traced")
    about = "select subject_id::text from audit.trace where act = 'person:add' and outcome = 'replayed'"
    assert await told(house, about) == first.json()["id"]


async def test_nothing_is_told_again_once_the_session_is_over(house: House) -> None:
    await _send(house, "ended")
    await told(house, "update accounts.session set revoked_at = now(), revoked_because = 'owner' returning 1")
    refused(await _send(house, "ended"), 401, "session_ended")


async def test_nothing_is_told_again_to_an_account_that_is_suspended(house: House) -> None:
    await _send(house, "suspended")
    await told(house, "update accounts.account set suspended_at = now() where id = $1 returning 1", house.ids["worker"])
    refused(await _send(house, "suspended"), 401, "session_ended")


async def test_nothing_is_told_again_once_the_posting_has_ended_and_nothing_is_done(house: House) -> None:
    chosen = str(new_id())
    for key, draft in (("posted", PERSON), (None, {**PERSON, "id": chosen})):
        assert (await _send(house, key, draft)).status_code == 201
    before = await told(house, "select count(*) from social.person")
    over = "update accounts.posting set ends_on = '2026-01-02', ended_at = now() where account_id = $1 returning 1"
    await told(house, over, house.ids["worker"])
    refused(await _send(house, "posted"), 409, "idempotency_outdated")
    refused(await _send(house, None, {**PERSON, "id": chosen}), 409, "idempotency_outdated")
    assert await told(house, "select count(*) from social.person") == before


async def test_an_act_that_asks_for_a_recent_proof_asks_for_it_again_before_it_tells_again(house: House) -> None:
    administrator = await house("administrator")
    draft = {"email": "nouvelle@exemple.test", "name": "Nadia Beauvoir", "role": "dpo"}
    headers = {"Idempotency-Key": "proved"}
    first = await administrator.post("/v1/accounts", json=draft, headers=headers)
    assert first.status_code == 201, first.text
    await told(house, "update accounts.session set authenticated_at = now() - interval '11 minutes' returning 1")
    refused(await administrator.post("/v1/accounts", json=draft, headers=headers), 401, "proof_too_old")
    await told(house, "update accounts.session set authenticated_at = now() returning 1")
    again = await administrator.post("/v1/accounts", json=draft, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content


async def test_the_archive_of_a_requisition_is_kept_by_no_key_and_never_tried_out(house: House) -> None:
    worker = await house("worker")
    participation = (await house.situation())["participations"][0]["id"]
    asked = {
        "received_on": "2026-02-02", "requested_by": "OPJ", "requisition_basis": "cpp_60_1",
        "requested_scope": "Une adresse.",
    }  # fmt: skip
    path = f"/v1/requisitions/{(await worker.post('/v1/requisitions', json=asked)).json()['id']}"
    decided = {"decision": "complied", "decided_fields": ["last_name"]}
    assert (await worker.post(f"{path}/decide", json=decided)).status_code == 200
    said = {"participation_id": participation, "fields": ["last_name"], "person_informed": "informed_after"}
    tried = await worker.post(f"{path}/hand-over", json=said, headers={"Prefer": "dry-run"})
    refused(tried, 400, "dry_run_not_possible")
    keyed = {"Idempotency-Key": "archive"}
    assert (await worker.post(f"{path}/hand-over", json=said, headers=keyed)).status_code == 200
    refused(await worker.post(f"{path}/hand-over", json=said, headers=keyed), 409, "idempotency_told_once")


async def test_what_is_only_tried_is_announced_to_nobody(house: House) -> None:
    asked = {
        "post_id": str(house.ids["shared_post"]), "replacement_reason": "sick_leave", "starts_on": day(0),
        "ends_on": day(9),
    }  # fmt: skip
    made = await (await house("worker_elsewhere")).post("/v1/replacements", json=asked)
    assert made.status_code == 201, made.text
    path, coordinator = f"/v1/replacements/{made.json()['id']}/approve", await house("coordinator")
    with capture_logs() as tried:
        assert (await coordinator.post(path, headers={"Prefer": "dry-run"})).status_code == 200
    with capture_logs() as done:
        assert (await coordinator.post(path)).status_code == 200
    assert [entry["event"] for entry in tried if entry["event"] == "replacement_approved"] == []
    assert len([entry for entry in done if entry["event"] == "replacement_approved"]) == 1


async def test_a_trial_meets_the_refusals_that_postgresql_keeps_for_the_end(house: House) -> None:
    await told(
        house,
        "create function public.no() returns trigger language plpgsql as"
        " $$ begin raise exception using errcode = '23514', constraint = 'email_is_given_once'; end $$",
    )
    await told(
        house,
        "create constraint trigger at_the_end after insert on social.person deferrable initially deferred"
        " for each row execute function public.no()",
    )
    tried = await (await house("worker")).post("/v1/persons", json=PERSON, headers={"Prefer": "dry-run"})
    real = await _send(house, None)
    assert tried.status_code == real.status_code == 409
    assert tried.json()["code"] == real.json()["code"]


async def test_what_is_kept_opens_only_to_who_says_again_all_that_was_asked(house: House) -> None:
    """The name that a client gives is in the database: with the key of the service, it must not be enough."""
    chosen = new_id()
    await _send(house, None, {**PERSON, "id": str(chosen)})
    row = await told(house, "select encode(sealed, 'hex') from accounts.remembered_answer")
    server = base64.b64decode(house.settings.cursor_key.get_secret_value())  # type: ignore[union-attr]
    words = [str(house.ids["worker"]), f"id:{chosen}"]
    asked = await told(house, "select encode(asked, 'hex') from accounts.remembered_answer")
    for guessed in (words, [*words, ""], [*words, asked]):
        sealing = hmac.new(server, json.dumps(["relais/asking", "sealing", *guessed]).encode(), hashlib.sha256).digest()
        kept = bytes.fromhex(row)
        with pytest.raises(InvalidTag):
            AESGCM(sealing).decrypt(kept[:12], kept[12:], bytes.fromhex(asked))
