"""Orientations vers les partenaires : le poste propose et transmet, le partenaire répond."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.gate import Reading, SealingKey, Writing, may, sealing_key
from app.routers.answers import AskedPage, IfMatch, answer, created, listed, said
from app.routers.route import Route
from app.schemas.base import Nothing, Shown
from app.schemas.codes import OrientationStatus
from app.schemas.orientations import (
    AgreementDraft,
    DeclineDraft,
    OrientationDraft,
    OrientationPage,
    OrientationPageToPartner,
    OrientationPatch,
    OrientationReadByPartner,
    Orientations,
    OrientationShown,
    OrientationShownToPartner,
    OrientationTransmissionDraft,
    OutcomeDraft,
    OwnStepsDraft,
    RefusalDraft,
    Reminder,
    Reminders,
)
from app.services import orientations, participations, reminders, sent_orientations

router = APIRouter(tags=["orientations"], route_class=Route)

Key = Annotated[SealingKey, Depends(sealing_key)]
# The two sides of an orientation: what each may write tells them apart.
AtThePost = Annotated[Writing, may("orientation:change", column="status")]
AtThePartner = Annotated[Writing, may("orientation:change", column="acknowledged_at")]

# Publishing is an act: what each audience is shown is written here, never inherited from a table.
SHOWN_TO: dict[str, tuple[Any, type[Shown]]] = {
    "social_worker": (orientations.NEWEST, OrientationShown),
    "partner": (sent_orientations.NEWEST, OrientationShownToPartner),
}


async def _at_the_post(reading: Reading, orientation_id: UUID, _: SealingKey) -> bytes:
    return await reading.show(orientations.ONE, OrientationShown, id=orientation_id)


async def _at_the_partner(reading: Reading, orientation_id: UUID, key: SealingKey) -> bytes:
    return said(OrientationReadByPartner(**await sent_orientations.read(reading, key, orientation_id)))


READ_BY = {"social_worker": _at_the_post, "partner": _at_the_partner}


@router.get(
    "/participations/{participation_id}/orientations",
    operation_id="listOrientationsOfParticipation",
    summary="Lister les orientations d'une personne",
    response_model=Orientations,
)
async def list_orientations_of_participation(
    participation_id: UUID, request: Request, reading: Annotated[Reading, may("participation:read")]
) -> Response:
    await participations.find(reading, participation_id)
    items = await reading.show_all(orientations.OF_PARTICIPATION, OrientationShown, participation_id=participation_id)
    return listed(items, request)


@router.post(
    "/participations/{participation_id}/orientations",
    operation_id="proposeOrientation",
    summary="Proposer une orientation",
    status_code=201,
    response_model=OrientationShown,
)
async def propose_orientation(
    participation_id: UUID, draft: OrientationDraft, writing: Annotated[Writing, may("orientation:add")]
) -> Response:
    orientation_id = await orientations.propose(writing, participation_id, **draft.model_dump())
    body = await writing.show(orientations.ONE, OrientationShown, id=orientation_id)
    return created(body, f"/v1/orientations/{orientation_id}")


@router.get(
    "/orientations",
    operation_id="listOrientations",
    summary="Lister les orientations, les plus récentes d'abord",
    response_model=OrientationPage | OrientationPageToPartner,
)
async def list_orientations(
    reading: Annotated[Reading, may("orientation:read")],
    asked: AskedPage,
    status: Annotated[OrientationStatus | None, Query(description="État de l'orientation.")] = None,
) -> Response:
    newest, shown = SHOWN_TO[reading.actor.role]
    page = await reading.page(newest, shown, limit=asked.limit, after=asked.after(reading), status=status)
    return asked.answer(page.items, page.last, reading)


@router.get(
    "/orientations/reminders",
    operation_id="listOrientationReminders",
    summary="Lister les orientations restées sans réponse",
    response_model=Reminders,
)
async def list_orientation_reminders(
    request: Request,
    reading: Annotated[Reading, may("transmission:read")],
    working_days: Annotated[
        int, Query(ge=1, le=60, description="Jours ouvrés d'attente, jours fériés du département exclus.")
    ] = 10,
) -> Response:
    waiting = await reminders.list_reminders(reading, working_days=working_days)
    return answer(said(Reminders(items=[Reminder(**each) for each in waiting])), request)


@router.get(
    "/orientations/{orientation_id}",
    operation_id="readOrientation",
    summary="Lire une orientation ; le partenaire y lit les éléments transmis",
    response_model=OrientationShown | OrientationReadByPartner,
)
async def read_orientation(
    orientation_id: UUID, request: Request, reading: Annotated[Reading, may("orientation:read")], key: Key
) -> Response:
    return answer(await READ_BY[reading.actor.role](reading, orientation_id, key), request)


@router.patch(
    "/orientations/{orientation_id}",
    operation_id="correctOrientation",
    summary="Corriger une orientation qui n'est pas transmise",
    response_model=OrientationShown,
)
async def correct_orientation(
    orientation_id: UUID, patch: OrientationPatch, request: Request, writing: AtThePost, seen: IfMatch
) -> Response:
    table = orientations.TABLE
    seen.holds_for(await writing.hold(orientations.ONE, OrientationShown, table, id=orientation_id))
    await orientations.correct(writing, orientation_id, **patch.said())
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/agree",
    operation_id="agreeOrientation",
    summary="Noter l'accord de la personne, et ce qu'elle accepte de voir transmis",
    response_model=OrientationShown,
)
async def agree_orientation(
    orientation_id: UUID, draft: AgreementDraft, request: Request, writing: AtThePost
) -> Response:
    await orientations.agree(writing, orientation_id, **draft.model_dump())
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/decline",
    operation_id="declineOrientation",
    summary="Noter le refus de la personne",
    response_model=OrientationShown,
)
async def decline_orientation(
    orientation_id: UUID, draft: DeclineDraft, request: Request, writing: AtThePost
) -> Response:
    await orientations.decline(writing, orientation_id, **draft.model_dump())
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/self-refer",
    operation_id="selfReferOrientation",
    summary="Noter que la personne s'en charge elle-même",
    response_model=OrientationShown,
)
async def self_refer_orientation(
    orientation_id: UUID, draft: OwnStepsDraft, request: Request, writing: AtThePost
) -> Response:
    await orientations.leave_to_the_person(writing, orientation_id, **draft.model_dump())
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/transmit",
    operation_id="transmitOrientation",
    summary="Transmettre au partenaire les éléments dits, sur un fondement légal",
    response_model=OrientationShown,
)
async def transmit_orientation(
    orientation_id: UUID, draft: OrientationTransmissionDraft, request: Request, writing: AtThePost, key: Key
) -> Response:
    await orientations.transmit(writing, key, orientation_id, **draft.model_dump())
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/close",
    operation_id="closeOrientation",
    summary="Clore l'échange : le partenaire ne lit ni ne répond plus",
    response_model=OrientationShown,
)
async def close_orientation(
    orientation_id: UUID,
    request: Request,
    writing: AtThePost,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await orientations.close(writing, orientation_id)
    return answer(await _shown(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/acknowledge",
    operation_id="acknowledgeOrientation",
    summary="Partenaire : confirmer la réception",
    response_model=OrientationShownToPartner,
)
async def acknowledge_orientation(
    orientation_id: UUID,
    request: Request,
    writing: AtThePartner,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await sent_orientations.acknowledge(writing, orientation_id)
    return answer(await _shown_to_partner(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/take-up",
    operation_id="takeUpOrientation",
    summary="Partenaire : prendre la personne en charge",
    response_model=OrientationShownToPartner,
)
async def take_up_orientation(
    orientation_id: UUID,
    request: Request,
    writing: AtThePartner,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    await sent_orientations.take_up(writing, orientation_id)
    return answer(await _shown_to_partner(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/refuse",
    operation_id="refuseOrientation",
    summary="Partenaire : refuser, avec un motif",
    response_model=OrientationShownToPartner,
)
async def refuse_orientation(
    orientation_id: UUID, draft: RefusalDraft, request: Request, writing: AtThePartner
) -> Response:
    await sent_orientations.refuse(writing, orientation_id, **draft.model_dump())
    return answer(await _shown_to_partner(writing, orientation_id), request)


@router.post(
    "/orientations/{orientation_id}/outcome",
    operation_id="reportOrientationOutcome",
    summary="Partenaire : dire l'issue, par un code",
    response_model=OrientationShownToPartner,
)
async def report_orientation_outcome(
    orientation_id: UUID, draft: OutcomeDraft, request: Request, writing: AtThePartner
) -> Response:
    await sent_orientations.report_outcome(writing, orientation_id, **draft.model_dump())
    return answer(await _shown_to_partner(writing, orientation_id), request)


async def _shown(writing: Writing, orientation_id: UUID) -> bytes:
    return await writing.show(orientations.ONE, OrientationShown, id=orientation_id)


async def _shown_to_partner(writing: Writing, orientation_id: UUID) -> bytes:
    return await writing.show(sent_orientations.ONE, OrientationShownToPartner, id=orientation_id)
