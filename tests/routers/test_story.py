"""The main job, from the officer's referral to the closed code, over HTTP."""

from tests.house_for_tests import House


async def test_an_officer_sends_the_worker_writes_and_the_officer_sees_only_the_code(house: House) -> None:
    officer, worker = await house("officer"), await house("worker")
    referral = await house.referral()

    accepted = await worker.post(f"/v1/referrals/{referral['id']}/accept", json={})
    assert accepted.status_code == 201
    situation = accepted.json()
    participation = situation["participations"][0]["id"]
    interview = {
        "participation_id": participation,
        "intervention_type": "phone_interview",
        "channel": "phone",
        "outcome": "held",
        "occurred_at": "2026-11-20T10:00:00Z",
        "duration_minutes": 45,
    }
    assert (await worker.post("/v1/interventions", json=interview)).status_code == 201
    note = await house.note(participation)
    answered = await worker.post(f"/v1/referrals/{referral['id']}/feedback", json={"feedback_code": "contact_made"})
    assert answered.status_code == 200

    seen = (await officer.get(f"/v1/referrals/{referral['id']}")).json()
    assert seen == {**referral, "feedback_code": "contact_made", "feedback_on": seen["feedback_on"]}
    assert (await officer.get(f"/v1/notes/{note['id']}")).status_code == 403
    assert (await officer.get(f"/v1/situations/{situation['id']}")).status_code == 403
    assert (await worker.get(f"/v1/situations/{situation['id']}")).json()["status"] == "active"
    assert (await worker.get(f"/v1/notes/{note['id']}")).json()["text"] == note["text"]
