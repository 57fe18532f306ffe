"""Probes of plans: what ``explain`` estimates says nothing, to the police, of what a post did in secret.

The estimates of PostgreSQL count every row of a table, those that row security hides included; so do the end points of
its indexes. What a lane may read is therefore a table in which the other side writes nothing.
"""

from __future__ import annotations

import asyncpg

from tests.access import probes_of_partners, probes_of_what_leaves, probes_of_writing
from tests.access.probes import Scene, probe
from tests.access.probes_of_events import (
    FEEDBACK,
    ORIENTATION,
    PARTNER_REFERRAL,
    REFERRAL,
    SENT_THERE,
    SIGNED,
    UNTOLD,
    Act,
    act_of,
)
from tests.access.probes_of_notifications import POLICE

READABLE = """
select c.oid::regclass::text as name, array(
       select a.attname::text || ' ' || format_type(a.atttypid, null) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and has_column_privilege($1, c.oid, a.attnum, 'select') order by a.attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public') and c.relkind in ('r', 'v', 'm', 'p')
   and has_schema_privilege($1, n.oid, 'usage') and has_any_column_privilege($1, c.oid, 'select') order by 1
"""
# Past the end of an index, and before it: the planner looks there for the last value and for the first.
ENDS = {
    "uuid": ("00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"),
    "timestamp with time zone": ("2000-01-01", "2100-01-01"),
    "date": ("2000-01-01", "2100-01-01"),
    "text": ("a", "z"),
    "integer": ("0", "1000000"),
}
DRAFT = (
    "insert into statistics.report (id, employer_id, post_id, perimeter_kind, perimeter_id, period, starts_on, ends_on,"
    " version, commentary, unit_ids, drafted_by, drafted_at) values ($1, $2, $3, 'post', ($3::uuid)::text, '2020-Q1',"
    " '2020-01-01', '2020-03-31', 1, '{}', '{}', $4, now())"
)
WATCHERS = {"police_officer": "officer", "unit_commander": "commander", "social_worker": "worker"}
SECRET: tuple[Act, ...] = (
    *(act for act in UNTOLD if act.person == "worker" and not act.statement.startswith("update shared.referral")),
    Act("partner", probes_of_partners.SEND, ("new", "ccas", "shared_post", "partner")),
    Act("worker", PARTNER_REFERRAL.format(FEEDBACK), ("partner_referral",)),
    Act("worker", probes_of_what_leaves.TRANSMIT, ("new", "post", "ccas", "word", "worker")),
    Act("partner", ORIENTATION.format("acknowledged_at = now()" + SIGNED), ("sent_orientation",)),
    *(Act(person, "select access.trace('orientation:read', null, 1, 'done')") for person in ("worker", "partner")),
    Act("worker", "select access.recall(sha256('key'), 'POST /v1/notes', sha256('asked'))"),
    Act("worker", "select access.spend_quota(sha256('worker'), 1, 3600)"),
)
"""What a post and a partner do that no unit is ever told of."""

OF_OTHERS: tuple[Act, ...] = (
    Act("officer_elsewhere", SENT_THERE, ("new", "faraway", "officer_elsewhere")),
    Act("worker_elsewhere", REFERRAL.format(FEEDBACK), ("far_referral",)),
    Act("worker", DRAFT, ("new", "employer", "post", "worker")),
    Act("worker", 'update statistics.report set commentary = \'{"T1": "x"}\' where id = $1', ("drafted_report",)),
)
"""What another unit does, or is answered, and what a post drafts: in tables where each watcher has rows of her own."""
KNOWN = {"police_officer": {"shared.referral"}, "unit_commander": {"statistics.report"}}
"""The tables that hold other rows than a watcher's own: how many there are in all is the most that a plan tells."""


async def _plans(scene: Scene, above: asyncpg.Connection, role: str) -> dict[str, str]:
    """Every plan that this lane is shown, by statement, in the transaction under way."""
    found: dict[str, str] = {}
    tables = await above.fetch(READABLE, f"relais_{role}")
    await above.execute(f"set local session authorization relais_{role}")
    await above.execute("select access.open($1)", scene.sessions[WATCHERS[role]])
    for table in tables:
        columns = dict(each.split(" ", 1) for each in table["columns"])
        asked = [f"select {', '.join(columns)} from {table['name']}"]
        for column, kind in columns.items() if role in POLICE else ():
            one = f"select {column} from {table['name']}"
            asked.append(f"{one} where {column} is null")
            if kind in ENDS:
                first, last = ENDS[kind]
                asked += [
                    f"{one} where {column} < '{first}'", f"{one} where {column} > '{last}'",
                    f"{one} order by {column} desc limit 1",
                ]  # fmt: skip
        for statement in asked:
            found[statement] = "\n".join(row[0] for row in await above.fetch(f"explain {statement}"))
    await above.execute("reset session authorization")
    return found


async def _before_and_after(
    scene: Scene, above: asyncpg.Connection, acts: tuple[Act, ...], times: int
) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """The plans shown to each lane, before and after these acts; all is undone."""
    transaction = above.transaction()
    await transaction.start()
    try:
        await above.execute("analyze")
        before = {role: await _plans(scene, above, role) for role in WATCHERS}
        for act in acts:
            # A note is shared once with the same colleague, a period drafted once; the rest, as often as one likes.
            repeated = act.values[:1] == ("new",) and act.statement not in (probes_of_writing.SHARE, DRAFT)
            for _ in range(times if repeated else 1):
                done = await act_of(scene, above, act)
                assert done.endswith(" 1"), f"{act.person}: {act.statement} → {done}"
        await above.execute("analyze")
        return {role: (before[role], await _plans(scene, above, role)) for role in WATCHERS}
    finally:
        await transaction.rollback()


def _told(plans: tuple[dict[str, str], dict[str, str]]) -> set[str]:
    """The tables of which some plan is no longer the same."""
    before, after = plans
    changed = [statement for statement in before | after if before.get(statement) != after.get(statement)]
    return {statement.split(" from ")[1].split()[0] for statement in changed}


@probe
async def no_plan_tells_the_police_that_a_post_or_a_partner_did_anything(scene: Scene) -> None:
    async with scene.from_above() as above:
        seen = await _before_and_after(scene, above, SECRET, 40)
    for role in POLICE:
        assert len(seen[role][0]) > 1000, role
        assert not _told(seen[role]), f"the plans of {role} tell what is in {_told(seen[role])}"
    # The instrument is not blind: whoever did it sees it in her own plans.
    told = _told(seen["social_worker"])
    assert {"confidential.note", "social.intervention", "exchange.orientation", "outbox.delivery"} <= told, told


@probe
async def what_a_plan_tells_of_another_unit_or_of_a_draft_is_in_two_known_tables(scene: Scene) -> None:
    async with scene.from_above() as above:
        seen = await _before_and_after(scene, above, OF_OTHERS, 10)
    for role, known in KNOWN.items():
        assert _told(seen[role]) <= known, f"the plans of {role} tell what is in {_told(seen[role]) - known}"
