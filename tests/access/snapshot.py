"""The fence as PostgreSQL's catalogues describe it: roles, privileges, row rules, trusted functions, hardening.

``tests/access/golden_snapshot.txt`` is the fence that was reviewed. Any difference fails the tests and is read by name
in the diff, line by line. After a wanted change: ``.venv/bin/python -m tests.access.snapshot --write``, then review.
The text is the same on PostgreSQL 15 to 18: what differs by version only is said in common words, or left out.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import asyncpg

from tests.access.snapshot_queries import (
    CIRCLES,
    FUNCTIONS,
    GADGETS,
    MEMBERSHIPS,
    OBJECTS,
    ROLES,
    STATEMENTS_OF_TABLES,
    SYSTEM_RELATIONS,
    TABLES,
)

GOLDEN = Path(__file__).with_name("golden_snapshot.txt")


async def snapshot(connection: asyncpg.Connection) -> str:
    """The whole fence of this database, one fact a line, in a fixed order. ``connection`` is a superuser's."""
    async with connection.transaction(readonly=True):
        # Names come out qualified, whoever asks.
        await connection.execute("set local search_path = pg_catalog")
        sections = {
            "Roles of the cluster": await _roles(connection),
            "Database, schemas, languages, extensions, and everything else": [
                row["line"] for row in await connection.fetch(OBJECTS, CIRCLES)
            ],
            "System functions that run SQL, count, or open files": await _gadgets(connection),
            "System relations that tell about other people's rows": await _system_relations(connection),
            "Functions": await _functions(connection),
            "Tables": await _tables(connection),
        }
    text = ""
    for title, lines in sections.items():
        text += f"# {title}\n\n" + "\n".join(lines) + "\n\n"
    return text.rstrip("\n") + "\n"


async def _roles(connection: asyncpg.Connection) -> list[str]:
    lines = [row["line"] for row in await connection.fetch(ROLES)]
    # PostgreSQL 16 says of each membership whether it inherits; before, the member's own attribute says it.
    since_16 = connection.get_server_version().major >= 16
    inherits = "m.inherit_option" if since_16 else "member.rolinherit"
    can_set = "m.set_option" if since_16 else "true"
    memberships = MEMBERSHIPS.format(inherits=inherits, can_set=can_set)
    return lines + [row["line"] for row in await connection.fetch(memberships)]


async def _gadgets(connection: asyncpg.Connection) -> list[str]:
    lines = []
    for title, pattern in GADGETS.items():
        rows = await connection.fetch(
            """
            select r.rolname as role, array_agg(distinct p.proname::text order by p.proname::text) as names,
                   count(*) as many, (select count(*) from pg_proc where pronamespace = 11 and proname ~ $1) as of
              from pg_proc p cross join pg_roles r
             where p.pronamespace = 11 and p.proname ~ $1 and r.rolname ~ '^relais_'
               and has_function_privilege(r.oid, p.oid, 'execute')
             group by 1 order by 1
            """,
            pattern,
        )
        can = [f"{row['role']} ({'all' if row['many'] == row['of'] else ', '.join(row['names'])})" for row in rows]
        lines.append(f"{title}: {', '.join(can) or 'nobody'}")
    return lines


async def _system_relations(connection: asyncpg.Connection) -> list[str]:
    return [row["line"] for row in await connection.fetch(SYSTEM_RELATIONS)]


async def _functions(connection: asyncpg.Connection) -> list[str]:
    lines = []
    for row in await connection.fetch(FUNCTIONS, CIRCLES):
        lines.append(f"{row['signature']} returns {row['returns']}")
        lines += [f"    {row['facts']}", f"    sha256 {row['sha256']}", f"    may call: {row['callers'] or 'nobody'}"]
    return lines


async def _tables(connection: asyncpg.Connection) -> list[str]:
    facts: dict[str, list[str]] = {
        row["name"]: [f"{row['kind']}, owner {row['owner']}, row security {row['security']}"]
        for row in await connection.fetch(TABLES, CIRCLES)
    }
    columns: dict[str, set[str]] = {name: set() for name in facts}
    granted: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    said = STATEMENTS_OF_TABLES
    for row in await connection.fetch(said["columns"], CIRCLES):
        columns[row["name"]].add(row["column"])
        facts[row["name"]].append(f"column {row['line']}")
    for row in await connection.fetch(said["privileges"], CIRCLES):
        if row["column"] is None:
            facts[row["name"]].append(f"GRANT ON THE WHOLE TABLE {row['verb']} to {row['grantee']}{row['option']}")
        else:
            granted[row["name"], row["verb"] + row["option"], row["grantee"]].append(row["column"])
    for (name, verb, grantee), listed in sorted(granted.items()):
        every = set(listed) == columns[name] and name.startswith("nomenclature.")
        facts[name].append(f"{verb.lower()} to {grantee}: {'every column' if every else ', '.join(listed)}")
    for query in ("policies", "constraints", "indexes", "triggers", "rules"):
        for row in await connection.fetch(said[query], CIRCLES):
            facts[row["name"]].append(row["line"])
    lists = {name: facts.pop(name) for name in list(facts) if name.startswith("nomenclature.")}
    return [line for name in sorted(facts) for line in _block(name, facts[name])] + _lists(lists)


def _block(title: str, lines: Iterable[str]) -> list[str]:
    return [title, *(f"    {line}" for line in lines)]


def _lists(lists: Mapping[str, list[str]]) -> list[str]:
    """The official lists all look alike: one line a fact, and the lists of which it is true."""
    true_of: dict[str, list[str]] = defaultdict(list)
    for name, lines in sorted(lists.items()):
        own = name.partition(".")[2]
        for line in lines:
            true_of[re.sub(rf"(?<![a-z]){own}(?=\b|_)", "<list>", line)].append(own)
    common = [line for line, names in true_of.items() if len(names) == len(lists)]
    odd = [f"{line}  [{', '.join(names)}]" for line, names in sorted(true_of.items()) if len(names) < len(lists)]
    return [
        *_block(f"nomenclature.<list>, {len(lists)} of them: {', '.join(name[13:] for name in sorted(lists))}", common),
        *_block("nomenclature.<list>, of some lists only", odd),
    ]


async def compare(connection: asyncpg.Connection) -> list[str]:
    """What differs from the golden file: lines that are gone (``-``) and lines that are new (``+``)."""
    was, now = GOLDEN.read_text(encoding="utf-8").splitlines(), (await snapshot(connection)).splitlines()
    if was == now:
        return []
    import difflib

    changes = difflib.unified_diff(was, now, lineterm="", n=0)
    return [line for line in changes if line[:1] in "+-" and line[:3] not in ("+++", "---")]


async def _main(arguments: list[str]) -> None:
    from tests.access.scratch import own_town

    async with own_town() as town:
        name: Any = await town.clone()
        connection = await asyncpg.connect(town.superuser_url, database=name)
        text = await snapshot(connection)
        await connection.close()
    if "--write" in arguments:
        GOLDEN.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{GOLDEN} : {len(text.splitlines())} lignes. À relire dans le diff.\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
