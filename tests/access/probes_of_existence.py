"""Probes of existence: nothing unforeseen is within reach, and a refusal never tells whether a thing exists."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from app.access.policy import policy
from app.models import COLUMNS
from app.models.columns import new_id
from tests.access.probes import REFUSED, Scene, probe
from tests.access.probes_of_reading import KINDS, SAID, SERVICES, tables
from tests.access.probes_of_writing import FOREIGN_KEY, HANDLE, INTERVENE, SEALED, SEND, SHARE, WRITE_NOTE

WRAPPED = bytes(60)


@probe
async def a_row_of_another_post_cannot_be_told_from_one_that_does_not_exist(scene: Scene) -> None:
    mine = {name: scene.ids[f"far_{name}"] for name in ("post", "situation", "participation", "person", "key")}
    me, theirs = scene.ids["worker_elsewhere"], scene.ids
    takes_part = (
        "insert into social.participation values"
        " ($1, $2, $3, $4, 'victim', 'given_to_iscg', 'not_recorded', current_date)"
    )
    linked = "insert into social.household_link values ($1, $2, $3, $4, 'child')"
    needs = "insert into social.need values ($1, $2, $3, 'housing', current_date)"
    keyed = "insert into confidential.person_key values ($1, $2, $3, 'k', $4, now())"
    safe = "insert into confidential.safe_contact values ($1, $2, $3, 1, $4, now(), $5)"
    amends = WRITE_NOTE.replace("written_at", "amends_note_id, written_at").replace("$5, now()", "$5, $7, now()")
    tries: list[tuple[str, Any, UUID]] = [
        (WRITE_NOTE, lambda x: (new_id(), mine["post"], x, mine["key"], me, SEALED), theirs["participation"]),
        (WRITE_NOTE, lambda x: (new_id(), mine["post"], mine["participation"], x, me, SEALED), theirs["key"]),
        (amends, lambda x: (new_id(), mine["post"], mine["participation"], mine["key"], me, SEALED, x), theirs["note"]),
        (SHARE, lambda x: (new_id(), mine["post"], x, me, theirs["worker"]), theirs["note"]),
        (INTERVENE, lambda x: (new_id(), mine["post"], x, mine["participation"], me), theirs["situation"]),
        (INTERVENE, lambda x: (new_id(), mine["post"], mine["situation"], x, me), theirs["participation"]),
        (takes_part, lambda x: (new_id(), mine["post"], x, mine["person"]), theirs["situation"]),
        (takes_part, lambda x: (new_id(), mine["post"], mine["situation"], x), theirs["person"]),
        (linked, lambda x: (new_id(), mine["post"], mine["person"], x), theirs["person"]),
        (linked, lambda x: (new_id(), mine["post"], x, mine["person"]), theirs["person"]),
        (needs, lambda x: (new_id(), mine["post"], x), theirs["participation"]),
        (keyed, lambda x: (new_id(), mine["post"], x, WRAPPED), theirs["person"]),
        (safe, lambda x: (x, mine["post"], mine["key"], me, SEALED), uuid4()),
        (HANDLE, lambda x: (x, scene.ids["faraway"], mine["post"], me, None), theirs["untouched_referral"]),
        (HANDLE, lambda x: (scene.ids["far_referral"], scene.ids["faraway"], mine["post"], me, x), theirs["situation"]),
    ]
    async with scene.as_("worker_elsewhere") as caller:
        for statement, values, existing in tries:
            found = await caller.cannot_tell(statement, values(existing), values(uuid4()))
            assert found.code == FOREIGN_KEY, f"{statement} → {found}"


@probe
async def a_referral_of_another_unit_cannot_be_told_from_one_that_does_not_exist(scene: Scene) -> None:
    handled = (scene.ids["north"], scene.ids["far_post"], scene.ids["worker_elsewhere"], None)
    async with scene.as_("worker_elsewhere") as caller:
        found = await caller.cannot_tell(HANDLE, (scene.ids["waiting_referral"], *handled), (uuid4(), *handled))
        assert found.code == REFUSED
    async with scene.as_("officer_elsewhere") as caller:
        duplicate = (scene.ids["north"], scene.ids["officer_elsewhere"])
        found = await caller.cannot_tell(SEND, (scene.ids["referral"], *duplicate), (uuid4(), *duplicate))
        assert found.code == REFUSED


@probe
async def what_is_unique_for_one_post_says_nothing_to_another(scene: Scene) -> None:
    ids = scene.ids
    keyed = "insert into confidential.person_key values ($1, $2, $3, 'k', $4, now())"
    needs = "insert into social.need values ($1, $2, $3, 'housing', current_date)"
    async with scene.as_("worker_elsewhere") as caller:
        for statement, there, nowhere in (
            (keyed, (new_id(), ids["post"], ids["person"], WRAPPED), (new_id(), ids["post"], uuid4(), WRAPPED)),
            (needs, (new_id(), ids["post"], ids["participation"]), (new_id(), ids["post"], uuid4())),
        ):
            found = await caller.cannot_tell(statement, there, nowhere)
            assert found.code == REFUSED


WITHIN_REACH = """
select format('%s.%s.%s', n.nspname, c.relname, a.attname)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
 where n.nspname not in ('pg_catalog', 'information_schema') and c.relkind not in ('i', 'I')
   and has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select')
"""
MAY_BE_CALLED = """
select p.oid::pg_catalog.regprocedure::text
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname not in ('pg_catalog', 'information_schema', 'extensions')
   and has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')
"""


@probe
async def nothing_unforeseen_is_within_reach(scene: Scene) -> None:
    said = {scene.roles[person]: SAID[person] for person in scene.people} | dict(SERVICES)
    for role, judged in said.items():
        seen = tables([each for kind in KINDS if kind != "refused" for each in judged.get(kind, [])])
        foreseen = {f"{table}.{column}" for table in seen for column in COLUMNS[table]}
        async with scene.lane(role) as caller:
            unforeseen = set(await caller.sees(WITHIN_REACH)) - foreseen
            assert not unforeseen, f"{role} also reads {sorted(unforeseen)[:5]}"
            callable_ = {
                name.replace(" ", "").replace("timestamptz", "timestamp with time zone")
                for name in policy().functions_of(role)
            }
            unforeseen = set(await caller.sees(MAY_BE_CALLED)) - callable_
            assert not unforeseen, f"{role} also calls {sorted(unforeseen)[:5]}"


@probe
async def who_holds_another_post_is_not_told(scene: Scene) -> None:
    holds = "select access.shares_my_post($1, $2)"
    async with scene.as_("worker_elsewhere") as caller:
        for colleague in ("worker", "colleague", "former_worker"):
            assert await caller.sees(holds, scene.ids[colleague], scene.ids["shared_post"]) == [False]
    async with scene.as_("worker") as caller:
        assert await caller.sees(holds, scene.ids["colleague"], scene.ids["shared_post"]) == [True]
        for other in ("worker_elsewhere", "former_worker", "future_worker", "gone_worker", "promoted", "officer"):
            assert await caller.sees(holds, scene.ids[other], scene.ids["shared_post"]) == [False], other
