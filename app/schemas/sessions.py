"""Sign-in."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.texts import Email

ClientId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]


class SignInDraft(Draft):
    """E-mail and password of a person; ``client_id`` names the application."""

    email: Email
    password: str = Field(min_length=1, max_length=256, repr=False)
    client_id: ClientId = "unnamed"
    shared_workstation: bool = False


class SecondFactorProofDraft(Draft):
    """The challenge that the password gave, and a code: six digits, or a recovery code."""

    challenge: str = Field(min_length=1, max_length=4096, repr=False)
    code: str = Field(min_length=6, max_length=64, repr=False)


class ChallengeShown(Shown):
    """The password is right; the second factor is awaited, for five minutes."""

    challenge: str = Field(repr=False)
    expires_in: int
    next: Literal["second_factor"]


class TokensShown(Shown):
    """An access token for ten minutes, and the single-use token that renews it."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str = Field(repr=False)
    scope: str


def opened_or_challenged(said: dict[str, Any]) -> TokensShown | ChallengeShown:
    """What a password gives: a challenge, or, in the demonstration, a session."""
    return ChallengeShown(**said) if "challenge" in said else TokensShown(**said)


class ClientTokenShown(Shown):
    """An access token for five minutes, for the software of a partner; it asks for another when it ends."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
