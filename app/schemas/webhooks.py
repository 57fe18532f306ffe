"""Subscriptions to what happens: what is asked, what is shown, and the log of what was told."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Draft, Patch, Shown, unset
from app.schemas.directory_texts import OnceEach
from app.schemas.identifiers import ClientMadeId, drawn_here
from app.schemas.texts import Instant, Str

_URL: Any = {"format": "uri"}
URL_SAID = "Adresse HTTPS où notifier (port 443 ou 8443), publique ; ni nom d'utilisateur, ni secret dedans."
EVENTS_SAID = "Ce qui est à dire, parmi ce que liste `/v1/webhooks/event-types`."

EventType = Annotated[str, Field(max_length=60, pattern="^[a-z_]+\\.[a-z_]+$", examples=["referral.sent"])]
EventTypes = Annotated[
    list[EventType],
    Field(min_length=1, max_length=20, description=EVENTS_SAID, json_schema_extra={"uniqueItems": True}),
    OnceEach,
]
Url = Annotated[
    str,
    Str(500),
    Field(description=URL_SAID, json_schema_extra=_URL, examples=["https://logiciel.exemple.fr/relais"]),
]


class WebhookDraft(Draft):
    """A subscription to make; the organisation is that of the caller, named when there are several."""

    id: ClientMadeId = drawn_here
    url: Url
    event_types: EventTypes
    post_id: Annotated[UUID | None, Field(description="Poste abonné, si j'en tiens plusieurs.")] = None
    partner_id: Annotated[UUID | None, Field(description="Organisme abonné, si j'en ai plusieurs.")] = None


class WebhookPatch(Patch):
    """Another address, or other events."""

    url: Url = unset
    event_types: EventTypes = unset


class WebhookShown(Shown):
    """A subscription, without its secret."""

    id: UUID
    kept_by: Annotated[UUID, Field(description="Compte qui le tient : rien n'est dit qu'il ne pourrait lire.")]
    post_id: UUID | None
    partner_id: UUID | None
    url: Annotated[str, Field(examples=["https://logiciel.exemple.fr/relais"])]
    event_types: Annotated[list[str], Field(examples=[["referral.sent"]])]
    created_at: datetime
    previous_secret_until: Annotated[datetime | None, Field(description="Fin de validité du secret précédent.")]
    failing_since: Annotated[datetime | None, Field(description="Échecs sans réussite depuis.")]
    paused_at: datetime | None
    paused_because: Annotated[
        Literal["asked", "failing", "gone", "owner"] | None,
        Field(
            description="En pause : à la demande ; après trois jours d'échecs ; adresse disparue (410) ; compte parti."
        ),
    ]
    ended_at: datetime | None


class WebhookMade(WebhookShown):
    """A subscription and its secret, told this once."""

    secret: Annotated[
        str,
        Field(
            description="Secret de signature (Standard Webhooks), dit une seule fois.",
            examples=["whsec_c2VjcmV0IGludmVudMOpLCBxdWkgbmUgc2lnbmUgcmllbg=="],
        ),
    ]


class Webhooks(Shown):
    """The living subscriptions of my organisations."""

    items: list[WebhookShown]


class EventTypeShown(Shown):
    """An event that my role may hear."""

    event_type: EventType
    sentence: Annotated[str, Field(examples=["une unité a envoyé une saisine"])]
    resource: Annotated[str, Field(description="Ce qui se relit par l'API.", examples=["referral"])]


class EventTypesShown(Shown):
    """The events that my role may hear."""

    items: list[EventTypeShown]


class AttemptShown(Shown):
    """One attempt: what the receiver answered, by its status alone, or why it could not."""

    at: datetime
    status: Annotated[int | None, Field(description="Statut HTTP reçu.", examples=[503])]
    failure: Annotated[
        Literal["address_refused", "name_unknown", "unreachable", "timeout", "tls", "not_http"] | None,
        Field(description="Pourquoi aucun statut n'est venu."),
    ]
    duration_ms: Annotated[int, Field(examples=[120])]


class DeliveryShown(Shown):
    """One notification of the log."""

    id: Annotated[UUID, Field(description="Le `webhook-id` : le même à chaque essai.")]
    event_type: EventType
    subject_id: Annotated[UUID, Field(description="Ce qui se relit par l'API.")]
    happened_at: datetime
    state: Annotated[
        Literal["pending", "delivered", "failed", "withheld"],
        Field(description="À livrer ; livrée ; abandonnée ; retenue, parce que l'abonné ne pourrait plus lire."),
    ]
    attempts: list[AttemptShown]
    next_attempt_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(Shown):
    """A page of the log, newest first."""

    items: list[DeliveryShown]
    next_cursor: str | None


class ReplayDraft(Draft):
    """Since when what failed is to be sent again."""

    since: Annotated[Instant, Field(examples=["2026-11-27T08:00:00Z"])]


class ReplayShown(Shown):
    """How many notifications are sent again."""

    replayed: Annotated[int, Field(examples=[12])]
