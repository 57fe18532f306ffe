"""The brake on attempts: per account and per source, shared by all processes, a delay that grows, never a lock."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from app.access.sources import networks, source_of
from app.main import create_app
from app.settings import Settings
from tests.house_for_tests import House, Town
from tests.routers.asking import refused
from tests.strong import PASSWORD, enrolled, forget_attempts, prove, sign_in, signed_in, traces


def caller_from(house: House, address: str, **headers: str) -> httpx.AsyncClient:
    """An HTTP client at this address."""
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://relais.test", headers=headers)


async def wait(superuser: asyncpg.Connection, **delay: float) -> None:
    """Time passes."""
    await superuser.execute(
        "update accounts.attempt set last_at = last_at - $1::interval, free_at = free_at - $1::interval",
        timedelta(**delay),
    )


async def statuses(caller: httpx.AsyncClient, count: int, **said: Any) -> list[int]:
    """So many wrong passwords, one after the other."""
    return [(await sign_in(caller, "faux", **said)).status_code for _ in range(count)]


async def tire(superuser: asyncpg.Connection) -> None:
    """Eight more failures, so that the next delay is longer than any machine is slow."""
    await superuser.execute("update accounts.attempt set failures = failures + 8")


async def test_five_attempts_are_free_then_the_delay_doubles_up_to_a_quarter_of_an_hour(
    house: House, superuser: asyncpg.Connection
) -> None:
    await enrolled(house, superuser)
    caller = house.caller()
    assert await statuses(caller, 5) == [401] * 5
    found = []
    for _ in range(13):
        assert (await sign_in(caller, "faux")).status_code == 401  # a delay that is over lets one in
        found.append(
            await superuser.fetchval("select max(extract(epoch from free_at - last_at)) from accounts.attempt")
        )
        if found[-1] > 16:  # long enough for a slow machine to be still inside it
            answer = await sign_in(caller)  # the right password waits too
            refused(answer, 429, "too_many_logins")
            assert found[-1] - 15 <= int(answer.headers["retry-after"]) <= found[-1]
        await wait(superuser, seconds=int(found[-1]))
    assert [round(each) for each in found] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert (await sign_in(caller)).status_code == 200  # never a lock
    assert ("throttled", "refused") in await traces(superuser)


async def test_a_complete_sign_in_starts_from_nothing_a_password_alone_does_not(
    house: House, superuser: asyncpg.Connection
) -> None:
    telephone, caller = await enrolled(house, superuser), house.caller()
    await statuses(caller, 4)
    challenge = (await sign_in(caller)).json()["challenge"]
    await tire(superuser)
    await sign_in(caller, "faux")
    refused(await prove(caller, challenge, telephone.code()), 429, "too_many_logins")
    await wait(superuser, minutes=15)
    assert (await prove(caller, challenge, telephone.code())).status_code == 200
    assert await statuses(caller, 5) == [401] * 5


async def test_an_hour_without_an_attempt_is_forgotten(house: House, superuser: asyncpg.Connection) -> None:
    caller = house.caller()
    assert await statuses(caller, 6) == [401] * 6
    await wait(superuser, hours=1, minutes=1)
    assert await statuses(caller, 5) == [401] * 5


async def test_guessing_codes_is_slowed_down_like_guessing_passwords(
    house: House, superuser: asyncpg.Connection
) -> None:
    telephone, caller = await enrolled(house, superuser), house.caller()
    challenge = (await sign_in(caller)).json()["challenge"]
    found = [(await prove(caller, challenge, telephone.code(20 + each))).status_code for each in range(4)]
    await tire(superuser)
    found += [(await prove(caller, challenge, telephone.code(20 + each))).status_code for each in range(2)]
    assert found == [401] * 5 + [429]


@pytest.mark.parametrize("way", ["step-up", "open", "accept", "client_credentials"])
async def test_every_other_way_of_proving_is_slowed_down_too(
    house: House, superuser: asyncpg.Connection, way: str
) -> None:
    telephone, caller = await enrolled(house, superuser), house.caller()
    holder = await house("worker")

    async def attempt() -> int:
        form = {"grant_type": "client_credentials"}
        asking = {
            "step-up": lambda: holder.post("/v1/auth/step-up", json={"code": telephone.code(30)}),
            "open": lambda: caller.post("/v1/auth/invitations/open", json={"token": "x"}),
            "accept": lambda: caller.post("/v1/auth/invitations/accept", json={"token": "x"}),
            "client_credentials": lambda: caller.post("/v1/auth/token", data=form, auth=("client-x", "y")),
        }
        return (await asking[way]()).status_code

    found = [await attempt() for _ in range(5)]
    await tire(superuser)
    found += [await attempt() for _ in range(2)]
    assert found[:6] == [404 if way in ("open", "accept") else 401] * 6 and found[6] == 429


async def test_a_known_and_an_unknown_account_are_slowed_down_alike(
    house: House, superuser: asyncpg.Connection
) -> None:
    await enrolled(house, superuser)
    found = []
    for email in ("worker@exemple.test", "nobody@exemple.test"):
        await forget_attempts(superuser)
        first = await statuses(house.caller(), 5, email=email)
        await tire(superuser)
        found.append(first + await statuses(house.caller(), 3, email=email))
    assert found == [[401] * 6 + [429] * 2] * 2


async def test_a_source_that_tries_many_accounts_is_slowed_down_and_no_other(
    house: House, superuser: asyncpg.Connection
) -> None:
    telephone = await enrolled(house, superuser)
    sprayer, station = caller_from(house, "192.0.2.1"), caller_from(house, "192.0.2.2")
    await sign_in(sprayer, email="nobody@exemple.test")
    await superuser.execute("update accounts.attempt set failures = 38")
    found = [(await sign_in(sprayer, email=f"nobody{each}@exemple.test")).status_code for each in range(3)]
    assert found == [401, 429, 429]
    assert await signed_in(station, telephone)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
     ("192.0.2.1", "::ffff:192.0.2.1", True), ("192.0.2.1", "192.0.2.3", False)],
)  # fmt: skip
async def test_an_ipv6_site_is_one_source(
    house: House, superuser: asyncpg.Connection, first: str, second: str, same: bool
) -> None:
    for number, address in enumerate((first, second)):
        await sign_in(caller_from(house, address), email=f"nobody{number}@exemple.test")
    assert await superuser.fetchval("select count(*) from accounts.attempt") == (3 if same else 4)


async def test_the_address_that_a_client_says_of_itself_is_believed_from_a_trusted_proxy_alone(
    house: House, superuser: asyncpg.Connection
) -> None:
    async def sources(peer: str, said: list[str]) -> int:
        await forget_attempts(superuser)
        for each in said:
            await sign_in(caller_from(house, peer, **{"X-Forwarded-For": each}), "faux", email="same@exemple.test")
        return await superuser.fetchval("select count(*) from accounts.attempt") - 1

    assert await sources("192.0.2.1", ["198.51.100.1", "198.51.100.2"]) == 1
    house.app.state.trusted_proxies = networks("192.0.2.0/28")
    assert await sources("192.0.2.1", ["198.51.100.1", "198.51.100.2"]) == 2
    assert await sources("192.0.2.1", ["203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1"]) == 1
    assert await sources("192.0.2.99", ["198.51.100.1", "198.51.100.2"]) == 1


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, not an address"], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1:4711"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [",".join(["10.0.0.9"] * 5_000)], "10.0.0.9"),
        ("198.51.100.9", ["1.1.1.1"], "198.51.100.9"),
        (None, ["1.1.1.1"], "unknown"),
        ("testclient", ["1.1.1.1"], "testclient"),
    ],
)
def test_the_nearest_address_that_is_not_ours_is_the_source(peer: str | None, said: list[str], found: str) -> None:
    assert source_of(peer, said, networks("10.0.0.0/8")) == found


def test_no_proxy_is_trusted_unless_it_is_said_and_a_wrong_network_prevents_the_start(settings: Settings) -> None:
    assert create_app(settings).state.trusted_proxies == ()
    assert (
        len(create_app(settings.model_copy(update={"trusted_proxies": "10.0.0.0/8, ::1"})).state.trusted_proxies) == 2
    )
    for wrong in ("10.0.0.1/8", "tous", "*", "10.0.0.0/33"):
        with pytest.raises(RuntimeError, match="RELAIS_TRUSTED_PROXIES"):
            create_app(settings.model_copy(update={"trusted_proxies": wrong}))


async def test_two_processes_on_one_database_share_the_brake(
    town: Town, database: str, settings: Settings, house: House, superuser: asyncpg.Connection
) -> None:
    await enrolled(house, superuser)
    async with House.running(town, database, settings) as other:
        callers = (house.caller(), other.caller())
        found = [(await sign_in(callers[each % 2], "faux")).status_code for each in range(5)]
        await tire(superuser)
        found += [(await sign_in(callers[each % 2], "faux")).status_code for each in range(3)]
        assert found == [401] * 6 + [429] * 2
        await forget_attempts(superuser)
        at_once = await asyncio.gather(*(sign_in(callers[each % 2], "faux") for each in range(16)))
    counted = [answer.status_code for answer in at_once]
    assert counted.count(401) in (6, 7) and counted.count(401) + counted.count(429) == 16


async def test_an_attempt_counts_before_it_is_verified_so_that_a_hundred_at_once_count_for_a_hundred(
    house: House, superuser: asyncpg.Connection
) -> None:
    await enrolled(house, superuser)
    caller = house.caller()
    challenge = (await sign_in(caller)).json()["challenge"]
    await forget_attempts(superuser)
    answers = await asyncio.gather(*(prove(caller, challenge, f"{each:06}") for each in range(60)))
    counted = [answer.status_code for answer in answers]
    # Five are free; a slow machine lets one or two more in, a second later.
    assert 5 <= counted.count(401) <= 8 and set(counted) <= {401, 429, 503}


async def test_what_is_aimed_at_is_kept_under_keyed_digests(house: House, superuser: asyncpg.Connection) -> None:
    await sign_in(caller_from(house, "192.0.2.77"), PASSWORD)
    kept = await superuser.fetch("select key, a::text as said from accounts.attempt a")
    assert len(kept) == 2 and {len(row["key"]) for row in kept} == {32}
    assert not [row for row in kept if "192.0.2" in row["said"] or "exemple" in row["said"]]
