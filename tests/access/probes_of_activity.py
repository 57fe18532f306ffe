"""Probes of what is counted without anybody: who records the sessions of a post, and the days that it was worked."""

from __future__ import annotations

from datetime import date

from app.models.columns import new_id
from tests.access.probes import DONE, REFUSED, Scene, probe
from tests.access.probes_of_writing import FOREIGN_KEY

TAKEN = "23505"
RECORD = (
    "insert into social.collective_activity (id, post_id, collective_activity_type, held_on, duration_minutes,"
    " participants, recorded_by, recorded_at) values ($1, $2, 'supervision', current_date, 90, 4, $3, now())"
)
WRITE = "insert into employer.presence values ($1, $2, $3, 12.5, $4, now())"
SIGN = "update employer.presence set days_worked = 3, recorded_by = $2 where post_id = $1 returning 1"
WRITTEN, NOT_YET = date(2026, 2, 1), date(2026, 3, 1)
OTHERS = ("officer", "commander", "partner", "observatory", "administrator", "dpo")


@probe
async def a_session_is_signed_by_whoever_records_it_on_a_post_she_holds(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("worker") as caller:
        assert await caller.code_of(RECORD, new_id(), ids["post"], ids["worker"]) == DONE
        await caller.is_refused(RECORD, new_id(), ids["post"], ids["colleague"])
        await caller.is_refused(RECORD, new_id(), ids["far_post"], ids["worker"])
    for person in ("worker_elsewhere", "former_worker", "future_worker", "coordinator", *OTHERS):
        async with scene.as_(person) as caller:
            await caller.is_refused(RECORD, new_id(), ids["post"], ids[person])


@probe
async def a_session_is_read_on_its_post_and_nowhere_else(scene: Scene) -> None:
    for person, expected in (
        ("worker", {"activity"}), ("colleague", {"activity"}), ("worker_elsewhere", {"far_activity"}),
        ("former_worker", set()), ("future_worker", set()),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            found = set(await caller.sees("select id from social.collective_activity"))
            assert found == {scene.ids[name] for name in expected}, f"{person} reads {len(found)} sessions"


@probe
async def the_days_of_a_post_are_read_by_who_holds_it_and_by_its_employer(scene: Scene) -> None:
    for person, expected in (
        ("worker", {"post"}), ("colleague", {"post"}), ("worker_elsewhere", {"far_post"}), ("coordinator", {"post"}),
        ("coordinator_elsewhere", {"far_post"}), ("idle_coordinator", set()), ("former_worker", set()),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            found = set(await caller.sees("select post_id from employer.presence"))
            assert found == {scene.ids[name] for name in expected}, f"{person} reads the days of {len(found)} posts"


@probe
async def the_days_of_a_post_are_signed_by_whoever_writes_them(scene: Scene) -> None:
    ids = scene.ids
    mine, theirs = (ids["post"], ids["employer"]), (ids["far_post"], ids["other_employer"])
    for person, kept, others in (
        ("worker", mine, theirs), ("coordinator", mine, theirs), ("worker_elsewhere", theirs, mine),
        ("coordinator_elsewhere", theirs, mine),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            await caller.is_refused(WRITE, *kept, NOT_YET, ids["colleague"])
            await caller.is_refused(WRITE, *others, NOT_YET, ids[person])
            await caller.is_refused(SIGN, kept[0], ids["colleague"])
            await caller.sees_nothing(SIGN, others[0], ids[person])
            assert await caller.sees(SIGN, kept[0], ids[person])
            for column in ("post_id", "employer_id", "month_on"):
                # Signed: it is the column, not the missing signature, that is refused.
                await caller.is_refused(
                    f"update employer.presence set {column} = {column}, recorded_by = (select access.me())"
                )
            assert await caller.code_of(WRITE, *kept, WRITTEN, ids[person]) == TAKEN
            assert await caller.code_of(WRITE, *kept, NOT_YET, ids[person]) == DONE
    for person in ("former_worker", "future_worker", "idle_coordinator", *OTHERS):
        async with scene.as_(person) as caller:
            await caller.is_refused(WRITE, *mine, NOT_YET, ids[person])


@probe
async def the_days_of_a_post_are_its_employers_and_say_nothing_to_another(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("worker") as caller:
        for month in (WRITTEN, NOT_YET):
            found = await caller.code_of(WRITE, ids["post"], ids["other_employer"], month, ids["worker"])
            assert found in (FOREIGN_KEY, REFUSED)
    # Of another employer's post: the error is the same, whether its month is written or not.
    async with scene.as_("coordinator_elsewhere") as caller:
        there, not_there = (
            (ids["post"], ids["other_employer"], month, ids["coordinator_elsewhere"]) for month in (WRITTEN, NOT_YET)
        )
        assert (await caller.cannot_tell(WRITE, there, not_there)).code == FOREIGN_KEY
