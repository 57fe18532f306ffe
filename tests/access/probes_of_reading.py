"""Probes of reading: what ``never_sees.toml`` says of each person, and whose rows each one gets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.models import COLUMNS
from tests.access.probes import DONE, NO_SESSION, REFUSED, Caller, Scene, probe

SAID: dict[str, Any] = tomllib.loads(Path(__file__).with_name("never_sees.toml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, Any] = SAID.pop("services")
KINDS = ("refused", "empty", "own", "without_session", "by_link")


def tables(patterns: list[str]) -> list[str]:
    """The tables that these names and ``schema.*`` patterns stand for."""
    return [
        table
        for table in sorted(COLUMNS)
        if any(table == each or (each.endswith(".*") and table.startswith(each[:-1])) for each in patterns)
    ]


def _never_sees(person: str) -> None:
    said = SAID[person]

    async def never_sees(scene: Scene) -> None:
        async with scene.as_(person) as caller:
            await _refuses(caller, said)
            for table in tables(said.get("empty", [])):
                await caller.sees_nothing(f"select {COLUMNS[table][0]} from {table}")
            for table in tables([*said.get("own", []), *said.get("without_session", [])]):
                found = await caller.tries(f"select {COLUMNS[table][0]} from {table}")
                assert found.code == DONE, f"{person}: {table} → {found.code}"
                assert found.rows or table == "organisation.site", f"{person} no longer sees anything in {table}"
        async with scene.lane(scene.roles[person]) as caller:
            for table in tables(said["refused"]):
                await caller.is_refused(f"select count(*) from {table}")
            for table in tables([*said.get("empty", []), *said.get("own", [])]):
                # The column grant is there; without a live session, no row and no empty list: an error.
                await caller.is_refused(f"select {COLUMNS[table][0]} from {table}", code=NO_SESSION)
            for table in tables(said.get("without_session", [])):
                assert (await caller.tries(f"select {COLUMNS[table][0]} from {table}")).code == DONE, table

    never_sees.__name__ = f"{person}_never_sees_what_is_written_in_never_sees"
    probe(never_sees)


async def _refuses(caller: Caller, said: Mapping[str, Any]) -> None:
    for table in tables(said["refused"]):
        await caller.is_refused(f"select count(*) from {table}")
        await caller.is_refused(f"select * from {table} limit 1")
        for column in COLUMNS[table]:
            await caller.is_refused(f"select {column} from {table} limit 1")
    for each in said["never_changes"]:
        table, _, column = each.rpartition(".")
        found = await caller.tries(f"update {table} set {column} = {column} returning {COLUMNS[table][0]}")
        # 428C9: a computed column is written by nobody. And no row at all is nothing changed.
        nothing = found.code == DONE and not found.rows
        assert found.code in (REFUSED, "428C9") or nothing, f"{caller.who} changes {each}: {found.code}"
        # Nor blindly: without reading anything, the rules of reading do not apply.
        tag = await caller.tag_of(f"update {table} set {column} = default")
        assert tag in (REFUSED, "428C9", "UPDATE 0"), f"{caller.who} blindly changes {each}: {tag}"
    for call in said["never_calls"]:
        await caller.is_refused(f"select {call}")


def _service_never_sees(role: str) -> None:
    async def never_sees(scene: Scene) -> None:
        async with scene.lane(role) as caller:
            await _refuses(caller, SERVICES[role])
            for table in tables(SERVICES[role].get("without_session", [])):
                assert await caller.sees(f"select 1 from (select {COLUMNS[table][0]} from {table}) t"), table
            by_link = tables(SERVICES[role].get("by_link", []))
            for table in by_link:
                await caller.is_refused(f"select {COLUMNS[table][0]} from {table}", code=NO_SESSION)
            if by_link:
                await caller.sees("select access.open_link($1)", scene.links["open"])
                await _refuses(caller, SERVICES[role])
            for table in by_link:
                assert await caller.sees(f"select {COLUMNS[table][0]} from {table}") == [
                    scene.ids["linked_orientation"]
                ]

    never_sees.__name__ = f"the_{role}_lane_never_sees_what_is_written_in_never_sees"
    probe(never_sees)


for _person in SAID:
    _never_sees(_person)
for _role in SERVICES:
    _service_never_sees(_role)


@probe
async def a_note_is_read_by_its_author_and_by_whom_she_names_and_nobody_else(scene: Scene) -> None:
    of_the_post = ("note", "opened_note", "closed_note", "colleagues_note", "former_workers_note")
    expected = {
        "worker": {"note", "opened_note", "closed_note"},
        "colleague": {"opened_note", "colleagues_note"},
        "worker_elsewhere": {"far_note"},
        "third_worker": set(),
        "former_worker": set(),
        "future_worker": set(),
    }
    names = {scene.ids[name]: name for name in (*of_the_post, "far_note")}
    for person, notes in expected.items():
        async with scene.as_(person) as caller:
            seen = {names[found] for found in await caller.sees("select id from confidential.note") if found in names}
            assert seen == notes, f"{person} reads {seen}"


@probe
async def a_worker_of_another_post_sees_no_row_of_this_post(scene: Scene) -> None:
    async with scene.as_("worker_elsewhere") as caller:
        for table, columns in COLUMNS.items():
            if table.startswith(("social.", "confidential.", "exchange.", "employer.")) and "post_id" in columns:
                await caller.sees_nothing(f"select 1 from {table} where post_id = $1", scene.ids["shared_post"])
                await caller.sees_nothing(f"select 1 from {table} where post_id <> $1", scene.ids["other_post"])
        await caller.sees_nothing("select 1 from shared.referral where id = $1", scene.ids["referral"])


@probe
async def an_officer_sees_the_referrals_of_the_unit_only(scene: Scene) -> None:
    for person, unit in (("officer", "north"), ("officer_same_unit", "north"), ("officer_elsewhere", "faraway")):
        async with scene.as_(person) as caller:
            seen = set(await caller.sees("select unit_id from shared.referral"))
            assert seen == {scene.ids[unit]}, f"{person} sees referrals of {len(seen)} units"


@probe
async def a_worker_sees_the_referrals_of_the_units_her_post_serves_today(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        seen = set(await caller.sees("select id from shared.referral"))
        assert {scene.ids["referral"], scene.ids["waiting_referral"]} <= seen
        assert scene.ids["far_referral"] not in seen
        assert scene.ids["old_referral"] not in seen, "a unit that the post no longer serves"


@probe
async def the_person_search_finds_nobody_of_another_post(scene: Scene) -> None:
    for person, own in (("worker", "person"), ("worker_elsewhere", "far_person")):
        async with scene.as_(person) as caller:
            for words in ("Bolieu", "Petit Anne", "Bolieu Kévin", "Anaïs"):
                found = await caller.sees("select id from access.search_persons($1, null, 100)", words)
                expected = {scene.ids[own], scene.ids["relative"]} if person == "worker" else {scene.ids[own]}
                assert set(found) <= expected, f"{person} finds persons of another post"
    async with scene.as_("worker") as caller:
        assert await caller.sees("select id from access.search_persons('Bolieu', null, 100)"), "the search is dead"
    for person in ("former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            await caller.sees_nothing("select id from access.search_persons('Bolieu', null, 100)")


@probe
async def what_is_mine_is_mine_alone(scene: Scene) -> None:
    for person in (*scene.people, "colleague", "officer_elsewhere"):
        async with scene.as_(person) as caller:
            assert await caller.sees("select id from access.my_account()") == [scene.ids[person]]
            mine = await caller.sees("select subject_id from access.my_traces(now() + interval '1 day', 1000)")
            async with scene.from_above() as above:
                rows = await above.fetch("select subject_id from audit.trace where account_id = $1", scene.ids[person])
            assert sorted(map(str, mine)) == sorted(str(row[0]) for row in rows), person


@probe
async def perimeters_are_those_of_the_postings_in_force(scene: Scene) -> None:
    expected: dict[str, tuple[set[str], set[str]]] = {
        "officer": ({"north"}, set()),
        "officer_elsewhere": ({"faraway"}, set()),
        "commander": ({"north"}, set()),
        "former_officer": (set(), set()),
        "future_officer": (set(), set()),
        "worker": ({"north", "south"}, {"shared_post"}),
        "worker_elsewhere": ({"faraway"}, {"other_post"}),
        "former_worker": (set(), set()),
        "future_worker": (set(), set()),
        "coordinator": (set(), set()),
        "partner": (set(), set()),
        "partner_in_a_post": (set(), set()),
        "officer_of_a_partner": (set(), set()),
        "dpo": (set(), set()),
    }
    for person, (units, posts) in expected.items():
        async with scene.as_(person) as caller:
            found_units, found_posts = await caller.connection.fetchrow("select access.my_units(), access.my_posts()")
            assert set(found_units) == {scene.ids[unit] for unit in units}, f"units of {person}"
            assert set(found_posts) == {scene.ids[post] for post in posts}, f"posts of {person}"


@probe
async def colleagues_are_those_of_my_units_and_their_posts(scene: Scene) -> None:
    for person, strangers in (
        ("officer", ("officer_elsewhere", "worker_elsewhere", "dpo", "administrator")),
        ("worker", ("officer_elsewhere", "worker_elsewhere", "dpo")),
        ("former_officer", ("officer", "worker")),
        ("partner", ("officer", "worker", "dpo")),
    ):
        async with scene.as_(person) as caller:
            seen = set(await caller.sees("select id from access.colleagues()"))
            assert not seen & {scene.ids[stranger] for stranger in strangers}, person


@probe
async def system_columns_are_refused_to_every_lane(scene: Scene) -> None:
    for person in scene.people:
        async with scene.as_(person) as caller:
            for table in ("shared.referral", "organisation.unit", "confidential.note", "audit.trace"):
                for column in ("xmin", "xmax", "cmin", "ctid", "tableoid"):
                    await caller.is_refused(f"select {column} from {table}")


@probe
async def an_error_cannot_be_made_to_reveal_a_hidden_row(scene: Scene) -> None:
    # Evaluated on a hidden row, the cast or the division would raise; row security must come first.
    async with scene.as_("officer_elsewhere") as caller:
        await caller.sees_nothing(
            "select 1 from shared.referral where last_name <> 'Lointain' and (last_name || 'x')::integer = 1"
        )
    async with scene.as_("worker_elsewhere") as caller:
        await caller.sees_nothing(
            "select 1 from social.person"
            " where last_name <> 'Petit' and 1 / (case when last_name = 'Bolieu' then 0 end) = 1"
        )
        await caller.sees_nothing(
            "select 1 from confidential.note where id <> all ($1) and (encode(sealed, 'hex') || 'x')::integer = 1",
            [scene.ids["far_note"], scene.ids["note_of_cancelled_handover"]],
        )
