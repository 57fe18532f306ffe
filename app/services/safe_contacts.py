"""Safe contacts: how to reach the person without putting her in danger. Sealed, versioned, replaced whole."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import NotFound
from app.models.confidential import PersonKey, SafeContact
from app.services import participations
from app.services.clock import now
from app.services.notes import key_of
from app.services.sealing import Place, SealingKey, seal, unseal
from app.statements import columns, given
from app.transactions import Reading, Writing

PERSON_KEY = columns(PersonKey)
SAFE_CONTACT = columns(SafeContact)

ONE = (
    select(*SAFE_CONTACT, PERSON_KEY.wrapped_key, PERSON_KEY.person_id)
    .join(PersonKey, PERSON_KEY.id == SAFE_CONTACT.person_key_id)
    .where(SAFE_CONTACT.participation_id == given("participation_id", Uuid))
)
HELD = (
    select(SAFE_CONTACT.version)
    .where(SAFE_CONTACT.participation_id == given("participation_id", Uuid))
    .with_for_update(key_share=True)
)


def _place(row: Any) -> Place:
    return Place(
        table="confidential.safe_contact",
        row_id=row["participation_id"],
        post_id=row["post_id"],
        participation_id=row["participation_id"],
        person_key_id=row["person_key_id"],
        author_id=row["changed_by"],
        version=row["version"],
    )


async def seek(reading: Reading, sealing_key: SealingKey, participation_id: UUID) -> dict[str, Any] | None:
    """The safe contact of a participation, opened, or ``None``; ``NotFound`` when the participation is not mine."""
    reading.about(participation_id, rows=0)
    await reading.row(participations.CONTEXT, id=participation_id)
    row = await reading.seek_row(ONE, participation_id=participation_id)
    if row is None:
        return None
    reading.row_count = 1
    data_key = sealing_key.unwrap(row["wrapped_key"], bound_to=row["person_key_id"].bytes + row["person_id"].bytes)
    said: dict[str, Any] = json.loads(unseal(row["sealed"], data_key=data_key, place=_place(row)))
    return {name: row[name] for name in ("participation_id", "version", "changed_by", "changed_at")} | said


async def read(reading: Reading, sealing_key: SealingKey, participation_id: UUID) -> dict[str, Any]:
    """The safe contact of a participation; ``NotFound`` when there is none."""
    found = await seek(reading, sealing_key, participation_id)
    if found is None:
        raise NotFound
    return found


async def hold(writing: Writing, participation_id: UUID) -> None:
    """Lock the safe contact, so that two corrections follow one another."""
    await writing.seek_row(HELD, participation_id=participation_id)


async def replace(
    writing: Writing, sealing_key: SealingKey, participation_id: UUID, *, version: int, **said: Any
) -> dict[str, Any]:
    """Seal the safe contact as its ``version``-th. Returns it, opened."""
    context = await participations.of_open_situation(writing, participation_id)
    key_id, data_key = await key_of(writing, sealing_key, post_id=context["post_id"], person_id=context["person_id"])
    row = SafeContact(
        participation_id=participation_id,
        post_id=context["post_id"],
        person_key_id=key_id,
        version=version,
        changed_by=writing.actor.account_id,
        changed_at=now(),
        sealed=b"",
    )
    row.sealed = seal(json.dumps(said), data_key=data_key, place=_place(dict(row)))
    if version == 1:
        await writing.add(row)
    else:
        changed = {name: getattr(row, name) for name in ("version", "changed_by", "changed_at", "sealed")}
        await writing.change(SafeContact, changed, participation_id=participation_id)
    names = ("participation_id", "version", "changed_by", "changed_at")
    return {name: getattr(row, name) for name in names} | said
