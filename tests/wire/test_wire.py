"""What every request must satisfy and every answer carries."""

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.wire.small_app import SECRET, call_raw, client_of, make_app

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def app() -> Any:
    return make_app()


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


async def test_a_body_over_the_cap_is_refused_even_if_it_does_not_say_its_size(app: Any) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    async with client_of(app, max_body=1000) as client:
        said = await client.post("/v1/things", content=b" " * 1001, headers=JSON)
        unsaid = await client.post("/v1/things", content=parts(), headers=JSON)
    assert said.status_code == unsaid.status_code == 413
    assert said.headers["connection"] == unsaid.headers["connection"] == "close"


async def test_headers_that_are_too_long_missing_or_contradictory_are_refused(app: Any) -> None:
    host = (b"host", b"relais.test")
    cases = {
        431: [[host, (b"x-long", b"a" * 17_000)]],
        400: [
            [],
            [host, host],
            [(b"host", b"a b")],
            [host, (b"content-length", b"2"), (b"transfer-encoding", b"chunked")],
            [host, (b"content-length", b"-2")],
            [host, (b"content-length", b"2"), (b"content-length", b"3")],
            [host, (b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
        ],
    }
    for status, lists in cases.items():
        for headers in lists:
            assert (await call_raw(app, headers=headers))["status"] == status


async def test_every_answer_carries_its_reference_and_is_not_stored(client: httpx.AsyncClient) -> None:
    for answer in [
        await client.get("/v1/things"),
        await client.get("/nowhere"),
        await client.put("/v1/things"),
    ]:
        assert uuid.UUID(answer.headers["x-request-id"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_well_formed_reference_is_echoed_and_another_replaced(client: httpx.AsyncClient) -> None:
    kept = await client.get("/nowhere", headers={"x-request-id": "mobile-2026.01_7"})
    assert kept.headers["x-request-id"] == "mobile-2026.01_7"
    assert kept.json()["instance"] == "urn:relais:request:mobile-2026.01_7"
    for bad in ("short", "a" * 65, "with space", "é" * 10):
        replaced = await client.get("/nowhere", headers=[(b"x-request-id", bad.encode())])
        assert replaced.json()["instance"] == f"urn:uuid:{replaced.headers['x-request-id']}"


async def test_head_answers_as_get_without_a_body(client: httpx.AsyncClient) -> None:
    got, headed = await client.get("/v1/things"), await client.head("/v1/things")
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/nowhere")).status_code == 404


async def test_a_method_that_is_not_there_is_answered_with_all_those_that_are(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.put("/v1/things")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(("failures", "status", "tries"), [(0, 200, 1), (2, 200, 3), (3, 503, 3)])
async def test_what_the_database_asks_to_try_again_is_tried_three_times(
    app: Any, client: httpx.AsyncClient, failures: int, status: int, tries: int
) -> None:
    answer = await client.post(f"/v1/again/{failures}", json={"a": 1})
    assert (answer.status_code, app.state.tries) == (status, tries)
    assert app.state.bodies == [b'{"a":1}'] * tries
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_a_request_that_takes_too_long_is_given_up(app: Any) -> None:
    async with client_of(app, request_deadline=0.05) as client:
        answer = await client.get("/v1/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


FAILURES = [
    "runtime",
    "group",
    "base-group",
    "time-out",
    "refused",
    "interface",
    "sqlstate-23505",
    "sqlstate-XX000",
]


@pytest.mark.parametrize("how", FAILURES)
async def test_no_exception_shows_or_logs_its_text(
    client: httpx.AsyncClient, how: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs:
        answer = await client.get(f"/v1/fail/{how}")
    printed = capfd.readouterr()
    said = answer.text + str(answer.headers) + caplog.text + printed.out + printed.err
    assert answer.status_code in {409, 500, 503}
    assert SECRET not in said + repr(logs)


async def test_an_internal_error_is_found_again_by_its_reference_and_its_place(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        answer = await client.get("/v1/fail/runtime")
    (entry,) = [entry for entry in logs if entry["event"] == "internal_error"]
    assert entry["error_class"] == "RuntimeError"
    assert any(re.fullmatch(r"tests/wire/small_app\.py:\d+:fail", frame) for frame in entry["frames"])
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


async def test_an_exception_in_the_middle_of_an_answer_stays_inside(app: Any) -> None:
    with capture_logs() as logs:
        answer = await call_raw(app, raw_path=b"/v1/cut")
    assert (answer["status"], answer["body"]) == (200, b"begun")
    assert "internal_error" in {entry["event"] for entry in logs}
    assert SECRET not in repr(logs)


async def test_an_application_without_handlers_is_covered_too() -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError(SECRET)

    async with client_of(bare) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert SECRET not in answer.text


async def test_the_log_of_a_request_has_its_route_and_neither_its_address_nor_its_caller(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        await client.get(f"/v1/things/{ID}?secret={SECRET}")
    (entry,) = [entry for entry in logs if entry["event"] == "request"]
    assert entry.keys() >= {"method", "route", "status", "duration_ms"}
    assert (entry["method"], entry["route"], entry["status"]) == ("GET", "/v1/things/{id}", 422)
    assert not any(text in repr(logs) for text in (SECRET, ID, "127.0.0.1"))
