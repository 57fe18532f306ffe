"""A small institution on the loopback: right unless a test has it say otherwise, in any way that a socket allows."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl

from app.access.signatures import SigningKey, new_signing_key
from app.services.institutions import challenge_of
from tests.access.hostile_tokens import signed
from tests.identity.visiting import SIRET

Reply = tuple[int, dict[str, str], bytes]
CLIENT_ID = "relais-essai"
CLIENT_SECRET = "un secret de test, % et +"
DISCOVERY, KEYS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/keys", "/token", "/userinfo"


def as_json(said: Any, status: int = 200, **headers: str) -> Reply:
    """A reply in JSON; a text is taken as it is."""
    body = said if isinstance(said, str) else json.dumps(said)
    return status, {"Content-Type": "application/json", **headers}, body.encode("utf-8", "surrogatepass")


class FakeProvider:
    """``replies`` replaces what an address answers; ``hanging`` are those that never do."""

    def __init__(self) -> None:
        self.pem = new_signing_key()
        self.published = [SigningKey(self.pem).public]
        self.discovery: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.replies: dict[str, Callable[[], Reply]] = {}
        self.hanging: set[str] = set()
        self.dripping: set[str] = set()
        self.id_token: Callable[[dict[str, Any]], str] = self.sign
        self.calls: Counter[str] = Counter()
        self.codes: dict[str, dict[str, str]] = {}
        self.forms: list[dict[str, str]] = []
        self.skew = 0
        self._server: asyncio.Server | None = None
        self._talking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._talking):
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        await self._server.wait_closed()

    def registration(self) -> dict[str, Any]:
        """What our settings say of it."""
        return {
            "label": "Institution d'essai", "issuer": self.issuer, "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "acr": ["eidas2", "eidas3"], "answer_seconds": 1.0, "connect_seconds": 1.0,
        }  # fmt: skip

    def authorize(self, asked: dict[str, str]) -> str:
        """The person has signed in there: a code."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        return code

    def sign(self, claims: dict[str, Any], pem: str | None = None) -> str:
        """An id token of these claims; ``...`` takes one out."""
        key = pem or self.pem
        header = {"alg": "ES256", "kid": SigningKey(key).public["kid"], "typ": "JWT", **self.header}
        kept = [{name: value for name, value in each.items() if value is not ...} for each in (header, claims)]
        return signed(*kept, pem=key)

    def good_claims(self, asked: dict[str, str]) -> dict[str, Any]:
        """What a good id token says."""
        moment = int(time.time()) + self.skew
        return {
            "iss": self.issuer, "sub": "agent-1", "aud": CLIENT_ID, "nonce": asked.get("nonce", ""), "iat": moment,
            "exp": moment + 60, "acr": "eidas2", "auth_time": moment - 5, **self.claims,
        }  # fmt: skip

    def good_about(self) -> dict[str, Any]:
        """What is said of the person."""
        said = {
            "sub": "agent-1", "email": "Worker@exemple.test", "email_verified": True, "siret": SIRET,
            "given_name": "Jeanne", **self.about,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not ...}

    # ------------------------------------------------------------------------------------------------- its addresses

    def _discovered(self) -> Reply:
        said = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}{TOKEN}", "userinfo_endpoint": f"{self.issuer}{USERINFO}",
            "jwks_uri": f"{self.issuer}{KEYS}", "claims_parameter_supported": True,
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["client_secret_post"], **self.discovery,
        }  # fmt: skip
        return as_json({name: value for name, value in said.items() if value is not ...})

    def _tokens(self, form: dict[str, str]) -> Reply:
        self.forms.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or challenge_of(form.get("code_verifier", "")) != asked["code_challenge"]:
            return as_json({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        half = base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
        token = self.id_token({"at_hash": half, **self.good_claims(asked)})
        return as_json({"access_token": access_token, "token_type": "Bearer", "id_token": token, "expires_in": 60})

    def _reply(self, path: str, form: dict[str, str]) -> Reply:
        if path in self.replies:
            return self.replies[path]()
        if path == DISCOVERY:
            return self._discovered()
        if path == KEYS:
            return as_json({"keys": self.published})
        if path == TOKEN:
            return self._tokens(form)
        return as_json(self.good_about()) if path == USERINFO else as_json({}, 404)

    # ------------------------------------------------------------------------------------------------- the socket

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._answer(reader, writer)
        self._talking.discard(task)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        _, path, _ = head[0].split(" ")
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:]}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.calls[path] += 1
        if path in self.hanging:
            await asyncio.sleep(60)
        status, said, content = self._reply(path, dict(parse_qsl(body.decode())))
        lines = [f"HTTP/1.1 {status} x", "Connection: close", *(f"{name}: {value}" for name, value in said.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        if path in self.dripping:
            for octet in content:
                writer.write(bytes([octet]))
                await writer.drain()
                await asyncio.sleep(0.2)
        writer.write(content)
        await writer.drain()
