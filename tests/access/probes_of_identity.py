"""Probes of sessions and secrets: what closes an account or a session closes it at the next statement."""

from __future__ import annotations

from datetime import timedelta

from app.models import COLUMNS
from tests.access.probes import NO_SESSION, REFUSED, Scene, probe
from tests.access.probes_of_sessions import _useless
from tests.access.proposals import NOT_SO, sql
from tests.access.scene_of_identity import opened_session

READ = {
    "worker": "select id from confidential.note", "officer": "select id from shared.referral",
    "partner": "select id from exchange.orientation", "software": "select id from exchange.referral",
    "coordinator": "select id from employer.requisition", "administrator": "select id from accounts.account",
    "dpo": "select id from accounts.posting", "commander": "select id from statistics.report",
}  # fmt: skip


@probe
async def an_account_suspended_or_never_approved_or_a_session_left_idle_opens_nothing(scene: Scene) -> None:
    for person in ("suspended_worker", "unapproved_worker", "idle_worker", "proposed_account", "requested_worker"):
        role = scene.roles[person]
        async with scene.lane(role) as caller:
            await _useless(caller, scene.sessions[person], role)


@probe
async def what_closes_meanwhile_is_refused_at_the_next_statement(scene: Scene) -> None:
    account = ({"suspended_at": "now()"}, {"approved_at": "null", "approved_by": "null"}, {"ended_at": "now()"})
    session = (
        {"idle_until": "now() - interval '1 second'"}, {"expires_at": "opened_at + interval '1 millisecond'"},
        {"revoked_at": "now()", "revoked_because": "'owner'"},
    )  # fmt: skip
    for person, read in READ.items():
        async with scene.as_(person) as caller:
            for table, row, changes in (
                ("accounts.account", scene.ids[person], account), ("accounts.session", scene.sessions[person], session),
            ):  # fmt: skip
                for said in changes:
                    assert await caller.sees(read), f"{person} no longer reads anything"
                    async with scene.meanwhile(table, row, **said):
                        await caller.is_refused(read, code=NO_SESSION)


@probe
async def a_posting_that_nobody_approved_opens_nothing(scene: Scene) -> None:
    for person in ("worker", "officer", "partner", "software", "commander"):
        async with scene.from_above() as above:
            posting = await above.fetchval("select id from accounts.posting where account_id = $1", scene.ids[person])
        async with scene.as_(person) as caller:
            async with scene.meanwhile("accounts.posting", posting, approved_at="null", approved_by="null"):
                await caller.sees_nothing(READ[person])
                await caller.sees_nothing("select unnest(access.my_units() || access.my_posts())")
            assert await caller.sees(READ[person])
    async with scene.as_("posting_unapproved") as caller:
        await caller.sees_nothing("select unnest(access.held_posts())")
        await caller.sees_nothing("select unnest(access.served_units())")


