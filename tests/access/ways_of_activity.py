"""How to call the routes of what is counted without anybody: collective activities, the days worked by a post."""

from __future__ import annotations

from tests.access.calling import Way, way
from tests.access.walking import ACTIVITY, Ground

C, D = "/v1/collective-activities", "/v1/posts/{post_id}/presences"
ONE_C, ONE_D = f"{C}/{{collective_activity_id}}", f"{D}/{{month}}"


async def _recorded(ground: Ground) -> str:
    return f"{C}/{(await ground.made(C, ACTIVITY))['id']}"


async def _of_the_post(ground: Ground) -> str:
    return f"/v1/posts/{ground.house.ids['shared_post']}/presences"


async def _written(ground: Ground) -> str:
    """A month of the shared post, written by whoever walks here first."""
    path = f"{await _of_the_post(ground)}/2026-02"
    said, first = {"days_worked": 18.5}, {"If-None-Match": "*"}
    answer = await (await ground.house("worker")).put(path, json=said, headers=first)
    assert answer.status_code in (201, 412), answer.text
    return path


WAYS_OF_ACTIVITY: dict[str, Way] = {
    f"GET {C}": way("collective_activity:read", tail=C),
    f"POST {C}": way("collective_activity:add", status=201, tail=C, json=ACTIVITY),
    f"GET {ONE_C}": way("collective_activity:read", _recorded),
    f"PATCH {ONE_C}": way("collective_activity:change", _recorded, seen=True, json={"participants": 9}),
    f"GET {D}": way("presence:read", _of_the_post),
    f"GET {ONE_D}": way("presence:read", _written),
    f"PUT {ONE_D}": way("presence:add", _written, seen=True, json={"days_worked": 17}),
}
