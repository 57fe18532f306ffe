"""Invitations: the link to one, the code to the other; neither enters alone, and nothing is told twice."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.services.told_once import code_digest, token_digest
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.administering import grow_old, lane_of, opened, proposed, refused_by_postgres
from tests.routers.asking import UNKNOWN, refused

ROW = "select * from accounts.invitation where id = $1"


async def invited(house: House, account_id: Any, purpose: str = "welcome", by: str = "administrator") -> Any:
    """An invitation asked for."""
    return await (await house(by)).post(f"/v1/accounts/{account_id}/invitations", json={"purpose": purpose})


async def act(house: House, invitation: dict[str, Any], verb: str, by: str = "other_administrator") -> Any:
    """One act on an invitation."""
    return await (await house(by)).post(f"/v1/invitations/{invitation['id']}/{verb}")


async def listed(house: House, account_id: Any) -> Any:
    """The invitations of an account."""
    return (await (await house("administrator")).get(f"/v1/accounts/{account_id}/invitations")).json()["items"]


async def test_one_administrator_has_the_link_the_other_the_code_and_only_digests_are_kept(
    house: House, superuser: asyncpg.Connection
) -> None:
    account = await opened(house)
    made = await invited(house, account["id"])
    assert made.status_code == 201, made.text
    said = made.json()
    assert (said["purpose"], said["state"], said["approved_at"]) == ("welcome", "awaiting_approval", None)
    lasts = datetime.fromisoformat(said["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=71) < lasts <= timedelta(hours=72)
    assert re.fullmatch(r"[\w-]{43}", said["link"])

    refused(await act(house, said, "approve", "administrator"), 409, "approval_by_another_person")
    approved = await act(house, said, "approve")
    assert approved.status_code == 200, approved.text
    code = approved.json().pop("code")
    assert re.fullmatch(r"([A-Z2-7]{4}-){6}[A-Z2-7]{4}", code)
    assert "link" not in approved.json()
    refused(await act(house, said, "approve"), 409, "approval_by_another_person")

    row = await superuser.fetchrow(ROW, said["id"])
    assert (row["token_hash"], row["code_hash"]) == (token_digest(said["link"]), code_digest(code))
    (told,) = await listed(house, account["id"])
    assert told["state"] == "ready"
    for secret in (said["link"], code, row["token_hash"].hex(), row["code_hash"].hex()):
        assert secret not in str(told)
    assert not {"link", "code", "token_hash", "code_hash", "sealed"} & told.keys()


@pytest.mark.parametrize("purpose", ["password", "second_factor"])
async def test_one_lost_factor_needs_no_second_person_for_the_other_protects(house: House, purpose: str) -> None:
    made = await invited(house, house.ids["worker"], purpose)
    assert (made.status_code, made.json()["state"]) == (201, "ready")
    refused(await act(house, made.json(), "approve"), 409, "invitation_needs_no_approval")


async def test_two_lost_factors_need_two_persons(house: House) -> None:
    made = (await invited(house, house.ids["worker"], "renewal")).json()
    assert made["state"] == "awaiting_approval"
    assert (await act(house, made, "approve")).json()["state"] == "ready"


async def test_an_invitation_needs_an_account_that_is_approved_and_in_service(house: House) -> None:
    account = await proposed(house)
    refused(await invited(house, account["id"]), 409, "account_awaits_approval")
    refused(await invited(house, UNKNOWN), 404, "not_found")
    other = await house("other_administrator")
    await other.post(f"/v1/accounts/{account['id']}/approve")
    await other.post(f"/v1/accounts/{account['id']}/suspend")
    refused(await invited(house, account["id"]), 409, "account_already_suspended")
    await other.post(f"/v1/accounts/{account['id']}/end")
    refused(await invited(house, account["id"]), 409, "account_over")
    refused(await invited(house, house.ids["worker"], "favour"), 422, "invalid_request", "/purpose")


async def test_nobody_invites_herself_nor_approves_an_invitation_made_for_her(house: House) -> None:
    for purpose in ("welcome", "password", "second_factor", "renewal"):
        refused(await invited(house, house.ids["administrator"], purpose), 409, "not_for_oneself")
    made = (await invited(house, house.ids["other_administrator"], "renewal")).json()
    for verb in ("approve", "revoke"):
        refused(await act(house, made, verb), 409, "not_for_oneself")


async def test_who_has_entered_is_not_welcomed_again(house: House, superuser: asyncpg.Connection) -> None:
    account = await opened(house)
    made = (await invited(house, account["id"])).json()
    await act(house, made, "approve")
    await superuser.execute("update accounts.invitation set used_at = now() where id = $1", made["id"])
    refused(await invited(house, account["id"]), 409, "account_has_entered")
    for verb in ("approve", "revoke"):
        refused(await act(house, made, verb), 409, "invitation_over")
    assert (await invited(house, account["id"], "renewal")).status_code == 201


async def test_a_new_invitation_takes_the_place_of_the_one_before(house: House) -> None:
    account = await opened(house)
    first, second = [(await invited(house, account["id"])).json() for _ in range(2)]
    states = {each["id"]: each["state"] for each in await listed(house, account["id"])}
    assert states == {first["id"]: "revoked", second["id"]: "awaiting_approval"}
    refused(await act(house, first, "approve"), 409, "invitation_over")


async def test_an_invitation_is_taken_back_once_and_does_not_outlive_its_days(
    house: House, superuser: asyncpg.Connection
) -> None:
    account = await opened(house)
    made = (await invited(house, account["id"])).json()
    assert (await act(house, made, "revoke", "administrator")).json()["state"] == "revoked"
    refused(await act(house, made, "revoke"), 409, "invitation_over")
    made = (await invited(house, account["id"])).json()
    await superuser.execute(
        "update accounts.invitation set proposed_at = now() - interval '73 hours', expires_at = now() where id = $1",
        made["id"],
    )
    refused(await act(house, made, "approve"), 409, "invitation_over")
    assert (await listed(house, account["id"]))[0]["state"] == "expired"


async def test_the_end_of_an_account_takes_its_invitations_back(house: House) -> None:
    account = await opened(house)
    made = (await invited(house, account["id"])).json()
    await (await house("administrator")).post(f"/v1/accounts/{account['id']}/end")
    assert (await listed(house, account["id"]))[0]["state"] == "revoked"
    refused(await act(house, made, "approve"), 409, "invitation_over")


async def test_only_administrators_see_or_make_invitations_and_only_lately_proved(
    house: House, superuser: asyncpg.Connection
) -> None:
    made = (await invited(house, house.ids["worker"], "renewal")).json()
    await house("other_administrator")
    for role, who in ONE_OF_EACH_ROLE.items():
        if role != "administrator":
            address = f"/v1/accounts/{house.ids['worker']}/invitations"
            refused(await (await house(who)).get(address), 403, "forbidden")
            refused(await invited(house, house.ids["worker"], by=who), 403, "forbidden")
            for verb in ("approve", "revoke"):
                refused(await act(house, made, verb, who), 403, "forbidden")
    await grow_old(superuser)
    refused(await invited(house, house.ids["worker"], "password"), 401, "proof_too_old")
    for verb in ("approve", "revoke"):
        refused(await act(house, made, verb), 401, "proof_too_old")


async def test_no_administrator_gives_herself_both_the_link_and_the_code_even_in_sql(house: House) -> None:
    made = (await invited(house, house.ids["worker"], "renewal")).json()
    digest, other = code_digest("AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"), house.ids["other_administrator"]
    change = "update accounts.invitation set {} where id = $1"
    async with lane_of(house, "administrator") as lane:
        for said, values in (
            ("code_hash = $2", [digest]),
            ("approved_at = now(), code_hash = $2", [digest]),
            ("approved_by = access.me(), approved_at = now(), code_hash = $2", [digest]),
            ("approved_by = $3, approved_at = now(), code_hash = $2", [digest, other]),
            ("approved_by = $2", [other]),
        ):
            await refused_by_postgres(lane, "23514", change.format(said), made["id"], *values)
        for said in (
            "token_hash = sha256('x')",
            "used_at = now()",
            "expires_at = now() + interval '9 days'",
            "proposed_by = null",
        ):
            await refused_by_postgres(lane, "42501", change.format(said), made["id"])
    approved = await act(house, made, "approve")
    async with lane_of(house, "other_administrator") as lane:
        for said, values in (
            ("code_hash = $2", [digest]),
            ("code_hash = null, approved_at = null, approved_by = null", []),
        ):
            await refused_by_postgres(lane, "23514", change.format(said), made["id"], *values)
    await act(house, approved.json(), "revoke")
    async with lane_of(house, "other_administrator") as lane:
        await refused_by_postgres(lane, "23514", change.format("revoked_at = null"), made["id"])


async def test_of_two_approvals_at_once_one_code_is_told(house: House) -> None:
    for _ in range(20):
        made = (await invited(house, house.ids["worker"], "renewal")).json()
        both = await asyncio.gather(*(act(house, made, "approve") for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_invitations_are_traced_about_themselves(house: House, superuser: asyncpg.Connection) -> None:
    made = (await invited(house, house.ids["worker"], "renewal")).json()
    await act(house, made, "approve")
    await act(house, made, "revoke")
    acts = await superuser.fetch("select act from audit.trace where subject_id = $1", made["id"])
    assert sorted(row["act"] for row in acts) == ["invitation:add", "invitation:change", "invitation:change"]
