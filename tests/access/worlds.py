"""Two copies of one world, and how the answers of both are made comparable byte for byte.

Only this is normalised, all of it made by the acts of whoever asks, and only once the answer to that very act has named
it: the identifier and the instant of a referral just sent; the instants of a withdrawal, of a partner's answers, of a
closure, of one's own traces and of a pause; that of asking for figures which are not published, or for the state of the
service; of a notification, the identifier and the instants. And durations, which are the clock's: the seconds before a
share of requests is whole again, those that a receiver took. Everything else (bodies, every header, what is left of
one's share, ETags, cursors, lengths) is compared as it is. ``Date`` is the server's, and there is none here;
``X-Request-Id`` is the same in both worlds because the test gives it.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.installing import fence_database
from app.routers.answers import etag_of
from tests.access.walking import UUID as UUID_IN
from tests.house_for_tests import House, Town, settings_for

INSTANT_IN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
CURSOR_IN = re.compile(r"(?<=cursor=)[A-Za-z0-9_-]{40,}|(?<=\"next_cursor\":\")[A-Za-z0-9_-]+")
DURATION_IN = re.compile(r"(?<=;t=)\d+|(?<=\"resets_in_seconds\":)\d+|(?<=\"duration_ms\": )\d+")
LABEL_IN = re.compile(r"<referral \d+>")
OTHERS = (
    "worker", "colleague", "worker_elsewhere", "dpo", "coordinator", "partner", "partner_elsewhere", "administrator",
    "other_administrator",
)  # fmt: skip
COUNTED = ("/v1/statistics/grid", "/v1/statistics/indicators")
DELIVERIES = "/deliveries"
ANSWERING = ("/acknowledge", "/take-up", "/refuse")
ELSEWHERE = "198.51.100.7"
"""Where the strangers of the secret world ask from: whoever has no account shares with those of the same address."""
POLICE = ("officer", "officer_same_unit", "officer_elsewhere", "commander")


@dataclass(frozen=True)
class Asked:
    """One request of the police side; ``<referral 3>`` stands for the third that it has sent in this run."""

    by: str
    method: str
    path: str
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # Send the ETag that this person last saw for this path, the one thing that differs from world to world.
    with_etag: bool = False
    # An act of the post that whoever watches rightly learns of: done in both worlds, its answer is not theirs.
    published: bool = False


@dataclass(frozen=True)
class Heard:
    """A whole answer, normalised."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


