"""Strong login: a password, then a code that serves once. Over HTTP, with real secrets and the real clock."""

import asyncio
import base64
import os
from datetime import timedelta

import asyncpg
import httpx
import pytest
from jose import jwt
from structlog.testing import capture_logs

from app.services.fiction import DOMAIN, LOADED
from app.services.tickets import seal_ticket
from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.strong import (
    PASSWORD,
    Telephone,
    enrolled,
    forget_attempts,
    forget_steps,
    give_password,
    give_recovery_code,
    key_of,
    prove,
    sign_in,
    signed_in,
    traces,
)

ROUNDS = int(os.environ.get("RELAIS_RACE_ROUNDS", "10"))
EIGHT = range(8)


@pytest.fixture
async def telephone(house: House, superuser: asyncpg.Connection) -> Telephone:
    """The worker has a password and a second factor."""
    return await enrolled(house, superuser)


async def challenge_of(caller: httpx.AsyncClient) -> str:
    """The first step, done."""
    return (await sign_in(caller)).json()["challenge"]


async def sessions(superuser: asyncpg.Connection) -> int:
    """How many sessions there are."""
    return await superuser.fetchval("select count(*) from accounts.session")


async def test_a_password_gives_a_challenge_and_the_code_gives_a_session(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller = house.caller()
    first = await sign_in(caller, email=" WORKER@exemple.test ", client_id="mobile")

    assert first.status_code == 200
    assert (first.headers["cache-control"], first.headers["pragma"]) == ("no-store", "no-cache")
    assert first.json().keys() == {"challenge", "expires_in", "next"}
    assert (first.json()["expires_in"], first.json()["next"]) == (300, "second_factor")
    assert await sessions(superuser) == 0
    refused(await house.caller(first.json()["challenge"]).get("/v1/me"), 401, "unauthenticated")

    second = await prove(caller, first.json()["challenge"], telephone.code())
    assert second.status_code == 200
    claims = jwt.get_unverified_claims(second.json()["access_token"])
    assert (claims["client_id"], claims["role"]) == ("mobile", "social_worker")
    assert (await house.caller(second.json()["access_token"]).get("/v1/situations")).status_code == 200
    assert await superuser.fetchval("select method from accounts.session") == "password_totp"
    assert await traces(superuser) == [("password", "done"), ("second_factor", "done"), ("open", "done")]


async def test_a_code_serves_once_even_for_another_challenge(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, code = house.caller(), telephone.code()
    first, other = await challenge_of(caller), await challenge_of(caller)
    assert (await prove(caller, first, code)).status_code == 200
    refused(await prove(caller, other, code), 401, "wrong_credentials")
    refused(await prove(caller, other, telephone.code(-1)), 401, "wrong_credentials")  # an earlier one either
    assert (await prove(caller, other, telephone.code(1))).status_code == 200
    assert await sessions(superuser) == 2


async def test_a_challenge_opens_one_session(house: House, superuser: asyncpg.Connection, telephone: Telephone) -> None:
    caller = house.caller()
    challenge = await challenge_of(caller)
    assert (await prove(caller, challenge, telephone.code())).status_code == 200
    refused(await prove(caller, challenge, telephone.code(1)), 401, "wrong_credentials")
    assert await sessions(superuser) == 1


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_clock_may_be_one_step_off(house: House, telephone: Telephone, steps: int) -> None:
    assert await signed_in(house.caller(), telephone, steps)


@pytest.mark.parametrize("steps", [-3, 3, 10])
async def test_a_clock_that_is_further_off_opens_nothing(house: House, telephone: Telephone, steps: int) -> None:
    caller = house.caller()
    refused(await prove(caller, await challenge_of(caller), telephone.code(steps)), 401, "wrong_credentials")


async def test_a_recovery_code_serves_once_however_it_is_typed(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, code = house.caller(), await give_recovery_code(superuser, house.ids["worker"])
    typed = code.lower().replace("-", " ").replace("o", "0")
    opened = await prove(caller, await challenge_of(caller), typed)
    assert opened.status_code == 200
    assert await superuser.fetchval("select method from accounts.session") == "password_recovery_code"
    refused(await prove(caller, await challenge_of(caller), code), 401, "wrong_credentials")
    assert await sessions(superuser) == 1


async def test_everything_wrong_in_the_second_step_gets_the_same_answer(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, code = house.caller(), telephone.code()
    await give_password(superuser, house.ids["colleague"])
    key = base64.b64decode(key_of(house))
    said = {"account": str(house.ids["worker"]), "client_id": "x", "shared": False}
    other_step = seal_ticket(key, "new_second_factor", lasts=timedelta(minutes=5), **said)
    too_late = seal_ticket(key, "second_factor", lasts=timedelta(seconds=-1), **said)
    other_key = seal_ticket(bytes(32), "second_factor", lasts=timedelta(minutes=5), **said)
    of_another = said | {"account": str(house.ids["colleague"])}
    without_factor = seal_ticket(key, "second_factor", lasts=timedelta(minutes=5), **of_another)
    good = await challenge_of(caller)
    answers = []
    for challenge, given in [
        (good, "000000" if code != "000000" else "111111"), (good, "azertyuiop"), (good, "ΑΒΓΔΕΖ"), (good, "٠١٢٣٤٥"),
        (other_step, code), (too_late, code), (other_key, code), (without_factor, code), (good[:-4] + "AAAA", code),
        ("x", code), ("é" * 40, code), ("=" * 4096, code),
    ]:  # fmt: skip
        await forget_attempts(superuser)
        answers.append(await prove(caller, challenge, given))
    for answer in answers:
        refused(answer, 401, "wrong_credentials")
    assert len({str({**answer.json(), "instance": ""}) for answer in answers}) == 1
    assert len({frozenset(answer.headers.keys()) for answer in answers}) == 1
    assert await sessions(superuser) == 0


@pytest.mark.parametrize(
    "said",
    [{"challenge": ""}, {"challenge": "a" * 4097}, {"code": "12345"}, {"code": "1" * 65}, {"code": 123456},
     {"code": None}, {"password": "x"}, {"challenge": ["a"]}],
)  # fmt: skip
async def test_what_is_not_a_challenge_and_a_code_is_refused_without_being_repeated(
    house: House, said: dict[str, object]
) -> None:
    answer = await house.caller().post("/v1/auth/mfa", json={"challenge": "chuchotement", "code": "918273", **said})
    assert answer.status_code == 422
    assert "chuchotement" not in answer.text and "918273" not in answer.text


async def test_without_a_second_factor_a_right_password_opens_nothing_and_says_why_a_wrong_one_does_not(
    house: House, superuser: asyncpg.Connection
) -> None:
    await give_password(superuser, house.ids["worker"])
    refused(await sign_in(house.caller()), 403, "second_factor_missing")
    refused(await sign_in(house.caller(), "faux"), 401, "wrong_credentials")
    assert await sessions(superuser) == 0
    assert await traces(superuser) == [("second_factor", "refused"), ("open", "refused")]


@pytest.mark.parametrize(
    ("marked", "domain", "status"),
    [(True, DOMAIN, 200), (True, f"x{DOMAIN}", 403), (True, "exemple.test", 403), (False, DOMAIN, 403)],
)
async def test_a_password_alone_is_enough_for_an_invented_account_of_an_invented_database_and_nowhere_else(
    house: House, superuser: asyncpg.Connection, marked: bool, domain: str, status: int
) -> None:
    email = f"worker@{domain}"
    await give_password(superuser, house.ids["worker"])
    await superuser.execute("update accounts.account set email = $1 where id = $2", email, house.ids["worker"])
    if marked:
        await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    answer = await sign_in(house.caller(), email=email)
    assert answer.status_code == status
    assert ("access_token" in answer.json()) == (status == 200)


async def test_an_invented_account_that_has_a_second_factor_is_asked_for_it(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    email = f"worker@{DOMAIN}"
    await superuser.execute("update accounts.account set email = $1 where id = $2", email, house.ids["worker"])
    await superuser.execute(f"comment on database {house.database} is '{LOADED}'")
    assert "challenge" in (await sign_in(house.caller(), email=email)).json()


@pytest.mark.parametrize("change", ["ended_at = now()", "suspended_at = now()", "approved_at = null"])
async def test_an_account_that_is_not_in_service_is_nobody_at_either_step(
    house: House, superuser: asyncpg.Connection, telephone: Telephone, change: str
) -> None:
    caller = house.caller()
    challenge = await challenge_of(caller)
    await superuser.execute(f"update accounts.account set {change} where id = $1", house.ids["worker"])
    refused(await prove(caller, challenge, telephone.code()), 401, "wrong_credentials")
    refused(await sign_in(caller), 401, "wrong_credentials")
    assert await sessions(superuser) == 0


async def test_an_ended_second_factor_proves_nothing(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, code = house.caller(), await give_recovery_code(superuser, house.ids["worker"])
    challenge = await challenge_of(caller)
    await superuser.execute("update accounts.second_factor set ended_at = now()")
    for said in (telephone.code(), code):
        refused(await prove(caller, challenge, said), 401, "wrong_credentials")


async def test_a_second_factor_moved_to_another_account_does_not_open(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    await give_password(superuser, house.ids["colleague"])
    await superuser.execute("update accounts.second_factor set account_id = $1", house.ids["colleague"])
    caller = house.caller()
    challenge = (await sign_in(caller, email="colleague@exemple.test")).json()["challenge"]
    with capture_logs() as logs:
        refused(await prove(caller, challenge, telephone.code()), 500, "second_factor_cannot_be_read")
    assert [line["alarm"] for line in logs if line["event"] == "refused_by_database"] == [True]


async def test_the_secret_of_a_factor_and_its_codes_are_nowhere_in_clear(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, recovery = house.caller(), await give_recovery_code(superuser, house.ids["worker"])
    with capture_logs() as logs:
        tokens = await signed_in(caller, telephone)
        await prove(caller, await challenge_of(caller), recovery)
        await sign_in(caller, "un mot de passe faux")
    secret = base64.b32decode(telephone.secret)
    for table in ("second_factor", "recovery_code", "session", "attempt", "spent_ticket"):
        for row in await superuser.fetch(f"select t::text as said from accounts.{table} t"):
            for word in (secret.hex(), telephone.secret, recovery, "exemple.test", PASSWORD):
                assert word not in row["said"]
    said = str(logs) + await superuser.fetchval("select string_agg(t::text, ' ') from audit.trace t")
    for word in (telephone.secret, telephone.code(), recovery, "exemple.test", PASSWORD, tokens["refresh_token"]):
        assert word not in said


async def test_of_eight_uses_of_a_code_at_the_same_instant_exactly_one_opens_a_session(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, wrong, challenges = house.caller(), [], []
    for _ in range(ROUNDS):
        while len(challenges) < len(EIGHT):
            await forget_attempts(superuser)
            challenges.append(await challenge_of(caller))
        await forget_attempts(superuser)
        await forget_steps(superuser)
        before, code = await sessions(superuser), telephone.code()
        answers = await asyncio.gather(*(prove(caller, challenge, code) for challenge in challenges))
        statuses = [answer.status_code for answer in answers]
        # The brake counts before anything is verified: some wait.
        if statuses.count(200) != 1 or not set(statuses) <= {200, 401, 429} or await sessions(superuser) != before + 1:
            wrong.append(statuses)
        challenges = [each for each, status in zip(challenges, statuses, strict=True) if status != 200]
    assert wrong == []


async def test_of_eight_uses_of_a_recovery_code_at_the_same_instant_exactly_one_opens_a_session(
    house: House, superuser: asyncpg.Connection, telephone: Telephone
) -> None:
    caller, wrong = house.caller(), []
    for _ in range(ROUNDS):
        await forget_attempts(superuser)
        code = await give_recovery_code(superuser, house.ids["worker"])
        challenge, before = await challenge_of(caller), await sessions(superuser)
        await forget_attempts(superuser)
        answers = await asyncio.gather(*(prove(caller, challenge, code) for _ in EIGHT))
        statuses = [answer.status_code for answer in answers]
        if statuses.count(200) != 1 or not set(statuses) <= {200, 401, 429} or await sessions(superuser) != before + 1:
            wrong.append(statuses)
    assert wrong == []
