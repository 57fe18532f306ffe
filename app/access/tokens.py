"""Access tokens (RFC 9068, ES256): the only module that knows python-jose.

The library alone accepts too much (no ``exp``, another ``typ``, unknown ``crit``, several spellings of a signature):
shape, header and claims are checked here before and after it, and any surprise is a 401, never a 500.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jose import jwt
from jose.backends import ECKey
from jose.backends.cryptography_backend import CryptographyECKey

from app.access.actor import Actor
from app.access.policy import CLIENT_ROLE, policy
from app.errors import Unauthenticated

if ECKey is not CryptographyECKey:  # without the extra, python-jose falls back to a weak pure-Python ECDSA
    raise RuntimeError("python-jose doit être installé avec son extra [cryptography]")

LIFETIME = 600
"""Seconds an access token lives."""
MACHINE_LIFETIME = 300
"""Seconds an access token lives that software has asked for."""
LEEWAY = 30
LONGEST = 8192
# Header, claims, and an ES256 signature, which is exactly 64 bytes; its last character has four spare bits at zero.
SHAPE = re.compile(r"[A-Za-z0-9_-]{1,1024}\.[A-Za-z0-9_-]{1,6144}\.[A-Za-z0-9_-]{85}[AQgw]")
CLAIMS = frozenset({"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "sid", "role"})
CACHED_TOKENS = 4096


class _Refused(Exception):  # noqa: N818
    """The token is not one of ours."""


def new_signing_key() -> str:
    """A fresh P-256 private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _b64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def public_jwk(pem: str) -> dict[str, str]:
    """Public part of a signing key, with its RFC 7638 thumbprint as ``kid``."""
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("la clé de signature doit être une clé P-256")
    numbers = key.public_key().public_numbers()
    jwk = {"crv": "P-256", "kty": "EC", "x": _b64(numbers.x), "y": _b64(numbers.y)}
    thumbprint = hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest()
    kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
    return {**jwk, "alg": "ES256", "use": "sig", "kid": kid}


def jwks(pem: str) -> str:
    """The key set that other processes and ``/.well-known/jwks.json`` publish."""
    return json.dumps({"keys": [public_jwk(pem)]})


def _object(part: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise _Refused
        return found

    def never(_: str) -> None:
        raise _Refused

    text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
    found = json.loads(text, object_pairs_hook=once, parse_constant=never)
    if type(found) is not dict:
        raise _Refused
    return found


class Signer:
    """Mints access tokens. Lives in the identity process only."""

    def __init__(self, pem: str, *, issuer: str, audience: str) -> None:
        self.public = public_jwk(pem)
        # Built once: signing from a PEM string each time takes 30 ms and blocks the loop.
        self._key = ECKey(pem, "ES256")
        self._issuer = issuer
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
            "iss": self._issuer,
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
        token: str = jwt.encode(
            claims, self._key, algorithm="ES256", headers={"typ": "at+jwt", "kid": self.public["kid"]}
        )
        return token


class Verifier:
    """Checks access tokens; holds public keys only."""

    def __init__(self, key_set: str, *, issuer: str, audience: str, clock: Callable[[], float] = time.time) -> None:
        published = json.loads(key_set)["keys"]
        if not published:
            raise ValueError("aucune clé publique")
        self._keys: Mapping[str, Any] = {jwk["kid"]: ECKey(jwk, "ES256") for jwk in published}
        self.key_set = json.dumps({"keys": published})
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        # By full token text and until expiry; never used to revoke: the session row is checked by PostgreSQL each time.
        self._known: dict[str, tuple[int, Actor]] = {}

    def actor(self, token: str) -> Actor:
        """The caller a token names; ``Unauthenticated`` for anything that is not exactly one of our tokens."""
        known = self._known.get(token)
        if known is not None and self._clock() < known[0]:
            return known[1]
        try:
            claims = self._claims(token)
            actor = Actor(
                account_id=_uuid(claims["sub"]),
                session_id=_uuid(claims["sid"]),
                role=claims["role"],
                scopes=policy().opened_by(claims["scope"].split()),
            )
        except (Exception, RecursionError):
            raise Unauthenticated(token_given=True) from None
        if len(self._known) >= CACHED_TOKENS:
            self._known.clear()
        self._known[token] = (claims["exp"] + LEEWAY, actor)
        return actor

    def _claims(self, token: str) -> dict[str, Any]:
        if type(token) is not str or len(token) > LONGEST or not SHAPE.fullmatch(token):
            raise _Refused
        head, body, _ = token.split(".")
        header, claims = _object(head), _object(body)
        kid = header.get("kid")
        if header.keys() != {"alg", "typ", "kid"} or header["alg"] != "ES256" or header["typ"] != "at+jwt":
            raise _Refused
        if type(kid) is not str or kid not in self._keys or claims.keys() != CLAIMS:
            raise _Refused
        required = {f"require_{name}": True for name in ("aud", "iss", "exp", "iat", "sub", "jti")}
        jwt.decode(
            token,
            self._keys[kid],
            algorithms=["ES256"],
            audience=self._audience,
            issuer=self._issuer,
            # Time is checked below, with our own clock and bounds.
            options={**required, "verify_exp": False, "verify_iat": False},
        )
        issued, expires = claims["iat"], claims["exp"]
        texts = (claims[name] for name in CLAIMS - {"exp", "iat"})
        if type(issued) is not int or type(expires) is not int or any(type(text) is not str for text in texts):
            raise _Refused
        if claims["aud"] != self._audience or claims["iss"] != self._issuer:
            raise _Refused
        if expires - issued != LIFETIME and not (expires - issued == MACHINE_LIFETIME and _is_of_software(claims)):
            raise _Refused
        if not issued - LEEWAY <= self._clock() < expires + LEEWAY:
            raise _Refused
        if claims["role"] not in {role.name for role in policy().people}:
            raise _Refused
        return claims


def _is_of_software(claims: Mapping[str, Any]) -> bool:
    sayable = policy().said_by_client(policy().grantable)
    return claims["role"] == CLIENT_ROLE and set(claims["scope"].split(" ")) <= set(sayable)


def _uuid(text: str) -> UUID:
    found = UUID(text)
    if str(found) != text:
        raise _Refused
    return found
