"""Probes of handovers: notes and summaries pass to the successor alone, once approved, while the handover lasts."""

from __future__ import annotations

from app.models.columns import new_id
from tests.access.probes import DONE, REFUSED, Scene, probe
from tests.access.probes_of_writing import FOREIGN_KEY
from tests.access.proposals import sql

NOTES, SUMMARIES = "select id from confidential.note", "select handover_id from confidential.handover_summary"


@probe
async def notes_and_summaries_pass_to_the_successor_alone(scene: Scene) -> None:
    ids = scene.ids
    own = {"worker": {"handover", "waiting_handover"}, "worker_elsewhere": {"cancelled_handover"}}
    nothing = (
        "colleague",
        "third_worker",
        "far_successor",
        "replacing",
        "posting_unapproved",
        "worker_proved_long_ago",
    )
    for person, handovers in {**own, "successor": {"handover"}, **{each: set() for each in nothing}}.items():
        async with scene.as_(person) as caller:
            assert set(await caller.sees(SUMMARIES)) == {ids[name] for name in handovers}, person
            handed = {ids[f"note_of_{name}"] for name in ("handover", "waiting_handover", "cancelled_handover")}
            seen = set(await caller.sees(NOTES))
            assert seen & handed == {ids[f"note_of_{name}"] for name in handovers}, person
            if person == "successor":
                assert seen == {ids["note_of_handover"]}, "the successor reads more than what was handed over"


@probe
async def what_is_handed_over_opens_once_approved_and_begun_and_closes_when_over(scene: Scene) -> None:
    today = "access.today()"
    async with scene.as_("successor") as caller:
        for said in (
            {"approved_at": "null", "approved_by": "null"},
            {"cancelled_at": "now()"},
            {"starts_on": f"{today} + 1"},
            {"starts_on": f"{today} - 5", "ends_on": f"{today} - 1"},
            {"to_account_id": f"'{scene.ids['colleague']}'"},
        ):
            assert await caller.sees(NOTES), "nothing is handed over any more"
            assert await caller.sees(SUMMARIES)
            async with scene.meanwhile("employer.handover", scene.ids["handover"], **said):
                await caller.sees_nothing(NOTES)
                await caller.sees_nothing(SUMMARIES)
        async with scene.meanwhile("employer.handover", scene.ids["handover"], ends_on=today):
            assert await caller.sees(NOTES)
            assert await caller.sees(SUMMARIES)
        async with scene.meanwhile("confidential.note_share", scene.ids["share_of_handover"], ended_at="now()"):
            await caller.sees_nothing(NOTES)


@probe
async def a_note_that_goes_along_goes_to_nobody_but_the_successor(scene: Scene) -> None:
    share, third = scene.ids["share_of_handover"], scene.ids["third_worker"]
    async with scene.as_("third_worker") as caller:
        async with scene.meanwhile("confidential.note_share", share, shared_with=f"'{third}'"):
            await caller.sees_nothing(NOTES)
        # Shared by hand, it would open: the handover is what holds it.
        async with scene.meanwhile("confidential.note_share", share, shared_with=f"'{third}'", handover_id="null"):
            assert await caller.sees(NOTES) == [scene.ids["note_of_handover"]]


