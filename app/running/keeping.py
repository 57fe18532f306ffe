"""What ``RELAIS_HOME`` keeps: keys and passwords made once, each whole in its file or not there at all."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from app.access.tokens import new_signing_key
from app.refusal import CannotRun, reason
from app.services.anchors import new_anchor_key


def new_random_key() -> str:
    """32 random bytes, in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


KEYS: dict[str, Callable[[], str]] = {
    "signing_key": new_signing_key,
    "sealing_key": new_random_key,
    "statistics_key": new_random_key,
    "cursor_key": new_random_key,
    "refresh_key": new_random_key,
    "identity_key": new_random_key,
    "anchor_key": new_anchor_key,
    "webhook_key": new_random_key,
}


def keep_keys(home: Path) -> dict[str, str]:
    """The keys of the house, made on first use."""
    return {name: _kept(home, name, make) for name, make in KEYS.items()}


def keep_lane_passwords(home: Path, roles: Iterable[str]) -> dict[str, str]:
    """One password a PostgreSQL login (``relais_`` + role), made on first use."""
    return {role: _kept(home, f"lane_{role}", lambda: secrets.token_urlsafe(32)) for role in roles}


def _kept(home: Path, name: str, make: Callable[[], str]) -> str:
    """The secret in its file (0600, in a folder 0700), made if it is missing.

    Written aside, then linked: a killed start leaves no half secret, and of two starts the first wins.
    """
    folder = home / "secrets"
    path = folder / name
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        if not path.exists():
            draft = folder / f".{name}.{secrets.token_hex(8)}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(make().strip() + "\n")
                file.flush()
                os.fsync(descriptor)
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CannotRun(f"Le dossier {folder} n'est pas utilisable ({reason(error)}).") from None
    if not found:
        raise CannotRun(f"Le secret {path} est vide : restaurez-le, ou supprimez {home} pour repartir de zéro.")
    return found


def sweep(home: Path) -> None:
    """Remove the drafts of starts that were killed."""
    for pattern in (".*.????????????????",):
        for folder in (home, home / "secrets"):
            for left in folder.glob(pattern):
                with suppress(OSError):
                    left.unlink()
