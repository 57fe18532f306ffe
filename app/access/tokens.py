"""Access tokens (RFC 9068, ES256): exactly ours, or nobody's.

``signatures`` opens them; header, claims and time are checked here, and any surprise is a 401, never a 500.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.access.actor import Actor
from app.access.policy import CLIENT_ROLE, policy
from app.access.signatures import LEEWAY, Presented, PublicKey, Refused, SigningKey, new_signing_key, public_key
from app.errors import Unauthenticated

__all__ = ["LEEWAY", "LIFETIME", "MACHINE_LIFETIME", "Signer", "Verifier", "jwks", "new_signing_key", "public_jwk"]

LIFETIME = 600
"""Seconds an access token lives."""
MACHINE_LIFETIME = 300
"""Seconds an access token lives that software has asked for."""
ALGORITHM = "ES256"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
"""How a key says until when it is believed."""
CLAIMS = frozenset({"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "sid", "role"})
CACHED_TOKENS = 4096


def public_jwk(pem: str) -> dict[str, str]:
    """Public part of a signing key, with its RFC 7638 thumbprint as ``kid``."""
    return _signing_key(pem).public


def _signing_key(pem: str) -> SigningKey:
    key = SigningKey(pem)
    if key.alg != ALGORITHM:
        raise ValueError("la clé de signature doit être une clé P-256")
    return key


def jwks(pem: str) -> str:
    """The key set that other processes and ``/.well-known/jwks.json`` publish."""
    return json.dumps({"keys": [public_jwk(pem)]})


def _until(jwk: Mapping[str, str]) -> float:
    if "until" not in jwk:
        return float("inf")
    return datetime.strptime(jwk["until"], INSTANT).replace(tzinfo=UTC).timestamp()


class Signer:
    """Mints access tokens. Lives in the identity process only."""

    def __init__(self, pem: str, *, issuer: str, audience: str) -> None:
        self._key = _signing_key(pem)
        self.public = self._key.public
        self.issuer = issuer
        self._audience = audience

    def access_token(
        self,
        *,
        account_id: UUID,
        session_id: UUID,
        role: str,
        client_id: str,
        jti: UUID,
        granted: Iterable[str] | None = None,
        now: int | None = None,
    ) -> str:
        """A ten-minute token; five, and the scopes ``granted``, for software. No name, no personal data."""
        issued = int(time.time()) if now is None else now
        scopes = policy().scopes(role) if granted is None else policy().said_by_client(granted)
        claims = {
            "iss": self.issuer,
            "sub": str(account_id),
            "aud": self._audience,
            "exp": issued + (LIFETIME if granted is None else MACHINE_LIFETIME),
            "iat": issued,
            "jti": str(jti),
            "client_id": client_id,
            "scope": " ".join(scopes),
            "sid": str(session_id),
            "role": role,
        }
        return self._key.sign(claims, typ="at+jwt")


class Verifier:
    """Checks access tokens; holds public keys only."""

    def __init__(self, key_set: str, *, issuer: str, audience: str, clock: Callable[[], float] = time.time) -> None:
        published = json.loads(key_set)["keys"]
        if not published:
            raise ValueError("aucune clé publique")
        try:
            self._keys: Mapping[str, PublicKey] = {jwk["kid"]: public_key(jwk, ALGORITHM) for jwk in published}
        except (Refused, KeyError, TypeError):
            raise ValueError("une clé publique n'est pas une clé P-256") from None
        # A retired key is believed until the last token that it signed has expired.
        self._until: Mapping[str, float] = {jwk["kid"]: _until(jwk) for jwk in published}
        self.key_set = json.dumps({"keys": published})
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        # By full token text and until expiry; never used to revoke: the session row is checked by PostgreSQL each time.
        self._known: dict[str, tuple[float, Actor]] = {}

    def actor(self, token: str) -> Actor:
        """The caller a token names; ``Unauthenticated`` for anything that is not exactly one of our tokens."""
        known = self._known.get(token)
        if known is not None and self._clock() < known[0]:
            return known[1]
        try:
            presented = Presented(token)
            claims = self._claims(presented)
            actor = Actor(
                account_id=_uuid(claims["sub"]),
                session_id=_uuid(claims["sid"]),
                role=claims["role"],
                scopes=policy().opened_by(claims["scope"].split()),
                software=claims["exp"] - claims["iat"] == MACHINE_LIFETIME,
            )
        except (Exception, RecursionError):
            raise Unauthenticated(token_given=True) from None
        if len(self._known) >= CACHED_TOKENS:
            self._known.clear()
        self._known[token] = (min(claims["exp"] + LEEWAY, self._until[presented.kid]), actor)
        return actor

    def _claims(self, presented: Presented) -> dict[str, Any]:
        presented.is_a("at+jwt")
        if presented.header.keys() != {"alg", "typ", "kid"} or self._clock() >= self._until.get(presented.kid, 0):
            raise Refused
        claims = presented.verified_by(self._keys.get(presented.kid))
        if claims.keys() != CLAIMS:
            raise Refused
        issued, expires = claims["iat"], claims["exp"]
        texts = (claims[name] for name in CLAIMS - {"exp", "iat"})
        if type(issued) is not int or type(expires) is not int or any(type(text) is not str for text in texts):
            raise Refused
        if claims["aud"] != self._audience or claims["iss"] != self._issuer:
            raise Refused
        if expires - issued != LIFETIME and not (expires - issued == MACHINE_LIFETIME and _is_of_software(claims)):
            raise Refused
        if not issued - LEEWAY <= self._clock() < expires + LEEWAY:
            raise Refused
        if claims["role"] not in {role.name for role in policy().people}:
            raise Refused
        return claims


def _is_of_software(claims: Mapping[str, Any]) -> bool:
    sayable = policy().said_by_client(policy().grantable)
    return claims["role"] == CLIENT_ROLE and set(claims["scope"].split(" ")) <= set(sayable)


def _uuid(text: str) -> UUID:
    found = UUID(text)
    if str(found) != text:
        raise Refused
    return found
