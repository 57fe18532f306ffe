"""Invitations : le lien à l'un, le code à l'autre."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.gate import Reading, Writing, may
from app.routers.answers import answer, created, listed, said, told_once
from app.routers.route import Route
from app.schemas.base import Nothing
from app.schemas.invitations import (
    InvitationApproved,
    InvitationDraft,
    InvitationMade,
    Invitations,
    InvitationShown,
)
from app.services import invitations

router = APIRouter(tags=["accounts"], route_class=Route)

MayChange = Annotated[Writing, may("invitation:change", recent=True)]


@router.get(
    "/accounts/{account_id}/invitations",
    operation_id="listInvitations",
    summary="Lister les invitations d'un compte : ce qu'il en est, jamais ce qui les ouvre",
    response_model=Invitations,
)
async def list_invitations(
    account_id: UUID, request: Request, reading: Annotated[Reading, may("invitation:read")]
) -> Response:
    return listed(await invitations.list_of_account(reading, account_id, InvitationShown), request)


@router.post(
    "/accounts/{account_id}/invitations",
    operation_id="makeInvitation",
    summary="Faire une invitation ; son lien n'est dit qu'une fois",
    status_code=201,
    response_model=InvitationMade,
)
async def make_invitation(
    account_id: UUID,
    draft: InvitationDraft,
    writing: Annotated[Writing, may("invitation:add", recent=True)],
) -> Response:
    made = await invitations.make(writing, account_id, **draft.model_dump())
    return created(said(InvitationMade(**made)), f"/v1/accounts/{account_id}/invitations", told_once=True)


@router.post(
    "/invitations/{invitation_id}/approve",
    operation_id="approveInvitation",
    summary="Approuver une invitation qu'un autre a faite ; son code n'est dit qu'une fois",
    response_model=InvitationApproved,
)
async def approve_invitation(
    invitation_id: UUID,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    return told_once(InvitationApproved(**await invitations.approve(writing, invitation_id)))


@router.post(
    "/invitations/{invitation_id}/revoke",
    operation_id="revokeInvitation",
    summary="Retirer une invitation",
    response_model=InvitationShown,
)
async def revoke_invitation(
    invitation_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await invitations.revoke(writing, invitation_id)
    return answer(await writing.show(invitations.ONE, InvitationShown, id=invitation_id), request)
