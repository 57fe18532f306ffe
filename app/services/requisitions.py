"""Judicial requisitions: a register without identity, answered by an export of exact scope, never by an access.

Articles 60-1, 77-1-1 and 99-3 of the code of criminal procedure (``disclosure.md`` section 3).
"""

from __future__ import annotations

import base64
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import Conflict, FieldError, Invalid
from app.models.employer import Requisition
from app.nomenclature.terms import term
from app.services import participations, transmissions
from app.services.clock import now, today
from app.services.legal_bases import EMPLOYER_OF_POST
from app.services.posts_in_charge import post_in_charge
from app.services.sealed_archives import sealed_archive
from app.services.sealing import SealingKey
from app.statements import NewestFirst, columns, given, newest_first, newest_first_everywhere
from app.transactions import Reading, Writing

REQUISITION = columns(Requisition)

SHOWN = select(*REQUISITION)
ONE = SHOWN.where(REQUISITION.id == given("id", Uuid))
HELD = ONE.with_for_update(key_share=True)

_RECORDED: dict[str, Any] = {"at": REQUISITION.recorded_at, "key": REQUISITION.id}
# The register as each of those who keep it pages it: of her posts, of an employer, of everywhere.
NEWEST = {
    "social_worker": newest_first(SHOWN, perimeter=REQUISITION.post_id, mine="my_posts", **_RECORDED),
    "coordinator": newest_first(SHOWN, perimeter=REQUISITION.employer_id, mine="my_employers", **_RECORDED),
    "dpo": newest_first_everywhere(SHOWN, **_RECORDED),
}

# What an answer to a requisition is in the register of transmissions, and on what it rests: nothing else may.
KIND = term("transmission_kind", "requisition")
LEGAL_BASIS = term("sharing_legal_basis", "judicial_requisition")


def newest_for(reading: Reading) -> NewestFirst:
    """The register, newest first, as the caller's role pages it."""
    return NEWEST[reading.actor.role]


async def record(writing: Writing, *, post_id: UUID | None, received_on: date, **said: Any) -> UUID:
    """Enter a requisition that the post has received. Returns its identifier."""
    if received_on > today():
        raise Invalid("day_in_the_future", "/received_on")
    post = await post_in_charge(writing, post_id=post_id)
    row = Requisition(
        post_id=post,
        employer_id=(await writing.row(EMPLOYER_OF_POST, post_id=post))["id"],
        received_on=received_on,
        recorded_by=writing.actor.account_id,
        recorded_at=now(),
        **said,
    )
    await writing.add(row)
    writing.about(row.id)
    return row.id


async def decide(
    writing: Writing,
    requisition_id: UUID,
    *,
    decision: str,
    decided_on: date | None,
    decision_grounds: str | None,
    decided_fields: list[str],
) -> None:
    """Decide, once, what is done of it, and the exact scope when something is handed over. 409 when done already."""
    requisition = await _held(writing, requisition_id)
    if requisition["decision"] is not None:
        raise Conflict("requisition_already_decided")
    day = decided_on or today()
    if day > today():
        raise Invalid("day_in_the_future", "/decided_on")
    if day < requisition["received_on"]:
        raise Invalid("requisition_decided_before_it_is_received", "/decided_on")
    if term("requisition_decision", decision).says("allows_handing_over") != bool(decided_fields):
        raise Invalid("scope_of_the_decision", "/decided_fields")
    transmissions.check_fields(decided_fields, to_a_partner=False, pointer="/decided_fields")
    decided = {
        "decision": decision,
        "decided_on": day,
        "decision_grounds": decision_grounds,
        "decided_fields": decided_fields or None,
    }
    await writing.change(Requisition, decided, id=requisition_id)


async def hand_over(
    writing: Writing,
    sealing_key: SealingKey,
    requisition_id: UUID,
    *,
    participation_id: UUID,
    fields: list[str],
    message: str | None,
    person_informed: str,
) -> dict[str, Any]:
    """Answer, once, by exactly these fields of one file; a closed situation too may be asked for.

    Returns the line of the register, the transmission, the archive and its passphrase. Neither of the last two is
    kept: what left stands, sealed, in the register of transmissions.
    """
    requisition = await _to_hand_over(writing, requisition_id)
    context = await writing.seek_row(participations.CONTEXT, id=participation_id)
    if context is None or context["post_id"] != requisition["post_id"]:
        raise Invalid("participation_expected", "/participation_id")
    transmissions.check_fields(fields, to_a_partner=False)
    if beyond := [number for number, field in enumerate(fields) if field not in requisition["decided_fields"]]:
        raise Invalid(*(FieldError(f"/fields/{number}", "field_beyond_the_decision") for number in beyond))
    said = await transmissions.gather(writing, sealing_key, participation_id, fields=fields, message=message)
    transmission_id = await transmissions.record(
        writing,
        sealing_key,
        context,
        transmission_kind=KIND.code,
        legal_basis=LEGAL_BASIS.code,
        recipient=requisition["requested_by"],
        said=said,
        person_informed=person_informed,
        requisition_id=requisition_id,
    )
    at = now()
    archive = sealed_archive(
        {
            "requisition_id": str(requisition_id),
            "requisition_number": requisition["requisition_number"],
            "requisition_basis": requisition["requisition_basis"],
            "handed_over_at": at.isoformat(),
        },
        said,
    )
    handed_over = {
        "handed_over_fields": list(said),
        "handed_over_at": at,
        "handed_over_sha256": archive.sha256,
    }
    await writing.change(Requisition, handed_over, id=requisition_id)
    return {
        "requisition": dict(requisition) | handed_over,
        "transmission_id": transmission_id,
        "archive_base64": base64.b64encode(archive.content).decode(),
        "passphrase": archive.passphrase,
        "sha256": archive.sha256,
    }


async def _to_hand_over(writing: Writing, requisition_id: UUID) -> Any:
    requisition = await _held(writing, requisition_id)
    if requisition["decision"] is None:
        raise Conflict("requisition_not_decided")
    if not term("requisition_decision", requisition["decision"]).says("allows_handing_over"):
        raise Conflict("requisition_refused")
    if requisition["handed_over_at"] is not None:
        raise Conflict("requisition_already_handed_over")
    return requisition


async def _held(writing: Writing, requisition_id: UUID) -> Any:
    # Locked: of two hands that decide, or hand over, at the same instant, the second is told so.
    writing.about(requisition_id)
    return await writing.row(HELD, id=requisition_id)
