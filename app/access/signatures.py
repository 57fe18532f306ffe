"""Signed texts (JWS): the only module that knows python-jose.

The library alone accepts too much: several spellings of one signature, any ``typ``, an unknown ``crit``, a key tried
whatever its name. Here the shape and the header are checked first, the key is chosen by its name, the algorithm is
the one that the key was registered with, and any surprise is ``Refused``. What the claims must say is the caller's
business.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jose import jws, jwt
from jose.backends import ECKey, RSAKey
from jose.backends.cryptography_backend import CryptographyECKey, CryptographyRSAKey

if ECKey is not CryptographyECKey or RSAKey is not CryptographyRSAKey:
    # Without the extra, python-jose falls back to weak pure-Python arithmetic.
    raise RuntimeError("python-jose doit être installé avec son extra [cryptography]")

LONGEST = 8192
LONGEST_HEADER = 1024
LEEWAY = 30
"""Seconds by which two clocks may differ."""
SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# A P-256 signature is 64 bytes: 86 characters, the last of which has four spare bits at zero. RSA: 2048 to 8192 bits.
SIGNATURES = {"ES256": re.compile(r"[A-Za-z0-9_-]{85}[AQgw]"), "RS256": re.compile(r"[A-Za-z0-9_-]{342,1366}")}
ALGORITHMS = frozenset(SIGNATURES)
RSA_BITS = range(2048, 8193)
KEY_SET_AT_MOST = 100
NEVER_FOLLOWED = frozenset({"crit", "b64", "jku", "x5u", "jwk", "x5c", "enc", "zip"})
"""What would change how a text is read, or bring its own key along."""


class Refused(Exception):  # noqa: N818 — read as a sentence
    """Not exactly what is expected; which part is not said."""


def base64url(data: bytes) -> str:
    """base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read_object(text: str) -> dict[str, Any]:
    """A JSON object that says each of its members once and holds nothing but JSON; ``Refused`` otherwise."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Refused
        return found

    def never(_: str) -> None:
        raise Refused

    try:
        found = json.loads(text, object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError):
        raise Refused from None
    if type(found) is not dict:
        raise Refused
    return found


def _part(coded: str) -> dict[str, Any]:
    try:
        return read_object(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8"))
    except ValueError:
        raise Refused from None


def _is_spelt_once(coded: str) -> bool:
    """The spare bits of the last character are at zero: the same octets have no other spelling."""
    return len(coded) % 4 != 1 and base64url(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))) == coded


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures, and the one algorithm that it was registered with."""

    kid: str
    alg: str
    _key: Any = field(repr=False)


def public_key(jwk: Mapping[str, Any], alg: str | None = None) -> PublicKey:
    """The key of a JWK, for ``alg`` alone; ``Refused`` when it is of another kind, weak, or not to sign with."""
    try:
        kid, said = jwk["kid"], jwk.get("alg")
        alg = alg or said or {"EC": "ES256", "RSA": "RS256"}[jwk["kty"]]
        if type(kid) is not str or not 1 <= len(kid) <= 256 or said not in {None, alg} or "d" in jwk:
            raise Refused
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
            raise Refused
        if alg == "ES256" and jwk["kty"] == "EC" and jwk["crv"] == "P-256":
            key = ECKey({name: jwk[name] for name in ("kty", "crv", "x", "y")}, alg)
        elif alg == "RS256" and jwk["kty"] == "RSA":
            key = RSAKey({name: jwk[name] for name in ("kty", "n", "e")}, alg)
            numbers = key.prepared_key.public_numbers()
            if numbers.n.bit_length() not in RSA_BITS or not 3 <= numbers.e < 2**33:
                raise Refused
        else:
            raise Refused
    except (Exception, RecursionError):
        raise Refused from None
    return PublicKey(kid, alg, key)


