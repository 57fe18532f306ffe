"""What a command without a person needs: the URL of the lane ``worker``, and the key of the statistics."""

from __future__ import annotations

import base64
import binascii

from app.embedded import EmbeddedPostgres
from app.refusal import CannotRun
from app.running.preparing import operated
from app.services.anchors import AnchorKey
from app.settings import Settings


def worker_url() -> str:
    """The URL of the lane, from the environment, else that of the server which runs in the home."""
    url = known_settings().database_url.get("worker")
    if url is None:
        raise CannotRun(
            "Aucun serveur à qui parler : donnez RELAIS_DATABASE_URL__WORKER, l'URL de la voie « worker », ou laissez"
            " « make run » tourner à côté."
        )
    return url.get_secret_value()


def anchor_key() -> AnchorKey | None:
    """The key that signs anchors, if this process has it."""
    said = known_settings().anchor_key
    try:
        return AnchorKey(said.get_secret_value()) if said else None
    except ValueError:
        raise CannotRun("RELAIS_ANCHOR_KEY n'est pas une clé Ed25519 (PEM).") from None


def statistics_key() -> bytes:
    """The key that draws the rounding: the same for ever, or two publications could be averaged."""
    said = known_settings().statistics_key
    try:
        key = base64.b64decode(said.get_secret_value(), validate=True) if said else b""
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise CannotRun("Il faut RELAIS_STATISTICS_KEY : 32 octets en base64, toujours les mêmes.")
    return key


def known_settings() -> Settings:
    """The settings of the environment; when they name no server, those of the one that runs in the home."""
    settings = Settings()
    elsewhere = settings.database_url or settings.bootstrap_url or settings.migrator_url
    if not elsewhere and EmbeddedPostgres(settings.home).running:
        return operated(settings).settings
    return settings
