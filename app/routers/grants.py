"""What ``POST /v1/auth/token`` is asked (RFC 6749): a session to renew, or software to let in. One or the other."""

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
from app.services import clients, sessions


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


Grant = Renewal | LettingIn


@dataclass(frozen=True)
class _Said:
    """The members of the form, by name; ``None`` for those that are absent or empty."""

    refresh_token: str | None = field(repr=False)
    client_id: str | None
    client_secret: str | None = field(repr=False)
    scope: str | None

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
    said.without("client_secret", "scope")
    return Renewal(said.needed("refresh_token"))


def _letting_in(said: _Said, header: str | None) -> LettingIn:
    said.without("refresh_token")
    in_the_form = said.client_id is not None or said.client_secret is not None
    if in_the_form and header is not None:
        raise Malformed("client_authenticated_twice")
    if in_the_form:
        return LettingIn(said.needed("client_id"), said.needed("client_secret"), said.scope)
    return LettingIn(*_from_header(header or ""), said.scope)


GRANTS: Mapping[str, Callable[[_Said, str | None], Grant]] = {
    "refresh_token": _renewal,
    "client_credentials": _letting_in,
}


async def _asked_grant(
    request: Request,
    grant_type: Annotated[
        Literal["refresh_token", "client_credentials"],
        Form(
            description="`refresh_token` : renouveler une session ; `client_credentials` : ouvrir celle d'un logiciel."
        ),
    ],
    refresh_token: Annotated[
        str | None, Form(min_length=1, max_length=8192, description="Pour `refresh_token`, et lui seul.")
    ] = None,
    client_id: Annotated[
        str | None, Form(max_length=256, description="Identifiant du logiciel, s'il n'est pas dans l'en-tête.")
    ] = None,
    client_secret: Annotated[
        str | None, Form(max_length=256, description="Secret du logiciel, s'il n'est pas dans l'en-tête.")
    ] = None,
    scope: Annotated[
        str | None,
        Form(max_length=400, description="Pour `client_credentials` : moins de portées que n'en a le logiciel."),
    ] = None,
) -> Grant:
    said = _Said(refresh_token, client_id, client_secret, scope)
    return GRANTS[grant_type](said, request.headers.get("authorization"))


AskedGrant = Annotated[Grant, Depends(_asked_grant)]
"""The grant that is asked."""
