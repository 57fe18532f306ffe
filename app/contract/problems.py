"""The refusals: one shape, one answer by status, the same for every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from app.contract.fields import Schema
from app.contract.headers import headers
from app.errors import PROBLEM_MEDIA_TYPE
from app.messages import problem_sentence, title

_REFERENCE: Final = "urn:uuid:2f1c0a52-7d6e-4b0e-9c1d-5e8a4f3b2a10"
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "Un refus ou une erreur (RFC 9457) ; ne répète jamais la valeur reçue.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {
            "type": "string",
            "description": "Adresse où ce code est expliqué : `/problems/` et le code.",
        },
        "title": {"type": "string", "description": "Titre court du statut."},
        "status": {"type": "integer", "description": "Statut HTTP."},
        "detail": {"type": "string", "description": "Que faire, dans la langue de `Accept-Language` (fr ou en)."},
        "instance": {"type": "string", "description": "Référence de cette réponse, à citer à l'exploitant."},
        "code": {
            "type": "string",
            "pattern": "^[a-z0-9_]+$",
            "description": "Code stable, pour les programmes ; de nouveaux codes peuvent venir.",
        },
        "errors": {
            "type": "array",
            "description": "Chaque faute, quand il y en a de précises.",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Pointeur JSON (RFC 6901) dans le corps."},
                    "parameter": {"type": "string", "description": "Paramètre de la requête."},
                    "code": {"type": "string", "description": "Code stable de la faute."},
                    "detail": {"type": "string", "description": "Que corriger, en une phrase."},
                },
            },
        },
    },
}
# By status: the codes shown as examples, and the headers that come with it.
_REFUSALS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "400": (("malformed_json", "bad_cursor"), ()),
    "401": (("unauthenticated", "proof_too_old"), ("WWW-Authenticate",)),
    "403": (("forbidden",), ()),
    "404": (("not_found",), ()),
    "408": (("body_too_slow",), ()),
    "409": (("conflict_generic", "idempotency_in_flight"), ("Retry-After",)),
    "412": (("precondition_failed",), ()),
    "413": (("body_too_large",), ()),
    "415": (("unsupported_media_type",), ()),
    "422": (("invalid_request",), ()),
    "428": (("precondition_required",), ()),
    "429": (("quota_exceeded", "too_many_logins"), ("Retry-After", "RateLimit", "RateLimit-Policy")),
    "431": (("header_too_large",), ()),
    "503": (("unavailable",), ("Retry-After",)),
}
_FAULTS: Final = [{"pointer": "/last_name", "code": "text_too_long"}]


def name_of(status: str) -> str:
    """The component of a status: ``problem_404``."""
    return f"problem_{status}"


def reference(status: str) -> Schema:
    """What an operation says of it."""
    return {"$ref": f"#/components/responses/{name_of(status)}"}


def responses() -> dict[str, Schema]:
    """The component of each status."""
    return {name_of(status): dict(_response(status, sent)) for status, (_, sent) in _REFUSALS.items()}


def _response(status: str, sent: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    yield "description", title(int(status), "fr")
    yield "headers", headers("X-Request-Id", *sent)
    yield "content", {PROBLEM_MEDIA_TYPE: _media(status)}


def beside(own: Schema, status: str) -> Schema:
    """The answer of a status, beside the shape that a route has of its own for it."""
    found = dict(_response(status, _REFUSALS[status][1]))
    return {**found, "content": {**own["content"], **found["content"]}}


def _media(status: str) -> Schema:
    """The problem itself, with what its status usually says."""
    codes, _ = _REFUSALS[status]
    examples = {code: {"summary": code, "value": example(status, code)} for code in codes}
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}


def example(status: str, code: str) -> dict[str, Any]:
    """A problem as the API says it, in French."""
    faults = [{**each, "detail": "120 caractères au plus."} for each in _FAULTS] if code == "invalid_request" else []
    return {
        "type": f"/problems/{code}",
        "title": title(int(status), "fr"),
        "status": int(status),
        "detail": problem_sentence(code, "fr"),
        "instance": _REFERENCE,
        "code": code,
        **({"errors": faults} if faults else {}),
    }
