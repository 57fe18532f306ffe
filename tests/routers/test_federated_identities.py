"""By which institution someone signs in: proposed by one, approved by another, never for oneself, never moved."""

from typing import Any

import asyncpg

from tests.house_for_tests import ONE_OF_EACH_ROLE, House
from tests.routers.administering import grow_old
from tests.routers.asking import UNKNOWN, refused

ISSUER = {"issuer": "https://identite.exemple.test/api/v2"}


async def awaited(house: House, who: str = "officer", by: str = "administrator") -> Any:
    """An identity asked for."""
    return await (await house(by)).post(f"/v1/accounts/{house.ids[who]}/institutions", json=ISSUER)


async def act(house: House, identity: dict[str, Any], verb: str, by: str = "other_administrator") -> Any:
    """One act on an identity."""
    at = f"/v1/accounts/{identity['account_id']}/institutions/{identity['id']}"
    return await (await house(by)).post(f"{at}/{verb}")


async def test_an_identity_is_awaited_by_the_address_of_the_account_and_approved_by_another(house: House) -> None:
    made = await awaited(house)
    assert made.status_code == 201, made.text
    said = made.json()
    assert said.items() >= {**ISSUER, "email": "officer@exemple.test", "siret": None, "approved_at": None}.items()
    assert "subject" not in said
    refused(await act(house, said, "approve", "administrator"), 409, "approval_by_another_person")
    approved = await act(house, said, "approve")
    assert approved.json()["approved_by"] == str(house.ids["other_administrator"])
    refused(await act(house, said, "approve"), 409, "approval_by_another_person")
    refused(await awaited(house), 409, "institution_already_awaited")


async def test_an_identity_that_is_over_stays_so_and_another_may_be_proposed(house: House) -> None:
    said = (await awaited(house)).json()
    assert (await act(house, said, "end", "administrator")).json()["ended_at"] is not None
    for verb in ("approve", "end"):
        refused(await act(house, said, verb), 409, "identity_over")
    assert (await awaited(house)).status_code == 201


async def test_an_identity_is_never_proposed_or_decided_for_oneself_and_belongs_to_its_account(house: House) -> None:
    refused(await awaited(house, "administrator"), 409, "not_for_oneself")
    said = (await awaited(house, "other_administrator")).json()
    for verb in ("approve", "end"):
        refused(await act(house, said, verb), 409, "not_for_oneself")
        refused(await act(house, said | {"account_id": str(house.ids["worker"])}, verb), 404, "not_found")
    refused(await act(house, {"account_id": UNKNOWN, "id": UNKNOWN}, "end"), 404, "not_found")


async def test_only_administrators_lately_proved_see_to_identities(house: House, superuser: asyncpg.Connection) -> None:
    said = (await awaited(house)).json()
    await house("other_administrator")
    for role, who in ONE_OF_EACH_ROLE.items():
        if role != "administrator":
            refused(await awaited(house, by=who), 403, "forbidden")
            refused(await (await house(who)).get(f"/v1/accounts/{house.ids['officer']}/institutions"), 403, "forbidden")
            for verb in ("approve", "end"):
                refused(await act(house, said, verb, who), 403, "forbidden")
    await grow_old(superuser)
    refused(await awaited(house, "worker"), 401, "proof_too_old")
    for verb in ("approve", "end"):
        refused(await act(house, said, verb), 401, "proof_too_old")
