"""Answer links: a partner without an account answers a reference, once. No name on either side."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import Conflict, Invalid, NotFound
from app.models.exchange import AnswerLink, SentOrientation
from app.services import orientations, sent_orientations
from app.services.clock import now
from app.services.posts_in_charge import check_held
from app.services.told_once import token_digest
from app.statements import columns, given
from app.transactions import Reading, Writing

LINK = columns(AnswerLink)
SENT = columns(SentOrientation)

LINK_COLUMNS: tuple[Any, ...] = (
    LINK.id,
    LINK.orientation_id,
    LINK.created_at,
    LINK.expires_at,
    LINK.used_at,
    LINK.revoked_at,
)
_links = select(*LINK_COLUMNS).where(LINK.orientation_id == given("orientation_id", Uuid))
LINKS = _links.order_by(LINK.id)
ONE_LINK = _links.where(LINK.id == given("id", Uuid))

# Row rules leave one row to see: the orientation of the link that was opened.
LINKED = select(
    SENT.id.label("orientation_id"),
    SENT.reference,
    SENT.sent_at,
    sent_orientations.STATUS.label("status"),
).select_from(SentOrientation)


async def make(writing: Writing, orientation_id: UUID, *, id: UUID, days: int) -> dict[str, Any]:
    """A link for an orientation that still waits. Its path holds the token, which is told once."""
    writing.about(orientation_id)
    orientation = await writing.row(orientations.ONE, id=orientation_id)
    await check_held(writing, orientation["post_id"])
    if orientation["sent_at"] is None:
        raise Conflict("orientation_not_transmitted")
    if orientation["exchange_closed_at"] is not None or orientation["refused_at"] is not None:
        raise Conflict("orientation_closed_to_answers")
    token = secrets.token_urlsafe(32)
    made_at = now()
    link = AnswerLink(
        id=id,
        post_id=orientation["post_id"],
        orientation_id=orientation_id,
        token_hash=token_digest(token),
        created_by=writing.actor.account_id,
        created_at=made_at,
        expires_at=made_at + timedelta(days=days),
    )
    await writing.add(link)
    return {**await writing.row(ONE_LINK, orientation_id=orientation_id, id=link.id), "path": f"/v1/answers/{token}"}


async def list_of_orientation(reading: Reading, orientation_id: UUID, schema: Any) -> bytes:
    """The links of an orientation of my posts, as JSON."""
    reading.about(orientation_id, rows=0)
    await reading.row(orientations.ONE, id=orientation_id)
    return await reading.show_all(LINKS, schema, orientation_id=orientation_id)


async def revoke(writing: Writing, orientation_id: UUID, link_id: UUID) -> None:
    """The link serves no more; one that has served, or is revoked, stays as it is (409)."""
    writing.about(orientation_id)
    # An answer locks the exchange before it spends its link: revoked and answered at the same instant, it is one or
    # the other.
    await writing.row(sent_orientations.HELD, id=orientation_id)
    link = await writing.row(ONE_LINK, orientation_id=orientation_id, id=link_id)
    if link["used_at"] is not None or link["revoked_at"] is not None:
        raise Conflict("answer_link_already_over")
    await writing.change(AnswerLink, {"revoked_at": now()}, id=link_id)


async def read(reading: Reading) -> dict[str, Any]:
    """What the holder of a link sees: a reference, no name."""
    return _shown(await _linked(reading))


async def _linked(reading: Reading) -> Any:
    row = await reading.seek_row(LINKED)
    if row is None:  # the post has closed the exchange: as if the link had never been
        raise NotFound("answer_link_over")
    return row


def _shown(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "orientation_id"}


async def answer(
    writing: Writing,
    *,
    answer: str,
    refusal_reason: str | None,
    outcome_code: str | None,
    outcome_on: date | None,
) -> dict[str, Any]:
    """One answer; the link is spent with it. ``Invalid`` when the reason or the outcome does not go with it."""
    if (answer == "refuse") != (refusal_reason is not None):
        raise Invalid("refusal_and_its_reason_together", "/refusal_reason")
    if (answer == "report_outcome") != (outcome_code is not None):
        raise Invalid("outcome_and_its_code_together", "/outcome_code")
    orientation_id = (await _linked(writing))["orientation_id"]
    if answer == "acknowledge":
        await sent_orientations.acknowledge(writing, orientation_id, by_link=True)
    elif answer == "take_up":
        await sent_orientations.take_up(writing, orientation_id, by_link=True)
    elif refusal_reason is not None:
        await sent_orientations.refuse(writing, orientation_id, refusal_reason=refusal_reason, by_link=True)
    elif outcome_code is not None:
        await sent_orientations.report_outcome(
            writing, orientation_id, outcome_code=outcome_code, outcome_on=outcome_on, by_link=True
        )
    return _shown(await _linked(writing))
