"""Connexion. Formulaires OAuth : renouvellement, logiciels de partenaires, révocation (RFC 6749, RFC 7009)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from app.access.gate import IdentityDesk, identity_desk
from app.routers.answers import said
from app.routers.grants import AskedGrant
from app.schemas.sessions import ClientTokenShown, SignInDraft, TokensShown
from app.services import sessions

router = APIRouter(prefix="/auth", tags=["auth"])

Desk = Annotated[IdentityDesk, Depends(identity_desk)]
Token = Annotated[str, Form(min_length=1, max_length=8192)]


def _tokens(shown: TokensShown | ClientTokenShown) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(said(shown), media_type="application/json", headers=headers)


@router.post(
    "/login",
    operation_id="signIn",
    summary="Se connecter avec son adresse et son mot de passe",
    response_model=TokensShown,
)
async def sign_in(draft: SignInDraft, desk: Desk) -> Response:
    return _tokens(TokensShown(**await sessions.sign_in(desk.lane, desk.keys, **draft.model_dump())))


@router.post(
    "/token",
    operation_id="renewSession",
    summary="Renouveler sa session, ou ouvrir celle d'un logiciel",
    description="Formulaire OAuth (RFC 6749). Une personne renouvelle sa session (`refresh_token`). Le logiciel d'un "
    "partenaire ouvre la sienne pour cinq minutes (`client_credentials`), avec son identifiant et son secret : en-tête "
    "`Authorization: Basic`, ou `client_id` et `client_secret` du formulaire, jamais les deux.",
    response_model=TokensShown | ClientTokenShown,
)
async def give_tokens(desk: Desk, grant: AskedGrant) -> Response:
    return _tokens(await grant.tokens(desk))


@router.post("/revoke", operation_id="revokeSession", summary="Se déconnecter", response_class=Response)
async def revoke(desk: Desk, request: Request, token: Token) -> Response:
    await sessions.revoke_by_any_token(desk.lane, request.app.state.verifier, token=token)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
