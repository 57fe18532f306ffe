"""FastAPI's side of the errors: whatever an endpoint raises leaves as a problem, and no log holds its text.

Starlette answers ``Exception`` from its outermost layer, then raises it again, so that the server prints it.
``wire.py``, around that layer or just inside it, lets nothing through.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, cast

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from app.errors import (
    MOST_ERRORS_SHOWN,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    TooLarge,
    TryAgain,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    alone,
    database_facts,
    problem_body,
    problem_from_database,
    problem_headers,
    reference_urn,
)
from app.messages import PYDANTIC, QUOTABLE, preferred_language
from app.services.remembered_answers import Replayed
from app.watching import Watch

_log = structlog.get_logger("relais.errors")
_ROOT: Final = Path(__file__).resolve().parent.parent
_MOST_FRAMES: Final = 30
# A member's name comes from the caller. Shown back only when it looks like a name of the contract.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_KEPT_HEADERS: Final = ("allow", "www-authenticate", "retry-after")


def install(app: FastAPI) -> None:
    """Install the handlers on ``app``."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError):
        app.add_exception_handler(kind, _on_any)
    app.add_exception_handler(Replayed, _on_replayed)
    app.add_exception_handler(Exception, _on_any)


def problem_response(scope: Scope, problem: Problem) -> Response:
    """The HTTP answer of a problem, in the caller's language, with the request's reference."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    language = preferred_language(accepted.decode("latin-1"))
    state = scope.setdefault("state", {})
    if isinstance(problem, TryAgain):
        state["try_again"] = True  # read by wire.py, which replays the request
    instance = reference_urn(state.get("request_id", "unknown"))
    body = problem_body(problem, language=language, instance=instance)
    return Response(body, status_code=problem.status, headers=problem_headers(problem, language=language))


def problem_from(error: BaseException) -> Problem:
    """The problem that any exception becomes; what is to be known of it is logged here."""
    error = alone(error)
    problem = problem_from_database(error)
    facts = database_facts(error)
    if problem.alarm:
        _log.error("refused_by_database", alarm=True, **facts)
    elif problem.status == 500 and problem is not error:
        _log.error("internal_error", frames=safe_frames(error), **facts)
    elif problem.status >= 500:
        _log.warning("request_failed", code=problem.code, **facts)
    elif problem is not error:
        _log.info("refused_by_database", code=problem.code, **facts)
    return problem


def noticed(scope: Scope, error: BaseException) -> Problem:
    """The problem that an exception becomes, counted by the process that answers it."""
    problem = problem_from(error)
    watch = getattr(getattr(scope.get("app"), "state", None), "watch", None)
    if isinstance(watch, Watch):
        if problem.code == "wrong_credentials":
            watch.wrong_password()
        elif problem.code == "too_many_logins":
            watch.alarm("sign_in_throttled")
        elif problem.code == "session_ended":
            watch.alarm("no_live_session")
        elif problem.alarm:
            # The handler has told it, with what PostgreSQL said of it.
            watch.count("broken_seal" if problem.status == 500 else "database_refusal")
    return problem


def safe_frames(error: BaseException) -> list[str]:
    """Where it happened, as ``file:line:function``, causes included; never a message or an argument."""
    return list(_frames(error, seen=set()))[:_MOST_FRAMES]


def _frames(error: BaseException, *, seen: set[int]) -> Iterator[str]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield type(error).__name__
    yield from _places(error.__traceback__)
    inner: Iterable[BaseException | None] = (error.__cause__ or error.__context__,)
    if isinstance(error, BaseExceptionGroup):
        inner = (*error.exceptions, *inner)
    for other in inner:
        if other is not None:
            yield from _frames(other, seen=seen)


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        short = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        yield f"{short}:{trace.tb_lineno}:{code.co_name}"
        trace = trace.tb_next


async def _on_problem(request: Request, error: Exception) -> Response:
    return problem_response(request.scope, noticed(request.scope, error))


async def _on_any(request: Request, error: Exception) -> Response:
    request.scope.setdefault("state", {})["reported"] = True  # wire.py may meet it again
    return problem_response(request.scope, noticed(request.scope, error))


async def _on_replayed(_: Request, first: Exception) -> Response:
    answer = cast(Replayed, first).answer
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(answer.body, status_code=answer.status, headers=headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    faults = cast(RequestValidationError, error).errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem_response(request.scope, Malformed("malformed_json"))
    # Few are shown: a long list of wrong items must not become a long answer.
    return problem_response(request.scope, Invalid(*map(field_error, faults[:MOST_ERRORS_SHOWN])))


def field_error(fault: dict[str, Any]) -> FieldError:
    """One pydantic error, stripped of ``input``, ``msg`` and all of ``ctx`` but public limits."""
    kind = str(fault["type"])
    limits = tuple(
        (key, value if isinstance(value, int | float) else str(value))
        for key, value in (fault.get("ctx") or {}).items()
        if key in QUOTABLE
    )
    return FieldError(_pointer(tuple(fault["loc"])), PYDANTIC.get(kind, kind), limits)


def _pointer(place: tuple[int | str, ...]) -> str:
    where, *steps = place or ("body",)
    if where != "body":
        return f"?{steps[0] if steps and _NAME.fullmatch(str(steps[0])) else ''}"
    pointer = ""
    for step in steps:
        if isinstance(step, str) and not _NAME.fullmatch(step):
            break  # a name that the contract cannot have written: point at what holds it
        pointer += f"/{step}"
    return pointer


async def _on_http(request: Request, error: Exception) -> Response:
    refusal = cast(HTTPException, error)
    problem = _problem_from_status(refusal.status_code)
    for name, value in (refusal.headers or {}).items():
        if name.lower() in _KEPT_HEADERS:
            problem.headers[name] = value
    if refusal.status_code == 405:
        problem.headers["Allow"] = _allowed_methods(request)
    return problem_response(request.scope, problem)


def _allowed_methods(request: Request) -> str:
    """``Allow`` for this path. The framework names only the first route that has the path; here, all."""
    written_by_routing = {"fastapi", "route", "endpoint", "path_params"}
    scope = {key: value for key, value in request.scope.items() if key not in written_by_routing}
    allowed = {
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for route in request.app.router.routes
        if route.matches({**scope, "method": method})[0] is Match.FULL
    }
    return ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))


def _problem_from_status(status: int) -> Problem:
    """A refusal of the framework, of which only the status is kept: its ``detail`` may quote."""
    by_status: dict[int, Problem] = {
        401: Unauthenticated(),
        403: Forbidden(),
        404: NotFound(),
        405: Problem("method_not_allowed", status=405),
        406: Problem("not_acceptable", status=406),
        413: TooLarge(),
        415: UnsupportedMediaType(),
        503: Unavailable(),
    }
    fallback = Problem("invalid_request" if status < 500 else "internal_error", status=status)
    return by_status.get(status, fallback)
