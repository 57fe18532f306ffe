"""The public state of the service: two words for people, the rest for programs; no detail of what is inside."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import Shown


class Health(Shown):
    """The service lives, or is ready."""

    status: Literal["ok", "unavailable"]


class DeprecatedShown(Shown):
    """An operation that will be withdrawn."""

    method: Annotated[str, Field(description="Méthode.", examples=["GET"])]
    path: Annotated[str, Field(description="Chemin du contrat.", examples=["/v1/ancien"])]
    deprecated_on: Annotated[date, Field(description="Jour depuis lequel elle est dépréciée.", examples=["2027-01-01"])]
    sunset_on: Annotated[
        date, Field(description="Jour après lequel elle peut ne plus répondre.", examples=["2027-07-01"])
    ]
    successor: Annotated[str, Field(description="Chemin de celle qui la remplace.", examples=["/v1/nouveau"])]
    advice: Annotated[str, Field(description="Ce qu'il faut changer.", examples=["Le champ « x » s'appelle « y »."])]


class StatusShown(Shown):
    """The state of the service, for whoever watches it or builds on it."""

    status: Annotated[
        Literal["ok", "unavailable"],
        Field(description="`unavailable` : des demandes peuvent échouer, réessayez un peu plus tard."),
    ]
    version: Annotated[str, Field(description="Version de Relais.", examples=["0.4.0"])]
    time: Annotated[datetime, Field(description="Heure du service (UTC).", examples=["2026-11-28T09:00:00Z"])]
    deprecated: Annotated[list[DeprecatedShown], Field(description="Ce que le contrat retirera, et quand.")]
