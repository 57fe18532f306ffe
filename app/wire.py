"""The outermost layer: what every request must satisfy and every answer carries, whatever the route.

Pure ASGI. It reads the whole body (bounded in size and time), checks it, hands it on, replays the request
when the database asked for it, and is the last to catch an exception: none reaches the server, whose log
would print its text. A few paths take a body too large to be held: it is streamed to them, counted, once.
"""

import asyncio
import random
import re
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.error_handlers import noticed, problem_from, problem_response
from app.errors import Problem, TooLarge, TryAgain, Unavailable, problem_from_database
from app.watching import Watch
from app.wire_checks import check_body, check_head, check_streamed
from app.wire_headers import completed

_log = structlog.get_logger("relais.wire")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRIES: Final = 3


class Wire:
    """ASGI middleware; see the module. ``form_paths`` are the only paths that read a form.

    ``streamed`` gives the paths whose ``POST`` body is passed through as it comes, and the size of each at most.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int = 1_048_576,
        max_header: int = 16_384,
        body_deadline: float = 10.0,
        request_deadline: float = 30.0,
        form_paths: Collection[str] = (),
        streamed: Mapping[str, int] | None = None,
        streamed_deadline: float = 300.0,
        watch: Watch | None = None,
    ) -> None:
        self.app = app
        self.max_body = max_body
        self.max_header = max_header
        self.body_deadline = body_deadline
        self.request_deadline = request_deadline
        self.form_paths = frozenset(form_paths)
        self.streamed = dict(streamed or {})
        self.streamed_deadline = streamed_deadline
        self.watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})  # we have none: answered 403
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        method = scope["method"]
        answer = _Answer(send, request_id, with_body=method != "HEAD")
        # A HEAD is a GET whose body stays here. A copy: the server still has to know that it was a HEAD.
        inner = {**scope, "state": {**scope.get("state", {}), "request_id": request_id}}
        inner["method"] = "GET" if method == "HEAD" else method
        route: str | None = None
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                largest = self.streamed.get(scope["path"]) if method == "POST" else None
                if largest is not None:
                    route = await self._stream(inner, receive, answer, largest)
                    return
                body = await self._receive_body(inner, receive)
                if body is None:
                    return  # the caller has gone
                route = await self._try(inner, body, receive, answer)
            except Problem as problem:
                await answer.refuse(inner, problem)
            except (Exception, BaseExceptionGroup) as error:
                await answer.refuse(inner, problem_from(error))
            finally:
                seconds = time.perf_counter() - started
                if self.watch is not None:
                    self.watch.answered(route, method, answer.status, seconds)
                _log.info(
                    "request",
                    method=method,
                    route=route or "unmatched",
                    status=answer.status,
                    duration_ms=round(seconds * 1000, 1),
                )

    async def _receive_body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole checked body, or ``None`` if the caller hung up."""
        chunks: list[bytes] = []
        size = 0
        try:
            check_head(scope, max_header=self.max_header)
            if _declared(scope) > self.max_body:
                raise TooLarge()
            async with asyncio.timeout(self.body_deadline):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    size += len(chunks[-1])
                    if size > self.max_body:
                        raise TooLarge()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Problem("body_too_slow", status=408, headers={"Connection": "close"}) from None
        except Problem as problem:
            # Part of the body may still be on its way: without closing, the server would go on reading it.
            problem.headers["Connection"] = "close"
            raise
        body = b"".join(chunks)
        check_body(scope, body, form_paths=self.form_paths)
        return body

    async def _stream(self, scope: Scope, receive: Receive, answer: "_Answer", largest: int) -> str | None:
        """Run the application once, on a body that it receives itself; return the template of the route."""
        body = _Streamed(receive, largest=largest, idle=self.body_deadline)
        answer.closes_unless = body
        check_head(scope, max_header=self.max_header)
        if _declared(scope) > largest:
            raise TooLarge()
        check_streamed(scope)
        answer.begin(scope["state"], hide_retries=False)
        try:
            async with asyncio.timeout(self.streamed_deadline) as clock:
                await self.app(scope, body.receive, answer.send)
        except (Exception, BaseExceptionGroup) as caught:
            await answer.refuse(scope, _problem(caught, clock, scope))
        return route_template(scope)

    async def _try(self, scope: Scope, body: bytes, receive: Receive, answer: "_Answer") -> str | None:
        """Run the application, again if it says so; return the template of the route."""
        deadline = asyncio.get_running_loop().time() + self.request_deadline
        for attempt in range(1, _TRIES + 1):
            # A fresh scope each time: routers write in it.
            tried = {**scope, "state": dict(scope["state"])}
            answer.begin(tried["state"], hide_retries=attempt < _TRIES)
            try:
                async with asyncio.timeout_at(deadline) as clock:
                    await self.app(tried, _replay(body, receive), answer.send)
                if not answer.hidden:
                    return route_template(tried)
            except (Exception, BaseExceptionGroup) as caught:
                problem = _problem(caught, clock, tried)
                if not isinstance(problem, TryAgain) or answer.started or attempt == _TRIES:
                    await answer.refuse(tried, problem)
                    return route_template(tried)
            await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 — spreads, hides nothing
        return None  # pragma: no cover — the last try always returns


