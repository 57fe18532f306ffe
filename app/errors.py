"""Every refusal of the API, as one family of exceptions, and the RFC 9457 body that each becomes.

An error carries a *code* and, at most, the place of each fault: never a value, never a driver's message.
What a person reads is in ``messages.toml``. Services raise these classes; ``error_handlers.py`` and
``wire.py`` turn them into answers.

Convention for ``errors[]``: a fault in the body has ``pointer``, an RFC 6901 JSON Pointer into that body
(``/persons/0/name``, ``""`` for the whole); a fault in the query, the path or a header has ``parameter``,
its name. Inside Python both are a ``FieldError``, whose ``pointer`` starts with ``?`` for a parameter.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg
import sqlalchemy.exc

from app.messages import CONSTRAINTS, PROBLEMS, Language, field_sentence, problem_sentence, title

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
MOST_ERRORS_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: where (``/a/0/b`` in the body, ``?limit`` for a parameter), which, what it may quote."""

    pointer: str
    code: str
    limits: tuple[tuple[str, int | float | str], ...] = ()


class Problem(Exception):  # noqa: N818 — the word of RFC 9457
    """A refusal on its way to the client. Its text is its code and nothing else."""

    status: int = 500
    code: str = "internal_error"
    alarm: bool = False  # a security event: the handler logs it as such

    def __init__(
        self,
        code: str | None = None,
        *errors: FieldError,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        alarm: bool | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.errors: tuple[FieldError, ...] = errors
        self.headers: dict[str, str] = dict(headers or {})
        self.members: Mapping[str, object] = {}  # what this kind of problem says besides (RFC 9457, section 3.2)
        self.alarm = type(self).alarm if alarm is None else alarm
        super().__init__(self.code)

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r})"


class Malformed(Problem):
    """400: the request cannot be understood."""

    status, code = 400, "invalid_request"


class Unauthenticated(Problem):
    """401. ``token_given`` tells the client that the token, not its absence, is the matter (RFC 6750)."""

    status, code = 401, "unauthenticated"

    def __init__(self, code: str | None = None, *, token_given: bool = False) -> None:
        challenge = 'Bearer error="invalid_token"' if token_given else "Bearer"
        super().__init__(code, headers={"WWW-Authenticate": challenge})


class ProofTooOld(Unauthenticated):
    """401, RFC 9470: the act wants an identity proved lately. The client steps up, then asks again."""

    code = "proof_too_old"

    def __init__(self) -> None:
        super().__init__("proof_too_old")
        self.headers["WWW-Authenticate"] = 'Bearer error="insufficient_user_authentication", max_age="600"'


class Forbidden(Problem):
    """403: the *role* does not allow it. A refusal that depends on the row is ``NotFound``."""

    status, code = 403, "forbidden"


class NotFound(Problem):
    """404: nothing that the caller can access; whether it exists is not said."""

    status, code = 404, "not_found"


class Conflict(Problem):
    """409: the present state does not allow it."""

    status, code = 409, "conflict_generic"


class PreconditionFailed(Problem):
    """412: the version in ``If-Match`` is no longer the current one."""

    status, code = 412, "precondition_failed"


class TooLarge(Problem):
    """413: the body exceeds the cap."""

    status, code = 413, "body_too_large"


class UnsupportedMediaType(Problem):
    """415: a media type, charset or content coding that we do not read."""

    status, code = 415, "unsupported_media_type"


class Invalid(Problem):
    """422. ``Invalid(FieldError(…), …)``, ``Invalid("code", "/pointer")`` or ``Invalid("code")``."""

    status, code = 422, "invalid_request"

    def __init__(self, *faults: FieldError | str) -> None:
        errors = [fault for fault in faults if isinstance(fault, FieldError)]
        words = [fault for fault in faults if isinstance(fault, str)]
        code = words[0] if words and words[0] in PROBLEMS else None
        if len(words) > 1:
            errors.append(FieldError(words[1], words[0]))
        super().__init__(code, *errors)


class PreconditionRequired(Problem):
    """428: ``If-Match`` is missing."""

    status, code = 428, "precondition_required"


class TooMany(Problem):
    """429, with the number of seconds to wait."""

    status, code = 429, "too_many_logins"

    def __init__(self, code: str | None = None, *, retry_after: int = 60) -> None:
        super().__init__(code, headers={"Retry-After": str(retry_after)})


class QuotaExceeded(TooMany):
    """429: the caller has had its share, by the policy named (draft-ietf-httpapi-ratelimit-headers, section 6.1)."""

    code = "quota_exceeded"

    def __init__(self, policy: str, *, retry_after: int) -> None:
        super().__init__("quota_exceeded", retry_after=retry_after)
        self.members = {"violated-policies": [policy]}


