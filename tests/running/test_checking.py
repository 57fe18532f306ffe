"""What a start refuses, one thing at a time; and ``relais check``, which says all of it beforehand."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest
from pydantic import SecretStr

from app.access.policy import policy
from app.database import Database
from app.refusal import CannotRun
from app.running.checking import refuse_clear_text, refuse_debugging
from app.services.fiction import DOMAIN, LOADED
from app.services.proving import UnsafeStart, prove_lanes
from app.settings import Settings
from tests.house_for_tests import Town
from tests.running.relais_for_tests import command, free_port


async def relais(town: Town, database: str, keys: Mapping[str, str], *words: str, **more: str) -> CompletedProcess[str]:
    """A command with every lane and every key, as a process of one piece would have them."""
    said = {f"RELAIS_DATABASE_URL__{role.upper()}": town.lane_url(role, database) for role in policy().roles}
    said |= {f"RELAIS_{name.upper()}": text for name, text in keys.items()} | more
    return await asyncio.to_thread(lambda: command(Path("unused"), free_port(), *words, **said))


async def start(town: Town, database: str, role: str) -> None:
    """What a process does before it serves one lane."""
    connected = await Database.connect({role: town.lane_url(role, database)}, size=1)
    try:
        await prove_lanes(connected)
    finally:
        await connected.close()


async def test_a_house_in_order_passes_every_check(
    town: Town, database: str, superuser: asyncpg.Connection, keys: dict[str, str]
) -> None:
    done = await relais(town, database, keys, "check")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert len(lines) == 3 + len(policy().roles)
    assert any("la clé de scellement est la bonne" in line for line in lines)
    # Looking writes nothing: neither a canary nor a trace.
    assert await superuser.fetchval("select count(*) from confidential.sealing_canary") == 0
    assert await superuser.fetchval("select count(*) from audit.trace") == 0


# What may be wrong, how it is made so, on which lane it shows, and what is said of it.
WRONGS: Mapping[str, tuple[str, str, str]] = {
    "a table without forced row security": (
        "alter table social.person no force row level security", "police_officer", "forced",
    ),
    "a table without row security": (
        "alter table confidential.note disable row level security", "social_worker", "forced",
    ),
    "invented people among real data": (
        f"update accounts.account set email = 'x@{DOMAIN}' where email = 'worker@exemple.test'", "authentication",
        "des comptes de démonstration sont dans une base qui n'est pas celle de la démonstration",
    ),
    "real people among invented data": (
        f"do $$ begin execute format('comment on database %I is %L', current_database(), '{LOADED}'); end $$",
        "authentication", "de vrais comptes sont dans la base de la démonstration",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONGS)
async def test_each_wrong_keeps_a_process_from_starting_and_is_said_by_the_check(
    town: Town, database: str, superuser: asyncpg.Connection, keys: dict[str, str], what: str
) -> None:
    wrong, role, said = WRONGS[what]
    await start(town, database, role)
    await superuser.execute(wrong)

    with pytest.raises(UnsafeStart, match=said):
        await start(town, database, role)
    done = await relais(town, database, keys, "check")
    refused = next(line for line in done.stdout.splitlines() if f"La voie {role} est sûre" in line)
    assert (done.returncode, refused.startswith("refusé "), said in refused) == (1, True, True)


async def test_a_demonstration_with_its_own_people_starts(
    town: Town, database: str, superuser: asyncpg.Connection
) -> None:
    await superuser.execute(f"update accounts.account set email = id || '@{DOMAIN}' where email is not null")
    await superuser.execute(f"comment on database {database} is '{LOADED}'")
    await start(town, database, "authentication")


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("alter role relais_partner superuser", "alter role relais_partner nosuperuser", "plain"),
        ("alter role relais_partner bypassrls", "alter role relais_partner nobypassrls", "plain"),
        ("grant relais_backup to relais_partner", "revoke relais_backup from relais_partner", "alone"),
    ],
)
async def test_a_lane_that_is_a_superuser_or_a_member_is_refused(
    town: Town, database: str, superuser: asyncpg.Connection, wrong: str, right: str, said: str
) -> None:
    await superuser.execute(wrong)
    try:
        with pytest.raises(UnsafeStart, match=rf"partner .*{said}"):
            await start(town, database, "partner")
    finally:
        await superuser.execute(right)  # roles belong to the whole server
    await start(town, database, "partner")


async def test_a_wrong_sealing_key_and_a_missing_key_are_said(
    town: Town, database: str, keys: dict[str, str], settings: Settings
) -> None:
    from tests.house_for_tests import House

    async with House.running(town, database, settings):
        pass  # the first start leaves its canary
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    done = await relais(town, database, {**keys, "sealing_key": other}, "check")
    assert done.returncode == 1
    assert "refusé La voie social_worker est sûre, et la clé de scellement est la bonne : la clé de" in done.stdout
    done = await relais(town, database, {**keys, "cursor_key": ""}, "check")
    assert (done.returncode, "refusé Les clés qu'il faut aux voies sont là" in done.stdout) == (1, True)
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------- what goes in clear

HERE = (
    "postgresql://r:p@/relais", "postgresql://r:p@/relais?host=/run/postgresql", "postgresql://r:p@localhost/relais",
    "postgresql://r:p@127.0.0.1:5432/relais", "postgresql://r:p@[::1]:5432/relais", "postgresql://r:p@%2Frun%2Fpg/relais",
    "postgresql://r:p@/relais?host=::1", "postgresql://r:p@db.exemple/relais?sslmode=verify-full",
    "postgresql://r:p@:5433/relais",
)  # fmt: skip
AWAY = (
    "postgresql://r:p@db/relais", "postgresql://r:p@10.0.0.1:5432/relais", "postgresql://r:p@db/relais?sslmode=require",
    "postgresql://r:p@db/relais?sslmode=verify-ca", "postgresql://r:p@/relais?host=db",
    "postgresql://r:p@localhost:1,db:2/relais", "postgresql://r:p@localhost.exemple/relais",
    "postgresql://r:p@[2001:db8::1]/relais", "postgresql://r:p@/relais?host=::ffff:8.8.8.8",
    "postgresql://r:p@/relais?host=/run/pg,db", "postgresql://localhost:p@db/relais", "postgresql://r:@127.0.0.1@db/x",
)  # fmt: skip


@pytest.mark.parametrize("url", HERE)
def test_a_database_on_this_machine_or_proved_by_its_certificate_is_fine(url: str) -> None:
    refuse_clear_text(Settings(database_url={"partner": SecretStr(url)}), environment={})


@pytest.mark.parametrize("url", AWAY)
def test_a_database_elsewhere_in_clear_is_refused_unless_its_network_is_said_private(url: str) -> None:
    said = {"partner": SecretStr(url)}
    with pytest.raises(CannotRun, match="RELAIS_DATABASE_URL__PARTNER") as refusal:
        refuse_clear_text(Settings(database_url=said), environment={})
    assert ":p@" not in str(refusal.value)
    refuse_clear_text(Settings(database_url=said, database_network="private"), environment={})
    with pytest.raises(CannotRun, match="RELAIS_MIGRATOR_URL"):
        refuse_clear_text(Settings(migrator_url=SecretStr(url)), environment={})


def test_the_environment_of_postgresql_is_read_too() -> None:
    said = Settings(database_url={"partner": SecretStr("postgresql://r:p@/relais")})
    with pytest.raises(CannotRun):
        refuse_clear_text(said, environment={"PGHOST": "db"})
    refuse_clear_text(said, environment={"PGHOST": "db", "PGSSLMODE": "verify-full"})


def test_a_process_that_would_show_what_goes_by_is_refused() -> None:
    refuse_debugging(dev_mode=False, environment={})
    for dev_mode, environment in ((True, {}), (False, {"PYTHONASYNCIODEBUG": "1"})):
        with pytest.raises(CannotRun):
            refuse_debugging(dev_mode=dev_mode, environment=environment)


async def test_serving_refuses_what_the_check_refuses(town: Town, database: str, keys: dict[str, str]) -> None:
    for more, said in (
        ({"PYTHONDEVMODE": "1"}, "mode de développement"),
        ({"PYTHONASYNCIODEBUG": "1"}, "mise au point"),
        ({"RELAIS_DATABASE_URL__PARTNER": "postgresql://relais_partner:x@192.0.2.1/relais"}, "sslmode=verify-full"),
    ):
        done = await relais(town, database, keys, "serve", **more)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    assert "PYTHONDEVMODE" not in os.environ
