"""Invitations, on the guest's side."""

from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.own_proofs import TotpCode
from app.schemas.sessions import ClientId, TokensShown

Link = Annotated[str, Field(min_length=1, max_length=128)]
Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]
KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:=+/-]{1,128}$")]


class InvitationOpenDraft(Draft):
    """The secret part of the link."""

    token: Link


class OpenedInvitationShown(Shown):
    """What the link is for; the secret of the second factor that it announces, if it announces one."""

    purpose: Literal["welcome", "password", "second_factor", "renewal"]
    email: str | None
    secret: str | None = Field(repr=False)
    otpauth_uri: str | None = Field(repr=False)


class ClientKeyDraft(Draft):
    """A public key, as a JWK: P-256, or RSA of 2048 bits at least. A private member is refused."""

    kty: Literal["EC", "RSA"]
    crv: Literal["P-256"] | None = None
    x: Coordinate | None = None
    y: Coordinate | None = None
    n: Coordinate | None = None
    e: Coordinate | None = None
    kid: KeyName | None = None
    use: Literal["sig"] | None = None
    alg: Literal["ES256", "RS256", "PS256"] | None = None


class ClientKeysDraft(Draft):
    """The public keys of software (JWKS)."""

    keys: list[ClientKeyDraft] = Field(min_length=1, max_length=5)


class InvitationAcceptanceDraft(Draft):
    """What goes with the link, according to what it is for.

    ``password``: the one to come, but for ``second_factor``, which asks for the present one. ``totp_code``: of the
    announced second factor, but for ``password``, which asks for the present one.
    """

    token: Link
    approval_code: str | None = Field(default=None, min_length=1, max_length=64, repr=False)
    password: str | None = Field(default=None, min_length=1, max_length=256, repr=False)
    totp_code: TotpCode | None = None
    client_keys: ClientKeysDraft | None = None
    client_id: ClientId = "unnamed"
    shared_workstation: bool = False


class SoftwareShown(Shown):
    """Software, and its secret, told once; none when it signs with its keys."""

    client_id: str
    client_secret: str | None = Field(repr=False)


class InvitationAcceptedShown(Shown):
    """A person has entered, and has new recovery codes if she has a new second factor; or software may come in."""

    recovery_codes: list[str] | None = Field(repr=False)
    tokens: TokensShown | None
    software: SoftwareShown | None
