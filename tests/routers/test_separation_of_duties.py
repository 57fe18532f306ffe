"""Who opens accesses reads nothing of what they open, and opens none alone: by the API, and by PostgreSQL itself."""

from __future__ import annotations

import re

import asyncpg
import pytest

from app.access.policy import policy
from tests.access.ways import mounted
from tests.house_for_tests import House
from tests.routers.administering import grow_old, lane_of, posted, proposed, refused_by_postgres
from tests.routers.asking import UNKNOWN, refused

# Written by hand: a circle that joins them must be thought about. Of the statistics, what is published is for all.
CONTENT = ("shared", "social", "confidential", "exchange", "employer", "audit")
SECRETS = ("credential", "second_factor", "recovery_code", "session", "refresh_token", "attempt", "spent_ticket")
OF_CONTENT = {name for name, said in policy().resources.items() if (said.table or "").partition(".")[0] in CONTENT}
NEW = "insert into accounts.{} values ({})"


async def test_the_administrator_is_refused_on_every_route_of_content(house: House) -> None:
    admin, asked = await house("administrator"), 0
    for place, permission in mounted(house.app).items():
        method, _, path = place.partition(" ")
        if permission is None or permission.scope.partition(":")[0] not in OF_CONTENT:
            continue
        body = {} if method in ("POST", "PUT", "PATCH") else None
        headers = {"If-Match": "*"}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        answer = await admin.request(method, re.sub(r"\{\w+\}", UNKNOWN, path), json=body, headers=headers)
        refused(answer, 403, "forbidden")
        asked += 1
    assert asked > 80


async def test_the_administrator_reads_no_table_of_content_nor_of_secrets(
    house: House, superuser: asyncpg.Connection
) -> None:
    tables = await superuser.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any($1)"
        " union all select 'accounts.' || name from unnest($2::text[]) name",
        list(CONTENT), list(SECRETS),
    )  # fmt: skip
    assert len(tables) > 35
    async with lane_of(house, "administrator") as lane:
        for row in tables:
            await refused_by_postgres(lane, "42501", f"select from {row['name']}")
            await refused_by_postgres(lane, "42501", f"delete from {row['name']}")
        for name in SECRETS:
            column = await superuser.fetchval(
                "select column_name from information_schema.columns where table_schema = 'accounts' and table_name = $1"
                " and ordinal_position = 2",
                name,
            )
            await refused_by_postgres(lane, "42501", f"update accounts.{name} set {column} = null")
            await refused_by_postgres(lane, "42501", f"insert into accounts.{name} default values")


@pytest.mark.parametrize("who", ["administrator", "coordinator"])
async def test_nobody_writes_an_approval_at_creation_nor_signs_for_another(house: House, who: str) -> None:
    async with lane_of(house, who) as lane:
        columns = "insert into accounts.account (id, name, email, role, employer_id, created_at, proposed_by{}) values "
        facts = "(gen_random_uuid(), 'X', 'x@exemple.test', '{}', $2, now(), {}{})"
        for more, value in ((", approved_at", ", now()"), (", approved_by", ", $1"), (", ended_at", ", null")):
            statement = columns.format(more) + facts.format("social_worker", "$1", value)
            await refused_by_postgres(lane, "42501", statement, house.ids[who], house.ids["employer"])
        for proposer in ("null", "'01890a5d-ac96-774b-bcce-b302099a8057'"):
            statement = columns.format("") + facts.format("social_worker", f"coalesce({proposer}, null)::uuid", "")
            statement += " returning $1::uuid"
            await refused_by_postgres(lane, "42501", statement, house.ids[who], house.ids["employer"])


async def test_the_coordinator_asks_for_no_other_role_and_no_other_employer_and_changes_nothing(
    house: House, superuser: asyncpg.Connection
) -> None:
    await superuser.execute("insert into organisation.employer values ($1, 'Autre', 'departement', '28')", UNKNOWN)
    statement = (
        "insert into accounts.account (id, name, email, role, employer_id, created_at, proposed_by)"
        " values (gen_random_uuid(), 'X', 'x@exemple.test', $1, $2, now(), access.me())"
    )
    async with lane_of(house, "coordinator") as lane:
        await refused_by_postgres(lane, "42501", statement, "administrator", house.ids["employer"])
        await refused_by_postgres(lane, "42501", statement, "social_worker", UNKNOWN)
        await refused_by_postgres(lane, "42501", "update accounts.account set approved_at = now()")
        for table in ("posting", "invitation", "federated_identity"):
            await refused_by_postgres(lane, "42501", f"select from accounts.{table}")
        await lane.execute(statement, "social_worker", house.ids["employer"])


