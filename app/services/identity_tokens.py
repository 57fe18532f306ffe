"""Who a person is, in the words of her institution: its id token, then what it says of her."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.access.signatures import LEEWAY, base64url, is_instant, is_text
from app.services.provider_calls import ProviderRefused
from app.services.providers import Given, Institution

FRESHLY_MADE = 120
"""Seconds: an id token is made when its code is exchanged; an older one comes from somewhere else."""
SIRET_DIGITS = 14
LONGEST_EMAIL = 254


@dataclass(frozen=True)
class Identified:
    """A person, at an institution."""

    issuer: str
    subject: str
    email: str | None
    """Only when the institution vouches for it."""
    siret: str | None
    proved_at: datetime | None
    """When she proved who she is, if the institution says so."""


async def identified(institution: Institution, given: Given, *, nonce: str, fresh_since: int | None) -> Identified:
    """The person of an id token that is exactly for us; ``ProviderRefused`` otherwise.

    ``fresh_since``: she must have proved who she is after that instant.
    """
    provider = institution.provider
    claims = await institution.opened(given.id_token, provider.id_token_alg, None, "JWT", "jwt")
    check_claims(
        claims,
        issuer=provider.issuer,
        client_id=provider.client_id,
        acr=provider.acr,
        access_token=given.access_token,
        nonce=nonce,
        fresh_since=fresh_since,
        now=institution.clock(),
    )
    about = await institution.about(given.access_token)
    if about.get("sub") != claims["sub"]:
        raise ProviderRefused("userinfo_of_another")
    if provider.userinfo_alg is not None:
        expires = _instant(about, "exp")
        late = expires is not None and expires <= institution.clock() - LEEWAY
        if about.get("iss") != provider.issuer or not _is_for(about.get("aud"), provider.client_id) or late:
            raise ProviderRefused("userinfo_for_another")
    vouched = provider.email_is_verified or about.get("email_verified") is True
    proved_at = claims.get("auth_time")
    return Identified(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=_email(about.get("email")) if vouched else None,
        siret=_siret(about.get("siret")),
        proved_at=None if proved_at is None else datetime.fromtimestamp(proved_at, UTC),
    )


def check_claims(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    acr: list[str],
    access_token: str,
    nonce: str,
    fresh_since: int | None,
    now: float,
) -> None:
    """``ProviderRefused`` unless an id token, already opened, is for us, of now, and strong enough."""
    hashed = claims.get("at_hash")
    issued, expires, before, proved = (_instant(claims, name) for name in ("iat", "exp", "nbf", "auth_time"))
    faults = {
        "iss": claims.get("iss") != issuer,
        "aud": not _is_for(claims.get("aud"), client_id) or claims.get("azp", client_id) != client_id,
        "sub": not is_text(claims.get("sub")),
        "nonce": not _same(claims.get("nonce"), nonce),
        "iat": issued is None or not now - FRESHLY_MADE - LEEWAY <= issued <= now + LEEWAY,
        "exp": expires is None or expires <= now - LEEWAY,
        "nbf": before is not None and before > now + LEEWAY,
        "acr": type(claims.get("acr")) is not str or claims["acr"] not in acr,
        "auth_time": proved is not None and proved > now + LEEWAY,
        "proved_too_long_ago": fresh_since is not None and (proved is None or proved < fresh_since - LEEWAY),
        "at_hash": hashed is not None and not _same(hashed, half_digest(access_token)),
    }
    for because, wrong in faults.items():
        if wrong:
            raise ProviderRefused(because)


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    """An instant that may be absent, but not be something else."""
    said: int | None = claims.get(name)
    if said is None and name not in claims:
        return None
    if not is_instant(said):
        raise ProviderRefused(name)
    return said


def half_digest(access_token: str) -> str:
    """``at_hash`` of an access token: the left half of its SHA-256 (both our algorithms end in 256)."""
    return base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def _same(said: Any, expected: str) -> bool:
    return type(said) is str and hmac.compare_digest(said.encode("utf-8", "replace"), expected.encode())


def _is_for(audience: Any, client_id: str) -> bool:
    # One audience, ours: a token that serves elsewhere too could be brought here from there.
    return audience in (client_id, [client_id])


def _email(said: Any) -> str | None:
    # Compared, letter for letter, with the address that was awaited: nothing else is done with it.
    return said.lower() if is_text(said, LONGEST_EMAIL) and said.count("@") == 1 else None


def _siret(said: Any) -> str | None:
    good = type(said) is str and len(said) == SIRET_DIGITS and said.isascii() and said.isdigit()
    return said if good else None
