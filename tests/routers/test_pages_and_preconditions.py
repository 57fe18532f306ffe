"""Pages whose cursors are ours alone, and versions that keep one hand from undoing another."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest

from tests.house_for_tests import House
from tests.routers.asking import MERGE, UNKNOWN, delete, interview, patch, refused


async def persons(house: House, count: int, by: str = "worker") -> list[str]:
    """So many persons, the newest first."""
    ids = []
    for number in range(count):
        answer = await (await house(by)).post("/v1/persons", json={"sex": "female", "last_name": f"Petit {number}"})
        ids.append(answer.json()["id"])
    return ids[::-1]


async def walked(client: httpx.AsyncClient, address: str) -> list[list[str]]:
    """The pages of a list, following the ``Link`` of each."""
    pages, following = [], address
    while True:
        answer = await client.get(following)
        assert answer.status_code == 200, answer.text
        pages.append([each["id"] for each in answer.json()["items"]])
        cursor, link = answer.json()["next_cursor"], answer.headers.get("link")
        if cursor is None:
            assert link is None
            return pages
        assert link is not None
        assert link.startswith("</v1/")
        assert link.endswith('>; rel="next"')
        following = link.removeprefix("<").partition(">")[0]


async def test_a_list_is_read_page_after_page_without_a_gap_or_a_repeat(house: House) -> None:
    ids = await persons(house, 5)
    worker = await house("worker")
    assert await walked(worker, "/v1/persons?limit=2") == [ids[:2], ids[2:4], ids[4:]]
    assert await walked(worker, "/v1/persons?limit=5") == [ids]
    assert await walked(worker, "/v1/persons") == [ids]


async def test_what_is_added_meanwhile_does_not_move_the_next_page(house: House) -> None:
    ids = await persons(house, 4)
    worker = await house("worker")
    first = (await worker.get("/v1/persons?limit=2")).json()
    await persons(house, 2)
    second = await worker.get("/v1/persons", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [each["id"] for each in second.json()["items"]] == ids[2:]


async def test_the_size_of_a_page_may_change_on_the_way(house: House) -> None:
    ids = await persons(house, 4)
    worker = await house("worker")
    first = (await worker.get("/v1/persons?limit=1")).json()
    second = await worker.get("/v1/persons", params={"limit": 10, "cursor": first["next_cursor"]})
    assert [each["id"] for each in second.json()["items"]] == ids[1:]


async def test_every_list_that_has_pages_can_be_walked(house: House) -> None:
    worker, admin, officer = await house("worker"), await house("administrator"), await house("officer")
    for number in range(3):
        await house.referral()
        situation = await house.situation()
        participation = situation["participations"][0]["id"]
        await worker.post("/v1/interventions", json=interview(participation))
        await house.note(participation, str(number))
        await house.note(participation, "encore")
        name = {"name": f"N{number}", "departement_code": "28", "municipality": "Dreux", "zone": "police"}
        await admin.post("/v1/units", json=name)
        await admin.post("/v1/sites", json={"name": "L", "site_type": "other", "municipality": "Dreux"})
        await admin.post("/v1/employers", json={"name": "E", "employer_type": "epci", "departement_code": "28"})
    for client, address, least in (
        (officer, "/v1/referrals", 3), (worker, "/v1/referrals?waiting=true", 3), (worker, "/v1/situations", 3),
        (worker, "/v1/situations?status=active", 3), (worker, "/v1/interventions", 3), (worker, "/v1/persons", 3),
        (worker, f"/v1/participations/{participation}/notes", 2), (admin, "/v1/units", 6), (admin, "/v1/sites", 3),
        (admin, "/v1/employers", 4), (admin, "/v1/posts", 2), (officer, "/v1/units", 6),
    ):  # fmt: skip
        whole = (await walked(client, address))[0]
        joint = "&" if "?" in address else "?"
        pages = await walked(client, f"{address}{joint}limit=1")
        assert [each for page in pages for each in page] == whole, address
        assert (len(whole), {len(page) for page in pages}) >= (least, {1}), address
    traces = [each for page in await walked(await house("dpo"), "/v1/audit/traces?limit=200") for each in page]
    assert len(traces) == len(set(traces)) > 15


async def cursor_of(house: House, address: str, by: str = "worker") -> str:
    """The cursor that a first page of one gives."""
    found: str = (await (await house(by)).get(address, params={"limit": 1})).json()["next_cursor"]
    return found


def altered(cursor: str, place: int) -> str:
    """The same cursor, one byte of which has changed."""
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[place] ^= 1
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_a_forged_cursor_is_refused(house: House) -> None:
    await persons(house, 2)
    good = await cursor_of(house, "/v1/persons")
    bad = [altered(good, place) for place in (0, 15, 16, 31, 40, -1)]
    bad += ["", "a", "====", "é", good[:-4], good[4:], "A" * 400, base64.b64encode(b"\0" * 60).decode(), "'; select 1"]
    for cursor in bad:
        refused(await (await house("worker")).get("/v1/persons", params={"cursor": cursor}), 400, "bad_cursor")
    long = await (await house("worker")).get("/v1/persons", params={"cursor": "A" * 401})
    refused(long, 422, "invalid_request", "cursor")


async def test_a_cursor_serves_its_caller_its_list_and_its_filter_only(house: House) -> None:
    for _ in range(2):
        participation = (await house.situation())["participations"][0]["id"]
        for _ in range(2):
            await (await house("worker")).post("/v1/interventions", json=interview(participation))
    worker, colleague = await house("worker"), await house("colleague")
    cursor = await cursor_of(house, "/v1/interventions")
    refused(await colleague.get("/v1/interventions", params={"cursor": cursor}), 400, "bad_cursor")
    refused(await worker.get("/v1/persons", params={"cursor": cursor}), 400, "bad_cursor")
    filtered = {"participation_id": participation, "cursor": cursor}
    refused(await worker.get("/v1/interventions", params=filtered), 400, "bad_cursor")
    refused(await worker.get("/v1/situations?status=open", params={"cursor": cursor}), 400, "bad_cursor")
    assert (await worker.get("/v1/interventions", params={"cursor": cursor})).status_code == 200


@pytest.mark.parametrize(
    ("query", "place"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=1.5", "limit"),
     ("limit=99999999999999999999", "limit"), ("page=2", "page"), ("limit=1&limit=2", "limit"), ("Limit=1", "Limit")],
)  # fmt: skip
async def test_a_parameter_that_is_wrong_is_named_and_never_ignored(house: House, query: str, place: str) -> None:
    answer = await (await house("worker")).get(f"/v1/situations?{query}")
    assert answer.status_code == 422
    assert [fault["parameter"] for fault in answer.json()["errors"]] == [place]


async def things(house: House) -> dict[str, Any]:
    """One of each thing that can be corrected, with a correction of it."""
    worker, admin = await house("worker"), await house("administrator")
    situation = await house.situation()
    participation = situation["participations"][0]
    act = await worker.post("/v1/interventions", json=interview(participation["id"]))
    need = await worker.post(f"/v1/participations/{participation['id']}/needs", json={"need_type": "housing"})
    site = await admin.post("/v1/sites", json={"name": "L", "site_type": "other", "municipality": "Dreux"})
    return {
        f"/v1/situations/{situation['id']}": (worker, "urgency", ("urgent", "standard")),
        f"/v1/participations/{participation['id']}": (worker, "person_status", ("witness", "unknown")),
        f"/v1/persons/{participation['person']['id']}": (worker, "last_name", ("Un", "Deux")),
        act.headers["location"]: (worker, "duration_minutes", (10, 20)),
        need.headers["location"]: (worker, "met_on", (None, need.json()["assessed_on"])),
        f"/v1/units/{house.ids['north']}": (admin, "name", ("Un", "Deux")),
        site.headers["location"]: (admin, "name", ("Un", "Deux")),
        f"/v1/employers/{house.ids['employer']}": (admin, "name", ("Un", "Deux")),
        f"/v1/posts/{house.ids['other_post']}": (admin, "name", ("Un", "Deux")),
    }


async def test_a_correction_names_the_version_that_was_seen(house: House) -> None:
    for address, (client, name, (one, two)) in (await things(house)).items():
        seen = (await client.get(address)).headers["etag"]
        bare = await client.patch(address, content=json.dumps({name: one}), headers=MERGE)
        refused(bare, 428, "precondition_required")
        for stale in ('"old"', f"W/{seen}", seen.strip('"'), '""', "a, b"):
            refused(await patch(client, address, {name: one}, seen=stale), 412, "precondition_failed")
        done = await patch(client, address, {name: two}, seen=f'"old", {seen}')
        assert (done.status_code, done.json()[name]) == (200, two), done.text
        assert done.headers["etag"] != seen
        refused(await patch(client, address, {name: one}, seen=seen), 412, "precondition_failed")
        assert (await patch(client, address, {name: one}, seen=done.headers["etag"])).json()[name] == one
        assert (await patch(client, address, {name: two}, seen="*")).status_code == 200


async def test_of_two_corrections_of_the_same_version_exactly_one_is_made(house: House) -> None:
    worker, colleague = await house("worker"), await house("colleague")
    address = f"/v1/situations/{(await house.situation())['id']}"
    for _ in range(50):
        seen = (await worker.get(address)).headers["etag"]
        present = (await worker.get(address)).json()["urgency"]
        one, two = [urgency for urgency in ("immediate", "urgent", "standard") if urgency != present][:2]
        both = await asyncio.gather(
            patch(worker, address, {"urgency": one}, seen=seen), patch(colleague, address, {"urgency": two}, seen=seen)
        )
        assert sorted(answer.status_code for answer in both) == [200, 412]
        (done,) = (answer for answer in both if answer.status_code == 200)
        assert (await worker.get(address)).json() == done.json()


async def test_an_end_names_the_version_that_was_seen(house: House) -> None:
    worker = await house("worker")
    need = next(address for address in await things(house) if "/needs/" in address)
    refused(await worker.delete(need), 428, "precondition_required")
    refused(await worker.delete(need, headers={"If-Match": '"old"'}), 412, "precondition_failed")
    assert (await delete(worker, need)).status_code == 204
    refused(await worker.delete(need, headers={"If-Match": "*"}), 404, "not_found")


async def test_what_the_reader_has_already_is_not_sent_again(house: House) -> None:
    addresses = await things(house)
    for address, (client, name, (one, _)) in addresses.items():
        seen = (await client.get(address)).headers["etag"]
        for known in (seen, f"W/{seen}", f'"x", {seen}', "*"):
            again = await client.get(address, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", seen)
        headed = await client.head(address)
        assert (headed.status_code, headed.headers["etag"], headed.content) == (200, seen, b"")
        # Only a reading is answered by « you have it »: a correction is answered in full.
        corrected = await client.patch(
            address, content=json.dumps({name: one}), headers={**MERGE, "If-Match": seen, "If-None-Match": "*"}
        )
        assert (corrected.status_code, corrected.json()[name]) == (200, one)


async def test_a_correction_is_a_merge_patch_and_nothing_else(house: House) -> None:
    worker, address = await house("worker"), f"/v1/situations/{(await house.situation())['id']}"
    for media in ("application/json", "application/json-patch+json", "text/plain"):
        answer = await worker.patch(address, content=b"{}", headers={"Content-Type": media, "If-Match": "*"})
        refused(answer, 415, "unsupported_media_type")
        assert answer.headers["accept-patch"] == "application/merge-patch+json"
    for said in ([], "x", 1, None):
        answer = await patch(worker, address, said, seen="*")
        assert answer.status_code == 422, answer.text
    missing = f"/v1/situations/{UNKNOWN}"
    refused(await patch(worker, missing, {}, seen="*"), 404, "not_found")


@pytest.mark.parametrize("header", ["en", "en-GB,en;q=0.9", "de, en;q=0.8, fr;q=0.1"])
async def test_a_refusal_speaks_english_to_who_prefers_it(house: House, header: str) -> None:
    worker = await house("worker")
    french = await worker.get(f"/v1/situations/{UNKNOWN}")
    english = await worker.get(f"/v1/situations/{UNKNOWN}", headers={"Accept-Language": header})
    assert (french.headers["content-language"], english.headers["content-language"]) == ("fr", "en")
    assert french.json()["title"] == "Introuvable"
    assert english.json()["title"] == "Not found"
