"""How PostgreSQL means to answer, under the login of a lane: which tables it reads whole, which indexes it takes.

Plans, not times: they hold on any machine. Row rules change them, so the owner's plans would prove nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from app.statements import Compiled


@dataclass(frozen=True)
class Plan:
    """What one statement reads."""

    whole_tables: frozenset[str]
    """Tables read from end to end (``Seq Scan``), as ``schema.table``."""
    indexes: frozenset[str]
    rows_sorted: int
    """The most rows that PostgreSQL expects to put in order in one go."""

    @classmethod
    def read(cls, tree: Any) -> Plan:
        """From the JSON of ``explain``."""
        nodes = list(_nodes(tree["Plan"]))
        return cls(
            frozenset(_name(node) for node in nodes if node["Node Type"] == "Seq Scan"),
            frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
            max((node["Plan Rows"] for node in nodes if node["Node Type"] == "Sort"), default=0),
        )


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _name(node: Any) -> str:
    return f"{node['Schema']}.{node['Relation Name']}"


async def plan_of(
    connection: asyncpg.Connection, session: UUID, said: Compiled, given: Mapping[str, Any], *, generic: bool
) -> Plan:
    """The plan for a caller: for these values, or the ``generic`` one of a statement that serves often."""
    opening = connection.transaction()
    await opening.start()
    try:
        await connection.execute(f"select access.open('{UUID(str(session))}')")
        how = "force_generic_plan" if generic else "force_custom_plan"
        await connection.execute(f"set local plan_cache_mode = {how}")
        values = said.values(given)
        kinds = [kind.name for kind in (await connection.prepare(said.sql)).get_parameters()]
        # ``explain`` takes a prepared statement with literals: the very plan that asyncpg's own would have.
        literals = ", ".join(_literal(value, kind) for value, kind in zip(values, kinds, strict=True))
        await connection.execute(f"prepare looked_at ({', '.join(kinds)}) as {said.sql}")
        asked = f"explain (verbose, format json) execute looked_at ({literals})"
        found = (await connection.fetch(asked))[0][0]
        await connection.execute("deallocate looked_at")
    finally:
        await opening.rollback()
    return Plan.read(json.loads(found)[0])


def _literal(value: Any, kind: str) -> str:
    if value is None:
        return f"null::{kind}"
    return "'" + str(value).replace("'", "''") + f"'::{kind}"


async def plans_inside(superuser_url: str, database: str, lane: str, session: UUID, sql: str) -> list[Plan]:
    """Plans of the statements that functions run inside ``sql``, for a caller on her lane.

    ``auto_explain`` tells them as notices; only a superuser may load it, who then becomes the lane's login.
    """
    connection = await asyncpg.connect(superuser_url, database=database)
    told: list[str] = []
    connection.add_log_listener(lambda _, notice: told.append(notice.message))
    try:
        await connection.execute(
            "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_format = 'json';"
            "set auto_explain.log_verbose = on; set auto_explain.log_nested_statements = on;"
            f"set client_min_messages = 'log'; set search_path = ''; set jit = off; set session authorization {lane}"
        )
        await connection.execute(f"begin; select access.open('{UUID(str(session))}')")
        told.clear()
        await connection.execute(sql)
        await asyncio.sleep(0)  # listeners are called soon, not at once
        await connection.execute("rollback")
    finally:
        await connection.close()
    return [Plan.read(json.loads(found[0])) for each in told if (found := re.search(r"\{.*\}", each, re.DOTALL))]
