"""What an installation says of the institutions that sign people in, and of its own applications.

All of it is checked at start-up: a provider half described signs nobody in.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from app.access.signatures import SigningKey

ADDRESS = re.compile(r"[!-~]{1,500}")
# RFC 8252: a scheme for private use is the name of a domain turned round, which holds a dot.
PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"


def is_loopback(host: str | None) -> bool:
    """Is it this very machine? Only the two addresses of RFC 8252, and the name that stands for them."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _parts(address: str) -> Any:
    if not ADDRESS.fullmatch(address) or "\\" in address:
        raise ValueError("adresse illisible")
    parts = urlsplit(address)
    _ = parts.port  # raises when it is no number
    if parts.username is not None or parts.password is not None or "#" in address:
        raise ValueError("une adresse n'a ni identifiant, ni fragment")
    return parts


def is_safe(address: str, *, loopback: bool) -> bool:
    """May we call this address? In https; in http only on this machine, and only where ``loopback`` allows it."""
    try:
        parts = _parts(address)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return bool(loopback and parts.scheme == "http" and is_loopback(parts.hostname))


def _issuer(address: str) -> str:
    if not is_safe(address, loopback=True) or "?" in address:
        raise ValueError("un émetteur est une adresse https, sans paramètre")
    return address


def _redirect(address: str) -> str:
    parts = _parts(address)
    native = PRIVATE_SCHEME.fullmatch(parts.scheme) and (parts.path or parts.netloc)
    if not (native or is_safe(address, loopback=True)):
        raise ValueError("une adresse de retour est en https, en http sur la machine même, ou d'un schéma privé")
    return address


def _words(said: Any) -> Any:
    """Several values in one variable of the environment: a space between them."""
    return said.split() if isinstance(said, str) else said


Words = Annotated[list[str], NoDecode, BeforeValidator(_words), Field(min_length=1)]
Signed = Literal["ES256", "RS256"]
RedirectUri = Annotated[str, AfterValidator(_redirect)]
RedirectUris = Annotated[list[RedirectUri], BeforeValidator(_words), Field(min_length=1)]
ProviderName = Annotated[str, Field(pattern=NAME)]
ApplicationName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]


class Provider(BaseModel):
    """One institution that signs people in (OpenID Connect)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    label: str = Field(min_length=1, max_length=80)
    """What people read on the button, in French."""
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str = Field(min_length=1, max_length=256)
    client_secret: SecretStr | None = None
    client_key: SecretStr | None = None
    """Private key, PEM (P-256 or RSA): ``private_key_jwt`` instead of a secret."""
    scopes: Words = ["openid", "email"]
    acr: Words
    """The levels of assurance that are enough; without one, nobody would know how a person proved who she is."""
    id_token_alg: Signed = "ES256"  # noqa: S105 — the name of an algorithm
    userinfo_signed_alg: Literal["none", "ES256", "RS256"] = "none"
    email_is_verified: bool = False
    """The institution vouches for its addresses without saying ``email_verified``."""
    connect_seconds: float = Field(default=2.0, gt=0, le=10)
    answer_seconds: float = Field(default=4.0, gt=0, le=10)

    @model_validator(mode="after")
    def _is_whole(self) -> Provider:
        if (self.client_secret is None) == (self.client_key is None):
            raise ValueError("il faut client_secret, ou client_key, et un seul des deux")
        if self.client_key is not None:
            try:
                SigningKey(self.client_key.get_secret_value())
            except (ValueError, TypeError):
                raise ValueError(
                    "client_key doit être une clé privée P-256 ou RSA (2048 bits ou plus), en PEM"
                ) from None
        if "openid" not in self.scopes:
            raise ValueError("scopes doit contenir openid")
        return self

    @property
    def userinfo_alg(self) -> str | None:
        """The algorithm that signs what it says of a person; ``None`` for plain JSON."""
        return None if self.userinfo_signed_alg == "none" else self.userinfo_signed_alg

    @property
    def on_this_machine(self) -> bool:
        """An issuer for trials, in http on the loopback: its endpoints may be there too, and nowhere else in http."""
        return self.issuer.startswith("http:")
