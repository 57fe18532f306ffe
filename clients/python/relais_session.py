"""One person, or one piece of software, speaking to Relais through the generated client.

What a generated client does not do by itself: sign in with two proofs, renew a token before it ends, send a write again
without doing it twice, and turn every refusal into one exception that holds the problem. Copy it into your own program.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

import httpx
from relais_client import AuthenticatedClient, Client
from relais_client.api.auth import prove_second_factor, sign_in
from relais_client.models import (
    ChallengeShown,
    ClientTokenShown,
    Problem,
    SecondFactorProofDraft,
    SignInDraft,
    TokensShown,
)
from relais_client.types import Response

Shown = TypeVar("Shown")
TRIES = 5
EARLY = 30
"""Seconds before its end at which a token is renewed."""


class Refused(Exception):  # noqa: N818 — not a fault of the program: an answer
    """What Relais refused, and why; ``code`` is stable, ``detail`` is a sentence for the person."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.status} {problem.code}")


def granted(answer: Response[Any], shown: type[Shown]) -> Shown:
    """What was answered, of the expected shape; ``Refused`` when Relais said no."""
    if answer.status_code >= 400:
        raise Refused(Problem.from_dict(json.loads(answer.content)))
    if not isinstance(answer.parsed, shown):
        raise TypeError(f"{shown.__name__} attendu, {type(answer.parsed).__name__} reçu")
    return answer.parsed


def new_id() -> UUID:
    """A UUIDv7: chosen here, before anything is sent, so that a write can be named even when no answer came."""
    instant = time.time_ns() // 1_000_000
    return UUID(int=(instant << 80) | (0x7 << 76) | (int.from_bytes(os.urandom(2)) >> 4 << 64) | _variant())


def _variant() -> int:
    return (0b10 << 62) | (int.from_bytes(os.urandom(8)) >> 2)


class Session:
    """Tokens, in memory and nowhere else, and the client that carries them."""

    def __init__(self, server: str, tokens: TokensShown | ClientTokenShown) -> None:
        self.server = server
        self._connections = httpx.HTTPTransport()
        self._keep(tokens)

    @classmethod
    def opened(cls, server: str, *, email: str, password: str, code: Callable[[], str]) -> Session:
        """Sign in: the password, then the code that the person reads on her telephone."""
        door = Client(base_url=server)
        draft = SignInDraft(email=email, password=password, client_id="exemple-python")
        said: Any = granted(sign_in.sync_detailed(client=door, body=draft), TokensShown | ChallengeShown)
        if isinstance(said, ChallengeShown):
            proof = SecondFactorProofDraft(challenge=said.challenge, code=code())
            said = granted(prove_second_factor.sync_detailed(client=door, body=proof), TokensShown)
        return cls(server, said)

    @classmethod
    def of_software(cls, server: str, *, client_id: str, client_secret: str) -> Session:
        """Let the software of a partner in, for five minutes."""
        said = _form(server, "token", grant_type="client_credentials", client_id=client_id, client_secret=client_secret)
        return cls(server, ClientTokenShown.from_dict(said.json()))

    def _keep(self, tokens: TokensShown | ClientTokenShown) -> None:
        self._tokens = tokens
        self._ends_at = time.monotonic() + tokens.expires_in

    def client(self, **headers: str) -> AuthenticatedClient:
        """The generated client, for one call: a header given to a client that lasts would stay on it.

        The connections last, whatever the number of clients.
        """
        if time.monotonic() > self._ends_at - EARLY:
            self.renew()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        shared = {"transport": self._connections}
        return AuthenticatedClient(
            base_url=self.server, token=self._tokens.access_token, headers=named, httpx_args=shared
        )

    def renew(self) -> None:
        """A fresh pair of tokens; the refresh token serves once, the new one replaces it."""
        if not isinstance(self._tokens, TokensShown):
            raise TypeError("un logiciel ne renouvelle pas son jeton : il en demande un autre")
        said = _form(self.server, "token", grant_type="refresh_token", refresh_token=self._tokens.refresh_token)
        self._keep(TokensShown.from_dict(said.json()))

    def write(self, act: Any, *places: UUID, shown: type[Shown], body: Any, **headers: str) -> Shown:
        """Do a write once, however often it has to be sent: the same key each time, whatever becomes of the answers."""
        key = headers.pop("Idempotency_Key", None) or str(new_id())
        for attempt in range(1, TRIES + 1):
            try:
                client = self.client(Idempotency_Key=key, **headers)
                answer = act.sync_detailed(*places, client=client, body=body)
            except httpx.TransportError:
                if attempt == TRIES:
                    raise
                wait = 0.2 * 2**attempt
            else:
                if not _worth_another_try(answer) or attempt == TRIES:
                    return granted(answer, shown)
                wait = float(answer.headers.get("Retry-After", 1))
            time.sleep(wait)
        raise AssertionError("le dernier essai rend ou lève toujours")

    def pages(
        self, asked: Callable[..., Response[Any]], *places: UUID, page: type[Shown], **filters: Any
    ) -> Iterator[Shown]:
        """Every page, following the cursors; the filters are the same from one page to the next."""
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            found: Any = granted(asked(*places, client=self.client(), **filters, **more), page)
            yield found
            cursor = found.next_cursor
            if cursor is None:
                return

    def close(self) -> None:
        """Sign out: the session is over on the server, at once."""
        _form(self.server, "revoke", token=self._tokens.access_token)
        self._connections.close()


def _form(server: str, act: str, **said: str) -> httpx.Response:
    """The forms of OAuth (RFC 6749, RFC 7009); any OAuth library speaks them as well."""
    answer = httpx.post(f"{server}/v1/auth/{act}", data=said)
    if answer.status_code >= 400:
        raise Refused(Problem.from_dict(answer.json()))
    return answer


def _worth_another_try(answer: Response[Any]) -> bool:
    """Busy, or the very same request is still being done: waiting is all there is to do."""
    if answer.status_code in (429, 503):
        return True
    return answer.status_code == 409 and json.loads(answer.content)["code"] == "idempotency_in_flight"
