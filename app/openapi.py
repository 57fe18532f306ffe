"""The OpenAPI document: French, complete, with the scope and the roles of each operation.

The framework's own 422 is replaced; every problem is ``application/problem+json``. The document is committed, so that
a change of the contract is seen: ``python -m app.openapi > docs/openapi.json``.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.staticfiles import StaticFiles

from app.access.gate import asks_for_a_token, permission_of
from app.access.policy import CLIENT_ROLE, policy
from app.deprecations import describe_deprecation

VERSION = "0.4.0"

TAGS = {
    "auth": "Connexion et jetons.",
    "me": "Qui je suis, ce que je peux faire, ce que j'ai fait.",
    "referrals": "Saisines envoyées par les unités, et le code de retour qui leur est rendu.",
    "situations": "Situations suivies par un poste.",
    "participations": "Une personne dans une situation : statut, besoins, coordonnées sûres.",
    "notes": "Notes sous secret professionnel : leur auteur, et qui il désigne.",
    "orientations": "Orientations vers les partenaires : proposées, transmises, suivies ; la réponse du partenaire.",
    "transmissions": "Registre de ce qui est sorti : fondement, destinataire, éléments, information de la personne.",
    "requisitions": "Registre des réquisitions judiciaires : jamais un accès, une remise d'exacte étendue.",
    "interventions": "Entretiens, démarches, liaisons, visites à domicile.",
    "collective-activities": "Activités collectives : instances, formations, réseau ; des nombres, aucun nom.",
    "presences": "Jours vraiment travaillés par un poste, mois par mois.",
    "home-visit-agreements": "Accord de l'employeur à une visite à domicile : un jour, une commune, aucune personne.",
    "replacements": "Remplacer un collègue absent : lire, un temps, avec l'accord d'une autre personne.",
    "handovers": "Passer le relais d'un poste : les notes ne suivent que si leur auteur l'a choisi.",
    "persons": "Personnes connues d'un poste ; la police n'y accède jamais.",
    "partners": "Annuaire : les partenaires, leurs services, et qui peut aider maintenant.",
    "hsds": "Le même annuaire au standard Open Referral (HSDS 3.1), pour d'autres logiciels ; en lecture.",
    "statistics": "La grille et les indicateurs : exacts pour qui fait le travail, figés et arrondis pour qui le suit.",
    "reports": "Rapports d'activité : rédigés par le poste, figés par l'employeur, lus arrondis par le comité.",
    "organisation": "Employeurs, unités, lieux et postes.",
    "accounts": "Comptes, affectations, invitations, logiciels : proposés par l'un, approuvés par l'autre.",
    "webhooks": "Abonnements : être prévenu de ce qui arrive. Un type, un identifiant, une heure ; jamais un contenu.",
    "nomenclatures": "Listes officielles, datées.",
    "audit": "Traces, pour le délégué à la protection des données.",
    "health": "État du service et clés publiques.",
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Un refus ou une erreur (RFC 9457) ; ne répète jamais la valeur reçue.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Code stable, pour les programmes."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Pointeur JSON dans le corps."},
                    "parameter": {"type": "string", "description": "Paramètre de la requête."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
RECENT_PROOF = "Demande une identité prouvée depuis moins de dix minutes (RFC 9470) : sinon 401, code `proof_too_old`."
REFUSALS = {
    "400": "Demande mal formée",
    "401": "Identification nécessaire",
    "403": "Le rôle ne le permet pas",
    "404": "Introuvable",
    "409": "L'état actuel ne le permet pas",
    "412": "Modifié entre-temps",
    "413": "Contenu trop volumineux",
    "415": "Format d'envoi non pris en charge",
    "422": "Contenu à corriger",
    "428": "If-Match attendu",
    "429": "Part de demandes épuisée : attendre le délai de `Retry-After`",
    "503": "Momentanément indisponible",
}


def api_routes(app: FastAPI) -> list[RouteContext]:
    """Every route of the contract, with the prefix and the dependencies of the routers that include it."""
    return [
        route
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.original_route.include_in_schema
    ]


def _refusals(route: RouteContext, method: str) -> list[str]:
    writes = method in ("post", "put", "patch")
    always = ["400", "503"] if route.tags == ["health"] else ["400", "429", "503"]
    if permission_of(route) is not None or asks_for_a_token(route):
        always += ["401", "403"]
    if "{" in (route.path_format or ""):
        always += ["404"]
    if writes:
        always += ["409", "413", "415", "422"]
    if method in ("put", "patch", "delete"):
        always += ["412", "428"]
    return sorted(set(always) | {"422"})


def _complete(document: dict[str, Any], route: RouteContext) -> None:
    for method in (name.lower() for name in route.methods or ()):
        operation = document["paths"].get(route.path_format, {}).get(method)
        if operation is None:
            continue
        versioned = any(each["name"] == "If-Match" for each in operation.get("parameters", ()))
        for status in sorted(set(_refusals(route, method)) - (set() if versioned else {"412", "428"})):
            operation["responses"][status] = {"$ref": f"#/components/responses/problem_{status}"}
        describe_deprecation(operation, route)
        permission = permission_of(route)
        if permission is None:
            operation["security"] = [{"bearer": []}] if asks_for_a_token(route) else []
        else:
            operation["security"] = [{"bearer": [permission.scope]}]
            operation["x-scope"] = permission.scope
            operation["x-roles"] = list(permission.roles)
            if permission.recent:
                operation["x-recent-proof"] = True
                operation["description"] = f"{operation.get('description', '')}\n\n{RECENT_PROOF}".strip()
            if CLIENT_ROLE in permission.roles and (openers := policy().openers(permission.scope)):
                operation["x-client-scopes"] = list(openers)
        content = operation.get("requestBody", {}).get("content", {})
        if method == "patch" and "application/json" in content:
            content["application/merge-patch+json"] = content.pop("application/json")
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "header" and parameter["name"] == "If-Match" and method in ("patch", "delete"):
                parameter["required"] = True


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` return the completed document, computed once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            said = get_openapi(
                title="Relais",
                version=VERSION,
                openapi_version="3.1.0",
                summary="L'API de l'intervenant social en commissariat et en gendarmerie",
                description="Les notes confidentielles sont séparées par construction de ce que lit la police : "
                "PostgreSQL lui-même refuse. Voir `docs/who-sees-what.md`.",
                routes=app.routes,
                tags=[{"name": name, "description": text} for name, text in TAGS.items()],
                license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            )
            parts = said.setdefault("components", {})
            schemas = parts.setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas["Problem"] = PROBLEM
            scopes = sorted({scope for role in policy().people for scope in policy().scopes(role.name)})
            parts["securitySchemes"] = {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT (RFC 9068)",
                    "description": "Jeton rendu par `/v1/auth/login`, dix minutes. Portées : "
                    + ", ".join(scopes)
                    + ". Le logiciel d'un partenaire prend le sien à `/v1/auth/token`, pour cinq minutes : "
                    "`x-client-scopes` dit lesquelles de ses portées ouvrent une opération.",
                }
            }
            reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
            parts["responses"] = {
                f"problem_{status}": {"description": text, "content": {"application/problem+json": reference}}
                for status, text in REFUSALS.items()
            }
            for route in api_routes(app):
                _complete(said, route)
            app.openapi_schema = said
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def serve_docs(app: FastAPI) -> None:
    """``/docs``, the only page: Swagger UI from our own files, so that it also works on a closed network."""
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Relais",
            swagger_js_url="/docs/files/swagger-ui-bundle.js",
            swagger_css_url="/docs/files/swagger-ui.css",
            swagger_favicon_url="/docs/files/favicon-32x32.png",
            # A token that outlives the page would be found by the next person at the desk.
            swagger_ui_parameters={"persistAuthorization": False, "filter": True},
        )
        # Tokens are pasted here: nothing from elsewhere, and no frame around it.
        page.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
            " img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        return page

    app.mount("/docs/files", files)


def as_committed(app: FastAPI) -> str:
    """The document as ``docs/openapi.json`` holds it."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    from app.access.tokens import new_signing_key
    from app.main import create_app
    from app.settings import Settings

    # Every lane, so that every route is told; nothing is connected, and the keys serve nobody.
    every_lane: Any = dict.fromkeys(policy().roles, "postgresql://nowhere")
    key: Any = base64.b64encode(bytes(32)).decode()
    keys: Any = {"signing_key": new_signing_key(), "cursor_key": key, "refresh_key": key, "identity_key": key}
    sys.stdout.write(as_committed(create_app(Settings(database_url=every_lane, **keys))))
