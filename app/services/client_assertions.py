"""What software signs to say who it is (RFC 7523, ``private_key_jwt``): of now, for us, by its own key, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from app.access.signatures import LEEWAY, Presented, Refused, is_instant, is_text, key_set

LASTS_AT_MOST = 300
"""Seconds between the making of an assertion and its end."""
TYPES = (None, "JWT", "jwt", "client-authentication+jwt")
LONGEST_JTI = 128


class ClientAssertion:
    """An assertion as it came; it names its maker, and is not believed yet."""

    def __init__(self, text: str) -> None:
        self._presented = Presented(text)
        self._presented.is_a(*TYPES)
        self.client_id = self._presented.names_itself("sub")

    def checked(
        self, client_keys: Any, audiences: Collection[str], *, clock: Callable[[], float] = time.time
    ) -> tuple[str, datetime]:
        """Its ``jti``, which serves once, and until when to remember it; ``Refused`` unless it is good in everything.

        The algorithm is the one of the registered key, whatever the header says.
        """
        claims = self._presented.verified_by(key_set(client_keys).get(self._presented.kid))
        issued, expires = claims.get("iat"), claims.get("exp")
        good = (
            claims.get("iss") == claims.get("sub") == self.client_id
            and _is_for(claims.get("aud"), audiences)
            and is_text(claims.get("jti"), LONGEST_JTI)
            and _is_of_now(claims, issued, expires, clock())
        )
        if not good:
            raise Refused
        return claims["jti"], datetime.fromtimestamp(claims["exp"] + LEEWAY, UTC)


def _is_for(said: Any, audiences: Collection[str]) -> bool:
    return any(said in (each, [each]) for each in audiences)


def _is_of_now(claims: Mapping[str, Any], issued: Any, expires: Any, now: float) -> bool:
    if not is_instant(expires) or not now - LEEWAY < expires <= now + LASTS_AT_MOST + LEEWAY:
        return False
    if "iat" in claims and not (is_instant(issued) and issued <= now + LEEWAY and expires - issued <= LASTS_AT_MOST):
        return False
    return "nbf" not in claims or (is_instant(claims["nbf"]) and claims["nbf"] <= now + LEEWAY)
