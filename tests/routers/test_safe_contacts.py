"""Safe contacts: sealed, replaced whole, one hand after the other."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from tests.house_for_tests import House
from tests.routers.asking import refused, someone

SAFE: dict[str, Any] = {
    "phone": "06 39 98 00 02",
    "address": "chez sa sœur, 12 rue des Lilas",
    "safe_hours": "9 h – 11 h",
    "precautions": "Ne pas laisser de message.\nNe jamais dire d'où l'on appelle.",
}
FIRST = {"If-None-Match": "*"}


async def address_of(house: House, **said: Any) -> str:
    """The safe contact of a person just met: where it will be."""
    return f"/v1/participations/{(await house.situation(**said))['participations'][0]['id']}/safe-contact"


async def put(house: House, address: str, said: Any, headers: dict[str, str], by: str = "worker") -> httpx.Response:
    """Write it."""
    return await (await house(by)).put(address, json=said, headers=headers)


async def test_a_first_safe_contact_says_that_none_was_there_and_is_read_again(house: House) -> None:
    address = await address_of(house)
    refused(await (await house("worker")).get(address), 404, "not_found")

    written = await put(house, address, SAFE, FIRST)

    assert written.status_code == 201
    assert written.headers["location"] == address
    assert written.json().items() >= {**SAFE, "phone": "+33639980002", "version": 1}.items()
    read = await (await house("colleague")).get(address)
    assert (read.json(), read.headers["etag"]) == (written.json(), written.headers["etag"])


async def test_a_replacement_names_the_version_seen_and_replaces_the_whole(house: House) -> None:
    address = await address_of(house)
    refused(await put(house, address, SAFE, {}), 428, "precondition_required")
    refused(await put(house, address, SAFE, {"If-Match": '"old"'}), 412, "precondition_failed")
    first = await put(house, address, SAFE, FIRST)
    refused(await put(house, address, SAFE, FIRST), 412, "precondition_failed")

    second = await put(house, address, {"phone": "0639980003"}, {"If-Match": first.headers["etag"]}, by="colleague")

    assert second.status_code == 200
    assert second.json().items() >= {"phone": "+33639980003", "address": None, "version": 2}.items()
    assert second.json()["changed_by"] == str(house.ids["colleague"])
    refused(await put(house, address, SAFE, {"If-Match": first.headers["etag"]}), 412, "precondition_failed")
    assert (await (await house("worker")).get(address)).json() == second.json()


async def test_of_two_first_hands_one_writes_and_the_other_is_told_to_read_again(house: House) -> None:
    await house("colleague")
    for _ in range(10):
        address = await address_of(house)
        both = await asyncio.gather(*(put(house, address, SAFE, FIRST, by=who) for who in ("worker", "colleague")))
        assert sorted(answer.status_code for answer in both) == [201, 412]


async def test_only_the_workers_of_the_post_know_it(house: House) -> None:
    address = await address_of(house)
    await put(house, address, SAFE, FIRST)
    refused(await (await house("worker_elsewhere")).get(address), 404, "not_found")
    refused(await put(house, address, SAFE, {"If-Match": "*"}, by="worker_elsewhere"), 404, "not_found")
    for who in ("officer", "commander", "partner", "coordinator", "administrator", "dpo", "observatory"):
        refused(await (await house(who)).get(address), 403, "forbidden")
        refused(await put(house, address, SAFE, FIRST, by=who), 403, "forbidden")


async def test_it_is_not_written_in_a_closed_situation(house: House) -> None:
    situation = await house.situation()
    address = f"/v1/participations/{situation['participations'][0]['id']}/safe-contact"
    await (await house("worker")).post(
        f"/v1/situations/{situation['id']}/close", json={"closure_reason": "unreachable"}
    )
    refused(await put(house, address, SAFE, FIRST), 409, "situation_closed")


async def test_the_database_holds_no_word_of_it_and_an_older_version_put_back_does_not_open(
    house: House, superuser: asyncpg.Connection
) -> None:
    address = await address_of(house)
    first = await put(house, address, SAFE, FIRST)
    before = await superuser.fetchval("select sealed from confidential.safe_contact")
    assert b"Lilas" not in before
    await put(house, address, {"address": "ailleurs"}, {"If-Match": first.headers["etag"]})

    await superuser.execute("update confidential.safe_contact set sealed = $1", before)

    answer = await (await house("worker")).get(address)
    refused(answer, 500, "note_cannot_be_read")
    assert "Lilas" not in answer.text


async def test_it_does_not_open_in_the_file_of_the_other_party(house: House, superuser: asyncpg.Connection) -> None:
    both = [someone("Petit"), someone("Grand", person_status="alleged_perpetrator")]
    victim, accused = (each["id"] for each in (await house.situation(participations=both))["participations"])
    await put(house, f"/v1/participations/{victim}/safe-contact", SAFE, FIRST)
    await superuser.execute("update confidential.safe_contact set participation_id = $1", UUID(accused))
    worker = await house("worker")
    refused(await worker.get(f"/v1/participations/{accused}/safe-contact"), 500, "note_cannot_be_read")
    refused(await worker.get(f"/v1/participations/{victim}/safe-contact"), 404, "not_found")
