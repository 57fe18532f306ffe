"""``relais check``, and what each start refuses: a process that could not keep its promises says why, and stops."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from pydantic import SecretStr

from app.database import Database
from app.main import create_app
from app.operating import unreachable
from app.refusal import CannotRun
from app.services.proving import UnsafeStart, prove_lanes, prove_sealing_key
from app.services.sealing import SealingKey
from app.settings import Settings

TLS_PROVED: Final = "verify-full"


@dataclass(frozen=True)
class Check:
    """One thing looked at, and why it is refused; ``None`` when it is not."""

    what: str
    refused: str | None = None


def refuse_debugging(*, dev_mode: bool | None = None, environment: Mapping[str, str] | None = None) -> None:
    """``CannotRun`` in Python's development mode, or asyncio's: both print what goes by."""
    said = os.environ if environment is None else environment
    if sys.flags.dev_mode if dev_mode is None else dev_mode:
        raise CannotRun("Python est en mode de développement (-X dev, PYTHONDEVMODE) : il montrerait ce qui passe.")
    if said.get("PYTHONASYNCIODEBUG"):
        raise CannotRun("asyncio est en mode de mise au point (PYTHONASYNCIODEBUG) : il montrerait ce qui passe.")


def refuse_clear_text(settings: Settings, *, environment: Mapping[str, str] | None = None) -> None:
    """``CannotRun`` when a password and what is read would cross a network in clear, and nobody said it is private."""
    said = os.environ if environment is None else environment
    if settings.database_network == "private":
        return
    installers = {"RELAIS_MIGRATOR_URL": settings.migrator_url, "RELAIS_BOOTSTRAP_URL": settings.bootstrap_url}
    lanes = {f"RELAIS_DATABASE_URL__{role.upper()}": url for role, url in settings.database_url.items()}
    exposed = [name for name, url in {**lanes, **installers}.items() if url and _is_exposed(url, said)]
    if exposed:
        raise CannotRun(
            f"{', '.join(exposed)} : la base est ailleurs, et son certificat ne serait pas vérifié. Ajoutez à l'URL"
            " « ?sslmode=verify-full » ; ou dites que ce réseau n'est qu'à eux : RELAIS_DATABASE_NETWORK=private."
        )


def _is_exposed(url: SecretStr, environment: Mapping[str, str]) -> bool:
    parts = urlsplit(url.get_secret_value())
    asked = parse_qs(parts.query)
    if asked.get("sslmode", [environment.get("PGSSLMODE", "")])[-1] == TLS_PROVED:
        return False
    places = [
        *parts.netloc.rpartition("@")[2].split(","),
        *(each for said in asked.get("host", ()) for each in said.split(",")),
    ]
    named = [each for each in places if each] or environment.get("PGHOST", "").split(",")
    return not all(_is_here(each) for each in named)


def _is_here(place: str) -> bool:
    """This machine: a socket in a folder, or its own address, with or without a port."""
    place = unquote(place)
    if place.startswith(("/", "@")):
        return True
    for host in (place, place.removeprefix("[").partition("]")[0], place.rpartition(":")[0]):
        if host == "localhost":
            return True
        with contextlib.suppress(ValueError):
            return ip_address(host).is_loopback
    return place.startswith(":") or not place  # a port alone: PostgreSQL's own socket


def refuse_unsafe(settings: Settings) -> None:
    """What every start refuses before it connects."""
    refuse_debugging()
    refuse_clear_text(settings)


async def checks(settings: Settings) -> AsyncIterator[Check]:
    """Everything that a start would refuse, one after the other; nothing is written."""
    refusals: Sequence[tuple[str, Callable[[], None]]] = (
        ("Le processus ne montre pas ce qui passe", refuse_debugging),
        ("Rien n'est dit en clair à une base éloignée", lambda: refuse_clear_text(settings)),
        ("Les clés qu'il faut aux voies sont là", lambda: _refuse_keys(settings)),
    )
    for what, refuse in refusals:
        try:
            refuse()
        except CannotRun as why:
            yield Check(what, str(why))
        else:
            yield Check(what)
    for role in settings.database_url:
        yield await _lane(settings, role)


def _refuse_keys(settings: Settings) -> None:
    if not settings.database_url:
        raise CannotRun("Aucune voie : donnez au moins une URL, par exemple RELAIS_DATABASE_URL__POLICE_OFFICER.")
    if settings.database_url.keys() == {"worker"}:
        return  # it serves no route: its keys are asked for by its commands
    try:
        create_app(settings)
    except RuntimeError as error:
        raise CannotRun(str(error)) from None
    except ValueError:
        raise CannotRun("Une clé des réglages n'a pas la forme attendue.") from None


async def _lane(settings: Settings, role: str) -> Check:
    what = f"La voie {role} est sûre"
    try:
        database = await Database.connect({role: settings.database_url[role].get_secret_value()}, size=1)
        try:
            await prove_lanes(database)
            if role == "social_worker" and settings.sealing_key:
                what += ", et la clé de scellement est la bonne"
                key = SealingKey(settings.sealing_key.get_secret_value())
                await prove_sealing_key(database.lane(role), key, only_looks=True)
        finally:
            await database.close()
    except UnsafeStart as why:
        return Check(what, str(why))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        return Check(what, unreachable(error))
    except Exception as error:
        return Check(what, type(error).__name__)
    return Check(what)


def looked_at(settings: Settings) -> Iterable[Check]:
    """The checks, done."""

    async def collected() -> list[Check]:
        return [each async for each in checks(settings)]

    return asyncio.run(collected())
