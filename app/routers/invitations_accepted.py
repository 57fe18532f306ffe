"""Invitations acceptées : entrer la première fois, ou refaire ce qui est perdu. Le lien ne passe que dans un corps."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.access.gate import IdentityDesk, identity_desk
from app.routers.answers import told_once
from app.schemas.invitations_accepted import (
    InvitationAcceptanceDraft,
    InvitationAcceptedShown,
    InvitationOpenDraft,
    OpenedInvitationShown,
)
from app.services import invitations_accepted

router = APIRouter(prefix="/auth/invitations", tags=["auth"])

Desk = Annotated[IdentityDesk, Depends(identity_desk)]


@router.post(
    "/open",
    operation_id="openInvitation",
    summary="Ouvrir une invitation : à quoi elle sert, et le second facteur à enregistrer",
    response_model=OpenedInvitationShown,
)
async def open_invitation(draft: InvitationOpenDraft, desk: Desk) -> Response:
    return told_once(OpenedInvitationShown(**await invitations_accepted.open_invitation(*desk, **draft.model_dump())))


@router.post(
    "/accept",
    operation_id="acceptInvitation",
    summary="Accepter une invitation, une fois",
    description="`welcome`, `renewal` : le code remis par l'autre personne, un mot de passe neuf, un code du second "
    "facteur annoncé. `password` : un mot de passe neuf et un code du second facteur qui reste. `second_factor` : "
    "le mot de passe qui reste et un code du second facteur annoncé. Un logiciel donne ses clés publiques, ou reçoit "
    "un secret.",
    response_model=InvitationAcceptedShown,
)
async def accept_invitation(draft: InvitationAcceptanceDraft, desk: Desk) -> Response:
    accepted = await invitations_accepted.accept_invitation(*desk, **draft.model_dump())
    return told_once(InvitationAcceptedShown.model_validate(accepted))
