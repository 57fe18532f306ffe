"""``relais demo reset``: the demonstration made anew beside the old one, then put in its place in one transaction.

While the new one is made, nothing of the old one changes: a process may go on serving it, and a reset that is killed
leaves it whole; what it left half made is dropped by the next. Then every connection to the old one is cut, which
ends the sessions, and both names change at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr
from sqlalchemy import select

from app.demo import loading, marking
from app.embedded import EmbeddedPostgres
from app.installing import quoted_literal
from app.models.confidential import SealingCanary
from app.operating import add_rows, superuser, trace_command, unreachable
from app.refusal import CannotRun
from app.running.keeping import KEYS
from app.running.preparing import House, elsewhere, house_of, require_every_lane, with_kept_keys
from app.running.telling import Told
from app.services.fiction import LOADING, says_invented
from app.settings import Settings
from app.statements import columns, compiled

MADE_WITHIN = 600
"""Seconds; a minute is usual."""
SWAPPED_WITHIN = 30

COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = $1"
EXISTS = "select exists (select from pg_database where datname = $1)"
ALONE = "select pg_try_advisory_lock(hashtextextended('relais demo reset ' || $1, 0))"
DISCONNECT = (
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = any ($1) and pid <> pg_backend_pid()"
)
HAS_ACCOUNTS = "select to_regclass('accounts.account') is not null"
HOLDS_SOMETHING = (
    "select exists (select from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)')"
    " or exists (select from pg_class where relnamespace = 'public'::regnamespace)"
)
CANARIES = compiled(select(*columns(SealingCanary)))

NOT_INVENTED = (
    "Rien dans cette base ne dit qu'elle est une démonstration : elle n'est pas remise à neuf, et rien n'a changé."
    " Seule l'est une base que « relais run » ou « relais demo load » a remplie de personnes fictives."
)


def refuse_production(settings: Settings) -> None:
    """``CannotRun`` with keys given from outside, or an institution that signs in: no demonstration has those."""
    given = [f"RELAIS_{name.upper()}" for name in KEYS if getattr(settings, name) is not None]
    if given or settings.providers:
        names = ", ".join([*given, *(["RELAIS_PROVIDERS"] if settings.providers else [])])
        raise CannotRun(
            f"Ces réglages sont ceux d'une production ({names}) : rien n'y est remis à neuf, et rien n'a changé."
        )


@contextlib.contextmanager
def house_to_reset(settings: Settings) -> Iterator[House]:
    """The house of these settings; our own server is started for the time of it when it does not run."""
    refuse_production(settings)
    if settings.bootstrap_url or settings.migrator_url or settings.database_url:
        yield elsewhere(settings)
        return
    if not (settings.home / "postgres").exists():
        raise CannotRun(f"Il n'y a pas de démonstration dans {settings.home} : « make run » en fait une.")
    postgres = EmbeddedPostgres(settings.home)
    serving = postgres.running
    if not serving:
        postgres.start()
    try:
        yield house_of(postgres, settings)
    finally:
        if not serving:
            postgres.stop()


def refuse_anything_else(house: House) -> None:
    """``CannotRun`` unless this database says that it is the demonstration, and holds no account but its own."""
    asyncio.run(_refuse_anything_else(_superuser_of(house), house.database))


def reset(house: House, told: Told) -> None:
    """Make the demonstration anew and put it in the place of the old one."""
    require_every_lane(house.settings)
    asyncio.run(_reset(replace(house, settings=with_kept_keys(house.settings)), told))


def _superuser_of(house: House) -> str:
    if house.superuser_url is None or house.migrator_url is None:
        raise CannotRun("Il faut RELAIS_BOOTSTRAP_URL et RELAIS_MIGRATOR_URL pour remettre la démonstration à neuf.")
    return house.superuser_url


async def _refuse_anything_else(url: str, database: str) -> None:
    async with superuser(url) as connection:
        if await connection.fetchval("select current_database()") == database:
            raise CannotRun(
                "RELAIS_BOOTSTRAP_URL doit nommer une autre base que celle de Relais, par exemple postgres."
            )
        if not says_invented(await connection.fetchval(COMMENT, database)):
            raise CannotRun(NOT_INVENTED)
    async with superuser(url, database=database) as connection:
        if await connection.fetchval(HAS_ACCOUNTS):
            await marking.refuse_strangers(connection)


async def _reset(house: House, told: Told) -> None:
    url, database = _superuser_of(house), house.database
    anew, former = _beside(house, f"{database}_anew"), f"{database}_former"
    try:
        async with superuser(url) as connection:
            if not await connection.fetchval(ALONE, database):
                raise CannotRun("Une autre remise à neuf est en cours : attendez qu'elle finisse.")
            await _refuse_anything_else(url, database)
            for leftover in (anew.database, former):
                await _drop_leftover(connection, url, leftover)
            await connection.execute(f"create database {anew.database}")
            await connection.execute(f"comment on database {anew.database} is {quoted_literal(LOADING)}")
            with told.step("Tables de la démonstration neuve"):
                await asyncio.to_thread(anew.bootstrap)
                await asyncio.to_thread(anew.migrate)
            with told.step("Données fictives, à côté de celles qui servent") as advance:
                async with asyncio.timeout(MADE_WITHIN):
                    kept = loading.kept_passwords(house.settings.home)
                    await loading.load(url, anew.database, anew.settings, advance, passwords=kept)
            await _finish(url, database, anew.database)
            with told.step("Mise en place"):
                async with asyncio.timeout(SWAPPED_WITHIN):
                    await _swap(url, connection, database, anew.database, former)
            await connection.execute(f"drop database {former} with (force)")
    except TimeoutError:
        raise CannotRun("C'est trop long : la démonstration d'avant est restée en place. Recommencez.") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotRun(f"{unreachable(error)} Recommencez « relais demo reset » : rien n'est fait à moitié.") from None


def _beside(house: House, name: str) -> House:
    """The same house on another database of the same server."""

    def there(url: str) -> str:
        return urlsplit(url)._replace(path=f"/{name}").geturl()

    lanes = {role: SecretStr(there(url.get_secret_value())) for role, url in house.settings.database_url.items()}
    return replace(
        house,
        database=name,
        migrator_url=house.migrator_url and there(house.migrator_url),
        settings=house.settings.model_copy(update={"database_url": lanes}),
    )


async def _drop_leftover(connection: asyncpg.Connection, url: str, name: str) -> None:
    """Drop what a killed reset left under this name; ``CannotRun`` when it may be something else."""
    if not await connection.fetchval(EXISTS, name):
        return
    if not says_invented(await connection.fetchval(COMMENT, name)):
        # Killed between its creation and its mark: empty. Anything else is not ours.
        async with superuser(url, database=name) as there:
            if await there.fetchval(HOLDS_SOMETHING):
                raise CannotRun(f"La base « {name} » existe et n'est pas une démonstration : elle n'est pas touchée.")
    await connection.execute(f"drop database {name} with (force)")


async def _finish(url: str, database: str, anew: str) -> None:
    """What the new one takes from the old one: the witnesses of the sealing keys, which processes have proved."""
    async with superuser(url, database=database) as old:
        known = [SealingCanary(**row) for row in await old.fetch(CANARIES.sql)]
    async with superuser(url, database=anew) as new, new.transaction():
        await add_rows(new, known)
        await trace_command(new, "demonstration:reset")


async def _swap(url: str, other: asyncpg.Connection, database: str, anew: str, former: str) -> None:
    """Both names change in one transaction. It holds the door shut, and waits for those who are in to have left."""
    async with superuser(url) as connection:
        renaming = asyncio.create_task(_rename(connection, database, anew, former))
        try:
            while not (await asyncio.wait({renaming}, timeout=0.1))[0]:
                await other.execute(DISCONNECT, [database, anew])
            await renaming
        finally:
            renaming.cancel()


async def _rename(connection: asyncpg.Connection, database: str, anew: str, former: str) -> None:
    async with connection.transaction():
        await connection.execute(f"alter database {database} rename to {former}")
        await connection.execute(f"alter database {anew} rename to {database}")
