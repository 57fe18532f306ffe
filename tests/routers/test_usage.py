"""What I have used: my share of requests, and my traced acts, counted by day."""

import asyncpg

from tests.fairness.test_quotas import TOLD
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, refused
from tests.routers.test_machine_clients import let_in, registered


async def acts(house: House, name: str) -> dict[tuple[str, str], int]:
    """What a person did today, by act and outcome."""
    said = (await (await house(name)).get("/v1/me/usage")).json()
    today = max(each["on"] for each in said["items"])
    return {(each["act"], each["outcome"]): each["acts"] for each in said["items"] if each["on"] == today}


async def test_i_read_how_many_times_i_did_each_thing_and_with_what_outcome(house: House) -> None:
    note = await house.note((await house.situation())["participations"][0]["id"])
    worker = await house("worker")
    for _ in range(3):
        await worker.get(f"/v1/notes/{note['id']}")
    await worker.get(f"/v1/notes/{UNKNOWN}")
    mine = await acts(house, "worker")
    assert (mine["note:add", "done"], mine["note:read", "done"], mine["note:read", "not_found"]) == (1, 3, 1)
    assert ("note:read", "done") not in await acts(house, "colleague")


async def test_what_i_have_left_is_what_the_headers_say(house: House) -> None:
    answer = await (await house("officer")).get("/v1/me/usage")
    quota = answer.json()["quota"]
    told = TOLD.fullmatch(answer.headers["ratelimit"])
    assert told is not None
    assert (quota["remaining"], quota["resets_in_seconds"]) == (int(told[1]), int(told[2]))
    policy = f'"{quota["policy"]}";q={quota["most"]};w={quota["window_seconds"]}'
    assert policy == answer.headers["ratelimit-policy"]


async def test_what_is_older_than_31_days_is_no_longer_counted(house: House, superuser: asyncpg.Connection) -> None:
    await house.note((await house.situation())["participations"][0]["id"])
    assert ("note:add", "done") in await acts(house, "worker")
    await superuser.execute("alter table audit.trace disable trigger all")
    await superuser.execute("update audit.trace set at = at - interval '32 days' where act = 'note:add'")
    assert ("note:add", "done") not in await acts(house, "worker")


async def test_software_reads_what_it_has_used(house: House) -> None:
    client = await let_in(house, await registered(house))
    said = (await client.get("/v1/me/usage")).json()
    assert said["quota"]["most"] > 0
    assert all(each["acts"] > 0 for each in said["items"])


async def test_without_a_token_there_is_nobody_to_tell_it_to(house: House) -> None:
    refused(await house.caller().get("/v1/me/usage"), 401, "unauthenticated")