@probe
async def a_handover_is_proposed_and_given_up_by_whoever_leaves(scene: Scene) -> None:
    cancel = "update employer.handover set cancelled_at = now() where id = {%s}"
    for person, row, tag in (
        ("worker", "waiting_handover", "UPDATE 1"), ("worker", "handover", "UPDATE 0"),
        ("colleague", "waiting_handover", "UPDATE 0"), ("successor", "handover", "UPDATE 0"),
        ("replacing", "cancelled_handover", "UPDATE 0"), ("coordinator", "waiting_handover", REFUSED),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            assert await caller.tag_of(sql(scene, cancel % row)) == tag, f"{person} {row}"


@probe
async def a_summary_is_signed_by_its_author_on_a_post_she_holds(scene: Scene) -> None:
    item = "insert into social.handover_item values ({%s}, {%s}, {%s}, false)"
    summary = (
        "insert into confidential.handover_summary values ({%s}, {%s}, {%s}, {%s}, {%s}, now(),"
        " decode(repeat('00', 300), 'hex'))"
    )
    here = ("handover", "post", "participation")
    async with scene.as_("worker") as caller:
        await caller.is_refused(sql(scene, summary % (*here, "key", "colleague")))
        await caller.is_refused(
            sql(scene, summary % ("cancelled_handover", "far_post", "far_participation", "far_key", "worker"))
        )
        await caller.is_refused(sql(scene, item % ("cancelled_handover", "far_post", "far_participation")))
        # A handover of another post, a participation of another post: not told apart from what does not exist.
        for wrong in (("cancelled_handover", "post", "participation"), ("handover", "post", "far_participation")):
            await caller.is_refused(sql(scene, item % wrong), code=FOREIGN_KEY)
        share = (
            "insert into confidential.note_share (id, post_id, note_id, shared_by, shared_with, shared_at, handover_id)"
            " values ($1, $2, $3, $4, $5, now(), $6)"
        )
        values = (scene.ids["post"], scene.ids["note"], scene.ids["worker"], scene.ids["successor"])
        await caller.is_refused(share, new_id(), *values, scene.ids["cancelled_handover"], code=FOREIGN_KEY)
        assert (await caller.tries(share, new_id(), *values, scene.ids["handover"])).code == DONE


@probe
async def who_takes_over_a_post_and_who_works_for_an_employer_is_told_of_those_in_force(scene: Scene) -> None:
    ids, days = scene.ids, "select access.takes_over_my_post($1, $2, access.today() + $3::integer)"
    async with scene.as_("worker") as caller:
        for person, post, later, expected in (
            ("successor", "post", 0, True), ("future_worker", "post", 1, True), ("future_worker", "post", 0, False),
            ("former_worker", "post", 0, False), ("posting_unapproved", "post", 0, False),
            ("unapproved_worker", "post", 0, False), ("gone_worker", "post", 0, False), ("promoted", "post", 0, False),
            ("partner_in_a_post", "post", 0, False), ("far_successor", "far_post", 0, False),
            ("far_successor", "post", 0, False),
        ):  # fmt: skip
            assert await caller.sees(days, ids[person], ids[post], later) == [expected], f"{person} takes over {post}"
        for person in ("posting_unapproved", "unapproved_worker", "former_worker", "gone_worker"):
            assert await caller.sees("select access.shares_my_post($1, $2)", ids[person], ids["post"]) == [False], (
                person
            )
    async with scene.as_("replacing") as caller:
        assert await caller.sees(days, ids["far_successor"], ids["far_post"], 0) == [False], "not a post that she holds"
        assert await caller.sees("select access.shares_my_post($1, $2)", ids["far_successor"], ids["far_post"]) == [
            False
        ]
    async with scene.as_("coordinator") as caller:
        works = "select access.works_for($1, $2)"
        for person, employer, expected in (
            ("worker", "employer", True), ("worker", "other_employer", False), ("replacing", "other_employer", True),
            ("replacing", "employer", False), ("former_worker", "employer", False),
            ("future_worker", "employer", False),
            ("posting_unapproved", "employer", False), ("unapproved_worker", "employer", False),
            ("suspended_worker", "employer", False), ("gone_worker", "employer", False),
            ("promoted", "employer", False), ("partner_in_a_post", "employer", False),
        ):  # fmt: skip
            assert await caller.sees(works, ids[person], ids[employer]) == [expected], f"{person} works for {employer}"


@probe
async def the_employer_sees_that_a_post_changes_hands_and_never_of_whom(scene: Scene) -> None:
    seen = "select id from employer.handover"
    of_the_post = {scene.ids[name] for name in ("handover", "waiting_handover")}
    far = {scene.ids["cancelled_handover"]}
    for person, expected in (
        ("worker", of_the_post), ("successor", of_the_post), ("colleague", of_the_post), ("far_successor", far),
        ("replacing", far), ("ended_replacement", set()), ("posting_unapproved", set()), ("coordinator", of_the_post),
        ("coordinator_elsewhere", far), ("idle_coordinator", set()), ("dpo", of_the_post | far),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            assert set(await caller.sees(seen)) == expected, person
    for person in ("coordinator", "dpo", "administrator"):
        async with scene.as_(person) as caller:
            await caller.is_refused("select participation_id from social.handover_item")
    for person, visits in (
        ("worker", {"home_visit"}), ("replacing", {"far_home_visit"}), ("coordinator", {"home_visit"}),
        ("coordinator_elsewhere", {"far_home_visit"}), ("idle_coordinator", set()), ("past_replacement", set()),
    ):  # fmt: skip
        async with scene.as_(person) as caller:
            found = set(await caller.sees("select id from employer.home_visit_agreement"))
            assert found == {scene.ids[name] for name in visits}, person
