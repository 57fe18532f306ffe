"""The state of the service, and its public keys: no permission, no detail."""

import asyncio
import json
from datetime import UTC, datetime

import asyncpg
import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from app.access.readiness import READINESS_KEEPS
from app.messages import FIELDS, PROBLEMS
from app.models.columns import new_id
from app.openapi import VERSION
from tests.house_for_tests import House
from tests.routers.asking import refused


async def test_the_process_lives_and_says_one_word(house: House) -> None:
    anyone = house.caller()
    for path in ("/healthz", "/readyz"):
        answer = await anyone.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_whoever_builds_on_the_service_reads_its_state_its_version_its_time_and_what_will_be_withdrawn(
    house: House,
) -> None:
    said = (await house.caller().get("/v1/status")).json()
    assert set(said) == {"status", "version", "time", "deprecated"}
    assert (said["status"], said["version"], said["deprecated"]) == ("ok", VERSION, [])
    assert abs((datetime.fromisoformat(said["time"]) - datetime.now(UTC)).total_seconds()) < 60


async def test_a_process_whose_database_is_out_of_reach_is_not_ready_then_is_again(
    house: House, superuser: asyncpg.Connection
) -> None:
    anyone = house.caller()
    await superuser.execute(f"alter database {house.database} connection limit 0")
    await superuser.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
        house.database,
    )
    unready = await anyone.get("/readyz")
    assert (unready.status_code, unready.json()) == (503, {"status": "unavailable"})
    assert (await anyone.get("/healthz")).status_code == 200
    degraded = await anyone.get("/v1/status")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "unavailable")
    away = await bearer(house).get("/v1/referrals")
    refused(away, 503, "unavailable")
    assert int(away.headers["retry-after"]) > 0
    await superuser.execute(f"alter database {house.database} connection limit -1")
    await asyncio.sleep(READINESS_KEEPS)
    for _ in range(5):  # what was cut is thrown away one try at a time
        answer = await anyone.get("/readyz")
        await asyncio.sleep(READINESS_KEEPS / 2)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def bearer(house: House) -> httpx.AsyncClient:
    """A caller whose token is good: signed here, without a session (the database cannot be asked)."""
    token = house.app.state.desk.keys.signer.access_token(
        account_id=house.ids["officer"], session_id=new_id(), role="police_officer", client_id="tests", jti=new_id()
    )
    return house.caller(token)


async def test_a_process_that_is_stopping_says_so_before_it_stops(house: House) -> None:
    house.app.state.stopping = True
    assert (await house.caller().get("/readyz")).status_code == 503
    assert (await house.caller().get("/healthz")).status_code == 200


async def test_the_public_keys_open_our_tokens_and_hold_nothing_private(house: House) -> None:
    await house("worker")
    published = await house.caller().get("/.well-known/jwks.json")
    assert published.headers["cache-control"] == "public, max-age=300"
    keys = published.json()["keys"]
    assert all(set(key) == {"kty", "crv", "x", "y", "alg", "use", "kid"} for key in keys)
    token = jwt.decode(house.tokens["worker"]["access_token"], KeySet.import_key_set(json.loads(published.text)))
    assert token.claims["sub"] == str(house.ids["worker"])
    again = await house.caller().get("/.well-known/jwks.json", headers={"If-None-Match": published.headers["etag"]})
    assert again.status_code == 304


async def test_an_address_that_does_not_exist_is_answered_with_a_problem(house: House) -> None:
    for path in ("/v1/nothing", "/", "/v1/referrals/", "/v1/REFERRALS"):
        refused(await house.caller().get(path), 404, "not_found")
    refused(await house.caller().post("/healthz"), 405, "method_not_allowed")
    refused(await house.caller().get("/healthz?deep=true"), 422, "unknown_parameter", "deep")


async def test_the_type_of_a_problem_is_an_address_where_its_code_is_explained(house: House) -> None:
    anyone = house.caller()
    refusal = (await anyone.get("/v1/referrals")).json()
    explained = await anyone.get(refusal["type"])
    assert explained.status_code == 200
    assert explained.headers["cache-control"] == "public, max-age=86400"
    assert explained.json() == {"code": "unauthenticated", **PROBLEMS["unauthenticated"]}
    assert refusal["detail"] == explained.json()["fr"]


async def test_every_code_that_the_program_knows_is_explained_and_no_other(house: House) -> None:
    anyone = house.caller()
    for code in PROBLEMS.keys() | FIELDS.keys():
        assert (await anyone.get(f"/problems/{code}")).json()["code"] == code
    refused(await anyone.get("/problems/a_code_that_nobody_says"), 404, "not_found")
    refused(await anyone.get("/problems/Not%20a%20code"), 422, "invalid_request")
