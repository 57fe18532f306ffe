"""What is told, to whom, and never more: a type, an instant, an identifier, to whoever could read it then."""

from __future__ import annotations

import asyncpg
import pytest

from app.access.policy import policy
from app.notifying.notifier import Notifier
from tests.house_for_tests import House
from tests.notifying.receiver import Receiver, receiving
from tests.notifying.telling import later, log_of, subscribed, told
from tests.routers.test_machine_clients import let_in, registered


async def test_a_subscriber_is_told_a_type_an_instant_and_an_identifier_signed_and_nothing_else(
    house: House, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    referral = await house.referral(last_name="Bolieu", facts="Ce qui s'est passé.")

    await told(notifier)

    (call,) = receiver.calls
    assert call.verified_by(webhook["secret"])
    assert not call.verified_by("whsec_" + "A" * 43 + "=")
    assert call.said.keys() == {"type", "timestamp", "data"}
    assert (call.said["type"], call.said["data"]) == ("referral.sent", {"id": referral["id"]})
    assert call.headers["content-type"] == "application/json" and len(call.body) < 200
    assert call.headers.keys() == {
        "host", "content-length", "content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature",
    }  # fmt: skip
    for hidden in ("Bolieu", "passé", str(house.ids["north"]), str(house.ids["officer"])):
        assert hidden not in call.body.decode() + str(call.headers)
    (shown,) = await log_of(house, webhook)
    assert (shown["id"], shown["state"], shown["subject_id"]) == (call.name, "delivered", referral["id"])
    assert [(each["status"], each["failure"]) for each in shown["attempts"]] == [(204, None)]
    assert call.said["timestamp"] == shown["happened_at"]
    await told(notifier)
    assert len(receiver.calls) == 1


async def everything_happens(house: House) -> dict[str, str]:
    """Each event of the policy, once; its object."""
    worker, partner, officer = await house("worker"), await house("partner"), await house("officer")
    sent = (await house.referral())["id"]
    withdrawn = (await house.referral())["id"]
    assert (await officer.post(f"/v1/referrals/{withdrawn}/withdraw")).status_code == 200
    assert (await worker.post(f"/v1/referrals/{sent}/accept", json={})).status_code == 201
    answered = await worker.post(f"/v1/referrals/{sent}/feedback", json={"feedback_code": "contact_made"})
    assert answered.status_code == 200, answered.text
    bare = {
        "post_id": str(house.ids["shared_post"]), "last_name": "Petit", "person_status": "victim", "urgency": "urgent",
        "contact_consent": "not_asked",
    }  # fmt: skip
    directed = [(await partner.post("/v1/referrals", json=bare)).json()["id"] for _ in range(2)]
    assert (await partner.post(f"/v1/referrals/{directed[1]}/withdraw")).status_code == 200
    assert (await worker.post(f"/v1/referrals/{directed[0]}/accept", json={})).status_code == 201
    answered = await worker.post(f"/v1/referrals/{directed[0]}/feedback", json={"feedback_code": "contact_made"})
    assert answered.status_code == 200, answered.text
    orientation = (await house.sent_orientation())["id"]
    acknowledged = await partner.post(f"/v1/orientations/{orientation}/acknowledge")
    assert acknowledged.status_code == 200, acknowledged.text
    closed = (await house.sent_orientation())["id"]
    done = await worker.post(f"/v1/orientations/{closed}/close")
    assert done.status_code == 200, done.text
    return {
        "referral.sent": sent, "referral.withdrawn": withdrawn,
        "partner_referral.sent": directed[0], "partner_referral.withdrawn": directed[1],
        "partner_referral.answered": directed[0], "orientation.transmitted": orientation,
        "orientation.answered": orientation, "orientation.closed": closed,
    }  # fmt: skip


SUBSCRIBERS = {
    "worker": ("referral.sent", "referral.withdrawn", "partner_referral.sent", "partner_referral.withdrawn",
               "orientation.answered"),
    "partner": ("partner_referral.answered", "orientation.transmitted", "orientation.closed"),
}  # fmt: skip
ELSEWHERE = {"worker_elsewhere": "worker", "partner_elsewhere": "partner"}


async def test_each_hears_of_what_is_its_own_and_nobody_elsewhere_hears_of_anything(
    house: House, notifier: Notifier
) -> None:
    async with receiving() as here, receiving() as there:
        for who, events in SUBSCRIBERS.items():
            await subscribed(house, here, *events, by=who)
        for who, like in ELSEWHERE.items():
            await subscribed(house, there, *SUBSCRIBERS[like], by=who)
        happened = await everything_happens(house)
        for _ in range(3):
            await told(notifier)
        assert there.calls == []
        heard = {(call.said["type"], call.said["data"]["id"]) for call in here.calls}
        assert set(happened.items()) <= heard
        assert len(here.names) == len(here.calls)
        # Of what the post does: neither the reading, nor the decision, nor the situation, nor the feedback to a unit.
        assert {kind for kind, _ in heard} == set(happened) == set(policy().events)


async def test_what_is_told_is_read_again_by_the_api_with_the_same_rights(
    house: House, receiver: Receiver, notifier: Notifier
) -> None:
    machine = await let_in(house, await registered(house, "webhook:manage", "orientation:read"))
    draft = {"url": receiver.url, "event_types": ["orientation.transmitted"]}
    assert (await machine.post("/v1/webhooks", json=draft)).status_code == 201
    await house.sent_orientation()
    await told(notifier)
    (call,) = receiver.calls
    assert (await machine.get(f"/v1/orientations/{call.said['data']['id']}")).status_code == 200


async def test_a_write_that_is_refused_or_rehearsed_notifies_nobody_and_one_sent_again_notifies_once(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    await subscribed(house, receiver, "referral.sent")
    officer = await house("officer")
    draft = {
        "last_name": "Bolieu", "person_status": "victim", "document_type": "complaint", "urgency": "urgent",
        "contact_consent": "given_to_officer",
    }  # fmt: skip
    assert (await officer.post("/v1/referrals", json={**draft, "urgency": "?"})).status_code == 422
    rehearsed = await officer.post("/v1/referrals", json=draft, headers={"Prefer": "dry-run"})
    assert rehearsed.status_code == 201
    assert await superuser.fetchval("select count(*) from outbox.delivery") == 0
    for _ in range(3):
        answer = await officer.post("/v1/referrals", json=draft, headers={"Idempotency-Key": "once"})
        assert answer.status_code == 201
    await told(notifier)
    assert [call.said["data"]["id"] for call in receiver.calls] == [answer.json()["id"]]


async def test_what_the_keeper_can_no_longer_read_is_withheld_and_never_leaves(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    other = await subscribed(house, receiver, "orientation.answered")
    await house.referral()
    # The post no longer serves that unit: its referrals are no longer to be read.
    await superuser.execute("update organisation.post_unit set ends_on = '2026-01-02'")
    await told(notifier)
    (shown,) = await log_of(house, webhook)
    assert (shown["state"], shown["attempts"], shown["next_attempt_at"]) == ("withheld", [], None)
    assert receiver.calls == []
    assert await log_of(house, other) == []
    # Served again, it may be sent again.
    await superuser.execute("update organisation.post_unit set ends_on = null")
    again = await (await house("worker")).post(f"/v1/webhooks/{webhook['id']}/deliveries/{shown['id']}/replay")
    assert again.json()["state"] == "pending"
    await told(notifier)
    assert receiver.names == {shown["id"]}


GONE = {
    "suspended": "update accounts.account set suspended_at = now() where id = $1",
    "ended": "update accounts.account set ended_at = now() where id = $1",
    "posted no more": "update accounts.posting set ends_on = '2026-01-02' where account_id = $1",
    "posting ended": "update accounts.posting set ended_at = now() where account_id = $1",
}


@pytest.mark.parametrize("how", GONE)
async def test_when_its_keeper_has_left_a_subscription_says_nothing_more_and_says_why(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier, how: str
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    await house.referral()
    await superuser.execute(GONE[how], house.ids["worker"])
    await told(notifier)
    assert receiver.calls == []
    shown = (await (await house("colleague")).get(f"/v1/webhooks/{webhook['id']}")).json()
    assert shown["paused_because"] == "owner" and shown["paused_at"]


async def test_a_secret_that_is_not_the_right_one_opens_nothing(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    mine = await subscribed(house, receiver, "referral.sent")
    other = await subscribed(house, receiver, "referral.sent", by="colleague")
    await house.referral()
    # Whoever can write the table puts the sealed secret of one on the row of another.
    await superuser.execute(
        "update outbox.webhook set sealed_secret = (select sealed_secret from outbox.webhook where id = $2)"
        " where id = $1",
        mine["id"], other["id"],
    )  # fmt: skip
    await told(notifier)
    assert [call.verified_by(other["secret"]) for call in receiver.calls] == [True]
    (shown,) = await log_of(house, mine)
    assert shown["state"] == "pending" and shown["attempts"] == []
    page = house.app.state.watch.page().decode()
    assert 'relais_alarms_total{kind="broken_seal"} 1.0' in page


async def test_every_claim_leaves_its_trace_in_the_name_of_the_keeper(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    webhook = await subscribed(house, receiver, "referral.sent")
    for _ in range(3):
        await house.referral()
    before = await superuser.fetchval("select count(*) from audit.trace where act = 'webhook:read'")
    await told(notifier)
    rows = await superuser.fetch(
        "select account_id, subject_id::text, row_count, outcome from audit.trace where act = 'webhook:read'"
    )
    assert len(rows) == before + 1
    assert (house.ids["worker"], webhook["id"], 3, "done") in {tuple(row) for row in rows}


async def test_while_a_secret_changes_both_sign_and_after_a_day_the_new_one_alone(
    house: House, superuser: asyncpg.Connection, receiver: Receiver, notifier: Notifier
) -> None:
    old = await subscribed(house, receiver, "referral.sent")
    rotated = await (await house("worker")).post(f"/v1/webhooks/{old['id']}/rotate-secret")
    new = rotated.json()
    assert new["secret"] != old["secret"] and new["previous_secret_until"]
    await house.referral()
    await told(notifier)
    await superuser.execute("update outbox.webhook set previous_until = now() - interval '1 second'")
    await house.referral()
    await later(superuser)
    await told(notifier)
    verified = [(call.verified_by(old["secret"]), call.verified_by(new["secret"])) for call in receiver.calls]
    assert verified == [(True, True), (False, True)]
