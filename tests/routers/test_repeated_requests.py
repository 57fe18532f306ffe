"""A request sent again is answered again and not done again; a rehearsed one is answered, then undone."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx

from app.models.columns import new_id
from tests.house_for_tests import House
from tests.routers.asking import refused

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
