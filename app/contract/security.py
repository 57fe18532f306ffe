"""How callers sign in, as the contract says it: a person with a bearer token, software with OAuth 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from app.access.policy import ALWAYS, policy
from app.access.rights import VERB_FR
from app.contract.fields import Schema

FOR: Final = "Pour : "
TOKEN_URL: Final = "/v1/auth/token"  # noqa: S105 — an address


def schemes() -> dict[str, Schema]:
    """The two ways of having a token; both are then presented as a bearer."""
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT (RFC 9068)",
            "description": "Le jeton d'une personne : `/v1/auth/login` puis `/v1/auth/mfa`, ou son institution. Dix"
            f" minutes, renouvelé à `{TOKEN_URL}`. Ses portées suivent le rôle ; une opération dit la sienne, et"
            " `x-scopes` ce que veut dire chacune.",
            "x-scopes": {scope: _sentence(scope) for scope in _scopes_of_people()},
        },
        "software": {
            "type": "oauth2",
            "description": "Le jeton du logiciel d'un partenaire, cinq minutes. Ses portées furent fixées à son"
            " enregistrement ; chacune de celles que nomme une opération suffit à l'ouvrir.",
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": _scopes_of_software()}},
        },
    }


def requirements(scope: str, *, software: bool) -> list[dict[str, Any]]:
    """What an operation asks: the scope of a person, or one of those of software."""
    openers = policy().openers(scope) if software else ()
    return [{"bearer": [scope]}, *({"software": [each]} for each in openers)]


def who(roles: Iterable[str]) -> str:
    """« Pour : le policier ou le gendarme. »"""
    return f"{FOR}{', '.join(policy().roles[role].fr for role in roles)}."


def _scopes_of_people() -> list[str]:
    return sorted({scope for role in policy().people for scope in policy().scopes(role.name)})


def _scopes_of_software() -> dict[str, str]:
    opened: dict[str, tuple[str, ...]] = {scope: (scope,) for scope in policy().client_scopes[ALWAYS]}
    opened |= {scope: policy().client_scopes[scope] for scope in policy().grantable}
    return {scope: " ; ".join(map(_sentence, opened[scope])) for scope in sorted(opened)}


def _sentence(scope: str) -> str:
    stem, _, verb = scope.partition(":")
    verbs: Any = VERB_FR
    resource = next(each for each in policy().resources.values() if each.stem == stem)
    return f"{verbs[verb].capitalize()} : {resource.fr}"
