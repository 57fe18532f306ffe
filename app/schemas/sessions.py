"""Sign-in."""

from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import Draft, Shown
from app.schemas.texts import Email

ClientId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]


class SignInDraft(Draft):
    """E-mail and password of a person; ``client_id`` names the application."""

    email: Email
    password: str = Field(min_length=1, max_length=256, repr=False)
    client_id: ClientId = "unnamed"


class TokensShown(Shown):
    """An access token for ten minutes, and the single-use token that renews it."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str = Field(repr=False)
    scope: str


class ClientTokenShown(Shown):
    """An access token for five minutes, for the software of a partner; it asks for another when it ends."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
