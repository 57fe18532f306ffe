"""Before serving: a server, its roles, its tables, its demonstration. Each act may be cut short and done again."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import asyncpg
import sqlalchemy.exc
from pydantic import SecretStr

from app import installing
from app.access.policy import policy
from app.demo import loading, marking
from app.embedded import EmbeddedPostgres
from app.installing import INSTALLERS, awaited_of_bootstrap, bootstrap, migrate, revision_of, sql_file, trace_migration
from app.operating import database_of, password_of, superuser, trace_command, unreachable
from app.refusal import CannotRun
from app.running import keeping
from app.running.telling import Told
from app.settings import Settings

DATABASE = "relais"
# The second half is looked at live: a restore brings the comment back, not the hardening.
BOOTSTRAPPED = (
    "select obj_description(to_regnamespace('extensions'), 'pg_namespace') = $1"
    " and not has_function_privilege('relais_police_officer', 'pg_catalog.set_config(text, text, boolean)', 'execute')"
)
# It serves no route: only commands take it (relais partners import), which ask for its URL themselves.
OPTIONAL = frozenset({"worker"})


@dataclass(frozen=True)
class House:
    """What is needed to prepare a database: where it is, and who may be called upon. URLs are secrets."""

    settings: Settings
    database: str
    superuser_url: str | None
    migrator_url: str | None
    passwords: Mapping[str, str]

    def bootstrap(self) -> None:
        """Roles, extensions, hardening, from whatever state they are in."""
        if self.superuser_url is None:
            raise CannotRun("Il faut RELAIS_BOOTSTRAP_URL, l'URL d'un superutilisateur de PostgreSQL.")
        asyncio.run(self._bootstrap(self.superuser_url))

    def bootstrapped(self) -> bool:
        """Is the hardening of this very version, with these very passwords, in place? One connection, one query."""
        if self.superuser_url is None:
            return True
        try:
            return asyncio.run(self._bootstrapped(self.superuser_url))
        except (CannotRun, asyncpg.PostgresError):
            return False

    async def _bootstrapped(self, url: str) -> bool:
        async with superuser(url, database=self.database) as connection:
            return bool(await connection.fetchval(BOOTSTRAPPED, self._fingerprint()))

    def _fingerprint(self) -> str | None:
        # Keyed: the comment that holds it can be read by every lane, and passwords go into it.
        if self.settings.cursor_key is None:
            return None
        key = self.settings.cursor_key.get_secret_value()
        said = [sql_file("cluster/roles.sql"), sql_file("cluster/hardening.sql"), inspect.getsource(installing)]
        parts = [*said, *policy().roles, *(f"{role}={self.passwords[role]}" for role in sorted(self.passwords))]
        return f"relais {hmac.new(key.encode(), repr(parts).encode(), hashlib.sha256).hexdigest()}"

    async def _bootstrap(self, url: str) -> None:
        async with superuser(url) as connection:
            # What a « drop database » cut short leaves: a database that refuses everyone.
            if await connection.fetchval(
                "select true from pg_database where datname = $1 and datconnlimit = -2", self.database
            ):
                await connection.execute(f"drop database {self.database}")
        try:
            await bootstrap(url, self.database, self.passwords)
            async with superuser(url, database=self.database) as connection:
                await trace_command(connection, "database:bootstrap")
                if fingerprint := self._fingerprint():
                    await connection.execute(f"comment on schema extensions is '{fingerprint}'")
        except asyncpg.InsufficientPrivilegeError:
            raise CannotRun("RELAIS_BOOTSTRAP_URL doit être l'URL d'un superutilisateur de PostgreSQL.") from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CannotRun(unreachable(error)) from None
        except ValueError:
            raise CannotRun(f"Nom de base non valable : {self.database}") from None

    def migrate(self) -> None:
        """Tables and rights, up to this version; a moment when there is nothing to do."""
        if self.migrator_url is None:
            raise CannotRun("Il faut RELAIS_MIGRATOR_URL, l'URL du rôle relais_migrator.")
        try:
            if awaited := asyncio.run(awaited_of_bootstrap(self.migrator_url)):
                raise CannotRun(
                    f"Il manque à PostgreSQL {', '.join(awaited)} : passez « relais bootstrap » de cette version, puis"
                    " « relais migrate ». Rien n'a changé dans la base."
                )
            before = asyncio.run(revision_of(self.migrator_url))
            migrate(self.migrator_url)
            if asyncio.run(revision_of(self.migrator_url)) != before:
                asyncio.run(trace_migration(self.migrator_url))
        except (OSError, sqlalchemy.exc.SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CannotRun(unreachable(getattr(error, "orig", None) or error)) from None

    def demonstrate(self, told: Told, *, refusing: bool) -> bool:
        """Load the demonstration the first time. ``refusing``: real data are an error, else simply left alone."""
        if self.superuser_url is None:
            raise CannotRun("Il faut RELAIS_BOOTSTRAP_URL pour charger la démonstration.")
        url = self.superuser_url
        state, real = asyncio.run(self._look(url))
        if state == "loaded":
            if not (self.settings.home / loading.ACCOUNTS_FILE).exists():
                with told.step("Nouveaux mots de passe de démonstration"):
                    asyncio.run(loading.renew_passwords(url, self.database, self.settings.home))
            return True
        if real and not refusing:
            told.say("Cette base contient déjà des données : la démonstration n'est pas chargée.")
            return False
        if state == "loading":
            with told.step("Démonstration interrompue : la base est refaite"):
                asyncio.run(self._start_over(url))
                self.bootstrap()
                self.migrate()
        with told.step("Données fictives de démonstration") as advance:
            asyncio.run(loading.load(url, self.database, with_kept_keys(self.settings), advance))
        return True

    async def _look(self, url: str) -> tuple[marking.State, bool]:
        async with superuser(url, database=self.database) as connection:
            state = await marking.state_of(connection)
            return state, state == "absent" and await marking.holds_data(connection)

    async def _start_over(self, url: str) -> None:
        async with superuser(url, database=self.database) as connection:
            await marking.refuse_strangers(connection)
        async with superuser(url) as connection:
            if await connection.fetchval("select current_database()") == self.database:
                raise CannotRun(
                    "RELAIS_BOOTSTRAP_URL doit nommer une autre base que celle de Relais, par exemple postgres."
                )
            await connection.execute(f"drop database {self.database} with (force)")


def elsewhere(settings: Settings) -> House:
    """A server of one's own, from the environment; what is missing is named."""
    urls = {role: url.get_secret_value() for role, url in settings.database_url.items()}
    installers = {"migrator": settings.migrator_url}
    everyone = {**urls, **{name: url.get_secret_value() for name, url in installers.items() if url}}
    names = {database_of(url) for url in everyone.values()}
    if len(names) > 1:
        raise CannotRun(f"Les URL nomment plusieurs bases : {', '.join(sorted(names))}.")
    given = {role: password for role, url in everyone.items() if (password := password_of(url))}
    said = {role: password.get_secret_value() for role, password in settings.lane_password.items()}
    known = {*policy().roles, *INSTALLERS}
    if unknown := sorted((given.keys() | said.keys() | urls.keys()) - known):
        raise CannotRun(f"Voie inconnue dans les réglages : {', '.join(unknown)}. Voies : {', '.join(sorted(known))}.")
    return House(
        settings=settings,
        database=names.pop() if names else DATABASE,
        superuser_url=settings.bootstrap_url.get_secret_value() if settings.bootstrap_url else None,
        migrator_url=everyone.get("migrator"),
        passwords={**given, **said},
    )