class _Streamed:
    """A body on its way through: counted, and never waited for too long."""

    def __init__(self, receive: Receive, *, largest: int, idle: float) -> None:
        self._receive = receive
        self._largest = largest
        self._idle = idle
        self._size = 0
        self.ended = False

    async def receive(self) -> Message:
        """ASGI ``receive``."""
        if self.ended:
            return await self._receive()
        try:
            async with asyncio.timeout(self._idle):
                message = await self._receive()
        except TimeoutError:
            raise Problem("body_too_slow", status=408) from None
        if message["type"] == "http.disconnect":
            raise Problem("body_too_slow", status=408)  # the caller has gone: nobody will read this
        self._size += len(message.get("body", b""))
        if self._size > self._largest:
            raise TooLarge()
        self.ended = not message.get("more_body", False)
        return message


class _Answer:
    """The way out: adds the headers that every answer has, holds back what will be tried again."""

    def __init__(self, send: Send, request_id: str, *, with_body: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._with_body = with_body
        self._state: dict[str, Any] = {}
        self._hide_retries = False
        self.closes_unless: _Streamed | None = None
        self.started = False
        self.hidden = False
        self.status: int | None = None

    def begin(self, state: dict[str, Any], *, hide_retries: bool) -> None:
        """Another try starts; its ``state`` is where the application says that it wants a further one."""
        self._state, self._hide_retries, self.hidden = state, hide_retries, False

    async def send(self, message: Message) -> None:
        """ASGI ``send``."""
        if message["type"] == "http.response.start":
            retry = message["status"] == 503 and self._state.get("try_again") is True
            self.hidden = retry and self._hide_retries
            if self.hidden:
                return
            self.started, self.status = True, message["status"]
            message = {**message, "headers": self._headers(message.get("headers", ()))}
        elif self.hidden:
            return
        elif message["type"] == "http.response.body" and not self._with_body:
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, scope: Scope, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun: then the server cuts it short."""
        if not self.started:
            self.begin(scope["state"], hide_retries=False)
            await problem_response(scope, problem)(scope, _nothing, self.send)

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        headers = completed(given, self._request_id, self._state)
        # Part of the body may still be on its way: without closing, the server would go on reading it.
        if self.closes_unless is not None and not self.closes_unless.ended:
            headers.append((b"connection", b"close"))
        return headers


def effective_route(scope: Scope) -> Any:
    """The route that serves this request, with the prefix and dependencies of the routers that include it.

    Since FastAPI 0.16x ``scope["route"]`` is the route as its own router declared it, without them; the
    whole one is FastAPI's "effective route context". ``None`` when no route has matched.
    """
    return scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")


def route_template(scope: Scope) -> str | None:
    """``/v1/notes/{id}``: what may be logged of an address."""
    path = getattr(effective_route(scope), "path", None)
    return path if isinstance(path, str) else None


def _problem(caught: BaseException, clock: asyncio.Timeout, scope: Scope) -> Problem:
    """What the application's exception becomes; logged once, here or where the application has seen it."""
    error = caught
    if isinstance(error, TimeoutError) and clock.expired():
        _log.warning("request_deadline_passed")
        error = Unavailable()
    reported = scope["state"].get("reported") is True
    return problem_from_database(error) if reported else noticed(scope, error)


def _declared(scope: Scope) -> int:
    """The size that a body says it has; 0 when it does not say (``check_head`` has seen that it is a number)."""
    return int(dict(scope["headers"]).get(b"content-length", b"0"))


def _request_id(scope: Scope) -> str:
    given: list[str] = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"]
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return given[0]
    return str(uuid.uuid4())


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once, then what the server has to say (that the caller hung up)."""
    given = False

    async def again() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
