"""Probes of what is to be counted again: every write that moves a figure leaves a line, and the next read counts it."""

from __future__ import annotations

import json

from tests.access.probes import Caller, Scene, probe
from tests.access.probes_of_statistics import FIGURES
from tests.access.walking import UUID as UUID_IN

# What is written, on which row, and the post whose figures move; of somebody who is in no situation, none do.
MOVES: tuple[tuple[str, str, str | None], ...] = (
    ("update social.situation set main_problem = 'housing' where id = $1", "situation", "post"),
    ("update social.situation set opened_on = opened_on - 3 where id = $1", "far_situation", "far_post"),
    ("update social.participation set person_status = 'witness' where id = $1", "participation", "post"),
    ("update social.intervention set outcome = 'missed' where id = $1", "intervention", "post"),
    ("update social.person set sex = 'male' where id = $1", "person", "post"),
    ("update social.person set birth_date = '1980-01-01', birth_date_precision = 'day' where id = $1", "relative",
     None),
    ("update social.person set birth_date = '1980-01-01', birth_date_precision = 'day' where id = $1", "person",
     "post"),
    ("update social.person set declared_minor = true where id = $1", "far_person", "far_post"),
    ("update shared.referral set withdrawn_at = now() where id = $1", "waiting_referral", "post"),
    ("insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency,"
     " contact_consent) select gen_random_uuid(), $1, sent_by, now(), 'x', person_status, document_type, urgency,"
     " contact_consent from shared.referral limit 1", "north", "post"),
    ("update social.referral_handling set redirected_to = 'x' where referral_id = $1", "referral", "post"),
    ("insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by) select id,"
     " unit_id, (select post_id from social.referral_handling limit 1), now(),"
     " (select received_by from social.referral_handling limit 1) from shared.referral where id = $1",
     "untouched_referral", "post"),
    ("update exchange.referral set withdrawn_at = now() where id = $1", "partner_referral", "post"),
    ("update social.partner_referral_handling set redirected_to = 'x' where referral_id = $1", "partner_referral",
     "post"),
    ("update social.orientation set need_type = 'food_aid' where id = $1", "proposed_orientation", "post"),
    ("update exchange.orientation set acknowledged_at = now(), taken_up_at = now() where id = $1",
     "sent_orientation", "post"),
    ("insert into social.transmission select gen_random_uuid(), post_id, participation_id, transmission_kind,"
     " orientation_id, requisition_id, legal_basis, partner_id, recipient, fields, person_informed, agreed_on, sent_at,"
     " sent_by from social.transmission where id = $1", "report", "post"),
    ("update social.collective_activity set participants = 40 where id = $1", "activity", "post"),
    ("update employer.presence set days_worked = 2 where post_id = $1", "post", "post"),
    ("update organisation.post set ends_on = '2030-01-01' where id = $1", "post", "post"),
    ("update organisation.employer set departement_code = '29' where id = $1", "employer", "post"),
    ("update organisation.unit set zone = 'mixed' where id = $1", "faraway", "far_post"),
    ("update organisation.post_unit set ends_on = current_date where post_id = $1", "far_post", "far_post"),
    ("update accounts.posting set ends_on = current_date where account_id = $1", "worker_elsewhere", "far_post"),
)  # fmt: skip
STALE = "select count(*) from statistics.change where post_id = $1 and from_on <= $2"


@probe
async def every_write_that_moves_a_figure_is_noted_for_its_post(scene: Scene) -> None:
    async with scene.from_above() as above:
        today = await above.fetchval("select current_date")
        for statement, row, post in MOVES:
            transaction = above.transaction()
            await transaction.start()
            try:
                await above.execute("delete from statistics.change")
                assert (await above.execute(statement, scene.ids[row])).split()[-1] != "0", statement
                noted = await above.fetchval(STALE, scene.ids[post] if post else None, today)
                assert noted >= 1 if post else not noted, f"{'not ' if post else ''}noted: {statement}"
            finally:
                await transaction.rollback()


@probe
async def a_date_moved_forward_is_counted_again_from_where_it_was(scene: Scene) -> None:
    async with scene.from_above() as above:
        for statement, row, was in (
            ("update social.intervention set occurred_at = now() where occurred_at < '2026-03-01' and post_id = $1",
             "far_post", "2026-02-02"),
            ("update social.situation set opened_on = opened_on + 30 where post_id = $1", "far_post", None),
            ("update social.collective_activity set held_on = current_date where id = $1", "activity", "2026-02-02"),
        ):  # fmt: skip
            transaction = above.transaction()
            await transaction.start()
            try:
                await above.execute("delete from statistics.change")
                before = await above.fetchval("select coalesce($1::text::date, current_date)", was)
                await above.execute(statement, scene.ids[row])
                assert await above.fetchval("select min(from_on) from statistics.change") <= before, statement
            finally:
                await transaction.rollback()


@probe
async def what_a_worker_writes_is_in_her_figures_at_once(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        before = await _cells(caller, scene)
        act = (
            "insert into social.intervention (id, post_id, participation_id, situation_id, intervention_type,"
            " counts_as_interview, needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel,"
            " outcome, occurred_at, recorded_by, recorded_at) select gen_random_uuid(), post_id, id, situation_id,"
            " 'phone_interview', true, false, false, false, 'phone', 'held', '2026-03-03 10:00+00', access.me(), now()"
            " from social.participation where id = $1"
        )
        found = await caller.tries(act, scene.ids["participation"])
        assert found.code == "00000", found
        after = await _cells(caller, scene)
        assert after["T1.interventions"] == before["T1.interventions"] + 1
        assert after["T1.interviews"] == before["T1.interviews"] + 1
        await caller.connection.execute("update social.person set sex = 'male' where sex = 'female'")
        assert (await _cells(caller, scene)).get("T2.persons|*|female", 0) == 0


async def _cells(caller: Caller, scene: Scene) -> dict[str, int]:
    (found,) = await caller.sees(FIGURES, "post", str(scene.ids["post"]))
    cells: dict[str, int] = json.loads(found)
    return cells


@probe
async def what_is_noted_says_which_post_and_which_day_and_nothing_else(scene: Scene) -> None:
    async with scene.from_above() as above:
        rows = await above.fetch("select to_jsonb(t)::text as line from statistics.tally t")
        organisation = await above.fetch(
            "select id from organisation.post union all select id from organisation.unit"
            " union all select id from organisation.site"
        )
        columns = await above.fetch(
            "select attname::text from pg_attribute where attrelid = 'statistics.change'::regclass and attnum > 0"
        )
    assert rows, "nothing is kept ready any more"
    places = {str(row["id"]) for row in organisation}
    for row in rows:
        assert set(UUID_IN.findall(row["line"])) <= places, row["line"]
    assert {row["attname"] for row in columns} == {"id", "post_id", "from_on"}
