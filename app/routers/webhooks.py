"""Abonnements : dire à une organisation ce qui lui arrive ; un type, un identifiant, une heure, aucun contenu."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.gate import Reading, Writing, may
from app.access.webhook_desk import webhook_desk
from app.routers.answers import AskedPage, IfMatch, answer, created, listed, said, told_once
from app.routers.route import Route
from app.schemas.base import Nothing
from app.schemas.webhooks import (
    DeliveryPage,
    DeliveryShown,
    EventTypeShown,
    EventTypesShown,
    ReplayDraft,
    ReplayShown,
    WebhookDraft,
    WebhookMade,
    WebhookPatch,
    Webhooks,
    WebhookShown,
)
from app.services import webhook_deliveries, webhooks
from app.services.webhooks import WebhookDesk

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=Route)

MayRead = Annotated[Reading, may("webhook:read")]
MayChange = Annotated[Writing, may("webhook:change")]
# Where notifications go, and who can sign them, opens an access.
MayChangeAnew = Annotated[Writing, may("webhook:change", recent=True)]
Desk = Annotated[WebhookDesk, Depends(webhook_desk)]


@router.get(
    "",
    operation_id="listWebhooks",
    summary="Lister les abonnements de mon organisation",
    response_model=Webhooks,
)
async def list_webhooks(request: Request, reading: MayRead) -> Response:
    return listed(await reading.show_all(webhooks.LIVING, WebhookShown), request)


@router.post(
    "",
    operation_id="makeWebhook",
    summary="Abonner mon organisation ; le secret de signature n'est dit qu'une fois",
    status_code=201,
    response_model=WebhookMade,
)
async def make_webhook(
    draft: WebhookDraft, writing: Annotated[Writing, may("webhook:add", recent=True)], desk: Desk
) -> Response:
    made = WebhookMade(**await webhooks.subscribe(writing, desk, **draft.model_dump()))
    return created(said(made), f"/v1/webhooks/{made.id}", told_once=True)


@router.get(
    "/event-types",
    operation_id="listEventTypes",
    summary="Lister ce à quoi mon rôle peut s'abonner",
    response_model=EventTypesShown,
)
async def list_event_types(request: Request, reading: MayRead) -> Response:
    heard = [EventTypeShown(**each) for each in webhooks.heard_by(reading)]
    return answer(said(EventTypesShown(items=heard)), request)


@router.get("/{webhook_id}", operation_id="readWebhook", summary="Lire un abonnement", response_model=WebhookShown)
async def read_webhook(webhook_id: UUID, request: Request, reading: MayRead) -> Response:
    return answer(await reading.show(webhooks.ONE, WebhookShown, id=webhook_id), request)


@router.patch(
    "/{webhook_id}",
    operation_id="correctWebhook",
    summary="Changer l'adresse ou les événements d'un abonnement",
    response_model=WebhookShown,
)
async def correct_webhook(
    webhook_id: UUID, patch: WebhookPatch, request: Request, writing: MayChangeAnew, desk: Desk, seen: IfMatch
) -> Response:
    seen.holds_for(await writing.hold(webhooks.ONE, WebhookShown, webhooks.WEBHOOK_TABLE, id=webhook_id))
    await webhooks.correct(writing, desk, webhook_id, patch.said())
    return answer(await writing.show(webhooks.ONE, WebhookShown, id=webhook_id), request)


@router.post(
    "/{webhook_id}/rotate-secret",
    operation_id="rotateWebhookSecret",
    summary="Changer le secret ; pendant 24 heures, les deux signent",
    response_model=WebhookMade,
)
async def rotate_webhook_secret(
    webhook_id: UUID,
    writing: MayChangeAnew,
    desk: Desk,
    draft: Nothing | None = None,  # noqa: ARG001 — a word that it would ignore is refused
) -> Response:
    return told_once(WebhookMade(**await webhooks.rotate_secret(writing, desk, webhook_id)))


@router.post(
    "/{webhook_id}/pause",
    operation_id="pauseWebhook",
    summary="Mettre un abonnement en pause ; ce qui arrive attend, trois jours au plus",
    response_model=WebhookShown,
)
async def pause_webhook(
    webhook_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await webhooks.pause(writing, webhook_id)
    return answer(await writing.show(webhooks.ONE, WebhookShown, id=webhook_id), request)


@router.post(
    "/{webhook_id}/resume",
    operation_id="resumeWebhook",
    summary="Reprendre un abonnement, quelle que soit la raison de sa pause",
    response_model=WebhookShown,
)
async def resume_webhook(
    webhook_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await webhooks.resume(writing, webhook_id)
    return answer(await writing.show(webhooks.ONE, WebhookShown, id=webhook_id), request)


@router.post(
    "/{webhook_id}/end",
    operation_id="endWebhook",
    summary="Mettre fin à un abonnement ; rien n'en part plus",
    response_model=WebhookShown,
)
async def end_webhook(
    webhook_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await webhooks.end(writing, webhook_id)
    return answer(await writing.show(webhooks.ONE, WebhookShown, id=webhook_id), request)


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="listDeliveries",
    summary="Lire ce qui fut notifié à un abonnement, les plus récentes d'abord",
    response_model=DeliveryPage,
)
async def list_deliveries(webhook_id: UUID, reading: MayRead, asked: AskedPage) -> Response:
    page = await webhook_deliveries.list_of_webhook(
        reading, webhook_id, DeliveryShown, limit=asked.limit, after=asked.after(reading)
    )
    return asked.answer(page.items, page.last, reading)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    operation_id="replayDelivery",
    summary="Renvoyer une notification, sous le même identifiant",
    response_model=DeliveryShown,
)
async def replay_delivery(
    webhook_id: UUID,
    delivery_id: UUID,
    request: Request,
    writing: MayChange,
    draft: Nothing | None = None,  # noqa: ARG001 — as above
) -> Response:
    await webhook_deliveries.replay(writing, webhook_id, delivery_id)
    body = await writing.show(webhook_deliveries.ONE, DeliveryShown, webhook_id=webhook_id, id=delivery_id)
    return answer(body, request)


@router.post(
    "/{webhook_id}/replay",
    operation_id="replayFailedDeliveries",
    summary="Renvoyer tout ce qui a été abandonné depuis un instant",
    response_model=ReplayShown,
)
async def replay_failed_deliveries(
    webhook_id: UUID, draft: ReplayDraft, request: Request, writing: MayChange
) -> Response:
    replayed = await webhook_deliveries.replay_failed(writing, webhook_id, **draft.model_dump())
    return answer(said(ReplayShown(**replayed)), request)
