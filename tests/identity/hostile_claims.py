"""Id tokens and client assertions that are not exactly right: how each is made from the claims of a good one."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from app.access.signatures import SigningKey, new_signing_key
from tests.access.hostile_tokens import b64, raw_signature, signed

Claims = dict[str, Any]
Maker = Callable[[Any, Claims], str]
"""``by``: whoever signs (``pem``, ``sign(claims)``); the claims of a good token."""

STRANGER = new_signing_key()


def _header(by: Any, **said: Any) -> dict[str, Any]:
    header = {"alg": "ES256", "typ": "JWT", "kid": SigningKey(by.pem).public["kid"], **said}
    return {name: value for name, value in header.items() if value is not ...}


def _said(**changes: Any) -> Maker:
    def make(by: Any, claims: Claims) -> str:
        now = int(time.time())
        told = {name: value(now) if callable(value) else value for name, value in changes.items()}
        return by.sign({**claims, **told})

    return make


def _headed(**changes: Any) -> Maker:
    return lambda by, claims: signed(_header(by, **changes), _kept(claims), pem=by.pem)


def _kept(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not ...}


def _text(change: Callable[[str], str]) -> Maker:
    return lambda by, claims: signed(_header(by), change(json.dumps(_kept(claims))), pem=by.pem)


def _after(change: Callable[[str], str]) -> Maker:
    return lambda by, claims: change(by.sign(claims))


def _hmac(form: PublicFormat | None, encoding: Encoding) -> Maker:
    def make(by: Any, claims: Claims) -> str:
        public = load_pem_private_key(by.pem.encode(), None).public_key()
        secret = public.public_bytes(encoding, form or PublicFormat.SubjectPublicKeyInfo)
        message = f"{b64(json.dumps(_header(by, alg='HS256')).encode())}.{b64(json.dumps(_kept(claims)).encode())}"
        return f"{message}.{b64(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"

    return make


def _unsigned(by: Any, claims: Claims) -> str:
    return f"{b64(json.dumps(_header(by, alg='none')).encode())}.{b64(json.dumps(_kept(claims)).encode())}."


def _signed_by_another(by: Any, claims: Claims) -> str:
    head, body, _ = by.sign(claims).split(".")
    return f"{head}.{body}.{b64(raw_signature(f'{head}.{body}'.encode(), STRANGER))}"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HOSTILE_SIGNATURES: dict[str, Maker] = {
    "alg none": _unsigned,
    "alg none, with a signature": _headed(alg="none"),
    "HS256 with our PEM": _hmac(None, Encoding.PEM),
    "HS256 with our DER": _hmac(None, Encoding.DER),
    "HS256 with an empty secret": lambda by, claims: signed(_header(by, alg="HS256"), _kept(claims), pem=by.pem),
    "RS256 said of a key that is not RSA": _headed(alg="RS256"),
    "ES384": _headed(alg="ES384"),
    "alg that is a list": _headed(alg=["ES256"]),
    "no alg": _headed(alg=...),
    "no kid": _headed(kid=...),
    "kid null": _headed(kid=None),
    "kid of nobody": _headed(kid="inconnu"),
    "kid that is a path": _headed(kid="../../etc/passwd"),
    "a critical extension": _headed(crit=["exp"], exp=1),
    "b64 false": _headed(b64=False, crit=["b64"]),
    "an address of keys": _headed(jku="https://evil.test/keys"),
    "an address of certificates": _headed(x5u="https://evil.test/x"),
    "its own key": lambda by, claims: signed(
        _header(by, jwk=SigningKey(STRANGER).public, kid=SigningKey(STRANGER).public["kid"]),
        _kept(claims),
        pem=STRANGER,
    ),
    "its own certificate": _headed(x5c=["MIIB"]),
    "an access token": _headed(typ="at+jwt"),
    "a logout token": _headed(typ="logout+jwt"),
    "typ that is a list": _headed(typ=["JWT"]),
    "the key of another": lambda by, claims: signed(_header(by), _kept(claims), pem=STRANGER),
    "the signature of another": _signed_by_another,
    "a header that says alg twice": lambda by, claims: signed(
        '{"alg":"none",' + json.dumps(_header(by))[1:], _kept(claims), pem=by.pem
    ),
    "a header nested over 100 kB": lambda by, claims: signed("[" * 100_000, _kept(claims), pem=by.pem),
    "a megabyte": _said(filler="a" * 100_000),
    "claims that are a list": _text(lambda _: "[]"),
    "claims that are null": _text(lambda _: "null"),
    "claims that are not JSON": _text(lambda _: "sub=agent-1"),
    "claims that say sub twice": _text(lambda text: text[:-1] + ',"sub":"agent-2"}'),
    "claims nested five hundred times": _text(lambda text: text[:-1] + ',"x":' + '{"a":' * 5000 + "1" + "}" * 5001),
    "claims with NaN": _text(lambda text: text[:-1] + ',"x":NaN}'),
    "claims in UTF-16": _text(lambda text: text.encode("utf-16").decode("latin-1")),
    "a number of five thousand digits": _text(lambda text: text[:-1] + ',"x":' + "9" * 5000 + "}"),
    "padding": _after(lambda token: token + "=="),
    "a newline": _after(lambda token: token + "\n"),
    "another spelling of the signature": _after(lambda token: token[:-1] + ALPHABET[ALPHABET.index(token[-1]) + 1]),
    "a signature cut short": _after(lambda token: token[:-2]),
    "a signature of zeros": _after(lambda token: token.rpartition(".")[0] + "." + b64(bytes(64))),
    "no signature": _after(lambda token: token.rpartition(".")[0]),
    "four parts": _after(lambda token: token + ".e30"),
    "two dots": lambda by, claims: "..",
    "one character": lambda by, claims: "a",
    "an accent": _after(lambda token: "é" + token[1:]),
}
"""Whatever is signed: its shape, its header, its signature."""

_TIMES: dict[str, Maker] = {
    "exp in the past": _said(iat=lambda now: now - 100, exp=lambda now: now - 40),
    "exp as a text": _said(exp=lambda now: str(now + 60)),
    "exp as a float": _said(exp=lambda now: now + 60.5),
    "exp true": _said(exp=True),
    "no exp": _said(exp=...),
    "exp null": _said(exp=None),
    "exp 1e308": _said(exp=1e308),
    "iat five minutes ahead": _said(iat=lambda now: now + 300, exp=lambda now: now + 360),
    "iat five minutes ago": _said(iat=lambda now: now - 300, exp=lambda now: now + 60),
    "iat as a text": _said(iat=str),
    "nbf to come": _said(nbf=lambda now: now + 300),
    "nbf as a text": _said(nbf="0"),
}
HOSTILE_ID_TOKENS: dict[str, Maker] = {
    **HOSTILE_SIGNATURES,
    **_TIMES,
    "no iat": _said(iat=...),
    "another issuer": _said(iss="https://evil.test"),
    "its issuer and a slash": lambda by, claims: by.sign({**claims, "iss": claims["iss"] + "/"}),
    "no issuer": _said(iss=...),
    "another audience": _said(aud="autre"),
    "an audience too many": lambda by, claims: by.sign({**claims, "aud": [claims["aud"], "autre"]}),
    "no audience": _said(aud=...),
    "an audience that is an object": _said(aud={"relais-essai": 1}),
    "for another party": _said(azp="autre"),
    "azp null": _said(azp=None),
    "no nonce": _said(nonce=...),
    "another nonce": _said(nonce="a" * 64),
    "a nonce that is a list": lambda by, claims: by.sign({**claims, "nonce": [claims["nonce"]]}),
    "no acr": _said(acr=...),
    "an acr too weak": _said(acr="eidas1"),
    "two acr": _said(acr=["eidas2"]),
    "no subject": _said(sub=...),
    "an empty subject": _said(sub=""),
    "a subject that is a number": _said(sub=1),
    "a subject of three hundred letters": _said(sub="a" * 300),
    "a subject with a NUL": _said(sub="agent-1\x00"),
    "at_hash of another access token": _said(at_hash="a" * 22),
    "at_hash that is a number": _said(at_hash=1),
    "auth_time as a text": _said(auth_time="hier"),
    "auth_time to come": _said(auth_time=lambda now: now + 300),
}
HOSTILE_ASSERTIONS: dict[str, Maker] = {
    **HOSTILE_SIGNATURES,
    **_TIMES,
    "exp in an hour": _said(iat=..., exp=lambda now: now + 3600),
    "a life of ten minutes": _said(iat=lambda now: now - 300, exp=lambda now: now + 299),
    "another issuer than its subject": _said(iss="client-autre"),
    "no issuer": _said(iss=...),
    "no subject": _said(sub=...),
    "the subject of nobody": _said(iss="client-inconnu", sub="client-inconnu"),
    "a subject that is a number": _said(sub=1, iss=1),
    "a subject that is SQL": _said(sub="' or 1=1 --", iss="' or 1=1 --"),
    "another audience": _said(aud="https://autre.test"),
    "our audience and another": lambda by, claims: by.sign({**claims, "aud": [claims["aud"], "https://autre.test"]}),
    "no audience": _said(aud=...),
    "an audience that begins as ours": lambda by, claims: by.sign({**claims, "aud": claims["aud"] + "/v1"}),
    "no jti": _said(jti=...),
    "an empty jti": _said(jti=""),
    "a jti that is a number": _said(jti=1),
    "a jti of two hundred letters": _said(jti="a" * 200),
    "a jti with a NUL": _said(jti="\x00"),
}
