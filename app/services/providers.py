"""Institutions, as they describe themselves: where to send people, where to call, which keys they sign with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from app.access.signatures import Presented, PublicKey, Refused, SigningKey, is_text, key_set, read_object
from app.institutions import Provider, is_safe
from app.models.columns import new_id
from app.services.kept_documents import Kept
from app.services.provider_calls import JSON, JWT, ProviderAway, ProviderCalls, ProviderRefused

WELL_KNOWN = "/.well-known/openid-configuration"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS = 60
"""Seconds."""
LONGEST_TOKEN = 16_384


@dataclass(frozen=True)
class Endpoints:
    """What we use of a discovery document."""

    authorization: str
    token: str
    userinfo: str
    keys: str
    says_who_answers: bool
    """It promises ``iss`` in its answers (RFC 9207): an answer without it is not its own."""
    takes_claims: bool
    takes_secret_in_form: bool


@dataclass(frozen=True)
class Given:
    """What a code was exchanged for."""

    id_token: str
    access_token: str


class Institution:
    """One institution: its settings, the line to it, what it publishes."""

    def __init__(self, name: str, provider: Provider, *, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.provider = provider
        self.clock = clock
        self._calls = ProviderCalls(provider)
        self._client_key = SigningKey(provider.client_key.get_secret_value()) if provider.client_key else None
        self._endpoints = Kept(self._discovered)
        self._keys: Kept[dict[str, dict[str, PublicKey]]] = Kept(self._published)

    async def endpoints(self) -> Endpoints:
        """What it says of itself; ``ProviderAway`` when that cannot be had or is not about it."""
        return await self._endpoints.get()

    async def _discovered(self) -> Endpoints:
        try:
            said = read_object(await self._calls.get(f"{self.provider.issuer.rstrip('/')}{WELL_KNOWN}", kind=JSON))
            if said.get("issuer") != self.provider.issuer:
                raise ProviderAway
            methods = said.get("token_endpoint_auth_methods_supported", [])
            return Endpoints(
                authorization=self._place(said.get("authorization_endpoint")),
                token=self._place(said.get("token_endpoint")),
                userinfo=self._place(said.get("userinfo_endpoint")),
                keys=self._place(said.get("jwks_uri")),
                says_who_answers=said.get("authorization_response_iss_parameter_supported") is True,
                takes_claims=said.get("claims_parameter_supported") is True,
                takes_secret_in_form=type(methods) is list and "client_secret_post" in methods,
            )
        except (Refused, ProviderRefused):
            raise ProviderAway from None

    def _place(self, address: Any) -> str:
        if type(address) is not str or not is_safe(address, loopback=self.provider.on_this_machine):
            raise ProviderAway
        return address

    async def key(self, kid: str, alg: str) -> PublicKey | None:
        """Its key of that name; an unknown name has the keys fetched again, once a minute at most."""
        found = (await self._keys.get()).get(alg, {}).get(kid)
        if found is None:
            found = (await self._keys.get_again()).get(alg, {}).get(kid)
        return found

    async def _published(self) -> dict[str, dict[str, PublicKey]]:
        try:
            published = read_object(await self._calls.get((await self.endpoints()).keys, kind=JSON))
            used = {self.provider.id_token_alg, self.provider.userinfo_alg}
            return {alg: key_set(published, alg) for alg in used if alg is not None}
        except (Refused, ProviderRefused):
            raise ProviderAway from None

    async def exchange(self, *, code: str, verifier: str, callback: str) -> Given:
        """The code against an id token and an access token; ``ProviderRefused`` when it is not a good one."""
        endpoints = await self.endpoints()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        auth: tuple[str, str] | None = None
        if self._client_key is not None:
            form |= {"client_id": self.provider.client_id, "client_assertion_type": ASSERTION_TYPE}
            form["client_assertion"] = self._assertion(self._client_key)
        elif self.provider.client_secret is not None:
            secret = self.provider.client_secret.get_secret_value()
            if endpoints.takes_secret_in_form:
                form |= {"client_id": self.provider.client_id, "client_secret": secret}
            else:
                auth = (quote_plus(self.provider.client_id), quote_plus(secret))
        said = self._read(await self._calls.post(endpoints.token, form, auth=auth))
        kind, id_token, access_token = (said.get(name) for name in ("token_type", "id_token", "access_token"))
        if type(kind) is not str or kind.lower() != "bearer" or type(id_token) is not str:
            raise ProviderRefused("token_answer")
        if not is_text(access_token, LONGEST_TOKEN):
            raise ProviderRefused("token_answer")
        return Given(id_token, str(access_token))

    def _assertion(self, key: SigningKey) -> str:
        issued = int(self.clock())
        claims = {
            "iss": self.provider.client_id,
            "sub": self.provider.client_id,
            # The issuer and nothing else: what another could be made to pass on would not serve there.
            "aud": self.provider.issuer,
            "iat": issued,
            "exp": issued + ASSERTION_LASTS,
            "jti": str(new_id()),
        }
        return key.sign(claims, typ="JWT")

    async def about(self, access_token: str) -> Mapping[str, Any]:
        """What it says of the person, signed when it was registered so; whose it is, is the caller's to check."""
        endpoints = await self.endpoints()
        alg = self.provider.userinfo_alg
        if alg is None:
            return self._read(await self._calls.get(endpoints.userinfo, kind=JSON, token=access_token))
        text = await self._calls.get(endpoints.userinfo, kind=JWT, token=access_token)
        return await self.opened(text, alg, None, "JWT", "jwt")

    async def opened(self, text: Any, alg: str, *kinds: str | None) -> dict[str, Any]:
        """The claims of a text that it has signed with one of its keys, by this algorithm."""
        try:
            presented = Presented(text, longest=LONGEST_TOKEN)
            presented.is_a(*kinds)
            if presented.alg != alg:
                raise Refused
            return presented.verified_by(await self.key(presented.kid, alg))
        except Refused:
            raise ProviderRefused("signature") from None

    @staticmethod
    def _read(text: str) -> dict[str, Any]:
        try:
            return read_object(text)
        except Refused:
            raise ProviderRefused("not_json") from None

    async def close(self) -> None:
        """Hang up."""
        await self._endpoints.close()
        await self._keys.close()
        await self._calls.close()
