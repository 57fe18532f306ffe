"""Who replaces whom and who takes over from whom, in each state; and the agreements to visits at home."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.models.columns import new_id


class Replacement(NamedTuple):
    """Whose, of which post, from and until which day from today, approved or not, ended or not."""

    by: str
    of: str = "far_post"
    employer: str = "other_employer"
    first: int = -1
    last: int = 5
    approved_by: str | None = "coordinator_elsewhere"
    ended: bool = False


class Handover(NamedTuple):
    """Of which post, from whom to whom, approved or not, cancelled or not."""

    of: str
    employer: str
    giver: str
    taker: str
    approved_by: str | None
    cancelled: bool = False


REPLACEMENTS = {
    "replacement": Replacement("replacing"),
    "replacement_ended": Replacement("ended_replacement", ended=True),
    "replacement_unapproved": Replacement("unapproved_replacement", approved_by=None),
    "replacement_of_tomorrow": Replacement("future_replacement", first=1),
    "replacement_over": Replacement("past_replacement", first=-9, last=-1),
    # Asked by somebody who left meanwhile.
    "waiting_replacement": Replacement("gone_worker", "shared_post", "employer", approved_by=None),
}
HANDOVERS = {
    "handover": Handover("post", "employer", "worker", "successor", "coordinator"),
    "waiting_handover": Handover("post", "employer", "worker", "colleague", None),
    "cancelled_handover": Handover(
        "far_post", "other_employer", "worker_elsewhere", "far_successor", "coordinator_elsewhere", cancelled=True
    ),
}
"""Each hands over one participation, with one note and one summary, written by whoever leaves."""


async def who_takes_over(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """Replacements, handovers with their notes and summaries, agreements to visits."""
    for name, said in REPLACEMENTS.items():
        ids[name] = new_id()
        await connection.execute(
            "insert into employer.replacement select $1, $2, $3, $4, (select min(code) from"
            " nomenclature.replacement_reason), access.today() + $5::integer, access.today() + $6::integer, $4,"
            " now() - interval '2 days', $7::uuid, case when $7 is not null then now() end,"
            " case when $8 then now() end",
            ids[name], ids[said.employer], ids[said.of], ids[said.by], said.first, said.last,
            ids.get(said.approved_by or ""), said.ended,
        )  # fmt: skip
    for name, handed in HANDOVERS.items():
        await _handover(connection, ids, name, handed)
    await _what_the_replaced_post_also_keeps(connection, ids)
    for name, of, employer, by in (
        ("home_visit", "post", "employer", "worker"),
        ("far_home_visit", "far_post", "other_employer", "worker_elsewhere"),
    ):
        ids[name] = new_id()
        await connection.execute(
            "insert into employer.home_visit_agreement values ($1, $2, $3, current_date + 3, 'Chartres', $4, now())",
            ids[name], ids[employer], ids[of], ids[by],
        )  # fmt: skip


async def _handover(connection: asyncpg.Connection, ids: dict[str, UUID], name: str, said: Handover) -> None:
    prefix = said.of.removesuffix("post")
    where = (ids[said.of], ids[f"{prefix}participation"])
    ids |= {each: new_id() for each in (name, f"note_of_{name}", f"share_of_{name}")}
    await connection.execute(
        "insert into employer.handover select $1, $2, $3, $4, $5, (select min(code) from"
        " nomenclature.handover_motive), access.today(), null, 1, $4, now() - interval '2 days', $6::uuid,"
        " case when $6 is not null then now() end, case when $7 then now() end",
        ids[name], ids[said.employer], ids[said.of], ids[said.giver], ids[said.taker],
        ids.get(said.approved_by or ""), said.cancelled,
    )  # fmt: skip
    await connection.execute("insert into social.handover_item values ($1, $2, $3, true)", ids[name], *where)
    await connection.execute(
        "insert into confidential.handover_summary values ($1, $2, $3, $4, $5, now(), $6)",
        ids[name], *where, ids[f"{prefix}key"], ids[said.giver], bytes(300),
    )  # fmt: skip
    await connection.execute(
        "insert into confidential.note values ($1, $2, $3, $4, $5, null, now(), $6)",
        ids[f"note_of_{name}"], *where, ids[f"{prefix}key"], ids[said.giver], bytes(300),
    )  # fmt: skip
    await connection.execute(
        "insert into confidential.note_share (id, post_id, note_id, shared_by, shared_with, shared_at, handover_id)"
        " values ($1, $2, $3, $4, $5, now(), $6)",
        ids[f"share_of_{name}"], where[0], ids[f"note_of_{name}"], ids[said.giver], ids[said.taker], ids[name],
    )  # fmt: skip


async def _what_the_replaced_post_also_keeps(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    """One row at least in each table that a worker writes: to a replacement, none may move."""
    ids |= {name: new_id() for name in ("far_need", "far_relative", "far_household_link", "far_handled_referral")}
    where = (ids["far_post"], ids["far_participation"])
    await connection.execute(
        "insert into social.need values ($1, $2, $3, 'housing', current_date)", ids["far_need"], *where
    )
    await connection.execute(
        "insert into social.person (id, post_id, last_name, sex, recorded_at) values ($1, $2, 'Cadet', 'male', now())",
        ids["far_relative"], where[0],
    )  # fmt: skip
    await connection.execute(
        "insert into social.household_link values ($1, $2, $3, $4, 'child')",
        ids["far_household_link"], where[0], ids["far_person"], ids["far_relative"],
    )  # fmt: skip
    await connection.execute(
        "insert into confidential.safe_contact values ($1, $2, $3, 1, $4, now(), $5)",
        where[1], where[0], ids["far_key"], ids["worker_elsewhere"], bytes(300),
    )  # fmt: skip
    await connection.execute(
        "insert into shared.referral"
        " (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency, contact_consent)"
        " select $1, unit_id, sent_by, sent_at, 'Lointain', person_status, document_type, urgency, contact_consent"
        "   from shared.referral where id = $2",
        ids["far_handled_referral"], ids["far_referral"],
    )  # fmt: skip
    await connection.execute(
        "insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by)"
        " values ($1, $2, $3, now(), $4)",
        ids["far_handled_referral"], ids["faraway"], where[0], ids["worker_elsewhere"],
    )  # fmt: skip
