"""État du service, clés publiques, codes des refus. Rien de tout cela ne demande de permission."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from app.access.readiness import Readiness, metrics_page, readiness
from app.deprecations import DeprecatedAct, deprecated_acts
from app.routers.answers import JSON, answer, said
from app.schemas.problems import ProblemExplained
from app.schemas.status import DeprecatedShown, Health, StatusShown
from app.services import problems
from app.services.clock import now

router = APIRouter(tags=["health"])
# The shape is that of RFC 7517: another standard's, which an application reads with a library.
KEY_SET: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Les clés en service, en attente, et retirées dont un jeton vit encore.",
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "description": "Un trousseau public (RFC 7517).",
                    "required": ["keys"],
                    "properties": {"keys": {"type": "array", "items": {"type": "object"}, "description": "Les clés."}},
                },
                "example": {
                    "keys": [
                        {
                            "kty": "EC",
                            "crv": "P-256",
                            "alg": "ES256",
                            "use": "sig",
                            "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                        }
                    ]
                },
            }
        },
    }
}


def word_of(state: Readiness) -> Health:
    """What is said of the state to whoever balances the load: one word, no detail."""
    return Health(status="ok" if state.ready else "unavailable")


def status_of(state: Readiness, request: Request, acts: Iterable[DeprecatedAct]) -> StatusShown:
    """What is said of the state to whoever builds on the service."""
    return StatusShown(
        status="ok" if state.ready else "unavailable",
        version=request.app.version,
        time=now(),
        deprecated=[
            DeprecatedShown(
                method=each.method,
                path=each.path,
                deprecated_on=each.deprecation.since,
                sunset_on=each.deprecation.sunset,
                successor=each.deprecation.successor,
                advice=each.deprecation.advice,
            )
            for each in acts
        ],
    )


@router.get("/healthz", operation_id="readHealth", summary="Le processus vit", response_model=Health)
async def health(request: Request) -> Response:
    return answer(said(Health(status="ok")), request)


@router.get(
    "/readyz",
    operation_id="readReadiness",
    summary="Le service peut répondre",
    response_model=Health,
    responses={503: {"model": Health}},
)
async def ready(state: Annotated[Readiness, Depends(readiness)]) -> Response:
    return Response(said(word_of(state)), status_code=200 if state.ready else 503, media_type=JSON)


@router.get(
    "/v1/status",
    operation_id="readStatus",
    summary="État public du service, et ce que le contrat retirera",
    description="Ouvert à tous et hors quota : c'est ici qu'on regarde quand le reste répond mal.",
    response_model=StatusShown,
)
async def status(
    request: Request,
    state: Annotated[Readiness, Depends(readiness)],
    acts: Annotated[tuple[DeprecatedAct, ...], Depends(deprecated_acts)],
) -> Response:
    return Response(said(status_of(state, request, acts)), media_type=JSON)


@router.get(
    "/.well-known/jwks.json",
    operation_id="readKeys",
    summary="Clés publiques des jetons",
    response_class=Response,
    responses=KEY_SET,
)
async def keys(request: Request) -> Response:
    return answer(request.app.state.verifier.key_set.encode(), request, cache="public, max-age=300")


@router.get(
    "/problems/{code}",
    operation_id="explainProblem",
    summary="Ce que veut dire le code d'un refus",
    response_model=ProblemExplained,
)
async def explain_problem(code: Annotated[str, Path(pattern="^[a-z0-9_]{1,80}$")], request: Request) -> Response:
    return answer(said(ProblemExplained(**problems.explain(code=code))), request, cache="public, max-age=86400")


@router.get("/metrics", operation_id="readMetrics", summary="Compteurs, pour l'exploitant", include_in_schema=False)
async def metrics(page: Annotated[bytes, Depends(metrics_page)]) -> Response:
    return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")
