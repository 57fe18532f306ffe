"""Who I am, my colleagues, my own traces; and all the traces, for the data-protection officer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, Integer, column, func, select

from app.access.policy import policy
from app.models.audit import Trace
from app.services.clock import now
from app.services.posts_in_charge import MY_HELD_POSTS
from app.statements import columns, given, newest_first_everywhere
from app.transactions import Reading

TRACE = columns(Trace)


def _table(function: Any, *names: str) -> Any:
    said = function.table_valued(*(column(name) for name in names)).alias("f")
    return select(*(said.c[name] for name in names))


ACCOUNT_FACTS = ("id", "name", "email", "role", "employer_id", "secrecy_basis", "unit_ids", "post_ids", "partner_ids")
MY_ACCOUNT = _table(func.access.my_account(), *ACCOUNT_FACTS)
COLLEAGUES = _table(func.access.colleagues(), "id", "name", "role").order_by("name", "id")
MY_TRACES = _table(
    func.access.my_traces(given("earlier_than", DateTime(timezone=True)), given("most", Integer)),
    "at",
    "act",
    "subject_id",
    "row_count",
    "outcome",
)

_used = func.access.my_usage().table_valued(*(column(name) for name in ("day", "act", "outcome", "acts"))).alias("f")
MY_USAGE = select(_used.c.day.label("on"), _used.c.act, _used.c.outcome, _used.c.acts)

TRACES = newest_first_everywhere(
    select(*TRACE),
    at=TRACE.at,
    key=TRACE.id,
)


async def account_of(reading: Reading) -> dict[str, Any]:
    """My account, my postings, and what I may do with this token, in French."""
    mine = await reading.row(MY_ACCOUNT)
    role, opened = mine["role"], reading.actor.scopes
    posts = mine["post_ids"]
    # Posts that I read are those I hold and those where I replace: a screen must not offer the others to write.
    held = (await reading.row(MY_HELD_POSTS))["posts"] if posts else []
    return {name: mine[name] for name in ACCOUNT_FACTS} | {
        "post_ids": held,
        "replaced_post_ids": [each for each in posts if each not in held],
        "role_label": policy().roles[role].fr,
        "scopes": [scope for scope in policy().scopes(role) if scope in opened],
        "i_may": list(policy().sentences(role, within=opened)),
    }


async def my_latest_traces(reading: Reading, schema: Any, *, most: int) -> bytes:
    """My own latest acts, as JSON."""
    return await reading.show_all(MY_TRACES, schema, earlier_than=now(), most=most)


async def my_usage(reading: Reading) -> list[dict[str, Any]]:
    """My traced acts of the last 31 days, by day, act and outcome."""
    return [dict(row) for row in await reading.rows(MY_USAGE)]
