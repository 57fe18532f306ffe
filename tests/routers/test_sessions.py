"""Signing in, renewing, signing out: over HTTP, with real passwords, real tokens and their real ends."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from jose import jwt

from app.access.policy import policy
from app.services import passwords
from tests import strong
from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.strong import enrolled, give_factor, key_of

PASSWORD = "un mot de passe de plus de quatorze signes"


@pytest.fixture
async def worker_password(house: House, superuser: asyncpg.Connection) -> str:
    """The worker has a password."""
    await superuser.execute(
        "insert into accounts.credential values ($1, $2, now())", house.ids["worker"], passwords.hashed(PASSWORD)
    )
    await give_factor(superuser, house.ids["worker"], key_of(house))
    return PASSWORD


async def sign_in(house: House, password: str, email: str = "worker@exemple.test", **said: Any) -> httpx.Response:
    """Sign in."""
    return await house.caller().post("/v1/auth/login", json={"email": email, "password": password, **said})


async def renew(house: House, token: str) -> httpx.Response:
    """Renew a session."""
    return await house.caller().post("/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


async def works(house: House, tokens: dict[str, Any]) -> bool:
    """Does the access token still open the door?"""
    answer = await house.caller(tokens["access_token"]).get("/v1/situations")
    if answer.status_code != 200:
        refused(answer, 401, "session_ended")
    return answer.status_code == 200


async def later(superuser: asyncpg.Connection, seconds: int) -> None:
    """Time passes: what was spent was spent earlier."""
    await superuser.execute(
        "update accounts.refresh_token set issued_at = issued_at - $1 * interval '1 second',"
        " spent_at = spent_at - $1 * interval '1 second'",
        seconds,
    )


async def test_a_worker_signs_in_and_gets_a_ten_minute_token_without_any_personal_data(
    house: House, superuser: asyncpg.Connection
) -> None:
    telephone = await enrolled(house, superuser)
    first = await house.caller().post(
        "/v1/auth/login", json={"email": "worker@exemple.test", "password": strong.PASSWORD, "client_id": "mobile"}
    )
    answer = await strong.prove(house.caller(), first.json()["challenge"], telephone.code())

    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert tokens["scope"] == " ".join(policy().scopes("social_worker"))
    claims = jwt.get_unverified_claims(tokens["access_token"])
    assert (claims["exp"] - claims["iat"], claims["client_id"], claims["role"]) == (600, "mobile", "social_worker")
    assert "exemple.test" not in str(claims)
    assert await works(house, tokens)


async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(house: House, worker_password: str) -> None:
    answers = [
        await sign_in(house, "un autre mot de passe"),
        await sign_in(house, worker_password, email="nobody@exemple.test"),
        await sign_in(house, worker_password, email="colleague@exemple.test"),  # has no password
    ]
    for answer in answers:
        refused(answer, 401, "wrong_credentials")
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert len({frozenset(answer.headers.keys()) for answer in answers}) == 1


async def test_every_sign_in_leaves_a_trace_refused_ones_too_and_never_an_address(
    house: House, worker_password: str, superuser: asyncpg.Connection
) -> None:
    await sign_in(house, worker_password)
    await sign_in(house, "faux")
    await sign_in(house, worker_password, email="nobody@exemple.test")
    rows = await superuser.fetch(
        "select account_id, act, outcome from audit.trace where act <> 'process:start' order by at"
    )
    assert [tuple(row) for row in rows] == [
        (house.ids["worker"], "session:password", "done"),
        (house.ids["worker"], "session:open", "refused"),
        (None, "session:open", "refused"),
    ]
    assert "exemple.test" not in await superuser.fetchval("select string_agg(t::text, ' ') from audit.trace t")


@pytest.mark.parametrize(
    "said",
    [{"email": "worker"}, {"email": "worker@exemple.test\u0000"}, {"password": ""}, {"password": "a" * 257},
     {"password": 1}, {"client_id": "Mobile App"}, {"role": "administrator"}, {"email": None}],
)  # fmt: skip
async def test_what_is_not_an_address_and_a_password_is_refused_without_being_repeated(
    house: House, said: dict[str, Any]
) -> None:
    answer = await house.caller().post(
        "/v1/auth/login", json={"email": "worker@exemple.test", "password": PASSWORD, **said}
    )
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
    assert "exemple.test" not in answer.text


async def test_a_session_is_renewed_by_a_token_that_serves_once(house: House) -> None:
    first = await house.session_of("worker")

    second = await renew(house, first["refresh_token"])

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert second.json()["access_token"] != first["access_token"]
    assert await works(house, second.json())
    assert (await renew(house, second.json()["refresh_token"])).status_code == 200


async def test_an_answer_that_was_lost_can_be_asked_again_within_thirty_seconds(
    house: House, superuser: asyncpg.Connection
) -> None:
    first = await house.session_of("worker")
    second = await renew(house, first["refresh_token"])
    await later(superuser, 25)
    again = await renew(house, first["refresh_token"])
    assert again.status_code == 200
    assert again.json()["refresh_token"] == second.json()["refresh_token"]


@pytest.mark.parametrize("how", ["later than thirty seconds", "after its successor has served"])
async def test_a_token_that_served_already_ends_the_whole_session(
    house: House, superuser: asyncpg.Connection, how: str
) -> None:
    first = await house.session_of("worker")
    second = (await renew(house, first["refresh_token"])).json()
    if how == "later than thirty seconds":
        await later(superuser, 31)
    else:
        second = (await renew(house, second["refresh_token"])).json()

    refused(await renew(house, first["refresh_token"]), 401, "refresh_refused")

    refused(await renew(house, second["refresh_token"]), 401, "refresh_refused")
    assert not await works(house, second)
    reason = await superuser.fetchval("select revoked_because from accounts.session")
    assert reason == "refresh_reuse"


async def test_two_renewals_at_the_same_instant_get_the_same_successor(house: House) -> None:
    for _ in range(15):
        first = await house.session_of("worker")
        both = await asyncio.gather(*(renew(house, first["refresh_token"]) for _ in range(3)))
        assert [answer.status_code for answer in both] == [200, 200, 200]
        assert len({answer.json()["refresh_token"] for answer in both}) == 1
        assert await works(house, both[0].json())


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 64, "a" * 8193])
async def test_a_token_that_was_never_given_renews_nothing(house: House, token: str) -> None:
    answer = await renew(house, token)
    assert answer.status_code in (401, 422)
    other_grant = {"grant_type": "password", "username": "worker", "password": PASSWORD}
    refused(await house.caller().post("/v1/auth/token", data=other_grant), 422, "invalid_request")


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_signing_out_ends_the_session_at_the_next_request(house: House, kind: str) -> None:
    tokens = await house.session_of("worker")
    other = await house.session_of("worker")

    gone = await house.caller().post("/v1/auth/revoke", data={"token": tokens[kind]})

    assert (gone.status_code, gone.content) == (200, b"")
    assert not await works(house, tokens)
    refused(await renew(house, tokens["refresh_token"]), 401, "refresh_refused")
    assert await works(house, other)
    assert (await house.caller().post("/v1/auth/revoke", data={"token": tokens[kind]})).status_code == 200


async def test_to_revoke_a_token_that_does_not_exist_is_not_an_error(house: House) -> None:
    for token in ("x", "a.b.c", "é"):
        assert (await house.caller().post("/v1/auth/revoke", data={"token": token})).status_code == 200
    refused(await house.caller().post("/v1/auth/revoke", data={}), 422, "invalid_request", "/token")


async def test_an_account_that_has_ended_is_out_at_the_next_request(
    house: House, superuser: asyncpg.Connection, worker_password: str
) -> None:
    tokens = await house.session_of("worker")
    assert await works(house, tokens)
    await superuser.execute("update accounts.account set ended_at = now() where id = $1", house.ids["worker"])
    assert not await works(house, tokens)
    refused(await renew(house, tokens["refresh_token"]), 401, "refresh_refused")
    refused(await sign_in(house, worker_password), 401, "wrong_credentials")


async def test_a_session_that_has_expired_or_whose_role_has_changed_is_out(
    house: House, superuser: asyncpg.Connection
) -> None:
    expired, changed = await house.session_of("worker"), await house.session_of("colleague")
    await superuser.execute(
        "update accounts.session set opened_at = now() - interval '13 hours', expires_at = now() - interval '1 hour'"
        " where account_id = $1",
        house.ids["worker"],
    )
    await superuser.execute("update accounts.account set role = 'coordinator' where id = $1", house.ids["colleague"])
    for tokens in (expired, changed):
        assert not await works(house, tokens)
        refused(await renew(house, tokens["refresh_token"]), 401, "refresh_refused")


async def test_a_posting_that_has_ended_closes_its_files_at_the_next_request(
    house: House, superuser: asyncpg.Connection
) -> None:
    note = await house.note((await house.situation())["participations"][0]["id"])
    worker = await house("worker")
    assert (await worker.get(f"/v1/notes/{note['id']}")).status_code == 200
    await superuser.execute(
        "update accounts.posting set ends_on = access.today() - 1 where account_id = $1", house.ids["worker"]
    )
    refused(await worker.get(f"/v1/notes/{note['id']}"), 404, "not_found")
    assert (await worker.get("/v1/situations")).json()["items"] == []
    assert (await worker.get("/v1/me")).json()["post_ids"] == []
