"""Tokens that are not ours, or not quite: how each is made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwe
from joserfc.jwk import ECKey as OtherKey

from app.access import tokens
from app.access.tokens import LIFETIME, MACHINE_LIFETIME, Signer, Verifier, new_signing_key
from app.models.columns import new_id

NAMES = {"issuer": "https://relais.invalid", "audience": "relais"}
PEM = new_signing_key()
SIGNER = Signer(PEM, **NAMES)
VERIFIER = Verifier(tokens.jwks(PEM), **NAMES)
KID = SIGNER.public["kid"]
PUBLIC = load_pem_private_key(PEM.encode(), None).public_key()
PUBLIC_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
HEADER: dict[str, Any] = {"alg": "ES256", "typ": "at+jwt", "kid": KID}


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**said: Any) -> dict[str, Any]:
    """The claims of a good token, changed."""
    issued = int(time.time())
    good = {
        "iss": NAMES["issuer"], "sub": str(new_id()), "aud": "relais", "exp": issued + LIFETIME, "iat": issued,
        "jti": str(new_id()), "client_id": "tests", "scope": "note:read", "sid": str(new_id()), "role": "social_worker",
    }  # fmt: skip
    return {name: value for name, value in {**good, **said}.items() if value is not ...}


def machine(*, life: int = MACHINE_LIFETIME, **said: Any) -> dict[str, Any]:
    """The claims of a good token of software, changed."""
    issued = int(time.time())
    good = {"role": "partner", "scope": "orientation:answer me:read", "iat": issued, "exp": issued + life}
    return claims(**{**good, **said})


def raw_signature(message: bytes, pem: str = PEM) -> bytes:
    """An ES256 signature (64 bytes) by any P-256 key."""
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signed(header: Any, body: Any, *, pem: str = PEM) -> str:
    """A token really signed with our key, whatever it says; texts are taken as they are."""
    parts = [each if isinstance(each, str) else json.dumps(each) for each in (header, body)]
    message = ".".join(b64(each.encode("utf-8", "surrogatepass")) for each in parts)
    return f"{message}.{b64(raw_signature(message.encode(), pem))}"


def good() -> str:
    """A good token."""
    return signed(HEADER, claims())


def hmac_signed(secret: bytes) -> str:
    """A token signed with a shared secret, which would be our public key."""
    message = f"{b64(json.dumps({**HEADER, 'alg': 'HS256'}).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{message}.{b64(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"


def p384() -> str:
    """A token of another curve, that says ES384."""
    key = ec.generate_private_key(ec.SECP384R1())
    message = f"{b64(json.dumps({**HEADER, 'alg': 'ES384'}).encode())}.{b64(json.dumps(claims()).encode())}"
    r, s = utils.decode_dss_signature(key.sign(message.encode(), ec.ECDSA(SHA384())))
    return f"{message}.{b64(r.to_bytes(48, 'big') + s.to_bytes(48, 'big'))}"


def der_signed() -> str:
    """A signature in DER, as other protocols write it."""
    message, _, _ = good().rpartition(".")
    r, s = (int.from_bytes(raw_signature(message.encode())[i : i + 32], "big") for i in (0, 32))
    return f"{message}.{b64(utils.encode_dss_signature(r, s))}"


def last_character(step: int) -> str:
    """Another spelling of the same signature: the last character has four spare bits."""
    token = good()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + step]


def swapped() -> str:
    """The claims of one token under the signature of another."""
    (head, _, signature), (_, body, _) = good().split("."), signed(HEADER, claims(role="administrator")).split(".")
    return f"{head}.{body}.{signature}"


def encrypted() -> str:
    """A JWE for our public key."""
    key = OtherKey.import_key(PUBLIC_PEM)
    return jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, json.dumps(claims()).encode(), key)


def without_signature() -> str:
    """``alg: none``."""
    return signed({**HEADER, "alg": "none"}, claims()).rpartition(".")[0] + "."


TEXT = json.dumps(claims())[:-1]
HOSTILE: dict[str, Callable[[], str]] = {
    "alg none, no signature": without_signature,
    "alg None with a signature": lambda: signed({**HEADER, "alg": "None"}, claims()),
    "no alg": lambda: signed({"typ": "at+jwt", "kid": KID}, claims()),
    "HS256 keyed with the public key in PEM": lambda: hmac_signed(PUBLIC_PEM),
    "HS256 keyed with the public key in DER": lambda: hmac_signed(PUBLIC_DER),
    "HS256 keyed with nothing": lambda: hmac_signed(b""),
    "HS256 keyed with the kid": lambda: hmac_signed(KID.encode()),
    "ES384 on P-384": p384,
    "a signature in DER": der_signed,
    "signed by another P-256 key": lambda: signed(HEADER, claims(), pem=new_signing_key()),
    "an unknown kid": lambda: signed({**HEADER, "kid": "other"}, claims()),
    "a kid that is a path": lambda: signed({**HEADER, "kid": "../../dev/null"}, claims()),
    "a kid that is SQL": lambda: signed({**HEADER, "kid": "' or '1'='1"}, claims()),
    "a kid that is a list": lambda: signed({**HEADER, "kid": [KID]}, claims()),
    "no kid": lambda: signed({"alg": "ES256", "typ": "at+jwt"}, claims()),
    "typ JWT": lambda: signed({**HEADER, "typ": "JWT"}, claims()),
    "no typ": lambda: signed({"alg": "ES256", "kid": KID}, claims()),
    "crit": lambda: signed({**HEADER, "crit": ["exp"]}, claims()),
    "b64 false": lambda: signed({**HEADER, "b64": False, "crit": ["b64"]}, claims()),
    "a key in the header": lambda: signed({**HEADER, "jwk": SIGNER.public}, claims()),
    "an address of keys in the header": lambda: signed({**HEADER, "jku": "https://evil.invalid"}, claims()),
    "a header that is a list": lambda: signed([], claims()),
    "a header that says alg twice": lambda: signed(
        f'{{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"{KID}"}}', claims()
    ),
    "a header nested over 100 kB": lambda: signed("[" * 100_000, claims()),
    "claims nested five hundred times": lambda: signed(HEADER, '{"a":' * 500 + "1" + "}" * 500),
    "a megabyte of claims": lambda: signed(HEADER, claims(scope="a" * 1_000_000)),
    "claims that are a list": lambda: signed(HEADER, []),
    "claims that are null": lambda: signed(HEADER, "null"),
    "claims that are not JSON": lambda: signed(HEADER, "role=administrator"),
    "claims that say role twice": lambda: signed(HEADER, TEXT + ',"role":"administrator"}'),
    "claims with a NUL": lambda: signed(HEADER, claims(sub="\x00")),
    "claims with a lone surrogate": lambda: signed(HEADER, TEXT.replace("tests", "\udc00") + "}"),
    "claims in UTF-16": lambda: signed(HEADER, TEXT.encode("utf-16").decode("latin-1")),
    **{f"no {name}": lambda name=name: signed(HEADER, claims(**{name: ...})) for name in sorted(tokens.CLAIMS)},  # type: ignore[misc]
    "one claim too many": lambda: signed(HEADER, claims(nbf=0)),
    "another issuer": lambda: signed(HEADER, claims(iss="https://evil.invalid")),
    "another audience": lambda: signed(HEADER, claims(aud="other")),
    "a list of audiences": lambda: signed(HEADER, claims(aud=["relais", "other"])),
    "exp in the past": lambda: signed(HEADER, claims(iat=int(time.time()) - 700, exp=int(time.time()) - 100)),
    "exp as a text": lambda: signed(HEADER, claims(exp=str(int(time.time()) + LIFETIME))),
    "exp as a float": lambda: signed(HEADER, claims(exp=time.time() + LIFETIME)),
    "exp 1e308": lambda: signed(HEADER, TEXT.replace('"exp": ', '"exp": 1e308, "x": ') + "}"),
    "exp NaN": lambda: signed(HEADER, claims(exp=float("nan"))),
    "exp of five thousand digits": lambda: signed(HEADER, claims(exp=int("9" * 4000))),
    "exp true": lambda: signed(HEADER, claims(exp=True)),
    "a life of a year": lambda: signed(HEADER, claims(exp=int(time.time()) + 31_536_000)),
    "a life between those of people and of software": lambda: signed(HEADER, machine(life=MACHINE_LIFETIME + 1)),
    "a life of nothing": lambda: signed(HEADER, claims(exp=int(time.time()), iat=int(time.time()))),
    "software that says it is a social worker": lambda: signed(HEADER, machine(role="social_worker")),
    "software that says it is an officer": lambda: signed(
        HEADER, machine(role="police_officer", scope="referral:read")
    ),
    "software that may read notes": lambda: signed(HEADER, machine(scope="orientation:read note:read")),
    "software with a scope of people": lambda: signed(HEADER, machine(scope="orientation:change")),
    "software with the word that stands for several": lambda: signed(HEADER, machine(scope="always")),
    "software with no scope": lambda: signed(HEADER, machine(scope="")),
    "software whose scopes are told apart by a line end": lambda: signed(HEADER, machine(scope="me:read\nnote:read")),
    "iat to come": lambda: signed(HEADER, claims(iat=int(time.time()) + 300, exp=int(time.time()) + 900)),
    "iat null": lambda: signed(HEADER, claims(iat=None)),
    "a role that does not exist": lambda: signed(HEADER, claims(role="root")),
    "the role of a service": lambda: signed(HEADER, claims(role="authentication")),
    "a role that is an object": lambda: signed(HEADER, claims(role={"name": "dpo"})),
    "a scope that is a list": lambda: signed(HEADER, claims(scope=["note:read"])),
    "a subject that is no UUID": lambda: signed(HEADER, claims(sub="1")),
    "a session that is SQL": lambda: signed(HEADER, claims(sid="'; select 1 --")),
    "a session spelt otherwise": lambda: signed(HEADER, claims(sid=str(new_id()).upper())),
    "a session in braces": lambda: signed(HEADER, claims(sid=f"{{{new_id()}}}")),
    "padding after the signature": lambda: good() + "==",
    "a newline after the signature": lambda: good() + "\n",
    "exclamation marks in the signature": lambda: good()[:-4] + "!!!!",
    "a space inside": lambda: good().replace(".", ". ", 1),
    "the last character one step on": lambda: last_character(1),
    "the last character fifteen steps on": lambda: last_character(15),
    "a signature of zeros": lambda: good().rpartition(".")[0] + "." + b64(bytes(64)),
    "a signature cut short": lambda: good()[:-1],
    "a signature of 65 bytes": lambda: good() + "A",
    "no signature": lambda: good().rpartition(".")[0],
    "four parts": lambda: good() + "." + b64(b"{}"),
    "a JWE": encrypted,
    "two dots": lambda: "..",
    "dots only": lambda: "." * 5000,
    "nothing in the middle": lambda: f"{good().split('.')[0]}..{good().split('.')[2]}",
    "the claims of another token": swapped,
    "a byte order mark": lambda: "\ufeff" + good(),
    "an accent": lambda: "é" + good()[1:],
    "a refresh token": lambda: "a" * 64,
    "the word null": lambda: "null",
}
