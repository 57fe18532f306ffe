"""Confidential notes: their author alone, whom she names, sealed bytes below, and an alarm when a seal is broken."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, delete, refused, someone

SECRET = "Elle partira vendredi chez sa sœur."


async def written(house: House, text: str = SECRET, by: str = "worker") -> dict[str, Any]:
    """A note on a situation just opened."""
    situation = await house.situation(by=by)
    return await house.note(situation["participations"][0]["id"], text, by=by)


async def shared(house: House, note: Mapping[str, Any]) -> str:
    """The note is opened to the colleague; the address of the share."""
    said = {"shared_with": str(house.ids["colleague"])}
    answer = await (await house("worker")).post(f"/v1/notes/{note['id']}/shares", json=said)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def test_the_author_reads_her_note_again_and_nobody_else_does(house: House) -> None:
    note = await written(house)
    address, listed = f"/v1/notes/{note['id']}", f"/v1/participations/{note['participation_id']}/notes"
    mine = await (await house("worker")).get(address)

    assert (mine.status_code, mine.json()) == (200, note)
    assert (note["text"], note["author_id"]) == (SECRET, str(house.ids["worker"]))
    assert (await (await house("worker")).get(listed)).json()["items"] == [note]
    refused(await (await house("colleague")).get(address), 404, "not_found")
    assert (await (await house("colleague")).get(listed)).json()["items"] == []
    refused(await (await house("worker_elsewhere")).get(address), 404, "not_found")
    refused(await (await house("worker_elsewhere")).get(listed), 404, "not_found")
    for who in ("officer", "commander", "partner", "coordinator", "observatory", "administrator", "dpo"):
        refused(await (await house(who)).get(address), 403, "forbidden")
        refused(await (await house(who)).get(listed), 403, "forbidden")


async def test_a_note_is_kept_as_it_was_written_with_its_lines_and_its_accents(house: House) -> None:
    text = "Première ligne — « œuf »\n\tdeuxième ligne 👩‍👧\nمرحبا"
    note = await written(house, text)
    read = await (await house("worker")).get(f"/v1/notes/{note['id']}")
    assert read.json()["text"] == text
    assert read.headers["cache-control"] == "no-store"


async def test_a_note_is_never_edited_nor_erased_through_the_api(house: House) -> None:
    worker, note = await house("worker"), await written(house)
    for method in ("PATCH", "PUT", "DELETE"):
        answer = await worker.request(method, f"/v1/notes/{note['id']}", headers={"If-Match": "*"})
        refused(answer, 405, "method_not_allowed")


async def test_an_author_amends_her_own_note_on_the_same_person_only(house: House) -> None:
    worker, note, other = await house("worker"), await written(house), await written(house)
    notes = f"/v1/participations/{note['participation_id']}/notes"
    theirs = await house.note(note["participation_id"], by="colleague")

    amended = await worker.post(notes, json={"text": "Samedi.", "amends_note_id": note["id"]})

    assert (amended.status_code, amended.json()["amends_note_id"]) == (201, note["id"])
    for wrong in (theirs["id"], other["id"], UNKNOWN):
        answer = await worker.post(notes, json={"text": "Samedi.", "amends_note_id": wrong})
        refused(answer, 422, "invalid_request", "/amends_note_id")


async def test_a_note_opened_to_a_colleague_is_read_until_the_share_ends(house: House) -> None:
    note = await written(house)
    worker, colleague = await house("worker"), await house("colleague")
    address = f"/v1/notes/{note['id']}"

    share = await shared(house, note)

    assert (await colleague.get(address)).json() == note
    listed = await colleague.get(f"/v1/participations/{note['participation_id']}/notes")
    assert listed.json()["items"] == [note]
    (shown,) = (await worker.get(f"{address}/shares")).json()["items"]
    assert shown == (await worker.get(share)).json()
    assert (await delete(worker, share)).status_code == 204
    refused(await colleague.get(address), 404, "not_found")
    assert (await worker.get(f"{address}/shares")).json()["items"] == []
    await shared(house, note)
    assert (await colleague.get(address)).status_code == 200


async def test_a_note_is_opened_only_to_a_colleague_of_the_same_post(house: House) -> None:
    worker, note = await house("worker"), await written(house)
    for who in ("worker_elsewhere", "officer", "coordinator", "administrator"):
        answer = await worker.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": str(house.ids[who])})
        refused(answer, 422, "colleague_not_of_this_post", "/shared_with")
    unknown = await worker.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": UNKNOWN})
    refused(unknown, 422, "colleague_not_of_this_post", "/shared_with")
    own = await worker.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": str(house.ids["worker"])})
    refused(own, 422, "note_shared_with_self", "/shared_with")


async def test_a_note_is_opened_once_and_the_reader_cannot_pass_it_on_nor_close_it(house: House) -> None:
    note = await written(house)
    share = await shared(house, note)
    said = {"shared_with": str(house.ids["colleague"])}
    refused(await (await house("worker")).post(f"/v1/notes/{note['id']}/shares", json=said), 409, "already_shared")
    colleague = await house("colleague")
    said = {"shared_with": str(house.ids["worker"])}
    refused(await colleague.post(f"/v1/notes/{note['id']}/shares", json=said), 404, "not_found")
    refused(await colleague.delete(share, headers={"If-Match": "*"}), 404, "not_found")
    assert (await colleague.get(f"/v1/notes/{note['id']}/shares")).json()["items"] == []


async def test_no_note_is_written_in_a_closed_situation_nor_for_a_person_of_another_post(house: House) -> None:
    situation = await house.situation()
    notes = f"/v1/participations/{situation['participations'][0]['id']}/notes"
    refused(await (await house("worker_elsewhere")).post(notes, json={"text": "X"}), 404, "not_found")
    worker = await house("worker")
    await worker.post(f"/v1/situations/{situation['id']}/close", json={"closure_reason": "need_met"})
    refused(await worker.post(notes, json={"text": "X"}), 409, "situation_closed")
    assert (await worker.get(notes)).status_code == 200


async def test_an_empty_note_or_one_of_more_than_twenty_thousand_characters_is_refused(house: House) -> None:
    situation = await house.situation()
    worker, notes = await house("worker"), f"/v1/participations/{situation['participations'][0]['id']}/notes"
    for text in ("", "  \n", "a" * 20_001):
        refused(await worker.post(notes, json={"text": text}), 422, "invalid_request", "/text")
    assert (await worker.post(notes, json={"text": "é" * 20_000})).status_code == 201


async def test_the_database_holds_sealed_bytes_and_not_a_word_of_the_note(
    house: House, superuser: asyncpg.Connection
) -> None:
    note = await written(house)
    row = await superuser.fetchrow("select * from confidential.note where id = $1", UUID(note["id"]))
    assert SECRET.encode() not in row["sealed"]
    for table in ("confidential.note", "confidential.person_key", "social.situation", "audit.trace"):
        everything = await superuser.fetchval(f"select string_agg(t::text, ' ') from {table} t")
        assert SECRET not in everything
        assert SECRET.encode().hex() not in everything


async def test_the_length_of_a_note_is_rounded_so_that_it_tells_nothing(
    house: House, superuser: asyncpg.Connection
) -> None:
    situation = await house.situation()
    participation = situation["participations"][0]["id"]
    for text in ("a", "b" * 252, "c" * 253, "d" * 1020, "e" * 20_000):
        await house.note(participation, text)
    rows = await superuser.fetch("select octet_length(sealed) as size from confidential.note order by written_at")
    assert [row["size"] - 29 for row in rows] == [256, 256, 1024, 1024, 65536]


async def test_the_same_note_written_twice_is_sealed_differently(house: House, superuser: asyncpg.Connection) -> None:
    note = await written(house)
    await house.note(note["participation_id"], SECRET)
    one, two = await superuser.fetch("select sealed from confidential.note")
    assert one["sealed"] != two["sealed"]


MOVES = {
    "to another note of the same person": "update confidential.note n set sealed = o.sealed"
    " from confidential.note o where n.id = $1 and o.id = $2",
    "one byte changed": "update confidential.note set sealed = set_byte(sealed, 40, (get_byte(sealed, 40) + 1) % 256)"
    " where id = $1 and id <> $2",
    "another format": "update confidential.note set sealed = set_byte(sealed, 0, 2) where id = $1 and id <> $2",
    "the key of the person changed": "update confidential.person_key k set wrapped_key = set_byte(wrapped_key, 20, 7)"
    " from confidential.note n where n.id = $1 and n.id <> $2 and k.id = n.person_key_id",
}


@pytest.mark.parametrize("how", MOVES)
async def test_a_moved_or_altered_ciphertext_is_an_alarm_and_never_an_empty_text(
    house: House, superuser: asyncpg.Connection, how: str
) -> None:
    note = await written(house)
    other = await house.note(note["participation_id"], "Autre note.")
    assert await superuser.execute(MOVES[how], UUID(note["id"]), UUID(other["id"])) == "UPDATE 1"

    worker = await house("worker")
    with capture_logs() as logs:
        answers = [
            await worker.get(f"/v1/notes/{note['id']}"),
            await worker.get(f"/v1/participations/{note['participation_id']}/notes"),
        ]

    for answer in answers:
        refused(answer, 500, "note_cannot_be_read")
        assert "Autre" not in answer.text
        assert SECRET not in answer.text
    assert [entry["alarm"] for entry in logs if entry["event"] == "refused_by_database"] == [True, True]


async def test_a_note_moved_to_the_file_of_the_other_party_does_not_open(
    house: House, superuser: asyncpg.Connection
) -> None:
    both = [someone("Petit"), someone("Grand", person_status="alleged_perpetrator")]
    victim, accused = (each["id"] for each in (await house.situation(participations=both))["participations"])
    note = await house.note(victim)
    await superuser.execute("update confidential.note set participation_id = $1", UUID(accused))
    refused(await (await house("worker")).get(f"/v1/notes/{note['id']}"), 500, "note_cannot_be_read")


async def test_the_first_notes_about_a_person_may_be_written_at_the_same_instant(house: House) -> None:
    await house("colleague")
    for _ in range(5):
        participation = (await house.situation())["participations"][0]["id"]
        await asyncio.gather(*(house.note(participation, by=who) for who in ("worker", "colleague") * 3))
        for who in ("worker", "colleague"):
            listed = await (await house(who)).get(f"/v1/participations/{participation}/notes")
            assert len(listed.json()["items"]) == 3
