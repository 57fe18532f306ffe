"""Probes of what is written beside an answer: its author, the end of its reading, the register it enters."""

from __future__ import annotations

from uuid import uuid4

from app.models.columns import new_id
from tests.access.probes import REFUSED, Scene, probe
from tests.access.probes_of_partners import ANSWER
from tests.access.probes_of_what_leaves import ENTER
from tests.access.probes_of_writing import FOREIGN_KEY

SIGNED_BY = "update exchange.orientation set acknowledged_at = now(), answered_by = $2 where id = $1 returning id"
REFUSE = (
    "update exchange.orientation set acknowledged_at = now(), refused_at = now(), refusal_reason = 'other',"
    " answered_by = (select access.me()) where id = $1 returning id"
)
CLOSE = "update exchange.orientation set closed_at = now() where id = $1 returning id"
READ = "select 1 from exchange.orientation_content where orientation_id = $1"


@probe
async def an_answer_is_signed_by_whoever_gives_it(scene: Scene) -> None:
    async with scene.as_("partner") as caller:
        for other in ("software", "partner_elsewhere", "worker", "officer"):
            await caller.is_refused(SIGNED_BY, scene.ids["sent_orientation"], scene.ids[other])
        assert await caller.sees(SIGNED_BY, scene.ids["sent_orientation"], scene.ids["partner"])
    async with scene.lane("answering") as caller:
        await caller.sees("select access.open_link($1)", scene.links["open"])
        await caller.is_refused(SIGNED_BY, scene.ids["linked_orientation"], scene.ids["worker"])
        await caller.is_refused(SIGNED_BY, scene.ids["linked_orientation"], scene.ids["partner"])


@probe
async def an_answer_does_not_tell_which_accounts_exist(scene: Scene) -> None:
    async with scene.as_("partner") as caller:
        assert await caller.sees(ANSWER, scene.ids["sent_orientation"])
        there, nowhere = ((scene.ids["sent_orientation"], account) for account in (scene.ids["officer"], uuid4()))
        await caller.cannot_tell(SIGNED_BY, there, nowhere)


@probe
async def a_requisition_enters_the_register_of_the_employer_of_its_post(scene: Scene) -> None:
    async with scene.as_("worker") as caller:
        values = (new_id(), scene.ids["post"], scene.ids["other_employer"], scene.ids["worker"])
        assert await caller.code_of(ENTER, *values) in (FOREIGN_KEY, REFUSED)


@probe
async def what_is_refused_or_closed_is_read_by_the_partner_no_more(scene: Scene) -> None:
    sent = scene.ids["sent_orientation"]
    async with scene.as_("partner") as caller:
        assert await caller.sees(READ, sent)
        assert await caller.sees(REFUSE, sent)
        await caller.sees_nothing(READ, sent)
        assert await caller.sees(READ, scene.ids["linked_orientation"]), "another content is closed with it"
    async with scene.as_("worker") as caller:
        assert await caller.sees(CLOSE, sent)
        closed = await caller.sees(f"{READ} and closed_at is not null", sent)
        assert closed == [1], "the content of a closed exchange stays open"
        await caller.is_refused("update exchange.orientation_content set closed_at = null")
