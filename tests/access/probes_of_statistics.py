"""Probes of what is counted: to whom exact figures are told, whose they are, and how nobody gets in behind them."""

from __future__ import annotations

import json
from typing import Any

from app.access.policy import policy
from app.models import COLUMNS
from tests.access.probes import DONE, NO_SESSION, NOT_THERE, REFUSED, Caller, Scene, probe
from tests.access.walking import UUID as UUID_IN

YEAR = "'2026-01-01', '2027-01-01'"
FIGURES = f"select statistics.figures($1, $2, {YEAR})"
TOWNS = f"select persons from statistics.municipalities($1, $2, {YEAR}, '{{}}', '{{}}')"
CONTRIBUTIONS = f"select cell, events, persons, key_sum, largest from statistics.contributions($1, $2, {YEAR}, $3, $4)"
PADS = (b"\x36" * 64, b"\x5c" * 64)
VIEWS = tuple(view for official in policy().officials.values() for view in official.views)
# Arguments that mean nothing, so that a function which may be called says something else than « refused ».
INSIDE = (
    "statistics.posts_within('national', '')",
    f"statistics.settle('{{}}', 'all', '', {YEAR}, true)",
    f"statistics.counted('{{}}', 'all', '', {YEAR})",
    f"statistics.summed('{{}}', 'all', '', {YEAR})",
    f"statistics.recounted('{{}}', 'national', '', {YEAR})",
    *(
        f"(statistics.{fact}('{{}}', 'all', '', {YEAR})).post_id"
        for fact in (
            "cells", "marks", "acts", "persons", "persons_by_unit", "participations", "secondary_problems",
            "situations", "referrals", "orientations", "transmissions", "collective_activities", "posts",
        )
    ),
    "statistics.earliest(gen_random_uuid(), gen_random_uuid())", "statistics.slice_of('unit')",
    "statistics.covers('all', '', null, null, null)", "statistics.noon(current_date)",
    f"statistics.working_days({YEAR}, '')", "statistics.age_in_years('1980-01-01', current_date)",
    "statistics.age_band_of(30)", "statistics.majority_of(30, null)",
)  # fmt: skip
OUTSIDE = (
    f"statistics.figures('national', '', {YEAR})",
    f"statistics.municipalities('national', '', {YEAR}, '{{}}', '{{}}')",
    f"statistics.contributions('national', '', {YEAR}, '', '')",
)
WATCHING = ("officer", "commander", "partner", "observatory", "committee_elsewhere", "administrator", "dpo")
KEPT = ("statistics.tally", "statistics.change", "statistics.recount", "statistics.public_holiday")
COUNTED = tuple(table for table in COLUMNS if table.startswith("statistics."))


async def _figures(caller: Caller, kind: str, place: Any) -> dict[str, int] | None:
    (found,) = await caller.sees(FIGURES, kind, str(place))
    return None if found is None else json.loads(found)


@probe
async def nobody_counts_but_who_does_the_work_and_its_employer(scene: Scene) -> None:
    for person in WATCHING:
        async with scene.as_(person) as caller:
            for call in (*OUTSIDE, *INSIDE):
                await caller.is_refused(f"select {call}")
    for person in ("worker", "coordinator"):
        async with scene.as_(person) as caller:
            for call in INSIDE:
                await caller.is_refused(f"select {call}")
    async with scene.as_("worker") as caller:
        await caller.is_refused(f"select {OUTSIDE[2]}")
    for role in ("authentication", "answering"):
        async with scene.lane(role) as caller:
            for call in (*OUTSIDE, *INSIDE):
                await caller.is_refused(f"select {call}")
    async with scene.lane("worker") as caller:
        # The background lane recounts a frozen report; what is inside stays inside.
        for call in INSIDE:
            if "recounted" not in call:
                await caller.is_refused(f"select {call}")


