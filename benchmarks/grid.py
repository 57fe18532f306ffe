"""``python -m benchmarks.grid``: the grid over ten years, next to one reading of the same records from end to end.

In one run, on one database: a post-year, a département-year and ten national years, as they are served (the whole call
in the process, to the bytes of the answer), after a late entry, and counted again from the records without anything
kept ready. Then what keeping it ready costs to who writes. ``--full``: 2 million situations, 6 million acts, 600 posts.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from app.access.actor import Actor
from app.background import worker_transaction
from app.database import Database, Lane
from app.routers.statistics import GRID
from app.services import publishing
from app.services import statistics as figures
from benchmarks.place import DATABASE, Logins, install, server

SQL = Path(__file__).with_name("grid.sql")
YEARS = tuple(str(year) for year in range(2017, 2027))
CLOSED = YEARS[:-1]
KEY = base64.b64decode("YmVuY2htYXJrc2JlbmNobWFya3NiZW5jaG1hcmtzISE=")[:32]
PATIENCE = 3600


@dataclass(frozen=True)
class Line:
    """What is printed of one case, in milliseconds."""

    name: str
    served: float
    after_a_write: float | None
    from_records: float


def _id(kind: int, number: int) -> UUID:
    return UUID(f"{number:08x}-0000-7000-8000-{kind:012x}")


def _actor(number: int, role: str) -> Actor:
    return Actor(_id(5, number), _id(7, number), role, frozenset({"statistics:count"}))


async def _median(call: Callable[[], Awaitable[Any]], *, times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        await call()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def _grid(lane: Lane, actor: Actor, perimeter: str, *periods: str) -> Callable[[], Awaitable[int]]:
    """What a request does, but for HTTP: open, count or read, fill the tables, write the bytes, trace, commit."""

    async def call() -> int:
        size = 0
        for period in periods:
            async with lane.transaction(actor, "statistics:count", traced=True) as reading:
                size += len(GRID.dump_json(await figures.grid(reading, period=period, perimeter=perimeter)))
        return size

    return call


def _recount(connection: asyncpg.Connection, posts: str, *periods: str) -> Callable[[], Awaitable[None]]:
    async def call() -> None:
        for period in periods:
            await connection.fetchval(
                f"select statistics.recounted(array({posts}), 'post', '', $1::text::date, $2::text::date)",
                f"{period}-01-01", f"{int(period) + 1}-01-01", timeout=PATIENCE,
            )  # fmt: skip

    return call


async def _late_entry(connection: asyncpg.Connection, year: str) -> None:
    """Somebody corrects an act of the first post, in that year."""
    await connection.execute(
        "update social.intervention set duration_minutes = duration_minutes + 1 where id = ("
        " select id from social.intervention where post_id = $1 and occurred_at >= $2::text::date"
        " order by occurred_at limit 1)", _id(4, 1), f"{year}-03-01",
    )  # fmt: skip


async def _after_a_write(connection: asyncpg.Connection, call: Callable[[], Awaitable[Any]], year: str) -> float:
    async def both() -> float:
        await _late_entry(connection, year)
        start = time.perf_counter()
        await call()
        return 1000 * (time.perf_counter() - start)

    return statistics.median([await both() for _ in range(5)])


async def _write_costs(connection: asyncpg.Connection) -> tuple[float, float]:
    """Milliseconds an act, with and without what notes that it is to be counted."""
    statement = (
        "insert into social.intervention select gen_random_uuid(), post_id, situation_id, participation_id, unit_id,"
        " site_id, intervention_type, counts_as_interview, needs_home_visit_clearance, may_lack_participation,"
        " anonymous_contact, channel, outcome, occurred_at, duration_minutes, null, null, null, null, recorded_by,"
        " now() from social.intervention where id = $1"
    )

    async def insert() -> None:
        await connection.execute(statement, _id(11, 0))

    taken: dict[str, list[float]] = {"enable": [], "disable": []}
    for _ in range(5):
        for state, found in taken.items():
            await connection.execute(f"alter table social.intervention {state} trigger intervention_is_counted")
            found.append(await _median(insert, times=200))
    await connection.execute("alter table social.intervention enable trigger intervention_is_counted")
    return statistics.median(taken["enable"]), statistics.median(taken["disable"])


async def measure(connection: asyncpg.Connection, database: Database, worker_url: str) -> None:
    """Build what is kept ready, publish ten years, time everything, print."""
    worker = _grid(database.lane("social_worker"), _actor(1, "social_worker"), f"post:{_id(4, 1)}", "2025")
    coordinator = _grid(database.lane("coordinator"), _actor(2, "coordinator"), f"employer:{_id(1, 1)}", "2025")
    nation = _grid(database.lane("observatory"), _actor(3, "observatory"), "national", *CLOSED)
    start = time.perf_counter()
    async with worker_transaction(worker_url, patience=PATIENCE) as writing:
        for year in YEARS:
            nation_now = await figures.exact_cells(writing, figures.asked_period(year), NATION)
    print(f"tous les postes, dix ans, comptés une fois : {time.perf_counter() - start:.0f} s ; {len(nation_now)} cases")
    await _publish_the_nation(connection, worker_url)
    one, six, everybody = (
        "select id from organisation.post " + where for where in ("order by id limit 1", "order by id limit 6", "")
    )
    times = {"post": 5, "departement": 5, "nation": 1}
    lines = [
        Line("poste, une année", await _median(worker, times=50), await _after_a_write(connection, worker, "2025"),
             await _median(_recount(connection, one, "2025"), times=times["post"])),
        Line("employeur (six postes), une année", await _median(coordinator, times=50),
             await _after_a_write(connection, coordinator, "2025"),
             await _median(_recount(connection, six, "2025"), times=times["departement"])),
        Line("nation, neuf années publiées", await _median(nation, times=20), None,
             await _median(_recount(connection, everybody, *CLOSED), times=times["nation"])),
    ]  # fmt: skip
    exact = await _exact_nation(connection, worker_url)
    scan = await _median(lambda: connection.fetch(SCAN, timeout=PATIENCE), times=3)
    with_note, without = await _write_costs(connection)
    print(f"\nune lecture des actes de bout en bout, groupés par nature et par année : {scan:.0f} ms\n")
    print("cas | servi (ms) | après une saisie tardive (ms) | recompté sur les fiches (ms) | fois | lecture / servi")
    for line in lines:
        written = "—" if line.after_a_write is None else f"{line.after_a_write:.1f}"
        ratio = line.from_records / line.served
        print(
            f"{line.name} | {line.served:.2f} | {written} | {line.from_records:.0f} | {ratio:.0f}"
            f" | {scan / line.served:.0f}"
        )
    print(
        f"nation, dix années exactes, gardées : {exact[0]:.1f} ms ;"
        f" l'année en cours après une saisie : {exact[1]:.0f} ms"
    )
    print(
        f"un acte noté : {with_note:.3f} ms ; sans rien à recompter : {without:.3f} ms ({with_note / without:.2f} fois)"
    )


NATION = figures.Perimeter("national", "", "")
SCAN = (
    "select intervention_type, date_part('year', occurred_at), count(*), count(distinct participation_id)"
    " from social.intervention group by 1, 2"
)


async def _publish_the_nation(connection: asyncpg.Connection, worker_url: str) -> None:
    """One year of the nation, for good; the eight others are copies of it, to be read alike."""
    start = time.perf_counter()
    async with worker_transaction(worker_url, patience=PATIENCE) as writing:
        await publishing.publish_one(writing, figures.asked_period(CLOSED[-1]), NATION, {}, key=KEY)
    print(f"une année de la nation, arrondie et publiée : {time.perf_counter() - start:.0f} s")
    for year in CLOSED[:-1]:
        await connection.execute(
            "insert into statistics.publication select gen_random_uuid(), audience, perimeter_kind, perimeter_id, null,"
            " null,"
            " $1, starts_on, ends_on, version, rounded_to, nomenclature_version, published_at, null, cells"
            " from statistics.publication where period = $2", year, CLOSED[-1],
        )  # fmt: skip


async def _exact_nation(connection: asyncpg.Connection, worker_url: str) -> tuple[float, float]:
    async def read(*years: str) -> None:
        async with worker_transaction(worker_url, patience=PATIENCE) as writing:
            for year in years:
                await figures.exact_cells(writing, figures.asked_period(year), NATION)

    async def timed(*years: str) -> float:
        async with worker_transaction(worker_url, patience=PATIENCE) as writing:
            start = time.perf_counter()
            for year in years:
                await figures.exact_cells(writing, figures.asked_period(year), NATION)
            return 1000 * (time.perf_counter() - start)

    await read(*YEARS)
    kept = statistics.median([await timed(*YEARS) for _ in range(5)])
    await _late_entry(connection, YEARS[-1])
    return kept, await timed(YEARS[-1])


async def _fill(superuser: str, posts: int, situations: int) -> None:
    connection = await asyncpg.connect(superuser)
    await connection.execute("set session_replication_role = replica")
    for name, number in (("posts", posts), ("situations", situations)):
        await connection.execute("select set_config($1, $2, false)", f"bench.{name}", str(number))
    start = time.perf_counter()
    await connection.execute(SQL.read_text(encoding="utf-8"), timeout=PATIENCE)
    await connection.execute("vacuum (analyze)", timeout=PATIENCE)
    print(f"{situations} situations, {3 * situations} actes, {posts} postes : {time.perf_counter() - start:.0f} s")
    await connection.close()


async def _run(superuser: str, logins: Logins, posts: int, situations: int) -> None:
    await _fill(superuser, posts, situations)
    lanes = {role: logins.lanes[role] for role in ("social_worker", "coordinator", "observatory")}
    connection, database = await asyncpg.connect(superuser), await Database.connect(lanes, size=1, patience=PATIENCE)
    try:
        await measure(connection, database, logins.lanes["worker"])
    finally:
        await database.close()
        await connection.close()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid", description=__doc__)
    parser.add_argument("--full", action="store_true", help="2 millions de situations, 600 postes")
    parser.add_argument("--posts", type=int, default=60)
    parser.add_argument("--situations", type=int, default=120_000)
    said = parser.parse_args()
    posts, situations = (600, 2_000_400) if said.full else (said.posts, said.situations - said.situations % said.posts)
    with server() as postgres:
        logins = install(postgres)
        superuser = postgres.url(role="postgres", password=postgres.superuser_password, database=DATABASE)
        asyncio.run(_run(superuser, logins, posts, situations))


if __name__ == "__main__":
    main()
