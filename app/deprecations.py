"""What the contract will one day withdraw: said on every answer, in the document and in the public state.

A route declares it, ``dependencies=[deprecated(since=…, sunset=…, successor="/v1/new", advice="…")]``, and nothing
else: the headers (RFC 9745, RFC 8594), ``deprecated: true`` in the document and ``GET /v1/status`` follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import params
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.routing import BaseRoute

from app.wire_headers import add_header

NOTICE: Final = 6
"""Months, at least, between the word and the withdrawal."""
STATUS: Final = "/v1/status"
"""Where a program reads all of it."""


@dataclass(frozen=True)
class Deprecation:
    """Since when, until when, what takes its place (a path of the contract), and what to do, in French."""

    since: date
    sunset: date
    successor: str
    advice: str

    def __post_init__(self) -> None:
        months = (self.sunset.year - self.since.year) * 12 + self.sunset.month - self.since.month
        if (months, self.sunset.day) < (NOTICE, self.since.day):
            raise ValueError(f"retrait annoncé moins de {NOTICE} mois à l'avance : {self.successor}")

    def headers(self, place: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What an answer says; ``place``: the parameters of the path, which its successor may take up."""
        yield "Deprecation", f"@{int(_at_midnight(self.since).timestamp())}"
        yield "Sunset", format_datetime(_at_midnight(self.sunset), usegmt=True)
        for relation in ("deprecation", "sunset"):
            yield "Link", f'<{STATUS}>; rel="{relation}"; type="application/json"'
        # The caller wrote these: in a header, only as an address may hold them.
        written = {name: quote(str(value), safe="") for name, value in place.items()}
        yield "Link", f'<{self.successor.format_map(written)}>; rel="successor-version"'

    @property
    def sentence(self) -> str:
        """The same for whoever reads the document."""
        return (
            f"Dépréciée depuis le {self.since:%d/%m/%Y}, retirée après le {self.sunset:%d/%m/%Y} ; la remplace"
            f" `{self.successor}`. {self.advice}"
        )


class _Told:
    """A dependency that has every answer of its route say that it will be withdrawn."""

    def __init__(self, deprecation: Deprecation) -> None:
        self.deprecation = deprecation

    async def __call__(self, request: Request) -> None:
        for name, value in self.deprecation.headers(request.path_params):
            add_header(request, name, value)


def deprecated(*, since: date, sunset: date, successor: str, advice: str) -> Any:
    """Declare that a route will be withdrawn; ``ValueError`` when that is too soon for those who use it."""
    return params.Depends(_Told(Deprecation(since, sunset, successor, advice)))


def deprecation_of(route: Any) -> Deprecation | None:
    """What a route declares, or ``None``."""
    dependencies = getattr(getattr(route, "dependant", None), "dependencies", ())
    return next((each.call.deprecation for each in dependencies if isinstance(each.call, _Told)), None)


def describe_deprecation(operation: dict[str, Any], route: Any) -> None:
    """Say it in the description of an operation."""
    told = deprecation_of(route)
    if told is not None:
        operation["deprecated"] = True
        operation["description"] = f"{operation.get('description', '')}\n\n{told.sentence}".strip()


@dataclass(frozen=True)
class DeprecatedAct:
    """An operation of the contract that will be withdrawn."""

    method: str
    path: str
    deprecation: Deprecation


async def deprecated_acts(request: Request) -> tuple[DeprecatedAct, ...]:
    """Those of this process, looked for once."""
    state = request.app.state
    if not hasattr(state, "deprecated_acts"):
        state.deprecated_acts = tuple(_found(request.app.routes))
    acts: tuple[DeprecatedAct, ...] = state.deprecated_acts
    return acts


def _found(routes: Sequence[BaseRoute]) -> Iterator[DeprecatedAct]:
    for route in iter_route_contexts(routes):
        told = deprecation_of(route)
        if told is not None:
            for method in sorted(route.methods or ()):
                yield DeprecatedAct(method, route.path_format or "", told)


def _at_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
