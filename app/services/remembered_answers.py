"""Answers kept for a day, so that a request sent again is answered again and not done again."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, column, func, select

from app.errors import Conflict, Invalid, TryAgain
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
    """One keyed request: digests only, and the secret under which its answer is sealed.

    ``names_a_row``: its key is the identifier that the client gave to what it creates.
    """

    key: bytes
    route: str
    asked: bytes
    sealing: bytes = field(repr=False)
    names_a_row: bool = False


class Replayed(Exception):  # noqa: N818 — not an error: the first answer, on its way again
    """The request was answered already; ``answer`` is what it was answered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("replayed")


async def recall(writing: Writing, questions: Sequence[Question]) -> Answer | None:
    """What the same request was answered; ``None`` when it is new.

    ``Conflict``: it is being done elsewhere, its answer was told once, the rights of the caller have changed since, or
    its identifier served for another request. ``Invalid``: its key did.
    """
    for number, question in enumerate(questions):
        said = await writing.row(RECALL, key=question.key, route=question.route, asked=question.asked)
        match said["state"]:
            case "in_flight":
                raise Conflict("idempotency_in_flight", headers={"Retry-After": "1"})
            case "outdated":
                raise Conflict("idempotency_outdated")
            case "reused":
                raise Conflict("identifier_taken") if question.names_a_row else Invalid("idempotency_key_reused")
            case "known":
                answer, writing.subject = _opened(question, said["sealed"])
                # The keys before this one are new: from now on they lead to the same answer.
                await _keep(writing, questions[:number], answer)
                return answer
    return None


async def remember(writing: Writing, questions: Sequence[Question]) -> None:
    """Keep the answer, in the transaction of what it tells; of a secret told once, only that it was told."""
    told_once = writing.answer is not None and "pragma" in writing.answer.headers
    await _keep(writing, questions, None if told_once else writing.answer)


async def _keep(writing: Writing, questions: Sequence[Question], answer: Answer | None) -> None:
    for question in questions:
        kept = await writing.row(REMEMBER, key=question.key, sealed=_sealed(question, answer, writing.subject))
        if not kept["kept"]:
            # Done but not kept would be done twice: the clock went back between the two, and the whole is tried again.
            raise TryAgain


def _sealed(question: Question, answer: Answer | None, subject: UUID | None) -> bytes:
    if answer is None:
        text = b"null\n"
    else:
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        head = {
            "status": answer.status,
            "headers": headers,
            "length": len(answer.body),
            # What it is about, for the trace of whoever is told again.
            "subject": str(subject) if subject is not None else None,
        }
        text = json.dumps(head).encode() + b"\n" + answer.body
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(question.sealing).encrypt(nonce, text + bytes(-len(text) % ROUNDED), question.asked)


def _opened(question: Question, sealed: bytes) -> tuple[Answer, UUID | None]:
    try:
        text = AESGCM(question.sealing).decrypt(sealed[:NONCE], sealed[NONCE:], question.asked)
    except InvalidTag:
        raise BrokenSeal("answer_cannot_be_read") from None
    head, _, body = text.partition(b"\n")
    said = json.loads(head)
    if said is None:
        raise Conflict("idempotency_told_once")
    subject = UUID(said["subject"]) if said["subject"] is not None else None
    return Answer(said["status"], said["headers"], body[: said["length"]]), subject
