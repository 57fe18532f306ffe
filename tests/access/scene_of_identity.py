"""Who is proposed, approved, suspended or asleep, and by whom; what each needs to come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from app.models.columns import new_id


class Identity(NamedTuple):
    """One account: its role, its post, its employer, and what is odd about it."""

    role: str
    post: str | None = None
    employer: str | None = None
    approved: bool = True
    suspended: bool = False
    posting_approved: bool = True
    proved: timedelta = timedelta()
    """How long ago the identity was proved."""
    idle: timedelta = timedelta(hours=1)
    """How long until the session ends by itself."""


LONG_AGO = timedelta(minutes=10, seconds=5)
IDENTITIES = {
    # Of the employer of the other post, on a post of their own where nobody was received.
    **{
        name: Identity("social_worker", "third_post")
        for name in (
            "replacing", "ended_replacement", "unapproved_replacement", "future_replacement", "past_replacement",
        )
    },
    "successor": Identity("social_worker", "shared_post"),
    "far_successor": Identity("social_worker", "other_post"),
    "posting_unapproved": Identity("social_worker", "shared_post", posting_approved=False),
    "suspended_worker": Identity("social_worker", "shared_post", suspended=True),
    "unapproved_worker": Identity("social_worker", "shared_post", approved=False),
    "idle_worker": Identity("social_worker", "shared_post", idle=timedelta(seconds=-1)),
    "worker_proved_long_ago": Identity("social_worker", "shared_post", proved=LONG_AGO),
    "second_administrator": Identity("administrator"),
    "administrator_proved_long_ago": Identity("administrator", proved=LONG_AGO),
    "second_coordinator": Identity("coordinator", employer="employer"),
    "coordinator_proved_long_ago": Identity("coordinator", employer="employer", proved=LONG_AGO),
    # Asked for, and waiting for another person: the session is one that should not have been opened.
    "proposed_account": Identity("partner", approved=False),
    "requested_worker": Identity("social_worker", employer="employer", approved=False),
}  # fmt: skip
SECRET = bytes(range(60))


async def opened_session(connection: asyncpg.Connection, account: UUID, role: str, **said: Any) -> UUID:
    """A session as the authentication lane opens them."""
    session = new_id()
    await connection.execute(
        "insert into accounts.session"
        " (id, account_id, role, client_id, opened_at, expires_at, revoked_at, revoked_because, method,"
        " authenticated_at, idle_seconds, idle_until, shared_workstation)"
        " values ($1, $2, $3, 'tests', now() - interval '1 day', now() + $4::interval, $5::timestamptz, $6,"
        " 'password_totp', now() - $7::interval, 3600, now() + $8::interval, false)",
        session, account, role, said.get("expires", timedelta(hours=1)), said.get("revoked_at"), said.get("because"),
        said.get("proved", timedelta()), said.get("idle", timedelta(hours=1)),
    )  # fmt: skip
    return session


async def who_is_proposed(connection: asyncpg.Connection, ids: dict[str, UUID], sessions: dict[str, UUID]) -> None:
    """Accounts and postings in each state, then what opens them."""
    await _the_third_post(connection, ids)
    for name, said in IDENTITIES.items():
        await _account(connection, ids, name, said)
        sessions[name] = await opened_session(connection, ids[name], said.role, proved=said.proved, idle=said.idle)
    ids["posting"] = await connection.fetchval(
        "select id from accounts.posting where account_id = $1", ids["posting_unapproved"]
    )
    await _invitations_and_identities(connection, ids)
    await _factors_and_attempts(connection, ids)


async def _the_third_post(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    # Its work begins later, and nothing is counted of it: its holders are colleagues of the employer, no more.
    ids |= {name: new_id() for name in ("third_post", "site")}
    await connection.execute(
        "insert into organisation.post (id, name, employer_id, starts_on) values ($1, 'third_post', $2, '2029-01-01')",
        ids["third_post"], ids["other_employer"],
    )  # fmt: skip
    await connection.execute(
        "insert into organisation.site (id, name, site_type, municipality)"
        " select $1, 'Un lieu', min(code), 'Chartres' from nomenclature.site_type",
        ids["site"],
    )
    await connection.execute(
        "insert into organisation.post_site values ($1, $2, '2026-01-01')", ids["third_post"], ids["site"]
    )
    await connection.execute(
        "insert into organisation.post_funding (post_id, funding_source, starts_on, share_percent)"
        " select $1, min(code), '2026-01-01', 33.34 from nomenclature.funding_source",
        ids["third_post"],
    )


async def _account(connection: asyncpg.Connection, ids: dict[str, UUID], name: str, said: Identity) -> None:
    ids[name] = new_id()
    proposer = ids["coordinator" if name == "requested_worker" else "administrator"]
    await connection.execute(
        "insert into accounts.account (id, name, role, created_at, email, employer_id, proposed_by,"
        " approved_at, suspended_at) values ($1, $2, $3, now() - interval '90 days', $4, $5, $6,"
        " case when $7 then now() end, case when $8 then now() end)",
        ids[name], name, said.role, f"{name}@exemple.test", ids.get(said.employer or ""), proposer, said.approved,
        said.suspended,
    )  # fmt: skip
    if said.post:
        await connection.execute(
            "insert into accounts.posting (id, account_id, post_id, starts_on, proposed_by, approved_at)"
            " values ($1, $2, $3, current_date - 90, $4, case when $5 then now() end)",
            new_id(), ids[name], ids[said.post], ids["administrator"], said.posting_approved,
        )  # fmt: skip


async def _invitations_and_identities(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    ids |= {name: new_id() for name in ("invitation", "approved_invitation", "identity", "bound_identity")}
    for name, of, approved in (
        ("invitation", "proposed_account", False), ("approved_invitation", "unapproved_worker", True),
    ):  # fmt: skip
        await connection.execute(
            "insert into accounts.invitation (id, account_id, purpose, token_hash, proposed_by, proposed_at,"
            " expires_at, approved_by, approved_at, code_hash) values ($1, $2, 'welcome', sha256($3), $4, now(),"
            " now() + interval '3 days', $5, case when $6 then now() end, case when $6 then sha256('code') end)",
            ids[name], ids[of], name.encode(), ids["administrator"],
            ids["second_administrator"] if approved else None, approved,
        )  # fmt: skip
    for name, of, bound in (("identity", "colleague", False), ("bound_identity", "officer", True)):
        await connection.execute(
            "insert into accounts.federated_identity (id, account_id, issuer, email, proposed_by, proposed_at,"
            " approved_by, approved_at, subject, bound_at) values ($1, $2, 'https://agents.exemple.test', $3, $4,"
            " now(), $5, case when $6 then now() end, case when $6 then $3 end, case when $6 then now() end)",
            ids[name], ids[of], f"{of}@exemple.test", ids["administrator"],
            ids["second_administrator"] if bound else None, bound,
        )  # fmt: skip


async def _factors_and_attempts(connection: asyncpg.Connection, ids: dict[str, UUID]) -> None:
    ids["second_factor"] = new_id()
    await connection.execute(
        "insert into accounts.second_factor (id, account_id, sealed, last_step, confirmed_at)"
        " values ($1, $2, $3, 1, now())",
        ids["second_factor"], ids["officer"], SECRET,
    )  # fmt: skip
    await connection.execute(
        "insert into accounts.recovery_code (code_hash, second_factor_id) values (sha256('secours'), $1)",
        ids["second_factor"],
    )
    await connection.execute("insert into accounts.attempt values (sha256('scene'), 1, now(), now())")
    await connection.execute("insert into accounts.spent_ticket values (sha256('scene'), now() + interval '1 hour')")