@probe
async def colleagues_are_those_who_may_come_in(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        seen = set(await caller.sees("select id from access.colleagues()"))
        assert {scene.ids[name] for name in ("colleague", "successor", "officer")} <= seen
        for stranger in ("unapproved_worker", "posting_unapproved", "gone_worker", "former_worker", "future_worker"):
            assert scene.ids[stranger] not in seen, stranger


@probe
async def units_are_served_by_the_posts_held_today(scene: Scene) -> None:
    served = "select unnest(access.served_units())"
    async with scene.as_("worker") as caller:
        assert set(await caller.sees(served)) == {scene.ids["north"], scene.ids["south"]}
    for person in ("former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            await caller.sees_nothing(served)
            await caller.sees_nothing("select unnest(access.held_posts())")


@probe
async def a_proof_is_recent_for_ten_minutes(scene: Scene) -> None:
    proved = "select access.proved_recently()"
    for person in ("administrator", "coordinator", "worker"):
        async with scene.as_(person) as caller:
            for ago, expected in (("9 minutes 30 seconds", True), ("10 minutes 1 second", False), ("1 day", False)):
                async with scene.meanwhile(
                    "accounts.session", scene.sessions[person], authenticated_at=f"now() - interval '{ago}'"
                ):
                    assert await caller.sees(proved) == [expected], f"{person}, {ago}"
    # The proof of another session of the same person proves nothing for this one.
    async with scene.from_above() as above:
        other = await opened_session(above, scene.ids["administrator_proved_long_ago"], "administrator")
        try:
            async with scene.as_("administrator_proved_long_ago") as caller:
                assert await caller.sees(proved) == [False]
        finally:
            await above.execute("delete from accounts.session where id = $1", other)
    for role in ("administrator", "coordinator", "social_worker"):
        async with scene.lane(role) as caller:
            await caller.is_refused(proved, code=NO_SESSION)


@probe
async def my_sessions_are_mine_and_alive(scene: Scene) -> None:
    for person in scene.people:
        async with scene.from_above() as above:
            extra = [
                await opened_session(above, scene.ids[person], scene.roles[person], **said)
                for said in (
                    {}, {"idle": timedelta(seconds=-1)}, {"expires": timedelta(seconds=-1)},
                    {"revoked_at": await above.fetchval("select now()"), "because": "owner"},
                )
            ]  # fmt: skip
            try:
                async with scene.as_(person) as caller:
                    rows = (await caller.tries("select id, current from access.my_sessions()")).rows
                    assert {row["id"] for row in rows} == {scene.sessions[person], extra[0]}, person
                    assert [row["id"] for row in rows if row["current"]] == [scene.sessions[person]], person
                    # Nor is one of mine that is dead ended twice; one that lives is, and stays so.
                    end = "select access.end_my_session($1)"
                    assert await caller.sees(end, extra[0]) == [True]
                    assert await caller.sees(end, extra[0]) == [False]
                    assert await caller.sees(end, extra[3]) == [False]
                    assert await caller.sees("select id from access.my_sessions()") == [scene.sessions[person]]
            finally:
                await above.execute("delete from accounts.session where id = any ($1)", extra)


@probe
async def nobody_ends_the_session_of_another(scene: Scene) -> None:
    for person in scene.people:
        async with scene.as_(person, commits=True) as caller:
            for other in ("colleague", "officer_same_unit", "second_administrator", "worker_elsewhere"):
                assert await caller.sees("select access.end_my_session($1)", scene.sessions[other]) == [False], person
            if person != "administrator":
                await caller.is_refused("select access.end_sessions($1)", scene.ids["colleague"])
    for role in ("social_worker", "administrator", "dpo"):
        async with scene.lane(role) as caller:
            session = scene.sessions["colleague"]
            await caller.is_refused("select access.end_my_session($1)", session, code=NO_SESSION)
            await caller.is_refused("select * from access.my_sessions()", code=NO_SESSION)
    async with scene.lane("administrator") as caller:
        await caller.is_refused("select access.end_sessions($1)", scene.ids["colleague"], code=NO_SESSION)
    for other in ("colleague", "officer_same_unit"):
        async with scene.as_(other) as caller:
            assert await caller.sees("select access.me()") == [scene.ids[other]]


@probe
async def an_administrator_ends_the_sessions_of_one_account_alone(scene: Scene) -> None:
    alive = "select count(*) from accounts.session where revoked_at is null and account_id {} $1"
    async with scene.as_("administrator") as caller, scene.from_above() as above:
        before = await above.fetchval(alive.format("<>"), scene.ids["far_successor"])
        async with scene.as_("far_successor") as other:
            assert await caller.sees("select access.end_sessions($1)", scene.ids["far_successor"]) == [1]
            assert await other.sees("select access.me()"), "not before it is committed"
        assert await above.fetchval(alive.format("<>"), scene.ids["far_successor"]) == before
        assert await caller.sees("select access.end_sessions($1)", scene.ids["far_successor"]) == [0]
    async with scene.as_("second_administrator", commits=True) as caller:
        await caller.sees("select access.end_sessions($1)", scene.ids["past_replacement"])
    try:
        async with scene.lane("social_worker") as caller:
            await _useless(caller, scene.sessions["past_replacement"], "social_worker")
        async with scene.as_("replacing") as caller:
            assert await caller.sees("select access.me()") == [scene.ids["replacing"]]
    finally:
        async with scene.from_above() as above:
            await above.execute(
                "update accounts.session set revoked_at = null, revoked_because = null where id = $1",
                scene.sessions["past_replacement"],
            )


@probe
async def secrets_of_identity_are_read_by_authentication_alone(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for table in ("credential", "second_factor", "recovery_code", "refresh_token", "session"):
                for column in COLUMNS[f"accounts.{table}"]:
                    code = await caller.code_of(f"select {column} from accounts.{table}")
                    assert (code == "00000") == (role == "authentication"), f"{role} {table}.{column}: {code}"
            for table in ("attempt", "spent_ticket"):
                await caller.is_refused(f"select count(*) from accounts.{table}")
                await caller.is_refused(f"insert into accounts.{table} default values")
                await caller.is_refused(f"delete from accounts.{table}")


@probe
async def what_has_ended_does_not_begin_again_by_one_hand(scene: Scene) -> None:
    gone = (
        ("accounts.account", scene.ids["gone_worker"], "ended_at", "null"),
        ("accounts.account", scene.ids["gone_worker"], "ended_at", "now() + interval '1 year'"),
        ("accounts.posting", await _posting_of(scene, "former_worker"), "ends_on", "null"),
        ("accounts.posting", await _posting_of(scene, "former_worker"), "ends_on", "current_date + 30"),
        ("accounts.posting", await _posting_of(scene, "former_worker"), "ended_at", "null"),
        ("accounts.invitation", scene.ids["approved_invitation"], "revoked_at", "null"),
        ("accounts.federated_identity", scene.ids["bound_identity"], "ended_at", "null"),
    )
    for person in ("administrator", "second_administrator"):
        for table, row, column, value in gone:
            again = f"update {table} set {column} = {value} where id = $1"
            sooner = f"update {table} set {column} = {'current_date' if column == 'ends_on' else 'now()'} where id = $1"
            ended = {column: "current_date - 1" if column == "ends_on" else "now()"}
            async with scene.meanwhile(table, row, **ended), scene.as_(person) as caller:
                await caller.is_refused(again, row, code=NOT_SO)
            # The end comes nearer, as one likes.
            async with scene.meanwhile(table, row, **{column: "null"}), scene.as_(person) as caller:
                assert await caller.code_of(sooner, row) == "00000", sooner


@probe
async def an_invitation_serves_once(scene: Scene) -> None:
    row, used = scene.ids["invitation"], "update accounts.invitation set used_at = {} where id = $1"
    async with scene.lane("authentication") as caller:
        assert await caller.code_of(used.format("now()"), row) == "00000"
        await caller.is_refused(used.format("null"), row, code=NOT_SO)


async def _posting_of(scene: Scene, person: str) -> object:
    async with scene.from_above() as above:
        return await above.fetchval("select id from accounts.posting where account_id = $1", scene.ids[person])


@probe
async def the_employer_that_a_role_opens_is_not_moved_by_one_hand(scene: Scene) -> None:
    change = "update accounts.account set employer_id = {%s} where id = {%s}"
    async with scene.as_("administrator") as caller:
        for person in ("coordinator", "second_coordinator", "idle_coordinator", "committee_elsewhere", "observatory"):
            for employer in ("employer", "other_employer"):
                if (person, employer) in (("coordinator", "employer"), ("second_coordinator", "employer"),
                                          ("committee_elsewhere", "other_employer")):  # fmt: skip
                    continue
                code = await caller.code_of(sql(scene, change % (employer, person)))
                assert code in (NOT_SO, REFUSED), f"{person} is given {employer}: {code}"


@probe
async def traces_are_verified_and_summed_up_by_the_delegate_in_session_and_the_operator(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for call in ("audit.verified()", "audit.summary(current_date)"):
                code = await caller.code_of(f"select * from {call}")
                expected = {"worker": "00000", "dpo": NO_SESSION}.get(role, REFUSED)
                assert code == expected, f"{role} {call}: {code}"
    async with scene.as_("dpo") as caller:
        assert await caller.sees("select perimeter_id from audit.verified()")
        await caller.sees_nothing("select lane from audit.verified() where broken_at is not null")
        assert await caller.sees("select act from audit.summary((now() at time zone 'Europe/Paris')::date)")
