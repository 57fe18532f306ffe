"""How fast the chains of traces are verified, and what an anchor costs: ``python -m benchmarks.traces [entries]``.

Entries a second, on a PostgreSQL of our own: 20 chains, one of them holding half of it all.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from app.auditing import anchor, verify
from app.embedded import EmbeddedPostgres
from app.services.anchors import AnchorKey, new_anchor_key, public_keys
from tests.house_for_tests import TEMPLATE, build_template

BATCH = 500
FILL = """
do $$
begin
    for i in 1..{batch} loop
        perform audit.append(
            ('00000000-0000-7000-8000-' || lpad(case when i % 2 = 0 then '0' else (i % 20)::text end, 12, '0'))::uuid,
            '00000000-0000-7000-8000-000000000001', gen_random_uuid(), 'note:read', gen_random_uuid(), 1, 'done');
    end loop;
end $$
"""


async def measure(url: str, entries: int, folder: Path) -> None:
    """Fill, verify, anchor, verify with anchors."""
    town = await build_template(url)
    connection = await asyncpg.connect(url, database=TEMPLATE)
    begun = time.perf_counter()
    # Short transactions: within one, the head of a chain would keep every version it ever had.
    for _ in range(entries // BATCH):
        await connection.execute(FILL.format(batch=BATCH))
    await connection.execute("vacuum analyze audit.trace")
    print(f"écrites : {entries} traces, {entries / (time.perf_counter() - begun):,.0f} par seconde")
    await connection.close()
    worker, key = town.lane_url("worker", TEMPLATE), AnchorKey(new_anchor_key())
    file, keys = folder / "anchors.jsonl", public_keys(key.public)
    for what, act in (
        ("vérifier les chaînes", lambda: verify(worker, None, {})),
        ("ancrer", lambda: anchor(worker, file, key)),
        ("vérifier chaînes et ancres", lambda: verify(worker, file, keys)),
    ):
        begun = time.perf_counter()
        await act()
        seconds = time.perf_counter() - begun
        print(f"{what} : {seconds:.2f} s, {entries / seconds:,.0f} traces par seconde")


def main() -> None:
    """A server of our own, thrown away at the end."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    home = Path(tempfile.mkdtemp(prefix="relais-traces-"))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home, settings={"fsync": "off", "synchronous_commit": "off"})
    postgres.start()
    try:
        url = postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
        asyncio.run(measure(url, entries, home))
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
