"""Signing in through an institution: there, back, then one code of ours; never a token in an address.

We keep nothing between two steps: what must come back travels in ``state``, sealed, and serves once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog

from app.access.signatures import base64url
from app.database import Lane
from app.errors import Invalid, Problem, Unavailable
from app.institutions import Provider
from app.services.binding import find, still_open
from app.services.clock import now
from app.services.identity_tokens import Identified, identified
from app.services.provider_calls import ProviderAway, ProviderRefused
from app.services.providers import Endpoints, Institution
from app.services.sessions import Keys, open_session, trace
from app.services.tickets import TicketRefused, open_ticket, seal_ticket, spend
from app.settings import Settings
from app.transactions import Writing

log = structlog.get_logger("relais.institutions")

THERE_AND_BACK = timedelta(minutes=15)
CODE_LASTS = timedelta(seconds=60)
VISIT_SECONDS = 8.0
"""What one coming back may take in all, however slow the institution is."""
TO_THE_INSTITUTION = "institution"
TO_THE_APPLICATION = "application"
NEVER_PROVED = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""An institution that does not say when it asked has not asked lately."""
LONGEST_CODE = 2048
AWAY = "temporarily_unavailable"
DENIED = "access_denied"


class SignInRefused(Problem):
    """401: this step of a sign-in is unknown, over, or already taken."""

    status, code = 401, "sign_in_refused"


class GrantRefused(Problem):
    """401: the one-time code is not, or no longer, good for who presents it."""

    status, code = 401, "grant_refused"


@dataclass(frozen=True)
class Institutions:
    """The institutions that this installation knows, and the applications that it sends people back to."""

    known: Mapping[str, Institution]
    applications: Mapping[str, Sequence[str]]
    issuer: str
    callback: str

    @classmethod
    def of(cls, settings: Settings) -> Institutions:
        """Those of the settings."""
        known = {name: Institution(name, provider) for name, provider in settings.providers.items()}
        callback = settings.callback_url or f"{settings.issuer.rstrip('/')}/v1/auth/oidc/callback"
        return cls(known, settings.applications, settings.issuer, callback)

    def list_all(self) -> list[dict[str, str]]:
        """What people choose from, in the order of their labels."""
        shown = [{"name": name, "label": each.provider.label} for name, each in self.known.items()]
        return sorted(shown, key=lambda each: each["label"])

    def allows(self, client_id: str, redirect_uri: str) -> bool:
        """Is this, to the letter, where that application is sent back to?"""
        return redirect_uri in self.applications.get(client_id, ())

    async def close(self) -> None:
        """Hang up."""
        await asyncio.gather(*(each.close() for each in self.known.values()))


@dataclass(frozen=True)
class Answer:
    """What came back from an institution, as it came."""

    state: str | None
    code: str | None
    error: str | None
    iss: str | None


async def start(
    institutions: Institutions,
    keys: Keys,
    *,
    provider: str,
    client_id: str,
    redirect_uri: str,
    code_challenge: str,
    state: str,
    shared_workstation: bool,
    fresh: bool,
) -> str:
    """Where to send the person: to her institution, with what must come back."""
    institution = institutions.known.get(provider)
    if institution is None:
        raise Invalid("provider_unknown", "?provider")
    if not institutions.allows(client_id, redirect_uri):
        raise Invalid("redirect_unknown", "?redirect_uri")
    try:
        endpoints = await institution.endpoints()
    except ProviderAway:
        log.warning("institution_away", provider=provider)
        raise Unavailable("institution_away") from None
    ticket = seal_ticket(
        keys.identity_key,
        TO_THE_INSTITUTION,
        lasts=THERE_AND_BACK,
        provider=provider,
        client_id=client_id,
        redirect_uri=redirect_uri,
        challenge=code_challenge,
        state=state,
        shared=shared_workstation,
        fresh_since=int(now().timestamp()) if fresh else None,
    )
    asked = _asked(institution.provider, endpoints, fresh=fresh) | {
        "client_id": institution.provider.client_id,
        "redirect_uri": institutions.callback,
        "state": ticket,
        "nonce": _nonce(keys, ticket),
        "code_challenge": challenge_of(_verifier(keys, ticket)),
    }
    return _with(endpoints.authorization, asked)


def _asked(provider: Provider, endpoints: Endpoints, *, fresh: bool) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "scope": " ".join(provider.scopes),
        "code_challenge_method": "S256",
    }
    if endpoints.takes_claims:
        acr = {"essential": True, "values": provider.acr}
        asked["claims"] = json.dumps({"id_token": {"acr": acr, "auth_time": {"essential": True}}})
    else:
        asked["acr_values"] = " ".join(provider.acr)
    if fresh:
        asked |= {"prompt": "login", "max_age": "0"}
    return asked


