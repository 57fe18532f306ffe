"""What the one who leaves writes for the one who arrives: sealed like a note, one person in one situation at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select

from app.models.confidential import HandoverSummary, PersonKey
from app.models.employer import Handover
from app.services.clock import now
from app.services.notes import key_of
from app.services.sealing import Place, SealingKey, seal, unseal
from app.statements import columns, given
from app.transactions import Reading, Writing

HANDOVER = columns(Handover)
PERSON_KEY = columns(PersonKey)
SUMMARY = columns(HandoverSummary)

KNOWN = select(HANDOVER.id).where(HANDOVER.id == given("id", Uuid))
OF_HANDOVER = (
    select(*SUMMARY, PERSON_KEY.wrapped_key, PERSON_KEY.person_id)
    .join(PersonKey, PERSON_KEY.id == SUMMARY.person_key_id)
    .where(SUMMARY.handover_id == given("handover_id", Uuid))
    .order_by(SUMMARY.participation_id)
)


def _place(row: Any) -> Place:
    return Place(
        table="confidential.handover_summary",
        row_id=row["handover_id"],
        post_id=row["post_id"],
        participation_id=row["participation_id"],
        person_key_id=row["person_key_id"],
        author_id=row["author_id"],
        version=1,
    )


async def write(
    writing: Writing,
    sealing_key: SealingKey,
    *,
    handover_id: UUID,
    post_id: UUID,
    texts: Mapping[UUID, str],
    followed: Mapping[UUID, Any],
) -> None:
    """Seal one summary for each participation of ``texts``, with the key of its person."""
    keys: dict[UUID, tuple[UUID, bytes]] = {}
    rows = []
    for participation_id, text in texts.items():
        person_id, wrapped = (followed[participation_id][name] for name in ("person_id", "wrapped_key"))
        if person_id not in keys and wrapped is not None:
            key_id: UUID = followed[participation_id]["person_key_id"]
            keys[person_id] = key_id, sealing_key.unwrap(wrapped, bound_to=key_id.bytes + person_id.bytes)
        if person_id not in keys:
            keys[person_id] = await key_of(writing, sealing_key, post_id=post_id, person_id=person_id)
        key_id, data_key = keys[person_id]
        row = HandoverSummary(
            handover_id=handover_id,
            post_id=post_id,
            participation_id=participation_id,
            person_key_id=key_id,
            author_id=writing.actor.account_id,
            written_at=now(),
            sealed=b"",
        )
        row.sealed = seal(text, data_key=data_key, place=_place(dict(row)))
        rows.append(row)
    await writing.add_all(rows)


async def read(reading: Reading, sealing_key: SealingKey, handover_id: UUID) -> Sequence[dict[str, Any]]:
    """Open the summaries that I wrote, or that an approved handover gives me; none for whoever else sees it."""
    reading.about(handover_id, rows=0)
    await reading.row(KNOWN, id=handover_id)
    summaries = []
    for row in await reading.rows(OF_HANDOVER, handover_id=handover_id):
        # Should a seal be broken, the trace names that participation.
        reading.subject = row["participation_id"]
        bound_to = row["person_key_id"].bytes + row["person_id"].bytes
        data_key = sealing_key.unwrap(row["wrapped_key"], bound_to=bound_to)
        shown = {name: row[name] for name in ("participation_id", "author_id", "written_at")}
        summaries.append({**shown, "text": unseal(row["sealed"], data_key=data_key, place=_place(row))})
    reading.subject = handover_id
    return summaries
