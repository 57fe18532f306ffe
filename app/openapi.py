"""The OpenAPI documents: one of all that is served, one for each audience; see ``app/contract/``.

They are committed, so that a change of the contract is seen. ``python -m app.openapi --write`` makes
``docs/openapi.json`` and ``docs/openapi/<audience>.json``; without ``--write`` it prints the first, or the one named.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.staticfiles import StaticFiles

from app.access.policy import policy
from app.contract.audiences import AUDIENCES, for_audience, narrowed, served_by
from app.contract.examples import illustrate_all
from app.contract.fields import explain_all
from app.contract.headers import read_headers, sent_headers
from app.contract.operations import complete
from app.contract.problems import PROBLEM, example, responses
from app.contract.security import schemes
from app.contract.tidying import tidy
from app.routers.answers import answer

VERSION = "0.5.0"

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


def api_routes(app: FastAPI) -> list[RouteContext]:
    """Every route of the contract, with the prefix and the dependencies of the routers that include it."""
    return [
        route
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.original_route.include_in_schema
    ]


def _document(app: FastAPI) -> dict[str, Any]:
    """What this application serves, completed."""
    said = get_openapi(
        title="Relais",
        version=VERSION,
        openapi_version="3.1.0",
        summary="L'API de l'intervenant social en commissariat et en gendarmerie",
        description=files("app.contract").joinpath("about.md").read_text(encoding="utf-8"),
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": "/", "description": "L'instance qui sert ce document"}],
        contact={"name": "L'exploitant de cette instance de Relais"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        separate_input_output_schemas=False,
    )
    parts = said.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = {**PROBLEM, "examples": [example("404", "not_found")]}
    tidy(said)
    explain_all(schemas)
    illustrate_all(schemas)
    parts["securitySchemes"] = schemes()
    parts["headers"] = sent_headers()
    parts["parameters"] = read_headers()
    parts["responses"] = responses()
    for route in api_routes(app):
        for method in (name.lower() for name in route.methods or ()):
            complete(said["paths"][route.path_format][method], route, method)
    return said


def describe(app: FastAPI, lanes: Iterable[str]) -> None:
    """Make ``app.openapi()`` the completed document of these lanes, computed once; serve that of each audience."""
    roles = frozenset(lanes) & {role.name for role in policy().people}

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = narrowed(_document(app), roles)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    _serve(app, "/openapi.json", document)
    for name in served_by(roles):
        _serve(app, f"/openapi/{name}.json", partial(_of_audience, app, name))


def _of_audience(app: FastAPI, name: str) -> dict[str, Any]:
    return for_audience(app.openapi(), name)


def _serve(app: FastAPI, path: str, make: Callable[[], dict[str, Any]]) -> None:
    @cache
    def body() -> bytes:
        return json.dumps(make(), ensure_ascii=False).encode()

    async def page(request: Request) -> Response:
        # The first time it takes a second: aside, while the others are served.
        return answer(await asyncio.to_thread(body), request, cache="no-cache")

    app.add_api_route(path, page, include_in_schema=False)


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


def as_committed(app: FastAPI, audience: str | None = None) -> str:
    """The document as ``docs/openapi.json`` holds it, or ``docs/openapi/police.json`` that of an audience."""
    document = for_audience(app.openapi(), audience) if audience else app.openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    from app.access.tokens import new_signing_key
    from app.main import create_app
    from app.settings import Settings

    # Every lane, so that every route is told; nothing is connected, and the keys serve nobody.
    every_lane: Any = dict.fromkeys(policy().roles, "postgresql://nowhere")
    key: Any = base64.b64encode(bytes(32)).decode()
    keys: Any = {"signing_key": new_signing_key(), "cursor_key": key, "refresh_key": key, "identity_key": key}
    whole = create_app(Settings(database_url=every_lane, **keys))
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    if asked == "--write":
        docs = Path(__file__).resolve().parents[1] / "docs"
        docs.joinpath("openapi.json").write_text(as_committed(whole), encoding="utf-8")
        for each in AUDIENCES:
            docs.joinpath("openapi", f"{each}.json").write_text(as_committed(whole, each), encoding="utf-8")
    else:
        sys.stdout.write(as_committed(whole, asked))
