"""Probes of writing: nobody signs for another, moves a row, deletes, or learns from a refusal what exists."""

from __future__ import annotations

from typing import Any

from app.models import COLUMNS
from app.models.columns import new_id
from tests.access.probes import DONE, REFUSED, Caller, Scene, probe

SEALED = bytes(300)
FOREIGN_KEY = "23503"

SEND = (
    "insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency,"
    " contact_consent) values ($1, $2, $3, now(), 'Essai', 'victim', 'complaint', 'urgent', 'given_to_officer')"
)
WRITE_NOTE = (
    "insert into confidential.note (id, post_id, participation_id, person_key_id, author_id, written_at, sealed)"
    " values ($1, $2, $3, $4, $5, now(), $6)"
)
SHARE = (
    "insert into confidential.note_share (id, post_id, note_id, shared_by, shared_with, shared_at)"
    " values ($1, $2, $3, $4, $5, now())"
)
INTERVENE = (
    "insert into social.intervention (id, post_id, situation_id, participation_id, intervention_type,"
    " counts_as_interview, needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome,"
    " occurred_at, recorded_by, recorded_at) select $1, $2, $3, $4, code, counts_as_interview,"
    " needs_home_visit_clearance, may_lack_participation, false, 'phone', 'held', now(), $5, now()"
    " from nomenclature.intervention_type where code = 'phone_interview'"
)
HANDLE = (
    "insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by, situation_id)"
    " values ($1, $2, $3, now(), $4, $5)"
)
CHANGED = {
    "social.person": "phone = '+33600000000'",
    "social.situation": "urgency = 'urgent'",
    "social.participation": "joined_on = current_date",
    "social.need": "met_on = current_date",
    "social.intervention": "channel = 'phone'",
    "social.collective_activity": "participants = 3",
    "social.referral_handling": "redirected_to = 'x'",
    "social.household_link": "ended_at = now()",
    "confidential.note_share": "ended_at = now()",
    "shared.referral": "feedback_code = 'received', feedback_on = current_date",
    "employer.presence": "days_worked = 2, recorded_by = (select access.me())",
}
"""What a worker may change, and how."""


async def _note(caller: Caller, scene: Scene, **said: Any) -> str:
    return (
        await caller.tries(
            WRITE_NOTE,
            said.get("id", new_id()),
            said.get("post", scene.ids["post"]),
            said.get("participation", scene.ids["participation"]),
            said.get("key", scene.ids["key"]),
            said.get("author", scene.ids["worker"]),
            SEALED,
        )
    ).code


