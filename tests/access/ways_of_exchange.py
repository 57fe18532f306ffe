"""How to call the routes by which something leaves the post: orientations, their answers, transmissions.

What the partner answers was transmitted to the CCAS, for which ``partner`` works and ``partner_elsewhere`` does not.
"""

from __future__ import annotations

from typing import Any

from tests.access.calling import Way, on, way
from tests.access.walking import TAKE_UP, TRANSMITTED, Ground

O = "/v1/orientations"  # noqa: E741 — as in ``ways.py``, one letter a resource
T, A = "/v1/transmissions", "/v1/answers/{token}"
P = "/v1/participations/{participation_id}"
ONE_O = f"{O}/{{orientation_id}}"
LINKS = f"{ONE_O}/answer-links"
CHANGE = "orientation:change"

proposed, sent, taken = on("orientation"), on("sent_orientation"), on("sent_orientation", "", TAKE_UP)
agreed, part, line = on("agreed_orientation"), on("participation", "/v1/participations/"), on("transmission")
link, opened = on("answer_link"), on("open_link")
TRANSMIT = TRANSMITTED | {"message": "Relogement à prévoir."}
BASES = f"{T}/legal-bases"


async def _report(ground: Ground) -> Any:
    return await ground.report()


def _at_the_post(path: Any, tail: str, **said: Any) -> Way:
    return way(CHANGE, path, tail=tail, column="status", **said)


def _at_the_partner(path: Any, tail: str, **said: Any) -> Way:
    return way(CHANGE, path, tail=tail, column="acknowledged_at", **said)


WAYS_OF_EXCHANGE: dict[str, Way] = {
    f"GET {P}/orientations": way("participation:read", part, tail="/orientations"),
    f"POST {P}/orientations": way(
        "orientation:add", part, 201, tail="/orientations", json={"partner_category": "ccas_cias"}
    ),
    f"GET {O}": way("orientation:read", tail=O),
    f"GET {O}/reminders": way("transmission:read", tail=f"{O}/reminders"),
    f"GET {ONE_O}": way("orientation:read", sent),
    f"PATCH {ONE_O}": _at_the_post(proposed, "", seen=True, json={"need_type": "food_aid"}),
    f"POST {ONE_O}/agree": _at_the_post(proposed, "/agree", json={"agreed_fields": ["last_name"]}),
    f"POST {ONE_O}/decline": _at_the_post(proposed, "/decline", json={}),
    f"POST {ONE_O}/self-refer": _at_the_post(proposed, "/self-refer", json={}),
    f"POST {ONE_O}/transmit": _at_the_post(agreed, "/transmit", json=TRANSMIT),
    f"POST {ONE_O}/close": _at_the_post(sent, "/close"),
    f"POST {ONE_O}/acknowledge": _at_the_partner(sent, "/acknowledge"),
    f"POST {ONE_O}/take-up": _at_the_partner(sent, "/take-up"),
    f"POST {ONE_O}/refuse": _at_the_partner(sent, "/refuse", json={"refusal_reason": "out_of_area"}),
    f"POST {ONE_O}/outcome": _at_the_partner(taken, "/outcome", json={"outcome_code": "need_met"}),
    f"GET {LINKS}": way("answer_link:read", sent, tail="/answer-links"),
    f"POST {LINKS}": way("answer_link:add", sent, 201, tail="/answer-links", json={}),
    f"POST {LINKS}/{{link_id}}/revoke": way("answer_link:change", link, tail="/revoke"),
    # No account: a link that lives is the permission, whoever holds it.
    f"GET {A}": way(None, opened),
    f"POST {A}": way(None, opened, json={"answer": "acknowledge"}),
    f"GET {T}": way("transmission:read", tail=T),
    f"POST {T}": way("transmission:add", status=201, tail=T, json=_report, of="participation:read"),
    f"GET {BASES}": way("transmission:read", tail=f"{BASES}?transmission_kind=prosecutor_report"),
    f"GET {T}/{{transmission_id}}": way("transmission:read", line),
    f"GET {T}/{{transmission_id}}/content": way("transmission:read", line, tail="/content"),
}
