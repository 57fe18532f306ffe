"""The share of each caller: so many requests a minute, told on every answer, the same for several processes."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from limits import parse
from pydantic import SecretStr, ValidationError

from app import quotas
from app.access.quotas import spend_quota
from app.main import create_app
from app.openapi import api_routes
from app.quotas import Caller, Ledger, Quotas
from app.settings import QuotaSettings, Settings
from tests.house_for_tests import House, Town, settings_for
from tests.routers.asking import refused
from tests.routers.test_machine_clients import let_in, registered
from tests.routers.test_throttling import tire
from tests.strong import enrolled, sign_in

LIST = "/v1/referrals"
TOLD = re.compile(r'"default";r=(\d+);t=(\d+)')


def slow(**said: str) -> QuotaSettings:
    """Shares that a test can use up."""
    return QuotaSettings.model_validate({"person": "10/hour", "software": "12/hour", "anonymous": "11/hour", **said})


@pytest.fixture
def settings(town: Town, database: str, keys: dict[str, str]) -> Settings:
    """A process whose callers have little."""
    return settings_for(town, database, keys).model_copy(update={"quota": slow()})


@contextlib.asynccontextmanager
async def another(house: House, **changed: Any) -> AsyncIterator[House]:
    """Another process over the same database."""
    settings = house.settings.model_copy(update=changed)
    async with House.running(house.town, house.database, settings) as running:
        yield running


async def left(client: httpx.AsyncClient, path: str = LIST) -> int:
    """What an answer says is left, once it is given."""
    said = TOLD.fullmatch((await client.get(path)).headers["ratelimit"])
    assert said is not None
    return int(said[1])


async def used_up(client: httpx.AsyncClient, path: str = LIST) -> httpx.Response:
    """The first answer past the share of a caller."""
    for _ in range(20):
        answer = await client.get(path)
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


def test_by_default_a_person_asks_ten_times_a_second_all_day_and_software_twice_as_much() -> None:
    by_default = Settings()
    assert (by_default.quota.person, by_default.quota.software) == (parse("600/minute"), parse("1200/minute"))
    assert by_default.quota.anonymous == parse("600/minute")
    assert by_default.quota_store.get_secret_value() == "memory"


@pytest.mark.parametrize(
    "rate", ["", "beaucoup", "9/minute", "600", "600/minute;10/second", "600/month", "-600/minute"]
)
def test_a_share_that_cannot_be_read_or_would_lock_everyone_out_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValidationError) as told:
        QuotaSettings.model_validate({"person": rate})
    assert not rate or rate not in str(told.value)


async def test_with_the_real_defaults_the_six_hundred_and_first_request_of_a_minute_is_refused(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    by_default = settings_for(town, database, keys).model_copy(update={"quota": QuotaSettings()})
    async with House.running(town, database, by_default) as house:
        officer = await house("officer")
        first = await officer.get("/v1/me")
        assert first.headers["ratelimit-policy"] == '"default";q=600;w=60'
        assert first.headers["ratelimit"] == '"default";r=599;t=60'
        spent = house.app.state.quotas
        caller = Caller("person", house.ids["officer"], "police_officer")
        for _ in range(599):
            assert (await spent.spend(caller)).granted
        refused(await officer.get("/v1/me"), 429, "quota_exceeded")
        assert (await (await house("worker")).get("/v1/me")).status_code == 200


async def test_a_caller_who_has_had_its_share_is_told_how_long_to_wait_and_by_which_policy(house: House) -> None:
    answer = await used_up(await house("officer"))
    refused(answer, 429, "quota_exceeded")
    assert answer.json()["violated-policies"] == ["default"]
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= 3600
    assert answer.headers["ratelimit-policy"] == '"default";q=10;w=3600'
    assert answer.headers["ratelimit"] == f'"default";r=0;t={wait}'


async def test_every_answer_says_what_is_left_whether_it_grants_or_refuses(house: House) -> None:
    officer = await house("officer")
    told = [
        await officer.get(LIST),
        await officer.get(f"{LIST}/01890a5d-ac96-774b-bcce-b302099a8057"),
        await officer.get("/v1/notes/01890a5d-ac96-774b-bcce-b302099a8057"),
        await officer.get(f"{LIST}?inconnu=1"),
        await officer.post(LIST, json={"last_name": 3}),
    ]
    assert [each.status_code for each in told] == [200, 404, 403, 422, 422]
    found = [TOLD.fullmatch(each.headers["ratelimit"]) for each in told]
    assert [int(each[1]) for each in found if each] == [9, 8, 7, 6, 5]
    assert all(each.headers.get_list("ratelimit-policy") == ['"default";q=10;w=3600'] for each in told)


async def test_each_has_a_share_of_their_own_and_a_new_session_brings_no_other(house: House) -> None:
    await used_up(await house("officer"))
    assert await left(await house("officer_same_unit")) == 9
    again = house.caller((await house.session_of("officer"))["access_token"])
    refused(await again.get(LIST), 429, "quota_exceeded")


async def test_software_has_its_own_share(house: House) -> None:
    client = await let_in(house, await registered(house))
    answer = await client.get("/v1/me")
    assert answer.headers["ratelimit-policy"] == '"default";q=12;w=3600'


async def test_without_a_token_of_ours_a_request_is_counted_by_where_it_comes_from(house: House) -> None:
    nobody, liar = house.caller(), house.caller("ceci.n'est.pas")
    assert await left(nobody) == 10
    assert await left(liar) == 9
    assert (await nobody.get(LIST)).status_code == 401
    refused(await used_up(liar), 429, "quota_exceeded")
    refused(await nobody.post("/v1/auth/login", json={}), 429, "quota_exceeded")
    assert await left(await house("officer")) == 9


async def test_behind_a_trusted_proxy_each_address_is_counted_apart_and_an_ipv6_site_as_one(house: House) -> None:
    def behind(app: Any, address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=("10.0.0.1", 443), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://r.test", headers={"X-Forwarded-For": address})

    async with another(house, trusted_proxies="10.0.0.0/8") as proxied:
        assert [await left(behind(proxied.app, each)) for each in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [
            10,
            10,
            9,
        ]
        assert [await left(behind(proxied.app, f"2001:db8::{each}")) for each in range(3)] == [10, 9, 8]
    # Nobody else is believed on where they come from.
    assert [await left(behind(house.app, f"192.0.2.{each}")) for each in range(3)] == [10, 9, 8]


NOT_COUNTED = {"/healthz", "/readyz", "/v1/status", "/.well-known/jwks.json", "/problems/{code}"}


async def test_what_watches_over_the_service_is_answered_without_being_counted(house: House) -> None:
    nobody = house.caller()
    await used_up(nobody)
    for path in (*NOT_COUNTED, "/metrics", "/docs", "/openapi.json"):
        answer = await nobody.get(path.format(code="quota_exceeded"))
        assert (answer.status_code, "ratelimit" in answer.headers) == (200, False), path


async def test_every_other_route_is_counted(house: House) -> None:
    uncounted = {
        route.path_format
        for route in api_routes(house.app)
        if not any(each.call is spend_quota for each in route.dependant.dependencies)
    }
    assert uncounted == NOT_COUNTED


async def test_the_share_comes_back_when_the_window_ends(house: House) -> None:
    async with another(house, quota=slow(person="10/5 second")) as hurried:
        client = hurried.caller((await hurried.session_of("officer"))["access_token"])
        for _ in range(12):
            await hurried.app.state.quotas.spend(Caller("person", house.ids["officer"], "police_officer"))
        turned_away = await client.get("/v1/me")
        refused(turned_away, 429, "quota_exceeded")
        await asyncio.sleep(int(turned_away.headers["retry-after"]))
        assert (await client.get("/v1/me")).status_code == 200


async def test_two_processes_that_share_their_counts_in_postgresql_give_one_share(
    house: House, superuser: asyncpg.Connection
) -> None:
    shared = {"quota_store": SecretStr("postgresql")}
    async with another(house, **shared) as first, another(house, **shared) as second:
        token = (await first.session_of("officer"))["access_token"]
        here, there = first.caller(token), second.caller(token)
        assert [await left(client) for client in (here, there, here, there)] == [9, 8, 7, 6]
        assert [await left(client) for client in (first.caller(), second.caller())] == [10, 9]
        await used_up(here)
        refused(await there.get(LIST), 429, "quota_exceeded")
    kept = await superuser.fetch("select q::text as said from accounts.quota q")
    assert len(kept) == 2
    assert not any(str(house.ids["officer"]) in row["said"] or "127.0.0.1" in row["said"] for row in kept)


async def test_two_processes_that_do_not_share_their_counts_give_a_share_each(
    house: House, superuser: asyncpg.Connection
) -> None:
    async with another(house) as second:
        token = (await house.session_of("officer"))["access_token"]
        assert [await left(each.caller(token)) for each in (house, second, house, second)] == [9, 9, 8, 8]
    assert await superuser.fetchval("select count(*) from accounts.quota") == 0


async def test_a_known_refusal_costs_postgresql_nothing(house: House, superuser: asyncpg.Connection) -> None:
    async with another(house, quota_store=SecretStr("postgresql")) as shared:
        officer = await shared("officer")
        await used_up(officer)
        spent = await superuser.fetchval("select max(spent) from accounts.quota")
        for answer in await asyncio.gather(*(officer.get(LIST) for _ in range(10))):
            refused(answer, 429, "quota_exceeded")
        assert await superuser.fetchval("select max(spent) from accounts.quota") == spent == 10


async def test_counting_elsewhere_takes_one_round_trip_and_counting_here_none(house: House) -> None:
    async def statements(running: House) -> int:
        officer = await running("officer")
        await officer.get("/v1/me")
        lane = running.app.state.database.lane("police_officer")
        before = await _asked(lane)
        await officer.get("/v1/me")
        return await _asked(lane) - before

    async with (
        another(house, pool_size=1) as alone,
        another(house, pool_size=1, quota_store=SecretStr("postgresql")) as s,
    ):
        assert await statements(s) - await statements(alone) == 1


async def _asked(lane: Any) -> int:
    async with lane._connection() as connection:
        held = connection._con
        if not hasattr(held, "asked"):
            held.asked = []
            held.add_query_logger(lambda record: held.asked.append(record.query))
        return len(held.asked)


async def test_when_postgresql_is_away_a_request_meets_the_same_503_as_without_a_quota(
    house: House, superuser: asyncpg.Connection
) -> None:
    async with another(house, quota_store=SecretStr("postgresql")) as shared:
        officer = await shared("officer")
        assert (await officer.get(LIST)).status_code == 200
        await superuser.execute(f"alter database {house.database} connection limit 0")
        await superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
            house.database,
        )
        for _ in range(3):
            away = await officer.get(LIST)
            refused(away, 503, "unavailable")
            assert int(away.headers["retry-after"]) > 0
        await superuser.execute(f"alter database {house.database} connection limit -1")


class Away(Ledger):
    """A store beside PostgreSQL that nobody reaches."""

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """As a driver fails, once wrapped by the library."""
        raise quotas.StorageError(OSError("redis://:mot-de-passe@ailleurs"))


async def test_when_a_store_beside_postgresql_is_away_this_process_counts_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone = Quotas(slow(), store=SecretStr("memory"), secret=b"k" * 32)
    alone._elsewhere = quotas.FixedWindowRateLimiter(Away())
    caller = Caller("person", "somebody", "police_officer")
    assert [(await alone.spend(caller)).remaining for _ in range(3)] == [9, 8, 7]
    said = capsys.readouterr()
    assert "quota_store_away" in said.out + said.err
    assert "mot-de-passe" not in said.out + said.err


@pytest.mark.parametrize("store", ["redis://:mot-de-passe@ailleurs:6379", "ailleurs", "memcached://ailleurs"])
def test_a_store_that_cannot_be_reached_for_want_of_its_driver_stops_the_start_without_saying_where_it_is(
    settings: Settings, store: str
) -> None:
    with pytest.raises(RuntimeError, match="RELAIS_QUOTA_STORE") as told:
        create_app(settings.model_copy(update={"quota_store": SecretStr(store)}))
    assert "ailleurs" not in str(told.value)
    assert "ailleurs" not in repr(settings.model_copy(update={"quota_store": SecretStr(store)}))


async def test_the_memory_of_the_counts_is_bounded_and_forgets_whoever_was_seen_longest_ago() -> None:
    ledger = Ledger()
    for number in range(quotas.MOST_CALLERS):
        await ledger.incr(f"caller {number}", 60)
    await ledger.incr("caller 0", 60)
    await ledger.incr("one more", 60)
    assert [await ledger.get(f"caller {number}") for number in (0, 1, 2)] == [2, 0, 1]
    assert await ledger.reset() == quotas.MOST_CALLERS


async def test_a_window_opens_with_its_first_request_and_does_not_move() -> None:
    ledger = Ledger()
    before = time.time()
    await ledger.incr("caller", 60)
    opened = await ledger.get_expiry("caller")
    await ledger.incr("caller", 3600)
    assert before + 60 <= opened == await ledger.get_expiry("caller") <= time.time() + 60
    ledger.enter("caller", 5, before - 1)
    assert await ledger.get("caller") == 0
    assert await ledger.incr("caller", 60) == 1
    await ledger.clear("caller")
    assert (await ledger.get("caller"), await ledger.check()) == (0, True)


async def test_a_share_that_is_used_up_is_not_told_as_an_alarm_of_the_sign_ins(
    house: House, superuser: asyncpg.Connection
) -> None:
    throttled = 'relais_alarms_total{kind="sign_in_throttled"}'

    def alarms() -> list[str]:
        page = house.app.state.watch.page().decode()
        return [line for line in page.splitlines() if line.startswith(throttled)]

    refused(await used_up(await house("officer")), 429, "quota_exceeded")
    refused(await used_up(house.caller()), 429, "quota_exceeded")
    assert alarms() == [f"{throttled} 0.0"]
    # Too many wrong passwords are.
    await enrolled(house, superuser)
    elsewhere = house.caller(source="198.51.100.7")
    assert (await sign_in(elsewhere, "faux")).status_code == 401
    await tire(superuser)
    assert (await sign_in(elsewhere, "faux")).status_code == 401
    refused(await sign_in(elsewhere, "faux"), 429, "too_many_logins")
    assert alarms() == [f"{throttled} 1.0"]
