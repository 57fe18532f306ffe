"""Settings: from the environment (``RELAIS_…``), or from files of one secret each (``RELAIS_SECRETS_DIR``).

Absence closes: a lane without a database URL mounts no routes; without the private signing key nobody signs in;
without the sealing key no note is read or written. There is no switch that turns a protection off.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from limits import RateLimitItem, parse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError
from pydantic_settings.sources import NestedSecretsSettingsSource

from app.institutions import ApplicationName, Provider, ProviderName, RedirectUri, RedirectUris
from app.refusal import CannotRun


def _rate(said: object) -> RateLimitItem:
    """``600/minute``: one limit, over a day at most, which leaves a screen something to open with."""
    try:
        found = said if isinstance(said, RateLimitItem) else parse(str(said))
    except ValueError:  # the library quotes what it could not read
        raise ValueError("débit") from None
    if any(each in str(said) for each in ",;|") or found.get_expiry() > 86_400 or not 10 <= found.amount <= 10**9:
        raise ValueError("débit")
    return found


Rate = Annotated[InstanceOf[RateLimitItem], BeforeValidator(_rate)]


class QuotaSettings(BaseModel):
    """How many requests each kind of caller may send: ``RELAIS_QUOTA__PERSON=600/minute``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    person: Rate = parse("600/minute")
    """Ten a second, all day: the busiest screen opens with a dozen, then asks again every half minute."""
    software: Rate = parse("1200/minute")
    anonymous: Rate = parse("600/minute")
    """By source: the stations of a whole département may come out by one address."""


class Settings(BaseSettings):
    """Everything that differs from one installation to another."""

    model_config = SettingsConfigDict(
        env_prefix="RELAIS_",
        env_nested_delimiter="__",
        secrets_dir=os.environ.get("RELAIS_SECRETS_DIR"),
        secrets_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # a setting may be a secret
    )

    home: Path = Path(".relais")
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: str = ""
    """Networks (CIDR, separated by commas) of the proxies that are believed on the address of the caller."""
    allowed_origins: str = ""
    """Origins (separated by commas) of the browser applications whose pages may call; exact, none by default."""

    database_url: dict[str, SecretStr] = Field(default_factory=dict)
    """One URL a lane: ``RELAIS_DATABASE_URL__POLICE_OFFICER``…, and ``…__AUTHENTICATION``."""
    database_network: Literal["private"] | None = None
    """``private``: what is said to PostgreSQL in clear goes through a network that nobody else is on."""
    migrator_url: SecretStr | None = None
    """For ``relais migrate`` only."""
    bootstrap_url: SecretStr | None = None
    """Superuser, for ``relais bootstrap`` and ``relais accounts`` only."""
    lane_password: dict[str, SecretStr] = Field(default_factory=dict)
    """What ``relais bootstrap`` sets, when the URLs of the lanes are not at hand."""
    pool_size: int = Field(default=4, ge=1, le=32)
    """PostgreSQL connections a lane; 4 to 8 serve a core, more are slower (performance study)."""

    issuer: str = "https://relais.invalid"
    audience: str = "relais"
    signing_key: SecretStr | None = None
    """Private P-256 key, PEM. Identity process only."""
    verification_keys: str | None = None
    """Public keys, JWKS, for the processes that sign nothing."""
    sealing_key: SecretStr | None = None
    """32 bytes, base64. Social process only."""
    statistics_key: SecretStr | None = None
    """32 bytes, base64; draws the rounding of published figures. Social process and background work only."""
    cursor_key: SecretStr | None = None
    """32 bytes, base64; page cursors, requests sent again. Shared by the workers of one process kind."""
    refresh_key: SecretStr | None = None
    """32 bytes, base64; derives the successor of a refresh token. Identity process only."""
    identity_key: SecretStr | None = None
    """32 bytes, base64; seals second factors and the steps of a sign-in. Identity process only."""

    providers: dict[ProviderName, Provider] = Field(default_factory=dict)
    """Institutions that sign people in: ``RELAIS_PROVIDERS__PROCONNECT__ISSUER``… Identity process only."""
    applications: dict[ApplicationName, RedirectUris] = Field(default_factory=dict)
    """Where each of our applications is sent back to, to the letter. Identity process only."""
    callback_url: RedirectUri | None = None
    """Where institutions send people back to; ``…/v1/auth/oidc/callback`` of the issuer unless it is said."""
    webhook_key: SecretStr | None = None
    """32 bytes, base64; seals the secrets that sign notifications. The process that takes subscriptions, and the one
    that delivers for it: social has its own, police another."""
    webhook_networks: str = ""
    """Networks (CIDR, separated by commas) where notifications may go besides the open Internet, even in clear."""
    anchor_key: SecretStr | None = None
    """Private Ed25519 key, PEM; signs the heads of the chains of traces. Background work only."""

    quota: QuotaSettings = QuotaSettings()
    """The share of each caller."""
    quota_store: SecretStr = SecretStr("memory")
    """``postgresql`` when several processes of one kind serve; ``redis://…`` as the ``limits`` library reads it."""

    metrics_token: SecretStr | None = Field(default=None, min_length=32)
    """What opens ``/metrics`` to whoever does not ask from this machine."""
    alarm_subjects: int = Field(default=60, ge=5, le=1000)
    """Persons, situations, notes… that one account may read within an hour before it is told."""
    alarm_refusals: int = Field(default=10, ge=3, le=1000)
    """Refusals that one account may meet within ten minutes before it is told."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 — the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — we read no .env
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then one file a secret; no ``.env`` file is ever read."""
        return init_settings, env_settings, NestedSecretsSettingsSource(file_secret_settings)


def read_settings() -> Settings:
    """The settings of this process; ``CannotRun`` names those that are wrong, and shows none of them."""
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        faults = error.errors(include_input=False, include_url=False) if isinstance(error, ValidationError) else []
        names = sorted({"RELAIS_" + "__".join(str(step) for step in fault["loc"]).upper() for fault in faults})
        raise CannotRun(f"Réglages à corriger : {', '.join(names) or 'une variable RELAIS_… illisible'}.") from None
