"""Ses propres preuves : se confirmer, changer de mot de passe, remplacer son second facteur."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.access.gate import SignedIn, signed_in
from app.routers.answers import gone, told_once
from app.schemas.own_proofs import (
    AnnouncedSecondFactorShown,
    PasswordChangeDraft,
    RecoveryCodesShown,
    SecondFactorConfirmationDraft,
    SecondFactorDraft,
    SteppedUpShown,
    StepUpDraft,
)
from app.services import own_proofs

router = APIRouter(prefix="/auth", tags=["auth"])

Holder = Annotated[SignedIn, Depends(signed_in)]


@router.post(
    "/step-up",
    operation_id="stepUp",
    summary="Confirmer son identité, pour un acte sensible dans les dix minutes",
    response_model=SteppedUpShown,
)
async def step_up(draft: StepUpDraft, holder: Holder) -> Response:
    return told_once(SteppedUpShown(**await own_proofs.step_up(*holder, **draft.model_dump())))


@router.post(
    "/password",
    operation_id="changePassword",
    summary="Changer son mot de passe ; les autres sessions finissent",
    status_code=204,
    response_class=Response,
)
async def change_password(draft: PasswordChangeDraft, holder: Holder) -> Response:
    await own_proofs.change_password(*holder, **draft.model_dump())
    return gone()


@router.post(
    "/second-factor",
    operation_id="announceSecondFactor",
    summary="Annoncer un nouveau second facteur",
    response_model=AnnouncedSecondFactorShown,
)
async def announce_second_factor(draft: SecondFactorDraft, holder: Holder) -> Response:
    announced = await own_proofs.announce_second_factor(*holder, **draft.model_dump())
    return told_once(AnnouncedSecondFactorShown(**announced))


@router.post(
    "/second-factor/confirm",
    operation_id="confirmSecondFactor",
    summary="Mettre le nouveau second facteur à la place de l'ancien ; les autres sessions finissent",
    response_model=RecoveryCodesShown,
)
async def confirm_second_factor(draft: SecondFactorConfirmationDraft, holder: Holder) -> Response:
    confirmed = await own_proofs.confirm_second_factor(*holder, **draft.model_dump())
    return told_once(RecoveryCodesShown(**confirmed))
