"""Subscriptions: an organisation asks to hear what it could read; a secret told once, an address that is not ours."""

from __future__ import annotations

import base64
import re
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.access.policy import policy
from app.models.columns import new_id
from app.models.outbox import Webhook
from app.openapi import api_routes
from app.services.webhook_secrets import Secret
from tests.house_for_tests import ONE_OF_EACH_ROLE, House, Town, settings_for
from tests.routers.asking import UNKNOWN, faults, patch, refused
from tests.routers.test_machine_clients import let_in, registered
from tests.routers.test_recent_proof import ask

URL = "https://logiciel.exemple.fr/relais"
KEEPERS = {"worker": "referral.sent", "partner": "orientation.transmitted"}
EVERY_EVENT = tuple(policy().events)


async def subscribed(house: House, by: str = "worker", *events: str, **said: Any) -> dict[str, Any]:
    """A subscription just made, with its secret."""
    draft = {"url": URL, "event_types": list(events) or [KEEPERS[by]], **said}
    answer = await (await house(by)).post("/v1/webhooks", json=draft)
    assert answer.status_code == 201, answer.text
    return answer.json()


def without_secret(made: dict[str, Any]) -> dict[str, Any]:
    """What is shown of a subscription ever after."""
    return {name: said for name, said in made.items() if name != "secret"}


@pytest.mark.parametrize("who", KEEPERS)
async def test_an_organisation_subscribes_and_learns_its_secret_once(
    house: House, superuser: asyncpg.Connection, who: str
) -> None:
    caller = await house(who)
    answer = await caller.post("/v1/webhooks", json={"url": URL, "event_types": [KEEPERS[who]]})
    assert answer.status_code == 201, answer.text
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    made = answer.json()
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    again = await caller.get(answer.headers["location"])
    shown = without_secret(made)
    assert {**again.json(), "created_at": ""} == {**shown, "created_at": ""}
    assert [each["id"] for each in (await caller.get("/v1/webhooks")).json()["items"]] == [made["id"]]
    assert shown["kept_by"] == str(house.ids[who])
    place = {"worker": "shared_post", "partner": "ccas"}[who]
    named = {"worker": "post_id", "partner": "partner_id"}[who]
    assert {name: shown[name] for name in shown if name in ("unit_id", "post_id", "partner_id")} == {
        "post_id": None, "partner_id": None, named: str(house.ids[place]),
    }  # fmt: skip
    row = await superuser.fetchrow("select * from outbox.webhook")
    secret = Secret(base64.b64decode(made["secret"].removeprefix("whsec_")))
    assert row["secret_digest"] == secret.digest
    assert secret.octets not in row["sealed_secret"] and secret.proof not in bytes(row["secret_digest"])


async def test_the_secret_is_sealed_for_its_row_and_shows_in_no_repr_and_no_log(
    house: House, superuser: asyncpg.Connection
) -> None:
    with capture_logs() as logs:
        made = await subscribed(house)
        await (await house("worker")).post(f"/v1/webhooks/{made['id']}/rotate-secret")
    row = await superuser.fetchrow("select * from outbox.webhook")
    secret = Secret(base64.b64decode(made["secret"].removeprefix("whsec_")))
    printed = repr(Webhook(**dict(row))) + repr(secret) + repr(logs) + str(secret)
    for hidden in (made["secret"], secret.octets.hex(), str(secret.octets), URL, bytes(row["sealed_secret"]).hex()):
        assert hidden not in printed
    everything = await superuser.fetch("select a::text from audit.trace a")
    assert not [each for each in everything if made["secret"] in each[0] or URL in each[0]]


async def test_what_each_role_may_hear_is_what_the_policy_says_and_nothing_else_is_accepted(house: House) -> None:
    for role, who in ONE_OF_EACH_ROLE.items():
        caller = await house(who)
        heard = {event.name: event.fr for event in policy().heard_by(role)}
        listed = await caller.get("/v1/webhooks/event-types")
        if not heard:
            refused(listed, 403, "forbidden")
            refused(
                await caller.post("/v1/webhooks", json={"url": URL, "event_types": ["referral.sent"]}), 403, "forbidden"
            )
            continue
        assert {each["event_type"]: each["sentence"] for each in listed.json()["items"]} == heard
        for event in EVERY_EVENT:
            answer = await caller.post("/v1/webhooks", json={"url": URL, "event_types": [event]})
            if event in heard:
                assert answer.status_code == 201, (role, event, answer.text)
            else:
                refused(answer, 422, "invalid_request")
                assert faults(answer) == {"/event_types/0": "event_not_heard"}, (role, event)
    assert {role for event in policy().events.values() for role in event.hears} == {"social_worker", "partner"}


