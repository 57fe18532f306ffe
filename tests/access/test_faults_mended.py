"""Whose name an answer bears, and whose register a requisition enters: faults once found, mended and kept so."""

from __future__ import annotations

from uuid import uuid4

from app.models.columns import new_id
from tests.access.probes import REFUSED, Scene
from tests.access.probes_of_partners import ANSWER
from tests.access.probes_of_what_leaves import ENTER
from tests.access.probes_of_writing import FOREIGN_KEY

SIGNED_BY = "update exchange.orientation set acknowledged_at = now(), answered_by = $2 where id = $1 returning id"


async def test_a_partner_answers_under_its_own_name_only(scene: Scene) -> None:
    async with scene.as_("partner") as caller:
        for other in ("software", "partner_elsewhere", "worker", "officer"):
            await caller.is_refused(SIGNED_BY, scene.ids["sent_orientation"], scene.ids[other])


async def test_the_holder_of_a_link_answers_under_nobodys_name(scene: Scene) -> None:
    async with scene.lane("answering") as caller:
        await caller.sees("select access.open_link($1)", scene.links["open"])
        await caller.is_refused(SIGNED_BY, scene.ids["linked_orientation"], scene.ids["worker"])


async def test_an_answer_does_not_tell_which_accounts_exist(scene: Scene) -> None:
    async with scene.as_("partner") as caller:
        assert await caller.sees(ANSWER, scene.ids["sent_orientation"])
        there = (scene.ids["sent_orientation"], scene.ids["officer"])
        await caller.cannot_tell(SIGNED_BY, there, (scene.ids["sent_orientation"], uuid4()))


async def test_a_requisition_is_entered_in_the_register_of_the_employer_of_the_post(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        values = (new_id(), scene.ids["post"], scene.ids["other_employer"], scene.ids["worker"])
        assert await caller.code_of(ENTER, *values) in (FOREIGN_KEY, REFUSED)
