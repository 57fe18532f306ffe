"""Every writing route of the social worker, on rows of the post that she replaces: nothing is written.

The routes come from the contract: one that nobody has told here how to call fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg
from structlog.testing import capture_logs

from app.access.policy import policy
from tests.access.calling import Way, way
from tests.access.walking import Ground
from tests.access.ways import WAYS, mounted
from tests.house_for_tests import House
from tests.routers.asking import UNKNOWN, day
from tests.routers.relay import REPLACING, handed, replacing, staying, written_by

WRITES = ("POST", "PUT", "PATCH", "DELETE")

# These touch no post: the directory is everybody's, and a session is one's own.
OF_NO_POST = {"partner", "partner_service", "partner_import", "my_session"}
# These say who asks and for which day, or only read: there is no row of the replaced post to aim at.
ELSEWHERE = {
    "POST /v1/persons/search": "reads",
    "POST /v1/replacements": "another replacement, of which another person decides",
    "POST /v1/replacements/{replacement_id}/end": "her own: ending it narrows",
}


def _on_her_post(ground: Ground) -> dict[str, str]:
    return {"post_id": str(ground.house.ids["shared_post"])}


def _saying(draft: dict[str, Any]) -> Any:
    async def said(ground: Ground) -> dict[str, Any]:
        return draft | _on_her_post(ground)

    return said


async def _handover(ground: Ground) -> str:
    open_ones = (await (await ground.house("worker")).get("/v1/situations?limit=200")).json()["items"]
    listed = [
        staying(each["id"], "Un mot.")
        for situation in open_ones
        if situation["status"] != "closed"
        for each in situation["participations"]
    ]
    return f"/v1/handovers/{(await handed(ground.house, listed))['id']}"


HERE: dict[str, Way] = {
    "POST /v1/handovers": way(
        "handover:add", tail="/v1/handovers",
        json=_saying({"to_account_id": UNKNOWN, "handover_motive": "mobility", "starts_on": day(1),
                      "participations": []}),
    ),
    "POST /v1/handovers/{handover_id}/cancel": way("handover:change", _handover, tail="/cancel"),
    "POST /v1/home-visit-agreements": way(
        "home_visit_agreement:add", tail="/v1/home-visit-agreements",
        json=_saying({"visit_on": day(1), "municipality": "Dreux"}),
    ),
}  # fmt: skip


def writing_routes(house: House) -> Iterator[tuple[str, str]]:
    """The writing operations of the contract that her role may call, and their scope."""
    permissions = mounted(house.app)
    for path, operations in house.app.openapi()["paths"].items():
        for method in operations.keys() & {each.lower() for each in WRITES}:
            route = f"{method.upper()} {path}"
            permission = permissions[route]
            if permission is None:
                continue
            if policy().allows("social_worker", permission.scope, column=permission.column):
                yield route, permission.scope


async def test_no_writing_route_changes_anything_on_the_post_that_she_replaces(
    house: House, superuser: asyncpg.Connection
) -> None:
    ground = await Ground.of(house, superuser)
    client = await house(REPLACING)
    await replacing(house)
    answers: dict[str, int] = {}
    alarms = []
    for route, scope in sorted(writing_routes(house)):
        if scope.partition(":")[0] in OF_NO_POST or route in ELSEWHERE:
            continue
        prepared = await (HERE.get(route) or WAYS[route]).prepare(ground)
        said = prepared.get("json")
        if isinstance(said, dict) and "perimeter" not in said and route in TOLD_THE_POST:
            prepared["json"] = said | _on_her_post(ground)
        before = await written_by(superuser)
        headers = dict(prepared.get("headers", {}))
        if route.startswith("PATCH"):
            headers["Content-Type"] = "application/merge-patch+json"
        with capture_logs() as logs:
            answer = await client.request(
                route.partition(" ")[0], prepared["path"], json=said if said is None else prepared["json"],
                headers=headers,
            )  # fmt: skip
        answers[route] = answer.status_code
        # Many refusals of one person are another alarm, and rightly so: only those of PostgreSQL count here.
        alarms += [route for each in logs if each["event"] == "refused_by_database"]
        assert await written_by(superuser) == before, route
    assert alarms == []
    assert {route: status for route, status in answers.items() if status not in EXPECTED.get(route, (403, 404))} == {}
    assert len(answers) > 40


# Their draft may name the post; elsewhere the row does.
TOLD_THE_POST = {
    "POST /v1/situations", "POST /v1/persons", "POST /v1/requisitions", "POST /v1/collective-activities",
    "POST /v1/webhooks",
}  # fmt: skip
# Where the draft names the post, naming one she does not hold is a fault of that field.
EXPECTED = dict.fromkeys(
    (*TOLD_THE_POST, "POST /v1/handovers", "POST /v1/home-visit-agreements", "POST /v1/reports"), (403, 404, 422)
)