class Unavailable(Problem):
    """503, with the number of seconds to wait."""

    status, code = 503, "unavailable"

    def __init__(self, code: str | None = None, *, retry_after: int = 5) -> None:
        super().__init__(code, headers={"Retry-After": str(retry_after)})


class TryAgain(Unavailable):
    """A 503 that ``wire.py`` first hides and replays (serialisation failure, deadlock, lock time-out)."""

    def __init__(self, code: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(code, retry_after=retry_after)


def reference_urn(request_id: str) -> str:
    """``instance`` of a problem: the request's identifier as a URN, the only reference given to people."""
    try:
        return uuid.UUID(request_id).urn
    except ValueError:
        return f"urn:relais:request:{request_id}"


def problem_headers(problem: Problem, *, language: Language) -> dict[str, str]:
    """Headers of a problem's answer, its own included."""
    return {
        "Content-Type": PROBLEM_MEDIA_TYPE,
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        # RFC 9110 asks it of every 401, even where a password is what was wrong.
        **({"WWW-Authenticate": "Bearer"} if problem.status == Unauthenticated.status else {}),
        **problem.headers,
    }


def problem_body(problem: Problem, *, language: Language, instance: str) -> bytes:
    """RFC 9457 body. ``instance`` is a URN (see ``reference_urn``)."""
    body: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": title(problem.status, language),
        "status": problem.status,
        "detail": problem_sentence(problem.code, language),
        "instance": instance,
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = [_shown(error, language) for error in problem.errors[:MOST_ERRORS_SHOWN]]
    return json.dumps(body | dict(problem.members), ensure_ascii=False).encode()


def _shown(error: FieldError, language: Language) -> dict[str, str]:
    place = {"parameter": error.pointer[1:]} if error.pointer.startswith("?") else {"pointer": error.pointer}
    return {**place, "code": error.code, "detail": field_sentence(error.code, language, dict(error.limits))}


# ------------------------------------------------------------------------------------- from PostgreSQL


def alone(error: BaseException) -> BaseException:
    """The one error that a task group wrapped; a group of several stays a group."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def database_facts(error: BaseException) -> dict[str, str | None]:
    """The only three things that may be said or logged of a database error: class, SQLSTATE, constraint name.

    The driver's message and detail hold rows (``Key (name)=(…)``): nothing here, and nobody else, reads them.
    """
    sqlstate = constraint = None
    for link in _links(error):
        sqlstate = sqlstate or getattr(link, "sqlstate", None)
        constraint = constraint or getattr(link, "constraint_name", None)
    return {"error_class": type(error).__name__, "sqlstate": sqlstate, "constraint": constraint}


def _links(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it wraps: SQLAlchemy's adapter is its ``orig``, asyncpg's a ``__cause__``."""
    link: BaseException | None = error
    for _ in range(5):
        if link is None:
            return
        yield link
        link = getattr(link, "orig", None) or link.__cause__


def problem_from_database(error: BaseException) -> Problem:  # noqa: PLR0911 — one case a line
    """The problem that a database or connection error becomes. A ``Problem`` passes through unchanged."""
    error = alone(error)
    if isinstance(error, Problem):
        return error
    facts = database_facts(error)
    state, known = facts["sqlstate"], CONSTRAINTS.get(facts["constraint"] or "")
    if known is not None and state is not None:
        return Problem(known["code"], status=known.get("status", 409))
    names = {type(link).__name__ for link in _links(error)}
    if "InvalidCachedStatementError" in names:
        return TryAgain()  # a migration ran under a prepared statement: the next try prepares it anew
    if state is not None:
        return _problem_from_sqlstate(state)
    if "StaleDataError" in names:
        return PreconditionFailed()  # a row changed, or left our sight, between reading and writing
    if isinstance(error, sqlalchemy.exc.TimeoutError) or any(
        isinstance(link, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError) for link in _links(error)
    ):
        return Unavailable()  # no connection to be had; TimeoutError is an OSError
    return Problem()


def _problem_from_sqlstate(state: str) -> Problem:  # noqa: PLR0911 — one case a line
    if state in {"40001", "40P01", "55P03"}:
        return TryAgain()
    if state in {"25006", "3D000"} or state[:2] in {"08", "53", "57", "58"}:
        return Unavailable()
    if state == "28000":
        return Unauthenticated("session_ended", token_given=True)
    if state == "42501":
        # Refused by a grant or a row rule: to the caller nothing exists, to us it is a security event.
        return NotFound(alarm=True)
    if state in {"22021", "22P05"}:
        return Invalid("bad_text")
    if state.startswith("22"):
        return Invalid()
    if state.startswith("23"):
        return Conflict()
    return Problem()
