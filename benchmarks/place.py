"""Where the measures take place: a PostgreSQL of their own in a temporary folder, real roles, real keys."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.access.policy import policy
from app.access.tokens import Signer, jwks, new_signing_key
from app.embedded import EmbeddedPostgres
from app.installing import bootstrap, migrate
from app.services.sealing import SealingKey
from benchmarks.data import PLAIN_LOGIN, Size, Worker, populate, workers

DATABASE = "relais_bench"
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min", "fsync": "on"}
ISSUER, AUDIENCE = "https://relais.invalid", "relais"


@dataclass(frozen=True)
class Keys:
    """The keys of the processes that are measured."""

    signing: str
    sealing: str
    cursor: str
    refresh: str
    identity: str

    @classmethod
    def drawn(cls) -> Keys:
        """Fresh ones."""
        return cls(new_signing_key(), *(base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(4)))

    def environment(self, logins: Logins) -> dict[str, str]:
        """Settings of the three stacks, as environment variables."""
        return {
            "RELAIS_SIGNING_KEY": self.signing,
            "RELAIS_VERIFICATION_KEYS": jwks(self.signing),
            "RELAIS_SEALING_KEY": self.sealing,
            "RELAIS_CURSOR_KEY": self.cursor,
            "RELAIS_REFRESH_KEY": self.refresh,
            "RELAIS_IDENTITY_KEY": self.identity,
            # A load is nobody's share: what is measured is the work, not the refusal.
            **{f"RELAIS_QUOTA__{kind}": "1000000/minute" for kind in ("PERSON", "SOFTWARE", "ANONYMOUS")},
            **{f"RELAIS_DATABASE_URL__{role.upper()}": url for role, url in logins.lanes.items()},
            "BENCH_PLAIN_URL": logins.plain,
        }

    def tokens(self, found: list[Worker]) -> list[str]:
        """A fresh access token for each worker."""
        signer = Signer(self.signing, issuer=ISSUER, audience=AUDIENCE)
        return [
            signer.access_token(
                account_id=each.account_id,
                session_id=each.session_id,
                role="social_worker",
                client_id="benchmarks",
                jti=uuid4(),
            )
            for each in found
        ]


@contextlib.contextmanager
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that vanishes with the measures."""
    home = Path(tempfile.mkdtemp(prefix="relais-bench-"))
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home, settings=SETTINGS)
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Logins:
    """How each lane and the plain handlers reach the database; one password, drawn for the day."""

    password: str
    lanes: Mapping[str, str]
    plain: str


def install(postgres: EmbeddedPostgres) -> Logins:
    """Roles, hardening, schema."""
    password = secrets.token_urlsafe(24)
    passwords = dict.fromkeys((*policy().roles, "migrator", "backup"), password)
    superuser = postgres.url(role="postgres", password=postgres.superuser_password, database="postgres")
    asyncio.run(bootstrap(superuser, DATABASE, passwords))
    migrate(postgres.url(role="relais_migrator", password=password, database=DATABASE))
    lanes = {role: postgres.url(role=f"relais_{role}", password=password, database=DATABASE) for role in policy().roles}
    return Logins(password, lanes, postgres.url(role=PLAIN_LOGIN, password=password, database=DATABASE))


async def furnish(postgres: EmbeddedPostgres, size: Size, keys: Keys, password: str) -> list[Worker]:
    """Fill the database; returns who calls."""
    url = postgres.url(role="postgres", password=postgres.superuser_password, database=DATABASE)
    connection = await asyncpg.connect(url)
    try:
        await populate(connection, size, SealingKey(keys.sealing), plain_password=password)
        return await workers(connection)
    finally:
        await connection.close()
