"""Connexion. Formulaires OAuth : renouvellement, logiciels de partenaires, révocation (RFC 6749, RFC 7009)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from app.access.gate import IdentityDesk, identity_desk
from app.routers.answers import told_once
from app.routers.grants import AskedGrant
from app.schemas.sessions import (
    ChallengeShown,
    ClientTokenShown,
    SecondFactorProofDraft,
    SignInDraft,
    TokensShown,
    opened_or_challenged,
)
from app.services import sessions, signing_in

router = APIRouter(prefix="/auth", tags=["auth"])

Desk = Annotated[IdentityDesk, Depends(identity_desk)]
Token = Annotated[str, Form(min_length=1, max_length=8192)]


@router.post(
    "/login",
    operation_id="signIn",
    summary="Se connecter : l'adresse et le mot de passe, puis le second facteur",
    description="Le mot de passe donne une épreuve (`challenge`), à rendre à `/v1/auth/mfa` avec un code. Un compte "
    "fictif de la démonstration, sans second facteur, entre par son seul mot de passe.",
    response_model=TokensShown | ChallengeShown,
)
async def sign_in(draft: SignInDraft, desk: Desk) -> Response:
    return told_once(opened_or_challenged(await signing_in.sign_in(*desk, **draft.model_dump())))


@router.post(
    "/mfa",
    operation_id="proveSecondFactor",
    summary="Se connecter : le code du second facteur, ou un code de secours",
    response_model=TokensShown,
)
async def prove_second_factor(draft: SecondFactorProofDraft, desk: Desk) -> Response:
    return told_once(TokensShown(**await signing_in.prove_second_factor(*desk, **draft.model_dump())))


@router.post(
    "/token",
    operation_id="renewSession",
    summary="Ouvrir ou renouveler sa session, ou ouvrir celle d'un logiciel",
    description="Formulaire OAuth (RFC 6749). Une personne renouvelle sa session (`refresh_token`), ou ouvre la sienne "
    "au retour de son institution (`authorization_code`, avec `code`, `code_verifier`, `redirect_uri` et `client_id`). "
    "Le logiciel d'un partenaire ouvre la sienne pour cinq minutes (`client_credentials`) : de préférence par une "
    "assertion signée de sa clé (`client_assertion`, RFC 7523), sinon avec son identifiant et son secret, en-tête "
    "`Authorization: Basic` ou `client_id` et `client_secret` du formulaire ; une seule façon à la fois.",
    response_model=TokensShown | ClientTokenShown,
)
async def give_tokens(desk: Desk, grant: AskedGrant) -> Response:
    return told_once(await grant.tokens(desk))


@router.post("/revoke", operation_id="revokeSession", summary="Se déconnecter", response_class=Response)
async def revoke(desk: Desk, request: Request, token: Token) -> Response:
    await sessions.revoke_by_any_token(desk.lane, request.app.state.verifier, token=token)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
