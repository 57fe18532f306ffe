"""Answers kept for a day, so that a request sent again is answered again and not done again."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, column, func, select

from app.errors import Conflict, Invalid
from app.services.sealing import BrokenSeal
from app.statements import given
from app.transactions import Answer, Writing

KEPT_HEADERS: Final = ("content-type", "etag", "location", "cache-control")
NONCE: Final = 12
ROUNDED: Final = 1024
"""Bytes: the length of an answer is itself a hint."""

_recalled = func.access.recall(
    given("key", LargeBinary), given("route", String), given("asked", LargeBinary)
).table_valued(column("state", String), column("sealed", LargeBinary))
RECALL = select(_recalled.c.state, _recalled.c.sealed)
REMEMBER = select(func.access.remember(given("key", LargeBinary), given("sealed", LargeBinary)).label("kept"))


@dataclass(frozen=True)
class Question:
    """One keyed request: digests only, and the secret under which its answer is sealed."""

    key: bytes
    route: str
    asked: bytes
    sealing: bytes = field(repr=False)


class Replayed(Exception):  # noqa: N818 — not an error: the first answer, on its way again
    """The request was answered already; ``answer`` is what it was answered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("replayed")


async def recall(writing: Writing, questions: Sequence[Question]) -> Answer | None:
    """What the same request was answered; ``None`` when it is new.

    ``Conflict``: it is being done elsewhere, its answer was told once, or the rights of the caller have changed since.
    ``Invalid``: the key served for another request.
    """
    for rank, question in enumerate(questions):
        said = await writing.row(RECALL, key=question.key, route=question.route, asked=question.asked)
        if said["state"] == "in_flight":
            problem = Conflict("idempotency_in_flight")
            problem.headers["Retry-After"] = "1"
            raise problem
        if said["state"] == "outdated":
            raise Conflict("idempotency_outdated")
        if said["state"] == "reused":
            raise Invalid("idempotency_key_reused")
        if said["state"] == "known":
            answer = _opened(question, said["sealed"])
            # Known by one key: known from now on by those that were new as well.
            for new in questions[:rank]:
                await writing.row(REMEMBER, key=new.key, sealed=_sealed(new, answer))
            return answer
    return None


async def remember(writing: Writing, questions: Sequence[Question]) -> None:
    """Keep the answer, in the transaction of what it tells; of a secret told once, only that it was told."""
    told_once = writing.answer is not None and "pragma" in writing.answer.headers
    for question in questions:
        sealed = _sealed(question, None if told_once else writing.answer)
        await writing.row(REMEMBER, key=question.key, sealed=sealed)


def _sealed(question: Question, answer: Answer | None) -> bytes:
    if answer is None:
        text = b"null\n"
    else:
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        head = {"status": answer.status, "headers": headers, "length": len(answer.body)}
        text = json.dumps(head).encode() + b"\n" + answer.body
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(question.sealing).encrypt(nonce, text + bytes(-len(text) % ROUNDED), question.asked)


def _opened(question: Question, sealed: bytes) -> Answer:
    try:
        text = AESGCM(question.sealing).decrypt(sealed[:NONCE], sealed[NONCE:], question.asked)
    except InvalidTag:
        raise BrokenSeal("answer_cannot_be_read") from None
    head, _, body = text.partition(b"\n")
    said = json.loads(head)
    if said is None:
        raise Conflict("idempotency_told_once")
    return Answer(said["status"], said["headers"], body[: said["length"]])
