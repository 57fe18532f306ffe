"""On that day too: what the post and the partner have each subscribed to, and what waits for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.house_for_tests import House

if TYPE_CHECKING:
    from tests.access.planting import Planted

# Of each organisation: who keeps it, what it hears, and the group of its address and of its notifications.
SUBSCRIBED = {
    "post_webhook": ("worker", ["referral.sent", "partner_referral.sent", "orientation.answered"]),
    "partner_webhook": ("partner", ["orientation.transmitted", "partner_referral.answered"]),
}


async def plant_webhooks(house: House, planted: Planted) -> None:
    """Each is made, rotated, and hears something: its secrets, before and after, are told to its keeper alone."""
    for group, (by, hears) in SUBSCRIBED.items():
        client, url = await house(by), f"https://{group.replace('_', '-')}.kermorvan.exemple.test/relais"
        made = await client.post("/v1/webhooks", json={"url": url, "event_types": hears})
        assert made.status_code == 201, made.text
        said = made.json()
        rotated = await client.post(f"/v1/webhooks/{said['id']}/rotate-secret")
        planted.put("webhook_secrets", said["secret"], rotated.json()["secret"])
        planted.put(group, url)
        planted.name("webhook_id", said["id"], f"{group}_ids")
    referral = await house.referral()
    path, told = f"/v1/referrals/{referral['id']}/feedback", {"feedback_code": "contact_made"}
    assert (await (await house("worker")).post(path, json=told)).status_code == 200
    await house.sent_orientation()
    for (group, (by, _)), webhook in zip(SUBSCRIBED.items(), planted.ids["webhook_id"], strict=True):
        waiting = (await (await house(by)).get(f"/v1/webhooks/{webhook}/deliveries")).json()["items"]
        assert waiting
        for delivery in waiting:
            planted.name("delivery_id", delivery["id"], f"{group}_told")