def require_every_lane(settings: Settings) -> None:
    """``CannotRun``, naming them, when some lanes have no URL."""
    if missing := [role for role in policy().roles if role not in settings.database_url and role not in OPTIONAL]:
        names = ", ".join(f"RELAIS_DATABASE_URL__{role.upper()}" for role in missing)
        raise CannotRun(
            f"Il manque des URL de base de données : {names}. Donnez-les toutes, ou aucune : Relais démarre alors"
            " son propre PostgreSQL. Pour ne servir que certaines voies : « relais serve »."
        )


def with_kept_keys(settings: Settings) -> Settings:
    """The same settings, with the keys of the home where the environment gives none."""
    kept = keeping.keep_keys(settings.home)
    missing = {name: SecretStr(key) for name, key in kept.items() if getattr(settings, name) is None}
    return settings.model_copy(update=missing)


def house_of(postgres: EmbeddedPostgres, settings: Settings) -> House:
    """The house on the server that comes with the package: its secrets are in the home."""
    passwords = keeping.keep_lane_passwords(settings.home, (*policy().roles, *INSTALLERS))

    def url(role: str) -> str:
        return postgres.url(role=f"relais_{role}", password=passwords[role], database=DATABASE)

    lanes = {role: SecretStr(url(role)) for role in policy().roles}
    return House(
        settings=with_kept_keys(settings).model_copy(update={"database_url": lanes}),
        database=DATABASE,
        superuser_url=postgres.url(role="postgres", password=postgres.superuser_password, database="postgres"),
        migrator_url=url("migrator"),
        passwords=passwords,
    )


@contextlib.contextmanager
def prepared(settings: Settings, told: Told, *, demo: bool) -> Iterator[tuple[House, bool]]:
    """Everything ``relais run`` needs, and whether it is the demonstration; our server is stopped at the end."""
    if settings.database_url:
        require_every_lane(settings)
        house = elsewhere(settings)
        house = replace(house, settings=with_kept_keys(settings))
        yield house, _prepare(house, told, demo=demo)
        return
    postgres = EmbeddedPostgres(settings.home)
    first = not (settings.home / "postgres").exists()
    try:
        with told.step("Création de la base de données PostgreSQL" if first else "Démarrage de PostgreSQL"):
            postgres.start()
        keeping.sweep(settings.home)
        house = house_of(postgres, settings)
        yield house, _prepare(house, told, demo=demo)
    finally:
        postgres.stop()


def _prepare(house: House, told: Told, *, demo: bool) -> bool:
    if not house.bootstrapped():
        with told.step("Rôles et droits de PostgreSQL"):
            house.bootstrap()
    if house.migrator_url:
        with told.step("Tables et règles d'accès"):
            house.migrate()
    return demo and house.superuser_url is not None and house.demonstrate(told, refusing=False)


def operated(settings: Settings) -> House:
    """For the operator's commands: the server of the environment, else the one that runs in the home."""
    if settings.bootstrap_url or settings.migrator_url or settings.database_url:
        return elsewhere(settings)
    postgres = EmbeddedPostgres(settings.home)
    if not postgres.running:
        raise CannotRun(
            "Aucun serveur à qui parler : donnez RELAIS_BOOTSTRAP_URL, ou laissez « make run » tourner à côté."
        )
    return house_of(postgres, settings)
