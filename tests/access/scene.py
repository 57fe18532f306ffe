"""The scene that probes look at: a referral, a situation, notes, shares and safe contacts, made over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from app.models.columns import new_id
from tests.access.probes import Scene
from tests.access.scene_of_exchange import what_others_exchange, work_of_exchange
from tests.access.scene_of_handovers import who_takes_over
from tests.access.scene_of_identity import IDENTITIES, opened_session, who_is_proposed
from tests.access.scene_of_notifications import what_is_told
from tests.access.scene_of_statistics import what_is_published, work_of_statistics
from tests.house_for_tests import PARTNERS, PEOPLE, SERVED, UNITS, House, Town, settings_for

# name: (role of the account, role of the session, where posted, first day from today, last day from today or None)
SPECIAL: dict[str, tuple[str, str, str | None, int, int | None]] = {
    "former_officer": ("police_officer", "police_officer", "north", -90, -1),
    "future_officer": ("police_officer", "police_officer", "north", 1, None),
    "officer_of_a_partner": ("police_officer", "police_officer", "ccas", -90, None),
    "third_worker": ("social_worker", "social_worker", "shared_post", -90, None),
    "former_worker": ("social_worker", "social_worker", "shared_post", -90, -1),
    "future_worker": ("social_worker", "social_worker", "shared_post", 1, None),
    "gone_worker": ("social_worker", "social_worker", "shared_post", -90, None),
    "promoted": ("police_officer", "social_worker", "shared_post", -90, None),
    "former_partner": ("partner", "partner", "ccas", -90, -1),
    "future_partner": ("partner", "partner", "ccas", 1, None),
    "gone_partner": ("partner", "partner", "ccas", -90, None),
    "partner_in_a_post": ("partner", "partner", "shared_post", -90, None),
    "software": ("partner", "partner", "ccas", -90, None),
    "coordinator_elsewhere": ("coordinator", "coordinator", None, -90, None),
    "idle_coordinator": ("coordinator", "coordinator", None, -90, None),
    "committee_elsewhere": ("observatory", "observatory", None, -90, None),
}
OF_THE_OTHER_EMPLOYER = ("coordinator_elsewhere", "committee_elsewhere")


async def prepare(town: Town, database: str, keys: dict[str, str]) -> Scene:
    """Work in a fresh database as people do, then add those whose rights have ended."""
    async with House.running(town, database, settings_for(town, database, keys)) as house:
        made = await _work(house)
        sent, links = await work_of_exchange(house, made)
        counted = await work_of_statistics(house, made)
    connection = await asyncpg.connect(town.superuser_url, database=database)
    try:
        sessions = await _sessions(connection, town)
        ids = {**town.ids, **made, **sent, **counted}
        await _those_whose_rights_have_ended(connection, ids, sessions)
        await _what_no_route_makes_yet(connection, ids)
        await what_others_exchange(connection, ids)
        await what_is_published(connection, ids)
        await who_is_proposed(connection, ids, sessions)
        await who_takes_over(connection, ids)
        await what_is_told(connection, ids)
        made_at = await connection.fetchval("select now()")
    finally:
        await connection.close()
    roles = {name: role for name, (role, _, _) in PEOPLE.items()}
    roles |= {name: session_role for name, (_, session_role, *_) in SPECIAL.items()}
    roles |= {name: said.role for name, said in IDENTITIES.items()}
    return Scene(town, database, ids, sessions, roles, made_at, links)


async def _done(answer: Any) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def _work(house: House) -> dict[str, UUID]:
    worker = await house("worker")
    for name in PEOPLE:
        await house(name)
    referral = await house.referral(facts="Violences du conjoint.", document_number="2026/123")
    waiting = await house.referral(last_name="Attente")
    untouched = await house.referral(last_name="Intacte")
    far = await house.referral("officer_elsewhere", last_name="Lointain")
    situation = await _done(await worker.post(f"/v1/referrals/{referral['id']}/accept", json={}))
    participation = situation["participations"][0]
    interview = {
        "participation_id": participation["id"], "intervention_type": "phone_interview", "channel": "phone",
        "outcome": "held", "occurred_at": "2026-11-20T10:00:00Z", "duration_minutes": 45,
    }  # fmt: skip
    intervention = await _done(await worker.post("/v1/interventions", json=interview))
    need = await _done(
        await worker.post(f"/v1/participations/{participation['id']}/needs", json={"need_type": "housing"})
    )
    safe = {"phone": "+33612345678", "precautions": "Jamais le soir."}
    place = f"/v1/participations/{participation['id']}/safe-contact"
    await _done(await worker.put(place, json=safe, headers={"If-None-Match": "*"}))
    own, opened, closed = [await house.note(participation["id"], text) for text in ("À moi.", "Ouverte.", "Refermée.")]
    shares = [
        await _done(
            await worker.post(f"/v1/notes/{note['id']}/shares", json={"shared_with": str(house.ids["colleague"])})
        )
        for note in (opened, closed)
    ]
    colleagues = await house.note(participation["id"], "De la main de la collègue.", by="colleague")
    answered = await worker.post(f"/v1/referrals/{referral['id']}/feedback", json={"feedback_code": "contact_made"})
    await _done(answered)
    far_situation = await house.situation("worker_elsewhere")
    far_participation = far_situation["participations"][0]
    far_note = await house.note(far_participation["id"], "Loin.", by="worker_elsewhere")
    made = {
        "referral": referral, "waiting_referral": waiting, "untouched_referral": untouched,
        "far_referral": far, "situation": situation,
        "participation": participation, "intervention": intervention, "need": need, "note": own, "opened_note": opened,
        "closed_note": closed, "colleagues_note": colleagues, "share": shares[0], "ended_share": shares[1],
        "far_situation": far_situation, "far_participation": far_participation, "far_note": far_note,
    }  # fmt: skip
    return {name: UUID(found["id"]) for name, found in made.items()}


async def _sessions(connection: asyncpg.Connection, town: Town) -> dict[str, UUID]:
    rows = await connection.fetch("select account_id, id from accounts.session")
    by_account = {row["account_id"]: row["id"] for row in rows}
    return {name: by_account[town.ids[name]] for name in PEOPLE}


async def _those_whose_rights_have_ended(
    connection: asyncpg.Connection, ids: dict[str, UUID], sessions: dict[str, UUID]
) -> None:
    now = await connection.fetchval("select now()")
    today = await connection.fetchval("select (now() at time zone 'Europe/Paris')::date")
    ids["other_employer"] = new_id()
    await connection.execute(
        "insert into organisation.employer values ($1, 'Une association', 'association', '28')", ids["other_employer"]
    )
    for name, (role, session_role, place, starts, ends) in SPECIAL.items():
        ids[name] = new_id()
        since, until = now - timedelta(days=90), now if name.startswith("gone_") else None
        known_as = (None, name, ["orientation:read"]) if name == "software" else (f"{name}@exemple.test", None, None)
        await connection.execute(
            "insert into accounts.account (id, name, role, created_at, ended_at, employer_id, email, client_id,"
            " client_scopes, approved_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())",
            ids[name], name, role, since, until, ids["other_employer"] if name in OF_THE_OTHER_EMPLOYER else None,
            *known_as,
        )  # fmt: skip
        sessions[name] = await opened_session(connection, ids[name], session_role)
        if place is None:
            continue
        await connection.execute(
            "insert into accounts.posting"
            " (id, account_id, unit_id, post_id, partner_id, starts_on, ends_on, approved_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, now())",
            new_id(), ids[name], *(ids[place] if place in kind else None for kind in (UNITS, SERVED, PARTNERS)),
            today + timedelta(days=starts), None if ends is None else today + timedelta(days=ends),
        )  # fmt: skip
    for name in ("officer", "worker", "partner", "dpo"):
        role = PEOPLE[name][0]
        sessions[f"expired_{name}"] = await opened_session(connection, ids[name], role, expires=timedelta(seconds=-1))
        sessions[f"revoked_{name}"] = await opened_session(
            connection, ids[name], role, revoked_at=now, because="logout"
        )
    # A unit that the shared post no longer serves, with what it had sent.
    ids["old_unit"], ids["old_referral"] = new_id(), new_id()
    await connection.execute(
        "insert into organisation.unit values ($1, 'Unité d''avant', 'police', '28', 'Dreux')", ids["old_unit"]
    )
    await connection.execute(
        "insert into organisation.post_unit values ($1, $2, $3, $4)",
        ids["shared_post"], ids["old_unit"], today - timedelta(days=90), today - timedelta(days=1),
    )  # fmt: skip
    await connection.execute(
        "insert into shared.referral"
        " (id, unit_id, sent_by, sent_at, last_name, person_status, document_type, urgency, contact_consent)"
        " select $1, $2, sent_by, sent_at, 'Ancien', person_status, document_type, urgency, contact_consent"
        "   from shared.referral where id = $3",
        ids["old_referral"], ids["old_unit"], ids["referral"],
    )  # fmt: skip


async def _what_no_route_makes_yet(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    for prefix in ("", "far_"):
        row = await connection.fetchrow(
            "select p.post_id, p.person_id, k.id as key from social.participation p"
            " join confidential.person_key k using (post_id, person_id) where p.id = $1",
            ids[f"{prefix}participation"],
        )
        ids |= {f"{prefix}post": row["post_id"], f"{prefix}person": row["person_id"], f"{prefix}key": row["key"]}
    ids["relative"] = new_id()
    await connection.execute(
        "insert into social.person (id, post_id, last_name, first_name, sex, recorded_at)"
        " values ($1, $2, 'Bolieu', 'Anaïs', 'female', now())",
        ids["relative"], ids["post"],
    )  # fmt: skip
    await connection.execute(
        "insert into social.household_link values ($1, $2, $3, $4, 'child')",
        new_id(), ids["post"], ids["person"], ids["relative"],
    )  # fmt: skip
    await connection.execute("update confidential.note_share set ended_at = now() where id = $1", ids["ended_share"])
    await connection.execute(
        "insert into accounts.credential values ($1, '$argon2id$v=19$not-a-real-one', now())", ids["officer"]
    )
    # A note by the worker who has left: her own hand no longer opens it.
    ids["former_workers_note"] = new_id()
    await connection.execute(
        "insert into confidential.note values ($1, $2, $3, $4, $5, null, now(), $6)",
        ids["former_workers_note"], ids["post"], ids["participation"], ids["key"], ids["former_worker"], bytes(300),
    )  # fmt: skip
