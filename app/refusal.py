"""What a command says when it cannot do what was asked."""

import errno
from collections.abc import Mapping
from typing import Final

_REASONS: Final[Mapping[int, str]] = {
    errno.ENOENT: "introuvable",
    errno.EISDIR: "c'est un dossier",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "lecture seule",
    errno.ENOSPC: "plus de place",
}


class CannotRun(RuntimeError):  # noqa: N818 — read as a sentence
    """What was asked cannot be done here; the message, in French, is for the person at the keyboard."""


def reason(error: OSError) -> str:
    """Why a file cannot be read or written, in French: the system says it in its own language."""
    return _REASONS.get(error.errno or 0, f"erreur {error.errno} du système" if error.errno else "interruption")