def key_set(published: Any, alg: str | None = None) -> dict[str, PublicKey]:
    """The keys of a JWKS that serve for ``alg``, by name; two of one name are none. ``Refused`` if it is no JWKS."""
    keys = published.get("keys") if isinstance(published, dict) else None
    if type(keys) is not list or len(keys) > KEY_SET_AT_MOST:
        raise Refused
    found: dict[str, PublicKey] = {}
    twice: set[str] = set()
    for jwk in keys:
        try:
            key = public_key(jwk, alg)
        except Refused:
            continue
        twice |= {key.kid} & found.keys()
        found[key.kid] = key
    return {kid: key for kid, key in found.items() if kid not in twice}


class SigningKey:
    """A private key (P-256 or RSA, PEM) and its public part, named by its RFC 7638 thumbprint."""

    def __init__(self, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            point = key.public_key().public_numbers()
            jwk = {"crv": "P-256", "kty": "EC", "x": _number(point.x, 32), "y": _number(point.y, 32)}
            self.alg = "ES256"
        elif isinstance(key, rsa.RSAPrivateKey) and key.key_size in RSA_BITS:
            numbers = key.public_key().public_numbers()
            jwk = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
            self.alg = "RS256"
        else:
            raise ValueError("la clé de signature doit être une clé P-256, ou RSA de 2048 bits ou plus")
        thumbprint = hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest()
        self.public = {**jwk, "alg": self.alg, "use": "sig", "kid": base64url(thumbprint)}
        # Built once: signing from a PEM string each time takes 30 ms and blocks the loop.
        self._key = (ECKey if self.alg == "ES256" else RSAKey)(pem, self.alg)

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """These claims, signed."""
        headers = {"typ": typ, "kid": self.public["kid"]}
        token: str = jwt.encode(dict(claims), self._key, algorithm=self.alg, headers=headers)
        return token


def new_signing_key() -> str:
    """A fresh P-256 private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _number(number: int, size: int | None = None) -> str:
    return base64url(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


class Presented:
    """A signed text as it came: its shape and its header are good, nothing in it is believed yet."""

    __slots__ = ("_claims", "_text", "alg", "header", "kid")

    def __init__(self, text: Any, *, longest: int = LONGEST) -> None:
        found = SHAPE.fullmatch(text) if type(text) is str and len(text) <= longest else None
        if found is None or len(found[1]) > LONGEST_HEADER:
            raise Refused
        self.header = _part(found[1])
        alg, kid = self.header.get("alg"), self.header.get("kid")
        if type(alg) is not str or type(kid) is not str or self.header.keys() & NEVER_FOLLOWED:
            raise Refused
        if alg not in ALGORITHMS or not SIGNATURES[alg].fullmatch(found[3]) or not _is_spelt_once(found[3]):
            raise Refused
        self.alg, self.kid = alg, kid
        self._text = text
        self._claims = _part(found[2])

    def is_a(self, *kinds: str | None) -> None:
        """``Refused`` unless the header says one of these types: a text of another kind never serves (RFC 8725)."""
        if "typ" in self.header and type(self.header["typ"]) is not str:
            raise Refused
        if self.header.get("typ") not in kinds:
            raise Refused

    def names_itself(self, claim: str) -> str:
        """A claim read *before* the signature is checked: only to find out whose keys must check it."""
        said = self._claims.get(claim)
        if type(said) is not str:
            raise Refused
        return said

    def verified_by(self, key: PublicKey | None) -> dict[str, Any]:
        """The claims, once the signature is that of ``key``, by the algorithm of ``key``; ``Refused`` otherwise."""
        if key is None or key.kid != self.kid or key.alg != self.alg:
            raise Refused
        try:
            jws.verify(self._text, key._key, [key.alg])
        except (Exception, RecursionError):
            raise Refused from None
        return dict(self._claims)


def is_instant(value: Any) -> bool:
    """A NumericDate that we take: a whole number of seconds, no boolean, within what a calendar knows."""
    return type(value) is int and 0 <= value < 2**40


def is_text(value: Any, longest: int = 255) -> bool:
    """A short text of visible ASCII."""
    return type(value) is str and 1 <= len(value) <= longest and all("!" <= letter <= "~" for letter in value)
