"""Probes of identity: the caller is a live session of this very lane, never a setting that a statement could write."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import asyncpg

from app.access.policy import policy
from tests.access.probes import DONE, NO_SESSION, REFUSED, Caller, Scene, probe

READS = {
    "police_officer": "select id from shared.referral",
    "social_worker": "select id from confidential.note",
    "partner": "select id from exchange.orientation",
    "coordinator": "select id from employer.requisition",
}
"""What a lane would read first, were it let in."""


async def _useless(caller: Caller, session: UUID, role: str) -> None:
    await caller.is_refused("select access.open($1)", session, code=NO_SESSION)
    # The refused opening was undone with its savepoint: the setting is not left behind.
    await caller.is_refused("select access.me()", code=NO_SESSION)
    # Nor does writing the setting by hand help: whoever may run SET gets no further.
    await caller.connection.execute(f"set local relais.session = '{session}'")
    await caller.is_refused("select access.me()", code=NO_SESSION)
    if role in READS:
        await caller.is_refused(READS[role], code=NO_SESSION)


@probe
async def a_social_workers_session_is_useless_to_the_police(scene: Scene) -> None:
    for person in ("worker", "colleague", "worker_elsewhere", "promoted"):
        for role in ("police_officer", "unit_commander"):
            async with scene.lane(role) as caller:
                await _useless(caller, scene.sessions[person], role)


@probe
async def a_session_serves_on_its_own_lane_only(scene: Scene) -> None:
    for person in (*scene.people, "software"):
        for role in (role.name for role in policy().people):
            if role != scene.roles[person]:
                async with scene.lane(role) as caller:
                    await _useless(caller, scene.sessions[person], role)


@probe
async def a_revoked_session_opens_nothing(scene: Scene) -> None:
    for person in ("officer", "worker", "partner", "dpo"):
        role = scene.roles[person]
        async with scene.lane(role) as caller:
            await _useless(caller, scene.sessions[f"revoked_{person}"], role)


@probe
async def an_expired_session_opens_nothing(scene: Scene) -> None:
    for person in ("officer", "worker", "partner", "dpo"):
        role = scene.roles[person]
        async with scene.lane(role) as caller:
            await _useless(caller, scene.sessions[f"expired_{person}"], role)


@probe
async def the_session_of_whoever_changed_role_opens_nothing(scene: Scene) -> None:
    for role in ("social_worker", "police_officer"):
        async with scene.lane(role) as caller:
            await _useless(caller, scene.sessions["promoted"], role)


@probe
async def the_session_of_whoever_has_left_opens_nothing(scene: Scene) -> None:
    for person in ("gone_worker", "gone_partner"):
        async with scene.lane(scene.roles[person]) as caller:
            await _useless(caller, scene.sessions[person], scene.roles[person])


@probe
async def a_session_that_does_not_exist_opens_nothing(scene: Scene) -> None:
    for role in policy().people:
        async with scene.lane(role.name) as caller:
            await _useless(caller, uuid4(), role.name)
            await caller.is_refused("select access.open(null)", code=NO_SESSION)
            for garbage in ("", " ", "null", "*", "' or true --", str(uuid4()).upper()):
                await caller.connection.execute("set local relais.session = '" + garbage.replace("'", "''") + "'")
                await caller.is_refused("select access.me()", code=NO_SESSION)


@probe
async def the_functions_about_me_want_a_live_session(scene: Scene) -> None:
    calls = (
        "access.me()", "access.my_posts()", "access.my_units()", "access.my_account()", "access.colleagues()",
        "access.my_traces(now(), 10)", "access.trace('note:read', null, 1, 'done')",
    )  # fmt: skip
    for role in policy().people:
        async with scene.lane(role.name) as caller:
            for call in calls:
                await caller.is_refused(f"select {call}", code=NO_SESSION)
    for role, call in (("partner", "access.my_partners()"), ("coordinator", "access.my_employers()")):
        async with scene.lane(role) as caller:
            await caller.is_refused(f"select {call}", code=NO_SESSION)
    async with scene.lane("social_worker") as caller:
        for call in (
            "access.notes_shared_with_me()",
            "access.search_persons('Bolieu', null, 10)",
            "access.shares_my_post(gen_random_uuid(), gen_random_uuid())",
        ):
            await caller.is_refused(f"select {call}", code=NO_SESSION)


@probe
async def a_session_lasts_for_one_transaction(scene: Scene) -> None:
    async with scene.as_("officer", commits=True) as caller:
        assert await caller.sees("select id from shared.referral")
    async with scene.lane("police_officer") as caller:
        await caller.is_refused("select id from shared.referral", code=NO_SESSION)
        assert await caller.sees("select coalesce(current_setting('relais.session', true), '')") == [""]


@probe
async def a_session_revoked_meanwhile_is_refused_at_the_next_statement(scene: Scene) -> None:
    async with scene.as_("worker") as caller, scene.from_above() as above:
        assert await caller.sees("select id from confidential.note")
        revoke = "update accounts.session set revoked_at = {0}, revoked_because = {1} where id = $1"
        await above.execute(revoke.format("now()", "'administrator'"), scene.sessions["worker"])
        try:
            await caller.is_refused("select id from confidential.note", code=NO_SESSION)
        finally:
            await above.execute(revoke.format("null", "null"), scene.sessions["worker"])


@probe
async def a_posting_that_ends_meanwhile_ends_the_reading(scene: Scene) -> None:
    change = "update accounts.posting set ends_on = {} where account_id = $1"
    for person, read in (
        ("worker", "confidential.note"), ("worker", "social.person"), ("worker", "exchange.answer_link"),
        ("officer", "shared.referral"), ("partner", "exchange.orientation"), ("software", "exchange.referral"),
    ):  # fmt: skip
        async with scene.as_(person) as caller, scene.from_above() as above:
            assert await caller.sees(f"select 1 from (select id from {read}) t")
            await above.execute(change.format("current_date - 1"), scene.ids[person])
            try:
                await caller.sees_nothing(f"select id from {read}")
            finally:
                await above.execute(change.format("null"), scene.ids[person])


@probe
async def nobody_reads_the_session_of_another(scene: Scene) -> None:
    for person in scene.people:
        async with scene.as_(person) as caller:
            for column in ("id", "account_id", "role", "revoked_at"):
                await caller.is_refused(f"select {column} from accounts.session")
            if person != "dpo":
                await caller.is_refused("select session_id from audit.trace")
            found = await caller.sees("select coalesce(current_setting('relais.session', true), '')")
            assert found == [str(scene.sessions[person])], f"{person} sees another session than her own"


@probe
async def the_traces_name_no_session_that_could_be_opened(scene: Scene) -> None:
    async with scene.from_above() as above:
        sessions = {row[0] for row in await above.fetch("select id from accounts.session")}
    async with scene.as_("dpo") as caller:
        marks = set(await caller.sees("select distinct session_id from audit.trace where session_id is not null"))
    assert len(marks) > 1, "the acts of one session can no longer be linked"
    assert not marks & sessions


@probe
async def no_lane_is_or_becomes_another_role(scene: Scene) -> None:
    async with scene.from_above() as above:
        others = [row[0] for row in await above.fetch("select rolname from pg_roles")]
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            itself = f"relais_{role}"
            plain = await caller.connection.fetchrow(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_catalog.pg_roles"
                " where rolname = session_user"
            )
            assert not any(plain), f"{itself}: {dict(plain)}"
            for other in others:
                if other != itself:
                    await caller.is_refused(f"set role {other}")
                    await caller.is_refused(f"set session authorization {other}")
            for attribute in ("superuser", "bypassrls", "createrole"):
                await caller.is_refused(f"alter role {itself} {attribute}")
            victim = "relais_police_officer" if role == "social_worker" else "relais_social_worker"
            await caller.is_refused(f"grant {victim} to {itself}")
            await caller.is_refused(f"alter role {victim} password 'a password'")


@probe
async def officials_do_not_log_in(scene: Scene) -> None:
    for official in policy().officials:
        url = scene.town.lane_url(official.removeprefix("relais_"), scene.database)
        try:
            connection = await asyncpg.connect(url)
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError):
            continue
        await connection.close()
        raise AssertionError(f"{official} logs in")


@probe
async def row_security_cannot_be_switched_off(scene: Scene) -> None:
    for person, table in (("worker", "confidential.note"), ("officer", "shared.referral"), ("worker", "social.person")):
        async with scene.as_(person) as caller:
            await caller.connection.execute("set local row_security = off")
            await caller.is_refused(f"select id from {table}")
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            await caller.is_refused("set local session_replication_role = replica")


@probe
async def a_trace_names_its_real_author(scene: Scene) -> None:
    async with scene.as_("officer", commits=True) as caller:
        await caller.sees("select access.trace('note:read', null, 7, 'done')")
    async with scene.from_above() as above:
        found = await above.fetchrow(
            "select account_id, lane from audit.trace where row_count = 7 order by at desc limit 1"
        )
    assert tuple(found) == (scene.ids["officer"], "relais_police_officer")


@probe
async def two_people_of_one_lane_at_the_same_time_stay_themselves(scene: Scene) -> None:
    async with scene.as_("worker") as one, scene.as_("worker_elsewhere") as other:
        mine, theirs = await asyncio.gather(one.tries("select access.me()"), other.tries("select access.me()"))
    assert (mine.code, theirs.code) == (DONE, DONE) != (REFUSED, REFUSED)
    assert (mine.rows[0][0], theirs.rows[0][0]) == (scene.ids["worker"], scene.ids["worker_elsewhere"])
