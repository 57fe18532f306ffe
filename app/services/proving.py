"""Proofs at start-up: a process that could not keep its promises does not serve."""

from __future__ import annotations

import asyncio

from sqlalchemy import exists, or_, select, text

from app.access.policy import policy
from app.database import Database, Lane
from app.models.accounts import Account
from app.models.confidential import SealingCanary
from app.services.clock import now
from app.services.fiction import DOMAIN, PUBLISHED, is_invented
from app.services.sealing import BrokenSeal, SealingKey
from app.services.traces import trace_process
from app.statements import columns

SEALING_CANARY = columns(SealingCanary)

FENCED = text(
    "select session_user = :lane as itself,"
    " not (has_function_privilege('pg_catalog.set_config(text, text, boolean)', 'execute')"
    " or has_function_privilege('pg_catalog.ts_stat(text)', 'execute')"
    " or has_column_privilege('pg_catalog.pg_class', 'reltuples', 'select')"
    " or has_language_privilege('plpgsql', 'usage')) as hardened,"
    # Left off by a demonstration whose loading was killed: what is acknowledged would not be kept.
    " not exists (select from pg_catalog.pg_settings s where s.name = 'synchronous_commit' and s.setting = 'off'"
    " and s.source = 'database') as durable,"
    " not exists (select from pg_catalog.pg_roles r"
    " where r.rolname = session_user and (r.rolsuper or r.rolbypassrls)) as plain,"
    " not exists (select from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.member"
    " where r.rolname = session_user) as alone,"
    # Whoever owns a table, and whatever its rows, a row rule decides; otherwise an owner, or a slip, reads it all.
    " not exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = any (cast(:circles as text[])) and c.relkind in ('r', 'p')"
    " and not (c.relrowsecurity and c.relforcerowsecurity)) as forced,"
    # A lane without people included: what the policy lets it call exists, and is given to it.
    # A closed schema is looked at first: naming what is in it would be an error, not a no.
    " coalesce((select bool_and(case when exists (select from pg_catalog.pg_namespace n"
    " where n.nspname = split_part(f.said, '.', 1) and has_schema_privilege(n.oid, 'usage'))"
    " then coalesce(has_function_privilege(to_regprocedure(f.said), 'execute'), false) else false end)"
    " from unnest(cast(:functions as text[])) f (said)), true) as current"
)
CIRCLES = sorted({said.table.partition(".")[0] for said in policy().resources.values() if said.table})
"""The schemas whose every table has row rules."""
_theirs = columns(Account).email.like(f"%@{DOMAIN}")
_published = columns(Account).client_id.like(f"{PUBLISHED}%")
ACCOUNTS = select(
    exists().where(or_(_theirs, _published), columns(Account).ended_at.is_(None)).label("invented"),
    exists().where(columns(Account).email.is_not(None), columns(Account).ended_at.is_(None), ~_theirs).label("real"),
)
CANARIES = select(*SEALING_CANARY)
WITNESS = b"relais: la cle est la bonne !!!!"


class UnsafeStart(RuntimeError):  # noqa: N818 — read as a sentence
    """The database or the keys are not what the promises need."""


async def prove_lanes(database: Database) -> None:
    """Each lane is its own login, hardened, up to date, neither superuser nor member; otherwise ``UnsafeStart``."""
    await asyncio.gather(*(_prove(lane) for lane in database.lanes.values()))


async def _prove(lane: Lane) -> None:
    async with lane.service_transaction() as reading:
        functions = list(policy().functions_of(lane.role))
        found = await reading.row(FENCED.bindparams(lane=f"relais_{lane.role}", functions=functions, circles=CIRCLES))
    missing = [name for name in ("itself", "hardened", "durable", "plain", "alone", "forced") if not found[name]]
    if missing:
        raise UnsafeStart(
            f"la voie {lane.role} n'est pas sûre ({', '.join(missing)}) : passez « relais bootstrap », qui remet"
            " le durcissement, et vérifiez l'URL de cette voie"
        )
    if not found["current"]:
        raise UnsafeStart(f"la base n'est pas à jour pour la voie {lane.role} : passez « relais migrate »")
    if lane.role == "authentication":
        await _prove_accounts(lane)


async def _prove_accounts(lane: Lane) -> None:
    """Invented people where data are real would be so many doors; real ones among invented data, a mistake."""
    # The one lane that reads the address of every account, with nobody behind it.
    async with lane.service_transaction() as reading:
        found, invented = await reading.row(ACCOUNTS), await is_invented(reading)
    if found["invented"] and not invented:
        raise UnsafeStart(
            "des comptes de démonstration sont dans une base qui n'est pas celle de la démonstration : leurs mots de"
            " passe sont dans un fichier"
        )
    if found["real"] and invented:
        raise UnsafeStart(
            "de vrais comptes sont dans la base de la démonstration, dont les mots de passe sont dans un fichier :"
            " donnez à Relais une autre base (un autre RELAIS_HOME)"
        )


async def trace_start(database: Database) -> None:
    """Each lane traces that a process now serves it: a lane served twice, or where nobody meant it to be, is seen."""
    await asyncio.gather(*(_trace_start(lane) for lane in database.lanes.values()))


async def _trace_start(lane: Lane) -> None:
    async with lane.service_transaction() as writing:
        await trace_process(writing, "process:start")


async def prove_sealing_key(lane: Lane, key: SealingKey, *, only_looks: bool = False) -> None:
    """Every key of the ring opens what it sealed the first day. A new one comes first, before one that is known here.

    A key that never sealed here is refused once another has, unless that other is in the ring: it is being replaced.
    """
    async with lane.service_transaction() as writing:
        canaries = {row["sealing_key_id"]: row["wrapped_key"] for row in await writing.rows(CANARIES)}
        if canaries and not any(each.key_id in canaries for each in key.ring):
            raise UnsafeStart("la clé de scellement n'est pas celle qui a scellé les notes de cette base")
        for each in key.ring:
            alone = key.alone(each.key_id)
            if each.key_id in canaries:
                if not opens(alone, canaries[each.key_id]):
                    raise UnsafeStart("la clé de scellement n'ouvre pas son témoin")
            elif each.key_id == key.key_id:
                if only_looks:
                    continue
                wrapped = alone.wrap(WITNESS, bound_to=b"canary")
                await writing.add(SealingCanary(sealing_key_id=each.key_id, wrapped_key=wrapped, proved_at=now()))
            else:
                raise UnsafeStart(
                    "une des clés de scellement n'a jamais scellé ici : seule la première peut être neuve"
                )


def opens(key: SealingKey, canary: bytes) -> bool:
    """Does this key open this canary?"""
    try:
        return key.unwrap(canary, bound_to=b"canary") == WITNESS
    except BrokenSeal:
        return False
