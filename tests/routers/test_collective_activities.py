"""Collective activities: sessions and numbers of a post, corrected in the version seen, never a word about anybody."""

from typing import Any

import asyncpg
import pytest

from app.nomenclature.terms import LISTS
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day, faults, patch, refused

PATH = "/v1/collective-activities"


def session(**said: Any) -> dict[str, Any]:
    """A training given yesterday to twelve officers."""
    return {
        "collective_activity_type": "training_for_officers", "held_on": day(-1), "duration_minutes": 90,
        "participants": 12, **said,
    }  # fmt: skip


async def test_a_session_is_recorded_on_the_only_post_held_and_read_again(house: House) -> None:
    worker = await house("worker")

    recorded = await worker.post(PATH, json=session())

    shown = recorded.json()
    assert recorded.status_code == 201
    assert shown.items() >= session(site_id=None, post_id=str(house.ids["shared_post"])).items()
    assert shown["recorded_by"] == str(house.ids["worker"])
    read = await (await house("colleague")).get(recorded.headers["location"])
    assert (read.json(), read.headers["etag"]) == (shown, recorded.headers["etag"])


async def test_every_kind_of_the_official_list_is_accepted_on_the_day_itself_and_without_anyone(house: House) -> None:
    worker = await house("worker")
    for term in LISTS["collective_activity_type"].terms:
        said = session(collective_activity_type=term.code, held_on=day(0), duration_minutes=1, participants=0)
        assert (await worker.post(PATH, json=said)).status_code == 201


async def test_it_may_say_where_and_an_unknown_place_is_refused_with_a_sentence(house: House) -> None:
    worker, admin = await house("worker"), await house("administrator")
    place = {"name": "Mairie", "site_type": "town_hall", "municipality": "Dreux"}
    site = (await admin.post("/v1/sites", json=place)).json()["id"]

    recorded = await worker.post(PATH, json=session(site_id=site))

    assert recorded.json()["site_id"] == site
    refused(await worker.post(PATH, json=session(site_id=UNKNOWN)), 422, "site_unknown")
    refused(await patch(worker, recorded.headers["location"], {"site_id": UNKNOWN}), 422, "site_unknown")
    assert (await patch(worker, recorded.headers["location"], {"site_id": None})).json()["site_id"] is None


async def test_who_holds_two_posts_says_which_and_nobody_records_on_anothers(
    house: House, superuser: asyncpg.Connection
) -> None:
    worker, other = await house("worker"), str(house.ids["other_post"])
    refused(await worker.post(PATH, json=session(post_id=other)), 422, "invalid_request", "/post_id")
    await superuser.execute(
        "insert into accounts.posting (id, account_id, post_id, starts_on, approved_at)"
        " values (gen_random_uuid(), $1, $2, $3, now())",
        house.ids["worker"], house.ids["other_post"], await superuser.fetchval("select current_date - 1"),
    )  # fmt: skip
    refused(await worker.post(PATH, json=session()), 422, "invalid_request", "/post_id")
    assert (await worker.post(PATH, json=session(post_id=other))).json()["post_id"] == other


async def test_a_correction_changes_what_it_says_in_the_version_seen(house: House) -> None:
    worker = await house("worker")
    recorded = await worker.post(PATH, json=session())
    address, first = recorded.headers["location"], recorded.headers["etag"]
    said = {"participants": 15, "duration_minutes": 1440, "collective_activity_type": "technical_body"}

    corrected = await patch(worker, address, said, seen=first)

    assert corrected.json() == recorded.json() | said
    refused(await patch(worker, address, {"participants": 16}, seen=first), 412, "precondition_failed")
    blind = await worker.patch(address, json={}, headers={"Content-Type": "application/merge-patch+json"})
    refused(blind, 428, "precondition_required")
    assert (await patch(worker, address, {})).json() == corrected.json()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"held_on": day(2)}, "day_in_the_future"),
        ({"held_on": "2026-02-30"}, "day_expected"),
        ({"held_on": "02/02/2026"}, "day_expected"),
        ({"held_on": "1899-12-31"}, "out_of_calendar"),
        ({"duration_minutes": 0}, "at_least"),
        ({"duration_minutes": 1441}, "at_most"),
        ({"duration_minutes": 90.0}, "whole_number_expected"),
        ({"duration_minutes": "90"}, "whole_number_expected"),
        ({"participants": -1}, "at_least"),
        ({"participants": 10_001}, "at_most"),
        ({"participants": True}, "whole_number_expected"),
        ({"participants": 2**40}, "at_most"),
        ({"collective_activity_type": "home_visit"}, "unknown_code"),
        ({"collective_activity_type": ""}, "unknown_code"),
        ({"site_id": "42"}, "identifier_expected"),
    ],
)
async def test_what_is_not_a_session_that_took_place_is_refused(house: House, said: dict[str, Any], code: str) -> None:
    worker = await house("worker")
    (name,) = said
    recorded = await worker.post(PATH, json=session())
    for answer in (
        await worker.post(PATH, json=session(**said)),
        await patch(worker, recorded.headers["location"], said),
    ):
        assert answer.status_code == 422, answer.text
        assert faults(answer) == {f"/{name}": code}


