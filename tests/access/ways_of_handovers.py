"""How to call the routes by which a post is replaced, handed over, or lets a home visit be made.

Everything begins on a day to come: what is approved here opens nothing to anybody while the tests walk.
"""

from __future__ import annotations

from typing import Any

from tests.access.calling import Way, way
from tests.access.walking import Ground
from tests.house_for_tests import House
from tests.routers.asking import day

R, H, V = "/v1/replacements", "/v1/handovers", "/v1/home-visit-agreements"
ONE_R, ONE_H, ONE_V = f"{R}/{{replacement_id}}", f"{H}/{{handover_id}}", f"{V}/{{agreement_id}}"
REPLACING = "worker_elsewhere"
VISIT = {"visit_on": day(6), "municipality": "Dreux"}
# Nobody replaces herself; nor hands over a post to somebody who does not hold it.
ON_HER_OWN_POST = {"worker": 422, "colleague": 422}
TO_NOBODY_ELSE = {"colleague": 422, REPLACING: 422}


def replacement_draft(house: House) -> dict[str, str]:
    """The shared post, for a few days to come."""
    post = str(house.ids["shared_post"])
    return {"post_id": post, "replacement_reason": "training", "starts_on": day(5), "ends_on": day(9)}


async def _by_herself(ground: Ground) -> Any:
    return replacement_draft(ground.house)


async def _by_the_employer(ground: Ground) -> Any:
    return replacement_draft(ground.house) | {"account_id": str(ground.house.ids[REPLACING])}


async def _replacement(ground: Ground) -> str:
    return f"{R}/{(await ground.made(R, replacement_draft(ground.house), by=REPLACING))['id']}"


async def _handover_draft(ground: Ground) -> Any:
    followed = await ground.superuser.fetch(
        "select p.id from social.participation p join social.situation s on s.id = p.situation_id"
        " where p.post_id = $1 and s.status <> 'closed'", ground.house.ids["shared_post"],
    )  # fmt: skip
    listed = [{"participation_id": str(each["id"]), "notes_go_along": True} for each in followed]
    to = str(ground.house.ids["colleague"])
    return {"to_account_id": to, "handover_motive": "mobility", "starts_on": day(5), "participations": listed}


async def _handover(ground: Ground) -> str:
    return f"{H}/{(await ground.made(H, await _handover_draft(ground)))['id']}"


async def _agreement(ground: Ground) -> str:
    return f"{V}/{(await ground.made(V, VISIT))['id']}"


def _approve(stem: str, path: Any) -> Way:
    return way(f"{stem}:change", path, tail="/approve", column="approved_at")


WAYS_OF_HANDOVERS: dict[str, Way] = {
    f"GET {R}": way("replacement:read", tail=R),
    f"POST {R}": way(
        "replacement:add", status=201, tail=R, json=_by_herself, others=ON_HER_OWN_POST,
        by_role={"coordinator": way("replacement:add", tail=R, json=_by_the_employer)},
    ),
    f"GET {ONE_R}": way("replacement:read", _replacement),
    f"POST {ONE_R}/approve": _approve("replacement", _replacement),
    f"POST {ONE_R}/end": way("replacement:change", _replacement, tail="/end", column="ended_at"),
    "GET /v1/me/notices": way("replacement:read", tail="/v1/me/notices"),
    f"GET {H}": way("handover:read", tail=H),
    f"POST {H}": way("handover:add", status=201, tail=H, json=_handover_draft, others=TO_NOBODY_ELSE),
    f"GET {ONE_H}": way("handover:read", _handover),
    f"GET {ONE_H}/summaries": way("handover_summary:read", _handover, tail="/summaries", of="handover:read"),
    f"POST {ONE_H}/approve": _approve("handover", _handover),
    f"POST {ONE_H}/cancel": way("handover:change", _handover, tail="/cancel", column="cancelled_at"),
    f"GET {V}": way("home_visit_agreement:read", tail=V),
    f"POST {V}": way("home_visit_agreement:add", status=201, tail=V, json=VISIT),
    f"GET {ONE_V}": way("home_visit_agreement:read", _agreement),
    f"POST {ONE_V}/approve": _approve("home_visit_agreement", _agreement),
    f"POST {ONE_V}/refuse": way("home_visit_agreement:change", _agreement, tail="/refuse", column="refused_at"),
}  # fmt: skip
