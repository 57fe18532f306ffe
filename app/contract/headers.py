"""The headers of the contract, each described once: those that are sent back, and those that a request may carry."""

from __future__ import annotations

from typing import Any, Final

from app.contract.examples import identifier
from app.contract.fields import Schema

SENT: Final[dict[str, tuple[str, Any]]] = {
    "Content-Disposition": (
        "Le document est à enregistrer, sous ce nom.",
        'attachment; filename="rapport-2026-Q3-v1-committee.pdf"',
    ),
    "ETag": ("Version de ce que vous lisez : à rendre dans `If-Match`, ou `If-None-Match`.", '"9f86d081884c7d65"'),
    "Idempotency-Replayed": ("`true` : la demande avait déjà été faite, voici la première réponse.", "true"),
    "Link": ("La page suivante (RFC 8288), quand il y en a une.", '</v1/referrals?cursor=AZnq3kXw7Q>; rel="next"'),
    "Location": ("Où se trouve ce qui vient d'être créé.", f"/v1/referrals/{identifier('referral_id')}"),
    "Preference-Applied": ("`dry-run` : l'écriture a été essayée, puis défaite (RFC 7240).", "dry-run"),
    "RateLimit": ("Ce qui reste de chaque quota, et dans combien de secondes il revient.", '"caller";r=595;t=42'),
    "RateLimit-Policy": ("Les quotas de cet appelant.", '"caller";q=600;w=60'),
    "Retry-After": ("Secondes à attendre avant de recommencer.", 30),
    "WWW-Authenticate": ("Ce qu'il faut présenter (RFC 6750, RFC 9470).", "Bearer"),
    "X-Request-Id": ("Référence de la demande, à citer à l'exploitant.", "2f1c0a52-7d6e-4b0e-9c1d-5e8a4f3b2a10"),
}
READ: Final[dict[str, tuple[str, Schema, Any]]] = {
    "Idempotency-Key": (
        "Une clé à vous, neuve pour chaque acte : la même demande renvoyée avec elle rend la même réponse.",
        {"type": "string", "minLength": 1, "maxLength": 257},
        f'"{identifier("Idempotency-Key")}"',
    ),
    "Prefer": (
        "`dry-run` : essayer, répondre, défaire. `handling=strict` : refuser une préférence inconnue (RFC 7240).",
        {"type": "string"},
        "handling=strict, dry-run",
    ),
    "If-Match": ("La version lue (`ETag`), ou `*`.", {"type": "string"}, '"9f86d081884c7d65"'),
    "If-None-Match": (
        "En lecture, la version déjà lue : 304 si elle n'a pas changé. Dans un `PUT`, `*` : ne rien remplacer.",
        {"type": "string"},
        '"9f86d081884c7d65"',
    ),
}


def headers(*names: str) -> dict[str, Schema]:
    """The headers of an answer, by reference."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def sent_headers() -> dict[str, Schema]:
    """The component of each header of an answer."""
    return {
        name: {
            "description": description,
            "schema": {"type": "integer" if isinstance(example, int) else "string"},
            "example": example,
        }
        for name, (description, example) in SENT.items()
    }


def parameter(name: str) -> Schema:
    """A header that a request may carry, by reference."""
    return {"$ref": f"#/components/parameters/{name}"}


def read_headers() -> dict[str, Schema]:
    """The component of each header of a request; ``If-Match`` is twice, for it is mostly mandatory."""
    found = {
        name: {
            "name": name,
            "in": "header",
            "required": False,
            "description": said,
            "schema": schema,
            "example": example,
        }
        for name, (said, schema, example) in READ.items()
    }
    return {**found, "If-Match-required": {**found["If-Match"], "required": True}}
