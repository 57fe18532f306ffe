"""Orientations (vers un partenaire): proposed to a person, agreed or declined, transmitted, followed until relayed.

Two rows, two circles: the post's own (``social.orientation``), and what one partner sees and answers
(``exchange.orientation``), which exists only once something was lawfully transmitted. States: ``domain.md`` 2.4.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, and_, case, func, literal, or_, select

from app.errors import Conflict, FieldError, Invalid
from app.models.directory import Partner
from app.models.exchange import SentOrientation
from app.models.social import Orientation, Transmission
from app.nomenclature.terms import Term
from app.services import legal_bases, participations, sent_orientations, transmissions
from app.services.clock import now, today
from app.services.orientation_targets import (
    DESTINATION,
    TARGET_PARTNER,
    check_recipient,
    refuse_mediation,
    target_of,
)
from app.services.sealing import SealingKey
from app.statements import columns, given, newest_first
from app.transactions import Writing

ORIENTATION = columns(Orientation)
PARTNER = columns(Partner)
SENT = columns(SentOrientation)
TRANSMISSION = columns(Transmission)

# What the partner answered stands above what the post wrote, until the post gives up waiting.
STATUS = case(
    (ORIENTATION.status != literal("transmitted"), ORIENTATION.status),
    else_=func.coalesce(sent_orientations.ANSWER, ORIENTATION.status),
)
ITS_EXCHANGE = and_(SENT.post_id == ORIENTATION.post_id, SENT.id == ORIENTATION.id)

SHOWN = (
    select(
        *(each for each in ORIENTATION if each.name != "status"),
        STATUS.label("status"),
        PARTNER.name.label("partner_name"),
        TRANSMISSION.id.label("transmission_id"),
        SENT.reference,
        SENT.sent_at,
        SENT.acknowledged_at,
        SENT.taken_up_at,
        SENT.refused_at,
        SENT.refusal_reason,
        SENT.outcome_code,
        SENT.outcome_on,
        SENT.closed_at.label("exchange_closed_at"),
    )
    .outerjoin(SentOrientation, ITS_EXCHANGE)
    .outerjoin(Partner, PARTNER.id == ORIENTATION.partner_id)
    .outerjoin(
        Transmission, and_(TRANSMISSION.post_id == ORIENTATION.post_id, TRANSMISSION.orientation_id == ORIENTATION.id)
    )
)
ONE = SHOWN.where(ORIENTATION.id == given("id", Uuid))
OF_PARTICIPATION = SHOWN.where(ORIENTATION.participation_id == given("participation_id", Uuid)).order_by(
    ORIENTATION.proposed_on, ORIENTATION.id
)
NEWEST = newest_first(
    SHOWN.where(or_(given("status", String).is_(None), given("status", String) == STATUS)),
    perimeter=ORIENTATION.post_id,
    mine="my_posts",
    at=ORIENTATION.proposed_on,
    key=ORIENTATION.id,
)
HELD = select(*ORIENTATION).where(ORIENTATION.id == given("id", Uuid)).with_for_update(key_share=True)
# What a correction locks.
TABLE = Orientation

REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without the letters and digits that are mistaken for one another on the telephone."""


async def propose(writing: Writing, participation_id: UUID, *, proposed_on: date | None, **said: Any) -> UUID:
    """Propose a service, a partner or at least a category. Returns the identifier of the orientation."""
    context = await participations.of_open_situation(writing, participation_id)
    target = await target_of(writing, said)
    refuse_mediation(context, target, need_type=said["need_type"])
    row = Orientation(
        id=said["id"],
        post_id=context["post_id"],
        participation_id=participation_id,
        need_type=said["need_type"],
        status="proposed",
        proposed_on=_not_in_the_future(proposed_on, "/proposed_on"),
        proposed_by=writing.actor.account_id,
        recorded_at=now(),
        agreed_fields=[],
        **target.columns,
    )
    await writing.add(row)
    writing.subject = row.id
    return row.id