@pytest.mark.parametrize("name", ["held_on", "duration_minutes", "participants", "collective_activity_type"])
async def test_no_fact_of_a_session_is_missing_or_erased(house: House, name: str) -> None:
    worker = await house("worker")
    missing = session()
    del missing[name]
    assert faults(await worker.post(PATH, json=missing)) == {f"/{name}": "missing"}
    recorded = await worker.post(PATH, json=session())
    refused(await patch(worker, recorded.headers["location"], {name: None}), 422, "invalid_request", f"/{name}")


@pytest.mark.parametrize("name", ["title", "comment", "names", "participation_id", "recorded_by", "unit_id"])
async def test_there_is_nowhere_to_write_a_word_or_a_name(house: House, name: str) -> None:
    worker = await house("worker")
    refused(await worker.post(PATH, json=session(**{name: "Mme Petit"})), 422, "invalid_request", f"/{name}")
    recorded = await worker.post(PATH, json=session())
    for said in ({name: "Mme Petit"}, {"post_id": UNKNOWN}):
        answer = await patch(worker, recorded.headers["location"], said)
        refused(answer, 422, "invalid_request", *(f"/{each}" for each in said))
        assert "Petit" not in answer.text


async def test_the_table_has_no_column_of_free_text(superuser: asyncpg.Connection) -> None:
    texts = await superuser.fetch(
        "select column_name from information_schema.columns where data_type not in"
        " ('uuid', 'integer', 'date', 'timestamp with time zone', 'numeric')"
        " and (table_schema, table_name) in (('social', 'collective_activity'), ('employer', 'presence'))"
    )
    assert [row[0] for row in texts] == ["collective_activity_type"]  # a code, held to its list by a foreign key


async def test_the_list_is_newest_first_by_day_and_keeps_to_one_kind(house: House) -> None:
    worker = await house("worker")
    said = [("supervision", -5), ("technical_body", -1), ("supervision", -9), ("supervision", -1)]
    ids = [
        (await worker.post(PATH, json=session(collective_activity_type=kind, held_on=day(days)))).json()["id"]
        for kind, days in said
    ]

    async def listed(query: str = "") -> list[str]:
        found, here = [], f"{PATH}?limit=2{query}"
        while here:
            answer = await worker.get(here)
            found += [item["id"] for item in answer.json()["items"]]
            here = answer.links["next"]["url"] if "next" in answer.links else ""
        return found

    assert await listed() == [ids[3], ids[1], ids[0], ids[2]]
    assert await listed("&collective_activity_type=supervision") == [ids[3], ids[0], ids[2]]
    assert await listed("&collective_activity_type=administrative_work") == []
    wrong = await worker.get(f"{PATH}?collective_activity_type=secret")
    refused(wrong, 422, "invalid_request", "collective_activity_type")
    refused(await worker.get(f"{PATH}?type=supervision"), 422, "unknown_parameter", "type")


async def test_another_post_finds_nothing_and_no_other_role_may_ask(house: House) -> None:
    recorded = await (await house("worker")).post(PATH, json=session())
    elsewhere, address = await house("worker_elsewhere"), recorded.headers["location"]
    assert (await elsewhere.get(PATH)).json()["items"] == []
    refused(await elsewhere.get(address), 404, "not_found")
    refused(await patch(elsewhere, address, {"participants": 1}, seen="*"), 404, "not_found")
    for who in ("officer", "commander", "partner", "coordinator", "observatory", "administrator", "dpo"):
        client = await house(who)
        for answer in (
            await client.get(PATH),
            await client.get(address),
            await client.post(PATH, json=session()),
            await patch(client, address, {"participants": 1}, seen="*"),
        ):
            refused(answer, 403, "forbidden")


async def test_every_reading_and_every_writing_leaves_a_trace(house: House) -> None:
    worker = await house("worker")
    recorded = await worker.post(PATH, json=session())
    address = recorded.headers["location"]
    await patch(worker, address, {"participants": 1})
    await worker.get(PATH)
    traces = (await worker.get("/v1/me/traces")).json()["items"]
    told = [(each["act"], each["subject_id"]) for each in traces if each["act"].startswith("collective_activity")]
    one = recorded.json()["id"]
    assert told == [
        ("collective_activity:read", None),
        ("collective_activity:change", one),
        ("collective_activity:read", one),
        ("collective_activity:add", one),
    ]


@pytest.mark.parametrize(
    ("column", "value", "broken"),
    [
        ("duration_minutes", 0, "collective_activity_lasts_less_than_a_day"),
        ("duration_minutes", 1441, "collective_activity_lasts_less_than_a_day"),
        ("participants", -1, "collective_activity_counts_its_participants"),
    ],
)
async def test_postgresql_itself_refuses_what_cannot_have_been(
    house: House, superuser: asyncpg.Connection, column: str, value: int, broken: str
) -> None:
    await (await house("worker")).post(PATH, json=session())
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await superuser.execute(f"update social.collective_activity set {column} = $1", value)
    assert refusal.value.constraint_name == broken
