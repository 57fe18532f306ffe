"""Load the demonstration, once: the town as the operator, the story as its people; then date the story.

The services only know now; the instants that the story puts earlier (sent, recorded, written…) are set afterwards by
the operator, in a database marked as fictitious. Traces are left alone: they tell when the demonstration was loaded.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
from sqlmodel import SQLModel

from app.demo import marking, stable, town
from app.demo.past_rows import copy_past
from app.demo.playing import play_all
from app.demo.relaying import relay_all
from app.demo.reporting import report_all
from app.demo.special import drawn
from app.demo.stage import Stage
from app.models.accounts import Credential
from app.operating import add_rows, superuser
from app.services import fiction
from app.services.clock import now, today
from app.services.passwords import generated, hashed
from app.settings import Settings
from app.statements import change

Progress = Callable[[int, int], None]
ACCOUNTS_FILE = "demo-accounts.json"


def _hashed(passwords: dict[str, str]) -> dict[str, str]:
    # argon2id takes 64 MiB and lets Python go meanwhile: two at once.
    with ThreadPoolExecutor(2) as two:
        return dict(zip(passwords, two.map(hashed, passwords.values()), strict=True))


def write_accounts(home: Path, passwords: dict[str, str]) -> None:
    """``demo-accounts.json``, for its owner alone, in one step."""
    draft = home / f".{ACCOUNTS_FILE}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(town.listed(passwords), file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(descriptor)
    draft.rename(home / ACCOUNTS_FILE)


def kept_passwords(home: Path) -> dict[str, str]:
    """The passwords that ``demo-accounts.json`` tells, by person; none when it cannot be read."""
    keys = {town.email(key): key for key in town.PEOPLE}
    try:
        listed = json.loads((home / ACCOUNTS_FILE).read_text(encoding="utf-8"))
        return {keys[each["email"]]: str(each["password"]) for each in listed if each["email"] in keys}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


async def load(
    url: str, database: str, settings: Settings, progress: Progress, *, passwords: Mapping[str, str] | None = None
) -> None:
    """Fill an empty, migrated database. ``CannotRun`` when it holds anything. ``passwords``: those to keep."""
    passwords = {key: generated() for key in town.PEOPLE} | dict(passwords or {})
    published = {each.client_id: each.secret for each in stable.software()}
    async with superuser(url, database=database) as connection:
        await marking.refuse_data(connection)
        await marking.mark(connection, fiction.LOADING)
        # Cut short, it is all done again: until the mark, no commit needs to wait for the disk.
        await connection.execute(f"alter database {database} set synchronous_commit = off")
        hashing = asyncio.create_task(asyncio.to_thread(_hashed, {**passwords, **published}))
        built = town.build(stable.stable_ids(), today=today())
        async with connection.transaction():
            await add_rows(connection, built.rows)
            await add_rows(connection, stable.rows_of_software(built.ids, since=town.in_place_since(today())))
            await add_rows(connection, stable.rows_of_story(built.ids, today=today()))
        await copy_past(connection, built.ids, today=today())
        async with Stage.opened(settings, built.ids) as stage:
            await play_all(stage, drawn(today()), progress)
            await stable.transmit_to_partner(stage, today=today())
            await relay_all(stage, today=today())
            await _date(connection, stage.moments)
            # The counts read everything: PostgreSQL must know how much there is, and the story its true dates.
            await connection.execute("analyze")
            await report_all(stage, settings, today=today())
        await add_rows(connection, built.credentials(await hashing))
        # The passwords reach the disk before the mark: a demonstration that says it is loaded can be used.
        write_accounts(settings.home, passwords)
        await connection.execute(f"alter database {database} reset synchronous_commit")
        await marking.mark(connection, fiction.LOADED)


async def _date(
    connection: asyncpg.Connection, moments: list[tuple[type[SQLModel], dict[str, Any], dict[str, Any]]]
) -> None:
    async with connection.transaction():
        for table, instants, keys in moments:
            said = change(table, tuple(sorted(instants)), tuple(sorted(keys)))
            new = {f"new_{name}": value for name, value in instants.items()}
            await connection.execute(said.sql, *said.values(new | {f"key_{k}": value for k, value in keys.items()}))


async def renew_passwords(url: str, database: str, home: Path) -> None:
    """New passwords for the accounts of a demonstration whose file of accounts has been lost."""
    renewal = change(Credential, ("changed_at", "password_hash"), ("account_id",))
    async with superuser(url, database=database) as connection, connection.transaction():
        found = await connection.fetch("select email, id from accounts.account")
        known = {row["email"]: row["id"] for row in found}
        # Whoever has joined the demonstration since it was loaded here has no account in it.
        passwords = {key: generated() for key in town.PEOPLE if town.email(key) in known}
        digests = await asyncio.to_thread(_hashed, passwords)
        for key, digest in digests.items():
            said = {"new_changed_at": now(), "new_password_hash": digest, "key_account_id": known[town.email(key)]}
            await connection.execute(renewal.sql, *renewal.values(said))
    write_accounts(home, passwords)