async def correct(writing: Writing, orientation_id: UUID, **said: Any) -> None:
    """Change where to, before anything was transmitted; anything else is another agreement."""
    orientation = await _held(writing, orientation_id, *BEFORE_SENDING)
    if not said:
        return
    context = await participations.of_open_situation(writing, orientation["participation_id"])
    # What is not said follows: a service has its partner, a partner its category; of another partner, no service.
    follows = {
        "partner_id": said.get("service_id") is not None,
        "service_id": "partner_id" in said,
        "partner_category": "partner_id" in said or "service_id" in said,
    }
    destination = {name: None if follows[name] else orientation[name] for name in DESTINATION} | said
    target = await target_of(writing, destination, otherwise=orientation["partner_category"])
    need_type = said.get("need_type", orientation["need_type"])
    refuse_mediation(context, target, need_type=need_type)
    changed = {**target.columns, "need_type": need_type}
    if any(changed[name] != orientation[name] for name in (*DESTINATION, "need_type")):
        # She agreed to that partner, for that need: her agreement to anything else is to be asked again.
        changed |= {"status": "proposed", "agreed_on": None, "agreed_fields": []}
    await writing.change(Orientation, changed, id=orientation_id)


BEFORE_SENDING = ("proposed", "agreed")


async def agree(writing: Writing, orientation_id: UUID, *, agreed_on: date | None, agreed_fields: list[str]) -> None:
    """The person agrees, and says which fields may be told; said again, it replaces what she had said."""
    orientation = await _held(writing, orientation_id, *BEFORE_SENDING)
    context = await participations.of_open_situation(writing, orientation["participation_id"])
    target = await target_of(writing, {name: orientation[name] for name in DESTINATION})
    refuse_mediation(context, target, need_type=orientation["need_type"])
    transmissions.check_fields(agreed_fields, to_a_partner=True, pointer="/agreed_fields")
    day = _after(orientation, agreed_on, "/agreed_on")
    await writing.change(
        Orientation, {"status": "agreed", "agreed_on": day, "agreed_fields": agreed_fields}, id=orientation_id
    )


async def decline(writing: Writing, orientation_id: UUID, *, declined_on: date | None) -> None:
    """The person declines; the orientation ends there."""
    orientation = await _held(writing, orientation_id, *BEFORE_SENDING)
    day = _after(orientation, declined_on, "/declined_on")
    changed = {"status": "declined_by_person", "declined_on": day, "agreed_on": None, "agreed_fields": []}
    await writing.change(Orientation, changed, id=orientation_id)


async def leave_to_the_person(writing: Writing, orientation_id: UUID, *, self_referred_on: date | None) -> None:
    """The person goes by herself: nothing is transmitted."""
    orientation = await _held(writing, orientation_id, *BEFORE_SENDING)
    day = _after(orientation, self_referred_on, "/self_referred_on")
    await writing.change(Orientation, {"status": "self_referred_by_person", "self_referred_on": day}, id=orientation_id)