async def test_the_police_are_refused_every_route_of_subscriptions_the_same_whether_it_exists_or_not(
    house: House,
) -> None:
    made = await subscribed(house)
    await house.referral()
    (told,) = (await (await house("worker")).get(f"/v1/webhooks/{made['id']}/deliveries")).json()["items"]
    routes = [
        (method, route.path_format)
        for route in api_routes(house.app)
        if route.path_format.startswith("/v1/webhooks")
        for method in route.methods or ()
    ]
    assert len(routes) == 12
    for who in ("officer", "officer_same_unit", "officer_elsewhere", "commander"):
        caller = await house(who)
        for method, path in routes:
            real = path.format(webhook_id=made["id"], delivery_id=told["id"])
            nowhere = path.format(webhook_id=UNKNOWN, delivery_id=UNKNOWN)
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            sent: Any = {} if method == "GET" else {"content": b"{}", "headers": {"Content-Type": kind}}
            said = [await caller.request(method, at, **sent) for at in (real, nowhere)]
            for answer in said:
                refused(answer, 403, "forbidden")
            assert said[0].json()["detail"] == said[1].json()["detail"], (who, method, path)
    assert (await (await house("worker")).get(f"/v1/webhooks/{made['id']}")).json()["paused_at"] is None


async def test_the_lanes_of_the_police_cannot_even_ask_postgresql_how_many_subscriptions_there_are(
    town: Town, database: str, house: House
) -> None:
    await subscribed(house)
    await house.referral()
    for role in ("police_officer", "unit_commander"):
        lane = await asyncpg.connect(town.lane_url(role, database))
        try:
            for table in ("outbox.webhook", "outbox.delivery"):
                for statement in (f"select 1 from {table}", f"explain select 1 from {table}"):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await lane.fetch(statement)
        finally:
            await lane.close()


async def test_nothing_of_a_referral_is_announced_but_its_sending_and_its_withdrawal(
    house: House, superuser: asyncpg.Connection
) -> None:
    heard = [event.name for event in policy().heard_by("social_worker")]
    await subscribed(house, "worker", *heard)
    referral = (await house.referral())["id"]
    worker = await house("worker")
    assert (await worker.post(f"/v1/referrals/{referral}/accept", json={})).status_code == 201
    told = await worker.post(f"/v1/referrals/{referral}/feedback", json={"feedback_code": "contact_made"})
    assert told.status_code == 200, told.text
    kinds = await superuser.fetch("select event_type from outbox.delivery")
    assert [row["event_type"] for row in kinds] == ["referral.sent"]


async def test_every_event_of_the_policy_is_announced_by_a_trigger_and_no_trigger_announces_another(
    superuser: asyncpg.Connection,
) -> None:
    sources = await superuser.fetch(
        "select t.tgrelid::regclass::text as relation, p.prosrc from pg_trigger t join pg_proc p on p.oid = t.tgfoid"
        " where p.pronamespace = 'outbox'::regnamespace and not t.tgisinternal"
    )
    announced = {
        (kind, row["relation"]) for row in sources for kind in re.findall(r"announce\('([a-z_.]+)'", row["prosrc"])
    }
    assert announced == {(event.name, event.resource.table) for event in policy().events.values()}
    for event in policy().events.values():
        # Whoever may hear of a thing may read that thing.
        assert all(policy().resources[event.resource.name].rights[role].get("read") for role in event.hears)


async def test_a_subscription_is_told_of_to_its_organisation_and_changed_by_its_keeper_alone(house: House) -> None:
    made = await subscribed(house)
    address = f"/v1/webhooks/{made['id']}"
    assert (await (await house("colleague")).get(address)).json()["url"] == URL
    for who in ("worker_elsewhere", "partner"):
        refused(await (await house(who)).get(address), 404, "not_found")
        assert (await (await house(who)).get("/v1/webhooks")).json()["items"] == []
    for who in ("colleague", "worker_elsewhere", "partner"):
        for act in ("pause", "resume", "end", "rotate-secret"):
            refused(await (await house(who)).post(f"{address}/{act}"), 404, "not_found")
    seen = (await (await house("colleague")).get(address)).headers["etag"]
    refused(await patch(await house("colleague"), address, {"url": f"{URL}/2"}, seen=seen), 404, "not_found")