@probe
async def nobody_deletes_or_empties_a_table(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            for table in COLUMNS:
                if table.startswith("nomenclature.") and not table.endswith((".sex", ".zone")):
                    continue
                await caller.is_refused(f"delete from {table}")
                await caller.is_refused(f"truncate {table}")
                await caller.is_refused(f"lock table {table} in access exclusive mode")


@probe
async def an_officer_signs_only_for_himself_and_his_unit(scene: Scene) -> None:
    me, north = scene.ids["officer"], scene.ids["north"]
    async with scene.as_("officer") as caller:
        assert (await caller.tries(SEND, new_id(), north, me)).code == DONE
        await caller.is_refused(SEND, new_id(), north, scene.ids["officer_same_unit"])
        await caller.is_refused(SEND, new_id(), scene.ids["faraway"], me)
        for column, value in (("feedback_code", "'received'"), ("feedback_on", "now()"), ("withdrawn_at", "now()")):
            with_more = SEND.replace("last_name,", f"last_name, {column},").replace("'Essai',", f"'Essai', {value},")
            await caller.is_refused(with_more, new_id(), north, me)
    for person in (
        "former_officer",
        "future_officer",
        "commander",
        "partner",
        "worker",
        "coordinator",
        "administrator",
    ):
        async with scene.as_(person) as caller:
            await caller.is_refused(SEND, new_id(), north, scene.ids[person])


@probe
async def an_officer_withdraws_only_what_the_unit_sent(scene: Scene) -> None:
    withdraw = "update shared.referral set withdrawn_at = now() where id = $1 returning id"
    async with scene.as_("officer") as caller:
        assert await caller.sees(withdraw, scene.ids["waiting_referral"])
    for person in ("officer_elsewhere", "former_officer", "future_officer"):
        async with scene.as_(person) as caller:
            await caller.sees_nothing(withdraw, scene.ids["waiting_referral"])
            await caller.sees_nothing("update shared.referral set withdrawn_at = now() where unit_id = $1 returning id",
                                      scene.ids["north"])  # fmt: skip


@probe
async def a_worker_answers_only_the_units_her_post_serves(scene: Scene) -> None:
    answer = (
        "update shared.referral set feedback_code = 'received', feedback_on = current_date where id = $1 returning id"
    )
    async with scene.as_("worker") as caller:
        assert await caller.sees(answer, scene.ids["waiting_referral"])
        await caller.sees_nothing(answer, scene.ids["far_referral"])
        await caller.sees_nothing(answer, scene.ids["old_referral"])
    for person in ("worker_elsewhere", "former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            await caller.sees_nothing(answer, scene.ids["waiting_referral"])


@probe
async def a_note_is_signed_by_its_author_on_a_post_she_holds(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        assert await _note(caller, scene) == DONE
        assert await _note(caller, scene, author=scene.ids["colleague"]) == REFUSED
        assert await _note(caller, scene, post=scene.ids["far_post"]) == REFUSED
    for person in ("worker_elsewhere", "former_worker", "future_worker"):
        async with scene.as_(person) as caller:
            assert await _note(caller, scene, author=scene.ids[person]) == REFUSED, person
    for person in ("officer", "commander", "partner", "coordinator", "observatory", "administrator", "dpo"):
        async with scene.as_(person) as caller:
            assert await _note(caller, scene, author=scene.ids[person]) == REFUSED, person


@probe
async def a_note_written_is_never_rewritten(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        for column in COLUMNS["confidential.note"]:
            await caller.is_refused(
                f"update confidential.note set {column} = {column} where id = $1", scene.ids["note"]
            )
        await caller.is_refused("select id from confidential.note for update")
        await caller.is_refused("select id from confidential.note for share")
        await caller.is_refused("select id from confidential.note for key share")


@probe
async def a_note_is_shared_and_closed_by_its_author_alone(scene: Scene) -> None:
    post, note = scene.ids["post"], scene.ids["note"]
    worker, colleague, elsewhere = (scene.ids[name] for name in ("worker", "colleague", "worker_elsewhere"))
    end = "update confidential.note_share set ended_at = now() where id = $1 returning id"
    reopen = "update confidential.note_share set ended_at = null where id = $1 returning id"
    async with scene.as_("worker") as caller:
        assert (await caller.tries(SHARE, new_id(), post, note, worker, colleague)).code == DONE
        await caller.is_refused(SHARE, new_id(), post, note, colleague, worker)
        # Another's note: not the author's hand, so no such (post, note, author).
        await caller.is_refused(
            SHARE, new_id(), post, scene.ids["colleagues_note"], worker, elsewhere, code=FOREIGN_KEY
        )
        assert await caller.sees(end, scene.ids["share"])
    for person in ("colleague", "former_worker"):
        async with scene.as_(person) as caller:
            await caller.is_refused(SHARE, new_id(), post, note, worker, colleague)
            await caller.sees_nothing(end, scene.ids["share"])
            await caller.sees_nothing(reopen, scene.ids["ended_share"])
    async with scene.as_("colleague") as caller:
        await caller.is_refused(SHARE, new_id(), post, note, colleague, elsewhere, code=FOREIGN_KEY)


@probe
async def acts_are_signed_by_whoever_does_them(scene: Scene) -> None:
    ids = scene.ids
    where = (ids["post"], ids["situation"], ids["participation"])
    opened = (
        "insert into social.situation (id, post_id, status, referral_source, opened_on, opened_by,"
        " secondary_problems, recorded_at) values ($1, $2, 'open', 'self_referral', current_date, $3, '{}', now())"
    )
    safe = "update confidential.safe_contact set changed_by = $2, sealed = $3 where participation_id = $1 returning 1"
    async with scene.as_("worker") as caller:
        assert (await caller.tries(INTERVENE, new_id(), *where, ids["worker"])).code == DONE
        await caller.is_refused(INTERVENE, new_id(), *where, ids["colleague"])
        assert (await caller.tries(opened, new_id(), ids["post"], ids["worker"])).code == DONE
        await caller.is_refused(opened, new_id(), ids["post"], ids["colleague"])
        await caller.is_refused(opened, new_id(), ids["far_post"], ids["worker"])
        assert await caller.sees(safe, ids["participation"], ids["worker"], SEALED)
        await caller.is_refused(safe, ids["participation"], ids["colleague"], SEALED)
    async with scene.as_("worker_elsewhere") as caller:
        await caller.sees_nothing(safe, ids["participation"], ids["worker_elsewhere"], SEALED)


@probe
async def a_change_without_a_condition_reaches_only_what_its_author_sees(scene: Scene) -> None:
    # Without WHERE nor RETURNING, PostgreSQL applies the rule of change alone, not that of reading.
    withdraw = {"shared.referral": "withdrawn_at = now()"}
    days = {"employer.presence": CHANGED["employer.presence"]}
    changes = [(person, CHANGED) for person in ("worker", "colleague", "third_worker", "worker_elsewhere")]
    changes += [(person, CHANGED) for person in ("former_worker", "future_worker")]
    changes += [(person, days) for person in ("coordinator", "coordinator_elsewhere", "idle_coordinator")]
    changes += [(person, withdraw) for person in ("officer", "officer_elsewhere", "former_officer", "future_officer")]
    for person, said in changes:
        async with scene.as_(person) as caller:
            for table, change in said.items():
                (seen,) = await caller.sees(f"select count(*) from (select {COLUMNS[table][0]} from {table}) t")
                changed = await caller.connection.execute(f"update {table} set {change}")
                assert changed == f"UPDATE {seen}", f"{person}: {table}, {changed}, {seen} seen"


@probe
async def writing_in_secret_leaves_the_referral_as_it_was(scene: Scene) -> None:
    async with scene.from_above() as above:
        looks = (
            "select md5(string_agg(r::text, '|' order by id)), string_agg(format('%s %s', ctid, xmin), '|' order by id)"
            " {} from shared.referral r"
        )
        stamped = looks.format(", string_agg(xmax::text, '|' order by id)")
        before = tuple(await above.fetchrow(stamped))
        async with scene.as_("worker", commits=True) as caller:
            assert await _note(caller, scene) == DONE
            where = (scene.ids["post"], scene.ids["situation"], scene.ids["participation"])
            assert (await caller.tries(INTERVENE, new_id(), *where, scene.ids["worker"])).code == DONE
            await caller.sees("update confidential.safe_contact set version = version + 1, changed_by = $1 returning 1",
                              scene.ids["worker"])  # fmt: skip
            await caller.sees("update social.situation set urgency = 'urgent' returning 1")
        assert tuple(await above.fetchrow(stamped)) == before, "a note or an act stamps the shared row"
        # The handling refers to the referral, hence a lock (xmax); the row itself stays as the unit wrote it.
        before = tuple(await above.fetchrow(looks.format("")))
        async with scene.as_("worker", commits=True) as caller:
            handled = (scene.ids["north"], scene.ids["post"], scene.ids["worker"], None)
            await caller.tries(HANDLE, scene.ids["waiting_referral"], *handled)
            changed = (
                "update social.referral_handling set decision = 'redirected', decided_at = now()"
                " where referral_id = $1 returning 1"
            )
            await caller.sees(changed, scene.ids["waiting_referral"])
        assert tuple(await above.fetchrow(looks.format(""))) == before, "a decision changes the shared row"


@probe
async def only_what_may_be_changed_may_be_locked(scene: Scene) -> None:
    for person in scene.people:
        async with scene.as_(person) as caller:
            for table in (
                "nomenclature.sex",
                "audit.trace",
                "confidential.note",
                "accounts.account",
                "organisation.unit",
                "social.transmission",
            ):
                if person == "administrator" and table in ("organisation.unit", "accounts.account"):
                    continue
                for strength in ("for update", "for no key update", "for share", "for key share"):
                    await caller.is_refused(f"select 1 from {table} {strength}")
    async with scene.as_("officer_elsewhere") as caller:
        await caller.sees_nothing("select 1 from shared.referral where unit_id = $1 for update", scene.ids["north"])


@probe
async def traces_are_neither_forged_nor_corrected(scene: Scene) -> None:
    for role in scene.lanes:
        async with scene.lane(role) as caller:
            await caller.is_refused("insert into audit.trace (act, row_count, outcome) values ('note:read', 1, 'done')")
            await caller.is_refused("insert into audit.head (lane, seq) values ('x', 1)")
            await caller.is_refused("update audit.trace set outcome = outcome")
            await caller.is_refused("update audit.head set seq = seq")
            await caller.is_refused("select audit.append(null, null, null, 'note:read', null, 1, 'done')")
            if role != "authentication":
                await caller.is_refused("select access.trace_sign_in(null, null, 'open', 'done')")
