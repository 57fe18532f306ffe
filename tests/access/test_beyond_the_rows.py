"""What no row rule says, and holds all the same."""

import asyncpg
import pytest

from app.access.policy import policy
from tests.house_for_tests import House, Town


@pytest.mark.parametrize("role", sorted(policy().roles))
@pytest.mark.parametrize("elsewhere", ["postgres", "template1"])
async def test_no_lane_enters_another_database_where_no_hardening_applies(
    town: Town, role: str, elsewhere: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(town.lane_url(role, elsewhere))


async def test_a_withdrawal_is_not_undone_even_by_the_lane_that_made_it(house: House) -> None:
    referral = await house.referral()
    officer = await house("officer")
    assert (await officer.post(f"/v1/referrals/{referral['id']}/withdraw")).status_code == 200
    session = await house.session_of("officer")
    claims = house.app.state.verifier.actor(session["access_token"])
    lane = await asyncpg.connect(house.town.lane_url("police_officer", house.database))
    try:
        await lane.execute("begin")
        await lane.execute(f"select access.open('{claims.session_id}')")
        done = await lane.execute("update shared.referral set withdrawn_at = null where id = $1", referral["id"])
        assert done == "UPDATE 0"
    finally:
        await lane.close()
    assert (await officer.post(f"/v1/referrals/{referral['id']}/withdraw")).status_code == 409


async def test_the_unit_withdraws_without_waiting_for_a_handling_in_progress(
    house: House, superuser: asyncpg.Connection
) -> None:
    referral = await house.referral()
    await superuser.execute("begin")
    await superuser.execute(
        "insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by)"
        " values ($1, $2, $3, now(), $4)",
        referral["id"], house.ids["north"], house.ids["shared_post"], house.ids["worker"],
    )  # fmt: skip
    withdrawn = await (await house("officer")).post(f"/v1/referrals/{referral['id']}/withdraw")
    await superuser.execute("rollback")
    assert withdrawn.status_code == 200


async def test_nobody_is_sought_out_who_refused_to_be(house: House) -> None:
    worker = await house("worker")
    situation = await house.situation(
        participations=[
            {"person": {"sex": "female"}, "person_status": "victim", "contact_consent": "refused"},
        ]
    )
    act = {
        "participation_id": situation["participations"][0]["id"],
        "intervention_type": "contact_attempt",
        "channel": "phone",
        "outcome": "no_answer",
        "occurred_at": "2026-11-20T10:00:00Z",
    }
    refused = await worker.post("/v1/interventions", json=act)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_refused")
    she_came = {**act, "intervention_type": "office_interview", "channel": "on_site", "outcome": "held"}
    assert (await worker.post("/v1/interventions", json=she_came)).status_code == 201
