"""What each operation says beyond its bodies: its refusals, its headers, who may call it, by its permission."""

from __future__ import annotations

from typing import Any, Final

from fastapi.routing import RouteContext

from app.access.gate import Permission, asks_for_a_token, permission_of, proves_who_comes
from app.access.policy import CLIENT_ROLE, policy
from app.contract import problems, security
from app.contract.fields import explain
from app.contract.headers import READ, headers, parameter
from app.deprecations import describe_deprecation

RECENT_PROOF: Final = (
    "Demande une identité prouvée depuis moins de dix minutes (RFC 9470) : sinon 401, code `proof_too_old`."
)
FOR_ANYBODY: Final = "Sans jeton."
FOR_THE_SIGNED_IN: Final = "Pour : toute personne connectée."
_DONE: Final = {
    "200": "Fait ; voici ce que vous en voyez.",
    "201": "Créé.",
    "204": "Fait ; il n'y a rien à ajouter.",
    "303": "Vers l'adresse de l'en-tête `Location`.",
}
_READ_DONE: Final = "Ce que vous en voyez."


def complete(operation: dict[str, Any], route: RouteContext, method: str) -> None:
    """Say all that FastAPI does not know of an operation."""
    permission = permission_of(route)
    counted = route.tags != ["health"]
    writes = permission is not None and method != "get" and not permission.scope.endswith(":read")
    keyed = permission is not None and permission.remembers and method == "post"
    _say_who(operation, permission, token=asks_for_a_token(route))
    _say_body(operation, method)
    _say_parameters(operation, method, writes=writes, keyed=keyed)
    sent = (
        "X-Request-Id",
        *(("RateLimit", "RateLimit-Policy") if counted else ()),
        *(("Preference-Applied",) if writes else ()),
        *(("Idempotency-Replayed",) if keyed else ()),
    )
    for status, response in operation["responses"].items():
        _say_answer(response, status, method, sent)
    if any(_named(each) == "If-None-Match" for each in operation.get("parameters", ())) and method == "get":
        unchanged = {"description": "Inchangé depuis la version que nomme `If-None-Match`."}
        operation["responses"]["304"] = {**unchanged, "headers": headers("ETag", "X-Request-Id")}
    identified = permission is not None or asks_for_a_token(route)
    refused = _refusals(operation, method, identified=identified, counted=counted)
    if writes and method != "delete":
        # What a body names may be out of reach as well: a situation opened from a referral of elsewhere.
        refused |= {"404"}
    if proves_who_comes(route):
        # A proof may be wrong; an invitation may be over.
        refused |= {"401", "404"} if "/invitations/" in (route.path_format or "") else {"401"}
    for status in sorted(refused):
        own = operation["responses"].get(status)
        if own is None:
            operation["responses"][status] = problems.reference(status)
        else:  # a refusal that the route answers in a shape of its own: a probe that is not ready
            own.update(problems.beside(own, status))
    describe_deprecation(operation, route)


def _named(said: dict[str, Any]) -> str:
    name: str = said.get("name") or said["$ref"].rpartition("/")[2]
    return name


def _say_who(operation: dict[str, Any], permission: Permission | None, *, token: bool) -> None:
    said = operation.get("description", "")
    if permission is None:
        operation["security"] = [{"bearer": []}] if token else []
        operation["description"] = f"{FOR_THE_SIGNED_IN if token else FOR_ANYBODY}\n\n{said}".strip()
        return
    software = CLIENT_ROLE in permission.roles
    operation["security"] = security.requirements(permission.scope, software=software)
    operation["x-scope"] = permission.scope
    operation["x-roles"] = list(permission.roles)
    if permission.recent:
        operation["x-recent-proof"] = True
        said = f"{said}\n\n{RECENT_PROOF}".strip()
    operation["description"] = f"{security.who(permission.roles)}\n\n{said}".strip()
    if software and (openers := policy().openers(permission.scope)):
        operation["x-client-scopes"] = list(openers)


def _say_body(operation: dict[str, Any], method: str) -> None:
    body = operation.get("requestBody")
    if body is None:
        return
    content = body["content"]
    if method == "patch" and "application/json" in content:
        content["application/merge-patch+json"] = content.pop("application/json")
    for media in content.values():
        alternatives = media["schema"].get("anyOf", ())
        if {"type": "null"} in alternatives:  # ``Nothing | None``: an act that a word may go with, or not
            (media["schema"],) = (each for each in alternatives if each != {"type": "null"})
            body["required"] = False
            body.setdefault("description", "Facultatif : sans corps, l'acte se fait sans précision.")


def _say_parameters(operation: dict[str, Any], method: str, *, writes: bool, keyed: bool) -> None:
    said = operation.setdefault("parameters", [])
    given = {each["name"] for each in said if each["in"] == "header"}
    kept = [each for each in said if each["in"] != "header"]
    for each in kept:
        explain("", each["name"], each)
    wanted = [
        *(["If-Match-required" if method in ("patch", "delete") else "If-Match"] if "If-Match" in given else []),
        *(["If-None-Match"] if "If-None-Match" in given or (method == "get" and _is_versioned(operation)) else []),
        *(["Idempotency-Key"] if keyed else []),
        *(["Prefer"] if writes else []),
    ]
    unknown = [each for each in said if each["in"] == "header" and each["name"] not in READ]
    operation["parameters"] = [*kept, *unknown, *map(parameter, wanted)]
    if not operation["parameters"]:
        del operation["parameters"]


def _is_versioned(operation: dict[str, Any]) -> bool:
    """Does this reading carry an ``ETag``? All do that answer JSON, but for pages."""
    media = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return bool(media) and not _is_a_page(media.get("schema", {}))


def _is_a_page(schema: dict[str, Any]) -> bool:
    names = [each.get("$ref", "") for each in (schema, *schema.get("anyOf", ()))]
    return any("Page" in name for name in names)


def _say_answer(response: dict[str, Any], status: str, method: str, sent: tuple[str, ...]) -> None:
    if response.get("description") in (None, "", "Successful Response"):
        response["description"] = _READ_DONE if method == "get" and status == "200" else _DONE.get(status, "Fait.")
    media = response.get("content", {})
    json = media.get("application/json", {}).get("schema", {})
    page = _is_a_page(json)
    more = [
        *(["ETag"] if json and not page and status in ("200", "201") else []),
        *(["Link"] if page else []),
        *(["Location"] if status in ("201", "303") else []),
        *(["Content-Disposition"] if media and "application/json" not in media else []),
    ]
    response["headers"] = {**response.get("headers", {}), **headers(*more, *sent)}


def _refusals(operation: dict[str, Any], method: str, *, identified: bool, counted: bool) -> set[str]:
    named = {_named(each) for each in operation.get("parameters", ())}
    found = {"400", "422", "431", "503", *(("429",) if counted else ())}
    if identified:
        found |= {"401", "403"}
    if any(each.get("in") == "path" for each in operation.get("parameters", ())):
        found |= {"404"}
    if method in ("post", "put", "patch"):
        found |= {"408", "409", "413", "415"}
    if "If-Match-required" in named or "If-Match" in named:
        found |= {"412", "428"}
    return found
