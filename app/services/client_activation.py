"""What software will prove itself with: the public keys that it shows, or else a secret drawn here and told once."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from app.errors import Invalid
from app.models.accounts import Account, Credential
from app.services.clock import now
from app.services.passwords import digest_of, generated
from app.transactions import Writing

SHORTEST_RSA = 2048
LONGEST_RSA = 8192
USUAL_EXPONENT = 65537
NO_SECRET = "$argon2id$none"  # noqa: S105 — that is its point
"""In the place of a digest, matches nothing: software that signs has no secret any more."""


@dataclass(frozen=True)
class Activation:
    """Either keys, or a secret with its digest."""

    keys: dict[str, Any] | None
    digest: str
    secret: str | None = field(repr=False)


async def prepare_activation(keys: Sequence[Mapping[str, Any]] | None) -> Activation:
    """Check the keys, or draw a secret; before any transaction, since argon2id takes its time."""
    if keys is not None:
        return Activation({"keys": _checked(keys)}, NO_SECRET, None)
    secret = generated()
    return Activation(None, await digest_of(secret), secret)


async def activate_client(writing: Writing, account_id: UUID, activation: Activation) -> None:
    """Put it in the place of whatever the software proved itself with before."""
    await writing.change(Account, {"client_keys": activation.keys}, id=account_id)
    credential = Credential(account_id=account_id, password_hash=activation.digest, changed_at=now())
    await writing.add_or_replace([credential], replaced=("password_hash", "changed_at"))


def _checked(keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = [_one({name: value for name, value in key.items() if value is not None}, at) for at, key in enumerate(keys)]
    names = [key.get("kid") for key in found]
    if len(found) > 1 and (None in names or len(set(names)) < len(names)):
        raise Invalid("client_key_refused", "/client_keys/keys")
    return found


def _one(key: dict[str, Any], at: int) -> dict[str, Any]:
    members = set(key) - {"kty", "kid", "use", "alg"}
    try:
        right = _is_p256(key, members) or _is_rsa(key, members)
    except (ValueError, KeyError):
        right = False
    if not right:
        raise Invalid("client_key_refused", f"/client_keys/keys/{at}")
    return key


def _is_p256(key: Mapping[str, Any], members: set[str]) -> bool:
    if key["kty"] != "EC" or members != {"crv", "x", "y"} or key["crv"] != "P-256":
        return False
    x, y = _octets(key["x"]), _octets(key["y"])
    if len(x) != 32 or len(y) != 32:
        return False
    # Refuses what is not on the curve.
    ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
    return str(key.get("alg", "ES256")) == "ES256"


def _is_rsa(key: Mapping[str, Any], members: set[str]) -> bool:
    if key["kty"] != "RSA" or members != {"n", "e"}:
        return False
    modulus, exponent = int.from_bytes(_octets(key["n"])), int.from_bytes(_octets(key["e"]))
    sound: bool = SHORTEST_RSA <= modulus.bit_length() <= LONGEST_RSA and modulus % 2 == 1
    usual: bool = exponent == USUAL_EXPONENT
    return sound and usual and key.get("alg", "PS256") in ("RS256", "PS256")


def _octets(said: str) -> bytes:
    return base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True)