async def come_back(lane: Lane, institutions: Institutions, keys: Keys, answer: Answer) -> str:
    """Where to send the person next: to her application, with a code of ours or with a refusal."""
    try:
        asked = open_ticket(keys.identity_key, TO_THE_INSTITUTION, answer.state or "")
    except TicketRefused:
        raise SignInRefused from None
    institution = institutions.known.get(asked["provider"])
    if institution is None or not institutions.allows(asked["client_id"], asked["redirect_uri"]):
        raise SignInRefused  # the settings have changed meanwhile
    async with lane.service_transaction() as writing:
        first = await spend(writing, answer.state or "", until=now() + THERE_AND_BACK)
    if not first:
        raise SignInRefused
    said = {"state": asked["state"], "iss": institutions.issuer}
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            person = await _identify(institution, institutions, keys, answer, asked)
        async with lane.service_transaction() as writing:
            account = await find(writing, person)
    except (ProviderAway, TimeoutError):
        log.warning("institution_away", provider=institution.name)
        return _with(asked["redirect_uri"], {"error": AWAY} | said)
    except ProviderRefused as refusal:
        log.warning("institution_refused", provider=institution.name, because=refusal.because)
        await _refused(lane, None)
        return _with(asked["redirect_uri"], {"error": DENIED} | said)
    proved_at = person.proved_at or NEVER_PROVED
    code = seal_ticket(
        keys.identity_key,
        TO_THE_APPLICATION,
        lasts=CODE_LASTS,
        identity_id=str(account["id"]),
        client_id=asked["client_id"],
        redirect_uri=asked["redirect_uri"],
        challenge=asked["challenge"],
        shared=asked["shared"],
        proved_at=min(proved_at, now()).isoformat(),
    )
    return _with(asked["redirect_uri"], {"code": code} | said)


async def _identify(
    institution: Institution, institutions: Institutions, keys: Keys, answer: Answer, asked: Mapping[str, Any]
) -> Identified:
    endpoints = await institution.endpoints()
    # RFC 9207: an answer that another institution made is not looked at, whatever it says.
    if answer.iss != institution.provider.issuer and (answer.iss is not None or endpoints.says_who_answers):
        raise ProviderRefused("answered_by_another")
    if answer.error in {AWAY, "server_error"}:
        raise ProviderAway
    if answer.error is not None or not answer.code or len(answer.code) > LONGEST_CODE:
        raise ProviderRefused("no_code")
    ticket = answer.state or ""
    given = await institution.exchange(
        code=answer.code, verifier=_verifier(keys, ticket), callback=institutions.callback
    )
    return await identified(institution, given, nonce=_nonce(keys, ticket), fresh_since=asked["fresh_since"])


async def exchange(
    lane: Lane, keys: Keys, *, code: str, code_verifier: str, redirect_uri: str, client_id: str
) -> dict[str, Any]:
    """Our one-time code against a session, for the application that asked and that alone."""
    try:
        said = open_ticket(keys.identity_key, TO_THE_APPLICATION, code)
    except TicketRefused:
        raise GrantRefused from None
    meant = (said["client_id"], said["redirect_uri"]) == (client_id, redirect_uri)
    if not meant or not hmac.compare_digest(challenge_of(code_verifier), said["challenge"]):
        raise GrantRefused
    account: UUID | None = None
    try:
        async with lane.service_transaction() as writing:
            found = await still_open(writing, UUID(said["identity_id"]))
            account = found["account_id"]
            return await _opened(writing, keys, code, said, found)
    except (ProviderRefused, GrantRefused):
        await _refused(lane, account)
        raise GrantRefused from None


async def _opened(writing: Writing, keys: Keys, code: str, said: Mapping[str, Any], account: Any) -> dict[str, Any]:
    if not await spend(writing, code, until=now() + CODE_LASTS):
        raise GrantRefused
    return await open_session(
        writing,
        keys,
        account_id=account["account_id"],
        role=account["role"],
        client_id=said["client_id"],
        method="institution",
        shared_workstation=said["shared"],
        authenticated_at=datetime.fromisoformat(said["proved_at"]),
    )


async def _refused(lane: Lane, account: UUID | None) -> None:
    async with lane.service_transaction() as writing:
        await trace(writing, account, None, "open", "refused")


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636)."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


# Drawn from the ticket by a key that never leaves: known again when it comes back, and told to nobody before.
def _verifier(keys: Keys, ticket: str) -> str:
    return keys.digest("institution/verifier", ticket).hex()


def _nonce(keys: Keys, ticket: str) -> str:
    return keys.digest("institution/nonce", ticket).hex()


def _with(address: str, said: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(said)}"
