"""The files that hold keys: found where the settings find them, replaced whole, by one command at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.refusal import CannotRun, reason


def key_file(home: Path, name: str, folder: Path | None) -> Path:
    """The file of a key: in the folder said, else that of the secrets, else that of the home.

    Under its own name in a home (``signing_key``), after the prefix of the settings elsewhere.
    """
    if said := os.environ.get(f"RELAIS_{name.upper()}_FILE"):
        return Path(said)
    secrets_dir = folder or os.environ.get("RELAIS_SECRETS_DIR")
    folders = [Path(secrets_dir)] if secrets_dir else [home / "secrets"]
    found = [place / each for place in folders for each in (f"relais_{name}", name) if (place / each).is_file()]
    if not found:
        raise CannotRun(
            f"Aucun fichier pour cette clé dans {folders[0]} : donnez --folder, ou RELAIS_{name.upper()}_FILE."
        )
    return found[0]


def read_key(path: Path) -> str:
    """What the file of a key holds."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "ce n'est pas du texte"
        raise CannotRun(f"Le fichier {path} ne se lit pas ({why}).") from None


def replace_key(path: Path, text: str) -> None:
    """Put another text in the file: whole or not at all, whatever happens; same owner, 0600."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text.strip() + "\n")
            file.flush()
            if path.exists():
                _same_owner(path, descriptor)
            os.fsync(descriptor)
        draft.replace(path)
        _synced(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise CannotRun(f"Le fichier {path} ne s'écrit pas ({reason(error)}).") from None


def copy_key(path: Path, moment: datetime) -> Path:
    """A copy beside the file, before it changes."""
    copy = path.with_name(f"{path.name}.copy-{moment:%Y%m%dT%H%M%SZ}")
    if not copy.exists():
        replace_key(copy, read_key(path))
    return copy


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Two commands never change the same file together."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CannotRun(f"Le dossier {path.parent} n'est pas utilisable ({reason(error)}).") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotRun("Une autre commande change des clés dans ce dossier : attendez qu'elle finisse.") from None
    finally:
        os.close(folder)


def _same_owner(path: Path, descriptor: int) -> None:
    owner: os.stat_result = path.stat()
    if stat.S_ISREG(owner.st_mode) and (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