async def test_an_address_and_events_are_corrected_in_the_version_seen(house: House) -> None:
    made = await subscribed(house)
    worker, address = await house("worker"), f"/v1/webhooks/{made['id']}"
    said = {"url": f"{URL}/2", "event_types": ["referral.sent", "orientation.answered"]}
    changed = await patch(worker, address, said)
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in said} == said
    refused(await patch(worker, address, {"url": URL}, seen='"stale"'), 412, "precondition_failed")
    unheard = await patch(worker, address, {"event_types": ["orientation.transmitted"]})
    assert faults(unheard) == {"/event_types/0": "event_not_heard"}
    inwards = await patch(worker, address, {"url": "https://10.0.0.1/"})
    assert faults(inwards) == {"/url": "webhook_url_refused"}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://logiciel.exemple.fr/", "webhook_url_refused"),
        ("https://logiciel.exemple.fr:22/", "webhook_url_refused"),
        ("https://127.0.0.1/", "webhook_url_refused"),
        ("https://127.1/", "webhook_url_refused"),
        ("https://2130706433/", "webhook_url_refused"),
        ("https://0x7f.0.0.1/", "webhook_url_refused"),
        ("https://0x7f000001/", "webhook_url_refused"),
        ("https://localhost/", "webhook_url_refused"),
        ("https://a.localhost./", "webhook_url_refused"),
        ("https://[::1]/", "webhook_url_refused"),
        ("https://[::ffff:10.0.0.1]/", "webhook_url_refused"),
        ("https://[64:ff9b::a00:1]/", "webhook_url_refused"),
        ("https://[2002:a00:1::]/", "webhook_url_refused"),
        ("https://169.254.169.254/latest", "webhook_url_refused"),
        ("https://100.64.0.1/", "webhook_url_refused"),
        ("https://168.63.129.16/", "webhook_url_refused"),
        ("https://192.0.2.1/", "webhook_url_refused"),
        ("https://user:word@logiciel.exemple.fr/", "wrong_webhook_url"),
        ("https://logiciel.exemple.fr\\@10.0.0.1/", "wrong_webhook_url"),
        ("https://logiciel.exemple.fr/#a", "wrong_webhook_url"),
        ("https://logi ciel.exemple.fr/", "wrong_webhook_url"),
        ("https://logiciel.exemple.fr:0/", "wrong_webhook_url"),
        ("https://logiciel.exemple.fr:70000/", "wrong_webhook_url"),
        ("https:///x", "wrong_webhook_url"),
        ("ftp://logiciel.exemple.fr/", "wrong_webhook_url"),
        ("file:///etc/passwd", "wrong_webhook_url"),
        ("javascript:alert(1)", "wrong_webhook_url"),
        ("logiciel.exemple.fr", "wrong_webhook_url"),
        ("https://[::1", "wrong_webhook_url"),
        ("https://xn--a/", "wrong_webhook_url"),
        (f"https://exemple.fr/{'é' * 200}", "wrong_webhook_url"),
        (f"https://exemple.fr/{'a' * 500}", "text_too_long"),
    ],
)  # fmt: skip
async def test_an_address_that_leads_inwards_or_misleads_is_refused_at_once(house: House, url: str, code: str) -> None:
    answer = await (await house("worker")).post("/v1/webhooks", json={"url": url, "event_types": ["referral.sent"]})
    refused(answer, 422, "invalid_request")
    assert faults(answer) == {"/url": code}
    assert url not in answer.text


async def test_an_international_name_is_kept_as_it_is_called(house: House) -> None:
    made = await subscribed(house, url="https://Préfecture.Exemple.FR/à/relais")
    assert made["url"] == "https://xn--prfecture-c4a.exemple.fr/%C3%A0/relais"


async def test_an_organisation_has_ten_living_subscriptions_at_most(
    house: House, superuser: asyncpg.Connection
) -> None:
    made = [await subscribed(house) for _ in range(10)]
    draft = {"url": URL, "event_types": ["referral.sent"]}
    for who in ("worker", "colleague"):
        refused(await (await house(who)).post("/v1/webhooks", json=draft), 409, "webhooks_too_many")
    assert await subscribed(house, "worker_elsewhere", "referral.sent")
    assert (await (await house("worker")).post(f"/v1/webhooks/{made[0]['id']}/end")).status_code == 200
    await subscribed(house)
    # Whose keeper has left is nobody's to end: it does not stand in the way.
    await superuser.execute(
        "update outbox.webhook set paused_at = now(), paused_because = 'owner' where id = $1", made[1]["id"]
    )
    await subscribed(house)


async def test_what_is_over_stays_over(house: House) -> None:
    made = await subscribed(house)
    worker, address = await house("worker"), f"/v1/webhooks/{made['id']}"
    ended = await worker.post(f"{address}/end")
    assert ended.json()["ended_at"]
    assert (await worker.get("/v1/webhooks")).json()["items"] == []
    assert (await worker.get(address)).json() == ended.json()
    for act in ("pause", "resume", "end", "rotate-secret"):
        refused(await worker.post(f"{address}/{act}"), 409, "webhook_ended")
    refused(await worker.post(f"{address}/replay", json={"since": "2026-01-01T00:00:00Z"}), 409, "webhook_ended")


