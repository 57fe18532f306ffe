"""Handovers: who leaves proposes, the employer approves without knowing who is followed, who arrives receives.

Notes go along only where their author chose it; elsewhere she writes a summary (domain 2.5). What a handover opens is
in ``access.notes_shared_with_me()`` and ``access.handovers_to_me()``: nothing before it is approved and begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ARRAY, Date, Uuid, and_, func, literal, literal_column, or_, select

from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models.confidential import Note, NoteShare, PersonKey
from app.models.employer import Handover
from app.models.social import HandoverItem, Participation, Situation
from app.services import handover_summaries
from app.services.clock import now, today
from app.services.legal_bases import EMPLOYER_OF_POST
from app.services.posts_in_charge import post_in_charge
from app.services.sealing import SealingKey
from app.statements import NewestFirst, columns, given, newest_first, newest_first_everywhere
from app.transactions import Reading, Writing

HANDOVER = columns(Handover)
ITEM = columns(HandoverItem)
NOTE = columns(Note)
PARTICIPATION = columns(Participation)
PERSON_KEY = columns(PersonKey)
SITUATION = columns(Situation)

SHOWN = select(*HANDOVER)
WITHOUT_ITEMS = SHOWN.where(HANDOVER.id == given("id", Uuid))
HELD = WITHOUT_ITEMS.with_for_update(key_share=True)
_items = (
    select(ITEM.participation_id, ITEM.notes_go_along)
    .where(ITEM.post_id == HANDOVER.post_id, ITEM.handover_id == HANDOVER.id)
    .order_by(ITEM.participation_id)
    .correlate(Handover)
    .subquery("i")
)
WITH_ITEMS = WITHOUT_ITEMS.add_columns(
    select(func.coalesce(func.json_agg(func.row_to_json(literal_column("i"))), literal_column("'[]'::json")))
    .select_from(_items)
    .scalar_subquery()
    .label("participations")
)
# The employer's lane has no right on what is handed over, and its statement does not ask.
ONE = {"social_worker": WITH_ITEMS, "coordinator": WITHOUT_ITEMS, "dpo": WITHOUT_ITEMS}

_proposed: dict[str, Any] = {"at": HANDOVER.proposed_at, "key": HANDOVER.id}
# Who left a post still sees the handovers she made: a worker's have no perimeter in common.
NEWEST = {
    "social_worker": newest_first_everywhere(SHOWN, **_proposed),
    "coordinator": newest_first(SHOWN, perimeter=HANDOVER.employer_id, mine="my_employers", **_proposed),
    "dpo": newest_first_everywhere(SHOWN, **_proposed),
}

TAKES_OVER = select(
    func.access.takes_over_my_post(given("successor", Uuid), given("post_id", Uuid), given("from_on", Date)).label(
        "does"
    )
)
_listed: Any = given("listed", ARRAY(Uuid()))
# What is still followed on the post, and what is listed besides; with the key of each person, if she has one.
FOLLOWED = (
    select(
        PARTICIPATION.id,
        PARTICIPATION.situation_id,
        PARTICIPATION.person_id,
        (SITUATION.status != literal("closed")).label("must_be_listed"),
        PERSON_KEY.id.label("person_key_id"),
        PERSON_KEY.wrapped_key,
    )
    .join(Situation, SITUATION.id == PARTICIPATION.situation_id)
    .outerjoin(
        PersonKey, and_(PERSON_KEY.post_id == PARTICIPATION.post_id, PERSON_KEY.person_id == PARTICIPATION.person_id)
    )
    .where(
        PARTICIPATION.post_id == given("post_id", Uuid),
        or_(SITUATION.status != literal("closed"), PARTICIPATION.id == func.any(_listed)),
    )
    .order_by(PARTICIPATION.id)
)
MY_NOTES = select(NOTE.id, NOTE.participation_id).where(
    NOTE.post_id == given("post_id", Uuid),
    NOTE.author_id == given("author_id", Uuid),
    NOTE.participation_id == func.any(_listed),
)


def newest_for(reading: Reading) -> NewestFirst:
    """The handovers, newest first, as the caller's role pages them."""
    return NEWEST[reading.actor.role]


async def show(reading: Reading, shapes: Mapping[Any, type[BaseModel]], handover_id: UUID) -> bytes:
    """A handover as the caller sees it: the social workers, with what is handed over; the others, without."""
    view = ONE[reading.actor.role]
    return await reading.show(view, shapes[view], id=handover_id)


