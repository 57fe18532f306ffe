"""Who I am, what I may do, who my colleagues are, and what I did."""

import asyncpg
import pytest

from app.access.policy import policy
from tests.house_for_tests import ANSWERS_FOR, ONE_OF_EACH_ROLE, PEOPLE, House
from tests.routers.asking import refused


@pytest.mark.parametrize(("role", "name"), ONE_OF_EACH_ROLE.items())
async def test_everyone_reads_who_they_are_and_what_they_may_do_in_french(house: House, role: str, name: str) -> None:
    mine = (await (await house(name)).get("/v1/me")).json()
    _, unit, post = PEOPLE[name]
    assert (mine["id"], mine["name"], mine["role"]) == (str(house.ids[name]), name, role)
    assert mine["role_label"] == policy().roles[role].fr
    assert mine["scopes"] == list(policy().scopes(role))
    assert mine["i_may"] == list(policy().sentences(role))
    assert mine["post_ids"] == ([str(house.ids[post])] if post else [])
    assert mine["partner_ids"] == ([str(house.ids[ANSWERS_FOR[name]])] if name in ANSWERS_FOR else [])
    assert mine["email"] == f"{name}@exemple.test"
    if unit:
        assert mine["unit_ids"] == [str(house.ids[unit])]


async def test_the_worker_of_a_shared_post_has_the_units_that_it_serves(house: House) -> None:
    mine = (await (await house("worker")).get("/v1/me")).json()
    assert mine["unit_ids"] == sorted(str(house.ids[unit]) for unit in ("north", "south"))


async def test_an_officer_may_not_do_anything_with_notes_and_is_not_told_that_they_may_be_read(house: House) -> None:
    mine = (await (await house("officer")).get("/v1/me")).json()
    assert not any("note" in said for said in mine["scopes"] + mine["i_may"])


async def colleagues(house: House, name: str) -> set[str]:
    """The names of the colleagues of a person."""
    items = (await (await house(name)).get("/v1/colleagues")).json()["items"]
    assert all(set(each) == {"id", "name", "role"} for each in items)
    return {each["name"] for each in items}


async def test_colleagues_are_those_of_my_units_and_of_the_posts_that_serve_them(house: House) -> None:
    here = {"officer", "officer_same_unit", "commander", "worker", "colleague"}
    assert await colleagues(house, "officer") == here
    assert await colleagues(house, "worker") == here
    assert await colleagues(house, "officer_elsewhere") == {"officer_elsewhere", "worker_elsewhere"}
    assert await colleagues(house, "partner") == set()


async def test_who_has_left_is_no_longer_a_colleague(house: House, superuser: asyncpg.Connection) -> None:
    await superuser.execute(
        "update accounts.posting set ends_on = '2026-02-01' where account_id = $1", house.ids["colleague"]
    )
    await superuser.execute("update accounts.account set ended_at = now() where id = $1", house.ids["commander"])
    assert not await colleagues(house, "worker") & {"colleague", "commander"}


async def test_i_read_the_traces_of_my_own_acts_and_only_those(house: House) -> None:
    note = await house.note((await house.situation())["participations"][0]["id"])
    worker = await house("worker")
    await worker.get(f"/v1/notes/{note['id']}")
    await (await house("colleague")).get(f"/v1/notes/{note['id']}")

    mine = (await worker.get("/v1/me/traces")).json()["items"]

    assert [(each["act"], each["subject_id"], each["outcome"]) for each in mine[:2]] == [
        ("note:read", note["id"], "done"), ("note:add", note["id"], "done"),
    ]  # fmt: skip
    assert all(each["outcome"] == "done" for each in mine)
    assert len((await worker.get("/v1/me/traces?limit=1")).json()["items"]) == 1
    refused(await worker.get("/v1/me/traces?limit=201"), 422, "invalid_request", "limit")
    theirs = (await (await house("colleague")).get("/v1/me/traces")).json()["items"]
    assert [(each["act"], each["outcome"]) for each in theirs] == [("note:read", "not_found"), ("session:open", "done")]


async def test_without_a_token_nobody_is_anybody(house: House) -> None:
    for path in ("/v1/me", "/v1/colleagues", "/v1/me/traces", "/v1/referrals", "/v1/nomenclatures", "/v1/units"):
        answer = await house.caller().get(path)
        refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
