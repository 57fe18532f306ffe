"""Passwords: two computed at once and no more, chosen hard to guess, never repeated, rehashed when parameters rise."""

import asyncio
import threading
import unicodedata
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher

from app.database import Lane
from app.errors import Invalid, Unavailable
from app.services import passwords
from tests.house_for_tests import House
from tests.routers.asking import refused
from tests.strong import NEW_PASSWORD, PASSWORD, enrolled, forget_attempts, give_password, sign_in


class Counted:
    """How many are computed at once, at most."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.busy = self.most = self.all = 0
        self._lock, self._check = threading.Lock(), passwords._verify
        monkeypatch.setattr(passwords, "_verify", self._counted)

    def _counted(self, password: str, digest: str) -> bool:
        with self._lock:
            self.busy, self.all = self.busy + 1, self.all + 1
            self.most = max(self.most, self.busy)
        try:
            return self._check(password, digest)
        finally:
            with self._lock:
                self.busy -= 1


async def test_two_passwords_are_checked_at_once_the_others_wait_and_too_many_are_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted, digest = Counted(monkeypatch), passwords.hashed(PASSWORD)
    asked = [passwords.matches(PASSWORD, digest) for _ in range(passwords.WAITING_AT_MOST + 3)]
    found = await asyncio.gather(*asked, return_exceptions=True)

    assert found.count(True) == passwords.WAITING_AT_MOST
    refusals = [each for each in found if isinstance(each, Unavailable)]
    assert [(each.status, each.headers["Retry-After"]) for each in refusals] == [(503, "5")] * 3
    assert (counted.most, counted.all) == (2, passwords.WAITING_AT_MOST)
    assert await passwords.matches(PASSWORD, digest)


async def test_whoever_leaves_keeps_her_turn_until_it_ends_so_that_there_are_never_three(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted, digest = Counted(monkeypatch), passwords.hashed(PASSWORD)
    for _ in range(3):
        gone = [asyncio.create_task(passwords.matches(PASSWORD, digest)) for _ in range(4)]
        await asyncio.sleep(0.05)
        for each in gone:
            each.cancel()
        assert await passwords.matches(PASSWORD, digest)
    assert counted.most == 2
    assert passwords._waiting == 0


async def test_the_desk_says_when_too_many_wait(
    house: House, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enrolled(house, superuser)
    monkeypatch.setattr(passwords, "WAITING_AT_MOST", 0)
    answer = await sign_in(house.caller())
    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    monkeypatch.undo()
    assert (await sign_in(house.caller())).status_code == 200


async def test_a_password_is_checked_exactly_as_it_came(house: House, superuser: asyncpg.Connection) -> None:
    await enrolled(house, superuser)
    long = "é" + PASSWORD * 7
    await give_password(superuser, house.ids["worker"], long)
    decomposed = unicodedata.normalize("NFD", long)
    for other in (long[:-1], long[:72], long.upper(), f" {long}", f"{long} ", decomposed):
        assert other != long
        refused(await sign_in(house.caller(), other), 401, "wrong_credentials")
        await forget_attempts(superuser)
    assert (await sign_in(house.caller(), long)).status_code == 200


async def test_a_digest_is_renewed_when_the_parameters_have_risen(house: House, superuser: asyncpg.Connection) -> None:
    await enrolled(house, superuser)
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await superuser.execute("update accounts.credential set password_hash = $1", weaker)
    assert (await sign_in(house.caller(), "faux")).status_code == 401
    assert await superuser.fetchval("select password_hash from accounts.credential") == weaker
    assert (await sign_in(house.caller())).status_code == 200
    renewed = await superuser.fetchval("select password_hash from accounts.credential")
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (await sign_in(house.caller())).status_code == 200
    assert await superuser.fetchval("select password_hash from accounts.credential") == renewed


async def test_an_unknown_account_costs_the_same_statements_and_the_same_computations(
    house: House, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enrolled(house, superuser)
    counted, said = Counted(monkeypatch), []
    acquire = Lane._connection

    def listening(lane: Lane) -> Any:
        said.append("transaction")
        return acquire(lane)

    monkeypatch.setattr(Lane, "_connection", listening)
    paths = []
    for email in ("worker@exemple.test", "nobody@exemple.test", "colleague@exemple.test"):
        said.clear()
        counted.all = 0
        refused(await sign_in(house.caller(), "faux", email=email), 401, "wrong_credentials")
        paths.append((tuple(said), counted.all))
        await forget_attempts(superuser)
    assert paths == [(("transaction", "transaction"), 1)] * 3


@pytest.mark.parametrize(
    "password",
    ["motdepasse2026!", "Commissariat2026!", "azertyuiopqsdf", "iscg-gendarmerie-2026", "worker@exemple.test1",
     "Jeanne.Dupont1985", "aaaaaaaaaaaaaaaaaaaa", "12345678901234567890", "relaisrelaisrelais", "Marseille13!!!!"],
)  # fmt: skip
async def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await passwords.check_choice(password, about=("worker@exemple.test", "Jeanne Dupont"))
    assert [error.code for error in refusal.value.errors] == ["password_easy_to_guess"]
    assert password not in str(refusal.value) + repr(refusal.value)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, NEW_PASSWORD, "xxxvQ8!kd02mWpzTy", "鳥居と海と三日月の古い物語です", "z7kQp0w!e8Rr" + "é" * 240],
)
async def test_a_long_password_of_any_kind_is_accepted(password: str) -> None:
    await passwords.check_choice(password, about=("worker@exemple.test", "Jeanne Dupont"))


async def test_a_short_password_is_refused_however_strange() -> None:
    with pytest.raises(Invalid) as refusal:
        await passwords.check_choice("vQ8!kd02mWpzT", about=())
    assert [error.code for error in refusal.value.errors] == ["password_too_short"]
