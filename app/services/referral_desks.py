"""One path, two desks: the referrals of the units (``referrals``) and those of the partners (``partner_referrals``).

What each audience sees is a view; an officer and a partner have one, their own side's. An act of the social worker
finds the desk by the identifier, which says nothing by itself: among the units' first, then among the partners'.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Uuid, select
from sqlmodel import SQLModel

from app.errors import FieldError, Invalid, NotFound
from app.models.exchange import PartnerReferral
from app.models.shared import Referral
from app.models.social import PartnerReferralHandling, ReferralHandling
from app.services import participations, partner_referrals, referrals
from app.statements import NewestFirst, columns, given
from app.transactions import Reading, Writing


@dataclass(frozen=True, eq=False)
class View:
    """How one audience sees the referrals of one desk: one of them, and the newest."""

    one: Any
    newest: NewestFirst


@dataclass(frozen=True, eq=False)
class Desk:
    """The acts of the social worker on the referrals of one kind, and where she keeps what she does of them."""

    known: Any
    handling: type[SQLModel]
    decide: Callable[..., Awaitable[Any]]
    answer: Callable[..., Awaitable[None]]
    source_of: Callable[[Reading, Any], Awaitable[str]]


def _known(table: type[SQLModel]) -> Any:
    return select(columns(table).id).where(columns(table).id == given("id", Uuid))


async def _source_of_unit(reading: Reading, referral: Any) -> str:
    return await participations.source_of(reading, referral["unit_id"])


TO_THE_UNIT = View(referrals.THE_UNIT_SEES, referrals.NEWEST_OF_THE_UNIT)
TO_THE_PARTNER = View(partner_referrals.THE_PARTNER_SEES, partner_referrals.NEWEST_OF_THE_PARTNER)
OF_UNITS_TO_THE_WORKER = View(referrals.THE_WORKER_SEES, referrals.NEWEST_FOR_THE_WORKER)
OF_PARTNERS_TO_THE_WORKER = View(partner_referrals.THE_WORKER_SEES, partner_referrals.NEWEST_FOR_THE_WORKER)

# By role, then by sender; the first is what is shown unless another is asked for.
VIEWS: Mapping[str, Mapping[str, View]] = {
    "police_officer": {"units": TO_THE_UNIT},
    "partner": {"partners": TO_THE_PARTNER},
    "social_worker": {"units": OF_UNITS_TO_THE_WORKER, "partners": OF_PARTNERS_TO_THE_WORKER},
}
SEND: Mapping[str, Callable[..., Awaitable[UUID]]] = {
    "police_officer": referrals.send,
    "partner": partner_referrals.send,
}
WITHDRAW = {"police_officer": referrals.withdraw, "partner": partner_referrals.withdraw}
DESKS = (
    Desk(_known(Referral), ReferralHandling, referrals.decide, referrals.answer_the_unit, _source_of_unit),
    Desk(
        _known(PartnerReferral),
        PartnerReferralHandling,
        partner_referrals.decide,
        partner_referrals.answer_the_partner,
        partner_referrals.source_of,
    ),
)


def view_asked(reading: Reading, *, sender: str | None, waiting: bool | None) -> View:
    """The view that the caller asks a page of; what waits, and from whom, is not a sender's to ask."""
    views = VIEWS[reading.actor.role]
    asked = {"?from": sender, "?waiting": waiting}
    unknown = [FieldError(place, "unknown_parameter") for place, said in asked.items() if said is not None]
    if len(views) == 1 and unknown:
        raise Invalid("unknown_parameter", *unknown)
    return views[sender or next(iter(views))]


async def show(reading: Reading, shapes: Mapping[View, type[BaseModel]], referral_id: UUID) -> bytes:
    """A referral as the caller sees it, in the shape of that view; ``NotFound`` when no view has it."""
    for view in VIEWS[reading.actor.role].values():
        with suppress(NotFound):
            return await reading.show(view.one, shapes[view], id=referral_id)
    raise NotFound


async def send(writing: Writing, **typed: Any) -> UUID:
    """A unit, or a partner, sends a person to the social worker. Returns the identifier of the referral."""
    return await SEND[writing.actor.role](writing, **typed)


async def withdraw(writing: Writing, referral_id: UUID) -> None:
    """The sender takes its referral back."""
    await WITHDRAW[writing.actor.role](writing, referral_id)


async def desk_of(reading: Reading, referral_id: UUID) -> Desk:
    """The desk that holds a referral of mine; ``NotFound`` when none does."""
    reading.about(referral_id, rows=0)
    for desk in DESKS:
        if await reading.seek_row(desk.known, id=referral_id) is not None:
            return desk
    raise NotFound


async def decide(writing: Writing, referral_id: UUID, **said: Any) -> None:
    """Redirect or reject, once; accepting opens a situation (``situations.open_from_referral``)."""
    await (await desk_of(writing, referral_id)).decide(writing, referral_id, **said)


async def answer(writing: Writing, referral_id: UUID, **said: Any) -> None:
    """Publish a closed code to whoever sent the referral."""
    await (await desk_of(writing, referral_id)).answer(writing, referral_id, **said)
