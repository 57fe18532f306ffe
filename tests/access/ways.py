"""How to call each route validly, and what the policy file says each person must be answered.

``WAYS`` is written by hand, scopes included: a route that asks for another scope than the one meant here is a fault.
Objects are the worker's, on her post, about a person of the unit « north »; each call gets real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.access.gate import Permission, permission_of
from app.access.policy import policy
from tests.access import ways_of_partner_referrals as by_partner
from tests.access.calling import Way
from tests.access.calling import on as _on
from tests.access.calling import unless as _unless
from tests.access.calling import way as _way
from tests.access.walking import INTAKE, JOINING, KEPT, REFERRAL, Call, Ground, interview
from tests.access.ways_of_activity import WAYS_OF_ACTIVITY
from tests.access.ways_of_exchange import WAYS_OF_EXCHANGE
from tests.access.ways_of_handovers import WAYS_OF_HANDOVERS
from tests.access.ways_of_identity import WAYS_OF_IDENTITY
from tests.access.ways_of_requisitions import WAYS_OF_REQUISITIONS
from tests.access.ways_of_statistics import WAYS_OF_STATISTICS
from tests.access.ways_of_webhooks import HEARS, WAYS_OF_WEBHOOKS
from tests.house_for_tests import ANSWERS_FOR, PEOPLE, SERVED


def _situation(*acts: tuple[str, Any]) -> Any:
    return lambda ground: ground.situation(*acts)


def _kept(name: str) -> dict[str, Way]:
    stem, path = name.removesuffix("s"), f"/v1/{name}/{{{name.removesuffix('s')}_id}}"

    async def draft(ground: Ground) -> Any:
        return KEPT[name] | (ground.post_facts() if name == "posts" else {})

    def one(ground: Ground) -> Any:
        return ground.kept(name)

    return {
        f"GET /v1/{name}": _way(f"{stem}:read", tail=f"/v1/{name}"),
        f"POST /v1/{name}": _way(f"{stem}:add", status=201, tail=f"/v1/{name}", json=draft),
        f"GET {path}": _way(f"{stem}:read", one),
        f"PATCH {path}": _way(f"{stem}:change", one, seen=True, watched_by="administrator", json={"name": "Autre"}),
    }


async def _partner(ground: Ground) -> str:
    return f"/v1/partners/{(await ground.made('/v1/partners', PARTNER))['id']}"


async def _partner_service(ground: Ground) -> str:
    made = await ground.made(f"{await _partner(ground)}/services", PARTNER_SERVICE)
    return f"/v1/partner-services/{made['id']}"


def _hsds(name: str, scope: str, first: Any) -> dict[str, Way]:
    """A list of the façade and, found in it, one of its objects."""
    path = f"/hsds/{name}"

    async def one(ground: Ground) -> Any:
        await first(ground)
        listed = (await (await ground.house("worker")).get(path)).json()
        return f"{path}/{listed['contents'][0]['id']}"

    return {f"GET {path}": _way(scope, tail=path), f"GET {path}/{{id}}": _way(scope, one)}


async def _about_somebody(ground: Ground) -> Any:
    return interview(await ground.participation())


async def _form(ground: Ground) -> Any:
    return {"grant_type": "refresh_token", "refresh_token": await ground.refresh_token()}


async def _token(ground: Ground) -> Any:
    return {"token": await ground.refresh_token()}


async def _shared_with(ground: Ground) -> Any:
    return {"shared_with": str(ground.house.ids["colleague"])}


PARTNER = {"name": "CIDFF", "partner_category": "womens_rights_cidff", "address_confidential": False}
PARTNER_SERVICE = {"name": "Accueil", "description": "Écoute.", "needs": ["housing"], "areas": ["departement:28"]}
NO_PARTNER: dict[str, Any] = {"structures": [], "services": []}
WHO_CAN_HELP = "/v1/partner-services?need=housing&commune=28085"

PUBLIC = ("/healthz", "/readyz", "/v1/status", "/.well-known/jwks.json", "/hsds")
R, S, P = "/v1/referrals", "/v1/situations", "/v1/participations"
ONE_P, ONE_N, ONE_H = f"{P}/{{participation_id}}", "/v1/notes/{note_id}", "/v1/persons/{person_id}/household-links"
part, pers = _on("participation", f"{P}/"), _on("person")
note, share, need, link = _on("note"), _on("share"), _on("need"), _on("link")
act, safe, ref = _on("intervention"), _on("safe_contact"), _on("referral")
closed = ("close", {"closure_reason": "need_met"})
paused = (("interview", None), ("suspend", {}))

WAYS: dict[str, Way] = {
    f"GET {R}": _way("referral:read", tail=R),
    f"POST {R}": _unless(_way("referral:add", status=201, tail=R, json=REFERRAL), partner=by_partner.SEND),
    f"GET {R}/{{referral_id}}": _unless(_way("referral:read", ref), partner=by_partner.READ),
    f"POST {R}/{{referral_id}}/withdraw": _unless(
        _way("referral:change", ref, tail="/withdraw", column="withdrawn_at"), partner=by_partner.WITHDRAW
    ),
    f"POST {R}/{{referral_id}}/accept": _way("referral_handling:change", ref, 201, tail="/accept", json={}),
    f"POST {R}/{{referral_id}}/redirect": _way(
        "referral_handling:change", ref, tail="/redirect", json={"redirected_to": "CCAS"}
    ),
    f"POST {R}/{{referral_id}}/reject": _way("referral_handling:change", ref, tail="/reject", json={}),
    f"POST {R}/{{referral_id}}/feedback": _way(
        "referral:change", ref, tail="/feedback", json={"feedback_code": "received"}, column="feedback_code"
    ),
    f"GET {S}": _way("situation:read", tail=S),
    f"POST {S}": _way("situation:add", status=201, tail=S, json=INTAKE),
    f"GET {S}/{{situation_id}}": _way("situation:read", _situation()),
    f"PATCH {S}/{{situation_id}}": _way("situation:change", _situation(), seen=True, json={"urgency": "urgent"}),
    f"POST {S}/{{situation_id}}/suspend": _way("situation:change", _situation(paused[0]), tail="/suspend", json={}),
    f"POST {S}/{{situation_id}}/resume": _way("situation:change", _situation(*paused), tail="/resume"),
    f"POST {S}/{{situation_id}}/close": _way("situation:change", _situation(), tail="/close", json=closed[1]),
    f"POST {S}/{{situation_id}}/reopen": _way("situation:change", _situation(closed), tail="/reopen"),
    f"GET {S}/{{situation_id}}/participations": _way("participation:read", _situation(), tail="/participations"),
    f"POST {S}/{{situation_id}}/participations": _way(
        "participation:add", _situation(), 201, tail="/participations", json=JOINING
    ),
    f"GET {ONE_P}": _way("participation:read", part),
    f"PATCH {ONE_P}": _way("participation:change", part, seen=True, json={"contact_consent": "refused"}),
    f"GET {ONE_P}/needs": _way("need:read", part, tail="/needs"),
    f"POST {ONE_P}/needs": _way("need:add", part, 201, tail="/needs", json={"need_type": "housing"}),
    "GET /v1/needs/{need_id}": _way("need:read", need),
    "PATCH /v1/needs/{need_id}": _way("need:change", need, seen=True, json={"met_on": None}),
    "DELETE /v1/needs/{need_id}": _way("need:change", need, 204, seen=True),
    f"GET {ONE_P}/notes": _way("note:read", part, tail="/notes", of="participation:read"),
    f"POST {ONE_P}/notes": _way("note:add", part, 201, tail="/notes", json={"text": "Un mot."}),
    f"GET {ONE_N}": _way("note:read", note),
    f"GET {ONE_N}/shares": _way("note_share:read", note, tail="/shares", of="note:read"),
    f"POST {ONE_N}/shares": _way("note_share:add", note, 201, tail="/shares", json=_shared_with),
    f"GET {ONE_N}/shares/{{share_id}}": _way("note_share:read", share),
    f"DELETE {ONE_N}/shares/{{share_id}}": _way("note_share:change", share, 204, seen=True),
    f"GET {ONE_P}/safe-contact": _way("safe_contact:read", safe),
    f"PUT {ONE_P}/safe-contact": _way("safe_contact:add", safe, seen=True, json={"address": "chez sa mère"}),
    "GET /v1/interventions": _way("intervention:read", tail="/v1/interventions"),
    "POST /v1/interventions": _way(
        "intervention:add", status=201, tail="/v1/interventions", json=_about_somebody, of="participation:read"
    ),
    "GET /v1/interventions/{intervention_id}": _way("intervention:read", act),
    "PATCH /v1/interventions/{intervention_id}": _way("intervention:change", act, seen=True, json={"channel": "video"}),
    "GET /v1/persons": _way("person:read", tail="/v1/persons"),
    "POST /v1/persons": _way("person:add", status=201, tail="/v1/persons", json={"sex": "female"}),
    "POST /v1/persons/search": _way("person:read", tail="/v1/persons/search", json={"name": "Petit"}),
    "GET /v1/persons/{person_id}": _way("person:read", pers),
    "PATCH /v1/persons/{person_id}": _way("person:change", pers, seen=True, json={"first_name": "Anne"}),
    f"GET {ONE_H}": _way("household_link:read", pers, tail="/household-links", of="person:read"),
    f"POST {ONE_H}": _way("household_link:add", pers, 201, tail="/household-links", json=lambda g: g.other_person()),
    f"GET {ONE_H}/{{link_id}}": _way("household_link:read", link),
    f"DELETE {ONE_H}/{{link_id}}": _way("household_link:change", link, 204, seen=True),
    "GET /v1/partners": _way("partner:read", tail="/v1/partners"),
    "GET /v1/partners/export": _way("partner:read", tail="/v1/partners/export"),
    "POST /v1/partners/import": _way("partner:add", tail="/v1/partners/import", json=NO_PARTNER),
    "POST /v1/partners": _way("partner:add", status=201, tail="/v1/partners", json=PARTNER),
    "GET /v1/partners/{partner_id}": _way("partner:read", _partner),
    "PATCH /v1/partners/{partner_id}": _way("partner:change", _partner, seen=True, json={"name": "Autre"}),
    "GET /v1/partners/{partner_id}/services": _way("partner_service:read", _partner, tail="/services"),
    "POST /v1/partners/{partner_id}/services": _way(
        "partner_service:add", _partner, 201, tail="/services", json=PARTNER_SERVICE
    ),
    "GET /v1/partner-services": _way("partner_service:read", tail=WHO_CAN_HELP),
    "GET /v1/partner-services/{service_id}": _way("partner_service:read", _partner_service),
    "PATCH /v1/partner-services/{service_id}": _way(
        "partner_service:change", _partner_service, seen=True, json={"name": "Autre"}
    ),
    **_hsds("organizations", "partner:read", _partner),
    **_hsds("services", "partner_service:read", _partner_service),
    **_hsds("service_at_locations", "partner_service:read", _partner_service),
    **_hsds("taxonomies", "partner_service:read", _partner_service),
    **_hsds("taxonomy_terms", "partner_service:read", _partner_service),
    "GET /v1/me": _way("me:read", tail="/v1/me"),
    "GET /v1/me/traces": _way("me:read", tail="/v1/me/traces"),
    "GET /v1/me/usage": _way("me:read", tail="/v1/me/usage"),
    "GET /v1/colleagues": _way("me:read", tail="/v1/colleagues"),
    "GET /v1/audit/traces": _way("trace:read", tail="/v1/audit/traces"),
    "GET /v1/nomenclatures": _way("nomenclature:read", tail="/v1/nomenclatures"),
    "GET /v1/nomenclatures/{name}": _way("nomenclature:read", tail="/v1/nomenclatures/sex", of="nomenclature:read"),
    **WAYS_OF_EXCHANGE,
    **WAYS_OF_REQUISITIONS,
    **WAYS_OF_ACTIVITY,
    **WAYS_OF_STATISTICS,
    **WAYS_OF_HANDOVERS,
    **WAYS_OF_IDENTITY,
    **WAYS_OF_WEBHOOKS,
    **_kept("units"), **_kept("sites"), **_kept("employers"), **_kept("posts"),
    "POST /v1/auth/token": _way(None, tail="/v1/auth/token", form=_form),
    "POST /v1/auth/revoke": _way(None, tail="/v1/auth/revoke", form=_token),
    **{f"GET {path}": _way(None, tail=path) for path in PUBLIC},
    "GET /problems/{code}": _way(None, tail="/problems/not_found"),
}  # fmt: skip


def mounted(app: FastAPI) -> dict[str, Permission | None]:
    """Every API route that the application really serves, prefixes included, and the permission it asks for.

    Asked of FastAPI: FastAPI keeps included routers apart (``iter_route_contexts``).
    """
    return {
        f"{method} {route.path}": permission_of(route.original_route)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.original_route.include_in_schema
        for method in route.methods or ()
    }


MY_POST = (
    "my_posts", "my_posts_not_withdrawn", "signed_by_me", "changed_by_me", "proposed_by_me", "created_by_me",
    "recorded_by_me", "sent_by_me_from_my_post", "received_by_me_from_a_partner", "drafted_by_me_for_my_post",
    "my_posts_not_validated", "held_posts", "of_my_posts_or_mine",
)  # fmt: skip
MY_EMPLOYER = (
    "my_employers", "my_employers_in_course", "recorded_by_me_for_my_employer", "drafted_by_me_for_my_employer",
    "changed_by_me_for_my_employer",
)  # fmt: skip
# What was published to all is read by all; a frozen report of the post, by its unit and by the observatory.
PUBLISHED = ("published_to_all", "published_of_my_units", "published_to_committees", "frozen_of_observed_employers")
MY_PARTNER = (
    "my_partners", "my_partners_while_open", "my_partners_not_refused", "my_partners_not_withdrawn",
    "sent_by_me_for_my_partner",
    "answered_by_me",
)  # fmt: skip
# Of its own organisation's subscription, whoever keeps it.
KEPT_BY_ME = tuple(f"kept_by_me_for_my_{place}" for place in ("unit", "post", "partner"))


def takes(name: str, rule: str) -> bool:
    """Does this person reach, by this row rule, an object of the worker's post and of the unit north?"""
    _, unit, post = PEOPLE[name]
    in_unit = unit == "north" or "north" in SERVED.get(post or "", ())
    holds = post == "shared_post"
    by_rule = {
        "everything": True,
        "while_signed_in": True,
        "while_posted": post is not None,
        "while_posted_besides_refuges": post is not None,
        "my_units_not_withdrawn": in_unit,
        "served_units_not_withdrawn": holds and in_unit,
        "proposed_by_me_for_another": True,
        "my_units": in_unit,
        "my_posts_and_units": holds and in_unit,
    }
    by_rule |= {"received_by_me": holds and in_unit, "frozen_of_my_units": in_unit}
    by_rule |= dict.fromkeys(PUBLISHED, True)
    by_rule |= dict.fromkeys(MY_EMPLOYER, name == "coordinator")
    by_rule |= dict.fromkeys(MY_POST, holds)
    # What leaves the post is addressed to the CCAS, and comes from it.
    by_rule |= dict.fromkeys(MY_PARTNER, ANSWERS_FOR.get(name) == "ccas")
    by_rule |= dict.fromkeys(KEPT_BY_ME, name in HEARS)
    by_rule |= dict.fromkeys(
        ("mine_or_shared_with_me", "shared_by_me", "handed_over_by_me_not_approved"), name == "worker"
    )
    # The worker of the other post asks to replace the holders of this one.
    replaced = holds or name == "worker_elsewhere"
    by_rule |= dict.fromkeys(("my_replacements_or_my_posts", "my_replacements_or_my_posts_in_course"), replaced)
    return by_rule[rule]


def expected(way: Way, name: str) -> int:
    """The status that the policy file promises this person."""
    role = PEOPLE[name][0]
    if way.scope is None:
        return way.others.get(name, way.status)
    if not policy().allows(role, way.scope, column=way.column):
        return 403
    right = policy().right(role, way.of) if way.of else None
    return 404 if right is not None and not takes(name, right.takes.name) else way.others.get(name, way.status)


async def call_of(route: str, ground: Ground, role: str | None = None) -> Call:
    """A valid call of a route, on fresh objects; as ``role`` says it, when it has a way of its own."""
    prepare = WAYS[route].by_role.get(role or "", WAYS[route].prepare)
    return Call(route.partition(" ")[0], **await prepare(ground))


def protected() -> Iterator[str]:
    """The routes that ask for a token."""
    return (route for route, way in WAYS.items() if way.asks_for_a_token)
