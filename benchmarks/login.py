"""Does the time of a refusal say whether an account exists? ``python -m benchmarks.login [tries]``.

Refused sign-ins to a known and to an unknown account, in turn, on a house of the tests; the ratio of their medians.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import structlog

from app.access.tokens import new_signing_key
from app.embedded import EmbeddedPostgres
from tests.house_for_tests import House, build_template, settings_for
from tests.strong import enrolled, forget_attempts, sign_in

WARM_UP = 4


async def _measure(url: str, tries: int) -> dict[str, list[float]]:
    town = await build_template(url)
    names = ("sealing_key", "statistics_key", "cursor_key", "refresh_key", "identity_key")
    keys = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names}
    database = await town.clone()
    found: dict[str, list[float]] = {"worker@exemple.test": [], "nobody@exemple.test": []}
    async with House.running(
        town, database, settings_for(town, database, {"signing_key": new_signing_key(), **keys})
    ) as house:
        superuser = await asyncpg.connect(url, database=database)
        await enrolled(house, superuser)
        for number in range(tries + WARM_UP):
            for email, times in found.items():
                await forget_attempts(superuser)
                begun = time.perf_counter()
                answer = await sign_in(house.caller(), "un mot de passe faux", email=email)
                assert answer.status_code == 401, answer.text
                if number >= WARM_UP:
                    times.append(time.perf_counter() - begun)
        await superuser.close()
    return found


def main() -> None:
    """Measure, and say the ratio."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(prefix="relais-login-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        postgres = EmbeddedPostgres(home, settings={"fsync": "off", "max_connections": "200"})
        postgres.start()
        try:
            url = postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
            known, unknown = asyncio.run(_measure(url, tries)).values()
        finally:
            postgres.stop()
    for name, times in (("connu", known), ("inconnu", unknown)):
        print(f"{name:8} médiane {statistics.median(times) * 1000:7.1f} ms  ({min(times) * 1000:.1f} au mieux)")
    ratio = statistics.median(known) / statistics.median(unknown)
    print(f"rapport connu / inconnu : {ratio:.3f} ({os.cpu_count()} cœurs)")


if __name__ == "__main__":
    main()
