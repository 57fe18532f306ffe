"""How to call the routes of the register of requisitions: entered and decided by the worker, on her post."""

from __future__ import annotations

from typing import Any

from tests.access.calling import Way, way
from tests.access.walking import Ground

Q = "/v1/requisitions"
ONE_Q = f"{Q}/{{requisition_id}}"
REQUISITION: dict[str, Any] = {
    "received_on": "2026-02-02",
    "requested_by": "OPJ",
    "requisition_basis": "cpp_60_1",
    "requested_scope": "Une adresse.",
}
DECISION: dict[str, Any] = {"decision": "complied", "decided_fields": ["last_name"]}


async def _entered(ground: Ground) -> str:
    return f"{Q}/{(await ground.made(Q, REQUISITION))['id']}"


async def _decided(ground: Ground) -> str:
    path = await _entered(ground)
    assert (await (await ground.house("worker")).post(f"{path}/decide", json=DECISION)).status_code == 200
    return path


async def _exact_scope(ground: Ground) -> Any:
    said = {"fields": ["last_name"], "person_informed": "informed_after"}
    return {"participation_id": await ground.participation(), **said}


WAYS_OF_REQUISITIONS: dict[str, Way] = {
    f"GET {Q}": way("requisition:read", tail=Q),
    f"POST {Q}": way("requisition:add", status=201, tail=Q, json=REQUISITION),
    f"GET {ONE_Q}": way("requisition:read", _entered),
    f"POST {ONE_Q}/decide": way("requisition:change", _entered, tail="/decide", json=DECISION),
    f"POST {ONE_Q}/hand-over": way("requisition:change", _decided, tail="/hand-over", json=_exact_scope),
}