async def propose(
    writing: Writing,
    sealing_key: SealingKey,
    *,
    id: UUID,
    post_id: UUID | None,
    to_account_id: UUID,
    handover_motive: str,
    starts_on: date,
    ends_on: date | None,
    participations: list[dict[str, Any]],
) -> UUID:
    """Who leaves says to whom the post goes, and what goes along, participation by participation."""
    if starts_on < today():
        raise Invalid("day_today_or_later_expected", "/starts_on")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("end_before_start", "/ends_on")
    me = writing.actor.account_id
    post = await post_in_charge(writing, post_id=post_id)
    takes_over = await writing.row(TAKES_OVER, successor=to_account_id, post_id=post, from_on=starts_on)
    if to_account_id == me or not takes_over["does"]:
        raise Invalid("successor_of_the_post_expected", "/to_account_id")
    listed = [said["participation_id"] for said in participations]
    followed = {row["id"]: row for row in await writing.rows(FOLLOWED, post_id=post, listed=listed)}
    notes = await writing.rows(MY_NOTES, post_id=post, author_id=me, listed=listed)
    _check_list(participations, followed)
    _check_summaries(participations, {note["participation_id"] for note in notes})
    handover = Handover(
        id=id,
        employer_id=(await writing.row(EMPLOYER_OF_POST, post_id=post))["id"],
        post_id=post,
        from_account_id=me,
        to_account_id=to_account_id,
        handover_motive=handover_motive,
        starts_on=starts_on,
        ends_on=ends_on,
        situations=len({followed[each]["situation_id"] for each in listed}),
        proposed_by=me,
        proposed_at=now(),
    )
    await writing.add(handover)
    writing.about(handover.id, rows=len(listed))
    going = {said["participation_id"] for said in participations if said["notes_go_along"]}
    await writing.add_all(
        [
            HandoverItem(handover_id=handover.id, post_id=post, participation_id=each, notes_go_along=each in going)
            for each in listed
        ]
    )
    texts = {said["participation_id"]: said["summary"] for said in participations if said["summary"] is not None}
    await handover_summaries.write(
        writing, sealing_key, handover_id=handover.id, post_id=post, texts=texts, followed=followed
    )
    await writing.add_all(
        [
            NoteShare(
                post_id=post,
                note_id=note["id"],
                shared_by=me,
                shared_with=to_account_id,
                shared_at=handover.proposed_at,
                handover_id=handover.id,
            )
            for note in notes
            if note["participation_id"] in going
        ]
    )
    return handover.id


async def approve(writing: Writing, handover_id: UUID) -> None:
    """The employer approves, once: what goes along opens to the successor from the first day on."""
    handover = await _held(writing, handover_id)
    if writing.actor.account_id in (handover["from_account_id"], handover["to_account_id"]):
        raise Conflict("approval_by_another_person")
    _check_waits(handover)
    if handover["ends_on"] is not None and handover["ends_on"] < today():
        raise Conflict("handover_over")
    await writing.change(Handover, {"approved_by": writing.actor.account_id, "approved_at": now()}, id=handover_id)


async def cancel(writing: Writing, handover_id: UUID) -> None:
    """Its author gives it up, as long as it is not approved; the notes that were to go along stay hers."""
    # Named first: a handover of others and one that never was leave the same trace.
    writing.about(handover_id)
    handover = await writing.row(WITHOUT_ITEMS, id=handover_id)
    if handover["from_account_id"] != writing.actor.account_id:
        raise NotFound
    _check_waits(handover)
    # Row rules let nobody take one that has just been approved.
    held = await writing.seek_row(HELD, id=handover_id)
    if held is None:
        raise Conflict("already_approved")
    _check_waits(held)
    await writing.change(Handover, {"cancelled_at": now()}, id=handover_id)
    # None went along, or she left the post meanwhile: nothing to end, and nothing is open.
    with suppress(NotFound):
        await writing.change(NoteShare, {"ended_at": now()}, handover_id=handover_id)


async def _held(writing: Writing, handover_id: UUID) -> Any:
    writing.about(handover_id)
    return await writing.row(HELD, id=handover_id)


def _check_waits(handover: Any) -> None:
    if handover["cancelled_at"] is not None:
        raise Conflict("handover_cancelled")
    if handover["approved_at"] is not None:
        raise Conflict("already_approved")


def _check_list(participations: list[dict[str, Any]], followed: Mapping[UUID, Any]) -> None:
    faults, seen = [], set()
    for number, said in enumerate(participations):
        each = said["participation_id"]
        if each not in followed or each in seen:
            code = "listed_twice" if each in seen else "participation_expected"
            faults.append(FieldError(f"/participations/{number}/participation_id", code))
        seen.add(each)
    # An error says no datum, not even an identifier: the list of situations tells her which.
    if any(row["must_be_listed"] and each not in seen for each, row in followed.items()):
        faults.append(FieldError("/participations", "participation_not_listed"))
    if faults:
        raise Invalid(*faults)


def _check_summaries(participations: list[dict[str, Any]], written: set[UUID]) -> None:
    faults = [
        FieldError(f"/participations/{number}/summary", "handover_summary_expected")
        for number, said in enumerate(participations)
        if said["participation_id"] in written and not said["notes_go_along"] and said["summary"] is None
    ]
    if faults:
        raise Invalid(*faults)