async def transmit(
    writing: Writing,
    sealing_key: SealingKey,
    orientation_id: UUID,
    *,
    legal_basis: str,
    fields: list[str],
    message: str | None,
    person_informed: str,
) -> None:
    """Send to the partner exactly these fields, on this basis; the register keeps what was sent.

    On the person's agreement, only what she agreed to; on another basis, what the worker finds strictly necessary
    (L121-6-2, L226-2-2 CASF), of the closed list of fields in any case.
    """
    orientation = await _held(writing, orientation_id, *BEFORE_SENDING)
    context = await participations.of_open_situation(writing, orientation["participation_id"])
    if orientation["partner_id"] is None:
        raise Conflict("orientation_names_no_partner")
    basis = await legal_bases.check(
        writing,
        legal_basis,
        transmission_kind="orientation",
        post_id=context["post_id"],
        person_informed=person_informed,
    )
    transmissions.check_fields(fields, to_a_partner=True)
    if basis.says("rests_on_agreement"):
        _only_what_was_agreed(orientation, fields)
    name = await _check_where_to(writing, orientation, context, fields=fields, basis=basis)
    said = await transmissions.gather(
        writing, sealing_key, orientation["participation_id"], fields=fields, message=message
    )
    sent = SentOrientation(
        id=orientation_id,
        post_id=context["post_id"],
        partner_id=orientation["partner_id"],
        service_id=orientation["service_id"],
        reference=new_reference(),
        legal_basis=legal_basis,
        fields=list(said),
        person_informed=person_informed,
        sent_at=now(),
        sent_by=writing.actor.account_id,
    )
    await writing.add(sent)
    if said:
        await writing.add(sent_orientations.sealed_content(sealing_key, sent, said))
    writing.about(orientation_id)
    await transmissions.record(
        writing,
        sealing_key,
        context,
        transmission_kind="orientation",
        legal_basis=legal_basis,
        recipient=name,
        partner_id=orientation["partner_id"],
        said=said,
        person_informed=person_informed,
        agreed_on=orientation["agreed_on"] if basis.says("rests_on_agreement") else None,
        orientation_id=orientation_id,
    )
    await writing.change(Orientation, {"status": "transmitted"}, id=orientation_id)


async def _check_where_to(writing: Writing, orientation: Any, context: Any, *, fields: list[str], basis: Term) -> str:
    """The partner as the directory knows it today may be told this, on this basis. Returns its name."""
    partner = await writing.seek_row(TARGET_PARTNER, partner_id=orientation["partner_id"])
    if partner is None:
        raise Conflict("partner_no_longer_receives")
    if partner["partner_category"] != orientation["partner_category"]:
        raise Conflict("partner_has_changed")
    try:
        target = await target_of(writing, {name: orientation[name] for name in DESTINATION})
    except Invalid:
        raise Conflict("partner_no_longer_receives") from None
    refuse_mediation(context, target, need_type=orientation["need_type"])
    check_recipient(target, transmission_kind="orientation", fields=fields, basis=basis)
    name: str = partner["name"]
    return name


def _only_what_was_agreed(orientation: Any, fields: list[str]) -> None:
    if orientation["status"] != "agreed":
        raise Conflict("orientation_not_agreed")
    beyond = [
        FieldError(f"/fields/{number}", "field_not_agreed")
        for number, field in enumerate(fields)
        if field not in orientation["agreed_fields"]
    ]
    if beyond:
        raise Invalid(*beyond)


def new_reference() -> str:
    """A reference to say on the telephone: ``OR-7K3F-92QD``. It names nobody."""
    drawn = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return f"OR-{''.join(drawn[:4])}-{''.join(drawn[4:])}"


async def close(writing: Writing, orientation_id: UUID) -> None:
    """End the exchange: the partner no longer answers nor reads. Without a decision of hers, it is « sans retour »."""
    await _held(writing, orientation_id, "transmitted")
    exchange = await writing.row(sent_orientations.HELD, id=orientation_id)
    if exchange["closed_at"] is not None:
        raise Conflict("orientation_closed")
    await writing.change(SentOrientation, {"closed_at": now()}, id=orientation_id)
    if exchange["taken_up_at"] is None and exchange["refused_at"] is None:
        await writing.change(Orientation, {"status": "no_feedback", "closed_on": today()}, id=orientation_id)


async def _held(writing: Writing, orientation_id: UUID, *states: str) -> Any:
    """The orientation, locked, in one of these states of the post's own; 404, or 409."""
    writing.about(orientation_id, rows=0)
    orientation = await writing.row(HELD, id=orientation_id)
    if orientation["status"] not in states:
        raise Conflict(f"orientation_is_{orientation['status']}")
    return orientation


def _not_in_the_future(day: date | None, pointer: str) -> date:
    if day is not None and day > today():
        raise Invalid("day_in_the_future", pointer)
    return day or today()


def _after(orientation: Any, day: date | None, pointer: str) -> date:
    found = _not_in_the_future(day, pointer)
    if found < orientation["proposed_on"]:
        raise Invalid("day_before_the_proposal", pointer)
    return found
