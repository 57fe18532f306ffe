"""What settings become: keys, networks, origins, desks; each refused in French when it is not what it should be."""

from __future__ import annotations

import base64

from pydantic import SecretStr

from app.access.key_rings import SigningRing
from app.access.sources import Network, networks
from app.services.sealing import SealingKey
from app.services.webhook_addresses import Reach
from app.services.webhooks import WebhookDesk
from app.settings import Settings
from app.wire_origins import origins


def public_keys(settings: Settings, ring: SigningRing | None) -> str:
    """The keys that check our tokens. Whoever signs with a ring knows best what it has published; others are told."""
    told = settings.verification_keys
    known = ring.key_set() if ring and (ring.following or not told) else told
    if known is None:
        raise RuntimeError("il faut RELAIS_VERIFICATION_KEYS (ou, pour le processus d'identité, RELAIS_SIGNING_KEY)")
    return known


def key_bytes(said: SecretStr | None) -> bytes | None:
    """A key of 32 bytes given in base64, or ``None`` when it is absent."""
    if said is None:
        return None
    key = base64.b64decode(said.get_secret_value(), validate=True)
    if len(key) != 32:
        raise RuntimeError("une clé doit faire 32 octets, en base64")
    return key


def trusted_networks(said: str) -> tuple[Network, ...]:
    """The networks of the proxies that are believed; none by default."""
    try:
        return networks(said)
    except ValueError:
        raise RuntimeError("RELAIS_TRUSTED_PROXIES attend des réseaux, comme 10.213.11.0/28") from None


def allowed_origins(said: str) -> frozenset[str]:
    """The origins whose pages may call; none by default."""
    try:
        return origins(said)
    except ValueError:
        raise RuntimeError(
            "RELAIS_ALLOWED_ORIGINS attend des origines exactes, comme https://relais.exemple.fr"
        ) from None


def webhook_desk(settings: Settings) -> WebhookDesk | None:
    """What keeping subscriptions takes; ``None`` without the key of their secrets."""
    try:
        reach = Reach.of(settings.webhook_networks)
    except ValueError:
        raise RuntimeError("RELAIS_WEBHOOK_NETWORKS attend des réseaux, comme 10.1.2.0/24") from None
    key = settings.webhook_key
    return WebhookDesk(SealingKey(key.get_secret_value()), reach) if key else None
