"""Par quelles institutions se connecte un compte : attendu, approuvé par un autre, lié à la première connexion."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import answer, created, listed
from app.routers.route import Route
from app.schemas.accounts import AccountInstitutions, AccountInstitutionShown, InstitutionDraft
from app.schemas.base import Nothing
from app.services import federated_identities

router = APIRouter(prefix="/accounts/{account_id}/institutions", tags=["accounts"], route_class=Route)

MayChange = Annotated[Writing, may("federated_identity:change", recent=True)]


@router.get(
    "",
    operation_id="listFederatedIdentities",
    summary="Lister les institutions par lesquelles se connecte un compte",
    response_model=AccountInstitutions,
)
async def list_institutions(
    account_id: UUID, request: Request, reading: Annotated[Reading, may("federated_identity:read")]
) -> Response:
    return listed(await federated_identities.list_of_account(reading, account_id, AccountInstitutionShown), request)


@router.post(
    "",
    operation_id="proposeFederatedIdentity",
    summary="Proposer qu'un compte se connecte par une institution",
    status_code=201,
    response_model=AccountInstitutionShown,
)
async def propose_institution(
    account_id: UUID,
    draft: InstitutionDraft,
    writing: Annotated[Writing, may("federated_identity:add", recent=True)],
) -> Response:
    identity_id = await federated_identities.propose(writing, account_id, **draft.model_dump())
    body = await writing.show(federated_identities.ONE, AccountInstitutionShown, account_id=account_id, id=identity_id)
    return created(body, f"/v1/accounts/{account_id}/institutions")


@router.post(
    "/{identity_id}/approve",
    operation_id="approveFederatedIdentity",
    summary="Approuver l'institution qu'un autre a proposée",
    response_model=AccountInstitutionShown,
)
async def approve_institution(
    account_id: UUID,
    identity_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await federated_identities.approve(writing, account_id, identity_id)
    body = await writing.show(federated_identities.ONE, AccountInstitutionShown, account_id=account_id, id=identity_id)
    return answer(body, request)


@router.post(
    "/{identity_id}/end",
    operation_id="endFederatedIdentity",
    summary="Fermer l'entrée par une institution",
    response_model=AccountInstitutionShown,
)
async def end_institution(
    account_id: UUID,
    identity_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await federated_identities.end(writing, account_id, identity_id)
    body = await writing.show(federated_identities.ONE, AccountInstitutionShown, account_id=account_id, id=identity_id)
    return answer(body, request)
