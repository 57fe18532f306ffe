"""Orientations on the partner's side: what was transmitted to it, and what it answers. Nothing else of the post."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, case, func, literal, or_, select

from app.errors import Conflict, Invalid
from app.models.exchange import OrientationContent, SentOrientation
from app.services.clock import PARIS, now, today
from app.services.sealing import Place, SealingKey, new_data_key, seal, unseal
from app.statements import columns, given, newest_first
from app.transactions import Reading, Writing

CONTENT = columns(OrientationContent)
SENT = columns(SentOrientation)

ANSWER: Any = case(
    (SENT.refused_at.is_not(None), literal("refused_by_partner")),
    (SENT.taken_up_at.is_not(None), literal("taken_up")),
    (SENT.acknowledged_at.is_not(None), literal("acknowledged")),
)
# The partner learns that the post no longer waits, not what the post then writes.
STATUS = case(
    (ANSWER.is_(None) & SENT.closed_at.is_not(None), literal("no_feedback")),
    else_=func.coalesce(ANSWER, literal("transmitted")),
)
# Who wrote and who answered stay between colleagues.
SHOWN = select(
    *(each for each in SENT if each.name not in ("partner_id", "sent_by", "answered_by")),
    STATUS.label("status"),
)
ONE = SHOWN.where(SENT.id == given("id", Uuid))
NEWEST = newest_first(
    SHOWN.where(or_(given("status", String).is_(None), given("status", String) == STATUS)),
    perimeter=SENT.partner_id,
    mine="my_partners",
    at=SENT.sent_at,
    key=SENT.id,
)
HELD = select(*SENT).where(SENT.id == given("id", Uuid)).with_for_update(key_share=True)
ITS_CONTENT = select(*CONTENT).where(CONTENT.orientation_id == given("id", Uuid))

NIL = UUID(int=0)


def _place(row: Mapping[str, Any]) -> Place:
    # The participation and the person's key are the post's: the partner's copy is bound to post and partner instead.
    return Place(
        table="exchange.orientation_content",
        row_id=row["orientation_id"],
        post_id=row["post_id"],
        participation_id=NIL,
        person_key_id=NIL,
        author_id=row["partner_id"],
        version=1,
    )


def sealed_content(sealing_key: SealingKey, sent: SentOrientation, said: Mapping[str, Any]) -> OrientationContent:
    """The partner's copy of what is sent, under a key of its own."""
    data_key = new_data_key()
    content = OrientationContent(
        orientation_id=sent.id,
        post_id=sent.post_id,
        partner_id=sent.partner_id,
        sealing_key_id=sealing_key.key_id,
        wrapped_key=sealing_key.wrap(data_key, bound_to=sent.id.bytes + sent.partner_id.bytes),
        sealed=b"",
    )
    text = json.dumps(said, ensure_ascii=False)
    content.sealed = seal(text, data_key=data_key, place=_place(dict(content)))
    return content


async def read(reading: Reading, sealing_key: SealingKey, orientation_id: UUID) -> dict[str, Any]:
    """An orientation addressed to my organisation, with the fields transmitted; ``NotFound`` otherwise.

    ``content`` is ``None`` when no field was transmitted, or once the exchange is closed.
    """
    reading.about(orientation_id)
    found = dict(await reading.row(ONE, id=orientation_id))
    return {**found, "content": await _content(reading, sealing_key, orientation_id)}


async def _content(reading: Reading, sealing_key: SealingKey, orientation_id: UUID) -> dict[str, Any] | None:
    row = await reading.seek_row(ITS_CONTENT, id=orientation_id)
    if row is None:
        return None
    data_key = sealing_key.unwrap(row["wrapped_key"], bound_to=row["orientation_id"].bytes + row["partner_id"].bytes)
    opened: dict[str, Any] = json.loads(unseal(row["sealed"], data_key=data_key, place=_place(row)))
    return opened


async def acknowledge(writing: Writing, orientation_id: UUID, *, by_link: bool = False) -> None:
    """The partner has read it."""
    exchange = await _held(writing, orientation_id)
    if exchange["acknowledged_at"] is not None:
        raise Conflict("orientation_already_acknowledged")
    await _answer(writing, orientation_id, {"acknowledged_at": now()}, by_link=by_link)


async def take_up(writing: Writing, orientation_id: UUID, *, by_link: bool = False) -> None:
    """The partner takes the person in charge; that it has read goes without saying."""
    exchange = await _held(writing, orientation_id)
    if exchange["taken_up_at"] is not None:
        raise Conflict("orientation_already_taken_up")
    at = now()
    answered = {"acknowledged_at": exchange["acknowledged_at"] or at, "taken_up_at": at}
    await _answer(writing, orientation_id, answered, by_link=by_link)


async def refuse(writing: Writing, orientation_id: UUID, *, refusal_reason: str, by_link: bool = False) -> None:
    """The partner refuses, and says why by a code."""
    exchange = await _held(writing, orientation_id)
    if exchange["taken_up_at"] is not None:
        raise Conflict("orientation_already_taken_up")
    at = now()
    answered = {
        "acknowledged_at": exchange["acknowledged_at"] or at,
        "refused_at": at,
        "refusal_reason": refusal_reason,
    }
    await _answer(writing, orientation_id, answered, by_link=by_link)


async def report_outcome(
    writing: Writing, orientation_id: UUID, *, outcome_code: str, outcome_on: date | None, by_link: bool = False
) -> None:
    """What became of the person, by a code; a later outcome replaces it."""
    exchange = await _held(writing, orientation_id)
    if exchange["taken_up_at"] is None:
        raise Conflict("orientation_not_taken_up")
    day = outcome_on or today()
    if day > today():
        raise Invalid("day_in_the_future", "/outcome_on")
    if day < exchange["sent_at"].astimezone(PARIS).date():
        raise Invalid("day_before_the_transmission", "/outcome_on")
    await _answer(writing, orientation_id, {"outcome_code": outcome_code, "outcome_on": day}, by_link=by_link)


async def _answer(writing: Writing, orientation_id: UUID, answered: dict[str, Any], *, by_link: bool) -> None:
    by = None if by_link else writing.actor.account_id
    await writing.change(SentOrientation, {**answered, "answered_by": by}, id=orientation_id)


async def _held(writing: Writing, orientation_id: UUID) -> Any:
    """The exchange, locked; 404 when it is not ours, 409 when it is refused or closed (row rules)."""
    writing.about(orientation_id)
    await writing.row(ONE, id=orientation_id)
    held = await writing.seek_row(HELD, id=orientation_id)
    if held is None:
        raise Conflict("orientation_closed_to_answers")
    return held
