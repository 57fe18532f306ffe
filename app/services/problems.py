"""The codes of refusals, explained: the ``type`` of a problem is the address where its code is (RFC 9457)."""

from __future__ import annotations

from app.errors import NotFound
from app.messages import FIELDS, PROBLEMS


def explain(*, code: str) -> dict[str, str]:
    """The sentences of a code, of a refusal or of a field's fault; ``NotFound`` for a code that we never say."""
    said = PROBLEMS.get(code) or FIELDS.get(code)
    if said is None:
        raise NotFound
    return {"code": code, "fr": said["fr"], "en": said["en"]}
