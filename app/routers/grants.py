"""What ``POST /v1/auth/token`` is asked (RFC 6749): a session to open or to renew, or software to let in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import Depends, Form, Request

from app.access.gate import IdentityDesk
from app.errors import FieldError, Invalid, Malformed
from app.schemas.sessions import ClientTokenShown, TokensShown
from app.services import clients, institutions, sessions


@dataclass(frozen=True)
class Renewal:
    """``refresh_token``: a person's session, to be renewed."""

    refresh_token: str = field(repr=False)

    async def tokens(self, desk: IdentityDesk) -> TokensShown:
        """A fresh pair."""
        return TokensShown(**await sessions.renew(desk.lane, desk.keys, refresh_token=self.refresh_token))


@dataclass(frozen=True)
class LettingIn:
    """``client_credentials``: the software of a partner, to be let in."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None

    async def tokens(self, desk: IdentityDesk) -> ClientTokenShown:
        """An access token alone."""
        found = await clients.let_in(
            *desk, client_id=self.client_id, client_secret=self.client_secret, scope=self.scope
        )
        return ClientTokenShown(**found)


@dataclass(frozen=True)
class LettingInByKey:
    """``client_credentials``, signed: the software of a partner, to be let in by its key (RFC 7523)."""

    assertion: str = field(repr=False)
    client_id: str | None
    scope: str | None

    async def tokens(self, desk: IdentityDesk) -> ClientTokenShown:
        """An access token alone."""
        found = await clients.let_in_by_key(*desk, assertion=self.assertion, client_id=self.client_id, scope=self.scope)
        return ClientTokenShown(**found)


@dataclass(frozen=True)
class ComingBack:
    """``authorization_code``: a person whom her institution has just signed in."""

    code: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    client_id: str

    async def tokens(self, desk: IdentityDesk) -> TokensShown:
        """A session of hers."""
        found = await institutions.exchange(
            desk.lane,
            desk.keys,
            code=self.code,
            code_verifier=self.code_verifier,
            redirect_uri=self.redirect_uri,
            client_id=self.client_id,
        )
        return TokensShown(**found)


Grant = Renewal | LettingIn | LettingInByKey | ComingBack
SIGNED = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OF_A_CODE = ("code", "code_verifier", "redirect_uri")
OF_AN_ASSERTION = ("client_assertion", "client_assertion_type")


@dataclass(frozen=True)
class _Said:
    """The members of the form, by name; ``None`` for those that are absent or empty."""

    refresh_token: str | None = field(repr=False)
    client_id: str | None
    client_secret: str | None = field(repr=False)
    scope: str | None
    code: str | None = field(repr=False)
    code_verifier: str | None = field(repr=False)
    redirect_uri: str | None
    client_assertion: str | None = field(repr=False)
    client_assertion_type: str | None

    def without(self, *names: str) -> None:
        """422 for each of these members that is there all the same."""
        if surplus := [name for name in names if getattr(self, name) is not None]:
            raise Invalid(*(FieldError(f"/{name}", "not_with_this_grant") for name in surplus))

    def needed(self, name: str) -> str:
        """The member of this name; 422 when it is missing."""
        value: str | None = getattr(self, name)
        if value is None:
            raise Invalid("missing", f"/{name}")
        return value


def _from_header(header: str) -> tuple[str, str]:
    """Identifier and secret of an ``Authorization: Basic``, each of them form-encoded (RFC 6749, section 2.3.1)."""
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        raise clients.InvalidClient
    try:
        known_as, _, secret = base64.b64decode(coded, validate=True).decode("ascii").partition(":")
        return unquote_plus(known_as, errors="strict"), unquote_plus(secret, errors="strict")
    except ValueError:
        raise clients.InvalidClient from None


def _renewal(said: _Said, header: str | None) -> Renewal:  # noqa: ARG001 — people have no header to show here
    # ``client_id`` may come along: it names the application of a person, and proves nothing.
    said.without("client_secret", "scope", *OF_A_CODE, *OF_AN_ASSERTION)
    return Renewal(said.needed("refresh_token"))


def _coming_back(said: _Said, header: str | None) -> ComingBack:  # noqa: ARG001 — our applications have no secret
    said.without("refresh_token", "client_secret", "scope", *OF_AN_ASSERTION)
    return ComingBack(*(said.needed(name) for name in (*OF_A_CODE, "client_id")))


def _letting_in(said: _Said, header: str | None) -> LettingIn | LettingInByKey:
    said.without("refresh_token", *OF_A_CODE)
    if said.client_assertion is not None or said.client_assertion_type is not None:
        if said.client_secret is not None or header is not None:
            raise Malformed("client_authenticated_twice")
        if said.needed("client_assertion_type") != SIGNED:
            raise Invalid("assertion_type_unknown", "/client_assertion_type")
        return LettingInByKey(said.needed("client_assertion"), said.client_id, said.scope)
    in_the_form = said.client_id is not None or said.client_secret is not None
    if in_the_form and header is not None:
        raise Malformed("client_authenticated_twice")
    if in_the_form:
        return LettingIn(said.needed("client_id"), said.needed("client_secret"), said.scope)
    return LettingIn(*_from_header(header or ""), said.scope)


GRANTS: Mapping[str, Callable[[_Said, str | None], Grant]] = {
    "refresh_token": _renewal,
    "client_credentials": _letting_in,
    "authorization_code": _coming_back,
}


async def _asked_grant(
    request: Request,
    grant_type: Annotated[
        Literal["refresh_token", "client_credentials", "authorization_code"],
        Form(
            description="`refresh_token` : renouveler une session ; `client_credentials` : ouvrir celle d'un logiciel "
            "; `authorization_code` : ouvrir celle d'une personne qui revient de son institution."
        ),
    ],
    refresh_token: Annotated[
        str | None, Form(min_length=1, max_length=8192, description="Pour `refresh_token`, et lui seul.")
    ] = None,
    client_id: Annotated[
        str | None,
        Form(
            max_length=256,
            description="Identifiant du logiciel, s'il n'est pas dans l'en-tête ; de l'application, pour un code.",
        ),
    ] = None,
    client_secret: Annotated[
        str | None, Form(max_length=256, description="Secret du logiciel, s'il n'est pas dans l'en-tête.")
    ] = None,
    scope: Annotated[
        str | None,
        Form(max_length=400, description="Pour `client_credentials` : moins de portées que n'en a le logiciel."),
    ] = None,
    code: Annotated[
        str | None, Form(max_length=4096, description="Pour `authorization_code` : le code rendu à l'application.")
    ] = None,
    code_verifier: Annotated[
        str | None,
        Form(pattern=r"^[A-Za-z0-9._~-]{43,128}$", description="Pour `authorization_code` : le secret de PKCE."),
    ] = None,
    redirect_uri: Annotated[
        str | None, Form(max_length=500, description="Pour `authorization_code` : la même adresse de retour.")
    ] = None,
    client_assertion: Annotated[
        str | None, Form(max_length=8192, description="Pour `client_credentials` : l'assertion signée (RFC 7523).")
    ] = None,
    client_assertion_type: Annotated[str | None, Form(max_length=100, description=f"`{SIGNED}`.")] = None,
) -> Grant:
    said = _Said(
        refresh_token,
        client_id,
        client_secret,
        scope,
        code,
        code_verifier,
        redirect_uri,
        client_assertion,
        client_assertion_type,
    )
    return GRANTS[grant_type](said, request.headers.get("authorization"))


AskedGrant = Annotated[Grant, Depends(_asked_grant)]
"""The grant that is asked."""