async def test_a_pause_says_why_and_resuming_ends_it(house: House) -> None:
    made = await subscribed(house)
    worker, address = await house("worker"), f"/v1/webhooks/{made['id']}"
    paused = (await worker.post(f"{address}/pause")).json()
    assert paused["paused_because"] == "asked" and paused["paused_at"]
    assert (await worker.post(f"{address}/pause")).json() == paused
    assert (await worker.post(f"{address}/resume")).json() == without_secret(made) | {
        "created_at": paused["created_at"]
    }


async def test_who_has_several_organisations_says_which(house: House, superuser: asyncpg.Connection) -> None:
    worker = await house("worker")
    for name, field, place in (
        ("worker", "post_id", "other_post"),
        ("partner", "partner_id", "association"),
    ):
        await superuser.execute(
            f"insert into accounts.posting (id, account_id, {field}, starts_on, approved_at)"
            " values ($1, $2, $3, '2026-01-01', now())",
            new_id(), house.ids[name], house.ids[place],
        )  # fmt: skip
        draft = {"url": URL, "event_types": [KEEPERS[name]]}
        caller = await house(name)
        expected = {"post_id": "post_expected", "partner_id": "partner_expected"}[field]
        assert faults(await caller.post("/v1/webhooks", json=draft)) == {f"/{field}": expected}
        assert faults(await caller.post("/v1/webhooks", json={**draft, field: UNKNOWN})) == {f"/{field}": expected}
        made = await subscribed(house, name, **{field: str(house.ids[place])})
        assert made[field] == str(house.ids[place])
    draft = {"url": URL, "event_types": ["referral.sent"]}
    elsewhere = await worker.post("/v1/webhooks", json={**draft, "partner_id": str(house.ids["ccas"])})
    assert faults(elsewhere) == {"/partner_id": "not_your_organisation"}
    # A unit is no subscriber: there is no such field.
    unit = await worker.post("/v1/webhooks", json={**draft, "unit_id": str(house.ids["north"])})
    assert faults(unit) == {"/unit_id": "unknown_member"}


async def test_software_with_its_scope_manages_the_subscriptions_of_its_partner(house: House) -> None:
    machine = await let_in(house, await registered(house, "webhook:manage"))
    draft = {"url": URL, "event_types": ["orientation.transmitted"]}
    # A token of five minutes is a proof recent enough.
    answer = await machine.post("/v1/webhooks", json=draft)
    assert answer.status_code == 201, answer.text
    address = answer.headers["location"]
    assert (await machine.post(f"{address}/rotate-secret")).status_code == 200
    assert (await patch(machine, address, {"url": f"{URL}/2"})).status_code == 200
    assert (await machine.get(f"{address}/deliveries")).json() == {"items": [], "next_cursor": None}
    assert (await (await house("partner")).get(address)).status_code == 200
    refused(await (await house("partner_elsewhere")).get(address), 404, "not_found")
    other = await let_in(house, await registered(house, "orientation:read"))
    refused(await other.post("/v1/webhooks", json=draft), 403, "forbidden")
    refused(await other.get("/v1/webhooks"), 403, "forbidden")


async def test_where_it_goes_and_who_signs_want_a_recent_proof(house: House, superuser: asyncpg.Connection) -> None:
    made = await subscribed(house)
    worker, address = await house("worker"), f"/v1/webhooks/{made['id']}"
    await superuser.execute("update accounts.session set authenticated_at = now() - interval '11 minutes'")
    for route in ("POST /v1/webhooks", f"POST {address}/rotate-secret", f"PATCH {address}"):
        refused(await ask(worker, route), 401, "proof_too_old")
    for act in ("pause", "resume", "end"):
        assert (await worker.post(f"{address}/{act}")).status_code == 200


async def test_a_secret_told_once_is_not_told_again_under_its_key(house: House) -> None:
    worker, draft = await house("worker"), {"url": URL, "event_types": ["referral.sent"]}
    first = await worker.post("/v1/webhooks", json=draft, headers={"Idempotency-Key": "w"})
    assert first.status_code == 201
    again = await worker.post("/v1/webhooks", json=draft, headers={"Idempotency-Key": "w"})
    refused(again, 409, "idempotency_told_once")
    rotate = f"{first.headers['location']}/rotate-secret"
    assert (await worker.post(rotate, headers={"Idempotency-Key": "r"})).status_code == 200
    refused(await worker.post(rotate, headers={"Idempotency-Key": "r"}), 409, "idempotency_told_once")


async def test_without_the_key_of_this_process_no_subscription_is_made(
    town: Town, database: str, keys: dict[str, str]
) -> None:
    keyless = {name: key for name, key in keys.items() if name != "webhook_key"}
    async with House.running(town, database, settings_for(town, database, keyless)) as house:
        worker = await house("worker")
        answer = await worker.post("/v1/webhooks", json={"url": URL, "event_types": ["referral.sent"]})
        refused(answer, 503, "unavailable")
        assert (await worker.get("/v1/webhooks")).status_code == 200
