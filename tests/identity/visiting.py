"""An application and its browser: to the institution, back, and the code against a session."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx

from app.services.institutions import challenge_of
from tests.house_for_tests import House

APPLICATION = "application-essai"
REDIRECT = "https://application.test/retour?voie=relais"
SIRET = "21280085000018"
CALLBACK = "/v1/auth/oidc/callback"


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address, each said once."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


class Application:
    """One of our applications, on its way through one sign-in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.verifier = secrets.token_urlsafe(32)
        self.state = secrets.token_urlsafe(16)

    async def start(self, **said: str) -> httpx.Response:
        """Ask where to send the person."""
        asked = {
            "provider": "essai", "client_id": APPLICATION, "redirect_uri": REDIRECT, "state": self.state,
            "code_challenge": challenge_of(self.verifier), "code_challenge_method": "S256", **said,
        }  # fmt: skip
        return await self.house.caller().get("/v1/auth/oidc/start", params=asked)

    async def leave(self, **said: str) -> dict[str, str]:
        """What the institution is asked."""
        answer = await self.start(**said)
        assert answer.status_code == 303, answer.text
        return query_of(answer.headers["location"])

    async def come_back(self, **said: str | None) -> httpx.Response:
        """The browser comes back from the institution."""
        given = {name: value for name, value in said.items() if value is not None}
        return await self.house.caller().get(CALLBACK, params=given)

    def told(self, answer: httpx.Response) -> dict[str, str]:
        """What the browser brings to the application, which checks that it is about its own request."""
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(f"{REDIRECT}&")
        assert answer.headers["cache-control"] == "no-store"
        said = query_of(answer.headers["location"])
        assert (said.pop("voie"), said.pop("state")) == ("relais", self.state)
        assert said.pop("iss") == self.house.settings.issuer
        assert said.keys() in ({"code"}, {"error"})
        return said

    async def take(self, code: str, **said: str) -> httpx.Response:
        """The code against a session."""
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": self.verifier,
            "redirect_uri": REDIRECT, "client_id": APPLICATION, **said,
        }  # fmt: skip
        return await self.house.caller().post("/v1/auth/token", data=form)


async def opened(superuser: asyncpg.Connection) -> tuple[int, int]:
    """How many sessions, how many identities bound: what a hostile answer must leave as it was."""
    row: Any = await superuser.fetchrow(
        "select (select count(*) from accounts.session) as sessions,"
        " (select count(*) from accounts.federated_identity where subject is not null) as bound"
    )
    return row["sessions"], row["bound"]
