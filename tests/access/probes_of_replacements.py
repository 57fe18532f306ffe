"""Probes of replacements: reading one post for some days, approved by another; never the notes, never a write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.access.policy import policy
from app.access.rights import Right
from app.models import COLUMNS
from tests.access.probes import DONE, REFUSED, Scene, probe
from tests.access.proposals import sql

SIGNED = re.compile(r"(\w+) = \(select access\.me\(\)\)")
NOT_FOR_A_POST = ("directory.partner", "directory.service", "employer.replacement", "confidential.sealing_canary")
"""What a worker writes besides her posts: the directory, her own requests, the witness of a key."""
NEVER_READ = ("confidential.note", "confidential.note_share", "confidential.handover_summary")
WITHOUT_EFFECT = ("ended_replacement", "unapproved_replacement", "future_replacement", "past_replacement")
POSTS = "select unnest(access.{}_posts())"


def _rights(verb: Any) -> Iterator[tuple[str, Right]]:
    for resource in policy().resources.values():
        right = resource.rights.get("social_worker", {}).get(verb)
        if (
            right
            and resource.table
            and "*" not in resource.table
            and not resource.table.startswith("organisation.")
            and resource.table not in NOT_FOR_A_POST
        ):
            yield resource.table, right


@probe
async def a_replacement_opens_the_reading_of_exactly_its_post(scene: Scene) -> None:
    third, far = scene.ids["third_post"], scene.ids["far_post"]
    for person in ("replacing", *WITHOUT_EFFECT):
        async with scene.as_(person) as caller:
            mine = {third, far} if person == "replacing" else {third}
            assert set(await caller.sees(POSTS.format("my"))) == mine, person
            assert await caller.sees(POSTS.format("held")) == [third], person
            units = await caller.sees("select unnest(access.my_units())")
            assert units == ([scene.ids["faraway"]] if person == "replacing" else []), person
            await caller.sees_nothing("select unnest(access.served_units())")
    async with scene.as_("replacing") as caller, scene.as_("far_successor") as holder:
        for table, _ in _rights("read"):
            if "post_id" in COLUMNS[table] and table not in NEVER_READ:
                seen = f"select post_id from {table}"
                found = await caller.sees(seen)
                assert found and set(found) == {far}, f"{table}: {len(found)} rows of {set(found)}"
                assert len(found) == len(await holder.sees(seen)) or table == "employer.replacement", table
            if table in NEVER_READ:
                await caller.sees_nothing(f"select post_id from {table}")
        assert set(await caller.sees("select unit_id from shared.referral")) == {scene.ids["faraway"]}


@probe
async def a_replacement_opens_for_its_days_once_approved_and_until_ended(scene: Scene) -> None:
    row, today = scene.ids["replacement"], "access.today()"
    async with scene.as_("replacing") as caller:
        for said in (
            {"starts_on": f"{today} + 1", "ends_on": f"{today} + 2"},
            {"starts_on": f"{today} - 2", "ends_on": f"{today} - 1"},
            {"approved_at": "null", "approved_by": "null"},
            {"ended_at": "now()"},
            {"ended_at": "now() + interval '1 day'"},
            {"account_id": f"'{scene.ids['past_replacement']}'"},
        ):
            assert await caller.sees("select id from social.person"), "the replacement no longer opens anything"
            async with scene.meanwhile("employer.replacement", row, **said):
                await caller.sees_nothing("select id from social.person")
                await caller.sees_nothing("select id from shared.referral")
        for said in (
            {"starts_on": today, "ends_on": f"{today} + 2"},
            {"starts_on": f"{today} - 2", "ends_on": today},
        ):
            async with scene.meanwhile("employer.replacement", row, **said):
                assert await caller.sees("select id from social.person"), said


@probe
async def a_replacement_is_worth_nothing_on_another_lane(scene: Scene) -> None:
    for person in ("partner_in_a_post", "coordinator", "officer"):
        async with (
            scene.meanwhile("employer.replacement", scene.ids["replacement"], account_id=f"'{scene.ids[person]}'"),
            scene.as_(person) as caller,
        ):
            await caller.sees_nothing(POSTS.format("my"))


@probe
async def nothing_is_added_to_a_replaced_post(scene: Scene) -> None:
    tried = 0
    async with scene.as_("replacing") as caller:
        for table, right in _rights("add"):
            if "post_id" not in COLUMNS[table]:
                continue
            signed = [*SIGNED.findall(right.leaves.sql)]
            said = {"post_id": "{far_post}", **dict.fromkeys(signed, "{replacing}")}
            if table == "social.referral_handling":
                said["unit_id"] = "{faraway}"
            insert = f"insert into {table} ({', '.join(said)}) values ({', '.join(said.values())})"
            await caller.is_refused(sql(scene, insert))
            if table != "social.referral_handling":
                # On the post that she holds, the same words meet no rule, only the columns that they lack.
                code = await caller.code_of(sql(scene, insert.replace("{far_post}", "{third_post}")))
                assert code not in (REFUSED, DONE), f"{table}: {code}"
            tried += 1
    assert tried >= 20
    # Nor to the directory, by somebody who only replaces.
    async with scene.from_above() as above:
        posting = await above.fetchval("select id from accounts.posting where account_id = $1", scene.ids["replacing"])
    async with (
        scene.meanwhile("accounts.posting", posting, approved_at="null", approved_by="null"),
        scene.as_("replacing") as caller,
    ):
        assert await caller.sees(POSTS.format("my")) == [scene.ids["far_post"]]
        for table in ("directory.partner", "directory.service"):
            await caller.is_refused(f"insert into {table} (id) values (gen_random_uuid())")
            assert await caller.tag_of(f"update {table} set name = name") == "UPDATE 0", table


@probe
async def nothing_of_a_replaced_post_is_changed_or_locked(scene: Scene) -> None:
    tried = 0
    async with scene.as_("replacing") as caller, scene.as_("far_successor") as holder:
        for table, right in _rights("change"):
            for column in right.columns or ():
                tag = await caller.tag_of(f"update {table} set {column} = {column}")
                assert tag == "UPDATE 0", f"{table}.{column}: {tag}"
                tag = await caller.tag_of(f"update {table} set {column} = default")
                assert tag == "UPDATE 0", f"{table}.{column}, blindly: {tag}"
                tried += 1
            for strength in ("for update", "for no key update", "for share", "for key share"):
                await caller.sees_nothing(f"select {COLUMNS[table][0]} from {table} {strength}")
            if table not in ("confidential.note_share", "employer.handover"):
                assert await holder.sees(f"select {COLUMNS[table][0]} from {table} for update"), f"{table} is empty"
    assert tried >= 60


@probe
async def a_replacement_is_ended_by_either_side_and_prolonged_by_nobody(scene: Scene) -> None:
    end = sql(scene, "update employer.replacement set ended_at = now() where id = {replacement}")
    for person, counts in (
        ("replacing", 1), ("far_successor", 1), ("coordinator_elsewhere", 1), ("past_replacement", 0), ("worker", 0),
        ("coordinator", 0),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            assert await caller.tag_of(end) == f"UPDATE {counts}", person
    # Without a condition, the rule of change alone applies: one's own, not those of the others on the same post.
    async with scene.as_("replacing") as caller:
        assert await caller.tag_of("update employer.replacement set ended_at = now()") == "UPDATE 1"
    again = sql(scene, "update employer.replacement set ended_at = null where id = {replacement_ended}")
    for person in ("ended_replacement", "far_successor", "coordinator_elsewhere"):
        async with scene.as_(person) as caller:
            assert await caller.tag_of(again) in ("UPDATE 0", REFUSED), f"{person} goes on replacing"
    for person in ("replacing", "far_successor"):
        async with scene.as_(person) as caller:
            for change in ("ends_on = ends_on + 1", "approved_at = now()", "post_id = {post}", "account_id = {worker}"):
                await caller.is_refused(sql(scene, f"update employer.replacement set {change}"))
                await caller.is_refused(sql(scene, f"update employer.replacement set ended_at = now(), {change}"))


@probe
async def who_replaces_is_seen_by_whoever_holds_the_post_and_its_employer_alone(scene: Scene) -> None:
    seen = "select id from employer.replacement"
    ids = scene.ids
    of_the_far_post = {ids[name] for name in ("replacement", "replacement_ended", "replacement_unapproved",
                                              "replacement_of_tomorrow", "replacement_over")}  # fmt: skip
    for person, expected in (
        ("far_successor", of_the_far_post), ("worker_elsewhere", of_the_far_post), ("replacing", {ids["replacement"]}),
        ("ended_replacement", {ids["replacement_ended"]}), ("worker", {ids["waiting_replacement"]}),
        ("coordinator", {ids["waiting_replacement"]}), ("coordinator_elsewhere", of_the_far_post),
        ("idle_coordinator", set()), ("posting_unapproved", set()),
        ("dpo", of_the_far_post | {ids["waiting_replacement"]}),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            assert set(await caller.sees(seen)) == expected, person