class World:
    """One copy: its house, and the words that its officers' own acts have made."""

    def __init__(self, house: House, tokens: Mapping[str, str], *, born_at: str) -> None:
        self.house = house
        self.born_at = born_at
        self.clients = {name: house.caller(token) for name, token in tokens.items()}
        self.clients |= {"anybody": house.caller(), "stranger": house.caller(source=ELSEWHERE)}
        self.labels: dict[str, str] = {}
        self.dues: dict[str, str] = {}
        self.etags: dict[str, str] = {}
        self.seen: dict[tuple[str, str], str] = {}
        self.following: str | None = None

    def real(self, text: str) -> str:
        """The text with this world's own identifiers in the place of ordinals."""
        known = {label: value for value, label in self.labels.items()}
        return LABEL_IN.sub(lambda found: known.get(found[0], found[0]), text)

    async def ask(self, asked: Asked, number: int) -> Heard:
        """Send a request, and hear its answer in the words of both worlds."""
        headers = {"X-Request-Id": f"two-worlds-{number:06}", **asked.headers}
        path = self.real(asked.path)
        if asked.with_etag:
            headers["If-None-Match"] = self.seen.get((asked.by, path), '"never-seen"')
        answer = await self.clients[asked.by].request(
            asked.method, path, json=asked.json, content=asked.content, headers=headers
        )
        if answer.status_code == 200 and "etag" in answer.headers:
            self.seen[asked.by, path] = answer.headers["etag"]
        self.following = answer.links["next"]["url"] if "next" in answer.links else None
        self._learn(asked, answer)
        return self._heard(answer)

    def _learn(self, asked: Asked, answer: httpx.Response) -> None:
        """Name what this act of the officer has made; told again, it has made nothing."""
        if "idempotency-replayed" in answer.headers:
            return
        if asked.path == "/v1/referrals" and answer.status_code == 201:
            sent = answer.json()
            label = f"<referral {sum(1 for one in self.labels.values() if LABEL_IN.fullmatch(one))}>"
            self.labels[sent["id"]] = label
            self.labels[sent["sent_at"]] = f"<sent_at of {label}>"
        elif asked.path.endswith("/withdraw") and answer.status_code == 200:
            withdrawn = answer.json()
            label = self.labels.get(withdrawn["id"], withdrawn["id"])
            self.labels[withdrawn["withdrawn_at"]] = f"<withdrawn_at of {label}>"
        elif asked.path.endswith(ANSWERING) and answer.status_code == 200:
            for name in ("acknowledged_at", "taken_up_at", "refused_at"):
                if (instant := answer.json()[name]) is not None and instant > self.born_at:
                    self.labels.setdefault(instant, f"<{name} of {answer.json()['id']}>")
        elif asked.path.startswith(COUNTED) and answer.status_code == 200 and "/document" not in asked.path:
            # Of what is not published, the instant of the request; of what is, that of its publication, common to both.
            if (instant := answer.json()["as_of"]) > self.born_at:
                self.labels.setdefault(instant, f"<as of request {len(self.labels)}>")
        elif asked.path == "/v1/status" and answer.status_code == 200:
            self._name(answer.json()["time"], "clock")
        elif asked.path.endswith("/close") and answer.status_code == 200:
            self._name(answer.json()["exchange_closed_at"], f"closed_at of {answer.json()['id']}")
        elif DELIVERIES in asked.path and answer.status_code == 200:
            for said in deliveries_in(answer.json()):
                due = {"due": said["next_attempt_at"], "delivered_at": said["delivered_at"]}
                self.was_told(said["id"], said["happened_at"], **due)
                for attempt in said["attempts"]:
                    self.was_told(said["id"], said["happened_at"], attempt=attempt["at"])
        elif asked.path.startswith("/v1/webhooks/") and answer.status_code == 200 and "items" not in answer.json():
            self._name(answer.json().get("paused_at"), "paused_at")
        elif asked.path.startswith("/v1/me/traces") and answer.status_code == 200:
            for trace in answer.json()["items"]:
                if trace["at"] > self.born_at:  # those of the common past are the same in both worlds
                    self.labels.setdefault(trace["at"], f"<instant {len(self.labels)}>")

    def was_told(self, name: str, happened_at: str, **instants: str | None) -> None:
        """Name one notification, in its order, and its instants."""
        told = sum(1 for one in self.labels.values() if one.startswith("<told "))
        label = self.labels.setdefault(name, f"<told {told}>")
        self.labels.setdefault(happened_at, f"<happened_at of {label}>")
        # The first attempt is due when it happens: the same microsecond, or the next.
        if (due := instants.pop("due", None)) is not None and due not in self.labels:
            self.dues[due] = self.labels[happened_at]
        for kind, instant in instants.items():
            self._name(instant, f"{kind} of {label}")

    def _name(self, instant: str | None, said: str) -> None:
        if instant is not None and instant > self.born_at and instant not in self.labels:
            number = sum(1 for one in self.labels.values() if one.startswith(f"<{said} "))
            self.labels[instant] = f"<{said} {number}>"

    def _heard(self, answer: httpx.Response) -> Heard:
        body = self.normal(answer.text)
        headers = [(name, value) for name, value in answer.headers.multi_items() if name != "date"]
        if "etag" in answer.headers:
            etag = answer.headers["etag"]
            if answer.status_code in (200, 201) and answer.request.method != "HEAD":
                assert etag == etag_of(answer.content)  # it says nothing more than the body does
                self.etags[etag] = etag_of(body.encode())
            headers = [(name, self.etags.get(value, value)) for name, value in headers]
        if DURATION_IN.search(answer.text):
            assert answer.headers["content-length"] == str(len(answer.content))
            headers = [(name, str(len(body)) if name == "content-length" else value) for name, value in headers]
        return Heard(answer.status_code, tuple((name, self.normal(value)) for name, value in headers), body)

    def normal(self, text: str) -> str:
        """A text in the words of both worlds."""
        text = DURATION_IN.sub("…", text)
        text = CURSOR_IN.sub(self._position, text)
        known = {**self.dues, **self.labels}
        for pattern in (UUID_IN, INSTANT_IN):
            text = pattern.sub(lambda found: known.get(found[0], found[0]), text)
        return text

    def _position(self, found: re.Match[str]) -> str:
        """A cursor that points at something made in this run, by what it points at; any other, as it is."""
        try:
            raw = base64.urlsafe_b64decode(found[0] + "=" * (-len(found[0]) % 4))
            key, at = str(UUID(bytes=raw[16:32])), datetime.fromisoformat(raw[32:].decode()).astimezone(UTC)
        except ValueError:
            return found[0]
        instant = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
        if key not in self.labels and instant not in self.labels:
            return found[0]
        return f"after {self.labels.get(key, key)} {self.labels.get(instant, instant)}"


def deliveries_in(body: Any) -> list[dict[str, Any]]:
    """The notifications that an answer shows, oldest first: a page of the log, or one sent again."""
    return list(reversed(body["items"])) if "items" in body else [body]


def _house(town: Town, database: str, keys: dict[str, str]) -> contextlib.AbstractAsyncContextManager[House]:
    """A world whose notifications may reach this machine."""
    return House.running(town, database, settings_for(town, database, {**keys, "webhook_networks": "127.0.0.0/8"}))


@contextlib.asynccontextmanager
async def two_worlds(
    town: Town,
    keys: dict[str, str],
    *,
    history: int,
    before: Callable[[House], Awaitable[list[str]]] | None = None,
) -> AsyncIterator[tuple[World, World, list[str]]]:
    """A quiet world and a busy one, born of the same past, with the same sessions; and what that past has made.

    The past is ``history`` referrals of units, unless ``before`` makes another one.
    """
    names = (await town.clone(), await town.clone())
    past: list[str] = []
    try:
        async with _house(town, names[0], keys) as house:
            for number in range(history):
                by = POLICE[number % 3]
                past.append((await house.referral(by=by, last_name=f"Passé {number}"))["id"])
                if number % 9 == 0 and by != "officer_elsewhere":
                    await (await house("worker")).post(f"/v1/referrals/{past[-1]}/accept", json={})
            earlier = await before(house) if before else []
            for name in (*POLICE, *OTHERS):
                await house(name)
            tokens = {name: said["access_token"] for name, said in house.tokens.items()}
        born_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        superuser = await asyncpg.connect(town.superuser_url)
        try:
            await superuser.execute(f"drop database {names[1]}")
            await superuser.execute(f"create database {names[1]} template {names[0]}")
            await fence_database(superuser, names[1])
        finally:
            await superuser.close()
        async with (
            _house(town, names[0], keys) as quiet,
            _house(town, names[1], keys) as busy,
        ):
            yield World(quiet, tokens, born_at=born_at), World(busy, tokens, born_at=born_at), earlier or past
    finally:
        for name in names:
            await town.drop(name)
