"""Connexion. Formulaires OAuth pour le renouvellement et la révocation (RFC 6749, RFC 7009)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response

from app.access.gate import IdentityDesk, identity_desk
from app.routers.answers import said
from app.schemas.sessions import SignInDraft, TokensShown
from app.services import sessions

router = APIRouter(prefix="/auth", tags=["auth"])

Desk = Annotated[IdentityDesk, Depends(identity_desk)]
Token = Annotated[str, Form(min_length=1, max_length=8192)]


def _tokens(found: dict[str, object]) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(said(TokensShown.model_validate(found)), media_type="application/json", headers=headers)


@router.post(
    "/login",
    operation_id="signIn",
    summary="Se connecter avec son adresse et son mot de passe",
    response_model=TokensShown,
)
async def sign_in(draft: SignInDraft, desk: Desk) -> Response:
    return _tokens(await sessions.sign_in(desk.lane, desk.keys, **draft.model_dump()))


@router.post("/token", operation_id="renewSession", summary="Renouveler sa session", response_model=TokensShown)
async def renew(
    desk: Desk,
    grant_type: Annotated[Literal["refresh_token"], Form()],  # noqa: ARG001 — the one grant we serve
    refresh_token: Token,
) -> Response:
    return _tokens(await sessions.renew(desk.lane, desk.keys, refresh_token=refresh_token))


@router.post("/revoke", operation_id="revokeSession", summary="Se déconnecter", response_class=Response)
async def revoke(desk: Desk, request: Request, token: Token) -> Response:
    await sessions.revoke_by_any_token(desk.lane, request.app.state.verifier, token=token)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
