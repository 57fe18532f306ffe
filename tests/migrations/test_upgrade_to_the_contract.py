"""From 0.4.0 to the contract while people work: large tables, an instant's wait, not one error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg
import pytest

from app.installing import bootstrap, migrate
from tests.house_for_tests import Town
from tests.migrations.test_upgrade import OFFICER_SESSION, PASSWORDS, ROWS, VERSION, WORKER_SESSION

# With the other upgrade, which takes a role of the whole cluster away for a while.
pytestmark = pytest.mark.xdist_group("upgrade")

DATABASE, OLD, NEW = "relais_of_0_4_0", "0024_access_to_identity", "0025_contract"
TRACES, REFERRALS, ORIENTATIONS = 300_000, 50_000, 50_000
NOBODY_WAITS_LONGER_THAN = 0.5
"""Seconds."""
UNIT, POST, OFFICER, WORKER = (
    f"00000000-0000-7000-8000-0000000{each}" for each in ("00011", "00031", "00103", "00101")
)
# Foreign keys and triggers aside: only the size counts.
LARGE = f"""
set session_replication_role = replica;
insert into audit.trace (perimeter_id, lane, seq, at, account_id, session_id, act, subject_id, row_count, outcome,
                         prev_hash, hash)
select '{UNIT}', 'relais_police_officer', n, now() - interval '30 days', '{OFFICER}', gen_random_uuid(),
       'referral:read', gen_random_uuid(), 1, 'done', sha256('avant'), sha256('maillon')
  from generate_series(1, {TRACES}) n;
insert into audit.head (perimeter_id, lane, seq, hash)
values ('{UNIT}', 'relais_police_officer', {TRACES}, sha256('maillon'));
insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency,
                             contact_consent)
select gen_random_uuid(), '{UNIT}', '{OFFICER}', now() - interval '30 days', 'Ancienne', 'victim', 'complaint',
       'urgent', 'given_to_officer'
  from generate_series(1, {REFERRALS});
insert into exchange.orientation (id, post_id, partner_id, reference, legal_basis, fields, person_informed, sent_at,
                                  sent_by)
select gen_random_uuid(), '{POST}', gen_random_uuid(), gen_random_uuid()::text, 'person_agreement', '{{}}',
       'informed_before', now() - interval '30 days', '{WORKER}'
  from generate_series(1, {ORIENTATIONS});
insert into exchange.referral (id, partner_id, post_id, sent_by, sent_at, last_name, person_status, urgency,
                               contact_consent)
select gen_random_uuid(), gen_random_uuid(), '{POST}', '{WORKER}', now(), 'Adressée', 'victim', 'urgent', 'not_asked'
  from generate_series(1, {ORIENTATIONS});
set session_replication_role = origin;
analyze audit.trace, shared.referral, exchange.orientation, exchange.referral;
"""
SEND = (
    "insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency,"
    f" contact_consent) values ($1, '{UNIT}', '{OFFICER}', now(), 'Pendant', 'victim', 'complaint', 'urgent',"
    " 'given_to_officer')"
)


@dataclass
class Passage:
    """What those at work saw of the upgrade."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lasted: float = 0.0
    at_the_end: str = ""
    unvalidated: list[str] = field(default_factory=list)
    sent: int = 0
    kept: int = 0


Act = Callable[[asyncpg.Connection], Awaitable[object]]


async def _works(url: str, session: str, seen: Passage, name: str, act: Act, done: asyncio.Event) -> None:
    """One person at work: each time, a transaction of her own, as a request's; every wait and error is kept."""
    connection = await asyncpg.connect(url)
    waits = seen.waits.setdefault(name, [])
    try:
        while not done.is_set():
            begun = time.monotonic()
            try:
                async with connection.transaction():
                    await connection.execute("select access.open($1)", session)
                    await act(connection)
            except asyncpg.PostgresError as error:
                seen.errors.append(f"{name}: {error.sqlstate} {error}")
            waits.append(time.monotonic() - begun)
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def passage(town: Town) -> AsyncIterator[Passage]:
    """The upgrade, among an officer who reads, another who sends, and a social worker who reads and is traced."""
    seen, done = Passage(), asyncio.Event()

    async def reads(connection: asyncpg.Connection) -> None:
        await connection.fetch("select id from shared.referral order by sent_at desc limit 20")

    async def sends(connection: asyncpg.Connection) -> None:
        await connection.execute(SEND, uuid4())
        await connection.execute("select access.trace('referral:add', null, 1, 'done')")
        seen.sent += 1

    async def looks(connection: asyncpg.Connection) -> None:
        await connection.fetch("select id from exchange.orientation limit 20")
        await connection.execute("select access.trace('orientation:read', null, 20, 'done')")

    above = await asyncpg.connect(town.superuser_url)
    await above.execute(f"drop database if exists {DATABASE} with (force)")
    try:
        await bootstrap(town.superuser_url, DATABASE, PASSWORDS)
        url = town.lane_url("migrator", DATABASE)
        await asyncio.to_thread(migrate, url, revision="0009_policy")
        inside = await asyncpg.connect(town.superuser_url, database=DATABASE)
        try:
            await inside.execute(ROWS)
            await asyncio.to_thread(migrate, url, revision=OLD)
            await inside.execute(LARGE)
            people = [
                asyncio.create_task(_works(town.lane_url(role, DATABASE), session, seen, name, act, done))
                for name, role, session, act in (
                    ("an officer reads", "police_officer", OFFICER_SESSION, reads),
                    ("an officer sends", "police_officer", OFFICER_SESSION, sends),
                    ("a social worker reads", "social_worker", WORKER_SESSION, looks),
                )
            ]
            try:
                await asyncio.sleep(0.5)
                begun = time.monotonic()
                await asyncio.to_thread(migrate, url, revision=NEW)
                seen.lasted = time.monotonic() - begun
                await asyncio.sleep(0.5)
            finally:
                done.set()
                await asyncio.gather(*people)
            seen.at_the_end = await inside.fetchval(VERSION)
            seen.kept = await inside.fetchval("select count(*) from shared.referral where last_name = 'Pendant'")
            rows = await inside.fetch("select conname from pg_constraint where not convalidated")
            seen.unvalidated = [row["conname"] for row in rows]
        finally:
            await inside.close()
        yield seen
    finally:
        await above.execute(f"drop database if exists {DATABASE} with (force)")
        await above.close()


def test_nobody_at_work_is_refused_anything_while_the_contract_is_laid(passage: Passage) -> None:
    assert passage.at_the_end == NEW
    assert passage.errors == []
    assert passage.sent == passage.kept > 10


def test_nobody_at_work_waits_half_a_second(passage: Passage) -> None:
    longest = {name: round(max(waits), 3) for name, waits in passage.waits.items()}
    assert len(longest) == 3
    assert min(map(len, passage.waits.values())) > 10
    assert max(longest.values()) < NOBODY_WAITS_LONGER_THAN, (longest, passage.lasted)


def test_the_traces_of_before_are_not_read_again(passage: Passage) -> None:
    assert passage.unvalidated == ["trace_outcome_is_known"]
