"""Probes of the lane of answer links: one row while the link lives, one answer, never a name."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg

from app.models import COLUMNS
from tests.access.probes import DONE, NO_SESSION, REFUSED, Caller, Scene, probe
from tests.access.probes_of_partners import ANSWERS

LANE = "answering"
OPEN = "select access.open_link($1)"
SEEN = "select id from exchange.orientation"
TAKE_UP = (
    "update exchange.orientation set acknowledged_at = now(), taken_up_at = now(), answered_by = null"
    " where id = $1 returning id"
)
DEAD = ("used", "revoked", "expired")
HIDDEN = (
    "exchange.orientation_content", "exchange.answer_link", "exchange.referral", "social.orientation", "social.person",
    "confidential.transmission_content", "directory.partner", "organisation.post", "nomenclature.refusal_reason",
)  # fmt: skip


@contextlib.asynccontextmanager
async def _holder(scene: Scene, link: str) -> AsyncIterator[Caller]:
    async with scene.lane(LANE) as caller:
        assert (await caller.tries(OPEN, scene.links[link])).code == DONE, f"the link « {link} » no longer opens"
        yield caller


@probe
async def a_link_shows_the_one_orientation_it_answers(scene: Scene) -> None:
    answers = {name: name for name in ("taken_up", "to_the_other")}
    for link, of in {"open": "linked", "far": "far_to_the_other", **answers}.items():
        async with _holder(scene, link) as caller:
            assert await caller.sees(SEEN) == [scene.ids[f"{of}_orientation"]], link
            for table in HIDDEN:
                for column in COLUMNS[table]:
                    await caller.is_refused(f"select {column} from {table}")
    # Of a closed exchange, nothing is shown any more.
    async with _holder(scene, "closed") as caller:
        assert await caller.sees(SEEN) == []


@probe
async def without_a_living_link_its_lane_reads_and_writes_nothing(scene: Scene) -> None:
    async with scene.from_above() as above:
        held = await above.fetch("select id, orientation_id from exchange.answer_link")
    guesses = [b"", bytes(32), bytes(31), sha256(b"").digest(), None]
    guesses += [sha256(str(each).encode()).digest() for row in held for each in row]
    guesses += [scene.links[name] for name in DEAD]
    guesses += [sha256(scene.links["open"]).digest(), scene.links["open"] + b"\0", scene.links["open"][:-1]]
    async with scene.lane(LANE) as caller:
        await caller.is_refused(SEEN, code=NO_SESSION)
        for guess in guesses:
            await caller.is_refused(OPEN, guess, code=NO_SESSION)
            # The refused opening was undone with its savepoint: nothing stays open.
            await caller.is_refused(SEEN, code=NO_SESSION)
        for claimed in ("", " ", "null", "%", "[0-9a-f]", str(uuid4()), *(scene.links[name].hex() for name in DEAD)):
            await caller.connection.execute(f"set local relais.link = '{claimed}'")
            await caller.is_refused(SEEN, code=NO_SESSION)
            await caller.is_refused(TAKE_UP, scene.ids["linked_orientation"], code=NO_SESSION)
            for call in ("access.linked_orientation()", "access.spend_link()", "access.trace_link('x', 1, 'done')"):
                await caller.is_refused(f"select {call}", code=NO_SESSION)
        await caller.is_refused("select set_config('relais.link', $1, true)", scene.links["open"].hex())
        await caller.is_refused("select access.my_link()")


@probe
async def a_link_opens_on_its_own_lane_only_and_for_one_transaction(scene: Scene) -> None:
    for person in scene.people:
        async with scene.as_(person) as caller:
            await caller.is_refused(OPEN, scene.links["open"])
            await caller.connection.execute(f"set local relais.link = '{scene.links['open'].hex()}'")
            await caller.is_refused("select access.linked_orientation()")
    async with scene.as_("officer") as caller:
        await caller.connection.execute(f"set local relais.link = '{scene.links['open'].hex()}'")
        await caller.is_refused(SEEN)
    async with _holder(scene, "open") as caller:
        await caller.sees(SEEN)
        mine = caller.connection
    async with scene.lane(LANE) as caller:
        assert caller.connection is mine
        assert await caller.sees("select coalesce(current_setting('relais.link', true), '')") == [""]
        await caller.is_refused(SEEN, code=NO_SESSION)


@probe
async def a_session_of_a_person_opens_nothing_on_the_lane_of_links(scene: Scene) -> None:
    for person in ("partner", "worker", "software", "officer"):
        async with scene.lane(LANE) as caller:
            await caller.is_refused("select access.open($1)", scene.sessions[person])
            await caller.connection.execute(f"set local relais.session = '{scene.sessions[person]}'")
            await caller.is_refused(SEEN, code=NO_SESSION)
            await caller.is_refused("select access.my_partners()")


@probe
async def the_holder_of_a_link_answers_that_orientation_only_while_it_may_be_answered(scene: Scene) -> None:
    async with _holder(scene, "open") as caller:
        for other in ("sent", "to_the_other", "far_to_the_other", "refused"):
            await caller.sees_nothing(TAKE_UP, scene.ids[f"{other}_orientation"])
        assert await caller.connection.execute("update exchange.orientation set acknowledged_at = now()") == "UPDATE 1"
        for column in set(COLUMNS["exchange.orientation"]) - set(ANSWERS):
            await caller.is_refused(f"update exchange.orientation set {column} = {column}")
        await caller.is_refused("delete from exchange.orientation")
        assert await caller.sees(TAKE_UP, scene.ids["linked_orientation"])
    async with _holder(scene, "closed") as caller:
        await caller.sees_nothing(TAKE_UP, scene.ids["closed_orientation"])
        # Nor blindly: without reading anything, the rules of reading do not apply.
        blindly = "update exchange.orientation set acknowledged_at = now(), answered_by = null"
        assert await caller.tag_of(blindly) == "UPDATE 0"
    async with _holder(scene, "open") as caller:
        refuse = "acknowledged_at = now(), refused_at = now(), refusal_reason = 'other'"
        assert await caller.connection.execute(f"update exchange.orientation set {refuse}") == "UPDATE 1"
        undo = "refused_at = null, refusal_reason = null"
        assert await caller.connection.execute(f"update exchange.orientation set {undo}") == "UPDATE 0"


@probe
async def a_link_that_has_answered_answers_no_more(scene: Scene) -> None:
    async with _holder(scene, "open") as caller:
        await caller.sees("select access.spend_link()")
        for statement in (SEEN, "select access.spend_link()", "select access.trace_link('x', 1, 'done')"):
            await caller.is_refused(statement, code=NO_SESSION)
        await caller.is_refused(OPEN, scene.links["open"], code=NO_SESSION)
    # It spends its own link, no other.
    async with _holder(scene, "open") as one, scene.from_above() as above:
        still = "select count(*) from exchange.answer_link where used_at is null"
        before = await above.fetchval(still)
        await one.sees("select access.spend_link()")
        left = await one.tries("select count(*) from exchange.answer_link")
        assert (await above.fetchval(still), left.code) == (before, REFUSED)
    async with scene.from_above() as above:
        transaction = above.transaction()
        await transaction.start()
        try:
            await above.execute("update exchange.answer_link set used_at = now() where id = $1", scene.ids["far_link"])
            async with scene.lane(LANE) as caller:
                await caller.connection.execute("set local lock_timeout = '300ms'")
                assert (await caller.tries(OPEN, scene.links["far"])).code == DONE
                # Another answer is being given at this instant: it waits for it rather than passing.
                assert (await caller.tries("select access.spend_link()")).code == "55P03"
        finally:
            await transaction.rollback()


@probe
async def of_two_holders_of_one_link_only_one_spends_it(scene: Scene) -> None:
    url = scene.town.lane_url(LANE, scene.database)
    one, other = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        codes = await asyncio.gather(*(_spends(each, scene.links["taken_up"]) for each in (one, other)))
    finally:
        await one.close()
        await other.close()
        async with scene.from_above() as above:
            unspent = "update exchange.answer_link set used_at = null where id = $1"
            await above.execute(unspent, scene.ids["taken_up_link"])
    assert sorted(codes) == [DONE, NO_SESSION], codes


async def _spends(connection: asyncpg.Connection, link: bytes) -> str:
    try:
        async with connection.transaction():
            await connection.fetch(OPEN, link)
            await asyncio.sleep(0.05)
            await connection.fetch("select access.spend_link()")
            await asyncio.sleep(0.05)
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    return DONE


@probe
async def the_trace_of_an_answer_names_the_orientation_and_never_the_link(scene: Scene) -> None:
    async with scene.lane(LANE) as caller:
        transaction = caller.connection
        await caller.sees(OPEN, scene.links["taken_up"])
        await caller.sees("select access.trace_link('orientation:change', 77, 'done')")
        await transaction.execute("commit; begin")
    async with scene.from_above() as above:
        row = await above.fetchrow("select * from audit.trace where row_count = 77 order by at desc limit 1")
        tokens = await above.fetch("select id::text, encode(token_hash, 'hex') from exchange.answer_link")
    assert (row["subject_id"], row["account_id"]) == (scene.ids["taken_up_orientation"], None)
    assert row["lane"] == "relais_answering"
    said = " ".join(map(str, row.values()))
    assert not [token for pair in tokens for token in pair if token in said]


@probe
async def a_links_token_is_kept_nowhere(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        kept = await caller.sees("select token_hash from exchange.answer_link")
        assert set(kept) >= {scene.links[name] for name in ("open", *DEAD)}
        assert {len(each) for each in kept} == {32}
    for person in ("partner", "software", "officer", "commander", "coordinator", "administrator", "dpo", "observatory"):
        async with scene.as_(person) as caller:
            for column in COLUMNS["exchange.answer_link"]:
                await caller.is_refused(f"select {column} from exchange.answer_link")
    async with scene.as_("worker_elsewhere") as caller:
        assert await caller.sees("select token_hash from exchange.answer_link") == [scene.links["far"]]
        known: list[UUID] = await caller.sees("select orientation_id from exchange.answer_link")
        assert known == [scene.ids["far_to_the_other_orientation"]]
