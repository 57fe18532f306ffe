"""Connexion par l'institution (OpenID Connect) : aller, retour ; jamais un jeton dans une adresse."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.gate import IdentityDesk, identity_desk
from app.errors import FieldError, Malformed
from app.routers.answers import answer, said
from app.schemas.institutions import Institutions, InstitutionShown
from app.schemas.sessions import ClientId
from app.services import institutions

router = APIRouter(prefix="/auth/oidc", tags=["auth"])
coming_back = APIRouter(prefix="/auth/oidc", tags=["auth"])

Desk = Annotated[IdentityDesk, Depends(identity_desk)]
SEE_OTHER: dict[int | str, dict[str, Any]] = {303: {"description": "Vers l'adresse de l'en-tête Location"}}
READ = ("state", "code", "error", "iss")


def _sent_to(address: str) -> Response:
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status_code=303, headers=headers)


async def _came_back(
    request: Request,
    state: Annotated[str | None, Query(description="Rendu par l'institution tel qu'il lui fut donné.")] = None,
    code: Annotated[str | None, Query(description="Code de l'institution.")] = None,
    error: Annotated[str | None, Query(description="Refus de l'institution.")] = None,
    iss: Annotated[str | None, Query(description="Qui répond (RFC 9207).")] = None,
) -> institutions.Answer:
    if twice := [name for name in READ if len(request.query_params.getlist(name)) > 1]:
        raise Malformed("repeated_parameter", *(FieldError(f"?{name}", "repeated_parameter") for name in twice))
    return institutions.Answer(state=state, code=code, error=error, iss=iss)


@router.get(
    "/providers",
    operation_id="listInstitutions",
    summary="Institutions par lesquelles on peut se connecter",
    response_model=Institutions,
)
async def list_institutions(desk: Desk, request: Request) -> Response:
    shown = [InstitutionShown(**each) for each in desk.institutions.list_all()]
    return answer(said(Institutions(items=shown)), request)


@router.get(
    "/start",
    operation_id="startInstitutionSignIn",
    summary="Partir se connecter à son institution",
    description="À ouvrir dans le navigateur. L'application garde `code_verifier` et vérifie `state` au retour ; elle "
    "reçoit à `redirect_uri` un `code` (une fois, soixante secondes), ou `error`. `fresh=true` demande une preuve "
    "d'identité nouvelle.",
    status_code=303,
    response_class=Response,
    responses=SEE_OTHER,
)
async def start(
    desk: Desk,
    provider: Annotated[str, Query(max_length=40)],
    client_id: Annotated[ClientId, Query()],
    redirect_uri: Annotated[str, Query(max_length=500)],
    code_challenge: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{43}$")],
    code_challenge_method: Annotated[Literal["S256"], Query()],  # noqa: ARG001 — there is no other
    state: Annotated[str, Query(pattern=r"^[ -~]{1,512}$")],
    shared_workstation: Annotated[bool, Query()] = False,
    fresh: Annotated[bool, Query()] = False,
) -> Response:
    address = await institutions.start(
        desk.institutions,
        desk.keys,
        provider=provider,
        client_id=client_id,
        redirect_uri=redirect_uri,
        code_challenge=code_challenge,
        state=state,
        shared_workstation=shared_workstation,
        fresh=fresh,
    )
    return _sent_to(address)


@coming_back.get(
    "/callback",
    operation_id="returnFromInstitution",
    summary="Revenir de son institution, vers son application",
    status_code=303,
    response_class=Response,
    responses=SEE_OTHER,
)
async def come_back(desk: Desk, given: Annotated[institutions.Answer, Depends(_came_back)]) -> Response:
    return _sent_to(await institutions.come_back(desk.lane, desk.institutions, desk.keys, given))
