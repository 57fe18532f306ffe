"""What is signed: one key, one algorithm, one spelling; other libraries read ours, and ours reads theirs."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from app.access.signatures import (
    Presented,
    Refused,
    SigningKey,
    key_set,
    new_signing_key,
    public_key,
    read_object,
)
from tests.access.hostile_tokens import b64


def pem_of(key: Any) -> str:
    """A private key, PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


P256, RSA = new_signing_key(), pem_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
CLAIMS = {"sub": "a", "exp": int(time.time()) + 60}


@pytest.mark.parametrize(("pem", "kind", "alg"), [(P256, ECKey, "ES256"), (RSA, RSAKey, "RS256")])
def test_both_algorithms_are_read_by_another_library_and_read_it(pem: str, kind: Any, alg: str) -> None:
    key = SigningKey(pem)
    text = key.sign(CLAIMS, typ="JWT")
    read = jwt.decode(text, kind.import_key(key.public), algorithms=[alg])
    assert (read.claims, read.header) == (CLAIMS, {"alg": alg, "typ": "JWT", "kid": key.public["kid"]})
    theirs = jwt.encode({"alg": alg, "kid": key.public["kid"]}, CLAIMS, kind.import_key(pem), algorithms=[alg])
    assert Presented(theirs).verified_by(public_key(key.public)) == CLAIMS


def test_a_key_serves_for_the_algorithm_that_it_was_registered_with_and_no_other() -> None:
    text = SigningKey(RSA).sign(CLAIMS, typ="JWT")
    with pytest.raises(Refused):
        public_key(SigningKey(RSA).public, "ES256")
    with pytest.raises(Refused):
        Presented(text).verified_by(public_key({**SigningKey(P256).public, "kid": SigningKey(RSA).public["kid"]}))
    with pytest.raises(Refused):
        Presented(text).verified_by(None)


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(public_exponent=65537, key_size=1024), ec.generate_private_key(ec.SECP384R1()),
     ec.generate_private_key(ec.SECP256K1())],
)  # fmt: skip
def test_a_weak_key_or_one_of_another_kind_signs_nothing(key: Any) -> None:
    with pytest.raises(ValueError, match="P-256"):
        SigningKey(pem_of(key))


def test_a_public_key_that_is_weak_or_badly_described_checks_nothing() -> None:
    number = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key().public_numbers().n
    weak = {"kty": "RSA", "n": b64(number.to_bytes(128, "big")), "e": "AQAB"}
    good = SigningKey(P256).public
    for jwk in (
        {**weak, "kid": "a"}, {**good, "crv": "P-384"}, {**good, "kty": "oct", "k": "AAAA"}, {**good, "kid": ""},
        {**good, "kid": 1}, {**good, "kid": "a" * 300}, {**good, "use": "enc"}, {**good, "key_ops": ["sign"]},
        {**good, "y": good["x"]}, {**good, "x": 1}, {**good, "alg": "HS256"}, {**good, "alg": "none"},
        {}, None, [], "a",
    ):  # fmt: skip
        with pytest.raises(Refused):
            public_key(jwk)  # type: ignore[arg-type]
    assert public_key(good).kid == good["kid"]


def test_a_key_set_gives_the_keys_that_serve_and_none_of_two_that_share_a_name() -> None:
    first, second = SigningKey(P256).public, SigningKey(new_signing_key()).public
    bad = {"kty": "EC", "kid": "x"}
    assert key_set({"keys": [first, bad, None, second]}).keys() == {first["kid"], second["kid"]}
    assert key_set({"keys": [first, {**second, "kid": first["kid"]}]}) == {}
    assert key_set({"keys": [first, SigningKey(RSA).public]}, "RS256").keys() == {SigningKey(RSA).public["kid"]}
    for published in (None, [], {}, {"keys": None}, {"keys": {}}, {"keys": [first] * 101}):
        with pytest.raises(Refused):
            key_set(published)


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "null", '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":NaN}', "[" * 100_000, "{", "\ud800"]
)
def test_an_object_is_read_strictly_or_not_at_all(text: str) -> None:
    with pytest.raises(Refused):
        read_object(text)
    assert read_object('{"a":{"b":1}}') == {"a": {"b": 1}}


def test_a_text_longer_than_its_place_allows_is_not_read() -> None:
    long = SigningKey(P256).sign({**CLAIMS, "filler": "a" * 9000}, typ="JWT")
    with pytest.raises(Refused):
        Presented(long)
    assert Presented(long, longest=20_000).verified_by(public_key(SigningKey(P256).public))["filler"] == "a" * 9000