async def test_an_administrator_posts_herself_nowhere_even_in_sql(house: House) -> None:
    me, other = house.ids["administrator"], house.ids["other_administrator"]
    statement = (
        "insert into accounts.posting (id, account_id, unit_id, starts_on, proposed_by{})"
        " values (gen_random_uuid(), $1, $2, '2026-01-01', $3{})"
    )
    async with lane_of(house, "administrator") as lane:
        plain = statement.format("", "")
        await refused_by_postgres(lane, "42501", plain, me, house.ids["north"], me)
        await refused_by_postgres(lane, "42501", plain, house.ids["officer"], house.ids["north"], other)
        approved = statement.format(", approved_at", ", now()")
        await refused_by_postgres(lane, "42501", approved, house.ids["officer"], house.ids["north"], me)
        for table, facts in (
            ("invitation (id, account_id, purpose, token_hash, proposed_by, proposed_at, expires_at)",
             "gen_random_uuid(), $1, 'password', sha256('x'), $1, now(), now() + interval '1 day'"),
            ("federated_identity (id, account_id, issuer, email, proposed_by, proposed_at)",
             "gen_random_uuid(), $1, 'https://idp.exemple.test', 'a@exemple.test', $1, now()"),
        ):  # fmt: skip
            await refused_by_postgres(lane, "42501", NEW.format(table, facts), me)
        await lane.execute(plain, house.ids["officer"], house.ids["north"], me)


async def test_an_administrator_does_not_approve_what_she_proposed_even_in_sql(house: House) -> None:
    account = await proposed(house, institution={"issuer": "https://idp.exemple.test"})
    posting = await posted(house, account["id"])
    me, other = house.ids["administrator"], house.ids["other_administrator"]
    async with lane_of(house, "administrator") as lane:
        for table, key, value in (
            ("account", "id", account["id"]),
            ("posting", "id", posting["id"]),
            ("federated_identity", "account_id", account["id"]),
        ):
            change = f"update accounts.{table} set {{}} where {key} = $1"
            approval = change.format("approved_by = $2, approved_at = now()")
            for approver in (me, other, None):
                await refused_by_postgres(lane, "23514", approval, value, approver)
            await refused_by_postgres(lane, "23514", change.format("approved_by = $2"), value, other)
            await refused_by_postgres(lane, "42501", change.format("proposed_by = $2"), value, other)
    approved = await (await house("other_administrator")).post(f"/v1/accounts/{account['id']}/approve")
    assert approved.status_code == 200
    async with lane_of(house, "other_administrator") as lane:
        change = "update accounts.account set {} where id = $1"
        for said in ("approved_by = null, approved_at = null", "approved_at = now()", f"approved_by = '{me}'"):
            await refused_by_postgres(lane, "23514", change.format(said), account["id"])


async def test_a_role_never_changes_and_what_is_over_stays_over_even_in_sql(house: House) -> None:
    account = await proposed(house, institution={"issuer": "https://idp.exemple.test"})
    async with lane_of(house, "administrator") as lane:
        change = "update accounts.account set {} where id = $1"
        for said in ("role = 'social_worker'", "client_id = 'x'", "client_keys = '{}'", "created_at = now()"):
            await refused_by_postgres(lane, "42501", change.format(said), account["id"])
        coordinator = house.ids["coordinator"]
        await refused_by_postgres(lane, "23514", change.format("employer_id = null"), coordinator)
        for table, key in (("account", "id"), ("federated_identity", "account_id")):
            ended = f"update accounts.{table} set ended_at = {{}} where {key} = $1"
            await lane.execute(ended.format("now()"), account["id"])
            for said in ("null", "now() + interval '1 second'"):
                await refused_by_postgres(lane, "23514", ended.format(said), account["id"])


async def test_an_old_proof_changes_nothing_even_in_sql(house: House, superuser: asyncpg.Connection) -> None:
    account = await proposed(house, institution={"issuer": "https://idp.exemple.test"})
    posting = await posted(house, account["id"])
    await (await house("other_administrator")).post(f"/v1/accounts/{account['id']}/approve")
    made = await (await house("administrator")).post(
        f"/v1/accounts/{account['id']}/invitations", json={"purpose": "welcome"}
    )
    await grow_old(superuser)
    async with lane_of(house, "administrator") as lane:
        for statement, value in (
            ("update accounts.account set name = 'X' where id = $1", account["id"]),
            ("update accounts.account set suspended_at = now() where id = $1", account["id"]),
            ("update accounts.posting set ended_at = now() where id = $1", posting["id"]),
            ("update accounts.invitation set revoked_at = now() where id = $1", made.json()["id"]),
            ("update accounts.federated_identity set ended_at = now() where account_id = $1", account["id"]),
            ("insert into accounts.account (id, name, email, role, created_at, proposed_by) values"
             " (gen_random_uuid(), 'X', 'x@exemple.test', 'dpo', now(), $1)", house.ids["administrator"]),
        ):  # fmt: skip
            await refused_by_postgres(lane, "42501", statement, value)


async def test_a_revoked_session_is_refused_at_its_next_request_and_statement(house: House) -> None:
    worker = await house("worker")
    assert (await worker.get("/v1/me")).status_code == 200
    async with lane_of(house, "administrator") as lane:
        ended = await lane.fetchval("select access.end_sessions($1)", house.ids["worker"])
        await lane.execute("commit")
    assert ended == 1
    refused(await worker.get("/v1/me"), 401, "session_ended")
    other = await house("other_administrator")
    async with lane_of(house, "administrator") as lane:
        suspended = await other.post(f"/v1/accounts/{house.ids['administrator']}/suspend")
        assert suspended.status_code == 200, suspended.text
        await refused_by_postgres(lane, "28000", "update accounts.account set name = 'X'")
