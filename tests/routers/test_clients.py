"""The software of partners, registered through the API: two administrators, scopes for life."""

import re
from typing import Any

import asyncpg

from app.services.passwords import hashed
from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.administering import grow_old, lane_of, refused_by_postgres
from tests.routers.asking import UNKNOWN, faults, refused

SCOPES = ["orientation:answer", "orientation:read"]


def draft(house: House, **said: Any) -> dict[str, Any]:
    """Software of the CCAS."""
    return {"name": "Logiciel du CCAS", "partner_id": str(house.ids["ccas"]), "scopes": SCOPES, **said}


async def registered(house: House, **said: Any) -> dict[str, Any]:
    """Software that one administrator has registered."""
    answer = await (await house("administrator")).post("/v1/clients", json=draft(house, **said))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def act(house: House, client_id: Any, verb: str, by: str = "other_administrator") -> Any:
    """One act on software."""
    return await (await house(by)).post(f"/v1/clients/{client_id}/{verb}")


async def test_software_is_let_in_once_another_administrator_approves_it(
    house: House, superuser: asyncpg.Connection
) -> None:
    client = await registered(house)
    assert re.fullmatch(r"client-[a-z2-7]{16}", client["client_id"])
    assert client["client_scopes"] == ["orientation:read", "orientation:answer"]
    assert (client["state"], client["partner_id"]) == ("proposed", str(house.ids["ccas"]))
    # Its engineer draws a secret by the invitation: put here from above, what matters is whom it lets in.
    await superuser.execute("insert into accounts.credential values ($1, $2, now())", client["id"], hashed("secret"))
    form, software = {"grant_type": "client_credentials"}, (client["client_id"], "secret")
    refused(await house.caller().post("/v1/auth/token", data=form, auth=software), 401, "invalid_client")
    refused(await act(house, client["id"], "approve", "administrator"), 409, "approval_by_another_person")

    approved = await act(house, client["id"], "approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "active"), approved.text
    token = await house.caller().post("/v1/auth/token", data=form, auth=software)
    machine = house.caller(token.json()["access_token"])
    assert (await machine.get("/v1/me")).json()["partner_ids"] == [str(house.ids["ccas"])]
    orientation = await house.sent_orientation()
    assert (await machine.get(f"/v1/orientations/{orientation['id']}")).status_code == 200

    assert (await act(house, client["id"], "end", "administrator")).json()["state"] == "ended"
    refused(await machine.get("/v1/me"), 401, "session_ended")
    refused(await house.caller().post("/v1/auth/token", data=form, auth=software), 401, "invalid_client")
    refused(await act(house, client["id"], "approve"), 409, "account_over")


async def test_software_is_registered_with_the_scopes_made_for_it_and_no_others(house: House) -> None:
    admin = await house("administrator")
    for scopes, place in (
        (["note:read"], "/scopes"),
        (["orientation:read", "person:read"], "/scopes"),
        (["me:read"], "/scopes"),
        ([], "/scopes"),
        (["orientation:read", "orientation:read"], "/scopes"),
        (["tout"], "/scopes/0"),
    ):
        refused(await admin.post("/v1/clients", json=draft(house, scopes=scopes)), 422, "invalid_request", place)
    unknown = await admin.post("/v1/clients", json=draft(house, partner_id=UNKNOWN))
    assert faults(unknown) == {"/partner_id": "receiving_partner_expected"}
    chosen = draft(house, client_id="client-choisi")
    refused(await admin.post("/v1/clients", json=chosen), 422, "invalid_request", "/client_id")


async def test_the_scopes_of_software_never_change_even_in_sql(house: House) -> None:
    client = await registered(house)
    async with lane_of(house, "administrator") as lane:
        for said in ("client_scopes = '{referral:read}'", "client_id = 'x'", "client_keys = '{}'", "role = 'dpo'"):
            statement = f"update accounts.account set {said} where id = $1"
            await refused_by_postgres(lane, "42501", statement, client["id"])
    assert (await (await house("administrator")).patch(f"/v1/clients/{client['id']}", json={})).status_code in (
        405,
        415,
    )


async def test_software_and_persons_are_kept_apart(house: House) -> None:
    client, admin = await registered(house), await house("administrator")
    assert client["id"] not in {each["id"] for each in (await admin.get("/v1/accounts?limit=200")).json()["items"]}
    for verb in ("approve", "suspend", "resume", "end"):
        refused(
            await (await house("other_administrator")).post(f"/v1/accounts/{client['id']}/{verb}"), 404, "not_found"
        )
    for verb in ("approve", "end"):
        refused(await act(house, house.ids["worker"], verb), 404, "not_found")
    posting = {"account_id": client["id"], "partner_id": str(house.ids["association"]), "starts_on": "2026-01-01"}
    refused(await admin.post("/v1/postings", json=posting), 422, "account_unknown")


async def test_the_engineer_is_invited_as_a_person_is_but_has_no_password(house: House) -> None:
    client, admin = await registered(house), await house("administrator")
    address = f"/v1/accounts/{client['id']}/invitations"
    refused(await admin.post(address, json={"purpose": "welcome"}), 409, "account_awaits_approval")
    await act(house, client["id"], "approve")
    for purpose in ("password", "second_factor"):
        refused(await admin.post(address, json={"purpose": purpose}), 422, "invalid_request", "/purpose")
    made = await admin.post(address, json={"purpose": "welcome"})
    assert made.status_code == 201, made.text
    approved = await (await house("other_administrator")).post(f"/v1/invitations/{made.json()['id']}/approve")
    assert approved.json()["state"] == "ready"


async def test_software_is_listed_newest_first_for_the_administrator_and_the_dpo_alone(
    house: House, superuser: asyncpg.Connection
) -> None:
    made = [await registered(house, name=name) for name in ("Un", "Deux")]
    for role, who in ONE_OF_EACH_ROLE.items():
        client = await house(who)
        if role in ("administrator", "dpo"):
            assert (await client.get("/v1/clients")).json()["items"] == made[::-1]
            assert (await client.get(f"/v1/clients/{made[0]['id']}")).json() == made[0]
        else:
            refused(await client.get("/v1/clients"), 403, "forbidden")
            refused(await client.get(f"/v1/clients/{made[0]['id']}"), 403, "forbidden")
        if role != "administrator":
            refused(await client.post("/v1/clients", json=draft(house)), 403, "forbidden")
            for verb in ("approve", "end"):
                refused(await act(house, made[0]["id"], verb, who), 403, "forbidden")
    refused(await (await house("dpo")).get(f"/v1/clients/{UNKNOWN}"), 404, "not_found")
    await grow_old(superuser)
    refused(await (await house("administrator")).post("/v1/clients", json=draft(house)), 401, "proof_too_old")