@probe
async def nobody_counts_without_a_session(scene: Scene) -> None:
    for role in ("social_worker", "coordinator"):
        async with scene.lane(role) as caller:
            for kind, place in (("post", scene.ids["post"]), ("employer", scene.ids["employer"])):
                found = await caller.tries(FIGURES, kind, str(place))
                assert found.code == NO_SESSION or (found.code == DONE and found.rows[0][0] is None), found
                found = await caller.tries(TOWNS, kind, str(place))
                assert found.code == NO_SESSION or (found.code == DONE and not found.rows), found


@probe
async def what_is_counted_ahead_and_the_facts_themselves_are_read_by_no_lane(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for name in (*VIEWS, *KEPT):
                await caller.is_refused(f"select count(*) from {name}")
                await caller.is_refused(f"select * from {name} limit 1")
                await caller.is_refused(f"table {name}")
            for table in KEPT:
                for column in COLUMNS[table]:
                    await caller.is_refused(f"select {column} from {table}")
                await caller.is_refused(f"insert into {table} default values")
                await caller.is_refused(f"select 1 from {table} for update")
            await caller.is_refused("select post_id from statistics.act")
            await caller.is_refused("select birth_date from statistics.participation")


@probe
async def no_lane_deletes_what_is_counted_published_or_reported(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for table in COUNTED:
                await caller.is_refused(f"delete from {table}")
                await caller.is_refused(f"truncate {table}")


@probe
async def a_worker_counts_the_posts_that_she_holds_and_nothing_else(scene: Scene) -> None:
    ids = scene.ids
    for person, mine, others in (
        ("worker", ("post", "shared_post"), ("far_post", "faraway")),
        ("colleague", ("post", "shared_post"), ("far_post", "faraway")),
        ("worker_elsewhere", ("far_post",), ("post", "north")),
    ):
        post, unit = ids[others[0]], ids[others[1]]
        async with scene.as_(person) as caller:
            whole = await _figures(caller, "post", ids[mine[0]])
            assert whole and whole["T1.interventions"] >= 1, f"{person} no longer counts her own post"
            for kind, place in (
                ("post", post), ("unit", unit), ("employer", ids["employer"]), ("employer", ids["other_employer"]),
                ("departement", "28"), ("zone", "police"), ("national", ""), ("site", unit), ("unit", post),
                ("POST", post), ("post ", post), ("post", f"{post} "), ("post", ""), ("all", ""), ("", ""),
            ):  # fmt: skip
                assert await _figures(caller, kind, place) is None, f"{person} counts {kind} {place}"
                await caller.sees_nothing(TOWNS, kind, str(place))
            for kind, place in ((None, str(post)), ("post", None), (None, None)):
                assert await caller.sees(FIGURES, kind, place) == [None]
    for person in ("former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            for kind, place in (("post", ids["post"]), ("unit", ids["north"]), ("national", "")):
                assert await _figures(caller, kind, place) is None, f"{person} counts {kind}"


@probe
async def a_unit_that_two_posts_serve_shows_each_worker_her_own_part(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("worker") as caller:
        before = await _figures(caller, "unit", ids["north"])
    async with scene.from_above() as above:
        transaction = above.transaction()
        await transaction.start()
        try:
            await above.execute(
                "insert into organisation.post_unit values ($1, $2, '2026-01-01')", ids["far_post"], ids["north"]
            )
            await above.execute(
                "update social.intervention set unit_id = $1 where post_id = $2", ids["north"], ids["far_post"]
            )
            await above.execute("set local session authorization relais_social_worker")
            await above.execute("select access.open($1)", scene.sessions["worker"])
            after = json.loads(await above.fetchval(FIGURES, "unit", str(ids["north"])))
        finally:
            await transaction.rollback()
    kept = ("T1.persons", "T1.interventions", "T1.interviews", "T1.situations_opened")
    assert {cell: before.get(cell, 0) for cell in kept} == {cell: after.get(cell, 0) for cell in kept}  # type: ignore[union-attr]


@probe
async def a_coordinator_counts_the_posts_of_her_employer_and_never_the_nation(scene: Scene) -> None:
    ids = scene.ids
    for person, mine, others in (
        ("coordinator", ("employer", "post"), ("other_employer", "far_post")),
        ("coordinator_elsewhere", ("other_employer", "far_post"), ("employer", "post")),
    ):
        async with scene.as_(person) as caller:
            whole, one = await _figures(caller, "employer", ids[mine[0]]), await _figures(caller, "post", ids[mine[1]])
            assert whole and whole == one, "each of these employers has one post"
            assert await _figures(caller, "departement", "28") == whole, f"{person} counts another employer's posts"
            for kind, place in (
                ("employer", ids[others[0]]), ("post", ids[others[1]]), ("national", ""), ("departement", "29"),
            ):  # fmt: skip
                assert await _figures(caller, kind, place) is None, f"{person} counts {kind} {place}"
                await caller.sees_nothing(TOWNS, kind, str(place))
                await caller.sees_nothing(CONTRIBUTIONS, kind, str(place), *PADS)
            for kind, place in (("zone", "police"), ("zone", "gendarmerie"), ("zone", "mixed"), ("site", ids["north"])):
                part = await _figures(caller, kind, place)
                assert part is None or all(
                    part[cell] <= whole.get(cell, 0) for cell in ("T1.interventions",) if cell in part
                )
    async with scene.as_("idle_coordinator") as caller:
        for kind, place in (("employer", ids["employer"]), ("departement", "28"), ("zone", "police"), ("national", "")):
            assert await _figures(caller, kind, place) is None, f"a coordinator of nobody counts {kind}"
            await caller.sees_nothing(CONTRIBUTIONS, kind, str(place), *PADS)


@probe
async def what_is_behind_a_figure_comes_out_without_identifier(scene: Scene) -> None:
    async with scene.from_above() as above:
        rows = await above.fetch("select id from organisation.unit union all select id from organisation.site")
    places = {str(row["id"]) for row in rows}
    async with scene.as_("coordinator") as caller:
        found = await caller.tries(CONTRIBUTIONS, "employer", str(scene.ids["employer"]), *PADS)
        assert found.code == DONE and found.rows, "nothing behind the figures any more"
        for row in found.rows:
            assert set(UUID_IN.findall(row["cell"])) <= places, row["cell"]
            assert all(isinstance(row[name], int) for name in ("events", "persons", "key_sum", "largest"))
            assert 0 <= row["key_sum"] < 2**32
        # Another key, other sums: they say nothing of a person by themselves.
        other = await caller.tries(CONTRIBUTIONS, "employer", str(scene.ids["employer"]), *PADS[::-1])
        assert {row["key_sum"] for row in found.rows if row["persons"]}.isdisjoint(
            row["key_sum"] for row in other.rows if row["persons"]
        )


HOSTILE = (
    "' or true --", "post'); drop table statistics.tally; --", "%", "_", "*", "all", "\\", "post:", "NATIONAL",
    "national\n", "\u202enational", "x" * 5_000, "(select 1)", "$1", "{}", "[]", "null", "0", "-1", "𝔭𝔬𝔰𝔱",
)  # fmt: skip


@probe
async def no_word_in_the_place_of_a_perimeter_widens_it(scene: Scene) -> None:
    for person in ("worker", "coordinator"):
        async with scene.as_(person) as caller:
            for word in HOSTILE:
                for kind, place in ((word, str(scene.ids["post"])), ("post", word), ("unit", word), (word, word)):
                    assert await caller.sees(FIGURES, kind, place) == [None], f"{person}: {kind!r} {place!r}"
                    await caller.sees_nothing(TOWNS, kind, place)
            for word in ("site", "zone", "departement", "employer"):
                for place in HOSTILE:
                    assert await caller.sees(FIGURES, word, place) == [None], f"{person}: {word} {place!r}"
            # Words in the place of the towns: they are compared, never run, and never given back but when somebody
            # lives there.
            names = f"select municipality from statistics.municipalities('post', $1, {YEAR}, $2, $2)"
            said = await caller.sees(names, str(scene.ids["post"]), list(HOSTILE))
            assert set(said) <= {None}, said
            for day in ("'infinity'", "'-infinity'", "null"):
                code = await caller.code_of(f"select statistics.figures('post', '{scene.ids['post']}', {day}, {day})")
                assert code != DONE, f"a tally of {day}"


@probe
async def a_search_path_of_ones_own_changes_no_figure(scene: Scene) -> None:
    for person in ("worker", "coordinator"):
        async with scene.as_(person) as caller:
            said = await _figures(caller, "post", scene.ids["post"])
            for path in ("pg_temp, statistics", "statistics, social, public, pg_catalog", "''"):
                await caller.connection.execute(f"set local search_path = {path}")
                assert await _figures(caller, "post", scene.ids["post"]) == said
            for statement in (
                "create temp table persons (id uuid)",
                "create function statistics.noon(date) returns timestamptz language sql as 'select now()'",
                "create function public.covers(text) returns boolean language sql as 'select true'",
                "create view public.act as select 1", "alter view statistics.act set (security_invoker = true)",
                "create or replace view statistics.post as select 1",
                "alter function statistics.figures(text, text, date, date) set search_path = pg_temp",
                "alter table statistics.report disable trigger report_is_frozen_for_good",
                "grant select on statistics.act to public", "refresh materialized view statistics.act",
            ):  # fmt: skip
                code = await caller.code_of(statement)
                assert code in (REFUSED, *NOT_THERE, "42809"), f"{person}: {statement} → {code}"
            await caller.connection.execute("set local row_security = off")
            assert (await caller.tries("select id from statistics.report")).code == REFUSED


SEND = (
    "insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency,"
    " contact_consent) values (gen_random_uuid(), $1, $2, now(), 'Bolieu', 'victim', 'complaint', 'urgent',"
    " 'given_to_officer')"
)
SOON = "set local lock_timeout = '500ms'"


@probe
async def the_unit_never_waits_for_whoever_counts_or_reports(scene: Scene) -> None:
    """A social transaction holds all it can on a post; the unit of that post sends and withdraws meanwhile."""
    ids = scene.ids
    async with scene.as_("worker") as worker:
        for statement in (
            "update social.situation set urgency = urgency", "update social.intervention set outcome = outcome",
            "update statistics.report set commentary = commentary where validated_at is null",
            "select 1 from social.person for update", "update social.referral_handling set redirected_to = 'CIDFF'",
        ):  # fmt: skip
            await worker.connection.execute(statement)
        assert await _figures(worker, "post", ids["post"]) is not None
        assert await _figures(worker, "unit", ids["north"]) is not None
        async with scene.as_("officer") as unit:
            await unit.connection.execute(SOON)
            assert await unit.code_of(SEND, ids["north"], ids["officer"]) == DONE, "the unit waits to send"
            withdrawn = "update shared.referral set withdrawn_at = now() where withdrawn_at is null"
            assert await unit.code_of(withdrawn) == DONE, "the unit waits to withdraw"


@probe
async def who_counts_never_waits_for_the_unit(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("officer") as unit, scene.as_("worker") as worker:
        await unit.connection.execute(SEND, ids["north"], ids["officer"])
        await unit.connection.execute("update shared.referral set withdrawn_at = now() where withdrawn_at is null")
        await worker.connection.execute(SOON)
        for kind, place in (("post", ids["post"]), ("unit", ids["north"])):
            assert await _figures(worker, kind, place) is not None


@probe
async def who_writes_never_waits_for_who_counts(scene: Scene) -> None:
    ids = scene.ids
    async with scene.as_("worker") as counting, scene.as_("colleague") as writing:
        assert await _figures(counting, "post", ids["post"]) is not None
        await writing.connection.execute(SOON)
        for statement in (
            "update social.situation set urgency = urgency", "update social.participation set joined_on = joined_on",
            "update social.intervention set outcome = outcome", "update social.person set sex = sex",
            "update social.orientation set need_type = need_type", "update employer.presence set days_worked = 3,"
            " recorded_by = (select access.me())",
        ):  # fmt: skip
            assert await writing.code_of(statement) == DONE, statement
