"""État du service et clés publiques. Rien de tout cela ne demande de permission."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from app.access.readiness import Readiness, metrics_page, readiness
from app.routers.answers import JSON, answer, said
from app.schemas.base import Shown

router = APIRouter(tags=["health"])


class Health(Shown):
    """The service lives, or is ready."""

    status: Literal["ok", "unavailable"]


def state_of(state: Readiness) -> Health:
    """What is said of the state: one word, no detail."""
    return Health(status="ok" if state.ready else "unavailable")


@router.get("/healthz", operation_id="readHealth", summary="Le processus vit", response_model=Health)
async def health(request: Request) -> Response:
    return answer(said(Health(status="ok")), request)


@router.get("/readyz", operation_id="readReadiness", summary="Le service peut répondre", response_model=Health)
async def ready(state: Annotated[Readiness, Depends(readiness)]) -> Response:
    return Response(said(state_of(state)), status_code=200 if state.ready else 503, media_type=JSON)


@router.get("/v1/status", operation_id="readStatus", summary="État public du service", response_model=Health)
async def status(state: Annotated[Readiness, Depends(readiness)]) -> Response:
    return Response(said(state_of(state)), media_type=JSON)


@router.get(
    "/.well-known/jwks.json",
    operation_id="readKeys",
    summary="Clés publiques des jetons",
    response_class=Response,
)
async def keys(request: Request) -> Response:
    return answer(request.app.state.verifier.key_set.encode(), request, cache="public, max-age=300")


@router.get("/metrics", operation_id="readMetrics", summary="Compteurs, pour l'exploitant", include_in_schema=False)
async def metrics(page: Annotated[bytes, Depends(metrics_page)]) -> Response:
    return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")
